"""How good a network is on rows that come part by part: the loss and the metrics of the same rows in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.engines.forward import PIECE
from glassnet.training.contract import as_contract, as_network
from glassnet.training.metrics import METRICS, Metric
from glassnet.training.part_by_part import Pass, in_pieces
from glassnet.training.scores_by_parts import ClassScores, NumberScores, OwnScores


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluated:
    """What came of it.

    Attributes
    ----------
    numbers
        Loss and metrics by name.
    rows
        How many rows there were.
    classes
        What is known of classes, their confusions among it; None where the target is a number.
    passing
        The reading, which knows what was unusual.
    """

    numbers: dict[str, float]
    rows: int
    classes: ClassScores | None
    passing: Pass


def evaluate_parts(passing: Pass, chosen: dict[str, Metric]) -> Evaluated:
    """Loss and metrics of all rows of a table whose target is known.

    The loss is the same to the last bit as that of the table in memory, metrics are to within rounding (1e-12).
    """
    state = passing.state
    named = {name for name, metric in chosen.items() if METRICS.get(name) is metric}
    of_classes = None if state.classes is None else ClassScores(K=len(state.classes), asked=frozenset(named))
    of_numbers = NumberScores() if state.classes is None else None
    own, has_own = OwnScores(), len(named) < len(chosen)
    loss = float("nan")
    for y, truth, p, so_far in judged(passing):
        loss = so_far
        outputs = as_contract(p, state.contract)
        predicted = np.asarray(state.contract.decode(outputs)) if has_own or of_numbers else truth
        if of_classes:
            of_classes.add(as_contract(y, state.contract).argmax(axis=1), outputs)
        if of_numbers:
            of_numbers.add(truth, predicted)
        if has_own:
            own.y.append(truth if of_numbers else np.asarray(state.contract.as_given(as_contract(y, state.contract))))
            own.predicted.append(predicted)
    by_name: Any = of_classes or of_numbers
    scores = {name: by_name.score(name) if name in named else own.score(metric) for name, metric in chosen.items()}
    return Evaluated(numbers={"loss": loss, **scores}, rows=passing.rows, classes=of_classes, passing=passing)


def judged(passing: Pass) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Some rows at a time: targets as the network takes them and numbers as they were given, outputs, the loss so far.

    Of classes what was given is in the targets.
    """
    state, contract = passing.state, passing.contract

    def encoded(parts: Iterable[Any]) -> Iterator[tuple[np.ndarray, ...]]:
        for part in parts:
            targets = contract.encode_target(part)
            given = np.asarray(contract.as_given(targets)) if state.classes is None else np.empty(len(part), np.bool_)
            yield state.checked(part), as_network(targets, state.forward.n_outputs, state.dtype), given

    waiting: list[tuple[np.ndarray, ...]] = []

    def rows() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for x, y, given in in_pieces(encoded(passing.parts()), PIECE):
            waiting.append((y, given))
            yield x, y

    for p, loss in state.forward.evaluate_in_turn(rows()):
        y, given = waiting.pop()
        yield y, given, p, loss
