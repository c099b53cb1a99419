"""What may be changed about rows and training so that a network learns; as those of a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from glassnet.doctor.case import Case
from glassnet.doctor.never import RARE
from glassnet.doctor.usual import ADAPTIVE, rates
from glassnet.parts.activations import activation
from glassnet.parts.layers import Dense
from glassnet.parts.optimizers import optimizer_named
from glassnet.parts.schedules import Schedule

BATCH = 32  # rows a step
MOST_RATES = 4  # tried
STEPS = 2_000  # in which a small network learns what it can


def scaled_inputs(case: Case) -> Case | None:
    """Columns with mean 0 and spread 1, where one is far from it."""
    if "inputs" in case.given.changed:
        return None
    means, spreads = column_sizes(case)
    off = (np.abs(means) > 1.5) | (spreads > 3.0) | ((spreads < 0.1) & (spreads > 0.0))
    return replace(case, given=case.given.with_scaled_inputs) if off.any() else None


def column_sizes(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the spread of each input."""
    x = case.rows.x.astype(np.float64)
    return x.mean(axis=0), x.std(axis=0)


def scaled_targets(case: Case) -> Case | None:
    """Targets with mean 0 and spread 1, where they are far from it."""
    if "targets" in case.given.changed or case.classes is not None or not case.given.is_arrays:
        return None
    y = case.rows.y.astype(np.float64)
    spread = float(y.std(axis=0).max())
    off = spread > 5.0 or np.abs(y.mean(axis=0)).max() > 5.0 * max(spread, 0.2) or 0.0 < spread < 0.05
    return replace(case, given=case.given.with_scaled_targets) if off else None


def adam(case: Case) -> list[Case]:
    """Adam, which makes all steps of about one size."""
    if case.optimizer.name in ("adam", "adamw", "nadam", "amsgrad"):
        return []
    return [case.trained(optimizer=optimizer_named("adam", learning_rate=rate)) for rate in ADAPTIVE[:2]]


def other_rate(case: Case) -> list[Case]:
    """Other learning rates of the same rule, those nearest to the one it has first."""
    known = rates(case.optimizer.name)
    rate = case.rate
    around = [rate * 10.0**k for k in (-1, 1, -2, 2)] if rate else []
    near = sorted({*known, *(one for one in around if 1e-5 <= one <= 10.0)}, key=lambda one: abs(np.log(one / rate)))
    is_scheduled = isinstance(case.optimizer.learning_rate, Schedule)
    others = [one for one in near if is_scheduled or abs(np.log(one / rate)) > 0.5][:MOST_RATES]
    return [case.with_optimizer(learning_rate=float(f"{one:.1g}")) for one in others]


def no_clipping(case: Case) -> Case | None:
    """Gradients as long as they are."""
    rule = case.optimizer
    is_clipped = rule.clip_norm is not None or rule.clip_value is not None
    return case.with_optimizer(clip_norm=None, clip_value=None) if is_clipped else None


def usual_batch(case: Case) -> Case | None:
    """32 rows a step, where there are very few or very many."""
    n, size = len(case.rows), case.batch
    if n <= BATCH:
        return case.trained(batch_size=None) if size < n else None
    return case.trained(batch_size=BATCH) if size < 8 or size > 2 * BATCH else None


def shuffled(case: Case) -> Case | None:
    """Rows in another order in each epoch."""
    return None if case.how.shuffle or case.batch >= len(case.rows) else case.trained(shuffle=True)


def more_epochs(case: Case) -> list[Case]:
    """Twice as many, or so many that there are steps enough."""
    epochs, per_epoch = case.how.epochs, max(1, case.steps // case.how.epochs)
    many = min(max(STEPS // per_epoch, 4 * epochs), max(40 * STEPS // per_epoch, 2 * epochs))
    return [case.trained(epochs=wanted) for wanted in dict.fromkeys((2 * epochs, many)) if wanted > epochs]


def no_early_end(case: Case) -> Case | None:
    """All epochs."""
    return case.trained(early_stopping=False) if case.how.early_stopping else None


def unfrozen(case: Case) -> Case | None:
    """All numbers learn."""
    layers = list(case.network.layers)
    for k in unlearnt(case):
        inner = getattr(layers[k], "layer", None)
        usual = activation("identity" if k == len(layers) - 1 else "relu")
        layers[k] = Dense(case.widths[k + 1], inner.activation if isinstance(inner, Dense) else usual)
    if layers == list(case.network.layers) and not any(mask.any() for mask in case.frozen.values()):
        return None
    return replace(case.with_layers(*layers), frozen={})


def unlearnt(case: Case) -> list[int]:
    """Which layers of one's own have arrays and learn none of them."""
    found = []
    for k, (layer, width) in enumerate(zip(case.network.layers, case.widths, strict=False)):
        arrays = layer.parameters(width).values() if not isinstance(layer, Dense) or layer.units else ()
        if arrays and not any(item.learnt for item in arrays):
            found.append(k)
    return found


def even_weights(case: Case) -> Case | None:
    """Rows, or classes, that count alike."""
    given = {name: None for name in ("sample_weight", "class_weight") if case.given.options.get(name) is not None}
    return replace(case, given=case.given.with_options(**given)) if given else None


def balanced(case: Case) -> Case | None:
    """Rare classes that count as much as the others."""
    if case.classes is None or case.given.options.get("class_weight") is not None:
        return None
    share = case.truth.mean(axis=0)
    if share.min() >= RARE / len(share):
        return None
    return replace(case, given=case.given.with_options(class_weight="balanced"))
