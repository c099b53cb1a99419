"""A file that is not as it must be is refused with a ModelFileError; nothing else comes out of `load`."""

import copy
import json
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saving_examples import LABELS, NETWORKS, NUMBERS, Power, X

import glassnet as gn
from glassnet.data.files import read_model_file, write_model_file
from glassnet.model.load import load
from glassnet.training.begin import begin
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings

Description = dict[str, Any]
Tensors = dict[str, np.ndarray]


def parts_of(model: gn.Model, path: Path) -> tuple[Description, Tensors]:
    model.save(path)
    description, tensors = read_model_file(path)
    return dict(description), tensors


def write(path: Path, description: Description, tensors: Tensors) -> Path:
    write_model_file(path, {k: v for k, v in description.items() if k not in ("format", "glassnet")}, tensors)
    return path


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Description, Tensors]]:
    folder = tmp_path_factory.mktemp("originals")
    table = {"a": X[:, 0], "b": np.where(X[:, 1] > 0, "up", "down"), "c": LABELS}
    schedule = gn.schedule("cosine", 0.02, epochs=10, warm_up=3)
    start = np.arange(6.0).reshape(3, 2)
    by_hand = gn.Network(gn.Dense(2, weights=start), l1=0.1, penalty_per_row=True, loss="huber")
    layers = [gn.Dense(7, "elu"), gn.BatchNorm(), gn.Dropout(0.2), gn.LayerNorm(), gn.Dense()]
    models = [
        gn.train(NETWORKS["own functions"], X, NUMBERS, optimizer=gn.Adam(schedule, clip_norm=1.0), epochs=2, seed=0),
        gn.train(gn.Network(*layers), table, target="c", optimizer=gn.SGD(0.1), epochs=2, validation=0.2, seed=0),
        gn.train(NETWORKS["own layer"], X, NUMBERS, epochs=2, seed=0),
        gn.train(by_hand, X, NUMBERS, optimizer="momentum", epochs=1, seed=0),
        gn.train(gn.Network(gn.Dense(3), gn.Dense(1), loss="binary_cross_entropy"), X, LABELS, epochs=1, seed=0),
    ]
    models[1].freeze("W1")
    models.append(in_the_middle())
    return [parts_of(model, folder / "model.glass") for model in models]


def in_the_middle() -> gn.Model:
    """Of the second epoch, with a best one before it."""
    network = gn.Network(gn.Dense(3, "tanh"), gn.BatchNorm(), gn.Dense())
    state = gn.initialize(network, X, NUMBERS, seed=0).state
    state.memory.theta += 1.0  # so that the start is not what the seed gives
    settings = Settings(epochs=9, batch_size=4, early_stopping=3, metrics=["r2", spread], engine="numpy")
    run = begin(prepare(state, X, NUMBERS, validation=(X, NUMBERS)), settings)
    list(run.events(run.stepper.batches + 1))
    return gn.Model(state)


def spread(y: Any, predicted: Any) -> float:
    return float(np.std(predicted - y))


Change = Callable[[Description, Tensors], None]


def layer(d: Description, k: int = 0) -> Any:
    return d["network"]["layers"][k]


def put(tensors: Tensors, name: str, k: int, value: float) -> None:
    tensors[name].reshape(-1)[k] = value


