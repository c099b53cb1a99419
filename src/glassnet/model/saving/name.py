"""The name of a model's file: any, but for those that say another kind of file."""

from __future__ import annotations

import os
from pathlib import Path

from glassnet.data.files.endings import MODELS, PAGES, PICTURES, PROGRAMS, SAME, TABLES

OTHERS = {suffix.lower() for kind in (PAGES, SAME, PICTURES, TABLES, *PROGRAMS.values()) for suffix in kind}


def check_name(path: str | os.PathLike[str]) -> None:
    """Refuse a name that ends as a table, a page, a picture or a program does, also one that is packed (`m.csv.gz`)."""
    name = Path(path).name.lower().removesuffix(".gz")
    if Path(name).suffix in OTHERS:
        raise ValueError(f"the name of a model must end in {' or '.join(MODELS)}, got {os.fspath(path)!r}")
