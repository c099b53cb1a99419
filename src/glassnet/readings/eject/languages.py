"""The languages a network can be written in. Each is a module, imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from glassnet.data.files.endings import PROGRAMS
from glassnet.parts.naming import find
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows

if TYPE_CHECKING:
    from glassnet.parts.literals import LanguageName


class LanguageModule(Protocol):
    """What the module of a language must have."""

    def write(self, plan: Plan) -> str | bytes:
        """The program.

        Raises
        ------
        NotImplementedError
            The language cannot do something that the network asks for; the message names it.
        """

    def run(self, plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
        """What the program, a file in a folder of its own, says of rows; and the name and version of what ran it.

        With `plan.training` it trains first, from the beginning to the end, and says with which weights it ended.

        Raises
        ------
        ToolMissing
            The language's tool is not installed.
        """


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language: its name for people, the ending of its files (and `others` they may have), the module that writes it.

    A language may not train at all, or (`one_step`) take the first step of training and no more. With `global_names`,
    those of two programs in one need a prefix. With `double` all its numbers are float64.
    """

    title: str
    suffix: str
    others: tuple[str, ...] = ()
    module: str
    trains: bool = True
    one_step: bool = False
    global_names: bool = False
    double: bool = False

    @property
    def suffixes(self) -> tuple[str, ...]:
        """All endings that a file of it may have."""
        return (self.suffix, *self.others)

    def writer(self) -> LanguageModule:
        """The module."""
        return cast(LanguageModule, import_module(f"glassnet.readings.eject.{self.module}"))


LANGUAGES = {
    "numpy": Language(title="NumPy", suffix=PROGRAMS["numpy"][0], module="numpy.program"),
    "r": Language(title="R", suffix=PROGRAMS["r"][0], module="r.program", double=True),
    "javascript": Language(
        title="JavaScript",
        suffix=PROGRAMS["javascript"][0],
        others=PROGRAMS["javascript"][1:],
        module="javascript.program",
        double=True,
    ),
    "c": Language(title="C", suffix=PROGRAMS["c"][0], module="c.program", global_names=True),
    "xlsx": Language(
        title="spreadsheet", suffix=PROGRAMS["xlsx"][0], module="spreadsheet.workbook", one_step=True, double=True
    ),
    "onnx": Language(title="ONNX", suffix=PROGRAMS["onnx"][0], module="onnx.model", trains=False),
}


def language_name(name: str) -> LanguageName:
    """A language's name, given by that or by another ("python", "js", "excel"); ValueError for an unknown one."""
    return cast("LanguageName", find(name, LANGUAGES, "language"))
