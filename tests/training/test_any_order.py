"""Whatever is done with a model while it is trained, in whatever order: it has the bits of one that was left alone.

Two models go the same way. One is stopped after any step, saved and loaded, copied, sent back in time, looked at and
ejected; the other only takes the steps, many at once. Their files have to be the same, byte for byte.
"""

import copy
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import glassnet as gn
from glassnet.model.checkpoints import series, spent
from glassnet.model.model import Model
from glassnet.training.begin import begin, go_on
from glassnet.training.loop import Run
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings

RNG = np.random.default_rng(3)
X = RNG.normal(size=(23, 3))
TARGETS = {"numbers": RNG.normal(size=(23, 2)), "classes": np.array(["a", "b", "c"])[np.arange(23) % 3]}
LAYERS = {
    "plain": [gn.Dense(5, "tanh"), gn.Dense()],
    "noisy": [gn.Dense(5, "relu"), gn.Dropout(0.3), gn.Dense()],
    "normalized": [gn.Dense(5, "silu"), gn.BatchNorm(), gn.Dense(7, "tanh"), gn.LayerNorm(), gn.Dense()],
}
OPTIMIZERS = [
    "adam",
    gn.SGD(0.05),
    gn.Momentum(gn.schedule("cosine", 0.05, warm_up=1.5)),
    gn.RMSprop(0.01, clip_norm=0.5),
    "nadam",
]
STEPS = st.integers(1, 9)  # an epoch has one to eight


class Cut(BaseException):
    """The power is cut."""


