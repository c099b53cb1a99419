"""The built-in data is what the tutorials and its source say it is."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from glassnet.data.tables import learn_contract
from glassnet.datasets import NAMES, circles, digits, moons, named, penguins, spirals, tychobra, xor


def test_xor_is_1_where_the_inputs_differ():
    for X, y in (xor(), tychobra()):
        assert y.shape == (4, 1)
        assert X.dtype == y.dtype == np.float64
        assert ((X[:, 0] != X[:, 1]) == y[:, 0]).all()
    assert tychobra()[0][:, 2].tolist() == [1, 1, 1, 1]


def test_a_dataset_is_new_each_time():
    xor()[0][0, 0] = 7
    assert xor()[0][0, 0] == 0


def test_the_penguins_are_those_of_the_source():
    table = penguins()
    assert len(table) == 344
    species, counts = np.unique(table.column("species"), return_counts=True)
    assert dict(zip(species, counts.tolist(), strict=True)) == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    assert {name: int(table.missing(name).sum()) for name in table.names if table.missing(name).any()} == {
        **dict.fromkeys(("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"), 2),
        "sex": 11,
    }
    assert np.nanmean(table.column("body_mass_g")) == pytest.approx(4201.754, abs=1e-3)


def test_the_digits_are_scikit_learns_bit_for_bit():
    X, y = digits()
    source = load_digits()
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    assert np.array_equal(16 * X, source.data)
    assert np.array_equal(y, source.target)


def test_the_pixels_of_the_digits_have_the_names_of_their_places():
    table, (X, _) = named("digits"), digits()
    assert table.names[:9] == ("row1col1", "row1col2", "row1col3", "row1col4", *table.names[4:8], "row2col1")
    assert np.array_equal(table.column("row3col5"), X.reshape(-1, 8, 8)[:, 2, 4])


@pytest.mark.parametrize("dataset", [circles, moons, spirals])
def test_points_are_reproducible_and_in_equal_classes(dataset):
    X, y = dataset(31, noise=0.1, rng=5)
    assert X.shape == (31, 2)
    assert y.dtype.kind == "i"
    assert sorted(np.bincount(y).tolist()) == [15, 16]
    assert len(set(y[:10].tolist())) == 2
    again, other = dataset(31, noise=0.1, rng=np.random.default_rng(5)), dataset(31, noise=0.1, rng=6)
    assert np.array_equal(again[0], X)
    assert not np.array_equal(other[0], X)


def test_circles_without_noise_have_their_radii():
    X, y = circles(23, noise=0, inner=0.3)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1.0, 0.3))


def test_moons_without_noise_lie_on_half_circles():
    X, y = moons(23, noise=0)
    upper, lower = X[y == 0], X[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert (upper[:, 1] >= -1e-12).all()
    assert (lower[:, 1] <= 0.5 + 1e-12).all()


def test_arms_of_a_spiral_are_each_other_turned():
    X, y = spirals(30, noise=0, classes=3)
    radii = [np.sort(np.hypot(*X[y == k].T)) for k in range(3)]
    np.testing.assert_allclose(radii[0], radii[1])
    np.testing.assert_allclose(radii[0], radii[2])
    assert radii[0][0] == pytest.approx(0.05)
    assert radii[0][-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: moons(1), "n must be >= 2, a point for each class, got 1"),
        (lambda: moons(noise=-1), "noise must be >= 0, got -1"),
        (lambda: circles(inner=1.0), "inner must be between 0 and 1, got 1.0"),
        (lambda: spirals(classes=1), "classes must be >= 2, got 1"),
        (lambda: spirals(turns=0), "turns must be > 0, got 0"),
    ],
)
def test_wrong_options_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


@pytest.mark.parametrize("name", NAMES)
def test_every_dataset_is_a_table_by_its_name_with_a_class_to_predict(name):
    table = named(name)
    assert table.source in (name, f"{name}.csv")
    contract = learn_contract(table, "species" if name == "penguins" else "y")
    assert contract.n_outputs == {"penguins": 3, "digits": 10}.get(name, 2)


def test_an_unknown_name_is_refused_with_all_names():
    names = "circles, digits, moons, penguins, spirals, tychobra, xor"
    with pytest.raises(ValueError, match=f"unknown dataset 'moon'.*{names}"):
        named("moon")
