"""Why each step of a derivation is taken, in a few words for a reader."""

from __future__ import annotations

import re
from typing import Any

from glassnet.expressions.expression import Call, Expression, postorder
from glassnet.parts.layers import Dense, Layer
from glassnet.parts.naming import gradient_name
from glassnet.parts.nested import NESTED, inner_of
from glassnet.parts.tempered import Tempered

SMOOTH = "y_smooth"  # what smoothed targets are called
CHAIN_RULE = "the chain rule"


def meaning_of(call: Call) -> str:
    """What a formula means where it is called: a loss speaks of the scores s, which have a name here."""
    if len(call.args) != 2 or any(arg.op != "symbol" for arg in call.args) or call.args[0].name not in ("y", SMOOTH):
        return call.meaning
    targets, scores = call.args[0].name, call.args[1].name
    formula, colon, words = re.sub(
        r"(?<![\w'’])(d?)s(?=ₖ|\b)", lambda found: gradient_name(scores) if found[1] else scores, call.meaning
    ).partition(": ")
    return re.sub(r"(?<!\w)y(?=ₖ|\b)", targets, formula) + colon + words


def meaning_inside(expression: Expression) -> str:
    """`; mish_backward is da·(…): …`, of a formula that is called inside an expression; empty where there is none."""
    calls = [node.call for node in postorder(expression) if node.call and node.call.meaning.startswith("dz = ")]
    return f"; {calls[0].name} is {calls[0].meaning.removeprefix('dz = ')}" if len(calls) == 1 else ""


def forward_reason(name: str, value: Any, layer: Layer) -> str:
    """Why a layer computes a value, for a reader."""
    kind = type(layer).__name__
    if isinstance(layer, NESTED) and (inner := inner_of(layer, name)):
        return forward_reason(inner[1], value, inner[0])
    known = {
        ("PeriodicEmbedding", "v"): "each column times frequencies f of its own (a block of the diagonal for each "
        "column, 0 elsewhere), in full turns of 2π, from its phases b",
        ("PeriodicEmbedding", "h"): "its waves: each between -1 and 1",
        ("PeriodicEmbedding", "z"): "weighted sums of each column's own waves, plus biases",
        ("PeriodicEmbedding", "e"): "the sums of all columns, and the columns themselves beside them",
        ("PiecewiseLinearEmbedding", "u"): "how far each column is from the lower edge of each of its bins, in widths",
        ("PiecewiseLinearEmbedding", "h"): "from 0 to 1 through a bin; the first goes on below, the last above",
        (
            "PiecewiseLinearEmbedding",
            "z",
        ): "broken lines of each column: sums over its bins, a straight line, a bias",
        ("Residual", "r"): "the skip connection: what went in is added",
        ("Columns", "t"): "the columns that go through the layers inside",
        ("Beside", "t"): "the columns that go through the layers inside",
        ("Beside", "s"): "what came of them, and all other columns as they were, side by side",
        ("Dense", "z"): score_reason(layer) if isinstance(layer, Dense) else "",
        ("Dense", "y"): "as much of the activation as each unit's strength alpha says: all of it where that is 1",
        ("Dropout", "rate"): "the share that goes, at this step",
        ("Dropout", "u"): "a random number for each value, new at every step",
        ("Dropout", "y"): "the values that stay, scaled up for those that go",
        ("BatchNorm", "mean"): "the mean of each column over the batch",
        ("BatchNorm", "var"): "the variance of each column over the batch",
        ("BatchNorm", "std"): "the root of the variance; eps keeps it from 0",
        ("BatchNorm", "xhat"): "each column with mean 0 and variance 1",
        ("BatchNorm", "y"): "scaled and shifted by what is learnt",
        ("BatchNorm", "running_mean"): "a running average, for prediction",
        ("BatchNorm", "running_var"): "a running average, for prediction",
        ("Scale", "y"): "each input by its own factor",
        ("Average", "p"): "what a member says",
        ("Average", "m"): "the mean of what the members say",
        ("Tempered", "tempered"): tempered_reason(layer) if isinstance(layer, Tempered) else "",
        ("Tempered", "q"): "the probabilities of these scores",
        ("LayerNorm", "std"): "the spread of each row; eps keeps it from 0",
        ("LayerNorm", "xhat"): "each row with mean 0 and variance 1",
        ("LayerNorm", "y"): "scaled and shifted by what is learnt",
    }
    return known.get((kind, name[0] if name.startswith(("t_", "p_")) else name), kind)


def score_reason(layer: Dense) -> str:
    """What a unit's score is, for a reader."""
    divided = ", divided by the root of their number" if layer.scaling == "ntk" else ""
    return f"each unit's weighted sum of the inputs{divided}{', plus its bias' if layer.bias else ''}"


def tempered_reason(layer: Tempered) -> str:
    """What a temperature does, for a reader."""
    than = "less sure" if layer.temperature > 1.0 else "surer"
    return f"the scores, divided by the temperature: {than} than without"


def backward_reason(of: str, k: int, learnt: list[str]) -> str:
    """Which rule gives a gradient, for a reader."""
    if of in learnt:
        return f"how the loss changes with {of}{k}, summed over the rows"
    if of == "x":
        return f"passed back through layer {k} to its input"
    return CHAIN_RULE


def slot_reason(rule: str, name: str) -> str:
    """What an optimizer remembers, for a reader."""
    known = {
        "m": "a running mean of the gradient",
        "v": "a running mean of the gradient's square",
        "velocity": "the step so far carries on",
        "v_max": "the largest v so far",
        "u": "a running mean of the step's square",
        "step": "each number's own step: longer while its gradient keeps its sign, shorter where that changes",
        "g_before": "the gradient, for the next step; 0 where its sign has changed",
    }
    if rule == "adagrad":
        return "the sum of the gradient's squares so far"
    return known.get(name, "kept for the next step")


def reduction_words(reduction: str, several: bool) -> str:
    """How a loss takes rows, and with several terms a row also outputs, together."""
    over = {
        "mean": "mean over rows and outputs" if several else "mean over rows",
        "batchmean": "sum over outputs, mean over rows" if several else "mean over rows",
        "rowmean": "sum over outputs, mean over rows" if several else "mean over rows",
        "sum": "sum over rows and outputs" if several else "sum over rows",
    }
    return over[reduction]
