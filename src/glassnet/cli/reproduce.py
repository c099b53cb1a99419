"""`glassnet reproduce`: the two tutorials glassnet grew from, to the digit, and what they suggest to try."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.endings import PICTURE, meant
from glassnet.cli.failures import OK, Usage, writing
from glassnet.cli.options import Force, Json, argument, option
from glassnet.cli.outputs import check_output, is_picture
from glassnet.cli.parts import whole_numbers
from glassnet.cli.progress import Counted
from glassnet.cli.screen import Screen
from glassnet.parts.naming import find

PLAY = "Experiment & play: what to do otherwise than the tutorial"


def reproduce(
    name: Annotated[str, argument("NAME", "xor, the NumPy tutorial, or tychobra, the one in R.")],
    hidden: Annotated[str | None, option("UNITS", "Of each hidden layer: 4, or 4,3.", panel=PLAY)] = None,
    layers: Annotated[int | None, option("N", "Hidden layers.", panel=PLAY)] = None,
    activation: Annotated[str | None, option("NAME", "Of hidden layers: relu, tanh …", panel=PLAY)] = None,
    output_activation: Annotated[str | None, option("NAME", "Of the last layer.", panel=PLAY)] = None,
    learning_rate: Annotated[float | None, option("NUMBER", "How long steps are.", panel=PLAY)] = None,
    epochs: Annotated[int | None, option("N", "How often all rows are gone through.", panel=PLAY)] = None,
    bias: Annotated[
        bool | None,
        typer.Option(
            "--bias/--no-bias", help="Layers with biases or without.", rich_help_panel=PLAY, show_default=False
        ),
    ] = None,
    seed: Annotated[int | None, option("N", "The numbers it starts from.", panel=PLAY)] = None,
    seeds: Annotated[int, option("N", "How many seeds to try, whether they learn.", shown=True)] = 200,
    plot: Annotated[Path | None, option("FILE", "Save a picture of the loss.")] = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """Run a tutorial's network again, to the digit, and see what its print gets wrong.

    With something changed, the changed network is told beside the original, and how many of 200 seeds learn.

    [dim]glassnet reproduce xor --plot xor-loss.png[/dim]

    [dim]glassnet reproduce xor --hidden 4 --layers 2 --activation tanh --learning-rate 1[/dim]
    """
    from glassnet.reproduce import NAMES, reproduce

    screen = Screen(json=json)
    find(name, NAMES, "tutorial")
    if seeds < 1:
        raise Usage(f"--seeds must be >= 1, got {seeds}")
    if plot is not None:
        check_output(plot, is_picture, "a picture", force)
        meant("--plot", plot, PICTURE)
    with nullcontext() if plot is None else writing(plot), Counted("seeds", screen.silent) as told:
        numbers = reproduce(
            name,
            plot,
            screen.line,
            seeds=seeds,
            told=told,
            hidden=None if hidden is None else whole_numbers("--hidden", hidden),
            layers=layers,
            activation=activation,
            output_activation=output_activation,
            learning_rate=learning_rate,
            epochs=epochs,
            bias=bias,
            seed=seed,
        )
    screen.data(numbers)
    return OK
