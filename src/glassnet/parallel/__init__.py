"""One fit by many workers: blocks of its rows are done by whoever is there, and the numbers are the same.

An order to read them in:

    blocks      rows cut into blocks, by the rows alone
    work        what all tasks have in common, and what a process keeps between two of them
    gradients   the task of exact mode: sums over the rows of a block
    crew        blocks done, each once, whatever happens to the workers
    broken      why the numbers of a block were not finite
    exact       steps of an optimizer that goes by those sums
    rounds      steps within blocks, whose weights are averaged
    steps       both as the training loop sees them
    worth       whether more workers are worth it, by one block that is measured
    check       what cannot be trained so, in words
    asked       what is to be fitted, through which blocks
    whole       L-BFGS by those sums
    fit         that carried out to its end
    train       all of it
"""
