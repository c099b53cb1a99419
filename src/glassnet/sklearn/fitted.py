"""What is written down while an estimator is fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.engines.memory import Saved

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)
CURVES = ("loss_curve", "validation_loss_curve", "best_loss", "validation_scores", "best_validation_score")


@dataclass(kw_only=True)
class Fitted:
    """What solvers write down; estimators show it as scikit-learn does, with an underscore behind each name.

    Attributes
    ----------
    n_iter
        Epochs (iterations) of the last call.
    t
        Rows trained on in all, since the first call.
    stopped
        Whether the last call ended because nothing improved any more.
    loss
        That of the last epoch; None before.
    loss_curve
        That of each epoch; None for a solver that has no epochs, and then there is nothing of what follows.
    best_loss
        The smallest of these, where training stops by them.
    validation_loss_curve, validation_scores
        Of the held-out rows after each epoch; None where there are none.
    best_validation_score, best
        The best of the scores, and the weights that have it.
    no_improvement
        How many epochs it is since anything improved.
    """

    n_iter: int = 0
    t: int = 0
    stopped: bool = False
    loss: float | None = None
    loss_curve: list[float] | None = None
    best_loss: float | None = None
    validation_loss_curve: list[float] | None = None
    validation_scores: list[float] | None = None
    best_validation_score: float | None = None
    best: Saved | None = None
    no_improvement: int = 0

    def with_curves(self, by_scores: bool) -> Fitted:
        """The same, ready for epochs: whether training stops by scores, or by its losses."""
        return replace(
            self,
            loss_curve=[],
            best_loss=None if by_scores else np.inf,
            validation_scores=[] if by_scores else None,
            best_validation_score=-np.inf if by_scores else None,
        )

    def shown(self) -> dict[str, Any]:
        """The estimator's attributes."""
        found: dict[str, Any] = {"n_iter_": self.n_iter, "t_": self.t, "stopped_": self.stopped}
        if self.loss is not None:
            found["loss_"] = self.loss
        if self.loss_curve is not None:
            found |= {f"{name}_": vars(self)[name] for name in CURVES}
            found["_no_improvement_count"] = self.no_improvement  # scikit-learn's tests look at it
        return found

    def validated(self, loss: float, score: float) -> None:
        """The loss and the score of the held-out rows after an epoch."""
        self.validation_loss_curve = [] if self.validation_loss_curve is None else self.validation_loss_curve
        self.validation_scores = [] if self.validation_scores is None else self.validation_scores
        self.validation_loss_curve.append(loss)
        self.validation_scores.append(score)
