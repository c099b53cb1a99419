"""What is saved comes back: the same predictions, the same next steps, the same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from saving_examples import LABELS, NETWORKS, NUMBERS, OPTIMIZERS, Power, X

import glassnet as gn
from glassnet.data.files import read_model_file, write_model_file
from glassnet.model.load import load


def same(one: gn.Model, two: gn.Model) -> None:
    same_numbers(one, two)
    if one.network.loss is not None:
        assert repr(one.derivation()) == repr(two.derivation())


def same_numbers(one: gn.Model, two: gn.Model) -> None:
    a, b = one.memory, two.memory
    arrays = [(a.theta, b.theta), (a.state, b.state), (a.trainable, b.trainable), (a.penalised, b.penalised)]
    arrays.append((a.rates, b.rates))
    assert a.slots.keys() == b.slots.keys()
    for left, right in [*arrays, *((a.slots[name], b.slots[name]) for name in a.slots)]:
        assert left.tobytes() == right.tobytes()
        assert left.dtype == right.dtype
    assert (a.t, one.epochs, one.optimizer) == (b.t, two.epochs, two.optimizer)
    assert one.rng.bit_generator.state == two.rng.bit_generator.state
    assert repr(one.history.columns) == repr(two.history.columns)
    assert (one.history.stopped, one.history.best_epoch) == (two.history.stopped, two.history.best_epoch)
    assert one.contract == two.contract


def round_trip(model: gn.Model, path: Path) -> gn.Model:
    model.save(path)
    loaded = load(path, layers=[Power])
    loaded.save(path.with_suffix(".again"))
    assert path.read_bytes() == path.with_suffix(".again").read_bytes()
    return loaded


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_comes_back(name: str, tmp_path: Path) -> None:
    for dtype in (np.float64, np.float32):
        data = X.astype(dtype), np.abs(NUMBERS).astype(dtype)
        model = gn.train(NETWORKS[name], *data, epochs=2, seed=0)
        loaded = round_trip(model, tmp_path / "model.glass")
        same(model, loaded)
        assert model.predict(data[0]).tobytes() == loaded.predict(data[0]).tobytes()
        gn.train(model, *data, epochs=2)
        gn.train(loaded, *data, epochs=2)
        same_numbers(model, loaded)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_going_on_equals_never_having_stopped(optimizer: Any, tmp_path: Path) -> None:
    layers = [gn.Dense(7, "relu"), gn.BatchNorm(), gn.Dropout(0.2), gn.Dense(5, "tanh"), gn.Dense()]
    network = gn.Network(*layers, l2=0.001)
    for dtype in (np.float64, np.float32):
        options = {"optimizer": optimizer, "batch_size": 8, "seed": 42}
        whole = gn.train(network, X.astype(dtype), LABELS, epochs=10, **options)
        part = gn.train(network, X.astype(dtype), LABELS, epochs=4, **options)
        part.save(tmp_path / "part.glass")
        loaded = load(tmp_path / "part.glass")
        gn.train(loaded, X.astype(dtype), LABELS, epochs=6, batch_size=8)
        same(whole, loaded)


def test_what_was_written_before_files_told_of_training_is_loaded_and_trained_on(tmp_path: Path) -> None:
    network, path = gn.Network(gn.Dense(7, "tanh"), gn.Dense()), tmp_path / "model.glass"
    model = gn.train(network, X, NUMBERS, epochs=2, batch_size=8, seed=3)
    model.save(path)
    description, tensors = read_model_file(path)
    assert set(description.pop("training")) == {"settings", "data", "seed", "start", "middle"}
    assert not [name for name in tensors if "." in name and not name.startswith("slot.")]  # the seed gives the start
    write_model_file(path, {k: v for k, v in description.items() if k not in ("format", "glassnet")}, tensors)
    loaded = load(path)
    same(model, loaded)
    for each in (model, loaded):
        gn.train(each, X, NUMBERS, epochs=2, batch_size=8)
    same(model, loaded)


def test_where_training_began_comes_back(tmp_path: Path) -> None:
    network, path = gn.Network(gn.Dense(7, "tanh"), gn.Dense()), tmp_path / "model.glass"
    for change in (0.0, 1.0):
        model = gn.initialize(network, X, NUMBERS, seed=3)
        model["b1"] = np.full(7, change)
        began = model.memory.theta.copy()
        gn.train(model, X, NUMBERS, epochs=1)
        start = round_trip(model, path).state.start
        assert start is not None
        assert start.rng_state == model.state.start.rng_state
        if change:
            np.testing.assert_array_equal(start.theta, began)
        else:
            assert start.theta is None  # the seed gives them
            assert load(path).state.seed == 3


def test_all_that_a_model_knows_comes_back(tmp_path: Path) -> None:
    network = gn.Network(gn.Dense(7, "relu"), gn.Dense(5, "tanh"), gn.Dense())
    model = gn.train(network, X, LABELS, validation=0.2, metrics=["accuracy"], early_stopping=3, epochs=20, seed=0)
    model.freeze("W1")
    model.freeze("b2", [True, False, False, True, False])
    loaded = round_trip(model, tmp_path / "model.glass")
    same(model, loaded)
    assert loaded.classes == ("no", "yes")
    assert loaded.history.columns["val_accuracy"] == model.history.columns["val_accuracy"]
    before = loaded["W1"].copy()
    gn.train(loaded, X, LABELS, epochs=1)
    np.testing.assert_array_equal(loaded["W1"], before)


@pytest.mark.parametrize("labels", [[0, 1, 2], [True, False], ["a", "ü\n"]])
def test_labels_of_every_kind(labels: list[Any], tmp_path: Path) -> None:
    y = np.array(labels)[np.arange(53) % len(labels)]
    model = gn.train(gn.Network(gn.Dense(), loss="cross_entropy"), X, y, epochs=1, seed=0)
    loaded = round_trip(model, tmp_path / "model.glass")
    assert loaded.classes == model.classes
    assert loaded.predict(X).dtype == model.predict(X).dtype


def test_a_model_of_a_table(tmp_path: Path) -> None:
    table = {"a": X[:, 0], "b": np.where(X[:, 1] > 0, "up", "down"), "c": LABELS}
    model = gn.train(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), table, target="c", epochs=3, seed=0)
    loaded = round_trip(model, tmp_path / "model.glass")
    same(model, loaded)
    np.testing.assert_array_equal(loaded.predict(table), model.predict(table))


def test_a_model_that_was_not_trained_and_one_without_a_loss(tmp_path: Path) -> None:
    model = gn.initialize(gn.Network(gn.Dense(5), gn.Dense()), X, LABELS, seed=0)
    same(model, round_trip(model, tmp_path / "model.glass"))
    model.network = gn.Network(*model.network.layers)
    assert round_trip(model, tmp_path / "model.glass").network.loss is None
    falling = gn.Network(gn.Dense(5), gn.Dropout(gn.schedule("cosine", 0.1)), gn.Dense())  # over epochs not known yet
    model = gn.initialize(falling, X, LABELS, seed=0)
    same(model, round_trip(model, tmp_path / "model.glass"))


def test_a_history_with_gaps_and_infinities(tmp_path: Path) -> None:
    model = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0)
    model.history.columns = {"loss": [1.0, 2.0], "val_r2": [float("nan"), -float("inf")]}
    assert repr(round_trip(model, tmp_path / "model.glass").history.columns) == repr(model.history.columns)


def test_a_history_of_a_million_epochs(tmp_path: Path) -> None:
    model = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0)
    losses = np.linspace(1.0, 0.1, 1_000_000).tolist()
    model.history.columns = {"loss": losses, "val_loss": losses[::-1]}
    assert round_trip(model, tmp_path / "model.glass").history.columns == model.history.columns


def test_other_programs_find_the_weights_by_name(tmp_path: Path) -> None:
    layers = [gn.Dense(7), gn.BatchNorm(), gn.Dense()]
    model = gn.train(gn.Network(*layers), X, NUMBERS, optimizer="adam", epochs=1, seed=0)
    model.save(tmp_path / "model.glass")
    found = load_file(tmp_path / "model.glass")
    names = ["W1", "W3", "b1", "b3", "beta2", "gamma2", "history", "running_mean2", "running_var2", "slot.m", "slot.v"]
    assert sorted(found) == names
    np.testing.assert_array_equal(found["W1"], model["W1"])
    np.testing.assert_array_equal(found["running_mean2"], model["running_mean2"])


def test_penalties_per_row_are_in_a_file_only_where_they_are(tmp_path: Path) -> None:
    for per_row in (True, False):
        network = gn.Network(gn.Dense(), loss="squared", l1=0.01, l2=0.1, penalty_per_row=per_row)
        model = gn.train(network, X, NUMBERS, epochs=2, seed=0)
        loaded = round_trip(model, tmp_path / "model.glass")
        assert loaded.network.penalty_per_row is per_row
        written: Any = read_model_file(tmp_path / "model.glass")[0]["network"]
        expected = {"l1", "l2", "layers", "loss"} | ({"penalty_per_row"} if per_row else set())
        assert set(written) == expected
        assert written.get("penalty_per_row", True) is True
        for each in (model, loaded):
            gn.train(each, X, NUMBERS, epochs=2)
        same(model, loaded)


SCRIPT = """
import sys, numpy as np, glassnet as gn
X = np.arange(30.0).reshape(10, 3) / 30
network = gn.Network(gn.Dense(7, lambda z: z * np.tanh(z)), gn.Dropout(0.5), gn.Dense())
gn.train(network, X, ["yes", "no"] * 5, epochs=2, seed=3).save(sys.argv[1])
"""


def test_the_same_model_is_the_same_bytes_and_says_nothing_of_its_place(tmp_path: Path) -> None:
    digests = []
    for k in (1, 2):
        path = tmp_path / f"secretplace{k}" / "model.glass"
        path.parent.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": str(k), "USER": "secretuser"}
        subprocess.run([sys.executable, "-c", SCRIPT, str(path)], check=True, cwd=path.parent, env=environment)
        content = path.read_bytes()
        digests.append(hashlib.sha256(content).hexdigest())
        for word in (b"secret", str(tmp_path).encode(), sys.prefix.encode(), b"lambda", b"numpy"):
            assert word not in content
    assert digests[0] == digests[1]


def test_a_file_with_own_functions_needs_no_python_of_theirs(tmp_path: Path) -> None:
    model = gn.train(NETWORKS["own functions"], X, NUMBERS, epochs=2, seed=0)
    path = tmp_path / "model.glass"
    model.save(path)
    np.save(tmp_path / "expected.npy", model.predict(X))
    gn.train(model, X, NUMBERS, epochs=2)
    np.save(tmp_path / "later.npy", model.predict(X))
    script = (
        "import numpy as np, glassnet as gn; from glassnet.model.load import load; r = np.random.default_rng\n"
        "X, Y = r(0).normal(size=(53, 3)), r(1).normal(size=(53, 2)); m = load('model.glass')\n"
        "assert (m.predict(X) == np.load('expected.npy')).all(); gn.train(m, X, Y, epochs=2)\n"
        "assert (m.predict(X) == np.load('later.npy')).all(); print(m.network)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "swish(beta=0.7)" in done.stdout
    description = read_model_file(path)[0]
    layers: Any = description["network"]["layers"]  # type: ignore[call-overload, index]
    assert layers[0]["fields"]["activation"]["activation"] == {
        "name": "swish",
        "options": {"beta": 0.7},
        "function": [
            *(["symbol", "z"], ["constant", 1.0], ["constant", -0.7], ["multiply", 2, 0]),
            *(["exp", 3], ["add", 1, 4], ["divide", 0, 5]),
        ],
        "derivative": None,
    }


def test_an_initializer_of_ones_own_is_a_name_that_cannot_be_drawn_from(tmp_path: Path) -> None:
    model = gn.train(NETWORKS["own start"], X, NUMBERS, epochs=1, seed=0)
    loaded = round_trip(model, tmp_path / "model.glass")
    with pytest.raises(ValueError, match="'initializer' is a Python function, of which a model file holds the name"):
        gn.train(loaded.network, X, NUMBERS, epochs=1)


def test_saving_over_a_file(tmp_path: Path) -> None:
    model = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0)
    model.save(tmp_path / "model.glass")
    with pytest.raises(FileExistsError):
        model.save(tmp_path / "model.glass", overwrite=False)
    with pytest.raises(IsADirectoryError):
        model.save(tmp_path)
    model.save(tmp_path / "model.glass")
    assert [item.name for item in tmp_path.iterdir()] == ["model.glass"]
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.glass")


OTHER_KINDS = ("csv", "CSV.gz", "json", "txt", "htm", "png", "py", "R", "js", "c", "xlsx", "onnx")


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_model_is_no_other_kind_of_file(tmp_path: Path, kind: str) -> None:
    model, path = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0), tmp_path / f"m.{kind}"
    path.write_text("kept")
    with pytest.raises(ValueError, match=r"the name of a model must end in .glass or .safetensors, got '.*'"):
        model.save(path)
    assert path.read_text() == "kept"


@pytest.mark.parametrize("name", ["m.glass", "m.SAFETENSORS", "m", "m-0.1", "m.glass.bak", "json"])
def test_a_model_may_have_any_name_that_says_no_other_kind(tmp_path: Path, name: str) -> None:
    gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0).save(tmp_path / name)
    assert isinstance(load(tmp_path / name), gn.Model)


class TestWhatCannotBeSaved:
    def refused(self, model: gn.Model, path: Path, message: str) -> None:
        path.write_text("kept")
        with pytest.raises(ValueError, match=message):
            model.save(path)
        assert path.read_text() == "kept"

    def test_weights_that_are_not_finite(self, tmp_path: Path) -> None:
        model = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=0)
        model["W1"][0, 1] = np.nan
        self.refused(model, tmp_path / "m", "W1 holds numbers that are not finite")

    def test_another_generator(self, tmp_path: Path) -> None:
        rng = np.random.Generator(np.random.MT19937(0))
        model = gn.initialize(gn.Network(gn.Dense()), X, NUMBERS, seed=rng)
        self.refused(model, tmp_path / "m", "generator is a MT19937, a file can hold PCG64 or PCG64DXSM")

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"shifts": [0.0, 1.0]}, "layer 1 cannot be saved: field 'shifts' of Power is a list"),
            ({"signed": np.ones(3)}, "field 'signed' of Power is a ndarray; a file holds None, True, False, numbers"),
            ({"name": gn}, "field 'name' of Power is a module"),
        ],
    )
    def test_fields_of_a_layer(self, fields: dict[str, Any], message: str, tmp_path: Path) -> None:
        model = gn.initialize(gn.Network(Power(**fields), gn.Dense()), X, NUMBERS, seed=0)
        self.refused(model, tmp_path / "m", message)

    def test_a_layer_that_is_no_dataclass(self, tmp_path: Path) -> None:
        class Plain(Power):
            pass

        class Bare:
            backward = None
            parameters = Power().parameters

            def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
                return {"y": p.k * x}

        model = gn.initialize(gn.Network(Bare(), gn.Dense()), X, NUMBERS, seed=0)
        self.refused(model, tmp_path / "m", "Bare must be a dataclass")
        Plain.__name__ = "Dense"
        model = gn.initialize(gn.Network(Plain(), gn.Dense()), X, NUMBERS, seed=0)
        self.refused(model, tmp_path / "m", "glassnet has a class Dense itself")


def test_rows_held_out_and_weights_stay_as_they_were(tmp_path: Path) -> None:
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    model = gn.train(network, X, LABELS, epochs=2, validation=0.2, sample_weight=np.arange(1.0, 54.0), seed=0)
    loaded = round_trip(model, tmp_path / "model.glass")
    assert (loaded.split_seed, loaded.weighted) == (model.split_seed, True)
    gn.train(model, X, LABELS, epochs=1, validation=0.2)
    gn.train(loaded, X, LABELS, epochs=1, validation=0.2)
    same(model, loaded)


@pytest.mark.parametrize("labels", [[0, 1], [False, True], [0.5, 1.5], ["0", "1"]])
def test_classes_of_a_table_stay_of_their_kind(labels: list[Any], tmp_path: Path) -> None:
    table = {"a": X[:, 0], "t": [labels[k % 2] for k in range(53)]}
    options: dict[str, Any] = {"target": "t", "kind": "classes", "class_weight": {labels[1]: 2}}
    model = gn.train(gn.Network(gn.Dense()), table, epochs=1, seed=0, **options)
    for each in (model, round_trip(model, tmp_path / "model.glass")):
        assert each.classes == tuple(labels)
        assert [type(label) for label in each.classes or ()] == [type(label) for label in labels]
        assert {*each.predict(table).tolist()} <= {*labels}
        assert each.evaluate(table)["accuracy"] == (each.predict(table) == np.array(table["t"])).mean()


GOLDEN = {
    "0.1.0": [105.38145346206909, 102.74780878753273, 109.55208436827684]
}  # what each release's file says of ROWS
ROWS = {"size": [40.0, 55.5, 65.0], "color": ["red", "blue", "green"]}


@pytest.mark.parametrize("release", GOLDEN)
def test_a_file_of_each_release_is_read_for_ever(release: str) -> None:
    model = gn.load(Path(__file__).parent / "golden" / f"{release}.glass")
    np.testing.assert_allclose(model.predict(ROWS), GOLDEN[release], rtol=1e-12)
