"""What speaks for causes that lie in the network: its layers, what they start from, what holds them back."""

from __future__ import annotations

import math
from collections.abc import Iterator

from glassnet.doctor.measures import Layer
from glassnet.doctor.network_changes import is_zero_or_one, narrowest, rate_of
from glassnet.doctor.seen import Seen, Sign
from glassnet.doctor.training_changes import unlearnt
from glassnet.doctor.usual import reach
from glassnet.parts.layers import BatchNorm, Dense, Dropout
from glassnet.parts.schedules import Schedule


def of_frozen(seen: Seen) -> Iterator[Sign]:
    """Numbers that do not learn."""
    for k in unlearnt(seen.case):
        layer = type(seen.case.network.layers[k]).__name__
        yield Sign("frozen weights", 1.0, f"layer {k + 1}, {layer}, has weights and learns none of them")
    for name, mask in seen.case.frozen.items():
        if mask.any():
            yield Sign("frozen weights", 0.9, f"{name}: {mask.sum()} of {mask.size} numbers are frozen")


def of_nonlinearity(seen: Seen) -> Iterator[Sign]:
    """Layers without anything between them."""
    names = {seen.case.layer(k).activation.name for k in seen.case.hidden}
    if names <= {"identity"} and seen.bar.best.name != "a line":
        count = len(seen.case.hidden)
        layers = (
            f"{count} hidden layers without activation are" if count > 1 else "a hidden layer without activation is"
        )
        yield Sign("no nonlinearity", 0.9, f"{layers} one line" if count else "there is no hidden layer: it is a line")


def of_activations(seen: Seen) -> Iterator[Sign]:
    """Saturated, dead, and what becomes of gradients on the way back."""
    for first, last in seen.hidden:
        name = seen.case.layer(first.number - 1).activation.name
        if last.saturated > 0.5:
            when = "from the start" if first.saturated > 0.5 else "at the end"
            words = f"layer {last.number}: {name} is flat for {100 * last.saturated:.0f} % of its values {when}"
            yield Sign("hidden activation", 0.5 * last.saturated, words)
        if len(last.dead) > 0.3 * last.units:
            words = (
                f"layer {last.number}: {len(last.dead)} of {last.units} units say 0 for every row, {since(seen, last)}"
            )
            yield Sign("hidden activation", 0.2 + 0.3 * len(last.dead) / last.units, words)
        elif last.silent > 0.1:
            words = (
                f"layer {last.number}: every unit says 0 for {100 * last.silent:.0f} % of the rows, {since(seen, last)}"
            )
            yield Sign("hidden activation", 0.2 * last.silent, words)
    hidden = seen.trace.first.hidden
    if len(hidden) > 1 and hidden[0].gradient > 100.0 * seen.trace.first.last_gradient > 0.0:
        ratio = hidden[0].gradient / seen.trace.first.last_gradient
        words = f"gradients explode: that of layer 1 is {ratio:.2g} times larger than the last one's"
        yield Sign("starting weights", 0.4, words)
    if len(hidden) > 1 and hidden[0].gradient < 0.02 * seen.trace.first.last_gradient:
        ratio = seen.trace.first.last_gradient / (hidden[0].gradient or 1e-300)
        words = f"gradients vanish: that of layer 1 is {ratio:.2g} times smaller than the last one's"
        weight = min(0.9, 0.3 + 0.2 * math.log10(ratio / 50.0)) if ratio > 50.0 else 0.3
        if any(seen.case.layer(k).activation.name in FLAT_ONES for k in seen.case.hidden):
            yield Sign("hidden activation", weight, words)
        if len(hidden) > 3:
            yield Sign("too many layers", weight, words)


FLAT_ONES = ("sigmoid", "hard_sigmoid", "softmax", "softsign", "tanh", "hardtanh", "step")


def since(seen: Seen, layer: Layer) -> str:
    """From which epoch on as many units were dead."""
    for look in seen.trace.looks:
        found = next(one for one in look.hidden if one.number == layer.number)
        if len(found.dead) >= len(layer.dead) and found.silent >= layer.silent:
            return "from the start" if look.epoch == 0 else f"since epoch {look.epoch}"
    return "at the end"


