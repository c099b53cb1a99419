"""ONNX files: run by onnxruntime and by onnx's own reference evaluator, which are independent of each other."""

import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

import glassnet as gn
from glassnet.derivation.steps import Step
from glassnet.expressions.expression import OF_COLUMNS, OPERATIONS, random
from glassnet.parts import activations
from glassnet.readings.eject.answers import compare
from glassnet.readings.eject.ejected import Ejected
from glassnet.readings.eject.onnx import graph as onnx_graph
from glassnet.readings.eject.onnx import model as onnx_model
from glassnet.readings.eject.onnx.data import input_names
from glassnet.readings.eject.onnx.graph import Graph
from glassnet.readings.eject.onnx.steps import COMPOSED, NAMES, REDUCTIONS, write_step
from glassnet.readings.eject.random_rows import random_rows
from glassnet.readings.eject.tools import ToolMissing

Network, Dense = gn.Network, gn.Dense
ROWS = np.random.default_rng(0).normal(size=(31, 3)).round(3)


def trained(network: gn.Network, X: Any = ROWS, y: Any = None, **options: Any) -> gn.Model:
    return gn.train(network, X, y, epochs=3, seed=0, engine="numpy", progress=False, **options)


def regression(*layers: Any, **options: Any) -> gn.Model:
    return trained(Network(*layers, Dense()), y=ROWS @ [1.0, -2.0, 0.5], **options)


def model_of(program: Ejected) -> Any:
    return onnx.load_from_string(program.data)


def own_data(program: Ejected) -> dict[str, str]:
    return {item.key: item.value for item in model_of(program).metadata_props}


def session(program: Ejected) -> Any:
    return onnxruntime.InferenceSession(program.data, providers=["CPUExecutionProvider"])


