"""From a network to its derivation: the layers' own code, called with symbols.

Nothing here knows a formula. It calls `forward` of each layer in order, the loss, and `backward` in reverse order,
gives every value a name, and writes down what came out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from glassnet.activations import activation
from glassnet.derivation.reasons import backward_reason, forward_reason, reduction_words, slot_reason
from glassnet.derivation.steps import Derivation, Step
from glassnet.expressions.differentiate import pull_back
from glassnet.expressions.expression import ROWS, Expression, as_expression, substitute, symbol
from glassnet.layers import Layer, Mode, namespace
from glassnet.naming import is_stem
from glassnet.network import Network
from glassnet.optimizers import Optimizer, Schedule

NEW = "_new"  # the name of an array's next value: theta_new replaces theta


def derive(
    network: Network,
    n_inputs: int,
    optimizer: Optimizer | None = None,
    *,
    dtype: Any = np.float64,
    weighted: bool = False,
    frozen: bool = False,
) -> Derivation:
    """The steps of one training step: forward, loss, backward and, with an optimizer, the update.

    Parameters
    ----------
    network
        With units and loss filled in.
    n_inputs
        Columns of x.
    optimizer
        The update rule; None: stop at the gradients.
    weighted
        Whether each row has a weight w.
    frozen
        Whether some numbers of theta stay as they are (`trainable` is 0 there).
    """
    page = Page(network, n_inputs, np.dtype(dtype))
    scores = page.forward(Mode(training=True))
    ds = page.loss(scores, weighted)
    page.backward(ds)
    page.penalise()
    if optimizer is not None:
        page.update(optimizer, frozen)
    return page.derivation("L")


def derive_prediction(network: Network, n_inputs: int, *, dtype: Any = np.float64) -> Derivation:
    """The steps of a prediction: forward as for rows not seen in training, and the scores made into predictions p."""
    page = Page(network, n_inputs, np.dtype(dtype))
    page.prediction(page.forward(Mode(training=False)))
    return page.derivation("p")


def derive_evaluation(
    network: Network, n_inputs: int, *, dtype: Any = np.float64, weighted: bool = False
) -> Derivation:
    """The steps of a prediction and of its loss."""
    page = Page(network, n_inputs, np.dtype(dtype))
    scores = page.forward(Mode(training=False))
    page.prediction(scores)
    page.loss(scores, weighted)
    return page.derivation("L")


@dataclass
class Page:
    """A derivation being written."""

    network: Network
    n_inputs: int
    dtype: np.dtype[Any]
    steps: list[Step] = field(default_factory=list)
    inputs: dict[str, Expression] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    gradients: dict[str, str] = field(default_factory=dict)
    names: dict[int, Expression] = field(default_factory=dict)  # id of an expression -> the symbol it is known by
    kept: list[Expression] = field(default_factory=list)  # keeps those ids alive
    traces: list[Trace] = field(default_factory=list)
    optimizer: Optimizer | None = None

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
        if expression.call and expression.call.meaning:
            reason = expression.call.meaning
        if name in self.inputs or any(step.name == name for step in self.steps):
            raise ValueError(f"the name {name} is used twice; call the layer's value or parameter something else")
        self.steps.append(Step(name, rewritten, phase, layer, reason, assigns))
        return self.known(expression, symbol(name, rewritten.shape, rewritten.dtype))

    def known(self, expression: Expression, name: Expression) -> Expression:
        """From here on the expression is known by the symbol."""
        if expression.op not in ("symbol", "constant"):
            self.names[id(expression)] = name
            self.kept.append(expression)
        return name

    def forward(self, mode: Mode) -> Expression:
        """The layers in order; the last one's output."""
        x = self.input("x", ROWS, self.n_inputs)
        for k, layer in enumerate(self.network.layers, start=1):
            own = layer.parameters(int(x.shape[1]))
            p = namespace({name: self.input(f"{name}{k}", *item.shape) for name, item in own.items()})
            values = layer.forward(p, x, mode)
            output = list(values)[-1]
            known: dict[str, Expression] = {}
            for name, value in values.items():
                if not is_stem(name):
                    raise ValueError(f"layer {k}: a value's name must be letters, got {name!r}")
                remembered = name in own and name != output
                known[name] = self.step(
                    f"{name}{k}{NEW}" if remembered else f"{name}{k}",
                    value,
                    "forward",
                    k,
                    forward_reason(name, value, layer),
                    assigns=f"{name}{k}" if remembered else "",
                )
            self.traces.append(Trace(k, layer, p, x, namespace(known), values[output], known[output]))
            x = known[output]
        return x

    def prediction(self, scores: Expression) -> None:
        """The scores made into predictions, p."""
        output = activation(self.network.loss.output if self.network.loss else "identity")
        self.step("p", output(scores), "forward", 0, "the prediction: what the last layer gives")

    def loss(self, s: Expression, weighted: bool) -> Expression:
        """The loss of the batch, L, and the slope at the scores."""
        loss = self.network.loss
        if loss is None:
            raise ValueError("a network needs a loss to be trained")
        y = self.input("y", ROWS, s.shape[1])
        terms = as_expression(loss(y, s))
        if terms.ndim != 2 or terms.shape[0] != ROWS:
            hint = (
                "leave the mean out, reduction= does it"
                if terms.ndim == 0
                else "keep the axis: sum(axis=1, keepdims=True)"
            )
            raise ValueError(
                f"loss {loss.name} must give a term for each row, (n, K) or (n, 1), got {terms.shape}; {hint}"
            )
        l = self.step("l", terms, "loss", reason="the loss of each row")
        r = self.share(loss.reduction, int(l.shape[1]), weighted)
        if r.ndim:
            r = self.step("r", r, "loss", reason="each row's share in the loss")
            L = np.sum(l * r)
        else:
            L = np.sum(l) if r.op == "constant" else np.sum(l) * r
        self.step("L", L, "loss", reason=f"the loss of the batch: {reduction_words(loss.reduction, l.shape[1] != 1)}")
        penalty = self.penalty()
        if penalty is not None:
            self.step("J", symbol("L", (), self.dtype) + penalty, "loss", reason="with the penalties on the weights")
        slope = loss.backward(y, s)
        ds = slope if r.op == "constant" else slope * r
        if isinstance(slope, Expression) and slope.call and ds is not slope:
            reason = slope.call.meaning
        else:
            reason = "the loss's slope at the scores"
        return self.step(f"d{s.name}", ds, "backward", reason=reason)

    def share(self, reduction: str, outputs: int, weighted: bool) -> Expression:
        """What each row's term is multiplied with: the one place where the loss is divided by the number of rows."""
        w = self.input("w", ROWS, 1) if weighted else as_expression(1.0)
        if reduction == "sum":
            return w
        count: Any = symbol(ROWS, (), self.dtype)
        if weighted:
            total = np.sum(w)
            count = np.where(total > 0.0, total, 1.0)
        if reduction == "mean" and outputs > 1:
            count = count * float(outputs)
        return as_expression(w / count)

    def penalty(self) -> Expression | None:
        """l1·Σ|w| + ½·l2·Σw² over what is penalised."""
        theta, on = self.vectors()
        l1, l2 = self.network.l1, self.network.l2
        parts = []
        if l1:
            parts.append(self.constant("l1", l1) * np.sum(on * np.abs(theta)))
        if l2:
            parts.append(0.5 * self.constant("l2", l2) * np.sum(on * theta * theta))
        return sum(parts[1:], parts[0]) if parts else None

    def vectors(self) -> tuple[Expression, Expression]:
        """theta, and the vector that is 1 where a number of theta is penalised."""
        size = self.network.layout(self.n_inputs).size
        return symbol("theta", (size,), self.dtype), symbol("penalised", (size,), self.dtype)

    def backward(self, d: Expression) -> None:
        """The layers in reverse order: from the gradient at a layer's output to those of its arrays and its input."""
        for trace in reversed(self.traces):
            own = trace.layer.parameters(int(trace.x.shape[1]))
            learnt = [name for name, item in own.items() if item.learnt]
            grads = trace.pull_back(d, learnt)
            missing = [name for name in (*(f"d{name}" for name in learnt), "dx") if name not in grads]
            if missing:
                raise ValueError(f"layer {trace.k}, {trace.layer!r}: backward gives no {', '.join(missing)}")
            odd = next((name for name in grads if not is_stem(name)), None)
            if odd is not None:
                raise ValueError(f"layer {trace.k}, {trace.layer!r}: a gradient's name must be letters, got {odd!r}")
            inward = f"d{trace.x.name}"
            if trace.k == 1:
                grads = {name: grad for name, grad in grads.items() if name != "dx"}
            for name, grad in grads.items():
                of = name.removeprefix("d")
                known = self.step(
                    inward if name == "dx" else f"{name}{trace.k}",
                    grad,
                    "backward",
                    trace.k,
                    backward_reason(of, trace.k, learnt),
                )
                if of in learnt:
                    shape = own[of].shape
                    if known.shape != shape:
                        raise ValueError(f"layer {trace.k}: {name} must have {of}'s shape {shape}, got {known.shape}")
                    self.gradients[f"{of}{trace.k}"] = known.name
                if name == "dx":
                    d = known

    def penalise(self) -> None:
        """What the penalties add to the gradient, as one vector g: l1·sign(w) + l2·w."""
        theta, penalised = self.vectors()
        size = int(theta.shape[0])
        pulls = []
        if self.network.l2:
            pulls.append(self.constant("l2", self.network.l2) * theta)
        if self.network.l1:
            pulls.append(self.constant("l1", self.network.l1) * np.sign(theta))
        if pulls:
            pull = self.input("g", size) + penalised * sum(pulls[1:], pulls[0])
            self.step("g_pull", pull, "update", reason="the penalties pull on the weights")

    @property
    def pulled(self) -> bool:
        """Whether there are penalties."""
        return bool(self.network.l1 or self.network.l2)

    def update(self, optimizer: Optimizer, frozen: bool) -> None:
        """From the gradients, as one vector g, to the new theta."""
        self.optimizer = optimizer
        theta, _ = self.vectors()
        size = int(theta.shape[0])
        self.input("theta", size)
        g = symbol("g_pull", (size,), self.dtype) if self.pulled else self.input("g", size)
        trainable = self.input("trainable", size) if frozen else None
        if trainable is not None:
            free: Any = np.where(trainable > 0.0, g, 0.0)
            g = self.step("g_free", free, "update", reason="frozen numbers do not move")
        if optimizer.clip_value is not None:
            c = self.constant("clip_value", optimizer.clip_value)
            g = self.step("g_cut", np.minimum(np.maximum(g, -c), c), "update", reason="no number beyond clip_value")
        if optimizer.clip_norm is not None:
            c = self.constant("clip_norm", optimizer.clip_norm)
            norm = self.step("norm", np.sqrt(np.sum(g * g)), "update", reason="the gradient's length")
            g = self.step("g_clip", g * (c / np.maximum(norm, c)), "update", reason="shortened to clip_norm")
        rule = optimizer.rule
        # beta_1, because beta1 is the first layer's beta
        numbers = optimizer.hyperparameters.items()
        options = {name: self.constant(re.sub(r"(\d)$", r"_\1", name), value) for name, value in numbers}
        if "t" in optimizer.takes:
            options["t"] = self.input("t")
        if "decayed" in optimizer.takes:
            options["decayed"] = self.input("penalised", size)
        slots = [self.input(name, size) for name in optimizer.slots]
        result = rule(theta, g, *slots, lr=self.learning_rate(optimizer.learning_rate), **options)
        new_theta, *new_slots = result if isinstance(result, tuple) else (result,)
        for name, value in zip(optimizer.slots, new_slots, strict=True):
            self.step(f"{name}{NEW}", value, "update", reason=slot_reason(name), assigns=name)
        if trainable is not None:  # what an optimizer remembers may still push
            new_theta = np.where(trainable > 0.0, new_theta, theta)
        self.step(f"theta{NEW}", new_theta, "update", reason=f"the {optimizer.name} step", assigns="theta")

    def learning_rate(self, rate: float | Schedule) -> Expression:
        """lr: a number, or what the schedule says after so many epochs."""
        if not isinstance(rate, Schedule):
            return self.constant("lr", rate)
        return self.step("lr", rate(self.input("epoch")), "update", reason=f"the {rate.name} schedule")

    def derivation(self, output: str) -> Derivation:
        """The finished page."""
        used = {"theta", "penalised"} if "J" in {step.name for step in self.steps} else set()
        theta, penalised = self.vectors()
        extra = {item.name: item for item in (theta, penalised) if item.name in used}
        layout = self.network.layout(self.n_inputs)
        return Derivation(
            self.network,
            tuple(self.steps),
            {**self.inputs, **extra},
            self.constants,
            layout,
            {name: self.gradients[name] for name in layout.shapes if name in self.gradients},
            output,
            self.dtype,
            self.optimizer,
        )


@dataclass(frozen=True, eq=False)
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
        return {**{f"d{name}": grad for name, grad in zip(learnt, grads, strict=True)}, "dx": dx}
