"""The errors glassnet raises on purpose: each says what is wrong, what came, what is allowed.

Wrong arguments are plain `ValueError` and `TypeError`; the classes here are for what a program may want to
catch by kind, and what the command line turns into an exit code.
"""

from importlib import import_module
from typing import Any

from glassnet.printable import printable


class GlassnetError(Exception):
    """Every error that is glassnet's own; printed in letters that stdout has."""

    def __str__(self) -> str:
        return printable(super().__str__())


class DataError(GlassnetError, ValueError):
    """A table or an array that cannot be learnt from or predicted on: names file, line and column."""


class ModelFileError(GlassnetError, ValueError):
    """A model file that cannot be read: says what is wrong with it."""


class TooLarge(GlassnetError, ValueError, MemoryError):
    """A network that needs more memory than there is: says how much of what, before any is taken."""


class CheckpointError(GlassnetError, ValueError):
    """Checkpoints that cannot be gone on with: of another training, used by another program, or damaged."""


class TrainingError(GlassnetError, ArithmeticError):
    """Training that stopped because a number was no longer finite: names step, layer and likely cause.

    `model` is the model with the last weights whose loss was finite.
    """

    model: Any = None


def install(extra: str) -> str:
    """How to install what an extra brings: in a clone, which has it before an index does.

    >>> install("cli")
    'pip install ".[cli]" in a clone of glassnet or, once it is on PyPI, pip install "glassnet[cli]"'
    """
    return f'pip install ".[{extra}]" in a clone of glassnet or, once it is on PyPI, pip install "glassnet[{extra}]"'


def need(what: str, library: str, extra: str) -> None:
    """Refuse, with an ImportError that names the extra, to go on without a library that not everybody installs."""
    try:
        import_module(library)
    except ImportError:
        raise ImportError(f"{what} need {library}: {install(extra)}") from None
