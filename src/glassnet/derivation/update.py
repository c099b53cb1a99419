"""The update: from the gradients, as one vector g, to the next theta."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.derivation.reasons import slot_reason
from glassnet.derivation.writing import NEW, Draft
from glassnet.expressions.expression import Expression
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.schedules import Schedule


def penalise(draft: Draft) -> None:
    """What the penalties add to the gradient, as one vector g: l1·sign(w) + l2·w, or what each row bears of it."""
    theta, penalised = draft.vectors()
    size = int(theta.shape[0])
    pulls, share = [], draft.penalty_share
    if draft.network.l2:
        l2 = draft.constant("l2", draft.network.l2)
        pulls.append((l2 if share is None else l2 * share) * theta)
    if draft.network.l1:
        l1 = draft.constant("l1", draft.network.l1)
        pulls.append((l1 if share is None else l1 * share) * np.sign(theta))
    if pulls:
        pull = draft.input("g", size) + penalised * sum(pulls[1:], pulls[0])
        draft.pull = draft.step("g_pull", pull, "update", reason="the penalties pull on the weights")


def update(draft: Draft, optimizer: Optimizer, frozen: bool) -> None:
    """From the gradients, as one vector g, to the new theta."""
    draft.optimizer = optimizer
    theta, _ = draft.vectors()
    size = int(theta.shape[0])
    draft.input("theta", size)
    g = draft.input("g", size) if draft.pull is None else draft.pull
    trainable = draft.input("trainable", size) if frozen else None
    if trainable is not None:
        free: Any = np.where(trainable > 0.0, g, 0.0)
        g = draft.step("g_free", free, "update", reason="frozen numbers do not move")
    if optimizer.clip_value is not None:
        c = draft.constant("clip_value", optimizer.clip_value)
        g = draft.step("g_cut", np.minimum(np.maximum(g, -c), c), "update", reason="no number beyond clip_value")
    if optimizer.clip_norm is not None:
        c = draft.constant("clip_norm", optimizer.clip_norm)
        norm = draft.step("norm", np.sqrt(np.sum(g * g)), "update", reason="the gradient's length")
        g = draft.step("g_clip", g * (c / np.maximum(norm, c)), "update", reason="shortened to clip_norm")
    rule = optimizer.rule
    numbers = optimizer.hyperparameters.items()
    options = {name: number(draft, option_name(draft, optimizer, name), value) for name, value in numbers}
    if "t" in optimizer.takes:
        options["t"] = draft.input("t")
    if "decayed" in optimizer.takes:
        options["decayed"] = draft.input("penalised", size)
    slots = [draft.input(name, size) for name in optimizer.slots]
    rate = optimizer.learning_rate
    lr = draft.input("lr") if rate is None else number(draft, "lr", rate)  # None: what it is set to at the time
    if draft.network.rates(draft.n_inputs):
        lr = draft.step("lrs", lr * draft.input("rates", size), "update", reason="each number's own learning rate")
    result = rule(theta, g, *slots, lr=lr, **options)
    new_theta, *new_slots = result if isinstance(result, tuple) else (result,)
    for name, value in zip(optimizer.slots, new_slots, strict=True):
        draft.step(f"{name}{NEW}", value, "update", reason=slot_reason(optimizer.name, name), assigns=name)
    if trainable is not None:  # what an optimizer remembers may still push
        new_theta = np.where(trainable > 0.0, new_theta, theta)
    draft.step(f"theta{NEW}", new_theta, "update", reason=f"the {optimizer.name} step", assigns="theta")


def option_name(draft: Draft, optimizer: Optimizer, option: str) -> str:
    """An option's own name; `adam_beta2` where a layer has something of that name, as the second layer has a beta2."""
    own = {*draft.network.layout(draft.n_inputs).shapes, *draft.network.layout(draft.n_inputs, learnt=False).shapes}
    return f"{optimizer.name}_{option}" if option in own or draft.is_taken(option) else option


def number(draft: Draft, name: str, value: float | Schedule) -> Expression:
    """A number by its name, or what a schedule has it at after so many epochs."""
    if not isinstance(value, Schedule):
        return draft.constant(name, value)
    draft.schedules[name] = value
    now = value(draft.input("epoch"), of=name)
    return draft.step(name, now, "update", reason=f"the {value.name} schedule")
