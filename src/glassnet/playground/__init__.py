"""The page: watch a network learn, touch it, bring a table.

Python computes, the page draws: it asks, and each answer is a picture of the network as it is. There is no formula and
no sentence about mathematics in the page; it shows what the library says.

An order to read them in:

    reply, envelope     what is answered to a message; both as bytes
    source              rows to learn from
    choices, setup      what may be chosen about a network; all that is decided before it is trained
    brought, stories    a network that somebody has; what the page opens with
    curve, branch       losses by step; one way that a training took
    course              a training that goes both ways in time
    topology            the network as it is drawn
    surface, tiles      what it says everywhere on a plane; what each unit does
    digits              numbers as the page writes them
    scene, frame        what stays the same while it trains; a picture of it as it is now
    inspector           every number of a unit, a weight, a phase
    listing, uploads    rows as a list; a table that somebody drops
    controls            what can be set, in words
    answers             what the doctor and the lottery say of it
    program, takeaway   the Python that does the same; files
    record              the run as one file that needs neither Python nor a network
    asked, client       what a message asks for; who asks, and what they were sent so far
    session             the answer to a message
    guard, site_files   who is answered at all; the page's own files
    places              how many may be connected
    answering           a message answered, whatever happens
    server, serve       the page at an address of this machine, until Ctrl-C
    options             the words after `glassnet play`
    play, widget        the same from Python; in a notebook
"""
