"""What a diagnosis is asked about on the command line: a network as `train` would train it, or a model as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from glassnet.cli.cure import STEPS, Words, merged, options_of
from glassnet.cli.session import Parts, Plan
from glassnet.cli.tables import contract_of
from glassnet.data.tables import Table, target_kind
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.scaling import Standard
from glassnet.doctor.asked import case_of_state
from glassnet.doctor.case import Case
from glassnet.doctor.given import Given
from glassnet.model.model import Model
from glassnet.training.preparing import prepare


def asked_of_plan(plan: Plan, parts: Parts) -> Case:
    """The network that a plan trains on the rows that it learns from: of an ensemble a member, of two passes the first.

    Errors as `train` has them.
    """
    found = target_kind(parts.train, str(plan.target), plan.kind)[0]
    recipe = plan.recipe_for(parts.kind)
    columns: dict[str, Any] = {
        "kind": plan.kind if found == parts.kind else parts.kind,
        "dtype": recipe.dtype,
        **plan.columns(parts.train),
        **recipe.choices,
    }
    network = prepare(recipe, parts.train, seed=plan.seed, **columns).model.network
    held_out = parts.validation if parts.validation is not None else parts.turns or None
    n_rows = round(len(parts.train) * (1.0 - parts.turns))
    how = recipe.settings(parts.kind, rows=n_rows, held_out=held_out is not None)
    if parts.turns and recipe.members == 1:
        how = replace(how, epochs=recipe.first_epochs(how.epochs))
    rows = {**columns, "validation": held_out, "class_weight": plan.class_weight}
    return Case(network=network, how=how, given=Given.of(parts.train, None, rows, network.loss))


def asked_of_model(model: Model, path: Path, table: Table) -> Case:
    """A model as it was trained last, on a table."""
    return case_of_state(model.state, contract_of(model, path).labelled(table), None, {})


def options_of_model(case: Case, contract: Any, table: Table, usual: Case) -> Words:
    """The options with which `train` would train a model on a table, as far as they are not as in a usual case."""
    target, inputs = contract.target.name, {feature.name for feature in contract.features}
    kind = "number" if case.classes is None else "classes"
    others = [name for name in table.names if name not in inputs and name != target]
    found: Words = {"--target": ["--target", target]}
    if target_kind(table.known(target), target, None)[0] != kind:
        found["--kind"] = ["--kind", kind]
    if others:
        found["--exclude"] = [word for name in others for word in ("--exclude", name)]
    said, known = options_of(case) | scale_of(contract), options_of(usual)
    new = {name: value for name, value in said.items() if value != known.get(name)}
    if new.keys() & {*STEPS}:
        new |= {name: said[name] for name in STEPS if name in said}
    return merged(found, new)


def scale_of(contract: Any) -> dict[str, str]:
    """How a table's numbers were scaled."""
    scaled = [feature.scaling for feature in contract.features if isinstance(feature, NumberColumn)]
    if not scaled:
        return {}
    is_as_it_is = all(isinstance(one, Standard) and (one.mean, one.scale) == (0.0, 1.0) for one in scaled)
    return {"--scale": "none" if is_as_it_is else scaled[0].name}
