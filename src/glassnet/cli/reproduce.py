"""`glassnet reproduce`: the two tutorials glassnet grew from, to the digit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from glassnet.cli.endings import PICTURE, meant
from glassnet.cli.failures import OK, writing
from glassnet.cli.options import Force, Json, argument, option
from glassnet.cli.outputs import check_output, is_picture
from glassnet.cli.screen import Screen
from glassnet.parts.naming import find


def reproduce(
    name: Annotated[str, argument("NAME", "xor, the NumPy tutorial, or tychobra, the one in R.")],
    plot: Annotated[Path | None, option("FILE", "Save a picture of the loss.")] = None,
    force: Force = False,
    json: Json = False,
) -> int:
    """Run a tutorial's network again, to the digit, and see what its print gets wrong.

    [dim]glassnet reproduce xor --plot xor-loss.png[/dim]
    """
    from glassnet.reproduce import NAMES, reproduce

    screen = Screen(json=json)
    find(name, NAMES, "tutorial")
    if plot is None:
        screen.data(reproduce(name, None, screen.line))
        return OK
    check_output(plot, is_picture, "a picture", force)
    meant("--plot", plot, PICTURE)
    with writing(plot):
        screen.data(reproduce(name, plot, screen.line))
    return OK
