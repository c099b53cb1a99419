"""What became of one network trained from many seeds: which of them learnt, and where the others ended.

An order to read them in:

    truth       the rows, what they should say, and what each run says of them
    yardstick   what there is to be learnt, by the rows beside each row
    learnt      what counts as learnt
    ends        runs that end alike, and what a teacher would say of them
"""
