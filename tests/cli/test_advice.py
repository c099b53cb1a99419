"""What to change next: only what the curves support, never the command just run, nothing where nothing is known."""

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from glassnet.cli.advice import FALLING, LOST, PARTING, UNLEARNT, Curves, change, seen
from glassnet.cli.changes import Changes
from glassnet.cli.session import Plan


def planned(**options: Any) -> Plan:
    """The plan of `glassnet train` with these options."""
    return Plan(recipe=Changes(**options).applied("small"), optimizer=options.get("optimizer"))


PLAN = planned()


def curves(train: Any, validation: Any = None, stopped: str = "epochs", trivial: float | None = 1.0) -> Curves:
    val = None if validation is None else list(map(float, validation))
    return Curves(train=list(map(float, train)), validation=val, stopped=stopped, trivial=trivial)


lengths, seeds = st.integers(20, 400), st.integers(0, 2**32 - 1)
levels, shares = st.floats(0.01, 3.0), st.floats(0.0, 1.0)


def wavering(seed: int, n: int, size: float) -> np.ndarray:
    return size * np.random.default_rng(seed).uniform(-1.0, 1.0, n)


def settling(n: int, times: float, low: float, high: float) -> np.ndarray:
    """A curve that falls from high to low, so many times by a factor of e."""
    return low + (high - low) * np.exp(-times * np.arange(n) / n)


@given(lengths, st.floats(0.2, 2.5), shares, st.booleans(), levels)
def test_a_curve_that_still_falls_asks_for_more_epochs(n, times, low, held_out, trivial):
    curve = trivial * settling(n, times, 0.5 * low, 1.0)
    above = curve * 1.05 if held_out else None
    assert seen(curves(curve, above, trivial=trivial)) == FALLING
    assert int(change(FALLING, PLAN, "number")["--epochs"]) > PLAN.recipe.epochs


@given(lengths, levels)
def test_a_curve_that_falls_with_nothing_left_to_fall_to_asks_for_nothing(n, trivial):
    assert seen(curves(trivial * settling(n, 6.0, 0.0, 1.0), trivial=trivial)) == ""


@given(lengths, st.floats(9.0, 60.0), st.floats(0.05, 0.7), seeds, st.booleans())
def test_a_curve_that_has_settled_asks_for_nothing(n, times, low, seed, held_out):
    assume(n >= 60)
    curve = settling(n, times, low, 1.2) + wavering(seed, n, 0.001)
    above = curve + 0.05 + wavering(seed + 1, n, 0.001) if held_out else None
    for stopped in ("epochs", "early"):
        assert seen(curves(curve, above, stopped)) == ""


@given(lengths, st.floats(0.3, 1.0), st.floats(0.0, 0.3), st.floats(0.3, 2.0))
def test_curves_that_part_ask_for_less(n, best, low, rise):
    loss = settling(n, 5.0, low, 0.9)
    t = np.arange(n) / n
    validation = loss + 0.02 + rise * np.maximum(t - 0.4 * best, 0.0)
    for stopped in ("epochs", "early"):
        assert seen(curves(loss, validation, stopped)) == PARTING


@given(lengths, st.floats(0.85, 1.05), seeds)
def test_two_flat_curves_at_the_trivial_loss_ask_for_more_units(n, level, seed):
    train, validation = level + wavering(seed, n, 0.004), level + wavering(seed + 1, n, 0.004)
    assert seen(curves(train, validation, "early")) == UNLEARNT


@given(lengths, st.floats(1.2, 1e6), seeds, st.booleans())
def test_a_loss_above_the_trivial_one_asks_for_shorter_steps(n, level, seed, held_out):
    train = level * (1.0 + wavering(seed, n, 0.05))
    train[-1] = level * 1.2  # not at its lowest
    assert seen(curves(train, train if held_out else None)) == LOST


numbers = st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf")])


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=40),
    st.booleans(),
    st.sampled_from(["epochs", "early", "interrupted", "diverged", ""]),
    st.none() | st.floats(1e-3, 1e3),
)
def test_whatever_the_curves_something_is_said_or_nothing(rows, held_out, stopped, trivial):
    train, validation = zip(*rows, strict=True)
    found = seen(curves(train, validation if held_out else None, stopped, trivial))
    assert found in ("", FALLING, LOST, UNLEARNT, PARTING)
    if stopped not in ("epochs", "early") or not np.isfinite(train).all():
        assert found == ""
    if not held_out:
        assert found in ("", FALLING, LOST)
    if stopped == "early":
        assert found != FALLING
    if trivial is None:
        assert found not in (UNLEARNT, PARTING)


def followed(plan: Plan, options: dict[str, str]) -> Plan:
    """The plan with its options."""
    words: dict[str, Any] = {"hidden": [*map(str, plan.recipe.hidden)] or ["0"]}
    words |= {name: getattr(plan.recipe, name) for name in ("dropout", "l2", "epochs", "learning_rate")}
    for name, text in options.items():
        option = name.removeprefix("--").replace("-", "_")
        words[option] = [text] if option == "hidden" else int(text) if option == "epochs" else float(text)
    return planned(**words, optimizer=plan.optimizer)


def test_a_rate_in_the_optimizers_brackets_is_changed_there():
    plan = planned(optimizer="adam(beta1=0.8, learning_rate=5)")
    assert change(LOST, plan, "number") == {"--optimizer": "adam(beta1=0.8, learning_rate=0.5)"}