# which original, what is done to it, what the message must say
CASES: dict[str, tuple[int, Change, str]] = {
    "unknown key": (0, lambda d, t: d.update(extra=1), "unknown key 'extra'"),
    "missing key": (0, lambda d, t: d.pop("rng"), "lacks the key 'rng'"),
    "unknown key in a layer": (0, lambda d, t: layer(d).update(module="os"), "layer 1 has an unknown key 'module'"),
    "a class of python": (
        0,
        lambda d, t: layer(d).update(layer="os.system"),
        "layer 1.layer must be a name of letters, digits and underscores, got 'os.system'",
    ),
    "an unknown layer": (0, lambda d, t: layer(d).update(layer="Convolution"), "load(path, layers=[Convolution])"),
    "an unknown field": (0, lambda d, t: layer(d)["fields"].update(__class__="x"), "unknown key '__class__'"),
    "units true": (1, lambda d, t: layer(d)["fields"].update(units=True), "layer 1.units must be a whole number"),
    "units 0": (1, lambda d, t: layer(d)["fields"].update(units=0), "layer 1"),
    "units too many": (
        1,
        lambda d, t: layer(d)["fields"].update(units=2**40),
        "must be float64 of shape (3, 1099511627776)",
    ),
    "other units": (
        1,
        lambda d, t: layer(d)["fields"].update(units=5),
        "'W1' must be float64 of shape (3, 5), got float64 of shape (3, 7)",
    ),
    "bias a number": (1, lambda d, t: layer(d)["fields"].update(bias=1), "layer 1.bias must be true or false"),
    "rate a text": (1, lambda d, t: layer(d, 2)["fields"].update(rate="0.5"), "layer 3.rate must be a number"),
    "rate 2": (1, lambda d, t: layer(d, 2)["fields"].update(rate=2), "layer 3: rate must be"),
    "no layers": (1, lambda d, t: d["network"].update(layers=[]), "network: a network needs at least one layer"),
    "an unknown activation": (
        1,
        lambda d, t: layer(d)["fields"]["activation"]["activation"].update(name="__import__"),
        "layer 1.activation.activation.name must be one of",
    ),
    "an unknown option": (
        1,
        lambda d, t: layer(d)["fields"]["activation"]["activation"].update(options={"beta\n": 1}),
        "elu has no option 'beta",
    ),
    "a name that is code": (
        0,
        lambda d, t: layer(d)["fields"]["activation"]["activation"].update(name="f(z)\nimport os"),
        "must be a name of letters, digits and underscores",
    ),
    "an unknown operation": (
        0,
        lambda d, t: layer(d)["fields"]["activation"]["activation"]["function"].append(["system", 0]),
        "unknown operation 'system'",
    ),
    "an operation from later": (
        0,
        lambda d, t: layer(d)["fields"]["activation"]["activation"]["function"].insert(0, ["exp", 5]),
        "must be the number of an earlier operation",
    ),
    "another symbol": (
        0,
        lambda d, t: layer(d)["fields"]["activation"]["activation"]["function"].append(["symbol", "theta"]),
        "symbol must be one of 'z', 'n', got 'theta'",
    ),
    "a formula that doubles": (
        0,
        lambda d, t: layer(d)["fields"]["activation"]["activation"].update(function=doubling(64)),
        "too large",
    ),
    "an unknown loss": (
        1,
        lambda d, t: d["network"]["loss"].update(name="hinge"),
        "network.loss.name must be one of",
    ),
    "an unknown reduction": (
        1,
        lambda d, t: d["network"]["loss"].update(reduction="max"),
        "network.loss.reduction must be",
    ),
    "penalties not per row": (
        3,
        lambda d, t: d["network"].update(penalty_per_row=False),
        "network.penalty_per_row must be true, or left out, got False",
    ),
    "penalties per row by a number": (
        3,
        lambda d, t: d["network"].update(penalty_per_row=1),
        "network.penalty_per_row must be true, or left out, got 1",
    ),
    "penalties per column": (
        3,
        lambda d, t: d["network"].update(penalty_per_column=True),
        "network has an unknown key 'penalty_per_column'",
    ),
    "an unknown rule": (0, lambda d, t: d["optimizer"].update(name="lion"), "unknown optimizer 'lion'"),
    "a rate below 0": (1, lambda d, t: d["optimizer"].update(learning_rate=-1), "learning_rate must be"),
    "an unknown schedule": (
        0,
        lambda d, t: d["optimizer"]["learning_rate"].update(schedule="x"),
        "schedule must be one of",
    ),
    "another rule's slots": (0, lambda d, t: d["optimizer"].update(name="momentum"), "'slot.velocity' is missing"),
    "dtype float16": (
        0,
        lambda d, t: d.update(dtype="float16"),
        "dtype must be one of 'float32', 'float64', got 'float16'",
    ),
    "the other dtype": (0, lambda d, t: d.update(dtype="float32"), "must be float32 of shape (3, 7), got float64"),
    "epochs below 0": (0, lambda d, t: d.update(epochs=-1), "epochs must be a whole number from 0"),
    "t a fraction": (0, lambda d, t: d.update(t=1.5), "t must be a whole number from 0"),
    "an even increment": (0, lambda d, t: d["rng"].update(inc="0x2"), "inc must be odd"),
    "too many bits": (0, lambda d, t: d["rng"].update(state="0x" + "f" * 33), "hexadecimal number of at most 128 bits"),
    "another generator": (
        0,
        lambda d, t: d["rng"].update(bit_generator="MT19937"),
        "rng.bit_generator must be one of 'PCG64', 'PCG64DXSM', got 'MT19937'",
    ),
    "columns of two lengths": (
        1,
        lambda d, t: t.update(history=t["history"].ravel()),
        "tensor 'history' must be float64, a row for each of history.columns, got float64 of shape (6,)",
    ),
    "columns without numbers": (1, lambda d, t: t.pop("history"), "got float64 of shape (0, 0)"),
    "a column twice": (
        1,
        lambda d, t: d["history"].update(columns=["loss", "loss", "val_loss"]),
        "history.columns must be different names, 'loss' among them, got ('loss', 'loss', 'val_loss')",
    ),
    "columns without the loss": (1, lambda d, t: d["history"].update(columns=["a", "b", "c"]), "'loss' among them"),
    "an end that does not exist": (0, lambda d, t: d["history"].update(stopped="x"), "history.stopped must be one of"),
    "a contract for other inputs": (
        0,
        lambda d, t: d["contract"].update(n_inputs=5),
        "must be float64 of shape (5, 7)",
    ),
    "a contract for other outputs": (
        0,
        lambda d, t: d["contract"].update(n_outputs=3),
        "2 outputs, the contract asks for 3",
    ),
    "classes twice": (4, lambda d, t: d["contract"].update(classes=["a", "a"]), "2 different labels"),
    "a tensor is missing": (0, lambda d, t: t.pop("b2"), "tensor 'b2' is missing"),
    "a tensor too many": (0, lambda d, t: t.update(W9=np.ones(3)), "tensor 'W9' belongs to nothing"),
    "NaN in a weight": (0, lambda d, t: put(t, "W1", 3, np.nan), "tensor 'W1' holds numbers that are not finite"),
    "infinity in a running mean": (1, lambda d, t: put(t, "running_mean2", 0, np.inf), "not finite"),
    "no order": (5, lambda d, t: t.pop("order"), "tensor 'order' is missing"),
    "a row twice": (
        5,
        lambda d, t: put(t, "order", 0, t["order"][1]),
        "'order' must hold the numbers of all rows",
    ),
    "a row that is not there": (5, lambda d, t: put(t, "order", 0, 999), "'order' must hold the numbers of all rows"),
    "an order where rows stay as they are": (
        5,
        lambda d, t: d["training"]["settings"].update(shuffle=False),
        "'order' must hold the numbers of all rows",
    ),
    "a place beyond the rows": (
        5,
        lambda d, t: (d["training"]["middle"].update(batch=99), t.update(told=np.ones((99, 2)))),
        "'order' must hold the numbers of all rows",
    ),
    "more losses than batches": (5, lambda d, t: t.update(told=np.ones((2, 2))), "'told' must be 1 pairs of finite"),
    "half of the best weights": (
        5,
        lambda d, t: t.pop("best.state"),
        "best needs the tensors best.theta and",
    ),
    "half of the start": (5, lambda d, t: t.pop("start.theta"), "start needs the tensors start.theta and start.state"),
    "the start of another": (5, lambda d, t: t.update({"start.theta": np.ones(3)}), "must be float64 of shape ("),
    "an unknown metric": (
        5,
        lambda d, t: d["training"]["settings"].update(metrics=["r3"]),
        "training.settings.metrics[0] must be",
    ),
    "no patience": (
        5,
        lambda d, t: d["training"]["middle"]["best"]["stopping"].update(patience=0),
        "training.middle.best.stopping.patience must be a whole number from 1",
    ),
    "half frozen": (1, lambda d, t: put(t, "trainable", 0, 2), "'trainable' must hold 0 and 1 only"),
}


