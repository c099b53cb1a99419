"""What type checkers know: every name there is, and no other."""

import importlib.util
import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import glassnet as gn
from glassnet.data.arrays import KINDS
from glassnet.formulas import updates
from glassnet.parts import activations, initializers, literals, losses, optimizers, schedules
from glassnet.parts.synonyms import SAME
from glassnet.readings.eject import LANGUAGES
from glassnet.training import choice
from glassnet.training.metrics import METRICS

ROOT = Path(__file__).parents[1]

# each line that ends with "refused" is refused by type checkers, and no other line is
SNIPPET = """\
import numpy as np
import glassnet as gn

X, y = gn.datasets.moons()
gn.Adam(0.1, beta1=0.8, clip_norm=1.0)
gn.Adam(lrr=0.1)  # refused
gn.SGD(0.1, beta1=0.9)  # refused
gn.RMSprop(rho="0.9")  # refused
gn.Dense(4, "tanh", weights="he_normal", biases=np.zeros(4))
gn.Dense(4, "swish", weights=[[0.1, 0.2, 0.3, 0.4]])
gn.Dense(4, lambda z: z * z, weights=gn.initializer("uniform", low=0, high=1))
gn.Dense(4, "tahn")  # refused
gn.Dense(4, weights="glrot")  # refused
gn.Dense(4, weights="constant")  # refused
gn.Dense("4")  # refused
gn.loss("huber", delta=2.0, reduction="sum", output="identity")
gn.loss("hubre")  # refused
gn.loss("squared", half=True)
gn.loss("squared", delta=2.0)  # refused
gn.loss("huber", reduction="average")  # refused
gn.loss("cross_entropy", label_smoothing=0.1)
gn.loss("squared", label_smoothing=0.1)  # refused
gn.loss(lambda y, s: (y - s) ** 2)
gn.Network(gn.Dense(), loss="mse")
gn.Network(gn.Dense(), loss=gn.loss("quantile", q=0.3))
gn.Network(gn.Dense(), loss="hubre")  # refused
gn.activation("leaky_relu", slope=0.2)
gn.activation("relu", slope=0.2)  # refused
gn.activation("rleu")  # refused
gn.initializer("constant", value=1.0)
gn.initializer("constant")  # refused
gn.initializer("uniform", std=1.0)  # refused
gn.schedule("cosine", 0.1, epochs=20, warm_up=2)
gn.schedule("cosine", 0.1)
gn.schedule("cosine", 0.1, cycles=3)  # refused
gn.Dropout(gn.schedule("flat_cosine", 0.1))
gn.AdamW(weight_decay=gn.schedule("log_cosine", 0.1, cycles=3))
gn.schedule("step", 0.1, epochs=20)  # refused
gn.schedule("cosin", 0.1, epochs=20)  # refused
gn.optimizer("adamw", 0.1, weight_decay=0.1)
gn.optimizer("adam", 0.1, weight_decay=0.1)  # refused
gn.optimizer("adm")  # refused
network = gn.Network(gn.Dense(4, "relu"), gn.Dense())
model = gn.train(network, X, y, optimizer="adam", metrics=["auc", "f1"], engine="numpy", dtype="float32")
gn.train(network, X, y, optimizer=gn.Adam(0.1), metrics="accuracy", dtype=np.float64, class_weight="balanced")
gn.train(network, X, y, metrics=["auc", lambda y, p: 1.0], kind="classes")
gn.train(network, X, y, optimizer="adm")  # refused
gn.train(network, X, y, metrics="acuracy")  # refused
gn.train(network, X, y, metrics=["auc", "f2"])  # refused
gn.train(network, X, y, kind="class")  # refused
gn.train(network, X, y, engine="numba")  # refused
gn.train(network, X, y, dtype="float16")  # refused
gn.train(network, X, y, epoch=3)  # refused
gn.train(network, X, y, class_weight="equal")  # refused
gn.train_many(network, X, y, seeds=range(3), optimizer="sgd")
gn.train_many(network, X, y, seeds=range(3), optimizer="sdg")  # refused
runs = gn.train_many(network, X, y, seeds=3, vary={"l2": [0.0, 0.1], "hidden": [4, (8, 4)]}, folds=5)
gn.train_many(network, X, y, vary=[{"l2": [0.1]}, {"l1": np.array([0.1])}], folds=[([0, 1], [2])], samples=None)
gn.train_many(network, X, y, folds="five")  # refused
gn.train_many(network, X, y, vary=0.1)  # refused
gn.train_many(network, X, y, seed=3)  # refused
drawn: gn.Lottery = gn.lottery(network, X, y, seeds=20, vary="usual", learnt="accuracy>=0.9", epochs=10)
gn.lottery(network, X, y, vary={"hidden": [4, 8], "loss": ["squared"]}, learnt=0.1)
gn.lottery(network, X, y, vary="usul")  # refused
gn.lottery(network, X, y, folds=3)  # refused
last: gn.Model = runs[-1]
some: gn.Runs = runs[2:5].sorted("val_loss", mode="min")
some.best(mode="smallest")  # refused
gn.initialize(network, X, y, kind="numbers")  # refused
gn.EarlyStopping(mode="min")
gn.EarlyStopping(mode="smallest")  # refused
gn.check_gradient(network, X, y, method="complex")
gn.check_gradient(network, X, y, method="forward")  # refused
model.evaluate(X, y, metrics=["roc_auc"])
model.evaluate(X, y, metrics=["roc"])  # refused
model.eject("js").save("network.mjs")
model.eject("jss")  # refused
model.predictor("compiled")
model.predictor("fast")  # refused
name: str = model.network.layers[0].__class__.__name__
"""

