"""What `import glassnet` offers."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

import glassnet as gn
from glassnet.data.tables.choices import Choices
from glassnet.training.preparing import prepare
from glassnet.training.settings import Settings

NAMES = [
    "AMSGrad", "Adadelta", "Adagrad", "Adam", "AdamW", "Average", "BatchNorm", "Beside",
    "CheckpointError", "Columns", "DataError", "Dense", "Dropout",
    "EarlyStopping", "Ensemble", "Epoch", "GlassnetError", "History", "LayerNorm", "Lottery", "Mode", "Model",
    "ModelFileError",
    "Momentum", "NAdam", "Nesterov", "Network", "Parameter", "PeriodicEmbedding",
    "PiecewiseLinearEmbedding", "RMSprop", "Recipe", "Residual",
    "Rprop", "Runs", "SGD", "Scale", "Search", "Stopped", "Stream", "Tempered", "TrainingError", "__version__",
    "activation", "between",
    "check_gradient", "checkpoints", "compare", "datasets", "diagnose", "initialize", "initializer",
    "load", "loss", "lottery", "objective", "optimizer", "play", "plot", "read_csv", "recipe", "schedule", "search",
    "stream", "train", "train_many", "train_parallel", "training", "widget",
]  # fmt: skip


def test_these_and_no_others() -> None:
    assert sorted(gn.__all__) == sorted(NAMES)  # that they are in order, ruff sees to
    public = {name for name, item in vars(gn).items() if not name.startswith("_") and not inspect.ismodule(item)}
    assert public <= set(NAMES)


def test_functions_keep_their_names_beside_modules_of_the_same_name() -> None:
    import glassnet.training.loop  # noqa: F401  # a package `training`, a module `train`

    assert callable(gn.train)
    assert callable(gn.training)


@pytest.mark.parametrize("name", [name for name in NAMES if callable(getattr(gn, name))])
def test_each_has_a_docstring(name: str) -> None:
    assert len(inspect.getdoc(getattr(gn, name)) or "") > 20


FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(gn, name)) and name.islower()]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_what_its_parameters_are(name: str) -> None:
    text = inspect.getdoc(getattr(gn, name)) or ""
    assert "Parameters\n----------" in text or "parameters are those of `train`" in text.replace("\n", " ")


def test_every_parameter_of_train_is_described() -> None:
    text = inspect.getdoc(gn.train) or ""
    described = {word for line in text.splitlines() if line[:1].isalpha() for word in line.split(", ")}
    assert set(inspect.signature(gn.train).parameters) <= described


@pytest.mark.parametrize(
    ("function", "few"),
    [(gn.training, 1), (gn.initialize, 0), (gn.train_many, 6), (gn.lottery, 5), (Settings, 1), (prepare, 3)],
    ids=lambda item: getattr(item, "__name__", None),
)
def test_the_others_share_the_defaults_of_train(function: Callable[..., Any], few: int) -> None:
    of_train = inspect.signature(gn.train).parameters
    ours = [p for p in inspect.signature(function).parameters.values() if p.name in of_train]
    assert len(ours) >= 8
    for parameter in ours[1 if ours[0].name == "network" else 0 :]:
        assert parameter.default == of_train[parameter.name].default
        assert parameter.kind == of_train[parameter.name].kind
    # steps; seeds, vary, folds, samples, split_seed, workers, learnt, told; times, the model, how it
    # will train, choices on tables are their own
    assert len(inspect.signature(function).parameters) - len(ours) <= few + (function is gn.training)


def test_choices_about_tables_have_the_defaults_of_train() -> None:
    of_train = inspect.signature(gn.train).parameters
    defaults: dict[str, Any] = {item.name: of_train[item.name].default for item in fields(Choices)}
    assert Choices(**defaults) == Choices()


@pytest.mark.parametrize("function", [gn.training, gn.initialize, gn.train_many, gn.lottery])
def test_an_unknown_keyword_is_named(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=rf"^{function.__name__}\(\) got an unexpected keyword argument 'epoch'$"):
        function(gn.Network(gn.Dense()), [[1.0]], [1.0], epoch=3)


def test_what_only_one_training_takes_is_refused_elsewhere() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'deterministic'"):
        gn.train_many(gn.Network(gn.Dense()), [[1.0]], [1.0], seeds=[1], deterministic=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'seed'"):
        gn.training(gn.initialize(gn.Network(gn.Dense()), [[1.0]], [1.0]), [[1.0]], [1.0], seed=1)