def doubling(times: int) -> list[Any]:
    return [["symbol", "z"], *(["add", k, k] for k in range(times))]


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(case: str, originals: Any, tmp_path: Path) -> None:
    which, change, message = CASES[case]
    description, tensors = copy.deepcopy(originals[which])
    change(description, tensors)
    path = write(tmp_path / "model.glass", description, tensors)
    with pytest.raises(gn.ModelFileError, match=re.escape(message)) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_layer_of_ones_own_has_to_be_given(originals: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "model.glass", *originals[2])
    with pytest.raises(gn.ModelFileError, match=re.escape("layer 2 is a Power")):
        load(path)
    one, two = load(path, layers=[Power]).network.layers[1], NETWORKS["own layer"].layers[1]
    assert type(one) is Power
    assert (one.exponent, repr(one.f), one.shifts) == (two.exponent, repr(two.f), two.shifts)
    with pytest.raises(TypeError, match="layers must be dataclasses with names that glassnet does not use"):
        load(path, layers=[gn.Dense])


def test_what_a_class_of_ones_own_raises_is_a_model_file_error(originals: Any, tmp_path: Path) -> None:
    description, tensors = copy.deepcopy(originals[2])
    layer(description, 1)["fields"]["shifts"] = []
    with pytest.raises(gn.ModelFileError, match="index out of range"):
        load(write(tmp_path / "model.glass", description, tensors), layers=[Power])


