"""From a network to its derivation: the layers' own code, called with symbols.

Nothing here knows a formula. It calls `forward` of each layer in order, the loss, and `backward` in reverse order,
gives every value a name, and writes down what came out.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.derivation.reasons import SMOOTH, backward_reason, forward_reason, meaning_of, reduction_words
from glassnet.derivation.report import THE_LOSS, Report, share_of
from glassnet.derivation.steps import Derivation
from glassnet.derivation.straight import straight
from glassnet.derivation.update import penalise, update
from glassnet.derivation.writing import NAME_TWICE, NEW, Draft, Trace
from glassnet.expressions.expression import ROWS, Expression, as_expression, symbol
from glassnet.parts.activations import activation_named
from glassnet.parts.average import Average
from glassnet.parts.layers import Mode, namespace
from glassnet.parts.naming import gradient_name, is_stem
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.remembered import Remembered


def derive(
    network: Network,
    n_inputs: int,
    optimizer: Optimizer | None = None,
    *,
    dtype: Any = np.float64,
    weighted: bool = False,
    frozen: bool = False,
    reported: Report = THE_LOSS,
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
    dtype
        float32 or float64: of all arrays and of the numbers made of them; t, epoch and learning rates are numbers of
        Python's, and so are sums to one number where an engine adds them up.
    weighted
        Whether each row has a weight w.
    frozen
        Whether some numbers of theta stay as they are (`trainable` is 0 there).
    reported
        What training tells of a batch: the loss L, or so many times L, with penalties or without.

    Returns
    -------
    Derivation
        Of a network of built-in parts the same object for the same question, as long as it is remembered.

    Raises
    ------
    ValueError
        The network has no loss, or units that are not known yet; a layer, a loss or an activation gives names or
        shapes that it must not; two things have the same name. The message says which.
    TypeError
        A formula does what an expression cannot: choose by the values of its argument, write into it, or call what is
        not in the dialect.
    """
    return answer(
        Question(
            kind="train",
            network=network,
            n_inputs=n_inputs,
            dtype=dtype,
            optimizer=optimizer,
            weighted=weighted,
            frozen=frozen,
            reported=reported,
        )
    )


def derive_prediction(network: Network, n_inputs: int, *, dtype: Any = np.float64) -> Derivation:
    """The steps of a prediction: forward as for rows not seen in training, and the scores made into predictions p.

    Parameters and errors are those of `derive`.
    """
    return answer(Question(kind="predict", network=network, n_inputs=n_inputs, dtype=dtype))


def derive_evaluation(
    network: Network, n_inputs: int, *, dtype: Any = np.float64, weighted: bool = False
) -> Derivation:
    """The steps of a prediction and of its loss; parameters and errors are those of `derive`."""
    return answer(Question(kind="evaluate", network=network, n_inputs=n_inputs, dtype=dtype, weighted=weighted))


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """Which derivation is asked for."""

    kind: str
    network: Network
    n_inputs: int
    dtype: Any
    optimizer: Optimizer | None = None
    weighted: bool = False
    frozen: bool = False
    reported: Report = THE_LOSS

    def key(self) -> Hashable:
        """All that the answer depends on; None: not known."""
        if self.network.structure is None:
            return None
        update = None if self.optimizer is None else self.optimizer.structure
        asked = (self.weighted, self.frozen, self.reported)
        return (self.kind, self.network.structure, self.n_inputs, np.dtype(self.dtype), update, *asked)


WRITTEN: Remembered[Derivation] = Remembered(most=64)


def answer(question: Question) -> Derivation:
    """The derivation; for a network of built-in parts it is written down once."""
    # without the starting values: they do not matter, and may be large
    return WRITTEN.answer(
        question.key(), lambda: write_down(replace(question, network=question.network.without_start()))
    )


