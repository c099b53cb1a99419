"""The parts a network is made of: activations, layers, losses, and what its training needs, all frozen.

An order to read them in:

    synonyms                            names as other libraries have them, and what they are called here
    literals                            those names, and options, as type checkers know them
    naming                              how a formula is found by its name, and how wrong names are answered
    activations, losses, initializers   the formulas with their names and options
    layers                              `Dense` and the others, forward beside backward
    bins, embeddings, nested            a number as several; layers made of layers
    average                             the mean of what members beside each other say
    tempered                            scores divided by a temperature
    built_in                            all of these by name, and in a few words
    parameters, remembered              all numbers in one vector; what is worked out only once
    network                             layers one after the other, and a loss
    schedules                           numbers that change while training goes on
    optimizers                          the update rules with their numbers, schedules, clipping
"""
