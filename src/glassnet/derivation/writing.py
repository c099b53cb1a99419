"""A derivation being written: symbols to start from, and steps with a name each."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from glassnet.derivation.reasons import CHAIN_RULE, meaning_inside, meaning_of
from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.differentiate import pull_back
from glassnet.expressions.expression import Expression, as_expression, substitute, symbol
from glassnet.parts.layers import Layer
from glassnet.parts.naming import gradient_name
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule

NEW = "_new"  # the name of an array's next value: theta_new replaces theta
NAME_TWICE = "the name {name} is used twice; call the layer's value or parameter something else"


@dataclass(kw_only=True)
class Draft:
    """A derivation being written."""

    network: Network
    n_inputs: int
    dtype: np.dtype[Any]
    steps: list[Step] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)  # the names of the steps
    inputs: dict[str, Expression] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    gradients: dict[str, str] = field(default_factory=dict)
    names: dict[int, Expression] = field(default_factory=dict)  # id of an expression -> the symbol it is known by
    kept: list[Expression] = field(default_factory=list)  # keeps those ids alive
    traces: list[Trace] = field(default_factory=list)
    optimizer: Optimizer | None = None
    penalty: Expression | None = None
    penalty_share: Expression | None = None  # what the penalties are multiplied with, if anything
    reported: str = "L"
    objective: str = "L"
    pull: Expression | None = None  # the gradient with what the penalties add to it
    share: Step | None = None
    schedules: dict[str, Schedule] = field(default_factory=dict)  # by the step that says what they are at

    def input(self, name: str, *shape: Any) -> Expression:
        """A symbol that the steps start from."""
        if name not in self.inputs:
            self.inputs[name] = symbol(name, shape, self.dtype)
        return self.inputs[name]

    def constant(self, name: str, value: float) -> Expression:
        """A number that has a name."""
        if name in self.inputs and name not in self.constants:
            raise ValueError(f"the name {name} is used twice; call the layer's parameter something else")
        self.constants[name] = float(value)
        return self.input(name)

    def step(
        self,
        name: str,
        expression: Expression,
        phase: str,
        layer: int = 0,
        reason: str = "",
        assigns: str = "",
    ) -> Expression:
        """Write down `name = expression`; the symbol that stands for it from here on."""
        expression = as_expression(expression)
        rewritten = substitute(expression, self.names)
        if rewritten.op == "symbol" and not assigns and name != "p":
            return self.known(expression, rewritten)
        if rewritten.call and rewritten.call.meaning:
            reason = meaning_of(rewritten.call)
        elif reason == CHAIN_RULE:
            reason += meaning_inside(rewritten)
        if self.is_taken(name):
            raise ValueError(NAME_TWICE.format(name=name))
        self.taken.add(name)
        self.steps.append(
            Step(name=name, expression=rewritten, phase=phase, layer=layer, reason=reason, assigns=assigns)
        )
        return self.known(expression, symbol(name, rewritten.shape, rewritten.dtype))

    def is_taken(self, name: str) -> bool:
        """Whether something is called so already."""
        return name in self.inputs or name in self.taken

    def known(self, expression: Expression, name: Expression) -> Expression:
        """From here on the expression is known by the symbol."""
        if expression.op not in ("symbol", "constant"):
            self.names[id(expression)] = name
            self.kept.append(expression)
        return name

    def vectors(self) -> tuple[Expression, Expression]:
        """theta, and the vector that says how much each number of theta is penalised."""
        size = self.network.layout(self.n_inputs).size
        return symbol("theta", (size,), self.dtype), symbol("penalised", (size,), self.dtype)

    def derivation(self, output: str) -> Derivation:
        """The finished page."""
        extra = {item.name: item for item in self.vectors() if self.penalty is not None}
        layout = self.network.layout(self.n_inputs)
        return Derivation(
            network=self.network,
            steps=tuple(self.steps),
            inputs={**self.inputs, **extra},
            constants=self.constants,
            layout=layout,
            state_layout=self.network.layout(self.n_inputs, learnt=False),
            gradients={name: self.gradients[name] for name in layout.shapes if name in self.gradients},
            output=output,
            dtype=self.dtype,
            optimizer=self.optimizer,
            reported=self.reported,
            objective=self.objective,
            pull=self.pull.name if self.pull is not None else "",
            share=self.share,
            schedules=self.schedules,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What a layer did on the way forward: its arrays, its input and its values, as symbols."""

    k: int
    layer: Layer
    p: SimpleNamespace
    x: Expression
    values: SimpleNamespace
    result: Expression  # the output as an expression of p and x
    output: Expression  # the symbol it is known by

    def pull_back(self, d: Expression, learnt: list[str]) -> dict[str, Expression]:
        """The gradients by name, from the layer's own backward or, without one, from its forward."""
        if self.layer.backward is not None:
            return self.layer.backward(self.p, self.x, self.values, d)
        arrays = [vars(self.p)[name] for name in learnt]
        *grads, dx = pull_back(self.result, d, [*arrays, self.x])
        return {**{gradient_name(name): grad for name, grad in zip(learnt, grads, strict=True)}, "dx": dx}
