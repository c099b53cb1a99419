"""The page: watch a network learn, touch it, bring a table.

Python computes, the page draws: it asks, and each answer is a picture of the network as it is. There is no formula and
no sentence about mathematics in the page; it shows what the library says.

An order to read them in:

    reply               what is answered to a message
"""
