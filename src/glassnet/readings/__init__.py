"""What a person asks of a model: explain it, take it along, check it, draw it. Each reads the derivation.

In the order in which they were built:

    explain     every number of a step: formula, numbers put in, result
    eject       the network as a program in another language
    gradcheck   is the gradient right?
    importance  which columns does it need?
    lottery     of many runs of one network: which learnt, and where the others ended
    plot        what it says where, how right it is, what it has learnt, drawn with matplotlib

`judged` holds rows whose target is known, and what a model says of them.
"""
