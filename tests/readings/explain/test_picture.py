"""A picture shows the network's own numbers and names, at any size, and nothing in a name can break it."""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.arrays import ArrayContract
from glassnet.parts.layers import Parameter
from glassnet.readings.explain.picture import words as in_words

SVG = "{http://www.w3.org/2000/svg}"


def network(*layers: Any, inputs: int = 3, outputs: int = 2, dtype: Any = np.float64) -> gn.Model:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(11, inputs)), rng.normal(size=(11, outputs))
    return gn.initialize(gn.Network(*layers, loss="squared"), X.astype(dtype), y.astype(dtype), seed=3)


def read(picture: Any) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def notes(picture: Any) -> list[str]:
    return [element.text or "" for element in read(picture).iter(f"{SVG}title")]


def words(picture: Any) -> list[str]:
    return [found for element in read(picture).iter(f"{SVG}text") if (found := own_text(element))]


def own_text(element: ElementTree.Element) -> str:
    """The text of an element and of what stands in it, but for its note."""
    return (element.text or "") + "".join(inner.tail or "" for inner in element)


def edges(picture: Any) -> dict[str, ElementTree.Element]:
    """The line of each weight, by the last line of its note."""
    groups = [group for group in read(picture).iter(f"{SVG}g") if group.get("class") == "edge"]
    return {group[0].text.splitlines()[-1]: group[2] for group in groups}


XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 1, 1, 0.0])


@pytest.fixture(scope="module")
def xor() -> gn.Model:
    return gn.train(
        gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid"), loss="mse"), *XOR, epochs=100, seed=1, engine="numpy"
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_weight_is_a_line_that_tells_its_exact_number(dtype):
    model = network(gn.Dense(5, "tanh"), gn.Dense(2), dtype=dtype)
    lines = edges(model.picture())
    assert len(lines) == 3 * 5 + 5 * 2
    for name in ("W1", "W2"):
        for (i, u), weight in np.ndenumerate(model[name]):
            told = [line for line in lines if line.startswith(f"{name}[{i}, {u}] = ")]
            assert len(told) == 1
            assert dtype(told[0].split(" = ")[1]) == weight
            assert ("plus" if weight > 0 else "minus") in lines[told[0]].get("class")


def test_the_larger_a_weight_the_wider_and_darker_its_line():
    model = network(gn.Dense(2), inputs=2)
    model["W1"] = [[-4.0, 2.0], [1.0, 0.0]]
    lines = edges(model.picture())
    for form in ("stroke-width", "stroke-opacity"):
        found = [float(line.get(form)) for _, line in sorted(lines.items(), key=lambda item: item[0])]
        assert found[0] > found[1] > found[2] > found[3] > 0
    assert "zero" in lines["W1[1, 1] = 0"].get("class")
    assert "widest: W1[0, 0] = −4" in words(model.picture())


def test_lines_lead_from_one_column_to_the_next():
    root = read(network(gn.Dense(5), gn.Dense(2)).picture())
    circles = {(circle.get("cx"), circle.get("cy")) for circle in root.iter(f"{SVG}circle")}
    ends = {(line.get(f"x{k}"), line.get(f"y{k}")) for line in root.iter(f"{SVG}line") for k in (1, 2)
            if "hit" in line.get("class")}  # fmt: skip
    assert ends <= circles
    assert len(ends) == 3 + 5 + 2


def test_few_weights_are_written_as_numbers_and_many_are_not():
    few, many = network(gn.Dense(4), outputs=4), network(gn.Dense(13), outputs=13)
    few["W1"] = np.arange(1, 13).reshape(3, 4) / 8
    many["W1"] = np.arange(1, 40).reshape(3, 13) / 8
    assert {"0.125", "1.5"} <= {*words(few.picture())}
    assert "0.125" not in words(many.picture())


def test_biases_are_seen():
    model = network(gn.Dense(2, "tanh"), gn.Dense(1), outputs=1)
    model["b1"] = [0.25, -0.75]
    assert {"bias 0.25", "bias −0.75"} <= {*words(model.picture())}
    assert any("b1[1] = -0.75" in note for note in notes(model.picture()))
    assert not any(line.startswith("bias") for line in words(network(gn.Dense(2, bias=False)).picture()))


def test_titles_say_what_the_layers_are(xor):
    assert {"input", "layer 1", "Dense(4, tanh)", "layer 2", "Dense(1, sigmoid)", "x1", "x2", "y"} <= {
        *words(xor.picture())
    }


def test_the_values_of_a_row_are_those_of_layer_values(xor):
    picture = xor.picture([1.0, 0.0])
    values = xor.layer_values([[1.0, 0.0]])
    told = "\n".join(notes(picture))
    for name in ("z1", "a1", "z2", "a2", "p"):
        for value in values[name][0]:
            assert f"\n{name} = {value}\n" in told + "\n"
    assert f"p = {values['p'][0, 0]:.4g}" in words(picture)
    assert xor.picture([[1.0, 0.0]]).svg == picture.svg


def test_more_than_one_row_is_refused(xor):
    with pytest.raises(ValueError, match=r"the values of one row, got 4 rows; pick one"):
        xor.picture(XOR[0])


BIRDS = {
    "bill": [39.1, 46.5, 50.0, None, 41.0, 47.0],
    "island": ["Dream", "Biscoe", "Biscoe", "Dream", "Dream", "Biscoe"],
    "species": ["Adelie", "Gentoo", "Gentoo", "Adelie", "Adelie", "Gentoo"],
}


def test_a_table_has_its_names_its_own_units_and_its_classes():
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), BIRDS, target="species", epochs=40, seed=0)
    assert {"bill", "island = Biscoe", "island = Dream", "Adelie", "Gentoo", "then softmax"} <= {
        *words(model.picture())
    }
    picture = model.picture({"bill": 39.1, "island": "Dream"})
    assert "39.1" in words(picture)
    p = model.predict_proba({"bill": [39.1], "island": ["Dream"]})[0]
    assert {f"p = {value:.4g}" for value in p} <= {*words(picture)}
    bold = [own_text(e) for e in read(picture).iter(f"{SVG}text") if e.get("class") == "right bold"]
    assert bold == [model.predict({"bill": [39.1], "island": ["Dream"]})[0]]


