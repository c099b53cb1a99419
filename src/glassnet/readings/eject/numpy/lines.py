"""The lines of a NumPy program: its steps, formulas and arrays, each as Python writes it."""

from __future__ import annotations

import builtins
import re
from dataclasses import replace

import numpy as np

from glassnet.derivation.contents import shape_text
from glassnet.derivation.steps import Step
from glassnet.expressions.expression import Expression
from glassnet.expressions.notation import PLAIN, as_call
from glassnet.expressions.notation import write as written
from glassnet.readings.eject.formulas import is_function
from glassnet.readings.eject.names import free_name
from glassnet.readings.eject.numpy import text
from glassnet.readings.eject.numpy.values import aggregate, array_text, commented, python_number
from glassnet.readings.eject.plan import Plan

# Names that formulas of one's own may not take: Python's, and every word in the program's fixed parts
OURS = frozenset((*dir(builtins), *re.findall(r"[A-Za-z_]\w*", " ".join(text.CODE))))


class Lines:
    """Writes lines for one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan, training = plan, plan.training
        self.single = plan.dtype == np.float32
        self.dtype = "np.float32" if self.single else "float"
        steps = (*plan.steps, *(training.steps if training else ()))
        given = (*training.derivation.inputs, *training.derivation.constants) if training else ()
        names = [name for step in steps for name in (step.name, step.assigns)]
        taken = {*OURS, *names, *plan.arrays, *given, "n", "w", "rng"}
        self.names = {name: free_name(name, taken) for name in plan.formulas}
        self.notation = replace(
            PLAIN,
            function=self.function,
            aggregate=aggregate,
            number=python_number,
            beside=lambda args: f"np.concatenate(({', '.join(args)}), axis=1)",
            by_blocks=as_call,
        )

    def function(self, name: str, args: list[str]) -> str:
        """A call of a formula or of one of NumPy's functions."""
        formula = self.plan.formulas.get(name)
        if formula is not None and not is_function(formula.body, name):
            return f"{self.names[name]}({', '.join(args)})"
        return f"np.{'abs' if name == 'absolute' else name}({', '.join(args)})"

    def expression(self, expression: Expression) -> str:
        """An expression in NumPy."""
        return written(expression, self.notation)

    def line(self, step: Step) -> str:
        """`z1 = x @ W1 + b1  # (n, 4)`."""
        node = step.expression
        if node.op == "random":
            dims = ", ".join(map(str, node.shape)) + "," * (len(node.shape) == 1)
            right = f"rng.random(({dims}){', dtype=np.float32' if node.dtype == np.float32 else ''})"
        else:
            right = self.expression(node)
        left = f"{step.assigns}[:]" if step.assigns else step.name
        return commented(f"{left} = {right}", shape_text(step.shape) if step.shape else "")

    def array(self, name: str, array: np.ndarray, comment: str) -> list[str]:
        """`W1 = np.array([...])  # (2, 4)`."""
        first, *rest = array_text(array.astype(self.plan.dtype))
        ending = ", dtype=np.float32)" if self.single else ")"
        if not rest:
            return [commented(f"{name} = np.array({first}{ending}", comment)]
        if array.ndim == 1:  # brackets on lines of their own, as those of matrices have
            first, *rest = ["[", *(f"    {line.strip('[ ]').removesuffix(',')}," for line in (first, *rest)), "]"]
        return [f"{name} = np.array({first}  # {comment}", *rest[:-1], rest[-1] + ending]
