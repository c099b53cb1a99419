"""Plans are tried with copies, for as long as it takes to measure them, by a clock that the test holds."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet.engines.generator import addresses_for_a_team
from glassnet.engines.machine_code import Code, Shared
from glassnet.engines.plans import Busy, Plan
from glassnet.training import trials
from glassnet.training.trials import Trial

CODE = Code(
    text="",
    name="train_steps",
    arguments=("order", "random"),
    sizes=(),
    numbers=(),
    shared=Shared(buffers=0, totals=0, products=()),
)


class Clock:
    """Time that passes while a team takes steps, of which the processor is at work for a share."""

    def __init__(self, a_step: float, share: float) -> None:
        self.a_step, self.share = a_step, share
        self.now, self.used, self.asked = 50.0, 7.0, list[int]()

    def team(self, shared: Shared, g: np.ndarray, plan: Plan) -> Any:
        def call(function: Any, arguments: Any, values: dict[str, Any]) -> None:
            self.asked.append(values["count"])
            self.now += values["count"] * self.a_step
            self.used += values["count"] * self.a_step * plan.threads * self.share

        return SimpleNamespace(call=call)

    def tried(self, monkeypatch: pytest.MonkeyPatch, random: Any = None) -> Trial:
        monkeypatch.setattr(trials, "Team", self.team)
        times = SimpleNamespace(perf_counter=lambda: self.now, process_time=lambda: self.used)
        monkeypatch.setattr(trials, "time", times)
        values = {"X": np.zeros((211, 3)), "g": np.zeros(5), "at": np.zeros(4, np.int64), "random": random}
        return Trial(CODE, lambda: None, values, 7)


def test_steps_are_doubled_until_they_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(a_step=1e-4, share=1.0)
    trial = clock.tried(monkeypatch)
    assert trial.seconds(Plan(2, ())) == pytest.approx(1e-4, rel=1e-6)
    assert clock.asked == [1, 1, 2, 4, 8, 16, 32, 64, 64, 64, 64]  # 64 are the first that take more than 4 ms
    clock.asked.clear()
    trial.seconds(Plan(1, ()))
    assert clock.asked == [1, 64, 64, 64, 64]  # another plan is measured on as many
    quick = Clock(a_step=1e-9, share=1.0)
    quick.tried(monkeypatch).seconds(Plan(2, ()))
    assert quick.asked[-3:] == [64 * 7] * 3  # there are orders for so many


def test_of_threads_that_waited_for_other_programs_nothing_is_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Busy):
        Clock(a_step=1e-3, share=0.8).tried(monkeypatch).seconds(Plan(2, ()))
    assert Clock(a_step=1e-3, share=0.9).tried(monkeypatch).seconds(Plan(2, ())) == pytest.approx(1e-3, rel=1e-6)


def test_a_trial_draws_from_a_generator_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    trial = Clock(1e-3, 1.0).tried(monkeypatch, addresses_for_a_team(rng))
    found = trial.values["random"][0]
    assert found == trial.rng.bit_generator.ctypes.state_address != rng.bit_generator.ctypes.state_address
