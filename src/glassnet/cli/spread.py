"""A training whose rows are gone through by many workers: the options of `glassnet train` that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.cli.failures import Usage
from glassnet.model.carry_out import Callback
from glassnet.model.model import Model
from glassnet.parallel.asked import How
from glassnet.parallel.train import train_prepared
from glassnet.parts.naming import find
from glassnet.training.prepared import Prepared
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.settings import Settings

WAYS = ("exact", "rounds")
ABOUT = ("cluster", "workers", "blocks")  # options that say more about it


@dataclass(frozen=True)
class Spread:
    """How rows are gone through."""

    how: How

    @staticmethod
    def of(options: Mapping[str, Any]) -> Spread | None:
        """What the options say; None: they leave it to one process."""
        mode = options["parallel"]
        for name in ABOUT:
            if options[name] is not None and mode is None:
                raise Usage(f"--{name} is about --parallel exact or --parallel rounds; give both, or neither")
        if mode is None:
            return None
        find(mode, WAYS, "--parallel")
        for name in ("workers", "blocks"):
            if options[name] is not None and options[name] < 1:
                raise Usage(f"--{name} must be >= 1, got {options[name]}")
        folder: Path | str | None = options["spool"] or options["checkpoint_dir"]
        given = {name: options[name] for name in ABOUT}
        return Spread(How(mode=mode, folder=folder, **given))

    def check(self, recipe: Recipe, rows: int) -> None:
        """Refuse a recipe that trains several times."""
        if recipe.members > 1 or recipe.refits(rows):
            what = "an ensemble" if recipe.members > 1 else f"{recipe.title}, which trains small tables twice,"
            raise Usage(f"--parallel trains one network once, and {what} is more than that: --recipe small, say")

    def carry_out(
        self, prepared: Prepared, settings: Settings, callbacks: Sequence[Callback], known: Model | None = None
    ) -> Model:
        """Train what was prepared."""
        return train_prepared(prepared, settings, self.how, callbacks, False, known=known)