def of_output(seen: Seen) -> Iterator[Sign]:
    """Targets that the last layer cannot reach."""
    case, last = seen.case, seen.case.last
    if not isinstance(last, Dense):
        return
    y, name = case.rows.y, last.activation.name
    low, high = reach(name)
    outside = float(((y < low - 1e-9) | (y > high + 1e-9)).mean())
    if outside:
        words = f"the last layer's {name} gives {low:g} to {high:g}; {100 * outside:.0f} % of the targets are outside"
        yield Sign("output activation", 0.6 + 0.4 * min(1.0, 4.0 * outside), words.replace("inf", "∞"))
    if name == "softmax" and y.shape[1] == 1:
        yield Sign("output activation", 1.0, "softmax over one unit is always 1")
    is_class = is_zero_or_one(case)
    if name == "relu" and is_class:
        yield Sign("output activation", 0.5, "a relu at the end has no slope where it says 0")
    if not is_class and case.network.loss and case.network.loss.name not in ("squared", "absolute", "huber"):
        yield Sign("loss", 0.5, f"{case.network.loss.name} is no loss for such numbers")
    if is_class and case.network.loss and "cross_entropy" not in case.network.loss.name:
        yield Sign("loss", 0.25, f"{case.network.loss.name} is flat where a class is wrong by far")


def of_starts(seen: Seen) -> Iterator[Sign]:
    """What weights start from."""
    for layer, last in seen.hidden:
        where = f"layer {layer.number}"
        if layer.units > 1 and layer.alike >= layer.units // 2:
            remain = ", and so remain" if last.alike >= layer.units // 2 else ""
            words = f"{where}: {layer.alike + 1} of {layer.units} units are the same at the start{remain}"
            yield Sign("starting weights", 1.0, words)
        elif layer.size > 4.0 or layer.size < 0.1:
            words = f"{where}: weights start {layer.size:.2g} large (spread × √inputs; usual is 0.5 to 1.5)"
            yield Sign("starting weights", min(1.0, 0.5 + 0.25 * abs(math.log10(layer.size or 1e-9))), words)
        if len(layer.dead) > 0.5 * layer.units:
            words = f"{where}: {len(layer.dead)} of {layer.units} units say 0 for every row before the first step"
            yield Sign("starting weights", 0.8, words)


def of_size(seen: Seen) -> Iterator[Sign]:
    """Few units, many layers, no bias."""
    case, narrow = seen.case, narrowest(seen.case)
    if 0 < narrow <= 4:
        yield Sign(
            "too few units", 0.8 if narrow <= 2 else 0.4, f"a hidden layer has {narrow} unit{'s' * (narrow > 1)}"
        )
    if len(case.hidden) > 3:
        yield Sign("too many layers", 0.1 * len(case.hidden) - 0.2, f"{len(case.hidden)} hidden layers")
    without = [k + 1 for k in case.dense if not case.layer(k).bias]
    if without:
        weight = 0.6 if len(without) == len(case.dense) else 0.3
        yield Sign("no bias", weight, f"layer{'s' * (len(without) > 1)} {', '.join(map(str, without))} without bias")


def of_regularization(seen: Seen) -> Iterator[Sign]:
    """Dropout, penalties, batch norm over few rows."""
    case, network = seen.case, seen.case.network
    rates = [rate_of(layer) for layer in network.layers if isinstance(layer, Dropout)]
    if rates and max(rates) > 0.3:
        yield Sign("dropout too strong", min(1.0, 1.2 * max(rates)), f"dropout sets {100 * max(rates):.0f} % to 0")
    decay = case.optimizer.options.get("weight_decay", 0.0)
    pull = max(network.l1, network.l2, 0.0 if isinstance(decay, Schedule) else decay)
    if pull > 0.003:
        words = f"a penalty of {pull:g} on weights; they are {100 * seen.trace.shrunk:.0f} % of their size at the end"
        yield Sign("penalty too strong", 0.9 if pull >= 0.1 or seen.trace.shrunk < 0.5 else 0.3, words)
    if any(isinstance(layer, BatchNorm) for layer in network.layers):
        rest = len(case.rows) % case.batch or case.batch
        if min(case.batch, rest) <= 4:
            words = f"batch norm takes means over {min(case.batch, rest)} rows"
            yield Sign("batch norm over few rows", 0.9 if case.batch <= 4 else 0.3, words)