def test_a_missing_cell_is_shown_with_what_stands_for_it():
    model = gn.train(gn.Network(gn.Dense()), BIRDS, target="species", epochs=1, seed=0)
    picture = model.picture({"bill": [None], "island": ["Dream"]})
    assert "missing, as 46.5" in words(picture)


def test_a_number_is_predicted_in_its_own_unit():
    table = {"x": [1.0, 2.0, 3.0, 4.0, 5.0], "weight": [3000.0, 4000.0, 5000.0, 6000.0, 7000.0]}
    model = gn.train(gn.Network(gn.Dense()), table, target="weight", epochs=100, seed=0)
    told = words(model.picture({"x": 2.0}))
    assert "weight" in told
    assert f"{model.predict({'x': [2.0]})[0]:.4g}" in told


def test_one_output_for_two_classes_is_called_by_the_second():
    X, y = XOR[0], np.array(["no", "yes", "yes", "no"])
    network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1, "sigmoid"), loss="binary_cross_entropy")
    told = words(gn.train(network, X, y, epochs=2, seed=0).picture([0.0, 1.0]))
    assert "yes" in told
    assert "no" not in told


# ------------------------------------------------------------------------------------------------------- sizes


@pytest.mark.parametrize("units", [1, 2, 7, 16, 17, 500])
def test_wide_layers_are_summarised_and_say_so(units):
    picture = network(gn.Dense(units, "relu"), gn.Dense(2)).picture()
    assert len(edges(picture)) == (3 + 2) * (units if units <= 16 else 10)
    told = words(picture)
    if units <= 16:
        assert not any("more" in line or "are drawn" in line for line in told)
    else:
        assert f"… {units - 10} more" in told
        assert any(f"10 of the {units} units of layer 1 are drawn" in line for line in told)
        assert any(note.startswith(f"h{units}, unit {units} of {units}") for note in notes(picture))


def drawn_units(picture: Any, start: str) -> set[int]:
    """The places of the inputs or units that are drawn, from 1, by what their notes begin with."""
    return {int(found[1]) for note in notes(picture) if (found := re.search(rf"(?:^|\n){start} (\d+) of", note))}


