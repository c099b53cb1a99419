"""An estimator's fit, kept in a folder of checkpoints: what of it changes, as a file has it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.engines.memory import Saved
from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.evaluations import Evaluations
from glassnet.model.checkpoints.folder import current
from glassnet.model.checkpoints.series import Series
from glassnet.model.model import Model
from glassnet.model.saving.progress import (
    history_numbers,
    read_history,
    read_rng_state,
    written_history,
    written_rng_state,
)
from glassnet.model.saving.structure import written_network
from glassnet.sklearn.fitted import Fitted
from glassnet.sklearn.rate import LearningRate
from glassnet.training.fingerprint import fingerprint
from glassnet.training.place import Place
from glassnet.training.rows import Rows
from glassnet.training.steps import Stepper


@dataclass(eq=False, kw_only=True)
class KeptFit:
    """A fit that is kept: everything that changes in it.

    Attributes
    ----------
    series
        Its files.
    model, fitted
        What is trained, and what is written down of it.
    rate, stepper
        Of gradient descent; None: it is L-BFGS.
    evaluations
        Of L-BFGS, what its objective said.
    engine
        The one that it began with.
    said
        What was warned of at the end.
    """

    series: Series
    model: Model
    fitted: Fitted
    rate: LearningRate | None = None
    stepper: Stepper | None = None
    evaluations: Evaluations | None = None
    engine: str = ""
    said: str = ""

    @property
    def step(self) -> int:
        """How far it is: in steps of gradient descent, or behind all evaluations of L-BFGS."""
        return self.evaluations.asked + 1 if self.evaluations else self.model.memory.t

    def is_due(self) -> bool:
        """Whether it is time to write down where it is; asked before each step."""
        return self.series.wants(self.step, False)

    def look(self, is_last: bool) -> None:
        """All is whole, perhaps for the last time: write down where it is, if it is time to."""
        if self.series.wants(self.step, is_last):
            self.series.write(self.step, lambda: (self.written(), self.tensors()))

    def written(self) -> dict[str, JSON]:
        """What has no place in tensors."""
        model, memory = self.model, self.model.memory
        numbers = {item.name: getattr(self.fitted, item.name) for item in fields(Fitted) if item.name != "best"}
        return {
            "t": memory.t,
            "lr": memory.lr,
            "epochs": model.epochs,
            "rng": written_rng_state(model.rng.bit_generator.state),
            "history": written_history(model.history),
            "fitted": {name: in_json(value) for name, value in numbers.items()},
            "rate": None if self.rate is None else [self.rate.learning_rate, self.rate.epochs],
            "orders": None if self.stepper is None else self.stepper.shuffler.state,
            "place": None if self.stepper is None else [self.stepper.place.epochs, self.stepper.place.batch],
            "said": self.said,
        }

    def tensors(self) -> dict[str, np.ndarray]:
        """What has."""
        memory, best = self.model.memory, self.fitted.best
        found, history = {"theta": memory.theta, "state": memory.state}, self.model.history
        found |= {"history": history_numbers(history)} if history.columns else {}
        found |= {f"slot.{name}": slot for name, slot in memory.slots.items()}
        if self.stepper:
            place = self.stepper.place
            found["told"] = np.array(place.told, np.float64).reshape(-1, 2)
            found |= {} if place.order is None else {"order": place.order.astype(np.int64, copy=False)}
        return found if best is None else found | {"best.theta": best.theta, "best.state": best.state}

    def go_on(self) -> bool:
        """Be where it was last, if it was kept before; whether that is the end of L-BFGS, or a place on the way."""
        return self.series.put_back(lambda written: self.become(*written)) and not (
            self.evaluations and self.evaluations.known
        )

    def become(self, found: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
        """Be what was written."""
        if self.evaluations and "losses" in tensors:
            self.evaluations.become(tensors)
            return
        model, memory = self.model, self.model.memory
        memory.theta[:], memory.state[:] = tensors["theta"], tensors["state"]
        for name, slot in memory.slots.items():
            slot[:] = tensors[f"slot.{name}"]
        memory.t, memory.lr, model.epochs = found["t"], found["lr"], found["epochs"]
        model.rng.bit_generator.state = read_rng_state(found["rng"], "rng")
        model.history.put_back(read_history(found["history"], "history", tensors.get("history")))
        for name, value in found["fitted"].items():
            setattr(self.fitted, name, from_json(value))
        if "best.theta" in tensors:
            self.fitted.best = Saved(tensors["best.theta"], tensors["best.state"], {}, memory.t)
        if self.rate:
            self.rate.learning_rate, self.rate.epochs = found["rate"]
        if self.stepper:
            self.stepper.shuffler.state = found["orders"]
            told = [(loss, count) for loss, count in tensors["told"].tolist()]
            epochs, batch = found["place"]
            self.stepper.place.put_back(Place(epochs, batch, tensors.get("order"), told))
        self.said = found["said"]


def kept_fit(
    parameters: Mapping[str, Any],
    rows: Rows,
    model: Model,
    fitted: Fitted,
    *,
    held: Rows | None = None,
    random: str = "",
    rate: LearningRate | None = None,
    stepper: Stepper | None = None,
) -> KeptFit | None:
    """A fit that is about to begin, where `checkpoints` says that it is kept; None: it does not.

    `random` tells generators apart that other numbers come from. CheckpointError if another fit was kept.
    """
    place = current()
    if place is None:
        return None
    kept = KeptFit(series=place.next(), model=model, fitted=fitted, rate=rate, stepper=stepper)

    def written() -> Written:
        start = hashlib.sha256(model.memory.theta.tobytes() + model.memory.state.tobytes())
        return {
            "kind": "fit",
            "parameters": {name: word_of(value) for name, value in parameters.items() if name not in HOW},
            "network": written_network(model.network, model.n_inputs, model.dtype),
            "data": fingerprint(rows, held),
            "starts": start.hexdigest(),
            "random": random,
            "engine": stepper.choice.engine if stepper else "",
        }, {}

    begun = kept.series.open(written, free=("engine",))
    kept.engine = str(begun["engine"])
    return kept


def word_of(value: Any) -> str:
    """A parameter in a word that is the same in every process; what draws numbers is known by what it draws."""
    return repr(value) if isinstance(value, WORDS) else getattr(value, "__name__", type(value).__name__)


WORDS = (bool, int, float, str, tuple, list, dict, type(None))
HOW = ("callbacks", "verbose")  # parameters that make no other model


def in_json(value: Any) -> JSON:
    """A number that may be infinite, a list of them, or None."""
    if isinstance(value, list):
        return [read.written_number(float(item)) for item in value]
    return read.written_number(value) if isinstance(value, float) else value


def from_json(value: Any) -> Any:
    """What `in_json` wrote."""
    if isinstance(value, list):
        return [read.any_number(item, "a number") for item in value]
    return read.any_number(value, "a number") if isinstance(value, str | float) else value
