"""The update: from the gradients, as one vector g, to the next theta."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from glassnet.derivation.reasons import slot_reason
from glassnet.derivation.writing import NEW, Page
from glassnet.expressions.expression import Expression
from glassnet.parts.optimizers import Optimizer, Schedule


def penalise(page: Page) -> None:
    """What the penalties add to the gradient, as one vector g: l1·sign(w) + l2·w, or what each row bears of it."""
    theta, penalised = page.vectors()
    size = int(theta.shape[0])
    pulls, share = [], page.penalty_share
    if page.network.l2:
        l2 = page.constant("l2", page.network.l2)
        pulls.append((l2 if share is None else l2 * share) * theta)
    if page.network.l1:
        l1 = page.constant("l1", page.network.l1)
        pulls.append((l1 if share is None else l1 * share) * np.sign(theta))
    if pulls:
        pull = page.input("g", size) + penalised * sum(pulls[1:], pulls[0])
        page.pull = page.step("g_pull", pull, "update", reason="the penalties pull on the weights")


def update(page: Page, optimizer: Optimizer, frozen: bool) -> None:
    """From the gradients, as one vector g, to the new theta."""
    page.optimizer = optimizer
    theta, _ = page.vectors()
    size = int(theta.shape[0])
    page.input("theta", size)
    g = page.input("g", size) if page.pull is None else page.pull
    trainable = page.input("trainable", size) if frozen else None
    if trainable is not None:
        free: Any = np.where(trainable > 0.0, g, 0.0)
        g = page.step("g_free", free, "update", reason="frozen numbers do not move")
    if optimizer.clip_value is not None:
        c = page.constant("clip_value", optimizer.clip_value)
        g = page.step("g_cut", np.minimum(np.maximum(g, -c), c), "update", reason="no number beyond clip_value")
    if optimizer.clip_norm is not None:
        c = page.constant("clip_norm", optimizer.clip_norm)
        norm = page.step("norm", np.sqrt(np.sum(g * g)), "update", reason="the gradient's length")
        g = page.step("g_clip", g * (c / np.maximum(norm, c)), "update", reason="shortened to clip_norm")
    rule = optimizer.rule
    # beta_1, because beta1 is the first layer's beta
    numbers = optimizer.hyperparameters.items()
    options = {name: page.constant(re.sub(r"(\d)$", r"_\1", name), value) for name, value in numbers}
    if "t" in optimizer.takes:
        options["t"] = page.input("t")
    if "decayed" in optimizer.takes:
        options["decayed"] = page.input("penalised", size)
    slots = [page.input(name, size) for name in optimizer.slots]
    result = rule(theta, g, *slots, lr=learning_rate(page, optimizer.learning_rate), **options)
    new_theta, *new_slots = result if isinstance(result, tuple) else (result,)
    for name, value in zip(optimizer.slots, new_slots, strict=True):
        page.step(f"{name}{NEW}", value, "update", reason=slot_reason(name), assigns=name)
    if trainable is not None:  # what an optimizer remembers may still push
        new_theta = np.where(trainable > 0.0, new_theta, theta)
    page.step(f"theta{NEW}", new_theta, "update", reason=f"the {optimizer.name} step", assigns="theta")


def learning_rate(page: Page, rate: float | Schedule | None) -> Expression:
    """lr: a number, or what the schedule says after so many epochs, or what it is set to at the time."""
    if rate is None:
        return page.input("lr")
    if not isinstance(rate, Schedule):
        return page.constant("lr", rate)
    return page.step("lr", rate(page.input("epoch")), "update", reason=f"the {rate.name} schedule")
