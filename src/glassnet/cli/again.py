"""How the user would call this program again: what the lines under "Next" begin with."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

CSV_OPTIONS = ("--delimiter", "--decimal", "--thousands", "--missing", "--encoding")


def program() -> str:
    """`glassnet` where the shell finds this one, else the path it was called by: `.venv/bin/glassnet`."""
    return callable_name("glassnet", sys.argv[0]) if is_script() else "glassnet"


def python() -> str:
    """`python` where the shell finds this one, else its path."""
    return callable_name("python", sys.executable) if is_script() else "python"


def is_script() -> bool:
    """Whether the installed script runs, rather than `python -m glassnet.cli` or somebody's Python."""
    return Path(sys.argv[0]).stem == "glassnet" and os.path.exists(sys.argv[0])


def callable_name(name: str, path: str) -> str:
    """The name if the shell finds it in the folder of this Python, else the path, from here if it is inside."""
    found = shutil.which(name)
    if found is not None and os.path.samefile(os.path.dirname(found), os.path.dirname(sys.executable)):
        return name
    absolute, here = os.path.abspath(path), os.getcwd()
    if os.path.commonpath([absolute, here]) != here:
        return absolute
    near = os.path.relpath(absolute, here)
    return near if os.sep in near else os.path.join(os.curdir, near)


def pasted(words: list[str]) -> str:
    """A command line to be pasted, in sh and in PowerShell alike where that can be.

    >>> pasted(["glassnet", "train", "my table.csv", "--target", "y"])
    'glassnet train "my table.csv" --target y'
    """
    return " ".join(map(quoted, words))


def quoted(word: str, windows: bool = os.name == "nt") -> str:
    """A word as it is, or in double quotes, which PowerShell and cmd know too; else as only sh reads it.

    >>> print(quoted("a,b"), quoted("a,b", windows=True), quoted("print('x')"), quoted("5 $"))
    a,b "a,b" "print('x')" '5 $'
    """
    # PowerShell takes a,b for two words, and sh a backslash for nothing
    if re.fullmatch(r"[\w@%+=:./\\~-]+" if windows else r"[\w@%+=:,./~-]+", word):
        return word
    return f'"{word}"' if word and not set(word) & set('"$`!' if windows else '"$`!\\') else shlex.quote(word)


def given_options(context: Any) -> dict[str, list[str]]:
    """The options of the command line as words, by name: `{"--target": ["--target", "y"]}`."""
    words: dict[str, list[str]] = {}
    for param in context.command.params:
        source, name, value = context.get_parameter_source(param.name), param.opts[0], context.params.get(param.name)
        if not name.startswith("-") or source is None or source.name != "COMMANDLINE":
            continue
        if getattr(param, "is_flag", False):
            words[name] = [name]
        else:
            values = value if isinstance(value, (list, tuple)) else [value]
            words[name] = [word for item in values for word in (name, word_for(item))]
    return words


def word_for(value: Any) -> str:
    """A value of an option as people write it: 0.0 as 0."""
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def repeated(given: dict[str, list[str]], names: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list[str]:
    """The words of these options, or of all but some."""
    return [word for name, words in given.items() if (name in names or not names) and name not in but for word in words]
