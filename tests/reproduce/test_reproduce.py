"""`reproduce` gives the tutorials' numbers, held against the tutorials' own loops."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tutorials import tychobra_by_the_tutorial, xor_by_the_tutorial

from glassnet.reproduce import NAMES, reproduce, tychobra, xor
from glassnet.reproduce.curve import plot_losses

EXAMPLES = Path(__file__).parents[2] / "examples"


def said(name, **options):
    lines = []
    numbers = reproduce(name, echo=lines.append, **options)
    return "\n".join(lines), numbers


def test_xor_prints_the_lines_of_the_tutorial():
    losses, output, _ = xor_by_the_tutorial()
    text, numbers = said("xor", seeds=3)
    lines = [f"Epoch {epoch} Loss: {losses[epoch]:.4f}" for epoch in range(0, 10_000, 1_000)]
    assert text.startswith("\n".join([*lines, "Predictions:", str(output.round())]) + "\n")
    assert "Epoch 0 Loss: 0.2558\n" in text
    assert "Outputs:  0.0530  0.4955  0.9509  0.5032   Loss: 0.1282\n" in text
    np.testing.assert_allclose(numbers["outputs"], output[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(list(numbers["losses"].values()), losses[::1000], rtol=0, atol=1e-12)
    assert numbers["loss"] == pytest.approx(losses[-1], abs=1e-12)


def test_every_loss_of_xor_is_the_tutorials():
    losses, output, _ = xor_by_the_tutorial(7, 4, 500)
    ours, outputs = xor.mean_losses(replace(xor.lesson(), epochs=500), xor.start(7, 4))
    np.testing.assert_allclose(ours, losses, rtol=0, atol=1e-12)
    np.testing.assert_allclose(outputs, output, rtol=0, atol=1e-12)


def test_xor_says_that_two_hidden_neurons_did_not_learn_and_four_do():
    text, numbers = said("xor", seeds=3)
    assert numbers["learned"] is False
    assert numbers["with_4_hidden"]["learned"] is True
    assert np.round(numbers["with_4_hidden"]["outputs"]).tolist() == [0, 1, 1, 0]
    for words in ("did not learn XOR", "`final_output`", "NameError", "With 4 hidden neurons"):
        assert words in " ".join(text.split())
    json.dumps(numbers)


def test_29_of_40_seeds_learn_xor_with_2_hidden_neurons_and_all_with_4():
    numbers = said("xor", seeds=40)[1]
    assert numbers["seeds_that_learn"] == {"2": 29, "4": 40}


def test_networks_side_by_side_are_those_trained_alone():
    outputs = xor.lesson().outputs([xor.start(3, 2), xor.start(42, 4), xor.start(1, 2)])
    for column, (seed, hidden) in zip(outputs.T, [(3, 2), (42, 4), (1, 2)], strict=True):
        np.testing.assert_allclose(column, xor_by_the_tutorial(seed, hidden)[1][:, 0], rtol=0, atol=1e-9)


def test_what_is_said_about_the_stuck_network_holds():
    *_, hidden = xor_by_the_tutorial()
    assert (hidden[[1, 3]] > 0.99).all()
    losses, *_ = xor_by_the_tutorial(epochs=100_000)
    assert f"{losses[-1]:.4f}" == "0.1252"


def test_the_global_random_state_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    said("xor", seeds=1)
    after = np.random.get_state()  # noqa: NPY002
    assert before[2:] == after[2:]
    assert (before[1] == after[1]).all()


def test_tychobra_comes_within_a_hundredth_of_the_tutorial():
    text, numbers = said("tychobra", seeds=40)
    assert text.startswith(
        "##   Predicted Actual\n## 1     0.017      0\n## 2     0.975      1\n## 3     0.985      1\n"
    )
    assert np.abs(numbers["differences"]).max() < 0.01
    assert numbers["seeds_that_learn"] == 40
    assert numbers["largest_difference"]["median"] < 0.01
    assert numbers["largest_difference"]["worst"] < 0.02
    assert "lie between\nlowest " in text
    json.dumps(numbers)


def test_every_loss_of_tychobra_is_the_tutorials():
    losses, output = tychobra_by_the_tutorial(*tychobra.start(11))
    ours, outputs = tychobra.lesson().train(*tychobra.start(11))
    np.testing.assert_allclose(ours, losses, rtol=0, atol=1e-11)
    np.testing.assert_allclose(outputs, output, rtol=0, atol=1e-12)


WORDS = {"xor": ("Training Loss Over Time", "Epochs", "Loss"), "tychobra": ("iteration", "loss")}


@pytest.mark.parametrize("name", NAMES)
def test_the_plot_says_what_the_tutorials_plot_says(name, tmp_path):
    reproduce(name, plot=tmp_path / "loss.svg", echo=lambda text: None, seeds=1)
    svg = (tmp_path / "loss.svg").read_text()
    assert all(f">{word}</text>" in svg for word in WORDS[name])


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_losses_give_the_same_bytes(ending, tmp_path):
    paths = [tmp_path / f"{k}.{ending}" for k in (1, 2)]
    for path in paths:
        plot_losses(path, [3.0, 2.0, 1.5], x="Epochs", y="Loss")
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "zor"}, "unknown tutorial 'zor' .did you mean 'xor'"),
        ({"name": "xor", "seeds": 0}, "seeds must be a whole number >= 1, got 0"),
        ({"name": "xor", "plot": "loss.docx"}, r"must end in .png, .svg or .pdf, got 'loss.docx'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_said(arguments, message):
    lines = []
    with pytest.raises(ValueError, match=message):
        reproduce(**arguments, echo=lines.append)
    assert lines == []


def run_example(name):
    path = EXAMPLES / f"{name}.py"
    assert len([line for line in path.read_text().splitlines() if line]) <= 10
    command = [sys.executable, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_ten_lines_of_xor_print_the_same_numbers():
    losses, output, _ = xor_by_the_tutorial()
    lines = [f"Epoch {epoch} Loss: {losses[epoch]:.4f}" for epoch in range(0, 10_000, 1_000)]
    assert run_example("xor") == "\n".join([*lines, "Predictions:", str(output.round()), str(output.round(4))]) + "\n"


def test_the_ten_lines_of_tychobra_print_the_same_numbers():
    outputs = said("tychobra", seeds=1)[1]["outputs"]
    assert run_example("tychobra") == "".join(f"{p:.3f} {y}\n" for p, y in zip(outputs, (0, 1, 1, 0), strict=True))
