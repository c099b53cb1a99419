"""A network as a C file: C99, nothing is allocated, the weights are constants."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.expressions.expression import Dim
from glassnet.readings.eject.c import text
from glassnet.readings.eject.c.data import contract, example, row_array, row_table
from glassnet.readings.eject.c.header import with_prefix
from glassnet.readings.eject.c.run import run
from glassnet.readings.eject.c.sizes import sizes
from glassnet.readings.eject.c.syntax import (
    RESERVED,
    array,
    brackets,
    comment,
    datum,
    literal,
    strings,
    syntax,
)
from glassnet.readings.eject.c_family.emitters import CFamily
from glassnet.readings.eject.c_family.program import FACTORS_ON, facts_of, usual
from glassnet.readings.eject.c_family.syntax import stored
from glassnet.readings.eject.interval import Interval
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.skeleton import answers_name, program

__all__ = ["run", "write"]

ENCODED = "real x[N_INPUTS];\nif (!encode(row, x)) return -1;"


def write(plan: Plan) -> str:
    """The program."""
    dialect = C(plan)
    return with_prefix(program(plan, dialect, CFamily(plan, dialect)), plan.prefix)


class C:
    """How C writes a plan."""

    texts = text

    def __init__(self, plan: Plan) -> None:
        self.plan, self.single = plan, plan.dtype == np.float32
        self.syntax = syntax(self.single)
        self.facts = facts_of(plan, self.syntax, RESERVED, text.MARK)

    def words(self) -> Mapping[str, str]:
        """Types and casts, and what depends on whether a row is an array or a structure."""
        plan, single = self.plan, self.single
        is_table, has_words = plan.table is not None, {"words", "dates"} & {*plan.kinds}
        needed = {"stdint.h": plan.training is not None and plan.training.random_state is not None}
        needed |= {"stddef.h": is_table, "string.h": bool(has_words)}
        tested = f"predict({'&' if is_table else ''}TESTED[i], found)"
        return {
            "sizes": "\n".join(sizes(plan, self.facts)),
            "example": "\n".join(example(plan, answers_name(plan, text), single)),
            "includes": "\n".join(f"#include <{name}>" for name, is_needed in needed.items() if is_needed),
            "type": "float" if single else "double",
            "one": literal(1.0, single),
            "zero": literal(0.0, single),
            "cast": "(real)" if single else "",
            "widen": "(double)" if single else "",
            "unit": "0x1p-24f" if single else "0x1p-24",
            "unless_pair": "!column->pair && " if plan.has_pairs else "",
            "places": "columns" if is_table else "numbers",
            "given": "const Row *row" if is_table else "const real row[N_INPUTS]",
            "x": "x" if is_table else "row",
            "encode": ENCODED if is_table else "if (!check(row)) return -1;",
            "predicted": f"const int best = {tested};" if plan.classes else f"if ({tested} != 0) same = 0;",
            "training": "\n".join(comment(plan.training.title)) if plan.training else "",
            "batches": "" if self.facts.whole or not plan.training else f", N_BATCHES = {plan.training.batches}",
        }

    def contract(self) -> Mapping[str, str]:
        """A row, how its columns become inputs, and the classes as texts."""
        labels = map(label_word, self.plan.classes or ())
        return {**contract(self.plan), "classes": "\n".join(strings("const char *const CLASSES[N_CLASSES]", labels))}

    # numbers

    def array(self, name: str, values: np.ndarray, note: str = "", changes: bool = False) -> list[str]:
        """`static const real b1[2] = {0.5, -1.5};`, with a comment."""
        dims = brackets(stored(values.shape))
        kind = "static real" if changes else "static const real"
        return array(f"{kind} {name}{dims}", values, values.shape, note, self.single)

    def about(self, values: np.ndarray, changes: bool = False) -> str:
        """A comment on an array."""
        shape = ", ".join(map(str, values.shape))
        return f"a running average, for prediction ({shape})" if changes else f"({shape}{',' * (values.ndim == 1)})"

    def view(self, name: str, vector: str, place: slice, shape: tuple[int, ...]) -> str:
        """A name for a part of a vector, to be read as an array."""
        dims, start = stored(shape), place.start
        note = f" /* ({', '.join(map(str, shape))}) */"
        if len(dims) < 2:
            return f"static real *const {name} = &{vector}[{start}];{note}"
        inner = brackets(dims[1:])
        return f"static real (*const {name}){inner} = (real (*){inner})&{vector}[{start}];{note}"

    def rows(self, name: str, values: np.ndarray, note: str) -> list[str]:
        """Rows; the first axis counts them, also where there is but one."""
        dims = (len(values), *(size for size in values.shape[1:] if size != 1))
        values, declaration = values.reshape(dims), f"static const real {name}{brackets(dims)}"
        if len(values) > 1:
            return array(declaration, values, dims, note, self.single)
        if len(dims) == 1:
            return [f"/* {note} */", f"{declaration} = {{{datum(values[0], self.single)}}};"]
        return [f"/* {note} */", *row_table(declaration, values, self.single)]

    def room(self, name: str, dims: tuple[Dim, ...], note: str = "") -> str:
        """`static real z1[BATCH][4];`"""
        return f"static real {name}{brackets(dims)};{f' /* {note} */' if note else ''}"

    def marks(self, name: str, values: np.ndarray, runs: list[tuple[int, int]] | None) -> list[str]:
        """A function that says which numbers of theta are penalised, or may change: 1 for those, 0 for others."""
        what = {"penalised": "Which weights the penalties pull on", "trainable": "Which numbers are not frozen"}[name]
        one, zero = literal(1.0, self.single), literal(0.0, self.single)
        lines = ["", f"/* {what}: 1, else 0. */", f"static real {name}(int k)", "{"]
        if runs is None:
            bits = ", ".join("1" if mark else "0" for mark in values)
            lines += [f"    static const unsigned char marks[N_PARAMETERS] = {{{bits}}};"]
            return [*lines, f"    return marks[k] ? {one} : {zero};", "}"]
        inside = " || ".join(f"(k >= {low} && k < {high})" if low else f"k < {high}" for low, high in runs)
        return [*lines, f"    return {inside or 'k < 0'} ? {one} : {zero};", "}"]

    def factors(self, name: str, size: int, pieces: list[tuple[int, int, float]]) -> list[str]:
        """A function that gives the factor of each number of theta."""
        most, others = usual(pieces)
        lines = ["", f"/* A factor on {FACTORS_ON[name]} each weight. */", f"static real {name}(int k)", "{"]
        for low, high, factor in others:
            inside = f"k >= {low} && k < {high}" if low else f"k < {high}"
            lines.append(f"    if ({inside}) return {literal(factor, self.single)};")
        return [*lines, f"    return {literal(most, self.single)};", "}"]

    def generator(self, state: Mapping[str, Any]) -> Mapping[str, str]:
        """Halves of 64 bits."""
        numbers = {"state": int(state["state"]["state"]), "plus": int(state["state"]["inc"])}
        high = {f"{name}_high": f"{value >> 64:#018x}" for name, value in numbers.items()}
        low = {f"{name}_low": f"{value & (2**64 - 1):#018x}" for name, value in numbers.items()}
        return {**high, **low, "has_half": str(int(state["has_uint32"])), "half_bits": str(int(state["uinteger"]))}

    # functions

    def function(self, result: str, name: str, parameters: Mapping[str, str], body: list[str]) -> list[str]:
        """`static double half(double z) { … }`"""
        given = ", ".join(f"{kind} {parameter}" for parameter, kind in parameters.items()) or "void"
        code = "\n".join(body)
        unread = [f"(void){parameter};" for parameter in parameters if not re.search(rf"\b{parameter}\b", code)]
        lines = [f"    {line}".rstrip() for line in (*body[:-1], *unread, *body[-1:])]
        return [f"static {result or 'void'} {name}({given})", "{", *lines, "}"]

    def doc(self, words: str, parameters: Collection[str], returned: bool) -> list[str]:
        """A comment."""
        return comment(words)

    def number(self) -> Mapping[str, str]:
        """The line that scales what is predicted."""
        mean, scale = self.plan.units
        sign, size = ("-", -mean) if mean < 0 else ("+", mean)
        cast, lines = "(real)" if self.single else "", []
        if (mean, scale) != (0.0, 1.0):
            lines += [f"prediction[0] = {cast}(prediction[0] * {scale!r} {sign} {size!r}); /* scale and mean */"]
        if self.plan.held:
            low, high = (literal(end, self.single) for end in self.plan.held)
            lines += ["/* held to the range in training */"]
            lines += [f"if (prediction[0] < {low}) prediction[0] = {low};"]
            lines += [f"if (prediction[0] > {high}) prediction[0] = {high};"]
        return {"units": "\n".join(lines)}

    def interval(self, known: Interval) -> Mapping[str, str]:
        """Arrays of numbers; C has none without any, so that the last width has an edge, too."""
        named = {"EDGES": np.append(known.edges, np.inf), "WIDTHS": known.widths}
        of_numbers = {
            name.lower(): "\n".join(array(f"static const double {name}[N_WIDTHS]", of, of.shape, "", False))
            for name, of in named.items()
            if len(known.widths)
        }
        return {"bins": str(len(known.widths)), "least": datum(known.least), "edges": "", "widths": "", **of_numbers}

    # the self-test

    def tested(self) -> str:
        """Rows, outputs, scales, classes."""
        plan, expected = self.plan, self.plan.expected
        assert expected.scale is not None
        lines = [f"enum {{ N_TESTED = {len(plan.rows)} }};", *row_array("TESTED", plan, self.single)]
        lines += row_table(f"static const double EXPECTED[N_TESTED][{expected.outputs.shape[1]}]", expected.outputs)
        lines += array("static const double SCALES[N_TESTED]", expected.scale, expected.scale.shape, "", False)
        if plan.classes:
            indices = ", ".join(map(str, plan.expected_classes))
            lines += [f"static const int EXPECTED_CLASS[N_TESTED] = {{{indices}}};"]
        return "\n".join(lines)

    def trained(self) -> str:
        """Losses, and theta."""
        training = self.plan.training
        assert training is not None
        losses, theta = training.checked, training.theta_after
        lines = [f"enum {{ N_LOSSES = {len(losses)} }};"]
        lines += ["static const struct { int epoch; double loss; } EXPECTED_LOSSES[N_LOSSES] = {"]
        lines += [f"    {{{epoch}, {datum(loss)}}}, /* {loss:.6g} */" for epoch, loss in losses.items()]
        lines += ["};", *array(f"static const double EXPECTED_THETA[{len(theta)}]", theta, theta.shape, "", False)]
        largest = max(1.0, float(np.abs(theta).max(initial=0.0)))
        return "\n".join([*lines, f"static const double LARGEST_THETA = {datum(largest)};"])
