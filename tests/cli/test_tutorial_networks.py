"""`glassnet train` can say all that the two tutorials' networks are, and then gives their numbers."""

import numpy as np
import pytest
from tutorials import tychobra_by_the_tutorial

import glassnet as gn

AS_THEY_DO = "--kind number --scale none --optimizer sgd --batch-size all --patience 0 --engine numpy --no-plot --json"


def as_csv(path, X, y):
    rows = np.column_stack([X, y]).tolist()
    names = [*(f"x{k + 1}" for k in range(X.shape[1])), "y"]
    path.write_text("\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n")
    return path.name


def test_the_network_of_xor_on_its_data_in_csv(glassnet, tmp_path):
    X, y = gn.datasets.xor()
    argv = "--hidden 2 --activation sigmoid --output-activation sigmoid --loss squared --half --reduction sum"
    more = ["--weights", "normal(std=1)", "--learning-rate", 0.1, "--epochs", 3000, "--seed", 3]
    found = glassnet(
        "train", as_csv(tmp_path / "gates.csv", X, y), "--target", "y", *argv.split(), *more, *AS_THEY_DO.split()
    )
    assert found.code == 0, found.err

    normal = gn.initializer("normal", std=1)
    hidden, output = gn.Dense(2, "sigmoid", weights=normal), gn.Dense(1, "sigmoid", weights=normal)
    network = gn.Network(hidden, output, loss=gn.loss("squared", half=True, reduction="sum"))
    model = gn.train(network, X, y, optimizer=gn.SGD(0.1), epochs=3000, batch_size=None, seed=3, engine="numpy")
    ours = gn.load("gates.glass")
    assert ours.history["loss"] == model.history["loss"]
    assert {name: array.tolist() for name, array in ours.weights.items()} == {
        name: array.tolist() for name, array in model.weights.items()
    }
    assert ours.predict("gates.csv").tolist() == model.predict(X)[:, 0].tolist()
    assert found.json["loss"] == model.history["loss"][-1]
    assert "loss=squared(half=True, reduction='sum')" in found.json["network"]


def test_the_network_of_tychobra_on_the_built_in_table(glassnet):
    argv = "--hidden 4 --activation sigmoid --output-activation sigmoid --loss squared --reduction sum --no-bias"
    more = ["--weights", "uniform(low=0, high=1)", "--learning-rate", 1, "--epochs", 1500, "--seed", 11]
    found = glassnet("train", "tychobra", *argv.split(), *more, *AS_THEY_DO.split())
    assert found.code == 0, found.err

    rng = np.random.default_rng(11)
    start = rng.uniform(0, 1, (3, 4)), rng.uniform(0, 1, (4, 1))
    losses, _ = tychobra_by_the_tutorial(*start)
    ours = gn.load("tychobra.glass")
    np.testing.assert_allclose(ours.history["loss"], losses, rtol=0, atol=1e-11)
    assert sorted(ours.weights) == ["W1", "W2"]


def test_what_is_asked_for_is_shown(glassnet):
    argv = "--loss squared --half --reduction sum --no-bias --scale none --kind number --epochs 2 --no-plot"
    result = glassnet("train", "xor", *argv.split())
    said = " ".join(result.out.split())
    assert "no biases · loss squared(half=True, reduction='sum')" in said
    assert "taken as they are, not scaled" in said


def test_parts_with_options_are_written_as_python_writes_them(glassnet):
    argv = ["--activation", "leaky_relu(slope=0.2)", "--loss", "huber(delta=2.0)", "--optimizer", "adam(beta1=0.8)"]
    more = ["--weights", "he_normal", "--target", "body_mass_g", "--epochs", 2, "--no-plot", "--json"]
    found = glassnet("train", "penguins", *argv, *more).json
    assert "leaky_relu(slope=0.2)" in found["network"]
    assert "huber(delta=2.0, reduction='mean')" in found["network"]
    assert "weights=he_normal" in found["network"]
    assert found["optimizer"] == "adam(learning_rate=0.01, beta1=0.8)"


def test_an_optimizer_takes_all_its_numbers_in_its_brackets(glassnet):
    argv = ["train", "xor", "--epochs", 2, "--no-plot", "--json"]
    for words, rule in {
        ("adam(learning_rate=0.1)",): "adam(learning_rate=0.1)",
        ("sgd(learning_rate=1, clip_norm=2)",): "sgd(learning_rate=1.0, clip_norm=2)",
        ("sgd(clip_norm=2)", "--learning-rate", 0.5): "sgd(learning_rate=0.5, clip_norm=2)",
        ("adam(clip_value=2)",): "adam(learning_rate=0.01, clip_value=2)",
    }.items():
        assert glassnet(*argv, "--optimizer", *words).json["optimizer"] == rule
    for number, option in (("learning_rate", "--learning-rate"), ("clip_norm", "--clip-norm")):
        result = glassnet(*argv, "--optimizer", f"adam({number}=0.1)", option, "0.2")
        assert result.code == 2
        assert f"--optimizer 'adam({number}=0.1)' and {option} 0.2 say it twice" in result.error
    assert glassnet(*argv, "--optimizer", "adam(learning_rate='fast')").code == 2


def test_the_loss_is_that_of_the_targets_kind_where_only_its_reduction_is_asked_for(glassnet):
    argv = ["--reduction", "sum", "--epochs", 2, "--no-plot", "--json"]
    assert "loss=cross_entropy(reduction='sum')" in glassnet("train", "penguins", *argv).json["network"]
    assert (
        "loss=squared(reduction='sum')"
        in glassnet("train", "penguins", "--target", "year", "--kind", "number", *argv).json["network"]
    )


@pytest.mark.parametrize("rows", ["all", "0"])
def test_all_rows_at_once(glassnet, rows):
    found = glassnet("train", "moons", "--batch-size", rows, "--epochs", 7, "--no-plot", "--patience", 0)
    assert found.code == 0
    assert gn.load("moons.glass").state.memory.t == 7


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--batch-size", "some"], "--batch-size must be a whole number, or all, got 'some'"),
        (["--weights", "unifrom"], "unknown initializer 'unifrom' (did you mean 'uniform'?)"),
        (["--weights", "uniform(0, 1)"], "write them by name, in quotes, such as 'uniform(option=0.5)'"),
        (["--weights", "uniform(low=0"], "write them by name"),
        (["--weights", "uniform(lowest=0)"], "initializer uniform has no option 'lowest'; it has low, high"),
        (["--weights", "uniform(low=open('x'))"], "write them by name"),
        (["--output-activation", "sigmod"], "unknown activation 'sigmod' (did you mean 'sigmoid'?)"),
        (["--reduction", "total"], "unknown reduction 'total'"),
        (["--loss", "absolute", "--half"], "loss absolute has no option 'half'"),
        (["--loss", "binary_cross_entropy", "--output-activation", "tanh"], "must be identity or sigmoid"),
    ],
)
def test_what_makes_no_sense_is_one_line(glassnet, argv, words):
    result = glassnet("train", "xor", *argv, "--no-plot")
    assert result.code == 2
    assert words in result.error


def test_a_bounded_output_cannot_reach_a_scaled_target_and_what_helps_is_said_in_options(glassnet):
    result = glassnet("train", "xor", "--kind", "number", "--loss", "squared", "--output-activation", "sigmoid")
    assert result.code == 2
    assert "leave --output-activation out, or take the numbers as they are, --scale none" in result.error
