"""The command line: `glassnet train penguins`, and what comes after it.

Each command is one file. They share how a table is named and read (`tables`), where results go (`outputs`), how
they are shown (`screen`, `score`) and how errors become one line and an exit code (`failures`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from glassnet import ending
from glassnet.cli.wrong import tell
from glassnet.errors import install


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's; its exit code."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the shell: >&-
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - open until the end
    if argv is None and threading.current_thread() is threading.main_thread():
        ending.take()
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        if argv[:1] == ["play"]:
            from glassnet.cli.play import play

            return play(argv[1:])
        from glassnet.cli.app import run
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in ("typer", "rich"):
            raise
        return tell(5, f"the command line needs {missing}, which is not installed; {install('cli')}", argv)
    except KeyboardInterrupt:
        return tell(130, ending.NOTHING, argv)
    return run(argv)
