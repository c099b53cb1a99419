"""The trainings of `train_many`, kept: those side by side as one, the others each by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.data.files import JSON
from glassnet.errors import ModelFileError
from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.folder import Checkpoints, current
from glassnet.model.checkpoints.kept import Kept
from glassnet.model.checkpoints.series import Series
from glassnet.model.saving.progress import read_rng_state, written_optimizer, written_rng_state
from glassnet.model.saving.structure import written_network
from glassnet.model.saving.training import written_settings
from glassnet.model.saving.whole import written_contract
from glassnet.training.begin import without_functions
from glassnet.training.lanes import Lanes
from glassnet.training.loop import Run
from glassnet.training.many.group import Group
from glassnet.training.many.lane_engines import LaneChoice, lane_engine_called
from glassnet.training.many.plan import Plan
from glassnet.training.many.side_by_side import SideBySide
from glassnet.training.prepared import Prepared
from glassnet.training.settings import Settings


@dataclass(eq=False, kw_only=True)
class KeptMany:
    """A `Keeper` of many runs, whose files have the number of the call and that of the first run in them."""

    place: Checkpoints
    series: Series
    plan: Plan
    workers: int
    of_runs: dict[str, Series] = field(default_factory=dict)

    def as_before(
        self, groups: Sequence[tuple[list[int], Group]], chosen: list[LaneChoice | None]
    ) -> list[LaneChoice | None]:
        """As `Keeper` says: which engine is quicker may change from call to call, and with it the last digits."""
        names = [None if choice is None else choice.make.__name__ for choice in chosen]

        def written() -> Written:
            return {**beginning(self.plan, groups), "engines": [*names], "workers": self.workers}, {}

        begun: Any = self.series.open(written, free=("engines", "workers"))
        found, self.workers = begun["engines"], begun["workers"]
        return [None if name is None else lane_engine_called(name) for name in found]

    def series_of(self, numbers: Sequence[int]) -> Series:
        """The files of a run, or of several side by side."""
        name = f"run-{numbers[0]}" if len(numbers) == 1 else f"runs-{numbers[0]}-{len(numbers)}"
        if name not in self.of_runs:
            self.of_runs[name] = self.place.part(self.series, name)
        return self.of_runs[name]

    def begun(self, number: int, run: Run, prepared: Prepared, settings: Settings) -> None:
        """As `Keeper` says."""
        Kept(self.series_of([number]), run, ()).go_on(prepared, settings)

    def side_by_side(self, numbers: Sequence[int], side: SideBySide, lanes: Lanes) -> Lanes:
        """As `Keeper` says."""
        left = lanes

        def become(written: Written) -> None:
            nonlocal left
            description: dict[str, Any] = dict(written[0])
            if description["runs"] != [*numbers]:
                raise ModelFileError("it is of other runs")
            for k, (rng, state) in enumerate(zip(side.rngs, description["rngs"], strict=True)):
                rng.bit_generator.state = read_rng_state(state, f"rngs[{k}]")
            stopped = description["stopped"].items()
            side.stopped_at = {int(k): read_rng_state(state, f"stopped.{k}") for k, state in stopped}
            left = side.put_back(written[1], lanes, description["epochs"])

        series = self.series_of(numbers)
        series.step = 0
        series.put_back(become)
        return left

    def look(self, numbers: Sequence[int], side: SideBySide, is_last: bool) -> None:
        """As `Keeper` says."""
        series = self.series_of(numbers)
        if series.wants(side.done, is_last):
            series.write(side.done, lambda: (written_side(numbers, side), side.arrays()))


def written_side(numbers: Sequence[int], side: SideBySide) -> dict[str, JSON]:
    """Where runs side by side are: what is no array."""
    return {
        "runs": [*numbers],
        "epochs": side.done,
        "rngs": [written_rng_state(rng.bit_generator.state) for rng in side.rngs],
        "stopped": {str(k): written_rng_state(state) for k, state in side.stopped_at.items()},
    }


def kept_many(plan: Plan, workers: int) -> KeptMany | None:
    """What keeps these runs, where `checkpoints` says so; None: it does not."""
    place = current()
    return None if place is None else KeptMany(place=place, series=place.next(), plan=plan, workers=workers)


def beginning(plan: Plan, groups: Sequence[tuple[list[int], Group]]) -> dict[str, JSON]:
    """What is trained, by which other runs can be told from these."""
    starts = hashlib.sha256()
    for run in plan.runs:
        starts.update(run.begun.theta.tobytes() + run.begun.state.tobytes())
        starts.update(json.dumps(written_rng_state(run.begun.rng_state)).encode())
    courses: list[JSON] = []
    for course in {id(run.course): run.course for run in plan.runs}.values():
        pattern, setting = course.pattern, course.setting
        settings = without_functions(setting.settings, setting.optimizer, None)
        courses.append(
            {
                "network": written_network(pattern.network, pattern.n_inputs, pattern.dtype),
                "optimizer": written_optimizer(setting.optimizer),
                "settings": written_settings(settings),
                "data": course.fingerprint,
            }
        )
    first = plan.runs[0].course.pattern
    return {
        "kind": "many runs",
        "runs": len(plan.runs),
        "contract": written_contract(first.contract),
        "columns": {name: [as_word(value) for value in column] for name, column in plan.columns.items()},
        "courses": courses,
        "groups": [[*numbers] for numbers, _ in groups],
        "starts": starts.hexdigest(),
    }


def as_word(value: Any) -> JSON:
    """What is varied, in a run."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if type(value) in (int, float, bool) else repr(value)
