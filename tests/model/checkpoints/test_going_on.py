"""Cut off anywhere and gone on with, a training ends with the same bytes as one that was not."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.model.model import Model
from glassnet.training.many import running
from glassnet.training.many.lane_engines import lane_engine_called
from glassnet.training.steps import Stepper

X, y = gn.datasets.moons(90)
TABLE = {"a": X[:, 0].tolist(), "b": X[:, 1].tolist(), "kind": [("no", "yes")[int(label)] for label in y]}
SMALL = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(0.2), gn.BatchNorm(), gn.Dense())

Cuts = Callable[..., Any]


def train(network: Any = SMALL, target: Any = y, **how: Any) -> Model:
    usual = {"seed": 3, "epochs": 12, "batch_size": 16, "progress": False, "engine": "numpy"}
    return gn.train(network, X, target, **{**usual, **how})


def cooled(rate: float) -> gn.Adam:
    return gn.Adam(gn.schedule("cosine", rate, epochs=12, warm_up=2))


def slope(z: Any) -> Any:
    return z / (1.0 + np.exp(-z))


def squares(y: Any, s: Any) -> Any:
    return (y - s) ** 2


def further() -> Model:
    return train(train(epochs=2, seed=np.random.default_rng(4)), kind=None, seed=None)


WAYS: dict[str, Callable[[], Model]] = {
    "NumPy": lambda: train(kind="classes"),
    "compiled": lambda: train(kind="classes", engine="compiled"),
    "float32": lambda: train(kind="classes", dtype="float32", optimizer="rmsprop"),
    "early stopping": lambda: train(
        kind="classes", validation=0.3, early_stopping=2, epochs=40, optimizer=gn.Adam(0.1)
    ),
    "a schedule": lambda: train(kind="classes", optimizer=cooled(0.1), metrics=["accuracy"]),
    "weights": lambda: train(kind="classes", class_weight="balanced", sample_weight=1.0 + X[:, 0] ** 2),
    "in order": lambda: train(kind="classes", shuffle=False, drop_last=True),
    "functions of one's own": lambda: train(gn.Network(gn.Dense(3, slope), gn.Dense(), loss=squares), target=X[:, 0]),
    "a model further": further,
}


def bytes_of(model: Model, folder: Path) -> bytes:
    model.save(folder / "model.glass")
    return (folder / "model.glass").read_bytes()


@pytest.mark.parametrize("way", WAYS)
def test_a_training_goes_on_to_the_same_bytes(way: str, through_cuts: Cuts, tmp_path: Path) -> None:
    whole = bytes_of(WAYS[way](), tmp_path)
    assert bytes_of(through_cuts(WAYS[way], writes=2 if way == "compiled" else 7), tmp_path) == whole


def by_recipe(**how: Any) -> Model:
    recipe = gn.recipe("strong", **how)
    return gn.train(recipe, TABLE, target="kind", seed=1, progress=False, epochs=8, engine="numpy")


RECIPES: dict[str, Callable[[], Model]] = {
    "two passes": lambda: by_recipe(members=1),
    "an ensemble": lambda: by_recipe(members=2),
}


@pytest.mark.parametrize("way", RECIPES)
def test_a_recipe_goes_on_to_the_same_bytes(way: str, through_cuts: Cuts, tmp_path: Path) -> None:
    whole = bytes_of(RECIPES[way](), tmp_path)
    assert bytes_of(through_cuts(RECIPES[way], writes=9), tmp_path) == whole


def test_a_comparison_goes_on_to_the_same_bytes(through_cuts: Cuts, tmp_path: Path) -> None:
    recipes = [gn.recipe("small").replace(epochs=4), gn.recipe("strong").replace(epochs=4)]

    def compared() -> Model:
        how: dict[str, Any] = {"trees": False, "seed": 1, "progress": False, "engine": "numpy"}
        return gn.compare(TABLE, target="kind", recipes=recipes, **how).model

    whole = bytes_of(compared(), tmp_path)
    assert bytes_of(through_cuts(compared, writes=40), tmp_path) == whole


MANY: dict[str, tuple[str, dict[str, Any]]] = {
    "each by itself": ("", {"seeds": 3, "engine": "numpy", "epochs": 8}),
    "side by side": ("InterpretedLanes", {"seeds": 20, "epochs": 30}),
    "written out": ("WrittenOutLanes", {"seeds": 5, "epochs": 20, "batch_size": None}),
    "stopping early": (
        "InterpretedLanes",
        {"seeds": 20, "epochs": 40, "validation": 0.2, "early_stopping": 3, "optimizer": gn.Adam(0.1)},
    ),
    "rates of dropout": (
        "InterpretedLanes",
        {"seeds": 3, "epochs": 12, "vary": {"dropout": [0.2, 0.01]}},
    ),
    "settings and folds": (
        "InterpretedLanes",
        {"seeds": 4, "epochs": 8, "folds": 2, "vary": {"learning_rate": [0.1, 0.01]}},
    ),
}


@pytest.mark.parametrize("way", MANY)
def test_many_runs_go_on_to_the_same_bytes(
    way: str, through_cuts: Cuts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = [gn.Dropout(0.1)] if "dropout" in str(MANY[way]) else []
    network = gn.Network(gn.Dense(3, "leaky_relu"), *noise, gn.Dense())
    engine, how = MANY[way]
    rows = [0, 1, 88, 89] if engine == "WrittenOutLanes" else slice(None)  # which are for the smallest networks
    if engine:  # whatever it is worth
        pytest.importorskip("numba")
        monkeypatch.setattr(running, "lane_engine", lambda *_: lane_engine_called(engine))

    def trained() -> gn.Runs:
        return gn.train_many(network, X[rows], y[rows], kind="classes", **how)

    whole, found = trained(), through_cuts(trained, writes=1 if engine == "WrittenOutLanes" else 4)
    assert found.to_dict() == whole.to_dict()
    for one, other in zip(whole, found, strict=True):
        assert bytes_of(one, tmp_path) == bytes_of(other, tmp_path)


def test_what_is_through_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = train(kind="classes", checkpoint_dir=tmp_path)
    heard: list[Any] = []
    again = train(kind="classes", checkpoint_dir=tmp_path, callbacks=[lambda event, model: heard.append(event)])
    assert bytes_of(again, tmp_path) == bytes_of(first, tmp_path)
    assert [type(event) for event in heard] == [gn.Stopped]


def test_what_a_callback_has_ended_stays_ended(tmp_path: Path) -> None:
    def enough(event: Any, model: Model) -> bool:
        return isinstance(event, gn.Epoch) and event.epoch == 5

    first = train(kind="classes", checkpoint_dir=tmp_path, callbacks=enough)
    again = train(kind="classes", checkpoint_dir=tmp_path, callbacks=enough)
    assert (first.epochs, again.epochs) == (5, 5)
    assert bytes_of(again, tmp_path) == bytes_of(first, tmp_path)


def test_several_trainings_are_known_by_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def both() -> list[bytes]:
        with gn.checkpoints(tmp_path / "kept"):
            return [bytes_of(train(kind="classes", seed=seed), tmp_path) for seed in (1, 2)]

    first = both()
    monkeypatch.setattr(Stepper, "take", lambda *_: pytest.fail("it is trained again"))
    assert both() == first


def test_so_many_steps_are_so_many_from_the_beginning(often: None, tmp_path: Path) -> None:
    def looped(stop: int) -> Model:
        model = gn.initialize(SMALL, X, y, seed=3, kind="classes")
        with gn.checkpoints(tmp_path / "kept"):
            for event in gn.training(model, X, y, epochs=12, batch_size=16, engine="numpy", steps=30):
                if isinstance(event, gn.Epoch) and event.epoch == stop:
                    break
        return model

    looped(2)
    assert looped(-1).memory.t == 30


def test_epochs_that_are_looped_over_are_kept(often: None, tmp_path: Path) -> None:
    def looped(stop: int) -> Model:
        model = gn.initialize(SMALL, X, y, seed=3, kind="classes")
        with gn.checkpoints(tmp_path / "kept"):
            for event in gn.training(model, X, y, epochs=12, batch_size=16, engine="numpy"):
                if isinstance(event, gn.Epoch) and event.epoch == stop:
                    break
        return model

    looped(5)
    assert bytes_of(looped(-1), tmp_path) == bytes_of(train(kind="classes"), tmp_path)


def test_it_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of the files: all of keeping, the beginning and the end to come included, is a fiftieth at most."""
    from glassnet.model.checkpoints import series, spent

    now = [100.0]
    for module in (series, spent):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])

    def taking(seconds: float) -> tuple[dict[str, Any], dict[str, Any]]:
        now[0] += seconds
        return {}, {}

    monkeypatch.setattr(series, "write_model_file", lambda *_: None)
    monkeypatch.setattr(series, "digest", lambda _: "")
    one, written, step = series.Series(tmp_path, "1", {}, spent.Spent(0.05)), [100.0], 0
    one.open(lambda: taking(0.1))
    for step in range(1, 40_000):
        now[0] += 0.01  # of training
        if one.wants(step, False):
            one.write(step, partial(taking, 0.1 if step < 20_000 else 0.02))
            written.append(now[0])
    assert one.wants(step + 1, True)
    one.write(step + 1, lambda: taking(0.02))
    own = 0.01 * step
    assert one.spent.seconds == pytest.approx(now[0] - 100.0 - own + 0.05)
    assert 0.0195 * own < one.spent.seconds <= 0.02 * own
    gaps = np.diff(written)
    assert gaps[0] == pytest.approx((0.05 + 0.1 + 2 * 0.1) / 0.02 + 0.1 + 0.1, rel=1e-3)  # opened, begun, this, the end
    assert gaps[-1] == pytest.approx(0.02 / 0.02 + 0.02, rel=0.02)
    assert not one.wants(one.step, True)
