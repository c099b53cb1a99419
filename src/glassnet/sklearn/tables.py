"""`TableClassifier` and `TableRegressor`: recipes as estimators of scikit-learn, for arrays and for data frames.

What the columns hold is the recipe's business: words, dates and missing numbers need no encoder before them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import assert_all_finite, check_array, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet.comparison.compare import AUTO, compare
from glassnet.comparison.task import FEWEST
from glassnet.data.tables import Table, as_table
from glassnet.data.tables.from_arrays import columns_of_arrays
from glassnet.model.model import Model
from glassnet.model.train import train
from glassnet.sklearn.private import StrOptions, check_sample_weight, fit_context
from glassnet.training.choice import NAMES as ENGINES
from glassnet.training.recipes.by_name import NAMES as RECIPES
from glassnet.training.recipes.by_name import recipe as recipe_named
from glassnet.training.recipes.recipe import PARTS, Recipe

CONSTRAINTS: dict[str, list[Any]] = {
    "recipe": [StrOptions({AUTO, *RECIPES}), Recipe],
    "random_state": ["random_state"],
    "engine": [StrOptions({*ENGINES})],
    "deterministic": ["boolean"],
    "group": [str, None],
    "after": [str, None],
}


PART = "recipe__"  # stands before the name of a recipe's part, where parameters are searched over


def as_recipe(given: Any) -> Recipe:
    """A recipe, by its name too; ValueError for a name that is none."""
    return given if isinstance(given, Recipe) else recipe_named(given)


class OfRecipe(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both have in common: rows as tables, and training."""

    recipe: str | Recipe
    group: str | None
    after: str | None
    random_state: Any
    engine: Any
    deterministic: bool
    model_: Model
    n_features_in_: int

    _parameter_constraints: ClassVar[dict[str, Any]] = CONSTRAINTS

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The estimator's parameters; `deep`: with the recipe's parts, as `recipe__hidden`."""
        found: dict[str, Any] = super().get_params(deep=False)
        given = found["recipe"]
        if deep and (isinstance(given, Recipe) or (isinstance(given, str) and given in RECIPES)):
            made = as_recipe(given)
            found |= {f"{PART}{name}": getattr(made, name) for name in PARTS}
        return found

    def set_params(self, **params: Any) -> Any:
        """Set parameters, and parts of the recipe: `set_params(recipe__hidden=(64, 64))`.

        Parameters
        ----------
        **params
            By name; the parts of a recipe as its `replace` takes them.

        Returns
        -------
        The estimator itself.
        """
        parts = {name.removeprefix(PART): value for name, value in params.items() if name.startswith(PART)}
        super().set_params(**{name: value for name, value in params.items() if not name.startswith(PART)})
        if parts:
            if self.recipe == AUTO:
                raise ValueError(f"recipe='auto' has no parts; set {next(iter(parts))} of a recipe by name")
            self.recipe = as_recipe(self.recipe).replace(**parts)
        return self

    def _table(self, X: Any, *, reset: bool = False) -> Table:
        """Rows as a table: a data frame with names as it is, the columns of an array as numbers."""
        if hasattr(X, "columns") and all(isinstance(name, str) for name in X.columns):
            validate_data(self, X, reset=reset, skip_check_array=True)
            return as_table(X, progress=False)
        least = 2 if reset else 1
        rows = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=least
        )
        return as_table(columns_of_arrays(rows))

    def _train(
        self, table: Table, y: np.ndarray, originals: Mapping[str, Any], *, group: Any, after: Any, **how: Any
    ) -> None:
        """Train on a table and its target, which becomes a column beside the others."""
        target = "y"
        while target in table.names:
            target += "_"
        given = replace(
            table, columns={**table.columns, target: y}, originals={**table.originals, target: dict(originals)}
        )
        more: dict[str, Any] = {
            "target": target,
            "group": self.group if group is None else group,
            "after": self.after if after is None else after,
            "seed": seed_of(self.random_state),
            "engine": self.engine,
            "deterministic": bool(self.deterministic),
            "progress": False,
            **how,
        }
        if self.recipe == AUTO and len(y) >= FEWEST:
            self.model_ = compare(given, trees=False, **more).model
            return
        chosen = as_recipe("small" if self.recipe == AUTO else self.recipe)
        self.model_ = train(chosen, given, **more)

    def _quietly(self, method: str, X: Any) -> np.ndarray:
        """What the model says of rows, and not that they are unlike those of training: folds of a search always are."""
        check_is_fitted(self)
        table = self._table(X)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found: np.ndarray = getattr(self.model_, method)(table)
        return found


class TableClassifier(ClassifierMixin, OfRecipe):  # type: ignore[misc]  # scikit-learn has no types
    """A network that a recipe builds, for classes.

    Parameters
    ----------
    recipe
        "strong", "ensemble", "small", "linear", or a `gn.recipe("strong", hidden=(64, 64))`: how columns become inputs,
        the network, and how it is trained. A search may try several, `{"recipe": ["small", "strong"]}`, and parts of
        one, `{"recipe__hidden": [(16,), (64, 64)]}`. "auto" is the simplest that is as good as the best, found by
        `gn.compare` on the rows of `fit`; of fewer than 10, "small".
    class_weight
        {label: weight}: how many times a row of the class counts, beside its `sample_weight`; or "balanced".
    group, after
        Columns of X, where it is a data frame: rows of one group are all learnt from or all held out, to know when to
        stop, and it is no input; held out are the latest rows. As `gn.train` has them; for arrays see `fit`.
    random_state
        A seed or RandomState for the weights, the rows held out and the order of the rows. A seed gives the model that
        `gn.train(recipe, table, target=..., seed=...)` does.
    engine
        "numpy"; "compiled", the same steps as machine code (needs `glassnet[fast]`); "auto": compiled where that pays.
    deterministic
        Whether to give the same bits for any number of cores and jobs, on one thread.

    Attributes
    ----------
    classes_
        The labels, in the order of the probabilities.
    model_
        The network: a `gn.Model`, by "ensemble" a `gn.Ensemble`, which explains itself, is saved and ejected.
    n_features_in_, feature_names_in_
        Columns of X, and their names if X is a data frame.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> classifier = TableClassifier("small", random_state=0)
    >>> print(f"{classifier.fit(X, y).score(X, y):.1f}")
    1.0
    """

    classes_: np.ndarray

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CONSTRAINTS,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        recipe: Any = "strong",
        *,
        class_weight: Any = None,
        group: Any = None,
        after: Any = None,
        random_state: Any = None,
        engine: Any = "auto",
        deterministic: bool = True,
    ) -> None:
        self.recipe = recipe
        self.class_weight = class_weight
        self.group = group
        self.after = after
        self.random_state = random_state
        self.engine = engine
        self.deterministic = deterministic

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, group: Any = None, after: Any = None
    ) -> TableClassifier:
        """Train the recipe's network on X and y.

        Parameters
        ----------
        X
            (n, features): a data frame, whose columns may hold words, dates and missing values; or an array of numbers,
            NaN where one is missing.
        y
            (n,) labels.
        sample_weight
            (n,) weights of the rows in the loss, >= 0.
        group, after
            (n,) values in the place of columns of that name: the group of each row, its place in the order.

        Returns
        -------
        TableClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            Data or parameters that make no sense; the message says which.
        """
        table = self._table(X, reset=True)
        y = target_of(table, y)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs at least two classes, got one class: {self.classes_[0]!r}")
        labels = self.classes_.tolist()
        words = np.array([*map(str, labels)] if len({*map(str, labels)}) == len(labels) else [*range(len(labels))], str)
        plain = len({*map(type, labels)}) == 1 and isinstance(labels[0], bool | int | float)
        weight = self.class_weight
        if isinstance(weight, dict):
            weight = {words[k] if not plain else labels[k]: weight.get(label, 1.0) for k, label in enumerate(labels)}
        self._words = words
        self._train(
            table,
            words.astype(object)[index],
            dict(zip(words.tolist(), labels, strict=True)) if plain else {},
            kind="classes",
            class_weight=weight,
            sample_weight=None if sample_weight is None else check_sample_weight(sample_weight, y),
            group=group,
            after=after,
        )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The label of each row, (n,).

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        p = self.predict_proba(X)
        found: np.ndarray = self.classes_.take(p.argmax(axis=1))
        return found

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (n, classes), in the order of `classes_`.

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        p = self._quietly("predict_proba", X)
        assert self.model_.classes is not None
        places = {str(label): k for k, label in enumerate(self.model_.classes)}
        return p[:, [places[word] for word in self._words.tolist()]]


class TableRegressor(RegressorMixin, OfRecipe):  # type: ignore[misc]  # scikit-learn has no types
    """A network that a recipe builds, for numbers.

    Parameters
    ----------
    recipe
        "strong", "ensemble", "small", "linear", or a `gn.recipe("strong", hidden=(64, 64))`: how columns become inputs,
        the network, and how it is trained. A search may try several, `{"recipe": ["small", "strong"]}`, and parts of
        one, `{"recipe__hidden": [(16,), (64, 64)]}`. "auto" is the simplest that is as good as the best, found by
        `gn.compare` on the rows of `fit`; of fewer than 10, "small".
    group, after
        Columns of X, where it is a data frame: rows of one group are all learnt from or all held out, to know when to
        stop, and it is no input; held out are the latest rows. As `gn.train` has them; for arrays see `fit`.
    random_state
        A seed or RandomState for the weights, the rows held out and the order of the rows. A seed gives the model that
        `gn.train(recipe, table, target=..., seed=...)` does.
    engine
        "numpy"; "compiled", the same steps as machine code (needs `glassnet[fast]`); "auto": compiled where that pays.
    deterministic
        Whether to give the same bits for any number of cores and jobs, on one thread.

    Attributes
    ----------
    model_
        The network: a `gn.Model`, by "ensemble" a `gn.Ensemble`, which explains itself, is saved and ejected.
    n_features_in_, feature_names_in_
        Columns of X, and their names if X is a data frame.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> regressor = TableRegressor("linear", random_state=0)
    >>> print(f"{regressor.fit(X, y).score(X, y):.1f}")
    0.5
    """

    def __init__(
        self,
        recipe: Any = "strong",
        *,
        group: Any = None,
        after: Any = None,
        random_state: Any = None,
        engine: Any = "auto",
        deterministic: bool = True,
    ) -> None:
        self.recipe = recipe
        self.group = group
        self.after = after
        self.random_state = random_state
        self.engine = engine
        self.deterministic = deterministic

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, group: Any = None, after: Any = None) -> TableRegressor:
        """Train the recipe's network on X and y.

        Parameters
        ----------
        X
            (n, features): a data frame, whose columns may hold words, dates and missing values; or an array of numbers,
            NaN where one is missing.
        y
            (n,) numbers.
        sample_weight
            (n,) weights of the rows in the loss, >= 0.
        group, after
            (n,) values in the place of columns of that name: the group of each row, its place in the order.

        Returns
        -------
        TableRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            Data or parameters that make no sense; the message says which.
        """
        table = self._table(X, reset=True)
        y = check_array(target_of(table, y), dtype=np.float64, ensure_2d=False, input_name="y")
        weight = None if sample_weight is None else check_sample_weight(sample_weight, y)
        self._train(table, y, {}, kind="number", sample_weight=weight, group=group, after=after)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The number of each row, (n,).

        Parameters
        ----------
        X
            (n, features), as for `fit`.
        """
        return self._quietly("predict", X)


def target_of(table: Table, y: Any) -> np.ndarray:
    """The target, (n,), as many as there are rows."""
    if y is None:
        raise ValueError("this estimator requires y to be passed, but the target y is None")
    found: np.ndarray = column_or_1d(y, warn=True)
    check_consistent_length(table.lines, found)
    assert_all_finite(found, input_name="y")
    return found


def seed_of(random_state: Any) -> Any:
    """What training is seeded by: a whole number is itself, of a RandomState a generator is drawn."""
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return np.random.default_rng(check_random_state(random_state).randint(2**32, size=4, dtype=np.uint32))
