"""A derivation as JSON, for programs: its steps in order, formulas as text that Python can evaluate."""

from __future__ import annotations

import json
from typing import Any

from glassnet.derivation.contents import heading
from glassnet.derivation.steps import Derivation
from glassnet.expressions.notation import plain


def to_json(derivation: Derivation) -> dict[str, Any]:
    """The derivation in plain JSON types.

    `inputs` are what the steps start from, by name, each with its shape, in which "n" is the number of rows;
    `constants` the values of those among them that are numbers and do not change; `learnt` the arrays in `theta`, in
    their order, and `gradients` the steps that are theirs. A step `replaces` an array in memory, or none.
    """
    steps = [
        {
            "name": step.name,
            "formula": " ".join(plain(step.expression, expand=True).splitlines()),
            "shape": list(step.shape),
            "phase": step.phase,
            "layer": step.layer or None,
            "reason": step.reason,
            "replaces": step.assigns or None,
        }
        for step in derivation.steps
    ]
    return {
        "heading": list(heading(derivation)),
        "dtype": derivation.dtype.name,
        "inputs": {name: list(item.shape) for name, item in derivation.inputs.items()},
        "constants": dict(derivation.constants),
        "learnt": {name: list(shape) for name, shape in derivation.layout.shapes.items()},
        "gradients": dict(derivation.gradients),
        "steps": steps,
        "output": derivation.output,
    }


def json_text(derivation: Derivation) -> str:
    """The derivation as a JSON document."""
    return json.dumps(to_json(derivation), allow_nan=False, ensure_ascii=False, indent=1) + "\n"
