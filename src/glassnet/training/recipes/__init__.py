"""Recipes: how a table becomes inputs, which network is built for it, and how that is trained, as data.

In the order to read them in:

    recipe      what a recipe is, and how a part of it is changed
    by_name     the recipes that glassnet has
    parts       what each part may be
    building    the network that a recipe builds for a table
    telling     a recipe in words
"""
