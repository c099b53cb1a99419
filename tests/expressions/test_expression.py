"""The dialect: what a formula may do, and how it is told what it may not."""

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.special

from glassnet.expressions import blocks
from glassnet.expressions.expression import BOOL, Expression, constant, evaluate, substitute, symbol, symbols_in

Z = symbol("z", ("n", 3))
Y = symbol("y", ("n", 1))
W = symbol("W", (3, 5))
RNG = np.random.default_rng(3)
VALUES = {"z": RNG.normal(size=(7, 3)), "y": RNG.normal(size=(7, 1)), "W": RNG.normal(size=(3, 5)), "n": 7.0}

FORMULAS: dict[str, Callable[..., Any]] = {
    "arithmetic": lambda z, y, W: 2.0 * z - y / 3.0 + (-z) ** 2 + (1.0 - z) * y,
    "functions": lambda z, y, W: np.exp(z) + np.log1p(z * z) + np.expm1(-z * z) + np.sqrt(np.abs(z)) + np.tanh(y),
    "more functions": lambda z, y, W: np.sign(z) + np.floor(z) + np.sin(z) * np.cos(y) + np.square(z) + np.log(z * z),
    "both sides": lambda z, y, W: np.where(z > y, np.maximum(z, 0.5), np.minimum(z, y)),
    "constants by a condition": lambda z, y, W: np.where(z > 0, 1.0, 0.1) * z,
    "numbers as conditions": lambda z, y, W: np.where(np.floor(z), z, 2.0 * z),
    "conditions as numbers": lambda z, y, W: (z > 0) * z + (z >= y) * 2.0,
    "counting": lambda z, y, W: np.sum(z > 0, axis=1, keepdims=True) * z,
    "operators": lambda z, y, W: np.where((z > 0) & ~(y > 0) | (z > 2), np.clip(z, 0.25, 0.5), 0.0),
    "logic": lambda z, y, W: np.where(np.logical_and(z > 0, np.logical_not(y > 0)), z, 0.0),
    "arithmetic of conditions": lambda z, y, W: ((z > 0) + (y > 0)) * z - ((z > 0) * (y > 0)) * 2.0,
    "the larger condition": lambda z, y, W: np.maximum(z > 0, y > 0) * z - np.minimum(z > 0, y > 0) * 2.0,
    "side by side": lambda z, y, W: np.concatenate((z, z > 0, z[:, [0, 2]]), axis=-1),
    "reductions": lambda z, y, W: z - z.max(axis=1, keepdims=True) + z.mean(axis=0) + np.sum(z) * y.sum(axis=0),
    "means": lambda z, y, W: np.mean(z, axis=1, keepdims=True) * np.mean(z) + np.max(z, axis=0),
    "without the axis": lambda z, y, W: z.sum(axis=1) * np.max(z, axis=1) + np.mean(z, axis=-1) + z.sum(axis=-2).sum(),
    "matrices": lambda z, y, W: (z @ W) @ W.T - np.transpose(W).sum(axis=0),
    "numpy's own reduction": lambda z, y, W: z - np.add.reduce(z, axis=0) + np.maximum.reduce(z, axis=1, keepdims=True),
    "numpy numbers": lambda z, y, W: np.float64(2.0) * z + np.int64(3) - np.bool_(True),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_symbols_give_what_arrays_give(name: str) -> None:
    traced = FORMULAS[name](Z, Y, W)
    direct = FORMULAS[name](*(VALUES[key] for key in "zyW"))
    found = evaluate(traced, VALUES)
    assert isinstance(traced, Expression)
    np.testing.assert_allclose(found, direct, rtol=1e-14)
    shape = tuple(7 if dim == "n" else dim for dim in traced.shape)
    assert shape == found.shape == direct.shape


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_that_of_the_arrays_never_of_a_number(name: str, dtype: Any) -> None:
    traced = FORMULAS[name](*(symbol(item.name, item.shape, dtype) for item in (Z, Y, W)))
    assert traced.dtype == dtype
    stack = [traced]
    while stack:
        node = stack.pop()
        stack += node.args
        assert node.op == "constant" or node.dtype in (BOOL, dtype), node


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (lambda z: z if z > 0 else 0, "cannot branch on z > 0: use np.where"),
    "and": (lambda z: z > 0 and z < 1, "cannot branch on z > 0: use np.where"),
    "chained comparison": (lambda z: 0 < z < 1, "cannot branch on z > 0: use np.where"),
    "max of Python": (lambda z: max(z, 0.0), "cannot branch on .*: use np.where"),
    "math.exp": (lambda z: math.exp(z), "cannot turn z into a number: use NumPy's functions, not math's"),
    "float": (lambda z: float(z), "cannot turn z into a number"),
    "loop": (lambda z: [item for item in z], "cannot loop over z: use whole-array operations"),  # noqa: C416
    "index": (lambda z: z[0], r"cannot pick from z but whole columns: x\[:, 2:5\]"),
    "one column": (lambda z: z[:, 0], r"cannot pick from z but whole columns: x\[:, 2:5\]"),
    "no column": (lambda z: z[:, []], r"columns are taken of a matrix, at least one, got \[\] of z"),
    "a column too many": (lambda z: z[:, [0, 3]], r"columns of z must be from 0 to 2, got \[0, 3\]"),
    "len": (lambda z: z.sum() / len(z), r"cannot count z: use .sum\(axis=0\) or .mean\(axis=0\)"),
    "np.sort": (lambda z: np.sort(z), "np.sort cannot be used in a formula; allowed are arithmetic, comparisons, @,"),
    "np.arctan": (lambda z: np.arctan(z), "np.arctan cannot be used in a formula; allowed are"),
    "scipy": (lambda z: scipy.special.expit(z), "np.expit cannot be used in a formula; allowed are"),
    "modulo": (lambda z: z % 2, "np.remainder cannot be used in a formula"),
    "accumulate": (lambda z: np.add.accumulate(z), "np.add cannot be used in a formula"),
    "in place": (lambda z: z.__iadd__(1.0), r"cannot write into z: z = z \+ 1 rather than z \+= 1"),
    "where=": (lambda z: np.exp(z, where=True), "np.exp in a formula takes no where="),
    "dtype=": (lambda z: np.sum(z, dtype=np.float32), "np.sum in a formula takes axis= and keepdims=, got dtype="),
    "np.asarray": (lambda z: np.asarray(z), "cannot turn z into an array: it has no numbers yet"),
    "an array": (lambda z: z + np.ones(3), "works on symbols and numbers, got ndarray"),
    "a text": (lambda z: z + "1", "works on symbols and numbers, got str: '1'"),
    "a method": (lambda z: z.reshape(-1), "a formula has no .reshape; allowed are"),
    "an axis": (lambda z: z.sum(axis=2), "axis of sum must be None or one of 2 axes, got 2"),
    "axes": (lambda z: z.sum(axis=(0, 1)), "axis of sum must be None or one of 2 axes"),
    "shapes": (lambda z: z + symbol("v", (5,)), r"shapes do not fit in add: \('n', 3\) and \(5,\)"),
    "matrix shapes": (lambda z: z @ z, r"shapes do not fit in z @ z: \('n', 3\) and \('n', 3\)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_formula_cannot_do_is_said(name: str) -> None:
    formula, message = WRONG[name]
    with pytest.raises((TypeError, ValueError, AttributeError), match=message):
        formula(Z)


def test_numbers_alone_are_worked_out_at_once() -> None:
    two = constant(2.0) * 3.0 - 4.0
    assert (two.op, two.value) == ("constant", 2.0)


def test_an_expression_is_copied_and_pickled() -> None:
    for again in (copy.copy, copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))):
        assert repr(again(np.tanh(Z @ W))) == "tanh(z @ W)"


