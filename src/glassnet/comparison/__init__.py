"""Which network for a table: recipes beside each other, and trees.

An order to read them in:

    chance      whether a difference of paired errors is one; the simplest that is as good as the best
    tried       what came of a recipe: what it said of rows, and how wrong that was
    task        the rows, cut for all in the same way
    trying      a recipe on its way through these cuts
    growing     scikit-learn's trees, which learn from numbers
    trees       they beside the networks, in a process of their own
    kept_trees  what they said, in a folder of checkpoints
    telling     what it comes to, in sentences
    compare     all of them, one after the other, and the model that is taken
"""
