"""What the ending of a file's name means: each command writes what the name says, or refuses it by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from glassnet.cli.failures import Usage
from glassnet.data.files.endings import MODELS, PAGES, PICTURES, SAME, TABLES, is_ending
from glassnet.readings.eject import LANGUAGES

MODEL = dict.fromkeys(MODELS, "model")
ROWS = TABLES
NAMES = {".txt": "text", ".tex": "latex", ".html": "html", ".json": "json"}
WRITTEN = {suffix: NAMES[SAME.get(suffix, suffix)] for suffix in (*PAGES, *SAME)}  # a derivation, an explanation
PAGE = {suffix: kind for suffix, kind in WRITTEN.items() if kind == "html"}
DRAWING = {".svg": "svg"}
PICTURE = {suffix: suffix[1:] for suffix in PICTURES}
PROGRAMS = {name: {suffix.lower(): name for suffix in language.suffixes} for name, language in LANGUAGES.items()}

PACKABLE = ("csv", "tsv", "json", "jsonl", "text", "latex", "html")


def meant(
    option: str, path: str | Path, known: Mapping[str, str], otherwise: str | None = None, *, packed: bool = False
) -> str:
    """What kind of file is to be written under a name.

    Parameters
    ----------
    option
        The option that gave the name, for messages.
    path
        The name; `-` is stdout.
    known
        The endings that are allowed, in lower case, and what each means.
    otherwise
        What a name without an ending means; None: it must have one.
    packed
        Whether text may be packed: `p.csv.gz`.

    Raises
    ------
    Usage
        The name ends in something else.

    Examples
    --------
    >>> meant("--output", "p.CSV.gz", ROWS, packed=True), meant("--output", "-", ROWS, "csv")
    ('csv', 'csv')
    """
    name = Path(path).name
    is_packed = packed and name.endswith(".gz")
    suffix = Path(name.removesuffix(".gz") if is_packed else name).suffix
    kind = known.get(suffix.lower())
    if kind is not None and (not is_packed or kind in PACKABLE):
        return kind
    if otherwise is not None and not is_packed and not is_ending(suffix):
        return otherwise  # `model-0.1` has none
    raise Usage(f"{option} must end in {' or '.join(known)}, got {str(path)!r}")
