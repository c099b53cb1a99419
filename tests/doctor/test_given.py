"""The rows of a diagnosis are those of a training, with the same inputs."""

import numpy as np
import pytest

from glassnet.doctor.case import Case
from glassnet.doctor.given import Given
from glassnet.parts.layers import Dense
from glassnet.parts.losses import loss
from glassnet.parts.network import Network
from glassnet.training.settings import Settings

TABLE = {
    "who": [f"p{k // 4}" for k in range(60)],
    "id": [*range(60)],
    "a": np.random.default_rng(3).normal(size=60).tolist(),
    "y": ["u", "v", "v", "u"] * 15,
}


@pytest.mark.parametrize("exclude", [(), "id", ["id"]])
def test_a_column_that_groups_rows_is_no_input(exclude: object) -> None:
    options = {"target": "y", "group": "who", "exclude": exclude}
    given = Given.of(TABLE, None, options, loss("cross_entropy"))
    assert given.division is not None
    train, held_out = ({TABLE["who"][k] for k in rows} for rows in (given.division.train, given.division.held_out))
    assert not train & held_out
    case = Case(network=Network(Dense()), how=Settings(), given=given)
    names = case.course.pattern.contract.input_names
    assert list(names) == (["a"] if exclude else ["id", "a"])
