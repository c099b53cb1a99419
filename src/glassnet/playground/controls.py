"""What can be set on the page: names, a sentence for each, and what is allowed. The lists are the library's."""

from __future__ import annotations

from typing import Any

from glassnet.derivation.contents import sizes
from glassnet.formulas import activations as formulas
from glassnet.parts import activations, losses, optimizers
from glassnet.playground.choices import LIMITS, MOST_LAYERS, MOST_UNITS
from glassnet.playground.setup import Setup
from glassnet.readings.eject.languages import LANGUAGES
from glassnet.training.state import State

CONTROLS: tuple[dict[str, Any], ...] = (
    {
        "key": "layers",
        "title": "Hidden layers",
        "help": "Units of each hidden layer, their activation, what follows them. Another number of units begins anew.",
        "kind": "layers",
    },
    {
        "key": "optimizer",
        "title": "Optimizer",
        "help": "How a gradient becomes a step. With another one comes its usual learning rate.",
        "kind": "choice",
        "options": list(optimizers.RULES),
        "live": True,
    },
    {
        "key": "learning_rate",
        "title": "Learning rate",
        "help": "How far a step goes. Too small is slow, too large overshoots.",
        "kind": "number",
        "live": True,
    },
    {
        "key": "batch_size",
        "title": "Batch size",
        "help": "Rows of a step. All at once is smooth, few are noisy and cheap.",
        "kind": "whole",
        "optional": "all rows",
        "live": True,
    },
    {
        "key": "loss",
        "title": "Loss",
        "help": "What training makes small.",
        "kind": "choice",
        "optional": "as the target needs",
        "options": list(losses.NAMES),
    },
    {
        "key": "output_activation",
        "title": "Output",
        "help": "What the last layer makes of its sums.",
        "kind": "choice",
        "optional": "as the loss needs",
        "options": list(activations.NAMES),
    },
    {
        "key": "l2",
        "title": "L2 penalty",
        "help": "Pulls every weight towards 0, the harder the larger it is.",
        "kind": "number",
        "live": True,
    },
    {
        "key": "l1",
        "title": "L1 penalty",
        "help": "Pulls every weight towards 0 with the same force, so that many come to rest there.",
        "kind": "number",
        "live": True,
    },
    {
        "key": "epochs",
        "title": "Stop after",
        "help": "Epochs until training stops by itself. Train again for as many more.",
        "kind": "whole",
        "live": True,
    },
    {
        "key": "validation",
        "title": "Held out",
        "help": "The share of the rows that is not trained on, to see whether it works for others. Begins anew.",
        "kind": "number",
        "optional": "none",
    },
    {
        "key": "seed",
        "title": "Seed",
        "help": "Where the starting weights and all other chance come from. The same seed gives the same numbers.",
        "kind": "whole",
    },
)


def about() -> dict[str, Any]:
    """What holds for every network on the page."""
    return {
        "limits": {
            "units": MOST_UNITS,
            "layers": MOST_LAYERS,
        },
        "controls": [{"live": False, **limits(control["key"]), **control} for control in CONTROLS],
        "activations": [{"name": name, "help": help_of(name)} for name in activations.NAMES],
        "languages": [{"name": name, "title": item.title} for name, item in LANGUAGES.items() if name != "onnx"],
    }


def limits(key: str) -> dict[str, float]:
    """The smallest and the largest that a choice of a number may be."""
    return dict(zip(("min", "max"), LIMITS.get(key, ()), strict=False))


def help_of(name: str) -> str:
    """The formula of an activation, and what it means, in its own docstring's words."""
    return (getattr(formulas, name).__doc__ or "").partition("\n")[0].rstrip(".")


def setup_json(setup: Setup, state: State) -> dict[str, Any]:
    """What is trained now, in words and as choices."""
    choices = setup.choices.to_json()
    network = state.network
    names = [layer.activation.name for layer in network.layers if hasattr(layer, "activation")]
    return {
        "title": setup.title,
        "story": setup.story or None,
        "sentence": setup.sentence,
        "data": setup.source.title,
        "network": "-".join(map(str, sizes(state.derivation(prediction=True)))),
        "parts": ", ".join(dict.fromkeys(names)),
        "loss": network.loss.name if network.loss else "",
        "parameters": state.n_parameters,
        "choices": choices,
        "fixed": list(setup.fixed),
        "image": setup.source.image,
        "remarks": list(state.contract.notes),
    }
