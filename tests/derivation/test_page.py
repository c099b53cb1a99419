"""A derivation's pages say what the network computes, in order; nothing a name contains can break them."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from glassnet.derivation import derive as derivations
from glassnet.derivation.contents import contents
from glassnet.derivation.page import packed, wrapped_formula
from glassnet.derivation.reasons import forward_reason
from glassnet.derivation.theme import DARK, LIGHT
from glassnet.derivation.written import WrittenDerivation
from glassnet.expressions.expression import symbols_in
from glassnet.expressions.notation import plain
from glassnet.parts.activations import activation
from glassnet.parts.average import Average
from glassnet.parts.embeddings import PiecewiseLinearEmbedding
from glassnet.parts.layers import BatchNorm, Dense, Dropout, LayerNorm, Scale
from glassnet.parts.losses import NAMES as LOSSES
from glassnet.parts.losses import loss
from glassnet.parts.nested import Beside, Columns
from glassnet.parts.network import Network
from glassnet.parts.optimizers import RULES, SGD, Adam, Rprop, optimizer, schedule
from glassnet.training.contract import with_temperature

XOR = Network(Dense(4, "sigmoid"), Dense(1, "sigmoid"), loss="mse")

XOR_AT_80 = """\
2-4-1 · sigmoid, sigmoid · squared loss, mean over rows · 17 parameters · sgd

  x      n rows of 2 inputs
  y      n rows of 1 target
  theta  all that is learnt, as one vector of 17 numbers: W1 (2, 4), b1 (4,),
         W2 (4, 1), b2 (1,)
  g      the gradient, in the same order: dW1, db1, dW2, db2
  dq     ∂L/∂q, how the loss L changes with q; of the same shape as q
  lr = 0.5

── Forward ─────────────────────────────────────────────────────────────────────
  layer 1: Dense(4, sigmoid)
    z1 = x @ W1 + b1           (n, 4)  each unit's weighted sum of the inputs,
                                       plus its bias
    a1 = sigmoid(z1)           (n, 4)  a = 1 / (1 + exp(-z)): any score becomes
                                       a number between 0 and 1, a probability
  layer 2: Dense(1, sigmoid)
    z2 = a1 @ W2 + b2          (n, 1)  each unit's weighted sum of the inputs,
                                       plus its bias
    a2 = sigmoid(z2)           (n, 1)  a = 1 / (1 + exp(-z)): any score becomes
                                       a number between 0 and 1, a probability

── Loss ────────────────────────────────────────────────────────────────────────
    l = (a2 - y)**2            (n, 1)  squared loss: twice as far off costs four
                                       times as much
    L = sum(l) / n             ()      the loss of the batch: mean over rows

── Backward ────────────────────────────────────────────────────────────────────
    da2 = 2 * (a2 - y) / n     (n, 1)  the loss's slope at a2
  layer 2: Dense(1, sigmoid)
    dz2 = da2 * a2 * (1 - a2)  (n, 1)  chain rule through the sigmoid
    dW2 = a1.T @ dz2           (4, 1)  how the loss changes with W2, summed over
                                       the rows
    db2 = sum(dz2, axis=0)     (1,)    how the loss changes with b2, summed over
                                       the rows
    da1 = dz2 @ W2.T           (n, 4)  passed back through layer 2 to its input
  layer 1: Dense(4, sigmoid)
    dz1 = da1 * a1 * (1 - a1)  (n, 4)  chain rule through the sigmoid
    dW1 = x.T @ dz1            (2, 4)  how the loss changes with W1, summed over
                                       the rows
    db1 = sum(dz1, axis=0)     (4,)    how the loss changes with b1, summed over
                                       the rows

