"""`glassnet summary`: a model file on one screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from glassnet.cli.failures import OK, in_options
from glassnet.cli.options import Json, ModelFile
from glassnet.cli.screen import Screen, width_of, wrapped

if TYPE_CHECKING:
    from glassnet.tables import DataContract


def summary(model: ModelFile, json: Json = False) -> int:
    """Show what is in a model file: layers, sizes, loss, training, and the columns it reads.

    [dim]glassnet summary penguins.glass[/dim]
    """
    from glassnet.cli.models import load
    from glassnet.tables import DataContract

    screen = Screen(json=json)
    found = load(model)
    contract = found.contract if isinstance(found.contract, DataContract) else None
    screen.line(found.summary())
    if contract is not None:
        screen.line()
        screen.line("\n".join(columns_text(contract, width_of(sys.stdout))))
        for note in contract.notes:
            screen.line("\n".join(wrapped(f"- {in_options(note)}", width_of(sys.stdout), "  ")))
    history = found.history
    screen.data(
        {
            "model": str(model),
            "network": repr(found.network),
            "layers": [repr(layer) for layer in found.network.layers],
            "arrays": {name: list(array.shape) for name, array in found.weights.items()},
            "parameters": found.n_parameters,
            "dtype": str(found.dtype),
            "inputs": list(found.contract.input_names),
            "classes": found.classes,
            "loss": repr(found.network.loss),
            "optimizer": repr(found.optimizer) if found.optimizer else None,
            "epochs": found.epochs,
            "stopped": history.stopped or None,
            "best_epoch": history.best_epoch,
            "last_epoch": {name: column[-1] for name, column in history.columns.items() if column},
            "target": contract.target.to_json() if contract else None,
            "notes": list(contract.notes) if contract else [],
        }
    )
    return OK


def columns_text(contract: DataContract, width: int) -> list[str]:
    """The input columns as a table; where that is too wide, without their kind and scaling."""
    titles = ("column", "kind", "in training", "becomes", "if missing")
    rows = [titles, *((feature.name, *feature.summary()) for feature in contract.features)]
    lines = in_columns(rows)
    if max(map(len, lines)) > width:
        lines = in_columns([(name, seen, missing) for name, _, seen, _, missing in rows])
    return [f"target {contract.target.name}: {contract.target.summary()}", "", *lines, ""]


def in_columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Cells under each other, to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