def answers(program: Ejected, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """What onnxruntime says."""
    runs = session(program)
    return dict(zip([item.name for item in runs.get_outputs()], runs.run(None, inputs), strict=True))


def reference(program: Ejected, inputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """What onnx's reference evaluator says."""
    model = model_of(program)
    return dict(
        zip([item.name for item in model.graph.output], ReferenceEvaluator(model).run(None, inputs), strict=True)
    )


def check(model: gn.Model, dtype: Any = None) -> Ejected:
    """Both programs that run the file must say what the model says."""
    program = model.eject("onnx", dtype=dtype)
    found = program.verify(rows=50)
    assert found, found
    rows = random_rows(model.contract, 50, np.random.default_rng(1))
    inputs = onnx_model.given(program.plan, json.loads(own_data(program)["columns"]), rows)
    ours, theirs = program.plan.answers(rows), onnx_model.as_answers(reference(program, inputs))
    found = compare("ONNX", "reference", ours, theirs, program.plan.single)
    assert found, found
    return program


# what is predicted


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", activations.NAMES)
def test_every_activation_gives_the_models_numbers(name: str, dtype: type) -> None:
    check(regression(Dense(5, name), X=ROWS.astype(dtype)) if dtype == np.float32 else regression(Dense(5, name)))


def test_the_layers_that_learn_scales_give_the_models_numbers() -> None:
    check(regression(Dense(5, "tanh"), gn.BatchNorm(), gn.Dropout(0.3), gn.LayerNorm(), Dense(2, bias=False)))


def test_an_eps_that_onnxruntime_would_take_for_another_is_kept() -> None:
    small = ROWS / 100.0  # so that eps counts
    check(trained(Network(gn.LayerNorm(eps=1e-2), Dense()), small, small[:, 0]))


def test_a_factor_after_a_matrix_product_keeps_all_its_digits() -> None:
    check(regression(Dense(4, lambda z: 0.3 * z, bias=False), Dense(4, lambda z: z / 7.1, bias=False)))
    check(trained(Network(Dense(bias=False)), {"a": ROWS[:, 0], "b": 7.3 * ROWS[:, 1] + 1e3}, target="b"))


@dataclass(frozen=True)
class Own:
    """A layer of one formula of x and its W (i, i) and b (i,)."""

    formula: Any
    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"W": gn.Parameter((n_inputs, n_inputs), "normal"), "b": gn.Parameter((n_inputs,), "normal")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": self.formula(p, x, mode)}


FORMULAS = {
    "truth values": lambda p, x, _: np.where((x > 0) == (p.b > 0), x, -x) + (x >= 0) * x + (x != 0) * np.square(x),
    "logic of numbers": lambda p, x, _: np.where(np.logical_and(x, p.b) | ~(x < 1), x, 0.5 * (x <= p.b)),
    "a product of truth values": lambda p, x, _: ((x > 0) @ (p.W > 0)) * x + ((x > 0) @ (p.W > 0) + x),
    "and a vector": lambda p, x, _: x * ((x > 0) @ (p.W > 0) + p.b),
    "largest of truth values": lambda p, x, _: np.maximum(x > 0, x < -0.1) * x - np.sum(p.W > 0) * x,
    "powers": lambda p, x, _: np.abs(x) ** 1.5 * np.sign(x) + x**2 + x**3 - np.abs(x) ** -0.5,
    "waves": lambda p, x, _: np.cos(x) + np.sin(x @ p.W) - np.floor(x),
    "reductions": lambda p, x, _: x * np.max(p.W) + np.sum(p.W, axis=1) - np.mean(x, axis=1, keepdims=True),
    "the whole batch": lambda p, x, _: (x - x.mean(axis=0)) / (1.0 + np.max(x)) + np.mean(x * x),
    "three axes": lambda p, x, _: np.sum(np.expand_dims(x, -1) * p.W, axis=1) + p.b,
    "transposed": lambda p, x, _: (p.W.T @ x.T).T + np.expand_dims(p.b, 0),
    "infinity": lambda p, x, _: np.minimum(x, np.inf) + np.maximum(p.b, -np.inf),
    "constants compared": lambda p, x, _: np.where(2 > 1, x, 0.0) + np.where(True, p.b, x),
    "a constant": lambda p, x, _: np.where(x > 0, 1.0, 0.0) * 3.0,
    "one number": lambda p, x, _: x / (1.0 + np.sqrt(np.sum(p.W * p.W))) @ p.W,
}  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_layers_of_ones_own_give_the_models_numbers(formula: Any) -> None:
    check(regression(Own(formula)))


@dataclass(frozen=True)
class Divided:
    """y = x @ W / norm, whose norm is a value of its own, one number."""

    backward: Any = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"W": gn.Parameter((n_inputs, n_inputs), "normal")}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        norm = np.sqrt(np.sum(p.W * p.W))
        return {"norm": norm, "y": x @ p.W / norm}


def test_a_value_that_is_one_number_is_a_step_like_others() -> None:
    check(regression(Divided()))


def test_every_operation_of_the_dialect_has_a_form() -> None:
    assert NAMES.keys() | COMPOSED.keys() | REDUCTIONS.keys() == OPERATIONS | OF_COLUMNS | {"affine", "mean"}


def one_formula(formula: Any, z: np.ndarray) -> list[np.ndarray]:
    """A function of numbers as ONNX has it, from onnxruntime and from the reference evaluator."""
    network = Network(Dense(1, formula, bias=False), loss="squared")
    model = gn.initialize(network, np.abs(ROWS[:, :1]), ROWS[:, 1], seed=0)
    model["W1"] = [[1.0]]
    program = model.eject("onnx")
    return [run(program, {"X": z[:, None]})["prediction"] for run in (answers, reference)]


def test_log1p_and_expm1_are_exact_near_0_and_right_far_out() -> None:
    z = np.concatenate([10.0 ** np.arange(-300.0, 3.0, 3.7), [0.0, 1e-16, 0.5, 700.0]])
    for found in one_formula(lambda z: np.log1p(z), z):
        np.testing.assert_allclose(found, np.log1p(z), rtol=1e-14)
    z = np.concatenate([-z, np.minimum(z, 700.0)])
    for found in one_formula(lambda z: np.expm1(z), z):
        np.testing.assert_allclose(found, np.expm1(z), rtol=1e-14)
    for found in one_formula(lambda z: np.log1p(z), -np.array([0.1, 0.5, 1.0 - 1e-9])):
        np.testing.assert_allclose(found, np.log1p([-0.1, -0.5, -1.0 + 1e-9]), rtol=1e-14)


def test_cos_is_as_exact_as_numbers_around_1_are() -> None:
    z = np.concatenate([np.linspace(-20.0, 20.0, 501), [1e-9, 1e6, np.pi / 2.0]])
    for found in one_formula(lambda z: np.cos(z), z):
        np.testing.assert_allclose(found, np.cos(z), rtol=0.0, atol=1e-15)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_log1p_is_right_at_its_ends() -> None:
    for found in one_formula(lambda z: np.log1p(z), np.array([-1.0, np.inf, -2.0])):
        np.testing.assert_array_equal(found, [-np.inf, np.inf, np.nan])


LABELS = {
    "words": (["no", "maybe", "yes"], Dense(), onnx.TensorProto.STRING),
    "two words, one output": (["no", "yes"], Dense(1), onnx.TensorProto.STRING),
    "truth values": ([False, True], Dense(), onnx.TensorProto.BOOL),
    "whole numbers": ([-3, 5], Dense(), onnx.TensorProto.INT64),
}


@pytest.mark.parametrize(("labels", "last", "kind"), LABELS.values(), ids=LABELS)
def test_classes_come_back_as_what_they_are(labels: list[Any], last: gn.Dense, kind: int) -> None:
    y = [labels[k % len(labels)] for k in range(len(ROWS))]
    loss = "binary_cross_entropy" if last.units == 1 else "cross_entropy"
    model = trained(Network(Dense(4, "tanh"), last, loss=loss), y=y)
    program = check(model)
    found = answers(program, {"X": ROWS})
    assert found["label"].tolist() == model.predict(ROWS).tolist()
    np.testing.assert_allclose(found["probabilities"], model.predict_proba(ROWS), rtol=1e-12)
    assert [item.type.tensor_type.elem_type for item in model_of(program).graph.output] == [
        kind,
        onnx.TensorProto.DOUBLE,
    ]
    assert tuple(json.loads(own_data(program)["classes"])) == model.classes


def test_the_first_of_equal_outputs_wins_as_in_the_model() -> None:
    model = trained(Network(Dense()), y=["c", "a", "b"] * 10 + ["a"])
    model.memory.theta[:] = 0.0
    assert set(answers(model.eject("onnx"), {"X": ROWS})["label"]) == {"a"} == set(model.predict(ROWS))


def test_outputs_that_are_no_probabilities_are_called_scores() -> None:
    model = trained(Network(Dense(2, "tanh"), loss="squared"), y=["a", "b"] * 15 + ["a"])
    assert list(answers(check(model), {"X": ROWS})) == ["label", "scores"]


def test_numbers_have_the_form_of_y() -> None:
    flat, column, several = ROWS[:, 0], ROWS[:, :1], ROWS[:, :2]
    shapes = [
        answers(check(trained(Network(Dense()), y=y)), {"X": ROWS})["prediction"].shape for y in (flat, column, several)
    ]
    assert shapes == [(31,), (31, 1), (31, 2)]


def test_no_row_and_one_row_are_answered_too() -> None:
    program = trained(Network(Dense(3, "softplus"), gn.LayerNorm(), Dense()), y=["a", "b", "c"] * 10 + ["a"]).eject(
        "onnx"
    )
    for run in (answers, reference):
        for n in (0, 1):
            found = run(program, {"X": ROWS[:n]})
            assert (found["label"].shape, found["probabilities"].shape) == ((n,), (n, 3))


# tables

TABLE = {
    "size (mm)": [1.5, None, 3.0, 4.0, 2.5, 7.0] * 5,
    "far": [1e6 + k for k in range(30)],
    "sort": ["a", "b", None, "NA.", "a", 'b "c"'] * 5,
    "same": [3.0] * 30,
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", [["u", "v", "w"] * 10, [1e3 + k for k in range(30)], [True, False] * 15])
def test_tables_are_scaled_filled_and_told_apart_inside(target: list[Any], dtype: str) -> None:
    model = trained(Network(Dense(4, "tanh"), Dense()), {**TABLE, "y": target}, target="y", dtype=dtype)
    program = check(model)
    check(model, np.float32)
    kinds = {item.name: item.type.tensor_type.elem_type for item in model_of(program).graph.input}
    number, word = onnx.TensorProto.DOUBLE, onnx.TensorProto.STRING
    assert kinds == {"size_mm": number, "far": number, "sort": word, "same": number}


def test_missing_values_and_new_words_count_as_in_the_model() -> None:
    model = trained(Network(Dense()), {**TABLE, "y": range(30)}, target="y")
    words = ["a", "", "NA", "?", "new", "NA."]
    inputs = {"sort": np.array(words, object), "size_mm": np.array([np.nan, 1, 2, 3, 4, np.nan])}
    inputs |= {"far": np.full(6, 1e6), "same": np.full(6, np.nan)}
    rows = {"sort": [None if word in ("", "NA", "?") else word for word in words], "size (mm)": inputs["size_mm"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the new word, and what is missing
        ours = model.predict({**rows, "far": [1e6] * 6, "same": [None] * 6})
    found = answers(model.eject("onnx"), {name: value[:, None] for name, value in inputs.items()})
    np.testing.assert_allclose(found["prediction"], ours, rtol=1e-12)


def test_the_penguins_are_told_apart() -> None:
    check(trained(Network(Dense(7, "elu"), Dense()), gn.datasets.penguins(), target="species"))


HOSTILE = ["'", '"', "*/", "a\n\r\0\x1bb", "</script>", "${x}", "\\", "%s", "=1+1", "\u202eabc", "a\u2028b", "🐧", "é"]
HOSTILE += [
    "__proto__",
    "X",
    "x",
    "n",
    "p",
    "W1",
    "z1",
    "label",
    "probabilities",
    "a b",
    "a_b",
    "a-b",
    "1st",
    "q" * 300,
]


def test_names_from_data_come_back_unchanged() -> None:
    rng, n = np.random.default_rng(0), 3 * len(HOSTILE)
    table: dict[str, Any] = {name: rng.normal(size=n).tolist() for name in HOSTILE} | {"word": 3 * HOSTILE}
    model = trained(Network(Dense()), {**table, "*/ y": 3 * HOSTILE[::-1]}, target="*/ y")
    program = check(model)
    inputs = list(model_of(program).graph.input)
    assert [item.doc_string for item in inputs] == [*HOSTILE, "word"]
    assert len({item.name for item in inputs}) == len(inputs)
    assert all(item.name.isidentifier() and item.name.isascii() for item in inputs)
    columns = json.loads(own_data(program)["columns"])
    assert [(item["input"], item["name"]) for item in columns] == [(item.name, item.doc_string) for item in inputs]
    assert json.loads(own_data(program)["target"]) == "*/ y"
    assert tuple(json.loads(own_data(program)["classes"])) == model.classes
    assert model.classes is not None
    assert {*model.classes} == {*HOSTILE}


def test_a_column_with_a_harmless_name_keeps_it() -> None:
    names = input_names(["a b", "a_b", "a-b", "label", "z1"], {"label"})
    assert names == {"a b": "a_b_", "a_b": "a_b", "a-b": "a_b__", "label": "label_", "z1": "z1"}


# the file


def test_the_same_model_gives_the_same_bytes() -> None:
    model = regression(Dense(5, "gelu"), gn.LayerNorm())
    assert model.eject("onnx").data == model.eject("onnx").data


def test_the_graph_is_written_in_the_derivations_own_names_and_shapes() -> None:
    model = trained(Network(Dense(5, "tanh"), Dense()), y=["a", "b", "c"] * 10 + ["a"])
    graph = model_of(model.eject("onnx")).graph
    nodes = {node.name: node for node in graph.node}
    assert ([*nodes["z1"].input], nodes["z1"].op_type) == (["X", "W1", "b1"], "Gemm")
    assert nodes["a1"].doc_string.startswith("a1 = tanh(z1): ")
    assert nodes["p"].doc_string.startswith("p = softmax(z2): ")
    shapes = {
        item.name: [dim.dim_param or dim.dim_value for dim in item.type.tensor_type.shape.dim]
        for item in graph.value_info
    }
    assert shapes == {"z1": ["n", 5], "a1": ["n", 5], "z2": ["n", 3], "p": ["n", 3]}
    assert {item.name for item in graph.initializer} >= {"W1", "b1", "W2", "b2", "classes"}


def test_a_step_that_a_reader_gets_in_parts_is_one_step_in_the_graph() -> None:
    def bends(p: Any, x: Any, _: gn.Mode) -> Any:
        a, b = np.tanh(x @ p.W + p.b), np.exp(-np.abs(x @ p.W))
        return a * b + a / (1.0 + np.abs(a)) + np.maximum(a - b, 0.1 * a * b) + np.minimum(b, 0.5 * a)

    long = Own(bends)
    program = check(regression(Dense(2), long))
    assert len(program.plan.steps) > len(program.plan.derivation.steps)


def test_the_file_says_where_it_comes_from() -> None:
    program = regression(Dense(5, "tanh")).eject("onnx")
    file = model_of(program)
    assert (file.producer_name, file.producer_version) == ("glassnet", gn.__version__)
    assert file.doc_string.startswith("3-5-1")
    assert file.doc_string.endswith("predicts y")
    assert own_data(program)["glassnet_version"] == gn.__version__
    assert "z1 = x @ W1 + b1" in own_data(program)["derivation"]


def test_files_have_no_array_that_nothing_uses() -> None:
    graph = model_of(regression(Own(lambda p, x, _: x**2 + p.b), Dense(3, "selu")).eject("onnx")).graph
    used = {name for node in graph.node for name in node.input}
    assert {item.name for item in graph.initializer} <= used


def test_what_is_written_is_checked_by_onnx_first(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(onnx.checker, "check_model", lambda model, **options: seen.append((model, options)))
    program = regression().eject("onnx")
    assert seen == [(model_of(program), {"full_check": True})]


def test_weights_are_read_back_bit_for_bit() -> None:
    model = regression(Dense(5, "tanh"))
    arrays = {item.name: onnx.numpy_helper.to_array(item) for item in model_of(model.eject("onnx")).graph.initializer}
    for name, value in model.weights.items():
        assert arrays[name].tobytes() == value.tobytes()


def test_a_changed_weight_is_found() -> None:
    program = regression(Dense(5, "tanh")).eject("onnx")
    file = model_of(program)
    (weights,) = [item for item in file.graph.initializer if item.name == "W1"]
    values = onnx.numpy_helper.to_array(weights).copy()
    values[0, 0] += 1e-6
    weights.CopyFrom(onnx.numpy_helper.from_array(values, "W1"))
    assert not Ejected("onnx", program.plan, file.SerializeToString()).verify()


def test_a_saved_file_is_read_by_onnx(tmp_path: Path) -> None:
    program = regression().eject("onnx")
    program.save(tmp_path / "network.onnx")
    onnx.checker.check_model(tmp_path / "network.onnx", full_check=True)
    assert onnx.load(tmp_path / "network.onnx").SerializeToString(deterministic=True) == program.data


# what is refused


def test_a_layer_that_draws_random_numbers_to_predict_is_refused_by_name() -> None:
    step = Step(name="u2", expression=random(("n", 3), np.float64), phase="forward", layer=2)
    with pytest.raises(NotImplementedError, match="u2 of layer 2"):
        write_step(Graph(dtype=np.dtype(np.float64)), step, {}, "u2", "")


def test_files_that_train_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="do not train"):
        regression().eject("onnx", training=True, X=ROWS, y=ROWS[:, 0])


def test_without_onnx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    model = regression()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[onnx\]"'):
        model.eject("onnx")


def test_without_onnxruntime_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = regression().eject("onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ToolMissing, match="pip install onnxruntime"):
        program.verify()


def test_only_one_file_imports_onnx() -> None:
    folder = Path(onnx_graph.__file__).parent
    importing = [path.name for path in folder.glob("*.py") if "import onnx\n" in path.read_text(encoding="utf-8")]
    assert importing == ["graph.py"]


def test_inputs_that_had_to_be_renamed_are_listed() -> None:
    table = {
        "a b": [1.0, 2, 3, 4],
        "a_b": [2.0, 1, 4, 3],
        "2nd": [0.5, 1, 2, 1],
        "größe": [1.0, 3, 2, 2],
        "α": [1.0, 2, 2, 1],
    }
    table |= {"plain": [1.0, 2, 3, 5], "label": [1.0, 1, 2, 5], "y": [1.0, 2.5, 3, 4]}
    program = gn.train(gn.Network(gn.Dense()), table, target="y", epochs=1, seed=0).eject("onnx")
    inputs = [item.name for item in onnx.load_from_string(program.data).graph.input]
    assert [program.renamed.get(name, name) for name in table if name != "y"] == inputs
    assert set(program.renamed) == {"a b", "2nd", "größe", "α", "label"}
    assert "input a_b_: column 'a b'" in str(program)
    found = onnx.load_from_string(program.data)
    assert json.loads({item.key: item.value for item in found.metadata_props}["renamed_inputs"]) == program.renamed
    assert "a_b_ is the column 'a b'" in found.doc_string
    assert program.verify(rows=7).passed


def test_nothing_is_listed_where_nothing_was_renamed() -> None:
    program = gn.train(gn.Network(gn.Dense()), {"a": [1.0, 2], "y": [1.0, 3.5]}, target="y", epochs=1).eject("onnx")
    assert program.renamed == {}
    assert str(program) == repr(program)
    assert "column" not in onnx.load_from_string(program.data).doc_string
    arrays = gn.train(gn.Network(gn.Dense()), [[1.0], [2.0]], [1.5, 2.5], epochs=1)
    assert arrays.eject("onnx").renamed == {} == arrays.eject("c").renamed
