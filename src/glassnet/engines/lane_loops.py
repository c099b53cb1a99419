"""The function that takes groups of lanes through their rows: compiled once for each dtype, whatever the networks are.

Their numbers are copied into memory that groups share, a batch of each lane's own rows is gathered into it, and the
instructions are carried out; after as many epochs as are wanted the numbers are copied back.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from glassnet.engines.lane_program import OPERATIONS
from glassnet.engines.machine_code import Code

# Whole numbers, in this order: the first group and the one after the last, epochs to do, steps taken and epochs done
# before, rows of a batch, instructions that are fixed, kind of walk, whether orders are drawn here, whether losses are
# means, whether it trains; then places in memory, -1 where there is none; then how many columns of the rows are no
# padding, and how many numbers of the vectors those have who do not train.
SETTINGS = ("first_group", "last_group", "epochs", "t", "first", "batch", "fixed", "walk", "drawn", "mean", "trains")
PLACES = ("constants_at", "x", "y", "w", "t_at", "epoch_at", "n_at", "loss", "count", "out_at")
SIZES = ("x_columns", "y_columns", "shared")
WALKS = ("whole", "in order", "shuffled")
HELD = ("words", "memory", "numbers", "vectors", "constants", "X", "Y", "W", "own", "random", "orders")
ARGUMENTS = (*SETTINGS, *PLACES, *SIZES, *HELD, "out", "losses", "stop")

MODULE = '''"""Lanes on their way through rows, in {dtype}.

The instructions by number: {operations}.
"""

import numpy as np

from glassnet.engines.arrays import free, new
from glassnet.engines.drawing import permute
from glassnet.engines.interpreter import carry_out, gather
from glassnet.engines.subnormals import put_back, subnormals_to_zero
from glassnet.engines.within import as_written, fused


@as_written
def fill(numbers, place, count, value):
    for k in range(count):
        numbers[place + k] = value


@fused
def go_through({arguments}):
    lanes, rows = own.shape[1], own.shape[2]
    batches = -(-rows // batch)
    length = len(words) // 2
    index = new((rows, lanes), np.int64)
    sums = new((2, lanes), np.float64)
    before = subnormals_to_zero()
    for group in range(first_group, last_group):
        for lane in range(lanes):
            for i in range(rows):
                index[i, lane] = own[group, lane, i]
        for k in range(vectors.shape[1] if trains else shared):
            memory[k] = vectors[group, k]
        for k in range(constants.shape[1]):
            numbers[constants_at + k] = constants[group, k]
        size = code = -1
        done = 0
        while done < epochs and not stop[0]:
            if walk == 2:
                for lane in range(lanes):
                    if drawn:
                        permute(random[group], orders, lane)
                    for i in range(rows):
                        index[i, lane] = own[group, lane, orders[lane, i]]
            for lane in range(lanes):
                sums[0, lane] = sums[1, lane] = 0.0
            low = 0
            while low < rows and not stop[0]:
                n = min(batch, rows - low)
                if walk or not done:
                    gather(memory, x, X, index, (low, n, x_columns))
                    gather(memory, y, Y, index, (low, n, y_columns))
                    if w >= 0:
                        gather(memory, w, W, index, (low, n, 1))
                fill(numbers, t_at, lanes, float(t + done * batches + low // batch + 1))
                fill(numbers, epoch_at, lanes, first + done + (low // batch) / batches)
                if size != (n < batch):
                    size = int(n < batch)
                    code = size * length
                    fill(numbers, n_at, lanes, float(n))
                    carry_out(memory, words, code, code + fixed, random[group])
                carry_out(memory, words, code + fixed, code + length, random[group])
                for lane in range(lanes):
                    share = numbers[count + lane] if mean else 1.0
                    sums[0, lane] += numbers[loss + lane] * share
                    sums[1, lane] += share
                if out_at >= 0:
                    for i in range(n):
                        for j in range(out.shape[3]):
                            start = out_at + (i * out.shape[3] + j) * lanes
                            for lane in range(lanes):
                                out[group, lane, low + i, j] = memory[start + lane]
                low += n
            if low < rows:
                break
            for lane in range(lanes):
                whole = sums[1, lane] if mean and (trains or sums[1, lane]) else 1.0
                losses[group, done, lane] = sums[0, lane] / whole
            done += 1
        if trains:
            for k in range(vectors.shape[1]):
                vectors[group, k] = memory[k]
    put_back(before)
    free(index)
    free(sums)
'''


@cache
def lane_loops(dtype: np.dtype[Any]) -> Code:
    """The function for arrays of a dtype."""
    text = MODULE.format(
        dtype=dtype,
        operations=", ".join(OPERATIONS),
        arguments=", ".join(ARGUMENTS),
    )
    return Code(text=text, name="go_through", arguments=ARGUMENTS, sizes=(), numbers=())