def test_of_a_wide_network_what_has_the_largest_weights_is_drawn():
    model = network(gn.Dense(40, "tanh"), gn.Dropout(0.5), gn.BatchNorm(), gn.Dense(2), inputs=100)
    model["W1"], model["W4"] = model["W1"] * 0.01, model["W4"] * 0.01
    for place, weight in (((37, 21), -5.0), ((50, 3), 4.0), ((99, 30), 3.0)):
        model["W1"][place] = weight
    model["W4"][17, 1] = 6.0
    picture = model.picture()
    assert {38, 51, 100} <= drawn_units(picture, "input")
    assert {22, 4, 31, 18, 40} <= drawn_units(picture, r"h\d+, unit")
    assert len(drawn_units(picture, "input")) == len(drawn_units(picture, r"h\d+, unit")) == 10
    assert {"W1[37, 21] = -5.0", "W1[50, 3] = 4.0", "W4[17, 1] = 6.0"} <= {*edges(picture)}
    told = words(picture)
    assert {"widest: W4[17, 1] = 6", "… 90 more", "… 30 more"} <= {*told}
    assert any("10 of the 100 inputs are drawn, those with the largest weights" in line for line in told)


@pytest.mark.parametrize("seed", range(5))
def test_the_legend_names_a_weight_that_is_drawn(seed):
    rng = np.random.default_rng(seed)
    model = network(gn.Dense(33, "tanh"), gn.Dense(20), gn.Dense(19), inputs=29, outputs=19)
    for name in model.weights:
        model[name] = rng.normal(size=model[name].shape)
    model["b1"][11] = 50.0 * (seed % 2)  # of a unit that need not be drawn
    picture = model.picture()
    name, value = next(re.match(r"widest: (\S+\[.*\]) = (\S+)$", line).groups() for line in words(picture)
                       if line.startswith("widest"))  # fmt: skip
    told = {line for note in notes(picture) for line in note.splitlines()}
    drawn = {line.partition(" = ")[0]: float(line.partition(" = ")[2]) for line in told if re.match(r"[Wb]\d\[", line)}
    assert f"{drawn[name]:.4g}".replace("-", "−") == value
    assert abs(drawn[name]) == max(map(abs, drawn.values()))


def test_of_many_classes_the_predicted_one_is_drawn():
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(60, 3)), np.array([f"class {k % 30}" for k in range(60)])
    model = gn.train(gn.Network(gn.Dense(2), gn.Dense()), X, y, epochs=3, seed=1, progress=False)
    for row in X[:7]:
        assert str(model.predict(row[None])[0]) in words(model.picture(row))


def test_nothing_lies_outside_of_the_picture():
    for model in (network(gn.Dense(500), gn.BatchNorm(), gn.Dense(2)), network(gn.Dense(1), inputs=1, outputs=1)):
        root = read(model.picture())
        width, height = float(root.get("width")), float(root.get("height"))
        for circle in root.iter(f"{SVG}circle"):
            assert 21 < float(circle.get("cx")) < width - 21 or circle.get("r") == "6"
            assert 21 < float(circle.get("cy")) < height - 6


# ------------------------------------------------------------------------------------------------------ layers


@dataclass(frozen=True)
class Pairs:
    backward = None

    def parameters(self, n: int) -> dict[str, Parameter]:
        return {"left": Parameter((n, 7), "normal"), "right": Parameter((n, 7), "normal")}

    def forward(self, p: Any, x: Any, mode: Any) -> dict[str, Any]:
        return {"y": (x @ p.left) * (x @ p.right)}


def test_all_layers_can_be_drawn():
    layers = gn.Dense(5, "relu"), gn.BatchNorm(), gn.Dropout(0.25), gn.LayerNorm(), Pairs(), gn.Dense(2)
    model = network(*layers)
    model["gamma2"][3], model["beta2"][3] = 0.5, -0.125
    for picture in (model.picture(), model.picture([1.0, 2.0, 3.0])):
        told = words(picture)
        assert {"BatchNorm", "Dropout(rate=0.25)", "LayerNorm", "Pairs", "left5 5×7", "right5 5×7"} <= {*told}
        assert {"×0.5", "−0.125", "(only in training)"} <= {*told}
        assert any("gamma2[3] = 0.5" in note for note in notes(picture))
    assert any(f"y5 = {model.layer_values([[1.0, 2.0, 3.0]])['y5'][0, 6]}" in note for note in notes(picture))


@pytest.mark.parametrize("layer", [gn.BatchNorm(), gn.Dropout(0.5), gn.LayerNorm(), gn.Scale(), Pairs()])
def test_any_layer_may_be_the_only_one(layer):
    model = network(layer, inputs=3, outputs=7 if isinstance(layer, Pairs) else 3)
    read(model.picture())
    told = words(model.picture([1.0, 2.0, 4.0]))
    assert {"y1", "y3"} <= {*told}


