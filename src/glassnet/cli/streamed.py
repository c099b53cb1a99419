"""`glassnet train` with a table that is read part by part: a folder, a pattern, or a file too large for memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.cli.failures import Usage
from glassnet.cli.progress import Live
from glassnet.cli.report import as_json, show, show_columns, show_network
from glassnet.cli.results import Files
from glassnet.cli.score import score
from glassnet.cli.screen import Screen
from glassnet.cli.session import Done, Parts, Plan, first_part
from glassnet.cli.tables import Csv, stream_at
from glassnet.data.streams.stream import Stream
from glassnet.data.tables.wording import counted
from glassnet.doctor.before import doubts
from glassnet.engines.plans import fixed_plans
from glassnet.model.carry_out import carry_out
from glassnet.model.checkpoints.folder import rows_folder
from glassnet.model.model import Model
from glassnet.training.making import generator
from glassnet.training.preparing import OfStream
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.splitting import split_seed_of
from glassnet.training.streaming import Streamed

OF_STREAMS = "strong"  # the recipe where none is named: it takes fewer epochs the more rows there are
SHARES = (0.01, 0.01)  # of the rows, for the score and to know when to stop; 65,536 are measured at most
SHARES_OF_FEW, FEW = (0.2, 0.1), 1 << 24  # of a source of fewer bytes
WHOLE = (
    "cv",
    "group",
    "after",
    "time",
    "card",
    "held_out",
    "members",
    "best",
)  # options for which a table is read whole


def stream_of(table: str, csv: Csv, memory: str | None, folder: Path | None) -> Stream | None:
    """The table, where it is read part by part; None: it is read whole."""
    found = stream_at(table, csv, memory)
    return None if found is None else replace(found, folder=folder)


def check_options(options: Mapping[str, Any], recipe: Recipe, table: str) -> None:
    """Refuse what takes a table that is in memory."""
    given = [name for name in WHOLE if options[name] not in (None, False)]
    if recipe.members > 1 and not given:
        raise Usage(f"an ensemble takes a table that is in memory, and {table} is read part by part; train one network")
    if given:
        raise Usage(
            f"--{given[0].replace('_', '-')} takes a table that is in memory, and {table} is read part by part; leave "
            "it out"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Streaming:
    """A training from a stream: its plan, the table after the first reading, and which of its rows do what."""

    plan: Plan
    of: OfStream
    found: Streamed
    parts: Parts
    rng: np.random.Generator

    @staticmethod
    def read(plan: Plan, stream: Stream, screen: Screen) -> Streaming:
        """Read the table for the first time, and show what was read."""
        first = next(stream.source.parts(stream.how, lambda _: None))
        plan = plan.aimed(first, None)
        test, watched = plan.shares(*(SHARES_OF_FEW if 0 < stream.source.size < FEW else SHARES))
        rng = generator(plan.seed)
        of = OfStream(
            network=plan.recipe,
            target=plan.target,
            kind=plan.kind,
            exclude=[*plan.exclude],
            choices=plan.recipe.choices,
            dtype=plan.recipe.dtype,
            keep=rows_folder(),
        )
        found = of.read(stream, test + watched, split_seed_of(rng), False if screen.silent else None)
        kind = "classes" if found.data.labels(plan.chosen_loss("number")) is not None else "number"
        held, cut = found.reading.held, 0
        if held is not None:
            cut = first_part(len(held), watched, test)
        measured = None if held is None or not cut else held.rows(np.arange(cut))
        kept = None if held is None or cut == len(held) else held.rows(np.arange(cut, len(held)))
        parts = Parts(
            rest=found.data.X, train=found.data.X, validation=measured, test=kept, left_out=found.left_out, kind=kind
        )
        recipe = plan.recipe_for(kind)
        made = Streaming(plan=plan, of=replace(of, network=recipe), found=found, parts=parts, rng=rng)
        made.show(screen)
        return made

    def show(self, screen: Screen) -> None:
        """What was read, and which rows do what."""
        reading, parts = self.found.reading, self.parts
        columns = counted(len(parts.train.names), "column")
        name = self.found.stream.source.name
        screen.row("Table", f"{name}: {counted(reading.given, 'row')}, {columns}; read part by part")
        rows = [f"{self.found.rows:,} to learn from"]
        if parts.validation is not None:
            rows.append(f"{len(parts.validation):,} to know when to stop")
        if parts.test is not None:
            rows.append(f"{len(parts.test):,} held out for the score")
        if others := reading.out - len(parts.validation or ()) - len(parts.test or ()):
            rows.append(f"{others:,} more held out, and not measured")
        if parts.left_out:
            rows.append(f"{parts.left_out:,} without a target left out")
        screen.row("Rows", "; ".join(rows))

    def run(self, screen: Screen, interrupted: Callable[[Model], Any]) -> Done:
        """Encode the rows, train and score."""
        plan, parts = self.plan, self.parts
        others = None if parts.validation is None else self.found.part(parts.validation)
        with self.found.cleared_if_it_fails():
            prepared = self.of.encoded(self.found, others, self.rng, class_weight=plan.class_weight, planned=None)
        model = Model(prepared.model)
        model.state.seed = plan.seed
        recipe = plan.recipe_for(parts.kind)
        settings = recipe.settings(
            parts.kind, rows=self.found.rows, held_out=others is not None, deterministic=plan.deterministic
        )
        settings = replace(settings, engine=plan.engine)  # type: ignore[arg-type]  # one of their names, as was checked
        show_columns(screen, model, plan)
        show_network(screen, model, settings, plan, parts)
        for doubt in doubts(model.state, prepared.rows, settings):
            screen.row("Doubt", doubt)
        with Live([settings.epochs], screen.silent) as live, fixed_plans(), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the report says what is wrong with the curve
            if plan.spread:
                plan.spread.check(recipe, self.found.rows)
                model = plan.spread.carry_out(prepared, settings, [live])
            else:
                model = carry_out(prepared, settings, [live], False, within=live.within)
        if model.history.stopped == "interrupted":
            interrupted(model)
        trained = "some of the" if len(parts.train) < self.found.rows else "the"
        rows = "held-out rows" if parts.test is not None else f"rows, {trained} ones trained on,"
        assert model.engine is not None  # it was trained
        return Done(
            model=model,
            engine=model.engine,
            score=score(model, parts.test or parts.train, rows),
            message=live.message,
            seconds=live.seconds,
            interrupted=model.history.stopped == "interrupted",
        )

    def tell(self, screen: Screen, done: Done, files: Files, commands: list[str], *, with_history: bool) -> None:
        """Save the model, and say what came of it."""
        if not done.interrupted:
            files.save(done.model)
        files.draw(done.model)
        show(screen, done, None, files, commands, None)
        found = as_json(self.parts.train, self.plan, self.parts, done, files, None)
        found |= {"table": self.found.stream.source.name, "rows": self.rows_json()}
        screen.data(found | ({"history": done.model.history.columns} if with_history else {}))

    def rows_json(self) -> dict[str, int]:
        """How many rows do what, for a machine."""
        reading, parts = self.found.reading, self.parts
        measured, kept = len(parts.validation or ()), len(parts.test or ())
        return {
            "all": reading.given,
            "train": self.found.rows,
            "validation": measured,
            "test": kept,
            "held_out_and_not_measured": reading.out - measured - kept,
        }
