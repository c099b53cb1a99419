"""The text that is compiled: what it says, what it depends on, where it can be read."""

import ast
import linecache
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.parts import optimizers

pytest.importorskip("numba")

from glassnet.engines import compiled
from glassnet.engines.compiling import function_of
from glassnet.engines.training_code import training_code
from glassnet.expressions.notation import plain
from glassnet.training import compiled_steps

RNG = np.random.default_rng(8)
X = RNG.normal(size=(23, 3))
Y = RNG.normal(size=(23, 2))


def trained(network: gn.Network, x: Any = X, y: Any = Y, **options: Any) -> gn.Model:
    """A model that NumPy trained for an epoch: its text shows what would be compiled, and costs no compilation."""
    return gn.train(network, x, y, epochs=1, engine="numpy", seed=0, **options)


def text(network: gn.Network, x: Any = X, y: Any = Y, **options: Any) -> str:
    return trained(network, x, y, **options).source("compiled")


def network(units: int, outputs: int = 2) -> gn.Network:
    return gn.Network(gn.Dense(units, "tanh"), gn.BatchNorm(), gn.Dense(outputs), loss="squared", l2=0.1)


def test_networks_that_differ_in_a_size_share_their_text() -> None:
    assert text(network(40)) == text(network(900))
    assert text(network(7)) == text(network(5)) == text(network(40))
    wide = RNG.normal(size=(5, 50)), RNG.normal(size=(5, 2))
    wider = RNG.normal(size=(9, 70)), RNG.normal(size=(9, 2))
    assert text(network(40), *wide) == text(network(60), *wider)


def test_the_columns_of_a_softmax_are_in_the_text_so_that_its_loop_can_be_unrolled() -> None:
    classes = gn.Network(gn.Dense(7), gn.Dense(3, "softmax"), loss="cross_entropy")
    assert "range(3)" in text(classes, X, np.eye(3)[RNG.integers(0, 3, len(X))])


def test_numbers_of_the_optimizer_the_loss_and_the_penalty_are_not_in_the_text() -> None:
    one = text(network(7), optimizer=gn.Adam(0.001, beta1=0.8, clip_norm=2.0))
    assert one == text(network(7), optimizer=gn.Adam(0.5, beta1=0.95, clip_norm=0.1))
    assert one != text(network(7), optimizer=gn.Adam(0.001))
    rates = [gn.schedule("step", 0.3, every=2, factor=0.6), gn.schedule("step", 0.4, every=3, factor=0.7)]
    assert text(network(7), optimizer=gn.SGD(rates[0])) == text(network(7), optimizer=gn.SGD(rates[1]))


def test_the_number_of_rows_and_the_batch_size_are_not_in_the_text() -> None:
    assert text(network(7), batch_size=8) == text(network(7), X[:5], Y[:5], batch_size=2)


def test_the_dtype_is_in_the_text() -> None:
    single = text(network(7), dtype="float32")
    assert single != text(network(7))
    assert "np.float64" not in single
    assert "single(" in single


RICH = gn.Network(
    gn.Dense(40, "gelu"),
    gn.Dropout(0.2),
    gn.Dense(5, "softplus", bias=False),
    gn.BatchNorm(),
    gn.LayerNorm(),
    gn.Dense(),
    loss="cross_entropy",
    l1=0.01,
)


@pytest.mark.parametrize("rule", optimizers.RULES)
def test_every_step_of_the_derivation_stands_as_a_comment(rule: str) -> None:
    rate = gn.schedule("cosine", 0.1, epochs=5, warm_up=1)
    optimizer = gn.optimizer(rule, rate, clip_norm=1.0)
    model = trained(RICH, X, np.arange(23) % 3, optimizer=optimizer, sample_weight=np.ones(23))
    said = model.source("compiled")
    ast.parse(said)
    comments = {line.strip() for line in said.splitlines() if line.strip().startswith("#")}
    for step in model.derivation().steps:
        if step.name == "lr":  # its numbers are arguments, so that schedules share the text
            assert any(line.startswith("# lr = ") and "lr_initial" in line for line in comments)
        elif step.name != "J":  # the loss and its penalties: only their gradient is needed
            assert "# " + " ".join(f"{step.assigns or step.name} = {plain(step.expression)}".split("\n")) in comments


def test_the_text_of_a_model_that_was_never_trained_predicts() -> None:
    said = gn.initialize(network(7), X, Y, seed=0).source("compiled")
    assert "def predict(" in said
    assert "tanh" in said
    assert "dW1" not in said


def test_an_unknown_engine_has_no_text() -> None:
    with pytest.raises(ValueError, match="unknown engine 'fortran'"):
        trained(network(7)).source("fortran")


