"""Explanations as LaTeX: they compile, whatever names are in them."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import glassnet as gn
from glassnet.expressions.expression import Expression, constant
from glassnet.readings.explain.html_formulas import HTML_FORMULAS
from glassnet.readings.explain.latex_formulas import LATEX_FORMULAS, latex_value, latex_words
from glassnet.readings.explain.latex_page import latex_document, latex_page
from glassnet.readings.explain.text_lines import side_by_side

with_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")


def compiled(text: str, folder) -> str:
    """What pdflatex says of a document; it must not stop."""
    (folder / "page.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@with_latex
@pytest.mark.parametrize("is_close", [False, True])
def test_a_page_with_everything_compiles(tmp_path, contents, is_close):
    assert "Overfull \\vbox" not in compiled(latex_page(contents(close_up=is_close)), tmp_path)


@with_latex
def test_a_hostile_name_compiles(tmp_path, contents, hostile):
    log = compiled(latex_page(contents(hostile)), tmp_path)
    assert "/etc/passwd" not in re.sub(r"\s", "", log)


@with_latex
@pytest.mark.parametrize("name", ["\\", "a\x00b\x1b\ud800", "[1] *", "Größe naïve Ångström ŝ ½ α →", "", "%" * 80])
def test_any_name_compiles(tmp_path, contents, name):
    compiled(latex_page(contents(name)), tmp_path)


@with_latex
def test_it_can_be_pasted_into_a_document_that_loads_amsmath(tmp_path, contents):
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath}\begin{document}before "
    compiled(head + latex_document(contents()) + r" after\end{document}", tmp_path)


@with_latex
def test_real_explanations_compile(tmp_path):
    X, y = np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([[1.0], [0.0]])
    layers = gn.Dense(3, "gelu"), gn.BatchNorm(), gn.LayerNorm(), gn.Dropout(0.5), gn.Dense(17, "selu"), gn.Dense(1)
    model = gn.train(gn.Network(*layers, loss="huber"), X, y, epochs=2, seed=0, optimizer=gn.Adam(0.1), engine="numpy")
    explanation = model.explain(X, y, finite_differences=True)
    parts = [explanation, explanation["dW1"][0, 2], explanation.neuron("h1.2")]
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath}\begin{document}"
    compiled(head + "\n\n".join(part.latex() for part in parts) + r"\end{document}", tmp_path)


def test_words_have_no_commands_of_their_own():
    assert latex_words("50 % of a_b & c") == r"50 \% of a\_b \& c"
    assert latex_words("é日") == r"{\'{e}}{[U+65E5]}"
    assert latex_words("a ≤ ½") == r"a $\le$ $\tfrac{1}{2}$"


def test_numbers_are_mathematics():
    assert latex_value(-0.0, 4) == "0"
    assert latex_value(-1.2345e-5, 3) == r"-1.23 \cdot 10^{-5}"
    assert latex_value(float("nan"), 4) == r"\text{not a number}"
    assert latex_value(float("-inf"), 4) == r"\text{-infinity}"


def test_symbols_have_their_place_behind_them():
    assert LATEX_FORMULAS.symbol("dW1[0, 2]") == r"\mathrm{d}W_{1}[0, 2]"
    assert LATEX_FORMULAS.symbol("max(z2, axis=1, keepdims=True)[0, 0]") == r"\mathrm{max}(z_{2})[0, 0]"


def test_wide_tables_are_set_in_parts():
    assert side_by_side([10] * 5, 25) == [(0, 2), (2, 4), (4, 5)]
    assert side_by_side([30, 5, 30], 20) == [(0, 1), (1, 2), (2, 3)]


@with_latex
def test_names_in_other_scripts_stay_on_the_page(tmp_path):
    rows = {f"\u65e5\u672c\u8a9e {k}": [1.0, 2.0, 3.0 + k] for k in range(9)} | {"y": [1.0, 2.0, 3.0]}
    model = gn.initialize(gn.Network(gn.Dense(2), gn.Dense()), rows, target="y", seed=0)
    model.explain(rows, optimizer="sgd").save(tmp_path / "rows.tex")
    assert "Overfull" not in compiled((tmp_path / "rows.tex").read_text(encoding="utf-8"), tmp_path)


def test_numbers_stand_where_their_symbols_stood():
    formula = Expression("multiply", (Expression("subtract", (constant(1.0), constant(0.9))), constant(0.5)))
    assert LATEX_FORMULAS.formula(formula, 4) == r"(1 - 0.9) \cdot 0.5"
    assert HTML_FORMULAS.formula(formula, 4) == "(1 − 0.9) · 0.5"


def test_every_number_of_a_page_is_in_it(contents):
    text = latex_document(contents())
    assert r"\mathrm{d}W_{1}[0, 2] \leftarrow x[0, 0] \cdot \mathrm{d}z_{1}[0, 2]" in text
    assert r"= 2 \cdot (-0.25) + 1 \cdot 10^{-5} \cdot 0.125" in text
    assert r"\approx \mathbf{-0.5}" in text
    assert r"(39.1 - 43.9)" in text or r"\frac{39.1 - 43.9}{5.46}" in text
    assert "finite difference" in text
    assert "unit 399" in text
