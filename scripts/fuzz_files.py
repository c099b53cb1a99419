#!/usr/bin/env python
"""Damage model files and read them, and send random models to files and back: `scripts/fuzz_files.py SECONDS SEED`.

A mutant is a model's file with bits flipped, a part cut off, put in twice or taken from another file, a number of the
header changed, or with its description changed as JSON: a value replaced, a key left out, two parts exchanged. `load`
must refuse it with a ModelFileError or give a model that predicts, without a warning but NumPy's that numbers overflow,
and within a second. A random model that was saved must be read again, say the same to the bit, be saved as the same
bytes, and give its tensors to safetensors' own reader.

What goes wrong is printed with its number, and the exit status is then 1. `SECONDS SEED CASE` runs that case alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from safetensors.numpy import load_file

import glassnet as gn
from glassnet.data.files import read_model_file
from glassnet.parts import activations, losses, optimizers

ONE_SECOND = 1.0
EVERY = 50  # cases, of which one is a random model
VALUES = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    2**63,
    10**300,
    0.5,
    -0.0,
    1e308,
    "",
    "nan",
    "relu",
    "W1",
    "\u0000",
    [],
    {},
    [[]],
)
X = np.random.default_rng(0).normal(size=(12, 3))


def random_model(random: Random) -> gn.Model:
    """A small trained model of random parts."""
    f = [*activations.NAMES, lambda z: z * np.tanh(z)]
    layers: list[Any] = [gn.Dense(random.randint(1, 4), random.choice(f), bias=random.random() < 0.8)]
    for _ in range(random.randint(0, 2)):
        dense = gn.Dense(random.randint(1, 4), random.choice(f))
        norms = [gn.BatchNorm(), gn.LayerNorm(), gn.Dropout(random.choice([0.0, 0.3])), gn.Scale()]
        layers.append(random.choice([dense, *norms, gn.Residual(random.choice(norms))]))
    classes = random.random() < 0.5
    numbers = X[:, :2] if random.random() < 0.5 else X[:, 0]
    y = np.array(["yes", "no", "perhaps"])[np.arange(12) % random.randint(2, 3)] if classes else np.abs(numbers)
    loss = None if classes else random.choice([name for name in losses.NAMES if "entropy" not in name])
    table = {"a": X[:, 0], "b": np.where(X[:, 1] > 0, "up", "down"), "c": y if y.ndim == 1 else y[:, 0]}
    how = {
        "optimizer": random.choice(optimizers.RULES),
        "epochs": random.randint(1, 3),
        "seed": random.randrange(100),
        "dtype": random.choice(["float32", "float64"]),
        "engine": "numpy",
        "progress": False,
    }
    network = gn.Network(*layers, gn.Dense(), loss=loss, l2=random.choice([0.0, 0.1]))
    if random.random() < 0.3:
        return gn.train(network, table, target="c", **how)
    return gn.train(network, X, y, **how)


def originals(folder: Path) -> list[bytes]:
    """The files that are damaged: one of each kind there is."""
    random, found = Random(1), []
    for k in range(12):
        try:
            model = random_model(random)
            if k == 0:
                model = gn.Ensemble([model, model])
            model.save(folder / "original.glass")
        except (ValueError, gn.TrainingError):  # weights that are not finite
            continue
        found.append((folder / "original.glass").read_bytes())
    return found


# mutants


def flipped(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """Some bits the other way round, mostly in the header."""
    changed = bytearray(data)
    for _ in range(random.choice([1, 1, 1, 2, 8])):
        end = len(data) if random.random() < 0.2 else 8 + int.from_bytes(data[:8], "little")
        changed[random.randrange(end)] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """Its end or a part of it left out, or put in twice."""
    begin, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return random.choice([data[:begin], data[:begin] + data[end:], data[:end] + data[begin:]])


def spliced(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """Its beginning, and the end of another."""
    other = random.choice(others)
    return data[: random.randrange(len(data))] + other[random.randrange(len(other)) :]


def in_header(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """What the header says about a tensor, or its own length, changed."""
    header, numbers = parts(data)
    entry = header[random.choice(sorted(header))]
    key = random.choice(sorted(entry))
    if random.random() < 0.5 and isinstance(entry[key], list) and entry[key]:
        entry[key][random.randrange(len(entry[key]))] += random.choice([-1, 1, 8, 2**40])
    else:
        entry[key] = random.choice([*VALUES, "F64", "F32", "I64", "BOOL", "BF16"])
    return whole(header, numbers, random.choice([0, 0, 0, 1, -1]))


def in_description(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """Values of the description replaced, left out, exchanged or doubled."""
    header, numbers = parts(data)
    description = json.loads(header["__metadata__"]["glassnet"])
    for _ in range(random.choice([1, 1, 2, 4])):
        places = list(containers(description))
        place = random.choice(places)
        keys: list[Any] = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            continue
        key, other = random.choice(keys), random.choice(places)
        change = random.randrange(5)
        if change == 0:
            del place[key]
        elif change == 1:
            place[key] = json.loads(json.dumps(other)) if len(json.dumps(other)) < 20_000 else 0
        elif change == 2 and isinstance(place, list):
            place.append(json.loads(json.dumps(place[key])))
        elif change == 3 and isinstance(place[key], (int, float)):
            place[key] = random.choice([-place[key], place[key] + 1, place[key] * 2**20, place[key] / 3])
        else:
            place[key] = json.loads(json.dumps(random.choice(VALUES)))
    header["__metadata__"]["glassnet"] = json.dumps(description)
    return whole(header, numbers, 0)


def parts(data: bytes) -> tuple[Any, bytes]:
    """Header and numbers."""
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), data[end:]


def whole(header: Any, numbers: bytes, more: int) -> bytes:
    """A file of these, which may say a wrong length."""
    text = json.dumps(header).encode()
    return (len(text) + more).to_bytes(8, "little") + text + numbers


def containers(value: Any) -> Any:
    """All lists and objects in a JSON value."""
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


MUTATIONS: tuple[Callable[[bytes, Random, list[bytes]], bytes], ...] = (
    flipped,
    cut,
    spliced,
    in_header,
    in_description,
    in_description,
)


# what must be


def read_mutant(data: bytes, path: Path) -> str:
    """What is wrong with how a mutant is read; empty: nothing."""
    path.write_bytes(data)
    begin = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = gn.load(path)
            if model.state.n_inputs <= 1000:
                with np.errstate(over="ignore", invalid="ignore"):  # a weight of 1e300 is one, and NumPy says so
                    predicted(model)
    except gn.ModelFileError:
        pass
    except Exception as error:  # whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error!s:.300}"
    took = time.process_time() - begin
    return f"it took {took:.1f} s" if took > ONE_SECOND else ""


def predicted(model: gn.Model) -> Any:
    """What its network says of three rows."""
    state = model.state
    rows = np.linspace(-2.0, 2.0, 3 * state.n_inputs).reshape(3, state.n_inputs)
    return state.answers(rows.astype(state.dtype))


def round_trip(random: Random, folder: Path) -> str:
    """What is wrong with a random model that was saved and read; empty: nothing."""
    one, two = folder / "one.glass", folder / "two.glass"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = random_model(random)
            model.save(one)
        except (ValueError, gn.TrainingError):  # it cannot be trained, or its weights are not finite
            return ""
    again = gn.load(one)
    again.save(two)
    if one.read_bytes() != two.read_bytes():
        return "saved again, it is other bytes"
    if not np.array_equal(predicted(model), predicted(again)):
        return "it says something else"
    tensors, theirs = read_model_file(one)[1], load_file(one)
    if {name: array.tobytes() for name, array in tensors.items()} != {k: v.tobytes() for k, v in theirs.items()}:
        return "safetensors reads other numbers"
    return ""


def run(case: int, seed: int, files: list[bytes], folder: Path) -> tuple[str, str]:
    """One case: what it was, and what is wrong."""
    random = Random(f"{seed} {case}")
    if case % EVERY == 0:
        return "round trip", round_trip(random, folder)
    mutation = random.choice(MUTATIONS)
    return mutation.__name__, read_mutant(mutation(random.choice(files), random, files), folder / "mutant.glass")


def main() -> int:
    """Cases until the time is over."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    wrong, counts, begin = 0, dict[str, int](), time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = originals(folder)
        case = int(sys.argv[3]) if len(sys.argv) > 3 else 0
        while time.perf_counter() - begin < seconds:
            kind, said = run(case, seed, files, folder)
            counts[kind] = counts.get(kind, 0) + 1
            if said:
                wrong += 1
                print(f"case {case}, {kind}: {said}", flush=True)
            if len(sys.argv) > 3:
                break
            case += 1
    took = time.perf_counter() - begin
    print(f"{sum(counts.values())} cases in {took:.0f} s, {wrong} wrong: {counts}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