def test_its_symbols_are_those_that_it_reads() -> None:
    assert symbols_in(np.where(Z > 0.0, np.tanh(Z), 2.0) @ W) == {"z", "W"}
    assert symbols_in(constant(1.0)) == set()


def test_a_number_as_a_condition_is_held_against_0_and_a_condition_is_not() -> None:
    assert repr(np.where(np.floor(Z), Z, 0.0)) == "where(floor(z) != 0, z, 0)"
    assert repr(np.where(Z > 1.0, Z, 0.0)) == "where(z > 1, z, 0)"


def test_numbers_of_float32_stay_float32_where_constants_are_chosen() -> None:
    z = np.linspace(-1, 1, 3, dtype=np.float32)
    found = evaluate(np.where(symbol("z", (3,)) > 0.0, 1.0, 0.1), {"z": z})
    assert (found.dtype, found.tolist()) == (np.float32, np.float32([0.1, 0.1, 1.0]).tolist())
    assert evaluate(np.where(symbol("z", (3,)) > 0.0, 1.0, 0.1), {"z": z.astype(float)}).dtype == np.float64


def test_a_part_is_replaced_by_a_symbol() -> None:
    part = np.exp(Z)
    whole = part / (1.0 + part)
    assert repr(substitute(whole, {id(part): symbol("e", Z.shape)})) == "e / (1 + e)"
    assert repr(whole) == "exp(z) / (1 + exp(z))"


def test_matrices_are_put_side_by_side_and_not_one_below_the_other() -> None:
    with pytest.raises(ValueError, match="a formula puts matrices side by side, axis=1; got axis=0"):
        np.concatenate((Z, Z))
    with pytest.raises(ValueError, match="side by side"):
        np.concatenate((Z, symbol("v", (3,))), axis=1)
    with pytest.raises(ValueError, match=r"need as many rows, got \('n', 3\), \(3, 5\)"):
        np.concatenate((Z, W), axis=1)


def test_the_blocks_of_a_matrix_are_scipys_and_come_out_again() -> None:
    by = RNG.normal(size=(6, 2))
    full = blocks.block_diag(by, 3)
    np.testing.assert_array_equal(full, scipy.linalg.block_diag(*by.reshape(3, 2, 2)))
    np.testing.assert_array_equal(blocks.diag_blocks(full, 3), by)
    h, dz = RNG.normal(size=(5, 6)), RNG.normal(size=(5, 6))
    np.testing.assert_allclose(blocks.times_blocks(h, by, 3), h @ full, rtol=1e-13)
    np.testing.assert_allclose(blocks.times_blocks_T(dz, by, 3), dz @ full.T, rtol=1e-13)
    np.testing.assert_allclose(blocks.blocks_of(h, dz, 3), blocks.diag_blocks(h.T @ dz, 3), rtol=1e-13)


def test_products_by_blocks_are_written_into_arrays_of_any_order() -> None:
    h, dz, by = RNG.normal(size=(5, 6)), RNG.normal(size=(5, 4)), RNG.normal(size=(6, 2))
    for product, pair, shape in (
        (blocks.times_blocks, (h, by), (5, 4)),
        (blocks.times_blocks_T, (dz, by), (5, 6)),
        (blocks.blocks_of, (h, dz), (6, 2)),
    ):
        out = np.empty(shape, order="F")
        assert product(*pair, 2, out=out) is out
        np.testing.assert_array_equal(out, product(*pair, 2))
