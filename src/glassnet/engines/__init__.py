"""Engines make a derivation run. Same rows in the same order, same formulas; only the order of sums may differ.

An order to read them in:

    memory                          the numbers that change while a network trains
    room, free_memory               whether there is room for them, and how much memory there is
    program                         a derivation as operations, each only once: what all engines start from
    numpy, numpy_code               the NumPy engine, and how an operation becomes `ufunc(a, b, out=buffer)`
    numpy_buffers, numpy_blocks     where its results lie, and long vectors done in blocks
    forward, threads                any number of rows, piece by piece; how many threads
    rewriting, fusion, places       the compiled engine: operations replaced, gathered into loops, given arrays
    single_numbers, team_code       as text for Numba: single numbers, who does what in a team of threads,
    element_code, product_code      the elements of arrays, matrix products,
    column_code                     columns taken, put side by side, multiplied by blocks,
    loops                           and loops
    unrolled                        a very small network without loops: every number a variable
    machine_code, side_by_side      the form of generated code; the same code for many networks at once
    training_code, prediction_code  the two functions that are generated
    compiled, compiled_forward      keeping them on disk; running them over rows
    compiling, linking, native      to machine code, with Numba; loading and calling that, without
    kinds, python_entry             what machine code takes; functions of Python that enter it without a detour
    cache_folder, known_numba       where it lies; which versions of Numba are known
    symbols, heap                   names that machine code calls; memory that is kept for its next call
    within                          functions that compiled code alone calls,
    arrays                          and which there are: views and new arrays,
    products, blas, blas_calls      matrix products,
    small_products                  those of few weights,
    columns                         columns copied, and products by blocks,
    vectors, vector_arithmetic      a number of each of many networks as one number, and what is done with it,
    instructions                    formulas that become instructions of a loop,
    wide_rows, whole_rows           rows taken as one; picked out and added up,
    vector_code                     vectors and loops in LLVM's instructions,
    elementary, circular            exp, tanh and their like, cos and sin,
    drawing, generator, sequence    random numbers,
    subnormals                      and taking what is almost 0 as 0
    ways, plans, verdicts           in which ways products can be done, by how many threads: what is fastest, measured
    meeting, team, teams, apart     several threads in one function: where they meet, in its code; how it is called
    lane_program, lane_code         many networks side by side: a program as data, and where it lies in memory
    interpreter, lane_loops         the functions, compiled once, that carry it out, through all rows
    lane_run                        them at work
"""
