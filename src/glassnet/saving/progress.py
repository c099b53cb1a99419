"""How far training is, in JSON: optimizer, random numbers, history. Going on equals never having stopped."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.errors import ModelFileError
from glassnet.files import JSON, take
from glassnet.optimizers import RULES, SCHEDULES, Optimizer, Schedule, numbers_of, optimizer, schedule
from glassnet.saving.functions import read_options
from glassnet.saving.values import naming_place, read_count, read_number, read_option, written_number
from glassnet.tables import json_fields as read
from glassnet.training.history import History

# the optimizer


def written_optimizer(item: Optimizer) -> dict[str, JSON]:
    """The rule's name, its numbers, its learning rate or schedule."""
    rate = item.learning_rate
    return {
        "name": item.name,
        "learning_rate": written_schedule(rate) if isinstance(rate, Schedule) else rate,
        "options": dict(item.options),
        "clip_norm": item.clip_norm,
        "clip_value": item.clip_value,
    }


def written_schedule(rate: Schedule) -> dict[str, JSON]:
    """The schedule's name and numbers."""
    return {"schedule": rate.name, "options": dict(rate.options), "warm_up": rate.warm_up}


def read_optimizer(value: object, path: str) -> Optimizer:
    """The optimizer that `written_optimizer` wrote."""
    found = take(value, {"name", "learning_rate", "options", "clip_norm", "clip_value"}, path)  # type: ignore[arg-type]
    name = read.text(found["name"], f"{path}.name")
    options = read_options(found["options"], f"{path}.options")
    rate: object = found["learning_rate"]
    lr = (
        read_schedule(rate, f"{path}.learning_rate")
        if isinstance(rate, dict)
        else read.number(rate, f"{path}.learning_rate")
    )
    clips: dict[str, Any] = {
        key: None if found[key] is None else read_option(found[key], f"{path}.{key}")
        for key in ("clip_norm", "clip_value")
    }
    with naming_place(path):
        if name in RULES and not set(options) <= set(numbers_of(Optimizer(name, 1.0).rule)):
            raise ValueError(f"unknown options {', '.join(sorted(options))}")
        return optimizer(name, lr, **clips, **options)


def read_schedule(value: object, path: str) -> Schedule:
    """The schedule that `written_schedule` wrote."""
    found = take(value, {"schedule", "options", "warm_up"}, path)  # type: ignore[arg-type]
    name = read.text(found["schedule"], f"{path}.schedule")
    if name not in SCHEDULES:
        raise ModelFileError(f"{path}.schedule must be one of {', '.join(SCHEDULES)}, got {name!r:.60}")
    options = read_options(found["options"], f"{path}.options")
    initial = read.number(options.pop("initial", None), f"{path}.options.initial")
    warm_up = read_option(found["warm_up"], f"{path}.warm_up")
    with naming_place(path):
        return schedule(name, initial, warm_up=warm_up, **options)


# the random numbers

GENERATORS = {"PCG64": np.random.PCG64, "PCG64DXSM": np.random.PCG64DXSM}


def written_rng(rng: np.random.Generator) -> dict[str, JSON]:
    """The state of the generator; its 128-bit numbers as hexadecimal text, whole in any JSON reader."""
    state: Any = rng.bit_generator.state
    if state["bit_generator"] not in GENERATORS:
        raise ValueError(
            f"the model's random generator is a {state['bit_generator']}, a file can hold "
            f"{' or '.join(GENERATORS)}: set model.rng = numpy.random.default_rng(seed) first"
        )
    return {
        "bit_generator": state["bit_generator"],
        "state": hex(state["state"]["state"]),
        "inc": hex(state["state"]["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def read_rng(value: object, path: str) -> np.random.Generator:
    """A generator in the state that `written_rng` wrote."""
    keys = {"bit_generator", "state", "inc", "has_uint32", "uinteger"}
    found = take(value, keys, path)  # type: ignore[arg-type]
    kind = read.text(found["bit_generator"], f"{path}.bit_generator")
    if kind not in GENERATORS:
        raise ModelFileError(f"{path}.bit_generator must be {' or '.join(GENERATORS)}, got {kind!r:.60}")
    state = {key: read_hexadecimal(found[key], f"{path}.{key}") for key in ("state", "inc")}
    held = {key: read_count(found[key], f"{path}.{key}") for key in ("has_uint32", "uinteger")}
    if state["inc"] % 2 == 0 or held["has_uint32"] > 1 or held["uinteger"] >= 2**32:
        raise ModelFileError(f"{path} is no state of a {kind}: inc must be odd, has_uint32 0 or 1, uinteger below 2^32")
    rng = np.random.Generator(GENERATORS[kind](0))
    rng.bit_generator.state = {"bit_generator": kind, "state": state, **held}
    return rng


def read_hexadecimal(value: object, path: str) -> int:
    """A number of at most 128 bits, as `hex` writes it."""
    digits = value.removeprefix("0x") if isinstance(value, str) and value.startswith("0x") else ""
    if not 1 <= len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
        raise ModelFileError(f"{path} must be a hexadecimal number of at most 128 bits, got {value!r:.60}")
    return int(digits, 16)


# the history

ENDS = ("", "epochs", "early", "interrupted", "diverged")


def written_history(history: History) -> dict[str, JSON]:
    """The columns, and how training ended."""
    columns: list[JSON] = [[name, [written_number(x) for x in column]] for name, column in history.columns.items()]
    return {"columns": columns, "stopped": history.stopped, "best_epoch": history.best_epoch}


def read_history(value: object, path: str) -> History:
    """The history that `written_history` wrote."""
    found = take(value, {"columns", "stopped", "best_epoch"}, path)  # type: ignore[arg-type]
    columns: dict[str, list[float]] = {}
    for k, item in enumerate(read.items(found["columns"], f"{path}.columns")):
        where = f"{path}.columns[{k}]"
        pair = read.items(item, where)
        if len(pair) != 2:
            raise ModelFileError(f"{where} must be a name and its numbers, got {len(pair)} values")
        name = read.text(pair[0], where)
        columns[name] = [read_number(x, f"{where}[{i}]") for i, x in enumerate(read.items(pair[1], where))]
    if len({len(column) for column in columns.values()}) > 1 or len(columns) != len(found["columns"]):  # type: ignore[arg-type]
        raise ModelFileError(f"{path}.columns must have different names and the same number of epochs")
    if columns and "loss" not in columns:
        raise ModelFileError(f"{path}.columns lack 'loss'")
    stopped, best = found["stopped"], found["best_epoch"]
    if stopped not in ENDS:
        raise ModelFileError(f"{path}.stopped must be one of {', '.join(map(repr, ENDS))}, got {stopped!r:.60}")
    return History(columns, str(stopped), None if best is None else read_count(best, f"{path}.best_epoch"))
