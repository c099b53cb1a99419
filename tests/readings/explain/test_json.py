"""An explanation as JSON: strict, in full, with everything that adds up."""

import json
import math

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import xor


@pytest.fixture
def explanation():
    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="mse")
    model = gn.train(network, *xor(), optimizer="adam", epochs=5, seed=42, engine="numpy", progress=False)
    return model.explain(*xor(), finite_differences=True)


def arithmetic(page):
    return [line for section in page["sections"] for entry in section["entries"] for line in entry["arithmetic"]]


def no_constant(word):
    raise AssertionError(f"{word} is not JSON")


def test_it_is_strict_json_that_comes_back(explanation, tmp_path):
    explanation.save(tmp_path / "all.json")
    read = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"), parse_constant=no_constant)
    assert read == explanation.to_json()


def test_numbers_are_in_full_and_terms_add_up(explanation):
    lines = arithmetic(explanation.to_json())
    by_name = {line["name"]: line for line in lines}
    assert by_name["L"]["value"] == explanation["L"].value.item()
    sums = [line["sum"] for line in lines if line["sum"]]
    assert len(sums) > 20
    for found in sums:
        values = [term["value"] for term in found["terms"]]
        assert math.fsum([*values, found["others_value"]]) == pytest.approx(found["total"], abs=1e-15)
    slopes = [line for line in lines if line["slope"]]
    assert slopes
    for line in slopes:
        assert line["slope"]["value"] == pytest.approx(line["value"], abs=1e-8)


def test_what_is_not_finite_is_a_text(explanation):
    model = gn.Model(explanation.model)
    model.memory.theta[:] = 1e308
    model["W1"] = np.full((2, 4), -1e308)
    page = model.explain(*xor()).to_json()
    text = json.dumps(page, allow_nan=False)
    assert any(word in text for word in ('"NaN"', '"Infinity"', '"-Infinity"'))


def test_one_number_and_one_neuron_too(explanation):
    page = explanation["dW1"][1, 2].to_json()
    first = arithmetic(page)[0]
    assert (first["name"], first["value"]) == ("dW1[1, 2]", explanation["dW1"].value[1, 2])
    assert first["formula"].startswith("x[0, 1] * dz1[0, 2]")
    assert explanation.neuron("h2").to_json()["title"].startswith("neuron h2")
