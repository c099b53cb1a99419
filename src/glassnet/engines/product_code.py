"""Matrix products as text: the call of a function, or loops where there is none for it.

A team of threads does a product over the rows of a batch each for its own rows; of a weight's gradient each makes its
own part, or all make it together, whichever way has been found to be faster (`ways`).
"""

from __future__ import annotations

from glassnet.engines.element_code import Elements
from glassnet.engines.program import LEAVES, Operation
from glassnet.engines.single_numbers import code, single_number
from glassnet.expressions.element import gathered
from glassnet.expressions.expression import ROWS, Dim


class Products:
    """Writes the matrix products of a program, in order, into the text of its elements.

    Attributes
    ----------
    called
        Those of a team that are calls: which function; rows, columns, terms.
    """

    def __init__(self, elements: Elements) -> None:
        self.elements, self.text, self.places = elements, elements.text, elements.places
        self.called: list[tuple[str, Dim, Dim, Dim]] = []

    def write(self, operation: Operation) -> None:
        """A matrix product: the call of a function, or loops where there is none for it."""
        text = self.text
        found = self.function_of(operation)
        if found is None:
            text.meet_for("all")
            if text.has_team:
                text.line("if thread == 0:")
            text.depth += text.has_team
            self.loops_of_product(operation)
            text.depth -= text.has_team
            return
        name, factors, first = found
        (rows, columns), inner, out = operation.shape, operation.args[0].shape[1], self.places.arrays[id(operation)]
        count, way = text.size(inner if rows != ROWS else rows), f"ways[{len(self.called)}]"
        factor = f", {self.factor_of(operation)}" if len(operation.args) > 2 else ""
        if not text.has_team:
            way = ", BY_RULE" if factor else ""
            text.line(f"{name}({factors}, {out}, (0, {count}, {first}){way}{factor})")
            return
        self.called.append((name, rows, columns, inner))
        if rows == ROWS:
            text.meet_for("rows")
            text.line(f"{name}({factors}, {out}, (begin, stop, {first}), {way}{factor})")
        elif out not in text.gradients or inner != ROWS:
            text.by_one([f"{name}({factors}, {out}, (0, {count}, {first}), {way}{factor})"])
        else:
            text.meet_for("rows")
            text.added[out] = way
            text.line(f"if {way} & TOGETHER:")
            text.line("    meet(team, threads)")
            text.line(f"    {name}_together({factors}, {out}, ({count}, {first}), ({way}, thread, threads){factor})")
            text.line("    meet(team, threads)")
            text.line("else:")
            text.line(f"    {name}({factors}, own_{out}, (begin, stop, {first}), {way}{factor})")

    def factor_of(self, product: Operation) -> str:
        """What a product is taken so many times: one over the number that it is divided by, its third operand."""
        divisor = product.args[2]
        if divisor.op == "constant":
            return f"1.0 / {self.text.number(divisor.source.value)}"
        return f"1.0 / {code(single_number(divisor.operand))}"

    def bias_of(self, product: Operation) -> Operation | None:
        """The bias that is added to a product and nothing else done with it, where the product can begin with it."""
        readers = self.places.users.get(id(product), ())
        if len(readers) != 1:
            return None
        (add,) = readers
        others = [arg for arg in add.args if arg is not product]
        if add.op != "add" or len(others) != 1 or product.shape[0] != ROWS:
            return None
        (bias,) = others
        is_row = bias.op in LEAVES and bias.shape in ((product.shape[1],), (1, product.shape[1]))
        if not is_row or add.shape != product.shape:
            return None
        self.elements.biased[id(add)] = product
        return bias

    def function_of(self, operation: Operation) -> tuple[str, str, str] | None:
        """The function that computes a product, its factors, and where their first row stands; None: there is none."""
        elements = self.elements
        a, b = operation.args[:2]
        (rows, columns), inner = operation.shape, a.shape[1]
        direct_a, direct_b = a is a.base, b is b.base
        turned_a, turned_b = (item.op == "transpose" and item.args[0] is item.base for item in (a, b))
        if columns == ROWS or elements.is_offset(b.base):
            return None
        first = elements.offset if elements.is_offset(a.base) else "0"
        if direct_a and direct_b and inner != ROWS:
            bias = self.bias_of(operation) if len(operation.args) == 2 else None
            name, third = ("multiply", "") if bias is None else ("multiply_with_bias", f", {elements.array(bias)}")
            return name, f"{elements.array(a)}, {elements.array(b)}{third}", first
        if turned_a and direct_b and rows != ROWS:
            return "multiply_left_transposed", f"{elements.array(a.base)}, {elements.array(b)}", first
        if direct_a and turned_b and inner != ROWS and first == "0":
            return "multiply_right_transposed", f"{elements.array(a)}, {elements.array(b.base)}", first
        return None

    def loops_of_product(self, operation: Operation) -> None:
        """A product, written out."""
        text, elements = self.text, self.elements
        out, (rows, columns), inner = self.places.arrays[id(operation)], operation.shape, operation.args[0].shape[1]
        factors = gathered(operation.expression, ("i", "j"), "k")
        a, b = (elements.indexed(elements.place(*factor)) for factor in factors)
        if len(operation.args) > 2:
            b = f"{b} / {code(elements.number_of(operation.args[2].operand, ()))}"
        if inner == ROWS:  # a gradient: row after row adds its part
            text.line(f"{out}[:] = 0.0")
            order = [("k", inner), ("i", rows), ("j", columns)]
        else:
            order = [("i", rows), ("j", columns)]
        for index, dim in order:
            text.line(f"for {index} in range({text.size(dim)}):")
            text.depth += 1
        if inner == ROWS:
            text.line(f"{out}[i, j] += {a} * {b}")
        else:
            text.line(f"term = {elements.number(0.0)}")
            text.line(f"for k in range({text.size(inner)}):")
            text.line(f"    term += {a} * {b}")
            text.line(f"{out}[i, j] = term")
        text.depth -= len(order)