@given(
    st.lists(st.integers(1, 512), max_size=3),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.0, 1e-4, 0.1]),
    st.sampled_from(["adam", "sgd", "rprop"]),
    st.lists(st.sampled_from([UNLEARNT, PARTING, LOST]), max_size=30),
)
def test_no_command_leads_back_to_itself(units, dropout, l2, rule, sights):
    hidden = [",".join(map(str, units)) or "0"]
    rate = None if rule == "adam" else 0.5
    plan = planned(hidden=hidden, dropout=dropout, l2=l2, optimizer=rule, learning_rate=rate)
    before = [plan]
    for found in sights:
        options = change(found, plan, "number")
        plan = followed(plan, options)
        if options:
            assert plan not in before
            before.append(plan)


def test_a_loss_that_is_a_sum_and_weighted_classes_are_not_compared(glassnet):
    found = glassnet("train", "moons", "--loss", "squared", "--reduction", "sum", "--no-plot", "--json").json
    assert found["advice"] is None
    argv = ("train", "spirals", "--recipe", "small", "--class-weight", "balanced", "--no-plot", "--json")
    assert glassnet(*argv).json["advice"] is None


# real tables


def lines_after(result: Any, label: str) -> list[str]:
    out = result.out
    return [line[10:] for line in out[out.index(f"\n{label}") + 1 :].splitlines()]


def advised(result: Any) -> list[str]:
    """The training under Next, as words; none where there is none."""
    first = shlex.split(lines_after(result, "Next")[0])
    return first[1:] if first[1] == "train" else []


@pytest.mark.parametrize("table", ["penguins", "xor", "tychobra", "moons", "circles"])
def test_what_is_learnt_needs_nothing(glassnet, table):
    result = glassnet("train", table, "--recipe", "small", "--no-plot")
    assert advised(result) == []
    assert "\nCurve" not in result.out


@pytest.mark.parametrize(("table", "epochs"), [("xor", 12), ("tychobra", 20), ("moons", 6), ("penguins", 4)])
def test_a_training_cut_short_is_to_go_on(glassnet, table, epochs):
    result = glassnet("train", table, "--epochs", epochs, "--no-plot")
    assert advised(result) == ["train", table, "--epochs", f"{4 * epochs}", "--no-plot"]
    assert "loss was still falling when the epochs were over" in lines_after(result, "Curve")[0]


def test_what_is_not_learnt_at_all_asks_for_more_units(glassnet):
    result = glassnet("train", "spirals", "--recipe", "small", "--no-plot")
    assert advised(result) == ["train", "spirals", "--hidden", "64,64", "--recipe", "small", "--no-plot"]
    assert lines_after(result, "Curve")[0] == "both losses stay near that of always saying the same"


WINE = Path(__file__).parents[2] / "benchmarks" / "data" / "wine-red.csv"


def test_wine_is_to_be_held_back_and_not_the_same_again(glassnet):
    argv = ["train", WINE, "--target", "quality", "--recipe", "small", "--no-plot"]
    first = advised(glassnet(*argv))
    assert first[2:4] == ["--l2", "0.001"]
    assert advised(glassnet(*first)) != first


def test_digits_are_learnt_as_they_are(glassnet, tmp_path):
    X, y = load_digits(return_X_y=True)
    rows = [",".join([*(f"{value:g}" for value in row), f"d{y[k]}"]) for k, row in enumerate(X)]
    (tmp_path / "digits.csv").write_text("\n".join([",".join([*(f"p{k}" for k in range(64)), "y"]), *rows]) + "\n")
    assert advised(glassnet("train", "digits.csv", "--target", "y", "--recipe", "small", "--no-plot")) == []


def noisy(path: Any, classes: bool) -> None:
    """A table that a network learns by heart: forty columns, of which two say half of the truth."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(260, 40))
    y = x[:, 0] - x[:, 1] + 1.5 * rng.normal(size=260)
    rows = [",".join([*(f"{value:.4f}" for value in row), ("yes" if y[k] > 0 else "no") if classes else f"{y[k]:.4f}"])
            for k, row in enumerate(x)]  # fmt: skip
    path.write_text("\n".join([",".join([*(f"x{k}" for k in range(40)), "y"]), *rows]) + "\n")


@pytest.mark.parametrize("classes", [True, False])
def test_what_is_learnt_by_heart_is_to_be_held_back_a_step_at_a_time(glassnet, tmp_path, classes):
    noisy(tmp_path / "t.csv", classes)
    argv, told = ["train", "t.csv", "--target", "y", "--recipe", "small", "--no-plot"], []
    for _ in range(12):
        result = glassnet(*argv)
        assert result.code == 0, result.err
        argv = advised(result)
        if not argv:
            break
        assert argv not in told
        told.append(argv)
    assert told[0] == ["train", "t.csv", "--l2", "0.001", "--target", "y", "--recipe", "small", "--no-plot"]
    assert not argv, "it does not end"


def test_advice_is_in_json(glassnet):
    found = glassnet("train", "spirals", "--recipe", "small", "--no-plot", "--json").json["advice"]
    assert found == {
        "reason": "both losses stay near that of always saying the same",
        "options": {"--hidden": "64,64"},
    }
    json.dumps(found)


def test_of_a_table_from_stdin_nothing_is_advised(glassnet, tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(30)))
    with open("t.csv") as file:
        monkeypatch.setattr("sys.stdin", file)
        assert advised(glassnet("train", "-", "--target", "y", "--epochs", 5, "--no-plot")) == []
