"""A question to the doctor from the command line: a case, and how the commands are made that it is told in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from glassnet.cli.again import pasted, program
from glassnet.cli.asked import asked_of_model, asked_of_plan, options_of_model
from glassnet.cli.changes import USUAL, Changes, says_network
from glassnet.cli.cure import Words, cure
from glassnet.cli.diagnosis import Told
from glassnet.cli.failures import Usage
from glassnet.cli.session import Plan
from glassnet.cli.tables import TARGETS, contract_of
from glassnet.comparison.compare import AUTO
from glassnet.data.tables import Table
from glassnet.doctor.case import Case
from glassnet.doctor.diagnose import diagnosed
from glassnet.model.model import Model
from glassnet.parts.naming import find
from glassnet.training.recipes.by_name import NAMES


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """What is asked about.

    Attributes
    ----------
    context
        The command, which also reads the options that are advised.
    name, table
        What the table is called, and its rows.
    given
        The options that `train` has of it.
    case
        What these are.
    """

    context: typer.Context
    name: str
    table: Table
    given: Words
    case: Case

    @staticmethod
    def of_plan(context: typer.Context, name: str, table: Table, given: Words) -> Question:
        """About the network that `train` would train with the options of the command."""
        case = case_of(context.params, name, table)
        return Question(context=context, name=name, table=table, given=given, case=case)

    @staticmethod
    def of_model(context: typer.Context, model: Model, path: Path, name: str, table: Table, given: Words) -> Question:
        """About a model that is trained."""
        case, contract = asked_of_model(model, path, table), contract_of(model, path)
        usual = case_of({**context.params, "target": contract.target.name}, name, table)
        said = options_of_model(case, contract, table, usual)
        return Question(context=context, name=name, table=table, given={**given, **said}, case=case)

    def told(self, seconds: float) -> Told:
        """The answer, with its commands."""
        return Told.of(diagnosed(self.case, seconds), self.case, self.name, self.command)

    def command(self, changed: Case) -> str:
        """The command that trains a changed case; empty where no options say it."""
        made = cure(self.given, self.case, changed, self.read)
        if made is None:
            return ""
        is_said = "--recipe" in made or says_network(self.values(made))
        recipe = [] if is_said else ["--recipe", USUAL.name]  # where `train` would compare several
        return pasted([program(), "train", self.name, *in_order(made), *recipe])

    def read(self, said: Words) -> Case:
        """What options say, as a case."""
        return case_of(self.values(said), self.name, self.table)

    def values(self, said: Words) -> dict[str, Any]:
        """The values of options, by name, as the command reads them."""
        with self.context.command.make_context("diagnose", [self.name, *in_order(said)]) as made:
            return dict(made.params)


def case_of(options: dict[str, Any], name: str, table: Table) -> Case:
    """What the values of options say of a table, as a case."""
    plan = planned(options).aimed(table, TARGETS.get(name))
    return asked_of_plan(plan, plan.parts_of(table))


def planned(options: Mapping[str, Any]) -> Plan:
    """What options ask for."""
    if options["recipe"] == AUTO:
        raise Usage(
            f"--recipe auto compares recipes, and a diagnosis is of one network; give one of {', '.join(NAMES)}, or an "
            "option about the network"
        )
    recipe = Changes.of(options).applied(find(options["recipe"], NAMES, "recipe"))
    return Plan.of(options, recipe=recipe)


def in_order(said: Words) -> list[str]:
    """The words of options, one after the other."""
    return [word for words in said.values() for word in words]
