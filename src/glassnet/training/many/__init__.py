"""Many runs of one table: what they differ in, what they share, and how they are trained side by side.

An order to read them in:

    varying             settings: what `vary` says, put into a network and its training
    plan                all runs: every setting, on every part of the rows, from every seed
    source, starts      rows that many runs share, prepared once; starting numbers, drawn once
    seeding             the generators of many seeds
    structure, group    which runs can go side by side; runs as lanes, and each lane as a state again
    side_by_side        epochs of all lanes at once, and the end of each
    lane_engines        which engine takes lanes, and when that pays
    in_turn             functions of one's own, called by one thread at a time
    running             all of it: lanes and runs by themselves, in threads
"""
