#!/usr/bin/env python
"""Hold lanes of networks that are written out against each network alone: `scripts/fuzz_lanes.py SECONDS SEED`.

Each case is a small random network as in `fuzz_engines.py`, many times: with starting weights, rows and numbers of the
update and the penalties of its own. Losses, weights, running means and optimizer slots must be those of a training of
each by itself, to the last bit; where that ends because its loss is not finite, the lane's loss must not be, either.

A case is printed with its number when it differs, and the exit status is then 1. `SECONDS SEED CASE` runs that case
alone. Compiled code goes to a temporary folder, or to $GLASSNET_CACHE.
"""

import os
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from fuzz_engines import random_case

import glassnet as gn
from glassnet.derivation.derive import derive
from glassnet.engines.memory import Memory
from glassnet.parts import optimizers, schedules
from glassnet.training.compiled_steps import CompiledSteps
from glassnet.training.engine import NotFinite
from glassnet.training.lanes import LaneEngine, Lanes, Numbers
from glassnet.training.place import Place
from glassnet.training.rows import GeneratorShuffler, Rows, Walk
from glassnet.training.written_out_lanes import WrittenOutLanes, can_be_written_out


def random_lanes(draw: Random, small: bool = False) -> Lanes:
    """Lanes of a random network, with numbers, rows and settings of their own, as far as they may differ.

    With `small` the network is one that may be written out, and all rows are one batch.
    """
    rng = np.random.default_rng(draw.randrange(10**9))
    case = random_case(draw, small)
    network, inputs, dtype = case.network, case.x.shape[1], case.x.dtype
    optimizers_ = [case.options["optimizer"]]
    networks = [network]
    if draw.random() < 0.6:
        for _ in range(draw.choice([1, 2, 4])):
            optimizers_.append(with_other_numbers(draw, optimizers_[0]))
            networks.append(
                gn.Network(
                    *network.layers,
                    loss=network.loss,
                    l1=network.l1 * draw.uniform(0.5, 2.0),
                    l2=network.l2 * draw.uniform(0.5, 2.0),
                )
            )
    count, rows = draw.choice([1, 2, 3, 5, 17, 20]), len(case.x)
    memories = [Memory.of(network, inputs, dtype) for _ in range(count)]
    for memory in memories:
        memory.initialize(network, inputs, rng)
        memory.prepare(optimizers_[0])
    for name, share in case.frozen:
        where = memories[0].layout.slices[name]
        memories[0].trainable[where] = rng.random(where.stop - where.start) >= share
    weight = case.options.get("sample_weight")
    w = None if weight is None else weight[:, None].astype(dtype)
    own = rng.integers(0, rows, (count, rows)) if draw.random() < 0.5 else np.tile(np.arange(rows), (count, 1))
    derivations = [
        derive(
            network,
            inputs,
            optimizer,
            dtype=dtype,
            weighted=w is not None,
            frozen=not memories[0].trainable.all(),
        )
        for network, optimizer in zip(networks, optimizers_, strict=True)
    ]
    return Lanes(
        derivations=derivations,
        setting=rng.integers(0, len(derivations), count),
        numbers=Numbers(
            theta=np.stack([memory.theta for memory in memories]),
            state=np.stack([memory.state for memory in memories]),
            slots={name: np.stack([memory.slots[name] for memory in memories]) for name in memories[0].slots},
        ),
        marks=memories[0].marks,
        rngs=[np.random.default_rng(draw.randrange(10**9)) for _ in range(count)],
        rows=Rows(case.x, case.y.astype(dtype), w),
        own=own,
        walk=Walk.over(rows, case.options["batch_size"], case.options["shuffle"]),
    )


def with_other_numbers(draw: Random, optimizer: optimizers.Optimizer) -> optimizers.Optimizer:
    """The same update rule with other numbers in it."""
    other = draw.uniform(0.5, 1.0)
    rate: Any = optimizer.learning_rate
    if isinstance(rate, schedules.Schedule):
        rate = replace(rate, options={name: value * other for name, value in rate.options.items()})
    else:
        rate = rate * other
    numbers = optimizer.hyperparameters.items()
    changed = {name: other_number(draw, value) for name, value in numbers}
    clips = {name: value and value * other for name, value in vars(optimizer).items() if name.startswith("clip")}
    return replace(optimizer, learning_rate=rate, options=changed, **clips)


