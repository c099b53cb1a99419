"""The mathematics: functions of numbers in plain NumPy, value and derivative one above the other, nothing else.

An order to read them in:

    activations         a = f(z), and the way back
    losses              how far off a score is, and which way it must go
    initializers        where weights start
    updates, moments    how weights follow the gradient, and what the rules remember
    schedules           how the learning rate changes
    types               the one type of all of them
"""