def test_a_network_that_came_apart_can_still_be_drawn():
    model = network(gn.Dense(2), inputs=2)
    model.weights["W1"][:] = [[np.nan, np.inf], [-np.inf, 2.0]]
    assert {"NaN", "∞", "−∞"} <= {*words(model.picture())}
    assert "W1[0, 0] = nan" in edges(model.picture())


def test_no_zero_is_negative():
    model = network(gn.Dense(2), inputs=2)
    model["W1"], model["b1"] = -np.zeros((2, 2)), [-0.0, -1e-9]
    picture = model.picture([-0.0, 1.0])
    assert not re.search(r"[-−]0(?![.\d])", " ".join([*words(picture), *notes(picture)]))


# ------------------------------------------------------------------------------------------------------- names

HOSTILE = "\"' </script><b>&amp;]]>\n\t\u202e\u2067\u200fשלום --> \U0001f600" + "x" * 300
ODD = "a\x00b\x1b\x7f\x85\ud800\ufffe"


def test_hostile_names_stay_text_and_come_back_unchanged():
    table = {
        HOSTILE: [1.0, 2.0, 3.0, 4.0],
        "c": ["a" + HOSTILE, "b", "b", "a" + HOSTILE],
        "t": ["<u>" + HOSTILE, "y"] * 2,
    }
    model = gn.train(gn.Network(gn.Dense(3), gn.Dense()), table, target="t", epochs=1, seed=0)
    picture = model.picture({HOSTILE: 2.0, "c": "b"})
    root = read(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "style", "rect", "line", "circle", "g", "title", "text")
    }
    told = notes(picture)
    assert any(HOSTILE.strip() == note for note in told)
    assert any(f"c = a{HOSTILE}" == note for note in told)
    assert any(f"<u>{HOSTILE}" == note for note in told)
    assert max(map(len, words(picture))) < 120
    assert not re.search("[\u202a-\u202e\u2066-\u2069\n\t]", "".join(words(picture)))


def test_a_long_name_is_looked_at_as_far_as_it_is_shown(monkeypatch):
    looked_at = []
    letter_width = in_words.letter_width
    monkeypatch.setattr(in_words, "letter_width", lambda letter: looked_at.append(letter) or letter_width(letter))
    assert in_words.shortened("\u05d0" * 10_000, 60) == "\u05d0" * 7 + "…"
    assert len(looked_at) < 30


def test_what_xml_cannot_hold_is_shown_as_a_sign():
    model = network(gn.Dense(2), inputs=2)
    model.contract = ArrayContract(n_inputs=2, n_outputs=2, names=(ODD, "ok"))
    picture = model.picture()
    assert "a␀b␛␡\ufffd\ufffd\ufffd" in words(picture)
    picture.svg.encode("utf-8")


def test_the_style_holds_for_pictures_alone_and_needs_nothing_from_elsewhere(xor):
    root = read(xor.picture())
    style = root.find(f"{SVG}style").text
    inside = re.sub(r"@media[^{]*\{(.*)\}(?=\[)", r"\1", style, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", inside)
    assert len(selectors) > 40
    for selector in selectors:
        assert all(".glassnet-picture" in part for part in selector.split(",")), selector
    assert "prefers-color-scheme: dark" in style
    text = xor.picture().svg.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|@font-face|src=|href|\bon\w+=|<script|\bid=|var\(", text)


def test_a_picture_is_saved_as_svg(xor, tmp_path):
    picture = xor.picture()
    picture.save(tmp_path / "net.svg")
    assert ElementTree.parse(tmp_path / "net.svg").getroot().tag == f"{SVG}svg"
    assert (tmp_path / "net.svg").read_bytes().startswith(b"<?xml")
    assert picture._repr_svg_() == str(picture) == picture.svg
    assert "SVG" in repr(picture)
    with pytest.raises(ValueError, match=r"must end in .svg, got '.*net.png'"):
        picture.save(tmp_path / "net.png")
    assert not (tmp_path / "net.png").exists()


def test_a_picture_changes_nothing(xor):
    before = xor.memory.theta.copy(), xor.rng.bit_generator.state
    xor.picture([0.0, 1.0])
    assert (xor.memory.theta == before[0]).all()
    assert xor.rng.bit_generator.state == before[1]
