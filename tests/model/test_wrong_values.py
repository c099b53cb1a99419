"""Whatever is given to a keyword: either it is taken, or the message names the keyword, in words of glassnet.

A new function is a line of `CALLS`, a new kind of nonsense one of `NONSENSE`. What some keyword does take of these
stands in `TAKEN`. Values that are wrong for one keyword only are in `tests/training/test_bad_inputs.py`.
"""

import inspect
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn

X = np.random.default_rng(4).normal(size=(12, 3))
Y = X[:, 0] * 2.0
NETWORK = gn.Network(gn.Dense(4, "tanh"), gn.Dense())

NONSENSE: dict[str, Any] = {
    "an object": object(),
    "an array": np.array([0.5, 0.25, 4.0, -1.0]),
    "an array in an array": np.array(Decimal(3), object),
    "a class": int,
    "bytes": b"x",
    "NaN": float("nan"),
    "complex": 1j,
    "a set": {0.5},
    "a word": "nonsense",
    "nothing": "",
    "a negative number": -1,
    "a huge number": 10**30,
}

# what the messages of Python and NumPy have, and none of glassnet's
INSIDE = re.compile(
    "object is not|not supported between|has no attribute|could not convert|subscriptable|ambiguous|unhashable|unpack|"
    "not callable|broadcast|expected str|argument should|missing 1|invalid literal|out of range|Errno"
)


def model(**train: Any) -> gn.Model:
    return gn.train(NETWORK, X, Y, epochs=1, seed=1, progress=False, **train)


OF_TRAINING = (
    "target kind exclude scale fill words clamp max_categories optimizer batch_size shuffle drop_last group after "
    "early_stopping callbacks deterministic class_weight dtype engine metrics sample_weight validation"
)

# what is called, with what, and which keywords are left out: words are checked elsewhere, or anything goes
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "train": (gn.train, {"network": NETWORK, "X": X, "y": Y, "epochs": 1, "progress": False}, "checkpoint_dir"),
    "train_many": (
        gn.train_many,
        {"network": NETWORK, "X": X, "y": Y, "epochs": 1, "workers": 1},
        "X y seeds vary checkpoint_dir",
    ),
    "search": (
        gn.search,
        {"space": {"learning_rate": [0.1]}, "X": X, "y": Y, "network": NETWORK, "epochs": 1, "folds": 2, "workers": 1},
        f"{OF_TRAINING} settings executor space",
    ),
    "lottery": (
        gn.lottery,
        {"network": NETWORK, "X": X, "y": Y, "seeds": 2, "epochs": 1, "workers": 1},
        f"{OF_TRAINING} seeds vary learnt",
    ),
    "compare": (
        gn.compare,
        {"X": X, "y": Y, "recipes": ["constant"], "trees": False, "progress": False},
        "target checkpoint_dir",
    ),
    "train_parallel": (
        gn.train_parallel,
        {"network": NETWORK, "X": X, "y": Y, "epochs": 1, "workers": 1, "progress": False},
        f"{OF_TRAINING} executor cluster checkpoint_dir",
    ),
    "moons": (gn.datasets.moons, {}, ""),
    "initialize": (gn.initialize, {"network": NETWORK, "X": X, "y": Y}, ""),
    "check_gradient": (gn.check_gradient, {"network": NETWORK, "X": X, "y": Y}, ""),
    "train further": (
        lambda **how: gn.train(model(), X, Y, **how),
        {"epochs": 1, "batch_size": 3, "shuffle": True},
        "",
    ),
    "training": (lambda **how: [*gn.training(model(), X, Y, **how)], {"steps": 1, "drop_last": True}, ""),
    "Dense": (gn.Dense, {"units": 3}, ""),
    "Dropout": (gn.Dropout, {}, ""),
    "EarlyStopping": (gn.EarlyStopping, {}, "monitor"),
    "Adam": (gn.Adam, {}, ""),
    "between": (gn.between, {"low": 1, "high": 3}, ""),
    "load": (gn.load, {"path": "m.glass"}, "layers"),
    "read_csv": (gn.read_csv, {"path": "t.csv"}, ""),
    "Ensemble": (gn.Ensemble, {"members": []}, ""),
    "save": (lambda **how: model().save(**how), {"path": "m.glass", "overwrite": True}, ""),
    "derivation": (lambda **how: model().derivation(**how), {"prediction": False, "optimizer": None}, ""),
    "explain": (lambda **how: model().explain(X[:1], **how), {"digits": 4, "finite_differences": False}, ""),
    "eject": (
        lambda **how: model().eject(**how),
        {"language": "numpy", "training": False, "prefix": "", "dtype": None},
        "",
    ),
    "freeze": (lambda **how: model().freeze(**how), {"name": "W1"}, ""),
    "predict": (lambda **how: model().predict(X, **how), {"interval": None}, ""),
    "importance": (lambda **how: model().importance(X, Y, **how), {"repeats": 1, "seed": 0, "max_rows": None}, ""),
}

