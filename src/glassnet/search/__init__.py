"""Many settings of a network, each scored by cross-validation.

An order to read them in:

    space       what is drawn: lists and ranges, and the settings that come of them
    bundles     settings that are trained together, for a second or two
    rungs       successive halving: who goes on, and for how many epochs
    task        what a process is given to do, and the plain numbers that it gives back
    journal     what was done, line by line, so that a search that was stopped goes on
    asked       what is searched, checked once
    result      what came of it
    climb       a search on its way, from rung to rung
    told        how far it is
    search      all of it
    objective   one setting after the other, as Optuna asks for them
"""
