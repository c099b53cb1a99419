"""The arithmetic of one number: formula, numbers put in, terms, result; and the chain that a gradient comes through."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import plain
from glassnet.readings.explain.contents import Arithmetic, Factor, Slope, Sum, Term
from glassnet.readings.explain.element import Element, Index, constant_of, is_short, place_name, result_of, single
from glassnet.readings.explain.evaluated import Evaluated
from glassnet.readings.explain.forms import StepFormula
from glassnet.readings.explain.labels import Labels
from glassnet.readings.explain.numbers import agree, rounded
from glassnet.readings.explain.slopes import Slopes
from glassnet.readings.explain.terms import Product, Terms, leaves, products

SHOWN = 12  # terms of a long sum
LONG = 24  # terms up to which all are shown


class Arithmetics:
    """Writes the arithmetic of the numbers of an evaluated derivation.

    Parameters
    ----------
    evaluated
        The steps and their values.
    labels
        What rows, inputs and units are called.
    digits
        Significant digits of the page: they decide between = and ≈.
    terms
        How many terms of a sum are shown where there are more than 24; None: all of any sum.
    slopes
        Measures gradients; None: they are not measured.
    expand
        Whether the arithmetic of a formula shown by its name stands below it.
    """

    def __init__(
        self,
        evaluated: Evaluated,
        labels: Labels,
        digits: int,
        terms: int | None = SHOWN,
        slopes: Slopes | None = None,
        expand: bool = False,
    ) -> None:
        self.evaluated, self.labels, self.digits, self.terms = evaluated, labels, digits, terms
        self.slopes, self.expand = slopes, expand

    def of(self, name: str, index: Index, *, reason: str = "", with_sum: bool = True) -> Arithmetic:
        """The arithmetic of one number of a step."""
        known = self.evaluated
        name = known.stands_for(name)
        form, step, arrays = known.forms[name], known.by_name[name], known.arrays
        value = float(known.value(name)[index])
        formula, numbers = self.formula(form.shown, index)
        found = self.sum_of(products(form.arithmetic, index, arrays), value) if with_sum else None
        about = numbers is not None and not self.is_exact(form.shown, index, value)
        if formula is None and found is None:
            formula, numbers = self.formula(form.arithmetic, index)
        return Arithmetic(
            name=self.name(name, index),
            formula=formula,
            numbers=numbers,
            value=value,
            about=about,
            sum=found,
            wheres=self.expanded(form, index, numbers, value) if self.expand else (),
            reason=reason,
            slope=self.slope(name, index),
            assigns=step.assigns == "theta",
        )

    def expanded(
        self, form: StepFormula, index: Index, numbers: Expression | None, value: float
    ) -> tuple[Arithmetic, ...]:
        """The arithmetic of a formula that is shown by its name: `sigmoid(0.5)` = 1 / (1 + exp(-0.5))."""
        if numbers is None or numbers.call is None:
            return ()
        inner = self.formula(form.arithmetic, index)[1]
        return () if inner is None or inner.call else (Arithmetic(name="in full", numbers=inner, value=value),)

    def name(self, name: str, index: Index) -> str:
        """What the number of a step is called: of the new theta, the weight that it is."""
        step = self.evaluated.by_name.get(name)
        if step is not None and step.assigns == "theta":
            return place_name(*self.evaluated.layout.array_at(index[0]))
        return self.evaluated.call(name, index)

    def formula(self, expression: Expression, index: Index) -> tuple[Expression | None, Expression | None]:
        """The formula of a number in symbols and in numbers; nothing where it is too long to be read."""
        arrays = self.evaluated.arrays
        formula = single(expression, index, arrays, arrays.name)
        if not is_short(formula):
            return None, None
        numbers = single(expression, index, arrays, arrays.number)
        return formula, None if numbers.op == "constant" and not formula.args else numbers

    def is_exact(self, expression: Expression, index: Index, value: float) -> bool:
        """Whether the numbers, rounded as they are shown, give the result as it is shown."""
        arrays, digits = self.evaluated.arrays, self.digits

        def leaf(node: Expression, place: Index) -> Expression:
            return constant_of(rounded(arrays.at(node, place), digits))

        return agree(result_of(single(expression, index, arrays, leaf)), value, digits)

    def slope(self, name: str, index: Index) -> Slope | None:
        """The finite difference of a gradient, if it is one and that was asked for."""
        of = self.evaluated.of_gradient(name)
        return self.slopes.of(of, index) if of and self.slopes is not None else None

    def sum_of(self, found: Terms, value: float) -> Sum | None:
        """A number as the sum of its terms; None where there is but one."""
        if len(found) < 2:
            return None
        chosen = list(range(len(found)))
        if self.terms is not None and len(found) > max(LONG, self.terms):
            chosen = sorted(found.by_size()[: self.terms])
        rest = total(np.delete(found.values, chosen).tolist())
        terms = tuple(map(self.term, map(found.__getitem__, chosen)))
        shown = [rounded(term.value, self.digits) for term in terms]
        shown += [rounded(rest, self.digits)] if len(found) > len(terms) else []
        about = not agree(total(shown), value, self.digits)
        return Sum(terms=terms, others=len(found) - len(terms), others_value=rest, total=value, about=about)

    def term(self, product: Product) -> Term:
        """One term, its factors by name."""
        arrays = self.evaluated.arrays
        value = product.value(arrays)
        factors = [self.factor(element) for element in product.factors]
        factors += [replace(self.factor(element), divides=True) for element in product.divisors]
        if product.counted != 1.0:
            factors.append(Factor("", product.counted, divides=True))
        label = self.labels.of_run(product.over, arrays)
        if not label and len(factors) == 1 and re.fullmatch(r"b(eta)?\d+\[\d+\]", factors[0].name):
            label = "bias"
        return Term(label, tuple(factors), value + 0.0, product.negative)

    def factor(self, element: Element) -> Factor:
        """One factor: its name and its number."""
        node, index = element
        arrays = self.evaluated.arrays
        name = "" if node.op == "constant" else plain(single(node, index, arrays, arrays.name))
        return Factor(name, arrays.at(node, index))

    def chain(self, name: str, index: Index) -> list[Arithmetic]:
        """The gradients that a gradient comes through, back to the loss's slope: each the largest part of the last."""
        known = self.evaluated
        lines: list[Arithmetic] = []
        at = (known.stands_for(name), index)
        while len(lines) < len(known.steps):
            found = self.largest(*at)
            if found is None:
                return lines
            (step, place), words = found
            at = (step, place)
            lines.append(self.of(step, place, reason=words, with_sum=False))
        return lines

    def largest(self, name: str, index: Index) -> tuple[tuple[str, Index], str] | None:
        """The gradient in a gradient's largest term, and what is to be said of the choice; None at the loss."""
        known, arrays = self.evaluated, self.evaluated.arrays
        terms = products(known.forms[name].arithmetic, index, arrays)
        for term in map(terms.__getitem__, terms.by_size()):
            inside = [leaf for part in (*term.factors, *term.divisors) for leaf in leaves(*part, arrays)]
            back = [(node.name, place) for node, place in inside if self.is_gradient(node.name)]
            if back:
                best = max(back, key=lambda leaf: abs(float(known.value(leaf[0])[leaf[1]])))
                label = self.labels.of_run(term.over, arrays)
                words = f"{label}, the largest of {len(terms)} terms" if label and len(terms) > 1 else ""
                return best, words or (f"the largest of {len(back)} gradients in it" if len(back) > 1 else "")
        return None

    def is_gradient(self, name: str) -> bool:
        """Whether a step is one of the backward pass."""
        step = self.evaluated.by_name.get(name)
        return step is not None and step.phase == "backward"


def total(values: list[float]) -> float:
    """The sum, rounded once; NaN and infinity as they come."""
    try:
        return math.fsum(values) if all(map(math.isfinite, values)) else sum(values)
    except OverflowError:
        return sum(values)
