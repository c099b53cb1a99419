"""What Ctrl-C, SIGTERM and SIGHUP mean for the command line: it ends within two seconds, and what there is is saved.

    while glassnet is imported    it ends at once, for there is nothing yet
    while it trains               the step in progress is finished, the model saved, and as much told as time allows
    elsewhere                     KeyboardInterrupt: what is half done is undone
    `LIMIT` seconds later         another thread ends it, whatever goes on, and saves what was whole by then
    the second time               it ends at once

In a program of one's own that imports glassnet, nothing of this is so. This file is the first that is imported, and
imports next to nothing before it hears: whoever presses Ctrl-C after a tenth of a second is heard as well.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from types import FrameType
    from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
PROGRAM, MODULES = "glassnet", ("glassnet", "glassnet.__main__", "glassnet.cli", "glassnet.cli.__main__")
LIMIT = 1.5  # seconds, of the two; what is left is for saving
ECHO = 0.1  # seconds: `timeout` and others that start programs send a signal twice, and mean one
TO_SAY = 0.5  # seconds that who ends this process has for its words, when another thread would end it as well
NOTHING = "interrupted; nothing was saved"

TAKEN: list[int] = []  # the signals that are heard here
FIRST: list[tuple[int, float]] = []  # the one that came first, and when
TERMINALS: list[int] = []  # stdout and stderr, where they are one
SAVED: list[str] = []  # what is to be said of the model that was saved
KEPT: dict[str, str] = {}  # the folder in which a command keeps what it trains, and what goes on with that
SAID: list[str] = []  # what was said on stderr
SAYING = allocate_lock()  # taken by who ends this process, for good
DONE: list[int] = []  # the exit code, where the command came to its end by itself


# while glassnet is imported


def is_command_line() -> bool:
    """Whether this process was started as the command line: by `python -m glassnet`, or by the script `glassnet`."""
    if sys.argv[:1] == ["-m"]:  # Python looks for the module, and will run it
        return sys.orig_argv[-len(sys.argv)].removeprefix("-m") in MODULES
    return os.path.splitext(os.path.basename((sys.argv or [""])[0]))[0] == PROGRAM


def take() -> None:
    """Hear the signals from here on, but those that are ignored; until `begin`, by ending at once."""
    for signum in [getattr(signal, name) for name in NAMES if name in vars(signal)]:
        if signal.getsignal(signum) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(signum, at_once)
            TAKEN.append(signum)


def at_once(signum: int, frame: FrameType | None = None) -> None:
    """End; by the signal that came first, if it is not the first."""
    end(128 + (FIRST[0][0] if FIRST else signum), SAVED[0] if SAVED else without_model())


def without_model() -> str:
    """What is said where no model was saved."""
    for folder, goes_on in KEPT.items():
        return f"interrupted; no model was saved, and {goes_on} with what is kept in {folder}"
    return NOTHING


def end(code: int, words: str) -> None:
    """Say these words, and end: not by way of Python, which would wait for its threads."""
    SAYING.acquire(timeout=TO_SAY)  # where another thread has it, that one will end it
    if words not in SAID:
        SAID.append(words)
        bar = "\r\x1b[2K\x1b[?25h" if os.isatty(2) else ""  # a bar that stands there goes, and the cursor comes back
        write(2, f"{bar}{'error: ' * (words == without_model())}{words}\n")
    if "--json" in sys.orig_argv:
        write(1, f'{{"error": {{"code": {code}, "message": {quoted(words)}}}}}\n')
    os._exit(code)


def quoted(words: str) -> str:
    """Words as JSON has them."""
    if words == NOTHING:  # perhaps it is json that is being imported
        return f'"{words}"'
    import json

    return json.dumps(words)


def write(stream: int, text: str) -> None:
    """Write to stdout or stderr, whoever else is writing to it; not if nobody reads."""
    try:
        if os.name != "nt":
            from select import select

            if not select([], [stream], [], 0)[1]:
                return
        os.write(stream, text.encode("utf-8", "replace"))
    except (OSError, ValueError):  # it is closed, or a terminal that is gone
        pass


if is_command_line():
    take()


# while a command is at work


def begin() -> None:
    """All is imported, and a command begins."""
    import socket
    import threading

    from glassnet import interrupts

    KEPT.clear()
    if not TAKEN or interrupts.TAKEN:
        return
    interrupts.TAKEN.extend(TAKEN)
    TERMINALS.extend(stream for stream in (1, 2) if os.isatty(stream))
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)  # gets every signal as a byte, at once
    sys.excepthook = quiet(sys.excepthook)
    sys.unraisablehook = quiet(sys.unraisablehook)
    threading.excepthook = quiet(threading.excepthook)
    threading.Thread(target=watch, args=[reader], daemon=True).start()
    for signum in TAKEN:
        signal.signal(signum, heard)


def quiet(hook: Callable[..., Any]) -> Callable[..., None]:
    """A hook that tells of errors, and not of those that an interruption leads to."""

    def told(*args: Any) -> None:
        if not FIRST:
            hook(*args)

    return told


def heard(signum: int, frame: FrameType | None) -> None:
    """Between two instructions of the main thread: note it, or KeyboardInterrupt; the second time it ends."""
    from glassnet.interrupts import hear

    if not FIRST:
        FIRST.append((signum, time.monotonic()))
        leave_terminals_that_are_gone()
        hear(signum, frame)
    elif time.monotonic() - FIRST[0][1] > ECHO:
        at_once(signum)


def leave_terminals_that_are_gone() -> None:
    """What is still said to a terminal that was closed goes nowhere: it would be an error, and nothing be saved."""
    for stream in TERMINALS:
        if not os.isatty(stream):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def watch(signals: socket) -> None:
    """In a thread of its own: give the main thread its time, and end if it takes longer, or at a second signal."""
    from threading import Thread

    first = signals.recv(1)[0]
    while first not in TAKEN:
        first = signals.recv(1)[0]
    came = time.monotonic()
    while (left := came + LIMIT - time.monotonic()) > 0.0:
        signals.settimeout(left)
        try:
            again = signals.recv(1)[0]
        except TimeoutError:
            break
        if again in TAKEN and time.monotonic() - came > ECHO:
            at_once(first)
    Thread(target=end_with_what_there_is, args=[first], daemon=True).start()
    signals.settimeout(None)
    while signals.recv(1)[0] not in TAKEN:
        pass
    at_once(first)


def end_with_what_there_is(signum: int) -> None:
    """Save what was whole by now, if the main thread has not, and end."""
    from glassnet.interrupts import ENDING, so_far

    with ENDING:
        if DONE:
            os._exit(DONE[0])
        try:
            found = SAVED[0] if SAVED else so_far()
        except Exception as error:
            found = f"interrupted, and the model could not be saved: {error}"
        end(128 + signum, found if isinstance(found, str) else without_model())


def signal_code() -> int:
    """The exit code of the signal that this process was asked to end by; 0: it was not."""
    return 128 + FIRST[0][0] if FIRST else 0


def leave(code: int) -> int:
    """The exit code of a command that is through; if it was asked to end, the process does so here."""
    from contextlib import suppress

    if FIRST:
        DONE.append(code)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    return code