@contextmanager
def often() -> Iterator[None]:
    """What is kept is written down after every step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spent, "LEAST", 0.0)
        patch.setattr(spent, "SHARE", 1e9)
        yield


@contextmanager
def power_cut_after(writes: int) -> Iterator[None]:
    """So many states are written down, and then nothing more happens."""
    left, write = [writes], series.Series.write

    def counted(*given: Any) -> None:
        write(*given)
        left[0] -= 1
        if not left[0]:
            raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series.Series, "write", counted)
        yield


class AnyOrder(RuleBasedStateMachine):
    """A model that much is done with, and its twin, which only takes the steps."""

    @initialize(
        layers=st.sampled_from(sorted(LAYERS)),
        what=st.sampled_from(sorted(TARGETS)),
        dtype=st.sampled_from(["float64", "float32"]),
        seed=st.integers(0, 99),
        validation=st.sampled_from([None, 0.3]),
        weighted=st.booleans(),
        begun=st.booleans(),
    )
    def are_made(
        self, layers: str, what: str, dtype: str, seed: int, validation: Any, weighted: bool, begun: bool
    ) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.y = TARGETS[what]
        self.rows = {"validation": validation, "sample_weight": np.arange(1.0, 24.0) if weighted else None}
        self.model, self.twin = (
            gn.initialize(gn.Network(*LAYERS[layers]), X, self.y, seed=seed, dtype=dtype) for _ in range(2)
        )
        self.run: Run | None = None
        self.twins: Run | None = None
        self.owed = 0  # steps that the twin has yet to take
        if begun:
            self.begin_a_training(gn.Adam(0.01), 9, 3, True, False)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            with self.folder:  # is gone whatever is found
                self.catch_up()

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / "m.glass"

    def written(self, model: Model) -> bytes:
        model.save(self.path)
        return self.path.read_bytes()

    def replace(self, model: Model) -> None:
        """Another one in its place, which goes on where it was."""
        in_the_middle = model.state.until > 0
        self.model = model
        self.run = go_on(prepare(model.state, X, self.y, **self.rows)) if in_the_middle else None

    def catch_up(self) -> None:
        """The twin takes the steps that it owes, all at once, and is the same then."""
        if self.twins is not None and self.owed:
            list(self.twins.events(self.owed))
        self.owed = 0
        assert self.written(self.model) == self.written(self.twin)

    def in_the_middle(self) -> bool:
        return bool(self.model.state.until)

    # what both do

    @precondition(lambda self: not self.in_the_middle())
    @rule(
        optimizer=st.sampled_from([None, *OPTIMIZERS]),
        epochs=st.integers(1, 8),
        batch_size=st.sampled_from([3, 5, 23]),
        shuffle=st.booleans(),
        patience=st.sampled_from([False, 1, 2]),
    )
    def begin_a_training(self, optimizer: Any, epochs: int, batch_size: int, shuffle: bool, patience: Any) -> None:
        self.catch_up()
        chosen = Settings(
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch_size,
            shuffle=shuffle,
            early_stopping=patience,
            engine="numpy",
        )
        self.run, self.twins = (
            begin(prepare(model.state, X, self.y, **self.rows), chosen) for model in (self.model, self.twin)
        )

    @precondition(lambda self: self.in_the_middle())
    @rule(steps=STEPS)
    def take_steps(self, steps: int) -> None:
        if self.run is not None:
            list(self.run.events(steps))
            self.owed += steps

    @rule(name=st.sampled_from(["W1", "b1"]), factor=st.sampled_from([0.5, -1.25]))
    def set_numbers(self, name: str, factor: float) -> None:
        self.catch_up()
        for model in (self.model, self.twin):
            model[name] = model[name] * factor

    @precondition(lambda self: not self.in_the_middle())
    @rule(name=st.sampled_from(["W1", "b1", 1, None]), mask=st.booleans(), on=st.booleans())
    def freeze(self, name: Any, mask: bool, on: bool) -> None:
        self.catch_up()
        for model in (self.model, self.twin):
            if name is None:
                model.unfreeze()
            else:
                chosen = model[name] > 0 if mask and name != 1 else None
                (model.freeze if on else model.unfreeze)(name, chosen)

    @precondition(lambda self: not self.in_the_middle())
    @rule(epochs=st.integers(1, 4), batch_size=st.sampled_from([5, 23]), cuts=st.lists(STEPS, max_size=3))
    def be_cut_off(self, epochs: int, batch_size: int, cuts: list[int]) -> None:
        """Kept in a folder, a training is cut off and begun again as a program does that is run again."""
        self.catch_up()
        how = {**self.rows, "epochs": epochs, "batch_size": batch_size, "engine": "numpy", "progress": False}
        gn.train(self.twin, X, self.y, **how)
        with tempfile.TemporaryDirectory() as folder, often():
            for left in [*cuts, 1000]:
                model = copy.deepcopy(self.model)
                with suppress(Cut), power_cut_after(left):
                    gn.train(model, X, self.y, checkpoint_dir=folder, **how)
        self.replace(model)

    # what is done with one of them

    @rule(steps=STEPS)
    def save_and_load(self, steps: int) -> None:
        self.take_steps(steps)
        before = self.written(self.model)
        loaded = gn.load(self.path)
        np.testing.assert_array_equal(loaded.predict(X), self.model.predict(X))
        self.replace(loaded)
        assert self.written(self.model) == before
        if self.model.state.settings is None:  # of what was never trained a file keeps the weights, and not their seed
            self.catch_up()
            self.twin = gn.load(self.path)

    @rule(how=st.sampled_from(["stop", "copy", "pickle"]), steps=STEPS)
    def stop_and_go_on(self, how: str, steps: int) -> None:
        self.take_steps(steps)
        ways = {"stop": lambda it: it, "copy": copy.deepcopy, "pickle": lambda it: pickle.loads(pickle.dumps(it))}
        self.replace(ways[how](self.model))

    @precondition(lambda self: self.in_the_middle())
    @rule(before=STEPS, steps=STEPS)
    def go_forward_and_back(self, before: int, steps: int) -> None:
        assert self.run is not None
        self.take_steps(before)
        kept = self.model.state.copy()
        list(self.run.events(steps))
        self.run.put_back(kept)

    @rule(how=st.sampled_from(["predict", "evaluate", "derive", "explain", "eject"]))
    def look(self, how: str) -> None:
        looks: dict[str, Callable[[], Any]] = {
            "predict": lambda: self.model.predict(X),
            "evaluate": lambda: self.model.evaluate(X, self.y),
            "derive": lambda: str(self.model.derivation()) + self.model.summary(),
            "explain": lambda: str(self.model.explain(X[:1], self.y[:1])),
            "eject": lambda: str(self.model.eject("numpy")),
        }
        looks[how]()

    @rule(wrong=st.sampled_from([{"epochs": 0}, {"batch_size": -1}, {"optimizer": "adm"}, {"sample_weight": [1.0]}]))
    def be_refused(self, wrong: dict[str, Any]) -> None:
        try:
            gn.train(self.model, X, self.y, **wrong)
        except (ValueError, TypeError):
            return
        raise AssertionError(f"{wrong} was not refused")

    # what always holds

    @invariant()
    def numbers_are_finite(self) -> None:
        if hasattr(self, "model"):
            assert np.isfinite(self.model.memory.theta).all()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=settings.default.max_examples // 10, stateful_step_count=25)
