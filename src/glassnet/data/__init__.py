"""What is known of data before there is a network: arrays, tables, and the files that hold models.

An order to read them in:

    arrays      what a network learns from arrays: how many columns, which classes
    tables      from a CSV file or a data frame to columns, what is learnt from them, and back
    streams     tables that are read part by part
    given       either of them to train on, behind one face
    files       how glassnet writes files: whole or not at all, numbers and words, never code
    figures     pictures by matplotlib
"""