def other_number(draw: Random, value: Any) -> Any:
    """Another number between 0 and 1, or a schedule of others."""
    if isinstance(value, schedules.Schedule):
        return replace(value, options={name: number * draw.uniform(0.9, 1.0) for name, number in value.options.items()})
    return value * draw.uniform(0.9, 1.0) if 0.0 < value < 1.0 else value


def alone(lanes: Lanes, k: int, epochs: int) -> tuple[list[float], Memory]:
    """The losses of a lane that is trained by itself by the compiled engine, and its numbers then."""
    derivation, places = lanes.derivations[lanes.setting[k]], lanes.own[k]
    memory = Memory(
        layout=derivation.layout,
        state_layout=derivation.state_layout,
        theta=lanes.numbers.theta[k].copy(),
        g=np.zeros_like(lanes.numbers.theta[k]),
        state=lanes.numbers.state[k].copy(),
        **lanes.marks,
        slots={name: slot[k].copy() for name, slot in lanes.numbers.slots.items()},
    )
    rng = deepcopy(lanes.rngs[k])
    rows = Rows(*(array[places] for array in lanes.rows.arrays))
    steps = CompiledSteps(derivation, memory, rng, rows=rows, walk=lanes.walk, shuffler=GeneratorShuffler(rng))
    try:
        losses = steps.take(Place(), epochs * lanes.walk.batches(len(rows)), np.inf, lambda: False)
    except NotFinite as broken:
        losses = broken.losses
    return losses, memory


def difference_of_lanes(lanes: Lanes, engine: LaneEngine, epochs: int) -> str:
    """What is wrong with lanes that are to be, to the last bit, what each is alone; or nothing."""
    losses = np.concatenate([engine.take(part, lambda: False) for part in (epochs - epochs // 2, epochs // 2)])
    numbers = engine.numbers(np.arange(len(lanes.setting)))
    for k in range(len(lanes.setting)):
        expected, memory = alone(lanes, k, epochs)
        if losses[: len(expected), k].tolist() != expected:
            return f"lane {k}: losses {losses[:, k].tolist()}, alone {expected}"
        if len(expected) < epochs:
            if np.isfinite(losses[len(expected), k]):
                return f"lane {k}: the loss is finite in epoch {len(expected) + 1}, alone it is not"
            continue
        pairs = {"theta": (numbers.theta[k], memory.theta), "state": (numbers.state[k], memory.state)}
        pairs |= {name: (numbers.slots[name][k], slot) for name, slot in memory.slots.items()}
        for name, (found, wanted) in pairs.items():
            if not np.array_equal(found, wanted, equal_nan=True):
                return f"lane {k}: {name} {found.tolist()}, alone {wanted.tolist()}"
    return ""


def problem_of_lanes(draw: Random) -> tuple[str, Lanes]:
    """What is wrong with lanes of a network that is written out, and the lanes."""
    lanes = random_lanes(draw, small=True)
    if not can_be_written_out(lanes.derivations[0], lanes.own.shape[1], lanes.walk):
        return "too large", lanes
    engine = WrittenOutLanes(lanes, workers=draw.choice([1, 2]))
    return difference_of_lanes(lanes, engine, draw.choice([1, 5])), lanes


def told_of(lanes: Lanes) -> str:
    """What they are."""
    kinds = [f"{item.network}, {item.optimizer}" for item in lanes.derivations]
    return f"{len(lanes.setting)} lanes of {kinds}, rows {lanes.own.tolist()}, {lanes.numbers.theta.dtype}"


def main() -> int:
    """Cases until the time is over; the exit status."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    only = int(sys.argv[3]) if len(sys.argv) > 3 else None
    until, number, wrong = time.monotonic() + seconds, only or 0, 0
    counts = {"checked": 0, "too large": 0}
    while time.monotonic() < until:
        what, lanes = problem_of_lanes(Random(f"lanes {seed} {number}"))
        if what in ("", "too large"):
            counts[what or "checked"] += 1
        else:
            wrong += 1
            print(f"case {number} of seed {seed}: {what}\n    {told_of(lanes)}", flush=True)
        if only is not None:
            break
        number += 1
    print(f"{counts}, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        os.environ.setdefault("GLASSNET_CACHE", folder)
        sys.exit(main())