def test_the_text_lies_in_the_cache_where_tracebacks_and_debuggers_find_it() -> None:
    model = gn.train(gn.Network(gn.Dense(2, bias=False), loss="squared"), X, Y, epochs=1, batch_size=8, seed=0,
                     optimizer=gn.SGD(0.1), engine="compiled")  # fmt: skip
    said = model.source("compiled")
    (path,) = [path for path in compiled.folder().glob("*.py") if path.read_text(encoding="utf-8") == said]
    code = training_code(model.state.derivation(), "shuffled", len(X), 8)
    assert path.with_suffix(".bin") == compiled.file_of(code)
    made = function_of(code, str(path)).py_func.__code__
    assert Path(made.co_filename) == path
    assert linecache.getline(str(path), made.co_firstlineno + 1).startswith("def train_steps(")


def test_the_text_computes_the_same_without_numba_compiling_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # a network whose text calls nothing but NumPy and math, run by Python itself
    plain_network = gn.Network(gn.Dense(2, bias=False), loss="squared")
    options: dict[str, Any] = {"batch_size": 8, "shuffle": False, "optimizer": gn.SGD(0.1), "seed": 0}
    ran: list[str] = []

    def multiply(x: Any, W: Any, z: Any, rows: tuple[int, int, int]) -> None:
        begin, stop, low = rows
        z[begin:stop] = x[low + begin : low + stop] @ W

    def multiply_left_transposed(x: Any, dz: Any, dW: Any, rows: tuple[int, int, int]) -> None:
        begin, stop, low = rows
        dW[:] = x[low + begin : low + stop].T @ dz[begin:stop]

    def load(code: Any, values: Any) -> Any:
        said = code.text.replace("@fused\n", "")
        ran.append(said)
        names: dict[str, Any] = {}
        exec(compile(said, "<text>", "exec"), names)
        names["reassociated_add"] = lambda a, b: a + b
        names["view"] = lambda array, start, shape: array.ravel()[start : start + math.prod(shape)].reshape(shape)
        names["stretch"] = lambda array, start, size: array.ravel()[start : start + size]
        names["new"], names["free"] = np.empty, lambda array: None
        names["subnormals_to_zero"], names["put_back"] = lambda: None, lambda before: None
        names["multiply"], names["multiply_left_transposed"] = multiply, multiply_left_transposed
        return names[code.name]

    monkeypatch.setattr(compiled_steps, "load", load)
    model = gn.train(plain_network, X, Y, epochs=3, engine="compiled", **options)
    assert len(ran) == 1
    other = gn.train(plain_network, X, Y, epochs=3, engine="numpy", **options)
    np.testing.assert_allclose(model["W1"], other["W1"], rtol=1e-13)
    np.testing.assert_allclose(model.history["loss"], other.history["loss"], rtol=1e-13)


# few rows and units, written out number by number: the same as with loops


@dataclass(frozen=True)
class Reducing:
    """Sums, maxima and views in all directions, and running numbers that change places."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        start = gn.initializer("normal", std=0.6)
        return {
            "W": gn.Parameter((n_inputs, n_inputs), start, penalised=True),
            "c": gn.Parameter((n_inputs,), start),
            "seen": gn.Parameter((n_inputs,), start, learnt=False),
            "before": gn.Parameter((n_inputs,), start, learnt=False),
        }

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        m = x.max(axis=1, keepdims=True)
        h = (p.W.T @ (x - m).T).T + np.max(p.W, axis=0) * np.where(x > 0, 2.0, -0.5)
        y = h * p.c / (1.0 + np.sum(x * x)) + p.seen - 0.1 * p.before
        return {"m": m, "h": h, "seen": p.before, "before": p.seen, "y": y}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_written_out_number_by_number_gives_the_same_numbers(dtype: str) -> None:
    small = gn.Network(gn.Dense(2, "gelu"), Reducing(), loss="cross_entropy", l1=0.1)
    rate = gn.schedule("cosine", 0.1, epochs=200, warm_up=2)
    models = []
    for engine in ("numpy", "compiled"):
        model = gn.initialize(small, X[:3, :2], np.arange(3) % 2, seed=2, dtype=dtype)
        model.freeze("W1", np.eye(2, dtype=bool))
        options: dict[str, Any] = {"epochs": 3, "batch_size": None, "optimizer": gn.Momentum(rate, clip_norm=0.5)}
        gn.train(model, X[:3, :2], np.arange(3) % 2, sample_weight=[0.5, 1.0, 2.0], engine=engine, **options)
        models.append(model)
    a, b = models
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(b.history["loss"], a.history["loss"], rtol=tolerance)
    for name, array in a.weights.items():
        np.testing.assert_allclose(b[name], array, rtol=tolerance, atol=tolerance * np.abs(array).max(), err_msg=name)
    np.testing.assert_allclose(b.memory.state, a.memory.state, rtol=tolerance, atol=tolerance)
    assert (a.memory.t, a.rng.bit_generator.state) == (b.memory.t, b.rng.bit_generator.state)
