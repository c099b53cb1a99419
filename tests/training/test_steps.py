"""One training run under the loop: what is reported, the learning rate, the order of the rows, going back."""

import importlib.util
from typing import Any

import numpy as np
import pytest
import textbook

import glassnet as gn
from glassnet.derivation.report import THE_LOSS, Report
from glassnet.engines.memory import Memory
from glassnet.parts.optimizers import Optimizer
from glassnet.training import compiled_steps, numpy_steps
from glassnet.training.divergence import go_back
from glassnet.training.engine import NotFinite
from glassnet.training.rows import GeneratorShuffler, Rows, Shuffler, Walk
from glassnet.training.steps import Stepper

RNG = np.random.default_rng(17)
N, INPUTS, OUTPUTS = 11, 3, 2
X, Y = RNG.normal(size=(N, INPUTS)), RNG.normal(size=(N, OUTPUTS))
WEIGHTS = np.array([0.0, 2.0, 0.5, 1.0, 3.0, 0.0, 1.0, 0.25, 5.0, 1.0, 0.125])
ORDERS = [RNG.permutation(N) for _ in range(20)]
NO_NUMBA = importlib.util.find_spec("numba") is None
BY_ROWS = Report(0.5, penalties=True, by_rows=True)
ENGINES = ["numpy", pytest.param("compiled", marks=pytest.mark.skipif(NO_NUMBA, reason="Numba is not installed"))]


class Given:
    """Orders from a list; its state is how many were drawn."""

    def __init__(self, orders: list[np.ndarray]) -> None:
        self.orders, self.state = orders, 0

    def permutation(self, rows: int) -> np.ndarray:
        self.state += 1
        return self.orders[self.state - 1]


def begin(
    engine: str,
    size: int = 4,
    *,
    shuffler: Shuffler | None = None,
    optimizer: Optimizer | None = None,
    weighted: bool = False,
    reported: Report = THE_LOSS,
    dtype: str = "float64",
    drop: float = 0.0,
    **penalties: Any,
) -> Stepper:
    layers = [gn.Dense(2, "tanh"), *([gn.Dropout(drop)] if drop else []), gn.Dense(OUTPUTS)]
    network = gn.Network(*layers, loss="squared", **penalties)
    memory = Memory.of(network, INPUTS, dtype)
    memory.initialize(network, INPUTS, np.random.default_rng(0))
    rows = Rows(X.astype(dtype), Y.astype(dtype), WEIGHTS[:, None].astype(dtype) if weighted else None)
    walk = Walk.over(N, size, True)
    rng, optimizer = np.random.default_rng(1), optimizer or gn.Momentum(0.1)
    options: dict[str, Any] = {"engine": engine, "shuffler": shuffler, "reported": reported}
    stepper = Stepper(network, INPUTS, memory, rng, optimizer=optimizer, rows=rows, walk=walk, **options)
    assert stepper.choice.engine == engine
    return stepper


def run(stepper: Stepper, epochs: int) -> list[float]:
    return stepper.run(epochs, 60.0, lambda: False)


def by_hand(
    p: textbook.Arrays,
    rates: list[float],
    size: int = 4,
    weighted: bool = False,
    factor: float = 1.0,
    l1: float = 0.0,
    l2: float = 0.0,
    penalty_per_row: bool = False,
    by_rows: bool = True,
) -> list[float]:
    """A textbook's loop with momentum, an epoch for each rate, in the orders above; changes p, tells the losses."""
    weight = WEIGHTS if weighted else np.ones(N)
    memory: Any = {}
    losses = []
    for rate, order in zip(rates, ORDERS, strict=False):
        total = 0.0
        for rows in textbook.batches(N, size, None):
            rows = order[rows] if size < N else rows
            loss, g = textbook.loss_and_gradients(p, X[rows], Y[rows], weight[rows])
            borne_by = weight[rows].sum() if penalty_per_row else 1.0
            matrices = [p[name] for name in p if name[0] == "W"]
            penalty = sum(l1 * np.abs(W).sum() + l2 / 2 * (W**2).sum() for W in matrices) / borne_by
            for name in g:
                if name[0] == "W":
                    g[name] = g[name] + (l1 * np.sign(p[name]) + l2 * p[name]) / borne_by
            textbook.momentum(p, g, memory, 0, dict.fromkeys(p, rate))
            count = weight if not by_rows else np.ones(N)
            total += (factor * loss + penalty) * count[rows].sum()
        losses.append(total / count.sum())
    return losses


def arrays(stepper: Stepper) -> textbook.Arrays:
    return {name: view.copy() for name, view in stepper.memory.layout.views(stepper.memory.theta).items()}


def close(stepper: Stepper, p: textbook.Arrays, tolerance: float = 1e-12) -> None:
    for name, mine in arrays(stepper).items():
        np.testing.assert_allclose(mine, p[name], rtol=tolerance, atol=tolerance, err_msg=name)


# what is reported

