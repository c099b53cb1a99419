"""Plots of a model with matplotlib: what it decides where, how right it is, what it has learnt.

Each draws on axes that it is given, or on a new figure, and returns the axes. How they look is decided in
`glassnet.data.figures`; the curves of a training are drawn in `glassnet.training.curves`.

    plane          the rows of a grid over two columns of the data
    points         rows as points
    boundary       what the model says for them, and the data on it
    predictions    predicted against true, for numbers
    confusion      what was taken for what, for classes
    calibration    whether probabilities are what happens
    importance     which columns it needs
    lottery        the losses of many seeds
    weights        the numbers themselves, by layer or as a heat map
"""
