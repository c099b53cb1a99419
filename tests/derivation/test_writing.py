"""Steps as they are written down, one by one."""

from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.steps import Step
from glassnet.derivation.straight import straight
from glassnet.derivation.writing import Draft
from glassnet.expressions.expression import Expression, symbol


def draft() -> tuple[Draft, Any]:
    made = Draft(network=gn.Network(gn.Dense(1)), n_inputs=2, dtype=np.dtype(float))
    return made, made.input("x", "n", 2)


def forward(name: str, expression: Expression, layer: int) -> Step:
    return Step(name=name, expression=expression, phase="forward", layer=layer)


def written(steps: list[Step]) -> list[str]:
    return [f"{step.name} = {step.expression!r}" for step in steps]


def test_what_was_written_down_is_called_by_its_name_from_then_on() -> None:
    made, x = draft()
    h: Any = np.exp(x) + 1.0
    made.step("h", h, "forward")
    made.step("a", np.tanh(h) * h, "forward")
    assert written(made.steps) == ["h = exp(x) + 1", "a = tanh(h) * h"]
    assert repr(made.step("same", h, "forward")) == "h"
    assert len(made.steps) == 2


@pytest.mark.parametrize("name", ["h", "x"])
def test_two_steps_have_two_names(name: str) -> None:
    made, x = draft()
    made.step("h", np.exp(x), "forward")
    with pytest.raises(ValueError, match=f"the name {name} is used twice"):
        made.step(name, np.tanh(x), "forward")


def test_a_part_of_a_row_is_what_was_put_there_and_other_columns_are_taken() -> None:
    a, b = symbol("a", ("n", 2)), symbol("b", ("n", 3))
    row: Any = symbol("s", ("n", 5))

    def steps(taken: Expression) -> list[str]:
        made = [forward("s", np.concatenate((a, b), axis=1), 1), forward("z", np.tanh(taken), 2)]
        return written(straight(made, kept=0))

    assert steps(row[:, 0:2]) == ["z = tanh(a)"]
    assert steps(row[:, 2:5]) == ["z = tanh(b)"]
    assert steps(row[:, 1:3]) == ["s = concatenate((a, b), axis=1)", "z = tanh(s[:, 1:3])"]
    assert steps(row) == ["s = concatenate((a, b), axis=1)", "z = tanh(s)"]


def test_another_name_for_the_same_goes_unless_it_is_asked_for() -> None:
    a = symbol("a", ("n", 2))
    made = [forward("b", a, 3), forward("z", np.tanh(symbol("b", ("n", 2))), 4)]
    assert written(straight(made, kept=0)) == ["z = tanh(a)"]
    assert written(straight(made, kept=3)) == ["b = a", "z = tanh(b)"]
