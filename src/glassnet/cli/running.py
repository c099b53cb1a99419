"""Running a command: what it prints suits the terminal, and its errors become one line and an exit code."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from glassnet import ending
from glassnet.cli.failures import BROKEN_PIPE, INTERRUPTED, OK, answer
from glassnet.cli.wrong import drop_output, one_line, tell
from glassnet.printable import REPLACING, register


def running(argv: Sequence[str], command: Callable[[], Any], *, ctrl_c_ends_it: bool = False) -> int:
    """Run a command that was asked for by a command line; its exit code.

    `ctrl_c_ends_it`: that is how it is ended, and no interruption.
    """
    ending.begin()
    code = code_of(argv, command)
    if ctrl_c_ends_it and ending.signal_code() == INTERRUPTED:
        return ending.leave(code)
    return ending.leave(ending.signal_code() or code)


def code_of(argv: Sequence[str], command: Callable[[], Any]) -> int:
    """The exit code of a command by itself."""
    register()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=REPLACING)  # a terminal that cannot show R² gets R^2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = show_warning
            code = command()
        sys.stdout.flush()
        return code if isinstance(code, int) else OK
    except BrokenPipeError:  # `glassnet … | head`: nobody reads on
        drop_output()
        return BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        exit_code, words = answer(error)
        return exit_code if words in ending.SAID else tell(exit_code, words, argv)


def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as one line."""
    print(f"note: {one_line(str(message))}", file=sys.stderr)
