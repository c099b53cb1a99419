"""What `glassnet play` is told, read by the standard library alone: the page needs nothing else to open."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from glassnet.playground.guard import check_token

COMMAND = "glassnet play"
VALUED = ("--target", "-t", "--exclude", "--model", "--port", "--token")
NAMES = (*VALUED, "--no-browser", "--help")

ABOUT = """Open a page on which a network learns before your eyes. Every number on it adds up,
time runs both ways, and your own table takes the place of the toy. The page is on
this machine alone."""

EXAMPLES = """examples:
  glassnet play                                XOR: the smallest worth a look
  glassnet play spirals                        another story
  glassnet play wine.csv --target quality      your own table
  glassnet play wine.csv --model wine.glass    a saved model, on a table

On another machine, with the page here:
  ssh -L 8123:localhost:8123 NAME glassnet play --port 8123 --no-browser"""


class WrongOption(ValueError):
    """A command line that `glassnet play` does not understand: says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for.

    Attributes
    ----------
    what
        A story's name, or a table's; None: none was given.
    target, exclude
        The column to predict, and those that nothing is learnt from.
    model
        The file of a model to show.
    port, token
        Where the page is, 0: anywhere; and what opens it, None: something new.
    open_browser
        Whether it is opened at once.
    """

    what: str | None = None
    target: str | None = None
    exclude: tuple[str, ...] = ()
    model: Path | None = None
    port: int = 0
    token: str | None = None
    open_browser: bool = True


class Parser(argparse.ArgumentParser):
    """A parser whose errors are errors, and not the end of the program."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong."""
        raise WrongOption(f"{message.removeprefix('argument ')}; see {COMMAND} --help")


class Once(argparse.Action):
    """An option that is given once: of two values one would be forgotten."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        """Keep the value."""
        if getattr(namespace, self.dest) is not self.default:
            raise WrongOption(f"{option} is given more than once; give it once")
        setattr(namespace, self.dest, values)


def read(argv: Sequence[str], stories: Mapping[str, str]) -> Options:
    """The options in the words after `glassnet play`.

    Parameters
    ----------
    argv
        The words.
    stories
        What the page can open with, and what each is about, for --help.

    Raises
    ------
    WrongOption
        They are none.
    SystemExit
        --help was asked for, and is printed.
    """
    given = vars(parser(stories).parse_args([*argv]))
    given["exclude"] = tuple(name for names in given["exclude"] or () for name in names.split(",") if name)
    return Options(**given)


def parser(stories: Mapping[str, str]) -> Parser:
    """What reads them, and explains them."""
    room = max(map(len, stories), default=0)
    told = "\n".join(["stories:", *(f"  {name:{room}}  {about}" for name, about in stories.items())])
    found = Parser(
        prog=COMMAND,
        usage=f"{COMMAND} [STORY | TABLE] [OPTIONS]",
        description=ABOUT,
        epilog=f"{told}\n\n{EXAMPLES}\n\nCtrl-C ends it.",
        formatter_class=partial(argparse.RawDescriptionHelpFormatter, max_help_position=30),
        add_help=False,
        allow_abbrev=False,
    )
    add = found.add_argument
    add("what", metavar="STORY | TABLE", nargs="?", help="a story below; or a table: a file, - for stdin")
    add("--target", "-t", metavar="COLUMN", action=Once, help="the column to predict; default: a guess")
    add("--exclude", metavar="COLUMN", action="append", help="do not learn from it: a,b or repeat")
    add("--model", metavar="FILE", type=Path, action=Once, help="show a saved model, on the table")
    add("--port", metavar="N", type=port, default=0, action=Once, help="where the page is; default: a free one")
    again = "what opens the page again after a restart; visible in this machine's list of programs; default: a new one"
    add("--token", metavar="TEXT", type=token, action=Once, help=again)
    add("--no-browser", dest="open_browser", action="store_false", help="print the address, and open nothing")
    add("--help", "-h", action="help", help="show this and end")
    return found


def port(text: str) -> int:
    """A port's number.

    >>> port("8123")
    8123
    """
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535, got {text!r}")
    return int(text)


def token(text: str) -> str:
    """A token of one's own."""
    try:
        return check_token(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
