"""How far training is, in JSON: optimizer, random numbers, history. Going on equals never having stopped."""

from __future__ import annotations

from reprlib import repr as shown
from typing import Any

import numpy as np

from glassnet.data.files import JSON, Told
from glassnet.data.files import fields as read
from glassnet.errors import ModelFileError
from glassnet.model.saving.functions import read_schedule, written_schedule
from glassnet.parts.optimizers import RULES, Optimizer, numbers_of, optimizer_named
from glassnet.parts.schedules import Schedule
from glassnet.training.history import History

# the optimizer


def written_optimizer(item: Optimizer) -> dict[str, JSON]:
    """The rule's name, its numbers, its learning rate or schedule."""
    return {
        "name": item.name,
        "learning_rate": written_number(item.learning_rate),
        "options": {name: written_number(value) for name, value in item.options.items()},
        "clip_norm": item.clip_norm,
        "clip_value": item.clip_value,
    }


def written_number(value: float | Schedule | None) -> JSON:
    """A number, or a schedule."""
    return written_schedule(value) if isinstance(value, Schedule) else value


def read_optimizer(value: object, path: str) -> Optimizer:
    """The optimizer that `written_optimizer` wrote."""
    found = read.take(value, {"name", "learning_rate", "options", "clip_norm", "clip_value"}, path)
    name = read.text(found["name"], f"{path}.name")
    given = read.mapping(found["options"], f"{path}.options")
    options = {
        key: read_schedule(item, f"{path}.options.{key}")
        if isinstance(item, dict)
        else read.option(item, read.place(f"{path}.options", key))
        for key, item in given.items()
    }
    rate = found["learning_rate"]
    read_rate = read_schedule if isinstance(rate, dict) else read.number
    lr = read_rate(rate, f"{path}.learning_rate")
    clips: dict[str, Any] = {
        key: None if found[key] is None else read.option(found[key], f"{path}.{key}")
        for key in ("clip_norm", "clip_value")
    }
    with read.naming_place(path):
        if name in RULES and not set(options) <= set(numbers_of(Optimizer(name=name, learning_rate=1.0).rule)):
            raise ValueError(f"unknown options {', '.join(sorted(options))}")
        return optimizer_named(name, lr, **clips, **options)


# the random numbers

GENERATORS = {"PCG64": np.random.PCG64, "PCG64DXSM": np.random.PCG64DXSM}


def written_rng(rng: np.random.Generator) -> dict[str, JSON]:
    """The state of the generator; ValueError where a file cannot hold it."""
    state: Any = rng.bit_generator.state
    if state["bit_generator"] not in GENERATORS:
        raise ValueError(
            f"the model's random generator is a {state['bit_generator']}, a file can hold "
            f"{' or '.join(GENERATORS)}: set model.rng = numpy.random.default_rng(seed) first"
        )
    return written_rng_state(state)


def written_rng_state(state: Any) -> dict[str, JSON]:
    """A generator's state; its 128-bit numbers as hexadecimal text, whole in any JSON reader."""
    return {
        "bit_generator": state["bit_generator"],
        "state": hex(state["state"]["state"]),
        "inc": hex(state["state"]["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def read_rng(value: object, path: str) -> np.random.Generator:
    """A generator in the state that `written_rng` wrote."""
    state = read_rng_state(value, path)
    rng = np.random.Generator(GENERATORS[state["bit_generator"]](0))
    rng.bit_generator.state = state
    return rng


def read_rng_state(value: object, path: str) -> dict[str, Any]:
    """The state that `written_rng_state` wrote."""
    keys = {"bit_generator", "state", "inc", "has_uint32", "uinteger"}
    found = read.take(value, keys, path)
    kind = read.one_of(found["bit_generator"], f"{path}.bit_generator", GENERATORS)
    state = {key: read_hexadecimal(found[key], f"{path}.{key}") for key in ("state", "inc")}
    held = {key: read.count(found[key], f"{path}.{key}") for key in ("has_uint32", "uinteger")}
    if state["inc"] % 2 == 0 or held["has_uint32"] > 1 or held["uinteger"] >= 2**32:
        raise ModelFileError(f"{path} is no state of a {kind}: inc must be odd, has_uint32 0 or 1, uinteger below 2^32")
    return {"bit_generator": kind, "state": state, **held}


def read_hexadecimal(value: object, path: str) -> int:
    """A number of at most 128 bits, as `hex` writes it."""
    digits = value.removeprefix("0x") if isinstance(value, str) and value.startswith("0x") else ""
    if not 1 <= len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
        raise ModelFileError(f"{path} must be a hexadecimal number of at most 128 bits, got {value!r:.60}")
    return int(digits, 16)


# the history

ENDS = ("", "epochs", "early", "interrupted", "diverged")


def written_history(history: History) -> dict[str, JSON]:
    """The columns' names, and how training ended; the numbers are a tensor (`history_numbers`)."""
    return {"columns": list(history.columns), "stopped": history.stopped, "best_epoch": history.best_epoch}


def history_numbers(history: History) -> np.ndarray:
    """The columns as rows, (columns, epochs)."""
    return np.array(list(history.columns.values()), np.float64)


def read_columns(value: object, path: str, told: Told | None) -> tuple[str, ...]:
    """The names of a history's columns, once what is told about its numbers fits them."""
    names = read.texts(read.mapping(value, path).get("columns"), f"{path}.columns")
    if len(set(names)) < len(names) or (names and "loss" not in names):
        raise ModelFileError(f"{path}.columns must be different names, 'loss' among them, got {shown(names)}")
    shape, dtype = (told.shape, told.dtype) if told else ((0, 0), np.dtype(np.float64))
    if len(shape) != 2 or shape[0] != len(names) or dtype != np.float64:
        received = f"{dtype} of shape {shape}"
        raise ModelFileError(f"tensor {path!r} must be float64, a row for each of {path}.columns, got {received}")
    return names


def read_history(value: object, path: str, numbers: np.ndarray | None) -> History:
    """The history of which `written_history` and `history_numbers` are the parts."""
    found = read.take(value, {"columns", "stopped", "best_epoch"}, path)
    columns = np.zeros((0, 0)) if numbers is None else numbers
    names = read_columns(found, path, Told(columns.shape, columns.dtype))
    best = found["best_epoch"]
    return History(
        dict(zip(names, columns.tolist(), strict=True)),
        read.one_of(found["stopped"], f"{path}.stopped", ENDS),
        None if best is None else read.count(best, f"{path}.best_epoch"),
    )
