"""`glassnet summary`: a model file on one screen."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

from glassnet.cli.failures import OK, Usage, in_options
from glassnet.cli.options import Json, ModelFile, flag
from glassnet.cli.screen import Screen, width_of
from glassnet.data.tables import DataContract
from glassnet.model.load import load


def summary(
    model: ModelFile,
    history: Annotated[bool, flag("With --json: losses and scores of every epoch.", "--history")] = False,
    json: Json = False,
) -> int:
    """Show what is in a model file: layers, sizes, loss, training, and the columns it reads.

    [dim]glassnet summary penguins.glass[/dim]
    """
    screen = Screen(json=json)
    if history and not json:
        raise Usage("--history puts more into the object of --json; give both, or neither")
    found = load(model)
    contract = found.contract if isinstance(found.contract, DataContract) else None
    screen.line(found.summary())
    if contract is not None:
        screen.line()
        in_our_words = replace(contract, notes=tuple(map(in_options, contract.notes)))
        screen.line(in_our_words.describe(width_of(sys.stdout)))
    past = found.history
    screen.data(
        {
            "model": str(model),
            "network": repr(found.network),
            "layers": [repr(layer) for layer in found.network.layers],
            "arrays": {name: list(array.shape) for name, array in found.weights.items()},
            "members": len(found.state.members) or None,
            "parameters": found.n_parameters,
            "dtype": str(found.dtype),
            "inputs": list(found.contract.input_names),
            "classes": found.classes,
            "loss": repr(found.network.loss),
            "optimizer": repr(found.optimizer) if found.optimizer else None,
            "epochs": found.epochs,
            "deterministic": found.state.settings.deterministic if found.state.settings else None,
            "stopped": past.stopped or None,
            "best_epoch": past.best_epoch,
            "last_epoch": {name: column[-1] for name, column in past.columns.items() if column},
            "target": contract.target.to_json() if contract else None,
            "notes": list(contract.notes) if contract else [],
            **({"history": past.columns} if history else {}),
        }
    )
    return OK