def write_down(question: Question) -> Derivation:
    """The derivation, step by step."""
    draft = Draft(network=question.network, n_inputs=question.n_inputs, dtype=np.dtype(question.dtype))
    training = question.kind == "train"
    scores = go_forward(draft, Mode(training=training, epoch=symbol("epoch", (), draft.dtype)))
    if not training:
        predict(draft, scores)
        members = [k for k, layer in enumerate(draft.network.layers, start=1) if isinstance(layer, Average)]
        if members:
            draft.steps = straight(draft.steps, kept=members[-1])
    if question.kind == "predict":
        return draft.derivation("p")
    y = targets(draft, scores, smooth=training)
    ds = take_loss(draft, y, scores, question.weighted)
    report(draft, question.reported)
    if training:
        go_back(draft, ds)
        penalise(draft)
    if question.optimizer is not None:
        update(draft, question.optimizer, question.frozen)
    return draft.derivation("L")


def go_forward(draft: Draft, mode: Mode) -> Expression:
    """The layers in order; the last one's output."""
    x = draft.input("x", ROWS, draft.n_inputs)
    for k, layer in enumerate(draft.network.layers, start=1):
        own = layer.parameters(int(x.shape[1]))
        p = namespace({name: draft.input(f"{name}{k}", *item.shape) for name, item in own.items()})
        values = layer.forward(p, x, mode)
        output = list(values)[-1]
        known: dict[str, Expression] = {}
        for name, value in values.items():
            if not is_stem(name):
                raise ValueError(f"layer {k}: a value's name must be letters, got {name!r}")
            remembered = name in own and name != output
            schedule = next((item for at, item in mode.scheduled if at is value), None)
            if schedule is not None:
                draft.input("epoch")
                draft.schedules[f"{name}{k}"] = schedule
            known[name] = draft.step(
                f"{name}{k}{NEW}" if remembered else f"{name}{k}",
                value,
                "forward",
                k,
                forward_reason(name, value, layer),
                assigns=f"{name}{k}" if remembered else "",
            )
        draft.traces.append(
            Trace(k=k, layer=layer, p=p, x=x, values=namespace(known), result=values[output], output=known[output])
        )
        x = known[output]
    return x


def predict(draft: Draft, scores: Expression) -> None:
    """The scores made into predictions, p."""
    output = activation_named(draft.network.loss.output if draft.network.loss else "identity")
    draft.step("p", output(scores), "forward", 0, "the prediction: what the last layer gives")


def targets(draft: Draft, s: Expression, smooth: bool) -> Expression:
    """The targets, y; in training smoothed, where the loss has them so: what is measured is the loss without that."""
    loss, y = draft.network.loss, draft.input("y", ROWS, s.shape[1])
    if loss is None or not loss.label_smoothing or not smooth:
        return y
    smoothed = loss.smoothed(y, draft.constant("label_smoothing", loss.label_smoothing))
    return draft.step(SMOOTH, smoothed, "loss", reason="the targets, smoothed: no class is certain")


def take_loss(draft: Draft, y: Expression, s: Expression, weighted: bool) -> Expression:
    """The loss of the batch, L, and the slope at the scores."""
    loss = draft.network.loss
    if loss is None:
        raise ValueError("a network needs a loss to be trained")
    terms = as_expression(loss(y, s))
    if terms.ndim != 2 or terms.shape[0] != ROWS:
        hint = (
            "leave the mean out, reduction= does it" if terms.ndim == 0 else "keep the axis: sum(axis=1, keepdims=True)"
        )
        raise ValueError(f"loss {loss.name} must give a term for each row, (n, K) or (n, 1), got {terms.shape}; {hint}")
    l = draft.step("l", terms, "loss", reason="the loss of each row")
    r = share(draft, loss.reduction, int(l.shape[1]), weighted)
    if r.ndim:
        r = draft.step("r", r, "loss", reason="each row's share in the loss")
        L = np.sum(l * r)
    else:
        L = np.sum(l) if r.op == "constant" else np.sum(l) * r
    draft.step("L", L, "loss", reason=f"the loss of the batch: {reduction_words(loss.reduction, l.shape[1] != 1)}")
    penalty = penalty_of_weights(draft)
    if penalty is not None:
        if draft.network.penalty_per_row:
            draft.penalty_share = 1.0 / rows_of(draft, weighted and loss.reduction != "rowmean")
            penalty = penalty * draft.penalty_share
        draft.penalty = penalty
        J = symbol("L", (), draft.dtype) + penalty
        draft.objective = draft.step("J", J, "loss", reason="with the penalties on the weights").name
    slope = loss.backward(y, s)
    ds = slope if r.op == "constant" else slope * r
    if isinstance(slope, Expression) and slope.call and ds is not slope:
        reason = meaning_of(slope.call)
    else:
        reason = "the loss's slope at the scores"
    return draft.step(gradient_name(s.name), ds, "backward", reason=reason)


