"""The form of generated code: a Python module with one function, and what that function takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import indent
from typing import Any

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.loops import FusedLoops
from glassnet.engines.program import Program
from glassnet.expressions.expression import BOOL, ROWS, Dim
from glassnet.parts.naming import gradient_name
from glassnet.parts.parameters import MARKS

MODULE = '''"""{title}

Written by glassnet from the derivation of a network.
"""

import math

import numpy as np

from glassnet.engines.arrays import free, new, put, stretch, view
from glassnet.engines.columns import blocks_of, copy_columns, times_blocks, times_blocks_T
from glassnet.engines.circular import cos, sin
from glassnet.engines.drawing import draw
from glassnet.engines.elementary import absolute, exp, log, log1p, maximum, minimum, sign, tanh
from glassnet.engines.elementary import expm1 as exp_minus_1  # a layer's value `expm` is `expm1` in the first layer
from glassnet.engines.elementary import multiply_add, reassociated_add
from glassnet.engines.products import multiply, multiply_left_transposed, multiply_left_transposed_together
from glassnet.engines.products import multiply_right_transposed, multiply_with_bias
from glassnet.engines.sequence import STATE_SIZE, begin_drawing, draw_together, end_drawing
from glassnet.engines.subnormals import put_back, subnormals_to_zero
from glassnet.engines.team import add_others, alone, cut, joined, largest_part, meet, new_for_all, share, sum_of_parts
from glassnet.engines.vector_arithmetic import both, double, either, floor, must_end, opposite, single, where
from glassnet.engines.ways import BY_RULE, TOGETHER
from glassnet.engines.whole_rows import gather, sum_of_rows
from glassnet.engines.wide_rows import WIDEST_ROW, repeat, rows_at_once, take_together
from glassnet.engines.within import {how}


@{how}
def {name}({arguments}):
{body}
'''


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the threads of a team share in a function.

    Attributes
    ----------
    buffers, totals
        How many arrays they make together, and numbers to which each adds its part.
    products
        The matrix products, in order: the function that is called; rows, columns, and terms of each sum, where `ROWS`
        is the number of rows of a batch.
    """

    buffers: int
    totals: int
    products: tuple[tuple[str, Dim, Dim, Dim], ...]


@dataclass(frozen=True, kw_only=True)
class Code:
    """A function as text, and what it is called with.

    Attributes
    ----------
    text
        A Python module with the function.
    name
        The function's.
    arguments
        Its arguments, in order: vectors of the network's memory, rows, and what else it needs.
    sizes
        The values for its argument `sizes`.
    numbers
        The values for its argument `numbers`.
    names
        What these numbers are called in the text.
    shared
        What a team of threads works on; None: this function is for one thread.
    """

    text: str
    name: str
    arguments: tuple[str, ...]
    sizes: tuple[int, ...]
    numbers: tuple[float, ...]
    names: tuple[str, ...] = ()
    shared: Shared | None = None

    @cached_property
    def statements(self) -> str:
        """The text without comments, whose formulas have sizes in them that the machine code does not depend on."""
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def module(
    name: str,
    title: str,
    dtype: np.dtype[Any],
    *,
    arguments: list[str],
    body: list[str],
    sizes: dict[int, str],
    numbers: Mapping[str, float],
    fused: bool = True,
    shared: Shared | None = None,
) -> Code:
    """The code of a function.

    Parameters
    ----------
    name, title, dtype
        The function's name, what it does, and the dtype of its arrays.
    arguments
        What it takes beside sizes and numbers.
    body
        Its lines.
    sizes
        Sizes that are not written into the text, with their names in it.
    numbers
        The constants that the text names, and their values.
    fused
        Whether the compiler decides which products and sums are one operation that rounds once; if not, the text does.
    shared
        What a team of threads works on.
    """
    given = ["sizes"] * bool(sizes) + ["numbers"] * bool(numbers)
    first = [f"{text} = sizes[{k}]" for k, text in enumerate(sizes.values())]
    first += [f"{text} = numbers[{k}]" for k, text in enumerate(numbers)]
    taken = [*given, *arguments]
    text = MODULE.format(
        how="fused" if fused else "as_written",
        title=f"{title} In {dtype}.",
        name=name,
        arguments=", ".join(taken),
        body=block([*first, *body]),
    )
    return Code(
        text=text,
        name=name,
        arguments=tuple(taken),
        sizes=tuple(sizes),
        numbers=tuple(numbers.values()),
        names=tuple(numbers),
        shared=shared,
    )


def block(lines: list[str]) -> str:
    """Lines, indented; empty ones left out."""
    return indent("\n".join(line for text in lines for line in text.split("\n") if line.strip()), "    ")


def numbers_used(derivation: Derivation, program: Program) -> dict[str, float]:
    """The constants of a derivation that a program reads."""
    names = {leaf.name for leaf in program.leaves}
    return {name: value for name, value in derivation.constants.items() if name in names}


def views(derivation: Derivation, loops: FusedLoops) -> tuple[list[str], list[str]]:
    """Lines that name the arrays of the network as parts of the vectors that hold them, and these vectors."""
    used, layout, state_layout = loops.elements.memory, derivation.layout, derivation.state_layout
    lines, vectors = [], []
    for vector, called, held in (("theta", str, layout), ("g", gradient_name, layout), ("state", str, state_layout)):
        shapes = held.shapes
        named = [name for name in shapes if called(name) in used]
        if named or vector in used:
            vectors.append(vector)
        if not named:
            continue
        lines.append("end = 0")
        for name, shape in shapes.items():
            dims = [loops.text.size(dim) for dim in shape]
            lines.append(f"start, end = end, end + {' * '.join(dims)}")
            lines += [f"{called(name)} = view({vector}, start, {tuple_of(dims)})"] if name in named else []
            if vector == "g" and name in named and loops.text.has_team:
                lines += [f"own_{called(name)} = view(own, start, {tuple_of(dims)})", f"at_{called(name)} = start"]
    return lines, vectors + [name for name in MARKS if name in used]


def buffers(loops: FusedLoops, rows: str) -> tuple[list[str], list[str]]:
    """Lines that make the arrays for what is computed on the way, and that end them.

    Those that take turns share one.
    """
    lines, ends = [], []
    for (shape, dtype), held in loops.places.buffers.values():
        dims = [rows if dim == ROWS else loops.text.size(dim) for dim in shape]
        names = " = ".join(reversed(held))
        lines.append(f"{names} = {new(loops, tuple_of(dims), 'bool_' if dtype == BOOL else dtype.name)}")
        ends.append(f"free({held[0]})")
    return lines, ends


def wide_rows(loops: FusedLoops) -> tuple[list[str], list[str]]:
    """Lines that make the arrays for rows that are repeated, and that end them; each thread has its own."""
    made = [
        f"{name} = new((max(WIDEST_ROW, {size}),), np.{loops.derivation.dtype})"
        for name, size in loops.elements.wide.items()
    ]
    return made, [f"free({name})" for name in loops.elements.wide]


def new(loops: FusedLoops, shape: str, dtype: str) -> str:
    """The call that makes an array."""
    if not loops.text.has_team:
        return f"new({shape}, np.{dtype})"
    loops.text.buffers += 1
    return f"new_for_all(team, {loops.text.buffers - 1}, thread, {shape}, np.{dtype})"


def tuple_of(items: list[str]) -> str:
    """The text of a tuple."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
