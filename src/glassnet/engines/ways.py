"""The ways in which a matrix product can be done (`products`), and which of them are worth trying."""

from __future__ import annotations

# By the rule of `products`; own loops; one call of BLAS; pieces for its small kernels; d @ b.T with b transposed first
BY_RULE, OWN, CALL, PIECES, TURNED = range(5)
TOGETHER = 8  # added to a way: a team's threads share the columns of a.T @ d, instead of each taking its own rows
KIND = TOGETHER - 1  # what a way is without that
NAMES = {BY_RULE: "by rule", OWN: "own loops", CALL: "one call", PIECES: "in pieces", TURNED: "transposed first"}

SMALL = 1_000_000  # multiplications: the bound of OpenBLAS' kernels for small matrices
OWN_BYTES = 1 << 16  # weights of more bytes are never multiplied by own loops
TURNED_BYTES = 1 << 20  # nor transposed first
STEP = 16  # rows or columns that threads do not share out further


def ways_of(product: tuple[str, int, int, int], itemsize: int, threads: int, small_kernels: bool) -> list[int]:
    """Ways that may be faster than the rule's.

    Parameters
    ----------
    product
        The function that is called; rows, columns, and terms of each sum.
    itemsize
        Bytes of a number.
    threads
        How many work together.
    small_kernels
        Whether BLAS has kernels for small matrices.
    """
    name, rows, columns, terms = product
    right, left = name == "multiply_right_transposed", name == "multiply_left_transposed"
    if 1 in (columns, terms) or (left and rows == 1):  # a column or a row: there is one way
        return []
    bytes_of_weights = (rows if left else terms) * columns * itemsize
    found = [CALL]
    if bytes_of_weights <= OWN_BYTES:
        found.append(OWN)
    if small_kernels and columns * terms <= SMALL < rows * columns * terms:
        found.append(PIECES)
    if right and bytes_of_weights <= TURNED_BYTES:
        found.append(TURNED)
    if left and threads > 1 and columns >= threads * STEP:
        found += [CALL | TOGETHER]
    return found


def in_words(way: int) -> str:
    """A way's name."""
    return NAMES[way & KIND] + (", together" if way & TOGETHER else "")