# every place in the description, changed in every way

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**63, 10**300, -(10**300)]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["nan", "inf", "z", "n", "s", "sum", "where", "max", "relu", "softmax", "adam", "zeros", "Dense"]),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(
        st.sampled_from(["name", "axis", "activation", "by_hand", "number"]), st.integers(-1, 2), max_size=2
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(description: Description, data: st.DataObject) -> Description:
    result = copy.deepcopy(description)
    for _ in range(data.draw(st.integers(1, 2))):
        *path, last = data.draw(st.sampled_from([place for place in places(result) if place]))
        parent: Any = result
        for key in path:
            parent = parent[key]
        kind = data.draw(st.sampled_from(["replace", "delete", "double", "rename"]))
        if kind == "replace":
            parent[last] = data.draw(STRANGE)
        elif kind == "delete":
            del parent[last]
        elif isinstance(parent, list):
            parent.insert(data.draw(st.integers(0, len(parent))), copy.deepcopy(parent[last]))
        else:
            parent[data.draw(st.text(max_size=5))] = parent.pop(last) if kind == "rename" else parent[last]
    return result


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_changed_it_is_refused_or_it_works(data: st.DataObject, originals: Any, tmp_path: Path) -> None:
    which = data.draw(st.integers(0, len(originals) - 1))
    description, tensors = originals[which]
    description = changed(description, data)
    description.pop("format", None)
    description.pop("glassnet", None)
    path = write(tmp_path / "model.glass", description, tensors)
    try:
        model = load(path, layers=[Power])
    except gn.ModelFileError:
        return
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        json.dumps(model.contract.to_json())
        x = np.zeros((3, model.n_inputs), model.dtype)
        model.forward.predict(x)
        model.derivation(prediction=model.network.loss is None).text()
        model.save(tmp_path / "again.glass")


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_tensors_there_are(data: st.DataObject, originals: Any, tmp_path: Path) -> None:
    description, tensors = originals[data.draw(st.integers(0, len(originals) - 1))]
    tensors = dict(tensors)
    name = data.draw(st.sampled_from(sorted(tensors)))
    array = tensors.pop(name)
    kind = data.draw(st.sampled_from(["missing", "renamed", "flat", "bool", "float32", "empty", "bits"]))
    if kind == "renamed":
        tensors[data.draw(st.text(max_size=5).filter(lambda text: text != "__metadata__"))] = array
    elif kind == "bits":
        bits = np.frombuffer(data.draw(st.binary(min_size=array.nbytes, max_size=array.nbytes)), np.uint8)
        tensors[name] = bits.view(array.dtype).reshape(array.shape)
    elif kind != "missing":
        other = {"flat": array.ravel(), "bool": array > 0, "float32": array.astype(np.float32), "empty": array[:0]}
        tensors[name] = other[kind]
    path = write(tmp_path / "model.glass", description, tensors)
    try:
        load(path, layers=[Power])
    except gn.ModelFileError:
        return
    assert kind == "bits" or (kind == "flat" and array.ndim == 1) or name.startswith("slot.") or name == "trainable"


def test_any_cut_and_any_changed_byte(originals: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "model.glass", *originals[4])
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for k in range(300):
        broken = bytearray(content)
        if k % 3 == 0:
            del broken[rng.integers(len(content)) :]
        else:
            broken[rng.integers(len(content))] = rng.integers(256)
        path.write_bytes(bytes(broken))
        try:
            load(path)
        except gn.ModelFileError:
            continue
        assert len(broken) == len(content)
