"""Errors on the command line: one line that says what, where and what to do, and an exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet import ending
from glassnet.cli.again import quoted
from glassnet.errors import CheckpointError, DataError, GlassnetError, ModelFileError, TrainingError
from glassnet.readings.eject.tools import ToolFailed, ToolMissing

OK, DIVERGED, USAGE, DATA, MODEL_FILE, INPUT_OUTPUT, DIFFERENT, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 4, 5, 6, 130, 141

CODES = (
    "Exit codes: 0 done · 1 the loss stopped being finite, nothing saved · 2 a wrong option · 3 a table that does "
    "not fit · 4 not a model file, or not the training that is kept · 5 a file that cannot be read or written, a "
    "program that is not installed, or a cluster that does not answer · 6 an ejected program that does not give the "
    "model's numbers · 130, 143, 129 interrupted: Ctrl-C, SIGTERM, SIGHUP"
)

REMEDIES = {
    errno.ENOENT: "check the path",
    errno.EISDIR: "give the name of a file",
    errno.ESPIPE: "give the name of a file, or /dev/stdout and send that on",
    errno.ENOTDIR: "check the path",
    errno.EACCES: "choose another place, or change its permissions",
    errno.EPERM: "choose another place, or change its permissions",
    errno.EROFS: "choose another place",
    errno.ENOSPC: "make room and try again",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EEXIST: "choose another name, or give --force to replace it",
}


class Usage(Exception):
    """Options that do not go together, or one that is missing."""


def is_usage(error: BaseException) -> bool:
    """Whether an error is about options: our own, or where typer read them, typer's or click's, whichever it is."""
    typer = sys.modules.get("typer")
    return isinstance(error, Usage if typer is None else (Usage, typer.BadParameter.__mro__[1]))


def answer(error: BaseException) -> tuple[int, str]:
    """The exit code and the line for an error; whatever goes wrong while it is interrupted is that."""
    if ending.signal_code():
        return ending.signal_code(), ending.SAVED[0] if ending.SAVED else ending.without_model()
    if is_usage(error):
        return USAGE, usage_text(error)
    if isinstance(error, DataError):
        return DATA, in_options(str(error))
    if isinstance(error, ModelFileError):
        swapped = " (did you swap MODEL and TABLE?)" if "this is text" in str(error) else ""
        return MODEL_FILE, f"{error}; give a file that glassnet saved{swapped}"
    if isinstance(error, CheckpointError):
        return MODEL_FILE, in_options(str(error))
    if isinstance(error, TrainingError):
        what, and_why, ask = str(error).partition("; why: ")
        saved = "nothing was saved"
        for folder in ending.KEPT:
            saved = f"no model was saved, and what was trained before is kept in {folder}"
        return DIVERGED, f"{in_options(what)}; {saved}{and_why}{ask}"
    if isinstance(error, OSError):
        return INPUT_OUTPUT, system_text(error)
    if isinstance(error, ImportError):
        return INPUT_OUTPUT, str(error)
    if isinstance(error, GlassnetError) and not isinstance(error, ValueError):  # workers that are not there, or die
        return INPUT_OUTPUT, in_options(str(error))
    if isinstance(error, (ToolMissing, ToolFailed)):
        return INPUT_OUTPUT, str(error)
    if isinstance(error, (ValueError, TypeError, NotImplementedError)):
        return USAGE, in_options(str(error))
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, str(error) or ending.without_model()
    if isinstance(error, MemoryError):
        return INPUT_OUTPUT, "out of memory; use fewer rows, or a smaller network"
    return DIVERGED, f"{type(error).__name__}: {error}; this is a mistake in glassnet, please report it"


def usage_text(error: BaseException) -> str:
    """What is wrong with the options, and where help is."""
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    message = " ".join(message.split()).rstrip(".")
    message = re.sub(r"\(Possible options?: (.*)\)", r"(did you mean \1?)", message)
    message = re.sub(r"\. Did you mean (.*)\?$", r" (did you mean \1?)", message)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "glassnet"
    hint = "" if isinstance(error, Usage) else f"; see {command} --help"
    return message[:1].lower() + message[1:] + hint


def system_text(error: OSError) -> str:
    """What the system refused, for which file, and what helps."""
    where = "" if error.filename is None else f" {os.fspath(error.filename)!r}"
    what = error.strerror or str(error)
    if error.errno == errno.EEXIST or getattr(error, "writing", False):
        verb = "cannot write"
    else:
        verb = "cannot read" if where else "cannot read or write"
    remedy = REMEDIES.get(error.errno or 0, "check the path and the disk")
    if error.errno == errno.ENOENT and re.match(r"[a-z][a-z0-9]{1,9}:/", str(error.filename)):
        remedy = "files are read here, not addresses: download it first"
    return f"{verb}{where}: {what[:1].lower()}{what[1:]}; {remedy}"


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file that was to be written, rather than the temporary one beside it, in an OSError raised inside."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno is None:
            raise
        raise cannot_write(error.errno, path) from None


def cannot_write(number: int, path: str | os.PathLike[str], why: str | None = None) -> OSError:
    """The error for a file that cannot be written."""
    error = OSError(number, why or os.strerror(number), os.fspath(path))
    vars(error)["writing"] = True
    return error


def in_options(message: str) -> str:
    """A message of the library in the words of the command line: `exclude=['id']` becomes `--exclude id`."""
    message = re.sub(r"\b(exclude|missing)=(?:\[([^\]]*)\])?", in_option, message)
    message = re.sub(r'\b(decimal|thousands)="(.)"', lambda m: f"--{m[1]} {quoted(m[2])}", message)
    message = re.sub(r"encoding='([\w-]+)'", r"--encoding \1", message)
    message = re.sub(r"\bmax_categories=(\d+)", r"--max-categories \1", message)
    message = re.sub(
        rf"(?<![\w-])({'|'.join(OPTIONS)})(?= (must|is for)\b)", lambda m: f"--{m[1].replace('_', '-')}", message
    )
    message = re.sub(r"(Dropout: )?(?<![\w-])rate(?= must be)", "--dropout", message)
    for python, option in IN_OPTIONS.items():
        message = message.replace(python, option)
    return message


def in_option(match: re.Match[str]) -> str:
    """`exclude=['a', 'b']` as `--exclude 'a' --exclude 'b'`."""
    names = [name for name in re.split(r"(?<=['\"]), | and (?=\d)", match[2] or "") if name]
    return " ".join(f"--{match[1]} {'…' if name == '…' else name}" for name in names) or f"--{match[1]}"


OPTIONS = (
    *("learning_rate", "clip_norm", "l2", "decimal", "thousands", "delimiter", "encoding", "class_weight"),
    "memory",
    *("hidden", "layers", "epochs", "seed", "interval", "repeats"),
    *("members", "digits", "dtype", "prefix", "settings", "halving", "learnt"),
)
IN_OPTIONS = {
    'kind="number"': "--kind number",
    'resume="auto"': "--resume auto",
    'kind="classes"': "--kind classes",
    "leave its activation out, Dense(), or": "leave --output-activation out, or",
    "scale=False": "--scale none",
    "clip_norm=1": "--clip-norm 1",
    "target=...": "--target NAME",
    "model.calibrate(X, y), with rows": "glassnet calibrate MODEL TABLE, with rows",
    "leave these rows out: contract.labelled(table)": "leave these rows out",
    " Leave its units out: Dense()": " Choose another --loss",
    "use a smaller batch_size": "use a smaller --batch-size",
    "dtype='float32'": "--dtype float32",
    "folds must be": "--cv must be",
    "early_stopping must be": "--patience must be",
    "batch_size must be a whole number below": "--batch-size must be a whole number below",
    "batch_size must be a whole number >= 1, or None for all rows": "--batch-size must be >= 1, or 0 for all rows",
}
