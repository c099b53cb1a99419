"""Several models as one: `Ensemble`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from glassnet.derivation.written import WrittenDerivation
from glassnet.model.model import Model
from glassnet.parts.naming import check_several, find
from glassnet.parts.optimizers import Optimizer
from glassnet.training.ensemble import together
from glassnet.training.state import State

if TYPE_CHECKING:
    from glassnet.readings.explain.ensemble import EnsembleExplanation


class Ensemble(Model):
    """Several models as one, which says the mean of what they say: of probabilities for classes, otherwise of numbers.

    Networks that differ only in chance err on different rows, and in the mean much of that cancels out: for tables an
    ensemble is nearly always better than its members. `gn.train(gn.recipe("ensemble"), …)` trains one, and models that
    were trained before make one as well:

        ensemble = gn.Ensemble(gn.train_many(network, X, y, seeds=8, epochs=100))
        ensemble.predict(X)
        ensemble.members[2].explain(X[0])

    It is a model like any other, whose network has the members' layers beside each other: the arrays of the second one
    are called `W_b1`, `b_b1`, …. It holds copies; the members' own numbers are changed by training them, of which
    another ensemble is made.

    Parameters
    ----------
    members
        Models, in order; runs of `train_many` too. All take the same inputs, scaled in the same way, and predict the
        same classes, or numbers. What is measured, `evaluate`, is the first one's loss, of the mean.

    Raises
    ------
    TypeError
        What is no model.
    ValueError
        There is no model, or one does not fit to the first; the message says why.
    """

    def __init__(self, members: Iterable[Model]) -> None:
        several = check_several("members", members, "models")
        super().__init__(together([checked(member, k).state.copy() for k, member in enumerate(several, start=1)]))

    @classmethod
    def of(cls, state: State) -> Ensemble:
        """The ensemble that has this state."""
        made = cls.__new__(cls)
        made.state = state
        return made

    @property
    def members(self) -> tuple[Model, ...]:
        """The models, each a copy of its own: to look at, to explain, to train on."""
        return tuple(Model(member.copy()) for member in self.state.members)

    def derivation(self, *, prediction: bool = True, optimizer: Optimizer | None = None) -> WrittenDerivation:
        """The way to a prediction, through all members; how one is trained says its own derivation."""
        return super().derivation(prediction=True)

    def source(self, engine: Literal["numpy", "compiled"] = "numpy") -> str:
        """The code that an engine runs to predict."""
        if find(engine, ("numpy", "compiled"), "engine") == "numpy":
            return self.forward.source("predict").text
        from glassnet.engines.prediction_code import prediction_code

        return prediction_code(self.state.derivation(prediction=True)).text

    def explain(  # type: ignore[override]  # without a step of training, which are its members' own
        self, X: Any, *, digits: int = 4
    ) -> EnsembleExplanation:
        """What each member says of a row, and their mean; `explanation.member(2)` has every number of the second one.

        Parameters
        ----------
        X
            One row (a vector of numbers, or for a table a dict of cells), or rows as `predict` takes them.
        digits
            Significant digits, 2 to 17.

        Raises
        ------
        DataError, ValueError
            What does not fit; the message says where.
        """
        from glassnet.readings.explain.ensemble import explain_ensemble

        return explain_ensemble(self.state, X, digits=digits)

    def __setitem__(self, name: str, values: Any) -> NoReturn:
        raise fixed("the arrays")

    def freeze(self, name: str | int, mask: Any = None) -> NoReturn:
        """An ensemble is not trained as one."""
        raise fixed("what training changes")

    def unfreeze(self, name: str | int | None = None, mask: Any = None) -> NoReturn:
        """An ensemble is not trained as one."""
        raise fixed("what training changes")

    def __len__(self) -> int:
        return len(self.state.members)

    def __repr__(self) -> str:
        return f"Ensemble({len(self)} members, {self.n_parameters} parameters, the first: {self.state.members[0]})"


def checked(member: Any, k: int) -> Model:
    """A model that can be a member; TypeError for anything else."""
    if isinstance(member, Ensemble):
        raise TypeError(f"members must be models, got an Ensemble as number {k}; give its members: [*ensemble.members]")
    if not isinstance(member, Model):
        raise TypeError(f"members must be models, got {type(member).__name__} as number {k}")
    return member


def fixed(what: str) -> ValueError:
    """What is said where an ensemble would be changed."""
    return ValueError(
        f"{what} of an ensemble belong to its members: take them, models = [*ensemble.members], change one, and make "
        "gn.Ensemble(models)"
    )
