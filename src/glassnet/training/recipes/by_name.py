"""The recipes that glassnet has, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glassnet.parts.embeddings import PeriodicEmbedding
from glassnet.parts.initializers import initializer
from glassnet.parts.layers import Dense, Scale
from glassnet.parts.losses import loss
from glassnet.parts.naming import find
from glassnet.parts.optimizers import AdamW, schedule
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.stopping import EarlyStopping

if TYPE_CHECKING:
    from glassnet.parts.literals import RecipeName

SMALL = Recipe(name="small", about="16 units, in a second or a few")

CONSTANT = Recipe(
    name="constant",
    about="always says the same, the mean or how frequent each class is: what others must be better than",
    hidden=(),
    weights="zeros",
    learns="biases",
    learning_rate=0.05,
    epochs=200,
    batch_size=None,
    validation=None,
    early_stopping=False,
)

LINEAR = Recipe(name="linear", about="each input counts for itself: a straight line, or one between classes", hidden=())

STRONG = Recipe(
    name="strong",
    about="3 × 256 units, after RealMLP-TD (Holzmüller, Grinsztajn and Steinwart, 2024)",
    scale="robust",
    fill="mean",
    words="embed",
    clamp=True,
    numbers=PeriodicEmbedding(outputs=3, frequencies=16, std=0.1, rate=0.1),
    categories=Dense(8, bias=False, weights=initializer("normal", std=1.0)),
    front=Scale(rate=6.0, penalised=True),
    hidden=(256, 256, 256),
    activation={"classes": "selu", "number": "mish"},
    strength=True,
    strength_rate=0.1,
    dropout=schedule("flat_cosine", 0.15),
    scaling="ntk",
    weights="unit_spread",
    biases="among_rows",
    bias_rate=0.1,
    dtype="float32",
    loss={"classes": loss("cross_entropy", label_smoothing=0.1), "number": "squared"},
    optimizer=AdamW(beta1=0.9, beta2=0.95, weight_decay=schedule("flat_cosine", 0.02)),
    learning_rate={"classes": schedule("log_cosine", 0.04), "number": schedule("log_cosine", 0.2)},
    epochs=240,  # after 16, 48, 112 and 240 the learning rate of log_cosine is 0
    steps=24_000,
    batch_size=256,
    drop_last=True,
    validation=0.2,
    early_stopping={
        "classes": EarlyStopping(None, monitor="val_accuracy", ties="last", among="rests"),
        "number": EarlyStopping(None, monitor="val_rmse", ties="last", among="rests"),
    },
    refit=20_000,
)

ENSEMBLE = replace(
    STRONG,
    name="ensemble",
    about="8 of the recipe strong, each with another eighth of the rows held out: the mean of what they say",
    validation=0.125,
    members=8,
)

RECIPES = {made.name: made for made in (SMALL, CONSTANT, LINEAR, STRONG, ENSEMBLE)}
NAMES = tuple(RECIPES)


def recipe(name: RecipeName, **parts: Any) -> Recipe:
    """A recipe by name, with other parts where any are given.

    Parameters
    ----------
    name
        "small", "constant", "linear", "strong" or "ensemble".
    **parts
        What to do otherwise: the parts of a `Recipe`, as its `replace` takes them.

    Raises
    ------
    ValueError
        An unknown name, or a value that a part cannot have; the message says what is allowed.
    TypeError
        A recipe has no part of that name.

    Examples
    --------
    >>> recipe("linear").hidden
    ()
    """
    found = RECIPES[find(name, RECIPES, "recipe")]
    return found.replace(**parts) if parts else found
