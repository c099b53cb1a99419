"""What the page opens with: small stories, each a dataset, a network and a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from glassnet.datasets import circles, digits, moons, spirals, tychobra, xor
from glassnet.datasets import named as dataset
from glassnet.parts.naming import find
from glassnet.playground.choices import Choices, Hidden
from glassnet.playground.setup import Setup
from glassnet.playground.source import Source
from glassnet.reproduce import TUTORIALS


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story: its name, its title, what it asks, and how it is set up."""

    name: str
    title: str
    sentence: str
    made: Callable[[], dict[str, Any]]

    def to_json(self) -> dict[str, str]:
        """As the page lists it."""
        return {"name": self.name, "title": self.title, "sentence": self.sentence}

    def setup(self) -> Setup:
        """The story, set up."""
        return Setup(title=self.title, sentence=self.sentence, story=self.name, **self.made())


CLASSES = "y = y.ravel().astype(int)  # two classes, 0 and 1"


def logic(name: str) -> Source:
    """The four rows of a tutorial, as two classes."""
    X, y = {"xor": xor, "tychobra": tychobra}[name]()
    return Source(
        name=name,
        title="XOR: four rows" if name == "xor" else "XOR with a constant input: four rows",
        X=X,
        y=y.ravel().astype(int),
        columns={"kind": "classes"},
        code=(f"X, y = gn.datasets.{name}()", CLASSES),
        given='X, y, kind="classes"',
    )


def plane(name: str, *, rows: int = 200, **options: Any) -> Source:
    """Points in the plane."""
    X, y = {"moons": moons, "circles": circles, "spirals": spirals}[name](rows, **options)
    given = ", ".join((str(rows), *(f"{key}={value!r}" for key, value in options.items())))
    code = (f"X, y = gn.datasets.{name}({given})",)
    return Source(name=name, title=f"{name}: {rows} points in the plane", X=X, y=y, code=code)


def birds() -> Source:
    """The penguins."""
    return Source(
        name="penguins",
        title="penguins: 344 birds of three species",
        X=dataset("penguins"),
        columns={"target": "species", "exclude": ("year",)},
        code=('table = gn.datasets.named("penguins")',),
        given='table, target="species", exclude=["year"]',
    )


def pictures() -> Source:
    """Handwritten digits."""
    X, y = digits()
    title = f"digits: {len(X):,} pictures of 8 by 8 pixels"
    return Source(name="digits", title=title, X=X, y=y, image=(8, 8), code=("X, y = gn.datasets.digits()",))


def tutorial(name: str) -> dict[str, Any]:
    """A tutorial's network, from its own seed."""
    told = TUTORIALS[name]()
    recipe = told.recipe
    choices = Choices(
        layers=tuple(Hidden(units=units, activation=recipe.activation.name) for units in recipe.hidden),
        output_activation=recipe.output_activation.name,
        outputs=1,
        bias=recipe.bias,
        weights=recipe.weights,
        loss=recipe.loss,
        optimizer="sgd",
        learning_rate=recipe.learning_rate,
        epochs=recipe.epochs,
        seed=told.seed,
    )
    return {"source": logic(name), "choices": choices, "rng": told.rng}


def of_xor(**choices: Any) -> dict[str, Any]:
    """A network for the four rows of XOR."""
    usual: dict[str, Any] = {"output_activation": "sigmoid", "outputs": 1, "loss": "squared", "epochs": 2_000}
    return {"source": logic("xor"), "choices": Choices(**usual | choices)}


def on_plane(name: str, *layers: int, rows: int = 200, **choices: Any) -> dict[str, Any]:
    """A network for points in the plane, a fifth of them held out."""
    usual: dict[str, Any] = {"learning_rate": 0.01, "batch_size": 20, "epochs": 1_000, "validation": 0.2}
    usual["loss"] = "binary_cross_entropy"
    hidden = tuple(Hidden(units=units) for units in layers)
    return {"source": plane(name, rows=rows), "choices": Choices(layers=hidden, **usual | choices)}


def memorised() -> dict[str, Any]:
    """Few rows, drawn with much noise, and a network with room for each of them."""
    layers = (Hidden(units=24), Hidden(units=24))
    choices = Choices(layers=layers, loss="binary_cross_entropy", learning_rate=0.01, epochs=1_000, validation=0.5)
    return {"source": plane("moons", rows=40, noise=0.45), "choices": choices}


STORIES = (
    Story(
        name="xor",
        title="XOR",
        sentence="Predict: will it answer 1 for (0, 1)? Press Train, then drag the line below to see when it did.",
        made=of_xor,
    ),
    Story(
        name="stuck",
        title="Stuck",
        sentence="The NumPy tutorial's own network and seed. Predict: do all four outputs get there? Train it, then "
        "ask whether another seed would do better, or give it 4 units.",
        made=lambda: tutorial("xor"),
    ),
    Story(
        name="too-fast",
        title="Too fast",
        sentence="Squares without bounds, and a learning rate of 3. Predict what the loss does. Then rewind, and try a "
        "tenth of it.",
        made=lambda: of_xor(
            layers=(Hidden(units=4, activation="relu"),),
            output_activation=None,
            optimizer="sgd",
            loss="squared",
            learning_rate=3.0,
        ),
    ),
    Story(
        name="dead-relu",
        title="Dead ReLU",
        sentence="Four relu units. Two say 0 for every row from the start: no gradient comes through to them. Train, "
        "and see what becomes of the others.",
        made=lambda: of_xor(layers=(Hidden(units=4, activation="relu"),), seed=11, optimizer="sgd", learning_rate=0.5),
    ),
    Story(
        name="memorising",
        title="Memorising",
        sentence="Twenty rows full of noise and 700 weights. Predict: what happens to the loss of the rows held out?",
        made=memorised,
    ),
    Story(
        name="tychobra",
        title="The tutorial in R",
        sentence="3-4-1 without biases: the third input is always 1. Does it learn from every start?",
        made=lambda: tutorial("tychobra"),
    ),
    Story(
        name="moons",
        title="Moons",
        sentence="Two half circles that reach into each other. How few units are enough?",
        made=lambda: on_plane("moons", 6),
    ),
    Story(
        name="circles",
        title="Circles",
        sentence="One circle inside another. A line cannot part them: watch three units draw a triangle.",
        made=lambda: on_plane("circles", 3),
    ),
    Story(
        name="spirals",
        title="Spirals",
        sentence="The hardest of these: watch the map curl up, layer by layer.",
        made=lambda: on_plane("spirals", 16, 16, 16, rows=300, learning_rate=0.02),
    ),
    Story(
        name="penguins",
        title="Penguins",
        sentence="Three species from bills, flippers and islands: columns of a real table, scaled, with gaps.",
        made=lambda: {
            "source": birds(),
            "choices": Choices(
                layers=(Hidden(units=6),), learning_rate=0.01, batch_size=32, epochs=300, validation=0.2
            ),
        },
    ),
    Story(
        name="digits",
        title="Digits",
        sentence="Pictures of 8 by 8 pixels. Train, then draw a digit of your own on the pad.",
        made=lambda: {
            "source": pictures(),
            "choices": Choices(
                layers=(Hidden(units=32, activation="relu"), Hidden(units=16, activation="relu")),
                learning_rate=0.003,
                batch_size=32,
                epochs=100,
                validation=0.2,
            ),
        },
    ),
)

NAMES = tuple(story.name for story in STORIES)


def story(name: str) -> Story:
    """The story of that name; ValueError for none."""
    found = find(name, NAMES, "story")
    return next(item for item in STORIES if item.name == found)
