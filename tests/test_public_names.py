"""What `import glassnet` offers."""

import inspect

import pytest

import glassnet as gn

NAMES = [
    "AMSGrad", "Adadelta", "Adagrad", "Adam", "AdamW", "BatchNorm", "DataError", "Dense", "Dropout",
    "EarlyStopping", "Epoch", "GlassnetError", "History", "LayerNorm", "Mode", "Model", "ModelFileError",
    "Momentum", "NAdam", "Nesterov", "Network", "Parameter", "RMSprop", "Rprop", "SGD", "Stopped",
    "TrainingError", "__version__", "activation", "check_gradient", "datasets", "initialize", "initializer",
    "load", "loss", "optimizer", "schedule", "train", "train_many", "training",
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


@pytest.mark.parametrize("name", ["training", "initialize"])
def test_the_others_share_the_defaults_of_train(name: str) -> None:
    of_train = inspect.signature(gn.train).parameters
    for parameter in list(inspect.signature(getattr(gn, name)).parameters.values())[1:]:
        assert parameter.default == of_train[parameter.name].default
