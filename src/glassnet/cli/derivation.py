"""`glassnet derivation`: a model's own mathematics."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

from glassnet.cli.endings import WRITTEN, meant
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import Force, Json, ModelFile, flag, option
from glassnet.cli.outputs import check_not_read, write_text
from glassnet.cli.screen import Screen, put, say
from glassnet.model.load import load
from glassnet.parts.naming import find

FORMATS = tuple(dict.fromkeys(WRITTEN.values()))


def derivation(
    model: ModelFile,
    prediction: Annotated[bool, flag("Only the way from a row to its prediction.", "--prediction")] = False,
    form: Annotated[
        str | None,
        option("NAME", "text, latex, html or json. Default: as the file's name says, else text.", "--format"),
    ] = None,
    output: Annotated[
        str, option("FILE", "Where it goes, as .txt, .tex, .html or .json; - is stdout.", "--output", "-o", shown=True)
    ] = "-",
    force: Force = False,
    json: Json = False,
) -> int:
    """Show a model's own mathematics: one step of training, formula by formula.

    Forward, loss, backward, update: each line with its shape and the rule that gave it.

    [dim]glassnet derivation penguins.glass --prediction[/dim]

    [dim]glassnet derivation penguins.glass --output penguins.html[/dim]
    """
    if json and output != "-":
        raise Usage("--json writes to stdout, --output to a file; give one of them")
    check_not_read("--output", Path(output), model)
    asked = None if form is None else find(form, FORMATS, "format")
    form = meant("--output", output, WRITTEN, asked or "text", packed=True)
    if asked not in (None, form):
        raise Usage(f"--format {asked} and --output {output} say two things; a file of that name is {form}")
    derived = load(model).derivation(prediction=prediction)
    if form == "text":
        on_screen = output == "-" and sys.stdout.isatty()
        text = derived.text(width=shutil.get_terminal_size().columns if on_screen else None)
    else:
        text = derived.written_for(next(f"derivation{suffix}" for suffix, kind in WRITTEN.items() if kind == form))
    if not text.endswith("\n"):
        text += "\n"
    screen = Screen(json=json)
    screen.data({"model": str(model), "prediction": prediction, "format": form, "text": text})
    if output != "-":
        write_text(Path(output), text, force)
        screen.written("derivation", output)
    elif not json and form == "text":
        say(text.removesuffix("\n"))
    elif not json:
        put(text)
    return OK
