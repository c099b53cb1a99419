"""What speaks for causes that lie in the rows or in the training: scales, order, weights, steps and their number."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from glassnet.doctor.case import Case
from glassnet.doctor.never import HARDLY, RARE, found
from glassnet.doctor.seen import Seen, Sign
from glassnet.doctor.training_changes import column_sizes
from glassnet.doctor.usual import rates

# the rows


def of_scales(seen: Seen) -> Iterator[Sign]:
    """Columns and targets far from mean 0 and spread 1."""
    case = seen.case
    means, spreads = column_sizes(case)
    sizes = np.maximum(np.abs(means), spreads)
    widest = int(sizes.argmax())
    name = column_name(case, widest)
    if sizes[widest] > 3.0:
        words = f"{name} has mean {means[widest]:.3g} and spread {spreads[widest]:.3g}"
        yield Sign("inputs not scaled", min(1.0, 0.4 + 0.3 * math.log10(sizes[widest] / 3.0)), words)
    elif 0.0 < sizes.max() < 0.1:
        words = f"{name}, the widest column, has spread {spreads[widest]:.3g}"
        yield Sign("inputs not scaled", min(1.0, 0.3 + 0.2 * math.log10(0.1 / sizes.max())), words)
    y = case.rows.y.astype(np.float64)
    if case.classes is None:
        spread, mean = float(y.std(axis=0).max()), float(np.abs(y.mean(axis=0)).max())
        if spread > 5.0 or mean > 10.0:
            words = f"targets have mean {mean:.3g} and spread {spread:.3g}"
            yield Sign("targets not scaled", min(0.9, 0.3 + 0.2 * math.log10(max(spread, mean))), words)


def column_name(case: Case, k: int) -> str:
    """An input by its name."""
    names = case.given.names or case.course.pattern.contract.input_names
    return f"input {names[k]!r}"


def of_order(seen: Seen) -> Iterator[Sign]:
    """Rows sorted by their target, and never shuffled."""
    case = seen.case
    if case.how.shuffle or case.batch >= len(case.rows):
        return
    truth = case.truth
    apart = np.abs(np.diff(truth, axis=0)).sum(axis=1).mean()
    shuffled = np.abs(np.diff(truth[np.random.default_rng(0).permutation(len(truth))], axis=0)).sum(axis=1).mean()
    if shuffled and apart < 0.5 * shuffled:
        words = "rows are sorted by their target and not shuffled: a step sees rows of one kind"
        yield Sign("rows not shuffled", 0.9, words)


def of_weights(seen: Seen) -> Iterator[Sign]:
    """Rows that count far more than others; classes that are never said."""
    case = seen.case
    w = case.rows.w
    if w is not None and w.max() >= 5.0 * w[w > 0.0].min():
        yield Sign("class weights", 0.7, f"some rows count {w.max() / w[w > 0.0].min():,.3g} times as much as others")
    if case.classes is not None and seen.ends:
        share, right, rows = case.truth.mean(axis=0), found(seen.ends[0]), case.truth.sum(axis=0)
        for k in np.flatnonzero(right < HARDLY * rows):
            if share[k] < RARE / len(share):
                many = f"of its {rows[k]:.0f} rows {right[k]:.0f} are found"
                yield Sign(
                    "rare class", 0.7, f"class {case.classes[k]!r} is {100 * share[k]:.1f} % of the rows; {many}"
                )


# the training


def of_rate(seen: Seen) -> Iterator[Sign]:
    """Steps that are too long, or too short."""
    case, trace, losses = seen.case, seen.trace, seen.trace.losses
    known = rates(case.optimizer.name)
    rate, low, high = case.rate, min(known), max(known)

    def sign(weight: float, words: str, more: str = " too high") -> Sign:
        return Sign("learning rate", min(1.0, weight), words, more)

    diverged = sum(end.diverged for end in seen.ends)
    if diverged:
        yield sign(0.6, f"the loss stopped being finite for {diverged} of {len(seen.ends)} seeds")
    if rate > 3.0 * high:
        words = f"the rate {rate:g} is {rate / high:,.0f} times the largest that {case.optimizer.name} usually takes"
        yield sign(0.4 + 0.3 * math.log10(rate / high), words)
    if rate < 0.5 * low:
        weight = 0.3 + 0.2 * math.log10(low / rate) + (0.3 if trace.moved < 0.05 else 0.0)
        words = (
            f"the rate {rate:g} moved the weights by {100 * trace.moved:.2g} % of their size in {case.steps:,} steps"
        )
        yield sign(weight, words, " too low")
    if len(losses) > 3 and np.isfinite(losses).all():
        if losses[-1] > 1.02 * losses[0]:
            yield sign(0.6, f"the loss rises, from {losses[0]:.4g} to {losses[-1]:.4g}")
        if seen.swing() > 0.1:
            jumps = f"the loss jumps by {100 * seen.swing():.0f} % from epoch to epoch"
            yield sign(min(0.6, 0.2 + seen.swing()), jumps)
    if case.optimizer.name not in ("adam", "adamw", "nadam", "amsgrad"):
        yield Sign("optimizer", 0.1, f"{case.optimizer.name} takes steps as long as its gradients are")


def of_clipping(seen: Seen) -> Iterator[Sign]:
    """Gradients cut to nearly nothing."""
    rule, long = seen.case.optimizer, seen.trace.first.gradient
    limit = rule.clip_norm if rule.clip_norm is not None else rule.clip_value
    if limit is not None and limit < 0.3 * long:
        words = f"gradients of length {long:.3g} are cut to {limit:g}"
        yield Sign("clipping too tight", min(1.0, 0.4 + 0.2 * math.log10(long / limit)), words)


def of_length(seen: Seen) -> Iterator[Sign]:
    """Few steps, large batches, early ends."""
    case, falling = seen.case, seen.still_falling()
    if falling > 0.05:
        words = (
            f"the loss was still falling at the end: {100 * falling:.0f} % of its way in the last tenth of the epochs"
        )
        yield Sign("too few epochs", min(0.7, 0.3 + 2.0 * falling), words)
    if case.steps < 300:
        words = f"{case.how.epochs} epochs of {case.steps // case.how.epochs} steps are {case.steps} steps"
        yield Sign("too few epochs", 0.7 if case.steps < 100 else 0.4, words)
        if case.batch > 128:
            yield Sign("batch size", 0.3, f"{case.batch} rows a step leave {case.steps} steps")
    if case.batch <= 2 < len(case.rows) and seen.swing() > 0.05:
        yield Sign("batch size", 0.5, f"{case.batch} row{'s' * (case.batch > 1)} a step: the loss jumps")
    stopped = [len(end.losses) for end in seen.ends if end.state.history.stopped == "early"]
    if stopped and min(stopped) < 0.5 * case.how.epochs:
        words = f"it stopped after {min(stopped)} of {case.how.epochs} epochs"
        yield Sign("early stopping too early", 0.6, words)