def share(draft: Draft, reduction: str, outputs: int, weighted: bool) -> Expression:
    """What each row's term is multiplied with: the one place where the loss is divided by the number of rows."""
    w = draft.input("w", ROWS, 1) if weighted else as_expression(1.0)
    if reduction == "sum":
        return w
    count = rows_of(draft, weighted and reduction != "rowmean")
    if reduction == "mean" and outputs > 1:
        count = count * float(outputs)
    return as_expression(w / count)


def rows_of(draft: Draft, weighted: bool) -> Expression:
    """How many rows a batch has, or the sum of their weights; where that is 0, 1."""
    if not weighted:
        return symbol(ROWS, (), draft.dtype)
    total = np.sum(draft.input("w", ROWS, 1))
    return as_expression(np.where(total > 0.0, total, 1.0))


def report(draft: Draft, reported: Report) -> None:
    """What training tells of a batch, and what that counts."""
    assert draft.network.loss is not None
    w = draft.inputs.get("w")
    draft.share = share_of(draft.network.loss.reduction, w, reported.by_rows, draft.dtype)
    draft.reported = draft.objective if reported.penalties else "L"
    if reported.factor != 1.0:
        R = reported.factor * symbol("L", (), draft.dtype)
        R = R + draft.penalty if reported.penalties and draft.penalty is not None else R
        draft.reported = draft.step("R", R, "loss", reason="what is reported of the batch").name


def penalty_of_weights(draft: Draft) -> Expression | None:
    """l1·Σ|w| + ½·l2·Σw² over what is penalised, each times its factor."""
    theta, on = draft.vectors()
    l1, l2 = draft.network.l1, draft.network.l2
    parts = []
    if l1:
        parts.append(draft.constant("l1", l1) * np.sum(on * np.abs(theta)))
    if l2:
        parts.append(0.5 * draft.constant("l2", l2) * np.sum(on * theta * theta))
    return sum(parts[1:], parts[0]) if parts else None


def go_back(draft: Draft, d: Expression) -> None:
    """The layers in reverse order: from the gradient at a layer's output to those of its arrays and its input."""
    for trace in reversed(draft.traces):
        own = trace.layer.parameters(int(trace.x.shape[1]))
        learnt = [name for name, item in own.items() if item.learnt]
        grads = trace.pull_back(d, learnt)
        missing = [name for name in (*map(gradient_name, learnt), "dx") if name not in grads]
        if missing:
            raise ValueError(f"layer {trace.k}, {trace.layer!r}: backward gives no {', '.join(missing)}")
        odd = next((name for name in grads if not is_stem(name)), None)
        if odd is not None:
            raise ValueError(f"layer {trace.k}, {trace.layer!r}: a gradient's name must be letters, got {odd!r}")
        inward = gradient_name(trace.x.name)
        if trace.k == 1:
            grads = {name: grad for name, grad in grads.items() if name != "dx"}
        for name, grad in grads.items():
            of = name.removeprefix("d")
            known = draft.step(
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
                array = f"{of}{trace.k}"
                if known.name != gradient_name(array) and draft.is_taken(gradient_name(array)):
                    raise ValueError(NAME_TWICE.format(name=gradient_name(array)))
                draft.gradients[array] = known.name
            if name == "dx":
                d = known
