"""Changes: each changes what it says, several go together, and what comes of it is what pasted code trains."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.doctor.asked import case_of_network
from glassnet.doctor.case import Case
from glassnet.doctor.changes import CHANGES, made, possible
from glassnet.doctor.written import code

from .cases import network, rings

X, y = rings(97)


def case(layers: gn.Network | None = None, X: Any = X, y: Any = y, **settings: Any) -> Case:
    return case_of_network(layers or network(19, 17), X, y, settings)


FAULTS: dict[str, Case] = {
    "too many layers": case(network(*[17] * 5)),
    "too few units": case(network(3)),
    "no nonlinearity": case(network(17, activation="identity")),
    "hidden activation": case(network(17, activation="sigmoid")),
    "output activation": case(gn.Network(gn.Dense(17, "relu"), gn.Dense(1, "tanh"), loss="squared"), y=3.0 * y - 7.5),
    "loss": case(gn.Network(gn.Dense(17, "relu"), gn.Dense(1, "sigmoid"), loss="squared"), y=1.0 * y),
    "starting weights": case(network(17, weights="zeros")),
    "no bias": case(network(17, bias=False)),
    "dropout too strong": case(gn.Network(gn.Dense(17, "relu"), gn.Dropout(0.9), gn.Dense())),
    "batch norm over few rows": case(gn.Network(gn.Dense(17), gn.BatchNorm(), gn.Dense()), batch_size=2),
    "inputs not scaled": case(X=100.0 * X),
    "targets not scaled": case(gn.Network(gn.Dense(17, "relu"), gn.Dense(1), loss="squared"), y=1000.5 * y + 0.5),
    "class weights": case(class_weight={0: 50.0, 1: 1.0}),
    "rare class": case(X=X[:53], y=(np.arange(53) < 7).astype(int)),
    "penalty too strong": case(gn.Network(gn.Dense(17, "relu"), gn.Dense(), l2=5.0)),
    "optimizer": case(optimizer=gn.SGD(0.1)),
    "learning rate": case(optimizer=gn.Adam(10.0)),
    "clipping too tight": case(optimizer=gn.Adam(0.01, clip_norm=1e-6)),
    "batch size": case(batch_size=1),
    "rows not shuffled": case(shuffle=False),
    "early stopping too early": case(early_stopping=1),
    "too few epochs": case(epochs=1),
}


@pytest.mark.parametrize("cause", FAULTS)
def test_a_fault_has_a_change_that_takes_it_away(cause: str) -> None:
    asked = FAULTS[cause]
    change = next(one for one in CHANGES if one.cause == cause)
    changed = change.cases(asked)
    assert changed, f"nothing to change about {cause}"
    for one in changed:
        assert one.course.pattern.n_parameters > 0
        again = [more for more in change.cases(one) if cause not in ("learning rate", "too few epochs")]
        assert not again, f"{cause}: there is still something to change"


@pytest.mark.parametrize("cause", FAULTS)
def test_code_that_is_pasted_trains_the_changed_case(cause: str) -> None:
    asked = FAULTS[cause]
    changed = next(one for one in CHANGES if one.cause == cause).cases(asked)[0]
    data = asked.given.source.data
    names: dict[str, Any] = {"gn": gn, "network": asked.network, "X": data.X, "y": data.y}
    ran = code(changed, asked).replace("gn.train(", "case_of(").splitlines()
    names["case_of"] = lambda network, X, y, **options: case_of_network(network, X, y, options)
    exec("\n".join(ran), names)
    pasted: Case = names["model"]
    assert pasted.network == changed.network
    assert pasted.optimizer == changed.optimizer
    for name in ("epochs", "batch_size", "shuffle", "early_stopping"):
        assert getattr(pasted.how, name) == getattr(changed.how, name)
    if pasted.way == changed.way and not changed.given.changed:  # classes are held out by classes, numbers are not
        np.testing.assert_array_equal(pasted.rows.x, changed.rows.x)
    if "inputs" in changed.given.changed:  # the code scales by all rows, the doctor by those that it trains on
        np.testing.assert_allclose(pasted.rows.x, changed.rows.x, atol=0.5)


def test_a_sound_case_has_little_to_change() -> None:
    sound = case(optimizer=gn.Adam(0.01), epochs=1_000)
    assert {change.cause for change in possible(sound)} <= {"learning rate", "too few epochs"}


def test_changes_go_together_in_any_order() -> None:
    sick = case(network(3, activation="sigmoid", weights="zeros"), X=100.0 * X, shuffle=False)
    some = [one for one in possible(sick) if one.cause not in ("learning rate", "too few epochs", "optimizer")]
    one, other = made(sick, some), made(sick, some[::-1])
    assert [case.network for case in one] == [case.network for case in other]
    hidden = one[0].layer(0)
    assert (hidden.units, hidden.activation.name, hidden.weights.name) == (16, "relu", "glorot_uniform")
    assert one[0].how.shuffle
    np.testing.assert_allclose(one[0].rows.x.std(axis=0), 1.0)


def test_numbers_by_hand_go_where_they_no_longer_fit() -> None:
    hand = np.array([[0.1, 0.2], [0.3, 0.4]])
    net = gn.Network(gn.Dense(2, "relu", weights=hand, biases=[0.1, 0.2]), gn.Dense(2, weights=hand), gn.Dense())
    (wider,) = next(one for one in CHANGES if one.cause == "too few units").cases(case(net))
    assert [wider.layer(k).units for k in (0, 1)] == [16, 16]
    assert [wider.layer(k).weights.name for k in (0, 1)] == ["glorot_uniform", "glorot_uniform"]
    assert wider.layer(0).biases.name == "zeros"
