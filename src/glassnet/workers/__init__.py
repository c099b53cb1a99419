"""Who does the work: this process, others on this machine, a cluster.

An order to read them in:

    version     which glassnet this is, as far as its numbers depend on that
    executors   what has `submit`: processes of this machine, or what somebody gives
    cluster     a cluster of Dask, by its address
    places      tasks handed out, and their answers taken in, whichever worker dies or hangs meanwhile
"""
