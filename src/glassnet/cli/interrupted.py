"""What becomes of the model where `glassnet train` is interrupted: it is saved before all else, and that is said."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from glassnet import ending
from glassnet.cli.results import Files
from glassnet.interrupts import ENDING
from glassnet.model.model import Model


@dataclass(frozen=True)
class Interrupted:
    """A training that may be interrupted.

    Attributes
    ----------
    files
        Where its results go.
    members
        The networks of the ensemble, if it is one.
    is_json
        Whether a program reads what is said: it gets all at the end.
    goes_on
        Which command goes on with it, as a sentence; empty: none.
    """

    files: Files
    members: int
    is_json: bool
    goes_on: str

    def so_far(self, found: Any) -> str | None:
        """Save what came of it so far, and say so; None where nothing did. For who ends this process by itself."""
        if not isinstance(found, Model) or not steps(found):
            return None
        self.files.save(found)
        return self.words(found)

    def save(self, model: Model) -> None:
        """Save the model, and say so.

        Raises
        ------
        KeyboardInterrupt
            There is no more to be told: no step was taken, or not as much as an epoch.
        """
        with ENDING:
            words = self.so_far(model)
            if words is None:
                raise KeyboardInterrupt
            ending.SAVED.append(words)
        if not len(model.history):
            raise KeyboardInterrupt(words)
        ending.SAID.append(words)
        if not self.is_json:
            sys.stderr.write(f"{words}\n")

    def words(self, model: Model) -> str:
        """What is saved, and where."""
        epoch, members = model.history.best_epoch, len(model.state.members)
        what = "the model so far" if epoch is None else f"the model of epoch {epoch}, the best so far,"
        after = f"after {model.epochs} epochs" if model.epochs else f"after {steps(model)} steps"
        if members:
            after = f"with {members} of {self.members} networks"
        if model.card is not None:
            after, what = "while recipes were compared", f"{model.card.taken}, the best so far,"
        goes_on = f"; {self.goes_on}" if self.goes_on else ""
        return f"interrupted {after}; {what} is saved in {self.files.model}{goes_on}"


def steps(model: Model) -> int:
    """Steps that were taken."""
    return max(state.memory.t for state in (model.state, *model.state.members))
