"""`glassnet explain`: every number of a model, for rows of a table."""

from __future__ import annotations

import os
import re
import sys
import warnings
from pathlib import Path
from typing import Annotated

from glassnet.cli.endings import DRAWING, PAGE, WRITTEN, meant
from glassnet.cli.failures import OK, Usage
from glassnet.cli.options import (
    Decimal,
    Delimiter,
    Encoding,
    Force,
    Json,
    Missing,
    ModelFile,
    Thousands,
    argument,
    flag,
    option,
)
from glassnet.cli.outputs import check_not_read, write_text
from glassnet.cli.screen import Screen, say, width_of
from glassnet.cli.tables import Csv, contract_of, read_table, remarks_on
from glassnet.data.tables import Table
from glassnet.data.tables.wording import counted
from glassnet.model.ensemble import Ensemble
from glassnet.model.load import load
from glassnet.parts.naming import find
from glassnet.readings.explain import Explanation
from glassnet.readings.explain import explain as explain_rows
from glassnet.readings.explain.arithmetic import SHOWN
from glassnet.readings.explain.contents import place
from glassnet.readings.explain.ensemble import explain_ensemble
from glassnet.readings.explain.readable import Readable

WIDTH = 80  # where there is no terminal


def explain(
    model: ModelFile,
    table: Annotated[str, argument("TABLE", "A file (CSV, JSON, Parquet, Excel), a built-in table, or - for stdin.")],
    row: Annotated[
        str, option("ROWS", "Which rows of the table, from 1 below the header: 3, 3-5, all.", "--row", shown=True)
    ] = "1",
    neuron: Annotated[str | None, option("NAME", "One unit: h2, h3.1, o1, a class.", "--neuron")] = None,
    member: Annotated[int | None, option("N", "Of an ensemble: one network, every number.", "--member")] = None,
    number: Annotated[str | None, option("NAME", "One step, z1, or one number, dW1[0,2].", "--number")] = None,
    check: Annotated[bool, flag("Measure each gradient shown, too.", "--check")] = False,
    all_terms: Annotated[bool, flag("All terms of every sum, however long.", "--all-terms")] = False,
    digits: Annotated[int, option("N", "Significant digits, 2 to 17.", "--digits", shown=True)] = 4,
    html: Annotated[Path | None, option("FILE", "Write it as a page of HTML.", "--html")] = None,
    output: Annotated[
        str, option("FILE", "Write it as .txt, .html, .tex or .json; - is stdout.", "--output", "-o", shown=True)
    ] = "-",
    picture: Annotated[Path | None, option("FILE", "Write a picture of the network, .svg.", "--picture")] = None,
    force: Force = False,
    quiet: Annotated[bool, flag("No remarks.", "--quiet", "-q")] = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Show every number of a model for a row: formula, numbers put in, result.

    Forward, loss, backward, update: where the table has the target, the numbers are those of the next step of
    training on these rows; without it, those of the prediction. The model is not changed. Of an ensemble, what each
    network says, and the mean.

    [dim]glassnet explain penguins.glass penguins --row 3[/dim]

    [dim]glassnet explain penguins.glass penguins --row 3 --neuron h2 --html neuron.html[/dim]
    """
    screen = Screen(quiet, json)
    files = [(option, Path(path)) for option, path in (("--html", html), ("--picture", picture)) if path is not None]
    files += [("--output", Path(output))] if output != "-" else []
    check_options(neuron, number, json, files)
    for name, path in files:
        check_not_read(name, path, model, Path(table))
    found = load(model)
    contract = contract_of(found, model)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    rows, names = chosen_rows(read_table(table, csv, screen.silent, contract.notation), row)
    remarks = remarks_on(contract, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        if isinstance(found, Ensemble):
            if check:
                raise Usage("--check measures gradients, and an ensemble has none; leave it out")
            said = explain_ensemble(found.state, rows, digits=digits, row_names=names)
            whole: Explanation = said if member is None else said.member(member)
        elif member is not None:
            raise Usage(f"--member is for ensembles, and {model} is one network; leave it out")
        else:
            whole = explain_rows(
                found.state,
                rows,
                None,
                optimizer=None,
                sample_weight=None,
                finite_differences=check,
                digits=digits,
                row_names=names,
            )
        shown = part_of(whole, neuron, number)
        drawn = found if member is None or not isinstance(found, Ensemble) else found.members[member - 1]
        image = drawn.picture(rows.rows([0]) if len(rows) == 1 else None) if picture is not None else None
    screen.remarks(remarks)
    terms = None if all_terms else SHOWN
    texts = {name: as_text(shown, name, path, terms) for name, path in files if name != "--picture"}
    if image is not None:
        texts["--picture"] = image.svg
    for name, path in files:
        write_text(path, texts[name], force)
        screen.written("picture" if name == "--picture" else "explanation", path)
    if json:
        result = {"model": str(model), "table": rows.source, "rows": list(names), "remarks": remarks}
        screen.data({**result, "explanation": shown.to_json(terms)})
    elif not files:
        say(shown.text(width_of(sys.stdout) if sys.stdout.isatty() else WIDTH, has_color(), terms))
    return OK


def check_options(neuron: str | None, number: str | None, json: bool, files: list[tuple[str, Path]]) -> None:
    """Usage for options that do not go together, and for files of no kind that there is."""
    if neuron is not None and number is not None:
        raise Usage("--neuron and --number are two different things to explain; give one of them")
    outputs = [name for name, _ in files]
    if json and "--output" in outputs:
        raise Usage("--json writes to stdout, --output to a file; give one of them")
    if len({path.resolve() for _, path in files}) < len(files):
        raise Usage(f"{' and '.join(outputs)} are the same file; choose different names")
    for name, path in files:
        meant(name, path, {"--html": PAGE, "--picture": DRAWING}.get(name, WRITTEN))


def chosen_rows(table: Table, asked: str) -> tuple[Table, tuple[str, ...]]:
    """The rows of a table that are asked for, from 1, and what to call them."""
    count = len(table)
    match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", asked)
    if asked.strip() == "all":
        first, last = 1, count
    elif match is None:
        raise Usage(f"--row must be a row's number such as 3, several such as 3-5, or all, got {asked!r}")
    else:
        first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last <= count:
        raise Usage(f"--row must be from 1 to {count}: {table.source} has {counted(count, 'row')}, got {asked!r}")
    return table.rows(range(first - 1, last)), tuple(f"row {k}" for k in range(first, last + 1))


def part_of(whole: Explanation, neuron: str | None, number: str | None) -> Readable:
    """What is asked for: a unit, a step, a number, or all."""
    if neuron is not None:
        return whole.neuron(neuron)
    if number is None:
        return whole
    name, index = place(number.strip())
    try:
        step = whole[find(name, whole.names, "step or array")]
        if not index:
            return step
        return step[tuple(int(k) for k in index.split(","))]
    except (IndexError, ValueError) as error:
        raise Usage(f"--number {number}: {error}") from None


def as_text(shown: Readable, option: str, path: Path, terms: int | None) -> str:
    """The content of a file."""
    return shown.page(terms) if option == "--html" else shown.written_for(path, terms)


def has_color() -> bool:
    """Whether stdout is a terminal whose user wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
