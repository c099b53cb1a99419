"""What is asked about: a network as it would be trained, or a model as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glassnet.data.arrays import ArrayContract
from glassnet.doctor.case import Case
from glassnet.doctor.given import Given
from glassnet.parts.network import Network
from glassnet.training.keywords import some
from glassnet.training.preparing import ColumnOptions, RowOptions
from glassnet.training.settings import Settings, SettingsOptions
from glassnet.training.state import State


def case_of_network(network: Network, X: Any, y: Any, options: Mapping[str, Any]) -> Case:
    """A network and its rows, with keywords of `train`."""
    rows = some(options, ColumnOptions) | some(options, RowOptions)
    return Case(network=network, how=settings_of(options), given=Given.of(X, y, rows, network.loss))


def case_of_state(state: State, X: Any, y: Any, options: Mapping[str, Any]) -> Case:
    """A model as it was trained last, with what is frozen in it, but for what is said otherwise; on encoded rows."""
    old = state.settings or Settings()
    known = {name: getattr(old, name) for name in SettingsOptions.__optional_keys__}
    all_done = state.history.stopped in ("epochs", "early")
    known |= {"optimizer": state.optimizer, "epochs": state.epochs if all_done else old.epochs, "metrics": None}
    kind, truth = "classes", state.targets(X, y)[1]
    if state.classes is None:
        kind = "number"
        truth = truth if isinstance(state.contract, ArrayContract) else encoded_target(state, X, y)
    rows = {**some(options, RowOptions), "kind": kind, "dtype": state.dtype}
    given = Given.of(state.encode(X), truth, rows, state.network.loss, names=state.contract.input_names)
    trainable = state.memory.layout.views(state.memory.trainable)
    frozen = {name: view == 0.0 for name, view in trainable.items() if (view == 0.0).any()}
    return Case(network=state.network, how=settings_of({**known, **options}), given=given, frozen=frozen)


def encoded_target(state: State, X: Any, y: Any) -> Any:
    """The target of a table's rows as the network takes it."""
    return state.contract.encode_target(state.table(X, y))


def settings_of(options: Mapping[str, Any]) -> Settings:
    """How it is trained; the engine is whichever is done first."""
    return Settings(**{**some(options, SettingsOptions), "engine": "auto", "deterministic": False})
