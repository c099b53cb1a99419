"""`glassnet play`: the page, opened. Nothing here needs typer."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from glassnet import datasets
from glassnet.cli.failures import INPUT_OUTPUT, OK, Usage
from glassnet.cli.option_names import understood
from glassnet.cli.running import running
from glassnet.cli.tables import read_table, usual_in
from glassnet.cli.wrong import tell
from glassnet.data.tables import Table
from glassnet.data.tables.notation import PLAIN, Notation
from glassnet.data.tables.wording import nearest

if TYPE_CHECKING:
    from glassnet.playground.options import Options
    from glassnet.playground.session import Session


def play(argv: Sequence[str] = ()) -> int:
    """Open a page in the browser: watch a network learn, touch it, bring your own table."""
    return running(argv, lambda: opened(argv), ctrl_c_ends_it=True)


def opened(argv: Sequence[str]) -> int:
    """The page, until Ctrl-C."""
    from glassnet.playground.options import COMMAND, NAMES, VALUED, read
    from glassnet.playground.serve import PortError, serve
    from glassnet.playground.stories import STORIES

    given, others = understood(argv, NAMES, COMMAND, VALUED)
    try:
        options = read([*given, *others], {story.name: first_sentence(story.sentence) for story in STORIES})
    except SystemExit:  # --help
        return OK
    session = session_of(options, [story.name for story in STORIES])
    try:
        serve(session.handle, port=options.port, token=options.token, open_browser=options.open_browser)
    except PortError as error:
        return tell(INPUT_OUTPUT, str(error), argv)
    return OK


def first_sentence(text: str) -> str:
    """A text up to its first full stop or question mark, for a line of help.

    >>> first_sentence("Is 0.5 a half? Yes.")
    'Is 0.5 a half?'
    """
    return shorten(re.split(r"(?<=[.?]) ", text)[0], 70, placeholder=" …")


def session_of(options: Options, stories: Sequence[str]) -> Session:
    """The run that was asked for.

    Raises
    ------
    Usage
        Options do not go together.
    OSError, DataError, ModelFileError
        A file is not there, or not what it should be.
    """
    from glassnet.playground.session import Session

    what, columns = options.what, options.target is not None or bool(options.exclude)
    if options.model is not None:
        if columns:
            raise Usage("--target and --exclude are not for a model, which knows its columns; leave them out")
        if what is None:
            raise Usage("--model is shown on a table: glassnet play TABLE --model FILE")
        from glassnet.model.load import load

        model = load(options.model)
        return Session.of_model(model, table_of(what, stories, usual_in(model)))
    what = stories[0] if what is None else what
    if what not in stories or (columns and what in datasets.NAMES):
        return Session.of_table(table_of(what, stories), target=options.target, exclude=options.exclude)
    if columns:
        raise Usage(f"--target and --exclude are for a table, and {what} is a story; leave them out")
    return Session.of_story(what)


def table_of(name: str, stories: Sequence[str], usual: Notation = PLAIN) -> Table:
    """The table of that name, built in or a file, which a model reads in its usual notation."""
    from glassnet.playground.uploads import as_written

    known = sorted({*stories, *datasets.NAMES})
    if name not in (*datasets.NAMES, "-") and not os.path.lexists(name) and "." not in os.path.basename(name):
        near = nearest(name, known)
        hint = f"did you mean {near[0]}" if near else f"there are {', '.join(known)}"
        raise FileNotFoundError(errno.ENOENT, f"no such file, and no such story ({hint})", name)
    table = read_table(name, usual=usual)
    return table if name in (*datasets.NAMES, "-") or usual != PLAIN else as_written(Path(name), table)