PENALTIES: dict[str, dict[str, Any]] = {
    "none": {},
    "whole": {"l1": 0.02, "l2": 0.3},
    "per row": {"l1": 0.02, "l2": 0.3, "penalty_per_row": True},
}


@pytest.mark.parametrize(
    ("weighted", "penalties", "factor", "size"),
    [
        (True, "per row", 0.5, 4),  # the last batch is of 3
        (False, "per row", 1.0, 4),
        (True, "per row", 2.0, N),  # so small that it is written without loops
        (False, "whole", 1.0, N),
        (True, "whole", 0.5, 4),
        (True, "none", 1.0, 4),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_so_many_times_the_loss_and_the_penalties_are_reported_a_batch_counting_by_its_rows(
    engine: str, weighted: bool, penalties: str, factor: float, size: int
) -> None:
    options = PENALTIES[penalties]
    told = Report(factor, penalties=True, by_rows=True)
    stepper = begin(engine, size, shuffler=Given(ORDERS), weighted=weighted, reported=told, **options)
    p = arrays(stepper)
    expected = by_hand(p, [0.1] * 3, size, weighted, factor, **options)
    np.testing.assert_allclose(run(stepper, 3), expected, rtol=1e-12)
    close(stepper, p)


@pytest.mark.parametrize("size", [4, N])  # the last batch is of 3; and so small that it is written without loops
@pytest.mark.parametrize("engine", ENGINES)
def test_so_many_times_the_loss_is_reported_a_batch_counting_by_its_weight(engine: str, size: int) -> None:
    stepper = begin(engine, size, shuffler=Given(ORDERS), weighted=True, reported=Report(0.5))
    p = arrays(stepper)
    expected = by_hand(p, [0.1] * 3, size, weighted=True, factor=0.5, by_rows=False)
    np.testing.assert_allclose(run(stepper, 3), expected, rtol=1e-12)
    close(stepper, p)


def test_what_is_reported_changes_no_weight_and_the_loss_alone_is_reported_otherwise() -> None:
    plain, told = (begin("numpy", weighted=True, reported=reported, l2=0.3) for reported in (THE_LOSS, BY_ROWS))
    losses = [run(stepper, 2) for stepper in (plain, told)]
    np.testing.assert_array_equal(plain.memory.theta, told.memory.theta)
    assert np.abs(np.subtract(*losses)).min() > 1e-3
    first = begin("numpy", N, weighted=True, l2=0.3)
    expected, _ = textbook.loss_and_gradients(arrays(first), X, Y, WEIGHTS)
    np.testing.assert_allclose(run(first, 1), [expected], rtol=1e-12)


# the learning rate


@pytest.mark.parametrize(("size", "dtype"), [(4, "float32"), (N, "float64")])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_learning_rate_in_memory_can_change_between_epochs(engine: str, dtype: str, size: int) -> None:
    rates = [0.1, 0.1, 0.02, 0.3, 0.3]
    stepper = begin(
        engine, size, shuffler=Given(ORDERS), optimizer=Optimizer(name="momentum", learning_rate=None), dtype=dtype
    )
    p = {name: array.astype(np.float64) for name, array in arrays(stepper).items()}
    losses = by_hand(p, rates, size)
    found = []
    for rate, epochs in ((0.1, 2), (0.02, 1), (0.3, 2)):
        stepper.memory.lr = rate
        assert stepper.learning_rate() == rate
        found += run(stepper, epochs)
    assert stepper.memory.theta.dtype == dtype
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(found, losses, rtol=tolerance)
    close(stepper, p, tolerance)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_learning_rate_of_the_optimizer_does_not_heed_the_one_in_memory(engine: str) -> None:
    stepper = begin(engine, shuffler=Given(ORDERS))
    p = arrays(stepper)
    stepper.memory.lr = 7.0
    np.testing.assert_allclose(run(stepper, 2), by_hand(p, [0.1, 0.1]), rtol=1e-12)
    assert stepper.learning_rate() == 0.1


# the order of the rows


def test_orders_are_drawn_from_the_run_s_own_generator_unless_others_are_given() -> None:
    stepper, rng = begin("numpy"), np.random.default_rng(1)
    given = begin("numpy", shuffler=Given([rng.permutation(N) for _ in range(3)]))
    before = given.rng.bit_generator.state
    assert run(stepper, 3) == run(given, 3)
    np.testing.assert_array_equal(stepper.memory.theta, given.memory.theta)
    assert stepper.rng.bit_generator.state == rng.bit_generator.state
    assert given.rng.bit_generator.state == before


def test_a_generator_as_shuffler_draws_what_the_generator_draws_and_can_be_set_back() -> None:
    rng = np.random.default_rng(5)
    shuffler = GeneratorShuffler(rng)
    state = shuffler.state
    first = shuffler.permutation(N)
    np.testing.assert_array_equal(first, np.random.default_rng(5).permutation(N))
    assert shuffler.state == rng.bit_generator.state != state
    shuffler.state = state
    np.testing.assert_array_equal(shuffler.permutation(N), first)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("drop", [0.0, 0.3])
@pytest.mark.parametrize("engine", ENGINES)
def test_after_going_back_the_same_rows_come_again(engine: str, drop: float, given: bool) -> None:
    shuffler = GeneratorShuffler(np.random.default_rng(3)) if given else None
    stepper = begin(engine, shuffler=shuffler, drop=drop)
    run(stepper, 2)
    moment, states = stepper.moment(), (stepper.shuffler.state, stepper.rng.bit_generator.state)
    losses = run(stepper, 3)
    theta = stepper.memory.theta.copy()
    stepper.return_to(moment)
    assert (stepper.shuffler.state, stepper.rng.bit_generator.state) == states
    assert stepper.epochs == 2
    assert run(stepper, 3) == losses
    np.testing.assert_array_equal(stepper.memory.theta, theta)


def broken_off(engine: str, after: int, given: bool) -> tuple[Stepper, list[float]]:
    """Five epochs of three batches, broken off after so many steps."""
    stepper = begin(engine, shuffler=Given(ORDERS) if given else None)
    if engine == "compiled":  # a step of another run, so that the pace is known and epochs are done together
        run(begin(engine, shuffler=Given(ORDERS) if given else None), 1)
    asked = iter(range(100))
    return stepper, stepper.run(5, 60.0, lambda: next(asked) == after)


@pytest.mark.skipif(NO_NUMBA, reason="Numba is not installed")
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 7, 14, 15])
def test_a_run_that_is_broken_off_leaves_the_shuffler_at_the_epoch_it_was_in(
    after: int, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_steps, "CALL", 0.0)  # one step a call
    steppers, losses = zip(*(broken_off(engine, after, given) for engine in ("numpy", "compiled")), strict=True)
    assert [len(found) for found in losses] == [after // 3] * 2
    for stepper in steppers:
        assert stepper.memory.t == after
        assert stepper.epochs == after // 3
        rng = np.random.default_rng(1)
        orders = min(after // 3 + 1, 5)  # the one it was in was drawn, those of later epochs were not
        for _ in range(orders):
            rng.permutation(N)
        assert stepper.shuffler.state == (orders if given else rng.bit_generator.state)
    np.testing.assert_allclose(*(stepper.memory.theta for stepper in steppers), rtol=1e-12)
    np.testing.assert_allclose(*(run(stepper, 2) for stepper in steppers), rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_may_have_all_the_time_in_the_world(engine: str) -> None:
    stepper = begin(engine)
    losses = [loss for _ in range(3) for loss in stepper.run(2, np.inf, lambda: False)]
    assert losses == run(begin(engine), 6)


@pytest.mark.parametrize("engine", ENGINES)
def test_after_a_run_that_diverges_the_last_finite_weights_are_found_in_the_given_order_and_rate(engine: str) -> None:
    options: dict[str, Any] = {
        "shuffler": Given(ORDERS),
        "optimizer": Optimizer(name="sgd", learning_rate=None),
        "l2": 0.3,
    }
    stepper = begin(engine, **options, weighted=True, reported=BY_ROWS)
    stepper.memory.lr = 1e12
    moment = stepper.moment()
    with pytest.raises(NotFinite) as caught:
        run(stepper, 20)
    reason = go_back(stepper, moment, caught.value.t - moment.saved.t)
    assert "the learning rate 1e+12 is too high" in reason
    again = begin("numpy", **{**options, "shuffler": Given(ORDERS)}, weighted=True, reported=BY_ROWS)
    again.memory.lr = 1e12
    batches = again.one_by_one()
    for _ in range(stepper.memory.t + 1):  # a step is taken when the next batch is asked for
        next(batches)
    assert again.memory.t == stepper.memory.t > 3
    np.testing.assert_allclose(stepper.memory.theta, again.memory.theta, rtol=1e-12)


def test_one_by_one_what_has_decayed_to_almost_nothing_becomes_0_as_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for often, slowly in ((2, False), (2, True), (64, True)):
        monkeypatch.setattr(numpy_steps, "FLUSH_EVERY", often)
        stepper = begin("numpy", size=4)  # 3 steps an epoch
        stepper.rows.x[:, 0] = 0.0  # so that the first weight has no gradient
        (slot,) = stepper.memory.slots.values()
        slot[0] = 1e-305
        if slowly:
            batches = stepper.one_by_one()
            for _ in range(4):
                next(batches)
        else:
            stepper.take(3, 60.0, lambda: False)
        assert stepper.memory.t == 3
        found.append(slot.copy())
    assert [slot[0] > 0.0 for slot in found] == [False, False, True]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[1][1:], found[2][1:])


@pytest.mark.skipif(NO_NUMBA, reason="Numba is not installed")
def test_code_for_other_rows_takes_another_stepper_and_this_one_goes_on() -> None:
    one, other = (begin("compiled") for _ in range(2))
    assert not one.turn_to(Rows(X[:4], Y[:4]), Walk.over(4, None, True), one.shuffler)  # all rows at once
    assert run(one, 3) == run(other, 3)