# what a message calls a keyword, where not by its name
CALLED = {
    "network": "takes a|network must",
    "by": "by must|unknown score",
    "recipes": "recipe",
    "exclude": "exclude|no column",
    "after": "after|no column",
    "group": "group|no column",
    "early_stopping": "early_stopping|monitor",
    "weights": "starting values|initializer",
    "biases": "starting values|initializer",
    "name": "parameter|layer",
    "members": "members|member 1|no models",
    "metrics": "metric",
    "callbacks": "callback",
    "low": "between",
    "high": "between",
    "interval": "interval|calibrated",
    "fixed": "fixed",
}

TAKEN = {
    *((call, "seed", "a huge number") for call in ("search", "compare", "train_parallel")),
    ("train_parallel", "memory", "a huge number"),
    ("compare", "seconds", "a huge number"),
    ("moons", "rng", "a huge number"),
    ("moons", "noise", "a huge number"),
    ("search", "journal", "a word"),
    ("train_parallel", "folder", "a word"),
    *(("Adam", name, "a huge number") for name in ("learning_rate", "clip_norm", "clip_value", "eps")),
    *(("Dense", name, "a huge number") for name in ("bias_rate", "strength_rate", "strength_penalised")),
    *(("Dense", "weights", kind) for kind in NONSENSE if kind.startswith(("an array", "a negative", "a huge"))),
    *(("Dense", "biases", kind) for kind in NONSENSE if kind.startswith(("an array", "a negative", "a huge"))),
    ("save", "path", "a word"),
    ("train", "memory", "a huge number"),
    ("train", "seed", "a huge number"),
    ("train_many", "split_seed", "a huge number"),
    ("initialize", "seed", "a huge number"),
    ("check_gradient", "seed", "a huge number"),
    ("importance", "seed", "a huge number"),
    ("between", "high", "a huge number"),
    ("between", "low", "a negative number"),
    ("eject", "prefix", "nothing"),
    ("EarlyStopping", "min_delta", "a huge number"),
}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    model().save("m.glass")


@pytest.mark.parametrize("call", CALLS)
def test_a_message_names_the_keyword(call: str, tmp_path: Path) -> None:
    function, usual, left_out = CALLS[call]
    given = inspect.signature(function).parameters
    names = [name for name, item in given.items() if item.kind is not item.VAR_KEYWORD] or [*usual]
    if call != "Ensemble":  # of nothing
        function(**usual)
    wrong = []
    for name in set(names) - {*left_out.split()} - {"X", "y", "options"}:
        for kind, value in NONSENSE.items():
            try:
                function(**{**usual, name: value})
            except (ValueError, TypeError, FileNotFoundError) as error:
                named = re.search(CALLED.get(name, name), str(error)) or name in ("path",)
                if not named or (INSIDE.search(str(error)) and not isinstance(error, FileNotFoundError)):
                    wrong.append(f"{name}={kind}: {error}")
            except Exception as error:  # what must not come at all
                wrong.append(f"{name}={kind}: {type(error).__name__} {error}")
            else:
                if (call, name, kind) not in TAKEN:
                    wrong.append(f"{name}={kind} is taken")
    assert not wrong, "\n".join(wrong)
