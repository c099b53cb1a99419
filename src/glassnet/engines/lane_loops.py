"""The function that takes a group of lanes through their rows: compiled once for each dtype, whatever the networks are.

Their numbers are copied into memory that groups share, a batch of each lane's own rows is gathered into it, and the
instructions are carried out; after as many epochs as are wanted the numbers are copied back.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.machine_code import Code

# What `at` holds, in this order: epochs to do (afterwards: done), steps taken, epochs done before, rows of a batch,
# instructions that are fixed, kind of walk, whether orders are drawn here, whether losses are means, whether it trains;
# then places in memory, -1 where there is none; and how many columns of the rows are no padding.
SETTINGS = ("epochs", "t", "first", "batch", "fixed", "walk", "drawn", "mean", "trains")
PLACES = ("constants_at", "x", "y", "w", "t_at", "epoch_at", "n_at", "loss", "count", "out_at")
SIZES = ("x_columns", "y_columns")
WALKS = ("whole", "in order", "shuffled")
HELD = ("at", "words", "memory", "numbers", "vectors", "constants", "X", "Y", "W", "own", "random", "orders")
ARGUMENTS = (*HELD, "out", "losses", "stop")

MODULE = '''"""Lanes on their way through rows, in {dtype}."""

import numpy as np
from numba import njit

from glassnet.engines.drawing import permute
from glassnet.engines.interpreter import carry_out, gather
from glassnet.engines.subnormals import put_back, subnormals_to_zero


@njit(nogil=True, error_model="numpy")
def fill(numbers, place, count, value):
    for k in range(count):
        numbers[place + k] = value


@njit(nogil=True, cache=True, error_model="numpy", fastmath={{"contract"}})
def go_through({arguments}):
{named}
    lanes, rows = own.shape
    batches = -(-rows // batch)
    index = np.empty((rows, lanes), np.int64)
    for lane in range(lanes):
        for i in range(rows):
            index[i, lane] = own[lane, i]
    for k in range(len(vectors)):
        memory[k] = vectors[k]
    for k in range(len(constants)):
        numbers[constants_at + k] = constants[k]
    sums = np.empty((2, lanes))
    size = start_of_code = -1
    done = 0
    before = subnormals_to_zero()
    while done < epochs and not stop[0]:
        if walk == 2:
            for lane in range(lanes):
                if drawn:
                    permute(random, orders, lane)
                for i in range(rows):
                    index[i, lane] = own[lane, orders[lane, i]]
        for lane in range(lanes):
            sums[0, lane] = sums[1, lane] = 0.0
        low = 0
        while low < rows and not stop[0]:
            n = min(batch, rows - low)
            t += 1
            if walk or not done:
                gather(memory, x, X, index, (low, n, x_columns))
                gather(memory, y, Y, index, (low, n, y_columns))
                if w >= 0:
                    gather(memory, w, W, index, (low, n, 1))
            fill(numbers, t_at, lanes, float(t))
            fill(numbers, epoch_at, lanes, first + done + (low // batch) / batches)
            if size != (n < batch):
                size = int(n < batch)
                fill(numbers, n_at, lanes, float(n))
                start_of_code = size * (len(words) // 2)
                carry_out(memory, words, start_of_code, start_of_code + fixed, random)
            carry_out(memory, words, start_of_code + fixed, start_of_code + len(words) // 2, random)
            for lane in range(lanes):
                share = numbers[count + lane] if mean else 1.0
                sums[0, lane] += numbers[loss + lane] * share
                sums[1, lane] += share
            if out_at >= 0:
                for i in range(n):
                    for j in range(out.shape[2]):
                        start = out_at + (i * out.shape[2] + j) * lanes
                        for lane in range(lanes):
                            out[lane, low + i, j] = memory[start + lane]
            low += n
        if low < rows:
            break
        for lane in range(lanes):
            whole = sums[1, lane] if mean and (trains or sums[1, lane]) else 1.0
            losses[done, lane] = sums[0, lane] / whole
        done += 1
    put_back(before)
    if trains:
        for k in range(len(vectors)):
            vectors[k] = memory[k]
    at[0] = done
'''


@cache
def lane_loops(dtype: np.dtype[Any]) -> Code:
    """The function for arrays of a dtype."""
    text = MODULE.format(
        dtype=dtype,
        arguments=", ".join(ARGUMENTS),
        named="\n".join(f"    {name} = at[{k}]" for k, name in enumerate((*SETTINGS, *PLACES, *SIZES))),
    )
    return Code(text=text, name="go_through", arguments=ARGUMENTS, sizes=(), numbers=())
