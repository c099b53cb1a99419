"""A derivation saved: what the file's name says, and LaTeX documents that compile."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation import derive as derivations
from glassnet.derivation.walk import values_of
from glassnet.derivation.written import WrittenDerivation
from glassnet.parts.activations import NAMES as ACTIVATIONS
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.optimizers import RULES

with_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
SCHEDULED: tuple[tuple[str, dict[str, float]], ...] = (
    *(("step", {"every": 10}), ("cosine", {"epochs": 20})),
    *(("exponential", {"decay": 0.9}), ("inverse_scaling", {"power": 0.5})),
)
PARTS = gn.Dense(3), gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dropout(0.2), gn.LayerNorm(), gn.Dense(2)


def derive(*asked: Any, **options: Any) -> WrittenDerivation:
    return WrittenDerivation(derivations.derive(*asked, **options))


@dataclass(frozen=True)
class Pairs:
    """A layer with values of three and four axes, whose slopes are derived from its formula."""

    units: int = 3
    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"K": gn.Parameter((n_inputs, 2, self.units), gn.initializer("normal"))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        h = np.tanh(np.expand_dims(np.expand_dims(x, 2), 3) * p.K)  # (n, i, 2, u)
        return {"h": h, "c": h.sum(axis=2), "y": np.max(h.sum(axis=2), axis=1)}


def compiled(text: str, folder: Any) -> str:
    """What pdflatex says of a document; it must not stop, and nothing may stick out."""
    (folder / "page.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert not re.search(r"Overfull|Missing character", done.stdout), done.stdout
    return done.stdout


@with_latex
@pytest.mark.parametrize("k", range(len(RULES)))
def test_a_latex_document_compiles_with_every_part(k, tmp_path):
    loss, rule = LOSSES[k % len(LOSSES)], RULES[k]
    layers = [gn.Dense(3, name) for name in ACTIVATIONS[k :: len(RULES)]]
    schedule, options = SCHEDULED[k % len(SCHEDULED)]
    rate = gn.schedule(schedule, 0.5, warm_up=2.0, **options)
    optimizer = gn.optimizer(rule, rate, clip_norm=1.0, clip_value=0.5)
    network = gn.Network(*layers, *PARTS, loss=loss, l1=0.01, l2=0.1)
    derived = derive(network, 2, optimizer, weighted=bool(k % 2), frozen=bool(k % 3))
    derived.save(tmp_path / "page.tex", expand=bool(k % 2))
    compiled((tmp_path / "page.tex").read_text(encoding="utf-8"), tmp_path)


@with_latex
def test_layers_and_functions_of_ones_own_compile(tmp_path):
    def bend(z):
        """日本 a → ½z, 50 % of a_b & \\input{/etc/passwd} é ± — $x_{ \x00"""
        return np.where(z > 0.0, z * np.tanh(z) / (1.0 + np.abs(z) / (1.0 + z * z)), 0.1 * np.expm1(z)) ** 3.0

    def far(z):
        return bend(z)

    def own(y, s):
        return np.log1p((s - y) ** 2 / (1.0 + np.abs(s)))

    network = gn.Network(gn.Dense(3, bend), Pairs(), gn.Dense(4, far), gn.Dense(1), loss=own)
    for expand in (False, True):
        derive(network, 2, gn.Adam()).save(tmp_path / "page.tex", expand)
        log = compiled((tmp_path / "page.tex").read_text(encoding="utf-8"), tmp_path)
        assert "/etc/passwd" not in re.sub(r"\s", "", log)


@with_latex
def test_many_layers_go_over_many_pages(tmp_path):
    network = gn.Network(*[gn.Dense(64, "gelu") for _ in range(20)], gn.Dense(10), loss="cross_entropy")
    log = compiled(derive(network, 784, gn.Adam()).written_for("page.tex"), tmp_path)
    assert int(re.search(r"\((\d+) pages", log)[1]) > 5


def test_axes_after_the_second_are_called_by_their_number():
    text = derive(gn.Network(Pairs(), gn.Dense(1), loss="mse"), 2).latex()
    assert r"\textstyle\sum_{\text{axis 2}} h_{1}" in text
    assert r"\max_{\text{axis 1}}" in text
    assert r"\sum_{\text{rows}}" in text


def test_the_name_says_what_is_written(tmp_path):
    derived = derive(gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="mse"), 2, gn.SGD(0.5))
    begins = {
        "d.txt": "2-2-1 · tanh",
        "d.HTML": "<!doctype html>",
        "d.htm": "<!doctype html>",
        "d.tex": "\\documentclass",
    }
    for name, start in begins.items():
        derived.save(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start), name
    assert "<title>derivation of 2-2-1 · tanh, identity</title>" in (tmp_path / "d.htm").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["d.pdf", "d", "d.tex.bak", "d.md"])
def test_other_names_are_refused_as_those_of_explanations_are(tmp_path, name):
    model = gn.train(gn.Network(gn.Dense(1)), [[0.0], [1.0]], [0.5, 1.0], epochs=1, seed=1, progress=False)
    for what, thing in (("a derivation", model.derivation()), ("an explanation", model.explain([0.5]))):
        with pytest.raises(ValueError, match=f"the name of {what} must end in .txt or .html or .tex or .json, got "):
            thing.save(tmp_path / name)
        assert not (tmp_path / name).exists()


def test_json_has_every_step_as_a_formula_that_python_can_evaluate(tmp_path):
    X, y = gn.datasets.moons(20)
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense(1)), X, y, epochs=2, seed=1, progress=False)
    derived = model.derivation(prediction=True)
    derived.save(tmp_path / "d.json")
    found = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(derived.to_json()))
    assert found["learnt"] == {"W1": [2, 3], "b1": [3], "W2": [3, 1], "b2": [1]}
    numpy = {name: getattr(np, name) for name in ("tanh", "exp", "abs", "minimum", "maximum")}
    values = {**numpy, **found["constants"], **model.weights, "x": model.checked(X)}
    for step in found["steps"]:
        values[step["name"]] = eval(step["formula"], {}, values)
    expected = values_of(derived.record, model.weights, model.checked(X))
    assert np.allclose(values[found["output"]], expected[found["output"]], rtol=1e-12)
    trained = model.derivation().to_json()
    assert {step["replaces"] for step in trained["steps"]} == {None, "theta", "m", "v"}
    assert [step["phase"] for step in trained["steps"]][-1] == "update"