REFUSED = {k for k, line in enumerate(SNIPPET.splitlines(), start=1) if line.endswith("refused")}


def lines_refused(command: list[str], folder: Path) -> set[int]:
    """The lines of the snippet that a type checker refuses."""
    snippet = folder / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    done = subprocess.run([*command, str(snippet)], cwd=ROOT, capture_output=True, text=True)
    errors = [line for line in done.stdout.splitlines() if "error:" in line or " - error" in line]
    assert errors, done.stdout + done.stderr
    return {int(line.partition("snippet.py:")[2].partition(":")[0]) for line in errors}


def needed(tool: str) -> str:
    """A tool's path; skipped where it is not installed, unless `scripts/lint` runs this, which has all of them."""
    found = shutil.which(tool, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None and os.environ.get("GLASSNET_LINT") != "all":
        pytest.skip(f"{tool} is not installed")
    assert found, f"{tool} is not installed"
    return found


def test_mypy_refuses_what_is_misspelled_and_nothing_else(tmp_path: Path) -> None:
    assert lines_refused([needed("mypy")], tmp_path) == REFUSED


def test_pyright_refuses_the_same(tmp_path: Path) -> None:
    assert lines_refused([needed("pyright"), "--pythonpath", sys.executable], tmp_path) == REFUSED


@pytest.mark.parametrize(
    ("known", "what", "names"),
    [
        (literals.ActivationName, "activation", activations.NAMES),
        (literals.LossName, "loss", losses.NAMES),
        (literals.InitializerName, "initializer", initializers.NAMES),
        (literals.OptimizerName, "optimizer", optimizers.RULES),
        (literals.ScheduleName, "schedule", schedules.SCHEDULES),
        (literals.MetricName, "metric", METRICS),
        (literals.LanguageName, "language", LANGUAGES),
        (literals.ReductionName, "reduction", losses.REDUCTIONS),
        (literals.EngineName, "engine", choice.NAMES),
        (literals.KindName, "kind", KINDS),
    ],
)
def test_they_know_the_names_of_the_tables(known: Any, what: str, names: Any) -> None:
    needs_an_option = {"constant"} if what == "initializer" else set()
    ours = {*names} - needs_an_option
    theirs = {other for other, meant in SAME.get(what, {}).items() if meant in ours}
    assert {*get_args(known)} == ours | theirs


def test_what_is_written_is_what_the_tables_say() -> None:
    needed("ruff")
    spec = importlib.util.spec_from_file_location("write_names", ROOT / "scripts" / "write_names.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for path, text in script.written().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is old: run scripts/write_names.py"


RULE_OF = {"NAdam": "nadam", "AdamW": "adamw", "AMSGrad": "amsgrad"}
MAKERS = [gn.SGD, gn.Momentum, gn.Nesterov, gn.RMSprop, gn.Adagrad, gn.Adadelta, gn.Adam, gn.AMSGrad, gn.NAdam]


@pytest.mark.parametrize("maker", [*MAKERS, gn.AdamW, gn.Rprop], ids=lambda maker: maker.__name__)
def test_an_optimizer_shows_its_numbers(maker: Callable[..., Any]) -> None:
    rule = inspect.signature(vars(updates)[maker().name]).parameters
    shown = inspect.signature(maker).parameters
    numbers = {name for name, item in rule.items() if item.default is not item.empty and name != "decayed"}
    assert {*shown} == {"learning_rate", "clip_norm", "clip_value"} | numbers
    for name in numbers:
        assert shown[name].default == rule[name].default
        assert maker(**{name: shown[name].default}).options == {name: shown[name].default}


def test_glassnet_shows_its_interface_alone() -> None:
    assert dir(gn) == sorted(gn.__all__)
