"""Which kind of file a name asks for: by its ending, for everything that can be written in more than one way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

PAGES = (".txt", ".html", ".tex", ".json")  # as text, as a page, as a LaTeX document, as data
SAME = {".htm": ".html"}


def ending(path: str | os.PathLike[str], what: str, endings: Sequence[str] = PAGES) -> str:
    """The ending of a file's name, in small letters, that says how to write it.

    >>> ending("Page.HTML", "an explanation")
    '.html'

    Parameters
    ----------
    path
        The file's name.
    what
        What is to be written, in words, for the message.
    endings
        Those that there are; `.htm` is `.html`.

    Raises
    ------
    ValueError
        The name ends in something else.
    """
    suffix = Path(path).suffix.lower()
    suffix = SAME.get(suffix, suffix)
    if suffix not in endings:
        raise ValueError(f"the name of {what} must end in {' or '.join(endings)}, got {os.fspath(path)!r}")
    return suffix
