"""The race's contestants, a file for each library: each does the same mathematics as its own users would write it.

What the files have in common is two dictionaries, by the contestant's name: `TRAINING`, functions that take a `Work`
and give one that trains from its starting weights and returns the loss of the last epoch; and `PREDICTING`, functions
that take a `Work` and give one from rows to the network's outputs. What is done before, data and starting weights
brought into the library's form and code compiled, is not timed.
"""
