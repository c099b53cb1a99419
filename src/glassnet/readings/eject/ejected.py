"""A program made of a network: to read, to save, and to hold against the network it came from."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from glassnet.data.files import ending, write_atomically
from glassnet.parts.naming import check_choice, check_whole
from glassnet.printable import printable_code
from glassnet.readings.eject.answers import Verification, compare
from glassnet.readings.eject.languages import LANGUAGES, language_name
from glassnet.readings.eject.names import check_prefix
from glassnet.readings.eject.plan import Plan, float_type, plan_of
from glassnet.readings.eject.random_rows import random_rows
from glassnet.readings.eject.spreadsheet.first_step import first_step
from glassnet.readings.eject.training_plan import Course, CourseOptions
from glassnet.training.state import State


@dataclass(frozen=True, eq=False, repr=False)
class Ejected:
    """A program.

    Attributes
    ----------
    language
        "numpy", "r", "javascript", "c", "xlsx" or "onnx".
    plan
        What it was made of.
    content
        Its text; of a spreadsheet and of ONNX the bytes of the file.
    """

    language: str
    plan: Plan
    content: str | bytes

    @property
    def data(self) -> bytes:
        """The bytes of its file."""
        return self.content.encode() if isinstance(self.content, str) else self.content

    def save(self, path: str | os.PathLike[str], *, header: bool = False) -> None:
        """Write it to a file, with `header` also what `header()` gives, beside it.

        Raises
        ------
        ValueError
            The name ends as files of another kind do; it may have no ending.
        OSError
            The file cannot be written; what was there is untouched.
        """
        chosen = LANGUAGES[self.language]
        ending(path, f"a program ({chosen.title})", chosen.suffixes, optional=True)
        text = self.header(Path(path).name) if header else None
        write_atomically(path, self.data)
        if text is not None:
            write_atomically(Path(path).with_suffix(".h"), text)

    def header(self, file: str = "network.c") -> str:
        """The header of a program in C, which is or will be in a file of that name, for others in C or C++ to include.

        ValueError for a program in another language.
        """
        if self.language != "c" or not isinstance(self.content, str):
            raise ValueError(f"a header is for a program in C; this one is {LANGUAGES[self.language].title}")
        from glassnet.readings.eject.c.header import header

        return header(self.content, self.plan.prefix, file)

    def verify(self, rows: int = 100, seed: int = 0) -> Verification:
        """Run the program with its language's own tool on random rows, and hold what it says against the model.

        A program that trains is trained to its end first, and its weights are compared too.

        Raises
        ------
        ToolMissing
            The tool (Rscript, node, a C compiler, LibreOffice, …) is not installed.
        ToolFailed
            The program ended with an error.
        """
        check_whole("rows", rows)
        chosen, plan = LANGUAGES[self.language], self.plan
        given = random_rows(plan.contract, rows, np.random.default_rng(seed))
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / f"network{chosen.suffix}"
            program.write_bytes(self.data)
            theirs, tool = chosen.writer().run(plan, program, given)
        training, original = plan.training, plan.answers
        if training:
            original = original.with_numbers(training.theta_after, training.state_after)
        ours = original(given)
        if training:
            ours = replace(ours, theta=training.theta_after, losses=training.losses)
        return compare(chosen.title, tool, ours, theirs, plan.single, plan.interval)

    @property
    def renamed(self) -> dict[str, str]:
        """Columns that are called otherwise in the program, column → input: those whose names ONNX does not allow."""
        if self.language != "onnx":
            return {}
        from glassnet.readings.eject.onnx.data import renamed_inputs

        return renamed_inputs(self.plan)

    def __str__(self) -> str:
        if not isinstance(self.content, str):
            return "\n".join([repr(self), *(f"  input {name}: column {old!r}" for old, name in self.renamed.items())])
        return printable_code(self.content, pairs=self.language == "javascript")

    def __repr__(self) -> str:
        trains = ", trains" if self.plan.training else ""
        return f"Ejected({self.language!r}, {len(self.data):,} bytes{trains})"


def eject(
    model: State,
    language: str,
    *,
    training: bool = False,
    dtype: Any = None,
    prefix: str = "",
    interval: float | None = None,
    **course: Unpack[CourseOptions],
) -> Ejected:
    """A model as a stand-alone program.

    Parameters
    ----------
    model
        The model. It stays as it is.
    language
        "numpy", "r", "javascript", "c", "xlsx" (a spreadsheet with live formulas) or "onnx"; "python", "js" and "excel"
        are understood.
    training
        Whether the program also trains: from the model's numbers as they are now, to those that `train` would give. A
        spreadsheet has no loop: it takes the first step, and no more.
    dtype
        Of the program's numbers, float32 or float64; None: the model's. R, JavaScript and spreadsheets compute in
        float64. A program in float64 that only predicts is held against the same weights in float64.
    prefix
        What all names of a program in C begin with ("penguins_"), so that several go into one program.
    interval
        For a model that is calibrated: the share of rows, 0.9, for which intervals of numbers or sets of classes hold
        the truth. The program has a function for them; of spreadsheets and ONNX they are outputs.
    X, y, sample_weight, optimizer, epochs, batch_size, shuffle
        How the program trains: as in `train`. The rows are written into it.
    reported
        The program prints so many times the loss it descends, where books report another one (xor's tutorial: the mean
        of (y-o)², which is half of ½Σ(y-o)² over four rows). None: once.

    Returns
    -------
    Ejected
        `print` it, `save` it, `verify` it.

    Raises
    ------
    ValueError
        An unknown language, or parameters that make no sense.
    NotImplementedError
        The language cannot do something that the network asks for; the message names it.
    ImportError
        "xlsx" and "onnx" need a library; the message names the extra that brings it.
    """
    language = language_name(language)
    chosen = LANGUAGES[language]
    unknown = [name for name in course if name not in CourseOptions.__annotations__]
    if unknown == ["drop_last"]:
        raise NotImplementedError(
            "programs that train take every row, and drop_last would leave some out; leave it away, or give rows that "
            "make full batches"
        )
    if unknown:  # said of what was called, not of the record behind it
        raise TypeError(f"eject() got an unexpected keyword argument {unknown[0]!r}")
    check_choice("training", training)
    if training and not chosen.trains:
        raise NotImplementedError(f"{chosen.title} files do not train; eject one that predicts only")
    if check_prefix(prefix) and not chosen.global_names:
        raise ValueError(f"prefix is for C, where names of two programs would meet; leave it out for {chosen.title}")
    dtype = None if dtype is None else float_type(dtype)
    if chosen.double and not training:
        dtype = np.dtype(np.float64)
    plan = plan_of(model, Course(**course), training=training, dtype=dtype, interval=interval)
    plan = replace(plan, prefix=prefix)
    if training and chosen.one_step:
        plan = first_step(plan)
    return Ejected(language, plan, chosen.writer().write(plan))
