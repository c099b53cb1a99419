"""`glassnet eject`: a model as a program in another language."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Annotated, Any

from glassnet.cli.endings import PROGRAMS, meant
from glassnet.cli.failures import DIFFERENT, OK, Usage, writing
from glassnet.cli.options import (
    CSV,
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
from glassnet.cli.outputs import check_not_read, check_output
from glassnet.cli.screen import Screen, put
from glassnet.cli.tables import Csv, contract_of, read_table
from glassnet.data.files import write_atomically
from glassnet.model.load import load
from glassnet.parts.optimizers import optimizer_named
from glassnet.readings.eject import LANGUAGES, Ejected, language_name

FIT = "Training"
MADE = b"Made by glassnet "
FIRST_PAGE = "xl/worksheets/sheet1.xml"  # of a spreadsheet; programs that save it anew keep its words elsewhere
ONNX_PRODUCER = b"glassnet\x1a"


def eject(
    model: ModelFile,
    language: Annotated[str, argument("LANGUAGE", f"{', '.join(LANGUAGES)}.")],
    output: Annotated[str, option("FILE", "Where it goes; - is stdout.", "--output", "-o", shown=True)] = "-",
    verify: Annotated[bool, flag("Run it with the language's own tool and compare.", "--verify")] = False,
    rows: Annotated[int | None, option("N", "Random rows to compare. Default: 100.")] = None,
    dtype: Annotated[str | None, option("NAME", "float64 or float32. Default: the model's.")] = None,
    prefix: Annotated[str, option("TEXT", "What all names of a C program begin with.")] = "",
    header: Annotated[bool, flag("Write a header beside a C program.", "--header")] = False,
    interval: Annotated[
        float | None, option("SHARE", "Of a calibrated model: it gives intervals, or sets, that hold so many: 0.9.")
    ] = None,
    train: Annotated[
        str | None, option("TABLE", "Rows to train on: they go into the program, and it trains.", panel=FIT)
    ] = None,
    epochs: Annotated[int | None, option("N", "How often the rows are gone through. Default: 100.", panel=FIT)] = None,
    batch_size: Annotated[int | None, option("N", "Rows a step; 0: all. Default: 32.", panel=FIT)] = None,
    no_shuffle: Annotated[bool, flag("Take the rows in their order.", "--no-shuffle")] = False,
    optimizer: Annotated[str | None, option("NAME", "Default: the model's.", panel=FIT)] = None,
    learning_rate: Annotated[float | None, option("NUMBER", "Default: the model's.", panel=FIT)] = None,
    force: Force = False,
    json: Json = False,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    missing: Missing = None,
    encoding: Encoding = None,
) -> int:
    """Write a model as a program that needs nothing of glassnet.

    In plain NumPy, R, JavaScript or C, as a spreadsheet with live formulas, or as an ONNX file. Scaling, categories and
    class names are inside, and rows with known answers: run, the program tests itself. With --train it trains, too.

    [dim]glassnet eject penguins.glass r --output penguins.R --verify[/dim]

    [dim]glassnet eject penguins.glass c --train penguins --epochs 50 -o penguins.c[/dim]
    """
    screen = Screen(json=json)
    language = language_name(language)
    if json and output == "-" and not verify:
        raise Usage("--json tells of a file or of --verify; give --output or --verify")
    if header and (output == "-" or language != "c"):
        raise Usage("--header is for a C program in a file; give the language c and --output")
    if rows is not None and not verify:
        raise Usage("--rows is for --verify; give both, or neither")
    check_not_read("--output", Path(output), model, *([Path(train)] if train else []))
    if output != "-":
        check_output(Path(output), is_ejected, "an ejected program", force)
        meant("--output", output, PROGRAMS[language], language)
    declared = Path(output).with_suffix(".h") if header else None
    if declared:
        check_not_read("--header", declared, model, *([Path(train)] if train else []))
        check_output(declared, is_ejected, "an ejected program", force)
    csv = Csv(delimiter=delimiter, decimal=decimal, thousands=thousands, missing=missing, encoding=encoding)
    found = load(model)
    options: dict[str, Any] = {"dtype": dtype, "prefix": prefix, "interval": interval}
    if train is not None:
        contract = contract_of(found, model)
        table = contract.labelled(read_table(train, csv, screen.silent, contract.notation))
        chosen = None if (optimizer, learning_rate) == (None, None) else optimizer_named(
            optimizer or (found.optimizer.name if found.optimizer else "adam"), learning_rate
        )  # fmt: skip
        options |= {"training": True, "X": table, "shuffle": not no_shuffle, "optimizer": chosen}
        options |= {} if epochs is None else {"epochs": epochs}
        options |= {} if batch_size is None else {"batch_size": batch_size or None}
    elif (epochs, batch_size, optimizer, learning_rate) != (None, None, None, None) or no_shuffle:
        raise Usage("the options under Training are for a program that trains; give --train TABLE")
    elif csv.given:
        raise Usage(f"options for {CSV} are for the table to train on; give --train TABLE")
    program = found.eject(language, **options)
    if output != "-":
        with writing(output):
            write_atomically(output, program.data)
        screen.written("program", output)
        if declared:
            with writing(declared):
                write_atomically(declared, program.header(Path(output).name))
            screen.written("header", declared)
        screen.remarks([f"the column {old!r} is the input {name!r}" for old, name in program.renamed.items()])
    elif not verify and not json:
        show(program)
    result = program.verify(100 if rows is None else rows) if verify else None
    if result is not None:
        screen.line(str(result))
    details: dict[str, Any] = {"model": str(model), "language": language, "output": None if output == "-" else output}
    details |= {"header": str(declared)} if declared else {}
    details |= {"renamed": program.renamed} if program.renamed else {}
    verified = None if result is None else {**vars(result), "passed": result.passed}
    screen.data({**details, "bytes": len(program.data), "trains": train is not None, "verified": verified})
    return OK if result is None or result.passed else DIFFERENT


def show(program: Ejected) -> None:
    """The program on stdout; files that are no text go to another program, not to a terminal."""
    if isinstance(program.content, str):
        put(program.content)
    elif sys.stdout.isatty():
        raise Usage(f"an {program.language} file is no text; give it a name: --output FILE")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(program.content)
        sys.stdout.buffer.flush()


def is_ejected(path: Path) -> bool:
    """Whether glassnet made the program in a file: it says so near its beginning, a spreadsheet on its first page."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return FIRST_PAGE in book.namelist() and MADE in book.read(FIRST_PAGE)
    with open(path, "rb") as file:
        start = file.read(4096)
    return MADE in start or start[4:].startswith(ONNX_PRODUCER)
