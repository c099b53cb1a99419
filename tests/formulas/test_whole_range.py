"""What `scripts/verify_formulas.py` prints, with one mantissa an exponent: no formula is further off."""

import mpmath as mp
import numpy as np
import pytest
import verify_formulas

# units of the last place that each may be off, anywhere; the others are right to 2^-52 of 1 (`ABSOLUTE`)
ULPS = {
    "elu": 1, "leaky_relu": 1, "leaky_relu'": 1, "log_sigmoid": 2, "log_sigmoid'": 2, "mish": 4, "mish'": 8, "selu": 2,
    "sigmoid": 2, "silu": 4, "silu'": 8, "softplus": 2, "softplus'": 2, "softsign": 2, "softsign'": 3, "tanh": 2,
    "binary_cross_entropy": 2, "huber": 2, "huber'": 1, "poisson": 2, "poisson'": 8, "squared": 2, "squared'": 1,
}  # fmt: skip
ABSOLUTE = {"elu'": 1, "selu'": 2, "sigmoid'": 1, "tanh'": 1, "binary_cross_entropy'": 1, "cross_entropy'": 1,
            "gelu": 8, "gelu'": 8}  # fmt: skip
CASES = {name: (formula, exact) for name, formula, exact in verify_formulas.cases()}


def test_every_formula_of_the_script_has_its_bound() -> None:
    assert {*CASES} == {*ULPS, *ABSOLUTE, "cross_entropy"}  # of whose value test_losses.py says how exact it is


@pytest.mark.parametrize("name", [*ULPS, *ABSOLUTE])
def test_a_formula_keeps_its_bound_at_every_exponent(name: str) -> None:
    z = verify_formulas.numbers(np.float64, 1)[::5]
    with mp.workprec(200):
        error = verify_formulas.measured(*CASES[name], z)
    assert error.ulps <= ULPS[name] if name in ULPS else error.number <= ABSOLUTE[name] * 2.0**-52
