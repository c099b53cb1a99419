"""What is worked out once: by all it depends on, not for ever, and not where that cannot be known."""

import gc
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import WRITTEN, derive
from glassnet.expressions.expression import evaluate
from glassnet.expressions.notation import plain
from glassnet.parts.network import SIZES
from glassnet.parts.optimizers import Optimizer
from glassnet.parts.remembered import Remembered


def network(start: Any = "zeros", **penalties: float) -> gn.Network:
    return gn.Network(gn.Dense(5, "tanh", weights=start), gn.Dense(1), loss="squared", **penalties)


def test_the_oldest_answer_is_forgotten_first() -> None:
    asked: list[int] = []
    remembered = Remembered[int](most=3)
    for k in (2, 3, 5, 2, 7, 3, 2):
        assert remembered.answer(k, lambda k=k: asked.append(k) or k * k) == k * k  # type: ignore[misc]
    assert asked == [2, 3, 5, 7, 2]
    assert list(remembered.answers) == [5, 7, 2]


def test_what_has_no_key_is_worked_out_each_time() -> None:
    remembered = Remembered[list[int]](most=3)
    first = remembered.answer(None, list)
    assert remembered.answer(None, list) is not first
    assert not remembered.answers


@pytest.mark.parametrize("optimizer", [None, gn.SGD(0.5), gn.Adam(gn.schedule("step", 0.5, every=3, factor=0.2))])
def test_equal_questions_have_one_derivation(optimizer: Any) -> None:
    assert derive(network(), 3, optimizer) is derive(network(start="glorot_uniform"), 3, optimizer)


@pytest.mark.parametrize(
    "other",
    [
        gn.SGD(0.25),
        gn.SGD(0.5, clip_norm=1.0),
        gn.SGD(0.5, clip_value=1.0),
        gn.Momentum(0.5),
        gn.SGD(gn.schedule("constant", 0.5)),
        gn.SGD(gn.schedule("constant", 0.5, warm_up=2)),
        gn.SGD(gn.schedule("exponential", 0.5, decay=0.1)),
        gn.SGD(gn.schedule("exponential", 0.5, decay=0.2)),
    ],
    ids=repr,
)
def test_another_optimizer_has_another_derivation(other: Optimizer) -> None:
    derivation = derive(network(), 3, other)
    assert derivation is not derive(network(), 3, gn.SGD(0.5))
    assert derivation.optimizer == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (gn.Adam(0.5, beta1=0.25, beta2=0.75), gn.Adam(0.5, beta2=0.75, beta1=0.25)),
        (gn.SGD(gn.schedule("step", 0.5, every=3)), gn.SGD(gn.schedule("step", 0.5, every=3.0))),
        (gn.SGD(gn.schedule("constant", 0.5, warm_up=2)), gn.SGD(gn.schedule("constant", 0.5, warm_up=2.0))),
    ],
    ids=repr,
)
def test_a_derivation_names_its_optimizer_as_it_was_given(one: Optimizer, other: Optimizer) -> None:
    assert [repr(derive(network(), 3, given).optimizer) for given in (one, other)] == [repr(one), repr(other)]


def test_an_option_of_0_is_not_one_of_minus_0() -> None:
    for slope, term in ((0.0, "0 * minimum(z1, 0)"), (-0.0, "(-0.0 * minimum(z1, 0))")):
        given = gn.Network(gn.Dense(2, gn.activation("leaky_relu", slope=slope)), loss="squared")
        text = plain(derive(given, 3)["a1"].expression, expand=True)
        assert text == f"maximum(z1, 0) + {term}"


def test_another_dtype_penalty_or_number_of_inputs_has_another_derivation() -> None:
    plain = derive(network(), 3)
    others = [derive(network(), 3, dtype=np.float32), derive(network(l2=0.5), 3), derive(network(), 7)]
    assert all(other is not plain for other in others)
    assert derive(network(), 3) is plain


def test_a_layer_of_ones_own_may_change() -> None:
    @dataclass
    class Wider:
        units: int
        backward = None

        def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
            return {"W": gn.Parameter((n_inputs, self.units), "zeros")}

        def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
            return {"y": x @ p.W}

    layer = Wider(2)
    own = gn.Network(layer, loss="squared")
    assert own.n_outputs(3) == derive(own, 3)["y1"].shape[1] == 2
    layer.units = 7
    assert own.n_outputs(3) == derive(own, 3)["y1"].shape[1] == 7


def test_a_formula_of_ones_own_is_looked_at_once_for_its_sizes_and_each_time_for_its_derivation() -> None:
    factor = 2.0
    own = gn.Network(gn.Dense(2, lambda z: factor * z), loss="squared")
    z = {"z1": np.ones((1, 2))}
    assert own.layout(3) is own.layout(3)
    assert (evaluate(derive(own, 3)["a1"].expression, z) == 2.0).all()
    factor = 5.0
    assert (evaluate(derive(own, 3)["a1"].expression, z) == 5.0).all()


def test_starting_weights_are_not_kept_alive() -> None:
    class Start:
        def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
            return np.full(shape, 0.25)

    start = Start()
    asked = network(start=start)
    derive(asked, 3, gn.SGD(0.125))
    asked.layout(11)
    assert WRITTEN.answers
    assert SIZES.answers
    gone = weakref.ref(start)
    del start, asked
    gc.collect()
    assert gone() is None


def test_many_networks_do_not_fill_the_memory() -> None:
    for units in range(1, 70):
        gn.Network(gn.Dense(units), loss="squared").layout(3)
    assert len(SIZES.answers) <= SIZES.most
