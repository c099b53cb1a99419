"""Why a network does not learn, proven by training it again.

An order to read them in:

    usual               learning rates and ranges that are usual
    errors              how wrong predictions are, in one number
    given, case         rows, and a network with its training on them
    asked               a case from what somebody asks about
    reruns              a case trained again from several seeds
    bar                 what it should reach, by a line, neighbours
    sound               and by a small sound network
    ends                where those end that fail
    before              what is refused before a training
    hint                whether a training that is over is worth a diagnosis
    never               a class that is hardly ever found
    measures            what is measured in a network while it learns
    seen                all that a diagnosis has seen of a case
    network_changes     what may be changed about a network
    training_changes    and about its rows and its training
    network_signs       what speaks for causes in the network
    training_signs      and for causes in its rows and its training
    changes, signs      all of these
    mending             which changes heal, and which of them are needed
    proof               that they do, from fresh seeds
    written, wording    a case as code, a change in words
    causes              why networks do not learn then
    notes               what else is remarkable
    findings            a cause, with all that is known of it
    telling             the parts of a diagnosis as text and as JSON
    pictures            what its pictures show
    picture_svg         them on a page
    picture_plot        them in a file
    html_page           and a diagnosis as a page
    diagnosis           what was found
    diagnose            all of it, one after the other
"""
