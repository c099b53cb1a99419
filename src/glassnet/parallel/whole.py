"""L-BFGS by sums over blocks: SciPy's, whose every evaluation is one round of all blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.data.files import JSON
from glassnet.model.checkpoints.differences import Written
from glassnet.model.checkpoints.evaluations import Evaluations
from glassnet.model.checkpoints.folder import current
from glassnet.model.saving.whole import written_model
from glassnet.parallel.asked import Fit
from glassnet.parallel.broken import Broken
from glassnet.parallel.crew import Crew
from glassnet.parallel.exact import sums_of
from glassnet.parallel.work import Work
from glassnet.parts.network import Network
from glassnet.training.begin import watch_of
from glassnet.training.events import Epoch, Event, Stopped
from glassnet.training.lbfgs import lbfgs, why_it_ended
from glassnet.training.needs import check_lbfgs
from glassnet.training.prepared import Prepared
from glassnet.training.start import Start
from glassnet.training.summed import Divisor

TOL = 1e-8  # of the largest number of the gradient, at the end
MOST = 20  # evaluations for each iteration


@dataclass(eq=False, kw_only=True)
class Objective:
    """The loss of all rows, penalties included, and its gradient as a function of theta, in float64.

    Attributes
    ----------
    network, divisor, penalised, trainable
        What is fitted; the last two as a `Memory` has them.
    work, crew
        What all tasks have in common, and who does them.
    """

    network: Network
    divisor: Divisor
    penalised: np.ndarray
    trainable: np.ndarray
    work: Work
    crew: Crew
    broken: Broken | None = None

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Infinity and no slope where a number is not finite."""
        try:
            sums = sums_of(self.crew, self.work, theta, (0, 0.0), range(len(self.crew.cut)))
        except Broken as broken:
            self.broken = broken
            return np.inf, np.zeros_like(theta)
        assert sums is not None  # a crew without a block that can be read says so
        divisor = self.divisor(sums.rows, sums.weight)
        per_row = self.divisor.counted(sums.rows, sums.weight) if self.network.penalty_per_row else 1.0
        pull = self.network.l2 / per_row * self.penalised * theta
        loss = sums.loss / divisor + 0.5 * float(pull @ theta)
        return loss, np.where(self.trainable > 0.0, sums.gradient / divisor + pull, 0.0)


def ready(prepared: Prepared) -> None:
    """The state as it is when a training begins."""
    state = prepared.model
    state.be_calibrated(None)
    state.rng, state.split_seed, state.split_by = prepared.rng, prepared.split_seed, prepared.split_by
    if not state.epochs and not state.memory.t:
        state.start = Start.of(state.memory, state.rng)
    state.weighted, state.settings, state.until, state.best = prepared.trained.is_weighted, None, 0, None
    state.place.leave()
    state.history.stopped, state.history.best_epoch = "", None


def minimize(objective: Objective, fit: Fit, hear: Callable[[Event], None], asked_to_stop: Callable[[], bool]) -> None:
    """Fit to the end; who wants to `hear` is told each iteration, and why it ended."""
    state, settings = fit.prepared.model, fit.settings
    watch, place = watch_of(fit.prepared, settings), current()
    series = place.next() if place else None
    evaluations = Evaluations(objective, series)
    if series:
        more: dict[str, JSON] = {"data": fit.data, "optimizer": "lbfgs", "epochs asked": settings.epochs}

        def written() -> Written:
            description, tensors = written_model(state)
            return {**description, **more}, tensors

        series.open(written)
        series.put_back(lambda found: evaluations.become(found[1]))

    def told(loss: float, theta: np.ndarray) -> bool:
        state.memory.theta[:] = theta
        state.epochs += 1
        measured = watch.measure() if watch else {}
        state.history.append([loss], measured)
        if evaluations.is_news:
            hear(Epoch(state.epochs, state.memory.t, [loss], measured))
        return asked_to_stop()

    check_lbfgs(state.memory.layout, is_made=True)
    theta = state.memory.theta.copy()
    found = lbfgs(evaluations, theta, max_iter=settings.epochs, max_fun=MOST * settings.epochs, tol=TOL, told=told)
    evaluations.keep(is_last=True)
    if not np.isfinite(found.fun):
        assert objective.broken is not None
        state.memory.theta[:], state.history.stopped = theta, "diverged"
        hear(Stopped("diverged", f"the loss is not finite in {objective.crew.cut.name(objective.broken.block or 0)}"))
        return
    state.memory.theta[:], state.history.stopped = found.x, why_it_ended(found)
    hear(Stopped(state.history.stopped, str(found.message)))
