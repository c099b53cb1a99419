"""The face: a model, and what makes one.

An order to read them in:

    model, held         a state as people meet it: what it can be asked, and what it has from the state below
    ensemble            several models as one
    train, train_many   a network trained on data, once or many times
    by_recipe           the same by a recipe, which brings its own network and settings
    carry_out           what all of these do at last
    runs, run_table     many models as a sequence and a table
    lottery, odds       from how many seeds a network learns, and what changes that
    lottery_result      what came of that, and the same as text
    diagnose            why does it not learn?
    keywords            the keywords that these share, and their defaults
    load, saving        models as files
    checkpoints         trainings that are kept in a folder
    predictor           a model made ready to predict again and again
    summary             a model on one screen
    check_gradient      is its gradient right?
    plot                what it says, drawn with matplotlib
"""
