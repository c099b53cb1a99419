"""An explanation on the terminal: 80 columns, rounded numbers that add up or say ≈, colour only if asked for."""

import re
import warnings
from decimal import Decimal

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import penguins, xor


@pytest.fixture(scope="module")
def learnt():
    """XOR with 4 hidden units, after 50 epochs of Adam."""
    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="mse")
    return gn.train(network, *xor(), optimizer="adam", epochs=50, seed=42, engine="numpy", progress=False)


@pytest.fixture(scope="module")
def birds():
    network = gn.Network(gn.Dense(16, "relu"), gn.Dense(None, "softmax"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        model = gn.train(network, penguins(), target="species", epochs=3, seed=0, engine="numpy", progress=False)
        return model.explain(penguins().rows([2])), model.explain(penguins().rows(range(40)))


def wide():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(9, 100)), rng.normal(size=(9, 1))
    network = gn.Network(gn.Dense(30, "gelu"), gn.BatchNorm(), gn.Dropout(0.2), gn.Dense(20), gn.Dense(1), loss="huber")
    return gn.train(
        network, X, y, optimizer=gn.AMSGrad(0.01, clip_norm=0.1), epochs=2, engine="numpy", progress=False, seed=0
    ).explain(X, y, finite_differences=True)


def pages(learnt, birds):
    X, y = xor()
    row, batch, large = learnt.explain(X[1], y[1], finite_differences=True), birds[1], wide()
    return [
        row, learnt.explain(X, y), row["dW1"], row["dW1"][1, 2], row["W1"][1, 2], row.neuron("h2"), row.neuron("o1"),
        birds[0], batch, batch["dW1"][3, 5], batch.neuron("Gentoo"), batch.neuron("h3"), batch["l"][0, 0], large,
        large["dx2"] if "dx2" in large.names else large["da1"], large["dz1"][3, 4], large.neuron("h2.3"), row["lr"],
        large["theta_new"][5], large["x"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 60, 120])
def test_no_line_is_longer_than_the_width(learnt, birds, width):
    for page in pages(learnt, birds):
        lines = page.text(width=width).splitlines()
        assert max(map(len, lines)) <= width, max(lines, key=len)
        assert all(line == line.rstrip() for line in lines)


def test_there_is_no_minus_zero_and_no_false_precision(learnt, birds):
    for page in pages(learnt, birds):
        text = str(page)
        assert not re.search(r"-0(\.0*)?(?![\d.e])", text)
        text = text.replace("0.044715", "")  # of the gelu's formula, in words
        for number in re.findall(r"(?<![\w.\[-])\d+\.\d+(?:e[-+]\d+)?", text):
            assert len(number.partition("e")[0].replace(".", "").strip("0")) <= 4, number


def test_what_is_added_on_a_line_adds_up_or_says_about(learnt, birds):
    seen = {"=": 0, "≈": 0}
    for page in pages(learnt, birds):
        for above, line in zip(str(page).splitlines(), str(page).splitlines()[1:], strict=False):
            terms = re.fullmatch(r"\s+= (-?[\d.e+-]+(?: [-+] [\d.e+-]+)+)", above)
            total = re.match(r"\s+([=≈]) (-?[\d.]+(?:e[-+]\d+)?)", line)
            if not terms or not total:
                continue
            found = sum(
                Decimal(part.replace(" ", "")) for part in re.findall(r"(?:^|[-+] )-?[\d.]+(?:e[-+]\d+)?", terms[1])
            )
            shown = Decimal(total[2])
            last = Decimal(10) ** (shown.adjusted() - 3)
            if abs(found - shown) != last / 2:  # half a digit may be rounded either way
                assert (abs(found - shown) < last / 2) == (total[1] == "="), (above, line)
            seen[total[1]] += 1
    assert min(seen.values()) > 3


def test_every_table_of_terms_adds_up_or_says_about(learnt, birds):
    seen = 0
    for page in pages(learnt, birds):
        lines = str(page).splitlines()
        for k, line in enumerate(lines):
            if not re.fullmatch(r"\s+─+", line):
                continue
            total = re.match(r"\s+([=≈])\s+(-?[\d.]+(?:e[-+]\d+)?)", lines[k + 1])
            found, j = Decimal(0), k - 1
            while re.match(r" {8}\S", lines[j]):
                value = re.search(r"(-?[\d.]+(?:e[-+]\d+)?)$", lines[j])
                found += Decimal(value[1]) if value else 0
                j -= 1
            shown = Decimal(total[2])
            last = Decimal(10) ** (shown.adjusted() - 3)
            if total[1] == "=":
                assert abs(found - shown) <= last / 2, lines[j : k + 2]
            else:
                assert abs(found - shown) <= 100 * last, lines[j : k + 2]
            seen += 1
    assert seen > 10


def test_colour_is_only_there_where_it_is_asked_for(learnt):
    explanation = learnt.explain(*xor())
    assert "\x1b" not in str(explanation)
    colored = explanation.text(color=True)
    assert "\x1b[1m" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == str(explanation)


def test_more_digits_show_more(learnt):
    X, y = xor()
    four, exact = (learnt.explain(X, y, digits=digits) for digits in (4, 17))
    assert f"{four['L'].value.item():.4g}" in str(four)
    assert repr(exact["L"].value.item()) in str(exact)
    assert len(str(exact)) > len(str(four))


def test_all_terms_can_be_asked_for():
    explanation = wide()
    assert "89 others" in explanation["z1"][0, 0].text()
    assert "others" not in explanation["z1"][0, 0].text(terms=None)
    assert explanation["z1"][0, 0].text(terms=None).count("* W1[") == 100


def test_the_page_goes_through_all_phases_in_order(learnt):
    text = str(learnt.explain(*xor()))
    titles = re.findall(r"^── (\w+) ─", text, re.MULTILINE)
    assert titles == ["Input", "Forward", "Loss", "Backward", "Update", "Prediction"]
    assert "mhat = m_new / (1 - beta1**t)" in text
    assert "theta ← theta - lr * mhat / (sqrt(vhat) + eps)" in text


def test_saved_text_is_what_is_printed(learnt, tmp_path):
    explanation = learnt.explain(*xor())
    explanation.save(tmp_path / "all.txt")
    assert (tmp_path / "all.txt").read_text(encoding="utf-8") == str(explanation) + "\n"
    with pytest.raises(ValueError, match=r"must end in .txt or .html or .tex or .json, got '.*all.docx'"):
        explanation.save(tmp_path / "all.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["all.txt"]


def test_names_that_cannot_be_printed_keep_tables_in_line():
    rows = {"a\nb\x1b": [1.0, 2.0, 3.0], "c": [3.0, 1.0, 2.0], "\u202e" * 4: [0.5, 1.5, 1.0], "y": [1.0, 2.0, 3.0]}
    model = gn.initialize(gn.Network(gn.Dense(2), gn.Dense()), rows, target="y", seed=0)
    whole = model.explain(rows, optimizer="sgd")
    found = re.finditer(r"^(.*  )x\[1, \d\] \* W1\[\d, 0\] ", whole.neuron("h1").text(width=120), re.MULTILINE)
    starts = [len(line[1]) for line in found]
    assert len(starts) == 3
    assert len(set(starts)) == 1
    for page in (whole, model.explain({name: cells[0] for name, cells in rows.items()}), whole.neuron("h1")):
        assert max(map(len, page.text(width=80).splitlines())) <= 80


def test_a_word_is_said_to_be_1_where_its_input_is_scaled_in_float32():
    table = {"size": [1.0, 2.0, 4.0, 8.0] * 3, "cut": ["Fair", "Good", "Ideal"] * 4, "price": [1.0, 3.0] * 6}
    network = gn.Network(gn.Dense(2, "tanh"), gn.Dense())
    model = gn.train(network, table, target="price", scale="robust", epochs=1, seed=0, dtype="float32", progress=False)
    text = str(model.explain({"size": 2.0, "cut": "Good"}))
    said = dict(re.findall(r"cut = (\w+) .*cut is Good: (\d), scaled", text))
    assert said == {"Fair": "0", "Good": "1", "Ideal": "0"}
