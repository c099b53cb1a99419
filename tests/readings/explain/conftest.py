"""What the tests of pages show: contents written by hand, with all that a page may have to say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from glassnet.expressions.expression import Expression, constant, symbol
from glassnet.readings.explain.contents import (
    Arithmetic,
    Contents,
    Entry,
    Factor,
    Grid,
    Section,
    Slope,
    Sum,
    Term,
)

HOSTILE = (
    "\"' </script><b>&amp;]]>--> \\input{/etc/passwd} $x_{ ^~#% \\end{document}\n"
    "\u202e\u2067\u200fשלום ?` \U0001f600 日"
)


@pytest.fixture(name="hostile")
def hostile_name() -> str:
    """A name that would be code if it could."""
    return HOSTILE


@pytest.fixture(name="contents")
def write_contents() -> Callable[..., Contents]:
    """Writes contents: (name from outside, is it a close-up, digits)."""
    return contents


@pytest.fixture(name="close_up")
def one_number() -> Contents:
    """The contents of one number."""
    return Contents(
        title="one number",
        heading=(),
        notes=(),
        sections=(Section("Update", (Entry(arithmetic=(arithmetic(),)),)),),
        digits=4,
        is_close_up=True,
    )


def named(name: str) -> Expression:
    return symbol(name, ())


def op(name: str, *args: Expression | float) -> Expression:
    """An operation on numbers that is not carried out."""
    return Expression(name, tuple(constant(arg) if isinstance(arg, float) else arg for arg in args))


def arithmetic() -> Arithmetic:
    """dW1[0, 2] = x[0, 0]·dz1[0, 2] + x[1, 0]·dz1[1, 2], and its terms."""
    formula = named("x[0, 0]") * named("dz1[0, 2]") + named("x[1, 0]") * named("dz1[1, 2]")
    numbers = op("add", op("multiply", 2.0, -0.25), op("multiply", 1e-5, 0.125))
    terms = (
        Term("row 1", (Factor("x[0, 0]", 2.0), Factor("dz1[0, 2]", -0.25)), -0.5),
        Term("row 2", (Factor("x[1, 0]", 1e-5), Factor("1 - a1[1, 2]**2", 0.125)), 1.25e-6),
        Term("", (Factor("b1[2]", -0.0), Factor("", 4.0, divides=True)), 0.0, negative=True),
    )
    where = Arithmetic(
        name="mhat",
        formula=named("m") / (1.0 - named("beta1")),
        numbers=op("divide", 0.25, 0.5),
        value=0.5,
        about=True,
    )
    return Arithmetic(
        name="dW1[0, 2]",
        formula=formula,
        numbers=numbers,
        value=-0.49999875,
        about=True,
        sum=Sum(terms=terms, others=772, others_value=0.0625, total=-0.43749875, about=True),
        wheres=(where,),
        reason="how the loss changes with W1",
        slope=Slope(-0.4999987, "L", 1e-5, "at a kink"),
        assigns=True,
    )


def contents(hostile: str = "bill", close_up: bool = False, digits: int = 4) -> Contents:
    """A page with everything on it; `hostile` wherever a name comes from outside."""
    x, W, b = symbol("x", ("n", 2)), symbol("W1", (2, 3)), symbol("b1", (3,))
    cells = (
        Arithmetic(name=hostile, numbers=op("divide", op("subtract", 39.1, 43.9), 5.46), value=-0.879, about=True),
        Arithmetic(name=f"{hostile} = yes", formula=None, numbers=None, value=1.0, text=f"{hostile} is {hostile}"),
    )
    values = np.array([[0.123456, -0.0, math.nan], [math.inf, -math.inf, -1.5e-7]])
    empty = np.array([[False, False, True], [False, False, False]])
    grid = Grid(
        values=values, rows=("row 1", hostile), columns=(hostile, "h2", "h3"), left_out="332 more rows", empty=empty
    )
    wide = Grid(values=np.arange(400.0).reshape(1, 400), rows=("",), columns=tuple(f"unit {k}" for k in range(400)))
    long = tuple(Term(f"row {k}", (Factor(f"x[{k}, 0]", 1.0),), 1.0) for k in range(200))
    entries = (
        Entry(name="x", shape="(1, 2)", reason="each cell as the network takes it", arithmetic=cells),
        Entry(
            name="z1",
            formula=x @ W + b,
            shape="(2, 3)",
            reason="each unit's weighted sum",
            grid=grid,
            arithmetic=(arithmetic(),) * 5,
            note="one of six",
            is_example=True,
        ),
        Entry(name="theta", formula=symbol("theta", (9,)) - named("lr") * symbol("g", (9,)), grid=wide, assigns=True),
    )
    some = Entry(
        arithmetic=(Arithmetic(name="L", value=200.0, sum=Sum(terms=long, others=0, others_value=0.0, total=200.0)),),
    )
    sections = (
        Section(f"Forward {hostile}", entries, note=f"a note on {hostile}"),
        Section("layer 1: Dense(3)", (some,), 2),
    )
    return Contents(
        title=f"row of {hostile}",
        heading=("2-3", "sgd"),
        notes=(f"a remark on {hostile}",),
        sections=sections,
        digits=digits,
        is_close_up=close_up,
    )