── Update ──────────────────────────────────────────────────────────────────────
    theta = theta - lr * g     (17,)   the sgd step"""

EXPANDED_FORWARD_AT_60 = """\
── Forward ─────────────────────────────────────────────────
  layer 1: Dense(3, bend, bias=False)
    z1 = x @ W1                          (n, 3)
         each unit's weighted sum of the inputs
    a1 = where(z1 >= 0, 1, e) / (1 + e)  (n, 3)
         where e = exp(-abs(z1))
         a = 1 / (1 + exp(-z)): any score becomes a number
         between 0 and 1
  prediction
    p = a1                               (n, 3)
        the prediction: what the last layer gives"""


def derive(*asked, **options) -> WrittenDerivation:
    return WrittenDerivation(derivations.derive(*asked, **options))


def derive_prediction(*asked) -> WrittenDerivation:
    return WrittenDerivation(derivations.derive_prediction(*asked))


def formulas(page: str) -> dict[str, str]:
    """The lines `name = formula` of a page, without shapes and reasons."""
    return dict(re.findall(r"^    (\S+) += (.*?)(?:  .*)?$", page, re.MULTILINE))


def everything():
    def own(z):
        return z * np.tanh(z)

    layers = [Dense(5, "tanh"), BatchNorm(), Dropout(0.2), LayerNorm(), Dense(3, own), Dense(7, "softmax")]
    network = Network(*layers, loss="cross_entropy", l1=0.01, l2=0.1)
    rule = Adam(schedule("cosine", 0.5, epochs=20), clip_norm=1.0, clip_value=0.5)
    return derive(network, 2, rule, weighted=True, frozen=True)


def test_the_page_of_the_xor_network_reads_like_a_textbook():
    assert derive(XOR, 2, SGD(0.5)).text(80) == XOR_AT_80


def test_as_narrow_as_it_may_be_the_longest_page_breaks_formulas_where_one_would():
    network = Network(BatchNorm(), Dense(3, "gelu"), Dense(2), loss="cross_entropy", l2=0.1)
    page = derive(network, 2, Adam(0.01)).text(40, expand=True)
    assert page == Path(__file__).with_name("narrow_page.txt").read_text(encoding="utf-8").rstrip("\n")
    assert derive(network, 2, Adam(0.01)).text(39, expand=True) == page


def test_printing_a_derivation_prints_its_page_100_columns_wide():
    derivation = derive(XOR, 2, SGD(0.5))
    assert str(derivation) == repr(derivation) == derivation.text(100)
    assert "dz1 = da1 * a1 * (1 - a1)  (n, 4)  chain rule through the sigmoid: steepest at z = 0 (slope" in str(
        derivation
    )


def test_expanded_a_formula_is_arithmetic_and_what_occurs_twice_is_said_once():
    def bend(z):
        """a = 1 / (1 + exp(-z)): any score becomes a number between 0 and 1."""
        e = np.exp(-np.abs(z))
        return np.where(z >= 0.0, 1.0, e) / (1.0 + e)

    page = derive_prediction(Network(Dense(3, bend, bias=False)), 2).text(60, expand=True)
    assert page[page.index("──") :] == EXPANDED_FORWARD_AT_60


@pytest.mark.parametrize("width", [40, 60, 80, 100, 133])
@pytest.mark.parametrize("expand", [False, True])
def test_no_line_is_wider_than_the_page(width, expand):
    page = everything().text(width, expand)
    assert max(map(len, page.splitlines())) <= width + (40 if width < 60 else 0)  # a name is not broken in two
    assert not re.search(r"[ ]$", page, re.MULTILINE)


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (["aaaa", "bbbb"], ["aaaa, bbbb"]),
        (["aaaa", "bbbb", "cc"], ["aaaa,", "bbbb, cc"]),  # a comma after bbbb would be too much
        (["aaaa", "bbb", "cc"], ["aaaa, bbb,", "cc"]),
        (["aaaaaaaaaaa", "b"], ["aaaaaaaaaa", "a,", "b"]),
    ],
)
def test_parts_are_packed_with_what_stands_between_them(parts, lines):
    assert packed(parts, ", ", 10) == lines


@pytest.mark.parametrize("room", [20, 33, 58])
def test_wrapping_changes_no_formula(room):
    for step in everything().steps:
        lines = wrapped_formula(f"{step.name} = ", step.expression, room)
        assert "".join("".join(lines).split()) == "".join(f"{step.name}={plain(step.expression)}".split())
        if len(step.name) < 8:
            assert max(map(len, lines)) <= max(room, 34)  # a name is not broken in two


def test_new_values_of_memory_go_by_the_name_of_what_they_replace():
    shown = formulas(everything().text(300))
    assert shown["m"] == "beta1 * m + (1 - beta1) * g_clip"
    assert shown["running_mean2"] == "mean2 + 0.9 * (running_mean2 - mean2)"
    assert "_new" not in everything().text()
    assert formulas(derive(XOR, 2, Rprop()).text(300))["theta"] == "theta - step * sign(g_before)"


def test_short_arithmetic_is_shown_and_long_arithmetic_goes_by_name():
    shown = formulas(derive(Network(Dense(3, "tanh"), Dense(3, "gelu"), Dense(1), loss="huber"), 2).text(300))
    assert shown["a1"] == "tanh(z1)"
    assert shown["dz1"] == "da1 * (1 - a1**2)"
    assert shown["dz2"] == "gelu_backward(da2, z2, a2)"
    assert shown["dz3"] == "maximum(minimum(z3 - y, 1), -1) / n"


def test_the_gradient_of_a_cross_entropy_is_prediction_minus_truth():
    for kind, name in (("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax")):
        shown = formulas(derive(Network(Dense(2), loss=kind), 3).text(300))
        assert shown["dz1"].startswith(f"({name}(z1) - y) / ")


def test_a_function_of_ones_own_is_explained_by_its_docstring_or_else_by_its_arithmetic():
    def bend(z):
        return z / (1.0 + np.abs(z))

    page = derive_prediction(Network(Dense(3, bend)), 2).text(100)
    assert re.search(r"a1 = bend\(z1\) +\(n, 3\)  = z1 / \(1 \+ abs\(z1\)\)", page)
    bend.__doc__ = "A gentle bend."
    page = derive_prediction(Network(Dense(3, bend)), 2).text(100)
    assert re.search(r"a1 = bend\(z1\) +\(n, 3\)  A gentle bend$", page, re.MULTILINE)


def test_the_slope_of_ones_own_loss_is_written_without_ones():
    shown = formulas(derive(Network(Dense(1), loss=loss(lambda y, s: (y - s) ** 2)), 3).text(100))
    assert shown["l"] == "(y - z1)**2"
    assert shown["dz1"] == "-2 * (y - z1) / n"


def test_a_prediction_has_only_the_way_forward():
    page = derive_prediction(Network(Dense(3, "relu"), Dense(2, "softmax"), loss="cross_entropy"), 5).text()
    assert re.findall("── (.*?) ", page) == ["Forward"]
    assert page.startswith("5-3-2 · relu, softmax (in the loss) · 26 parameters\n")
    assert "p  = softmax(z2)" in page or "p = softmax(z2)" in page
    assert "theta" not in page
    assert "∂" not in page


def test_the_heading_tells_conventions_apart():
    def heading(**options):
        return derive(Network(Dense(3), loss=loss("squared", **options)), 2).text(200).splitlines()[0]

    assert heading() == "2-3 · identity · squared loss, mean over rows and outputs · 9 parameters"
    assert "squared loss, sum over outputs, mean over rows" in heading(reduction="batchmean")
    assert "squared loss(half=True), sum over rows and outputs" in heading(reduction="sum", half=True)


def test_the_heading_says_the_temperature_of_the_last_layer():
    layers = [Dense(4, "tanh"), Dense(5, "relu"), Dense(3)]
    page = derive_prediction(with_temperature(Network(*layers, loss="cross_entropy"), 1.2345), 2).text(200)
    assert page.startswith("2-4-5-3 · tanh, relu, softmax (in the loss) at temperature 1.23 · ")


def test_what_is_not_learnt_is_said_to_be_kept_or_made_of_the_rows():
    said = dict(contents(derivations.derive(Network(BatchNorm(), Dense(3), loss="mse"), 2)).symbols)
    assert said["running_mean1", "running_var1"] == "kept for prediction, not learnt"
    made = dict(contents(derivations.derive(Network(PiecewiseLinearEmbedding(3), Dense(3), loss="mse"), 2)).symbols)
    (names,) = [names for names, words in made.items() if words == "made of the training rows, not learnt"]
    assert not any(words.startswith("kept for prediction") for words in made.values())
    assert names


def test_numbers_stand_below_the_symbols_of_an_article_where_there_are_some(tmp_path):
    for rule, numbers in ((SGD(0.25), r"& \mbox{$\eta = 0.25$} \\"), (None, None)):
        derivation = derive(XOR, 2, rule) if rule else derive_prediction(Network(Dense(3, "tanh")), 2)
        derivation.save(tmp_path / "d.tex")
        symbols = (tmp_path / "d.tex").read_text().split(r"\end{longtable}")[0]
        assert (numbers in symbols) if numbers else r"& \mbox" not in symbols


def test_every_kind_of_page_has_the_same_symbols_groups_and_factors(tmp_path):
    network = Network(Dense(3, "tanh", strength=True, strength_penalised=0.25), Dense(2), loss="cross_entropy", l2=0.1)
    derivation = derive(network, 2, Adam(0.01))
    assert "1 for W1 and W2, 0.25 for alpha1, 0 for the others" in derivation.text(200)
    headings = re.findall('<th colspan="4">(.*?)</th>', derivation.html())
    first, second = "layer 1: Dense(3, tanh, strength)", "layer 2: Dense(2)"
    assert headings == ["Forward", first, second, "Loss", "Backward", second, first, "Update"]
    derivation.save(tmp_path / "d.tex")
    article = (tmp_path / "d.tex").read_text()
    labels = re.findall(r"^\$(.*?)\$ & (?:n|all|the|a|remem|\$.partial)", article, re.MULTILINE)
    expected = ["x", "y", r"\theta", "g", "t", r"\mathrm{penalised}", "m$, $v", r"\mathrm{d}q"]
    assert [label.removesuffix("$") for label in labels[:8]] == expected
    block = re.findall(r"^(\S.*?) &\\quad", derivation.latex(), re.MULTILINE)
    assert block == ["x", "y", r"\theta", "g", "t", r"\mathrm{penalised}", r"m,\, v", r"\mathrm{d}q"]


def test_three_names_of_one_meaning_stand_side_by_side_and_of_four_the_first(tmp_path):
    for layers, kept in (((BatchNorm(), Dense(2)), 2), ((BatchNorm(), Dense(3), BatchNorm(), Dense(2)), 4)):
        derivation = derive(Network(*layers, loss="mse"), 2)
        derivation.save(tmp_path / "d.tex")
        (label,) = re.findall(r"^(.*) & kept for prediction", (tmp_path / "d.tex").read_text(), re.MULTILINE)
        assert label.count("$") == (4 if kept == 2 else 2)
        assert label.endswith(r"\dots") == (kept == 4)


def test_a_value_of_a_member_or_of_a_part_has_the_reason_of_its_kind():
    beside = Beside(Columns([0], Scale()), Columns([1], Scale()))
    assert forward_reason("p_b", None, Average(2)) == "what a member says"
    assert forward_reason("t_b", None, beside) == "the columns that go through the layers inside"
    assert forward_reason("something", None, Average(2)) == "Average"


def test_formulas_are_named_unless_their_arithmetic_is_asked_for():
    derivation = derive(XOR, 2, SGD(0.5))
    assert derivation.html() == derivation.html(expand=False) != derivation.html(expand=True)
    assert derivation.page() == derivation.page(expand=False) != derivation.page(expand=True)
    assert derivation.latex() == derivation.latex(expand=False) != derivation.latex(expand=True)
    assert derivation.text() == derivation.text(expand=False) != derivation.text(expand=True)


def test_latex_has_a_block_for_the_symbols_and_one_for_each_phase():
    text = derive(XOR, 2, SGD(0.5)).latex()
    assert text.count(r"\begin{aligned}") == text.count(r"\[") == 5
    assert r"z_{1} &= x\, W_{1} + b_{1} && n \times 4 &&" in text
    assert r"a_{2} &= \sigma\left(z_{2}\right)" in text
    assert r"\mathrm{d}a_{2} &= \frac{2\, \left(a_{2} - y\right)}{n}" in text
    assert r"\mathrm{d}z_{1} &= \mathrm{d}a_{1} \odot a_{1} \odot \left(1 - a_{1}\right)" in text
    assert r"\theta &\leftarrow \theta - \eta\, g" in text
    assert r"\eta &= 0.5" in text


def test_notebooks_get_blocks_between_dollars():
    for block in derive(XOR, 2, SGD(0.5))._repr_latex_().split("\n\n"):
        assert re.fullmatch(r"\$\\displaystyle \\begin\{aligned\}.*\\end\{aligned\}\$", block, re.DOTALL)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_latex_compiles_with_amsmath(tmp_path):
    pages = [
        everything().latex(),
        everything().latex(expand=True),
        derive(XOR, 2, SGD(0.5)).latex(),
        hostile().latex(),
    ]
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath}\begin{document}"
    (tmp_path / "page.tex").write_text(head + "\n\n".join(pages) + r"\end{document}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]


HOSTILE = "<script>alert('&amp;')</script> \\input{/etc/passwd} $x_{ ^~#% \\end{aligned}"


def hostile():
    def bend(z):
        return z * np.tanh(z)

    bend.__doc__ = HOSTILE
    return derive(Network(Dense(3, activation(bend)), Dense(1), loss="mse"), 2, SGD(0.5))


TAGS = {
    "div",
    "style",
    "header",
    "b",
    "span",
    "dl",
    "dt",
    "dd",
    "table",
    "tbody",
    "tr",
    "th",
    "td",
    "i",
    "sub",
    "sup",
}


class Visible(HTMLParser):
    """What a browser shows, and the tags it meets."""

    def __init__(self):
        super().__init__()
        self.text, self.tags, self.open = "", set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read(page: str) -> Visible:
    visible = Visible()
    visible.feed(page)
    visible.close()
    assert not visible.open
    return visible


def test_html_shows_a_hostile_docstring_as_text():
    visible = read(hostile().html())
    assert "script" not in visible.tags
    assert HOSTILE in visible.text


def test_html_needs_nothing_from_elsewhere():
    page = everything().html(expand=True)
    visible = read(page)
    assert visible.tags <= TAGS
    assert not re.search(r"https?:|url\(|@import|src=|on\w+=", page)
    assert "prefers-color-scheme:dark" in page


def test_html_styles_only_itself():
    style = re.search(r"<style>(.*?)</style>", derive(XOR, 2).html(), re.DOTALL)[1]
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{(.*?\})\s*\}", r"\1", style, flags=re.DOTALL))
    assert len(selectors) > 20
    for selector in selectors:
        assert all(".glassnet-derivation" in part for part in selector.split(",")), selector


def test_html_shows_every_step_with_its_shape():
    derivation = everything()
    page = derivation.html()
    assert page.count("</td></tr>") == len(derivation.steps)
    assert "<td>= <i>x</i>&#8202; <i>W</i><sub>1</sub> + <i>b</i><sub>1</sub></td><td>(n, 5)</td>" in page
    assert derivation._repr_html_() == page


@pytest.mark.parametrize("rule", RULES)
def test_an_optimizers_numbers_are_called_as_its_options(rule):
    chosen = optimizer(rule)
    derivation = derive(XOR, 2, chosen)
    assert derivation.constants == {**chosen.hyperparameters, "lr": chosen.learning_rate}
    read = set().union(*(symbols_in(step.expression) for step in derivation.steps))
    assert set(derivation.constants) <= read


def test_where_a_layer_has_the_name_of_an_option_the_optimizers_own_stands_before_it():
    derivation = derive(Network(Dense(3), BatchNorm(), Dense(1), loss="mse"), 2, Adam())
    assert {"beta1": 0.9, "adam_beta2": 0.999}.items() <= derivation.constants.items()
    assert formulas(derivation.text(300))["v"] == "adam_beta2 * v + (1 - adam_beta2) * g**2"


def test_adams_beta_is_printed_as_a_number_and_a_layers_as_an_array():
    derivation = derive(Network(Dense(3), Dense(3), BatchNorm(), Dense(1), loss="mse"), 2, Adam())
    assert r"m &\leftarrow \beta_{1}\, m + \left(1 - \beta_{1}\right)\, g" in derivation.latex()
    assert r"\boldsymbol{\beta}_{3}" in derivation.latex()
    assert "<i>β</i><sub>1</sub> = 0.9" in derivation.html()
    assert "<b><i>β</i></b><sub>3</sub>" in derivation.html()
    assert "<b><i>β</i></b><sub>1</sub>" not in derivation.html()


@pytest.mark.parametrize("name", LOSSES)
def test_reasons_speak_of_nothing_that_is_not_on_the_page(name):
    outputs = 3 if name == "cross_entropy" else 1
    for chosen in (loss(name), *([loss(name, half=True)] if name == "squared" else [])):
        derivation = derive(Network(Dense(2, "tanh"), Dense(outputs), loss=chosen), 2)
        lines = [line for _, groups in contents(derivation.record).phases for group in groups for line in group.lines]
        for reason in (reason for line in lines for reason in line.reasons):
            assert not re.search(r"(?<!['\w])d?s(?!\w)", reason), reason  # a loss speaks of scores s, here z2
            assert " half" not in reason


def test_options_that_a_reason_speaks_of_are_told():
    layers = Dense(2, activation("elu", alpha=0.5)), Dense(3, "leaky_relu"), Dense(1)
    rate = schedule("cosine", 0.5, epochs=9)
    page = derive(Network(*layers, loss=loss("huber", delta=2.0)), 2, SGD(rate)).text(300)
    assert "a ReLU that bends towards -alpha (Clevert et al., 2016); alpha = 0.5" in page
    assert "else slope·z, slope = 0.01: a ReLU" in page
    assert "l = ½r² where |r| ≤ delta, else delta·(|r| - ½delta), r = y - z3, delta = 2: a parabola" in page
    assert "initial = 0.5, epochs = 9: half a wave down to final, for good; final = 0" in page
    page = derive(Network(Dense(1), loss=loss("quantile", q=0.25)), 2).text(300)
    assert "quantile loss: the best constant has a fraction q of the y below; q = 0.25" in page


@pytest.mark.parametrize(
    ("rule", "name", "words"),
    [
        ("rmsprop", "v", "a running mean of the gradient's square"),
        ("adagrad", "v", "the sum of the gradient's squares so far"),
        ("adadelta", "u", "a running mean of the step's square"),
        ("amsgrad", "v_max", "the largest v so far"),
        ("momentum", "velocity", "the step so far carries on"),
    ],
)
def test_what_an_optimizer_remembers_is_said(rule, name, words):
    assert derive(XOR, 2, optimizer(rule))[f"{name}_new"].reason == words


def test_a_half_is_spoken_of_where_it_applies():
    whole, half = (derive(Network(Dense(1), loss=loss("squared", half=half)), 2) for half in (False, True))
    assert whole["l"].reason == "l = (y - z1)²: twice as far off costs four times as much."
    assert half["l"].reason == "l = ½(y - z1)²: twice as far off costs four times as much."
    assert whole["dz1"].reason.startswith("dz1 = 2(z1 - y): ")
    assert half["dz1"].reason.startswith("dz1 = z1 - y: ")


def test_a_page_that_stands_alone_wears_the_colours_of_its_card():
    page = derive(XOR, 2, SGD(0.5)).page()
    assert re.search(r"<body>\n<div class=\"glassnet-derivation\">", page)
    around, card = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for colours in (LIGHT, DARK):
        assert f"background:{colours['paper']}}}" in around
        assert f"--paper:{colours['paper']};" in card


def test_rules_outweigh_those_of_notebooks():
    style = re.search(r"<style>(.*?)</style>", derive(XOR, 2).html(), re.DOTALL)[1]
    rules = style[style.index("container-type") :]
    selectors = re.findall(
        r"([^{}]+)\{[^{}]*\}", re.sub(r"@container[^{]*\{(.*?\})\s*\}", r"\1", rules, flags=re.DOTALL)
    )
    for selector in selectors[1:]:  # an id weighs more than any number of classes: JupyterLab aligns cells by three
        assert all(".glassnet-derivation:not(#_)" in part for part in selector.split(",")), selector
    for around in ("data-jp-theme-light", "data-vscode-theme-kind", ".dark-theme", ".notebook_app"):
        assert around in style


def test_a_root_has_its_bar_above_what_it_is_of():
    page = derive(XOR, 2, Adam()).html()
    assert '<span class="q"><span>√</span><span class="r"><span class="f">' in page
