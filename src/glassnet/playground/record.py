"""A run as one file of HTML that needs neither Python nor a network: it scrubs, and explains what was explained.

What the page was answered is kept as it was answered, for some steps, rows and units: the page in the file asks the
same questions, and finds the answers beside it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from glassnet.playground.asked import Message
from glassnet.playground.envelope import write_reply
from glassnet.playground.reply import Handler
from glassnet.playground.site_files import in_one_module, site_files

MOST_ANSWERS = 500  # explanations
MOST_STEPS = 60
ALL_ROWS = 4  # of more, only the one that is looked at
NOBODY = "the saved run"  # who asks

# what cannot be done in a saved run
HIDDEN = """
[data-panel=settings], [data-panel=pad], .stories, [data-key=copy], [data-key=leave], [data-key=fresh],
[data-key=sample], button[data-key=epoch], [data-key=speed], [data-key=diagnose], [data-key=lottery],
label:has(> [data-key=digits]) {
  display: none !important;
}
"""

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' blob:; \
style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<div id="glassnet" class="glassnet"></div>
<noscript>This saved run needs JavaScript.</noscript>
<script type="application/octet-stream" id="run">{run}</script>
<script type="module">
{module}
</script>
</body>
</html>
"""


def steps_of(last: int, most: int) -> list[int]:
    """The steps that are kept: close together at first, where most happens, and evenly after.

    >>> steps_of(1000, 8)
    [0, 1, 10, 100, 250, 500, 750, 1000]
    """
    most = max(2, min(most, last + 1))
    early = np.geomspace(1, max(last, 1), most // 2) if last else [0]
    evenly = np.linspace(0, last, most - most // 2 + 1)
    return sorted({0, *(int(step) for step in np.rint([*early, *evenly])), last})


def recorded(
    handle: Handler, *, title: str, last: int, rows: Sequence[int], units: Sequence[str], phases: int
) -> bytes:
    """The page with a run in it.

    Parameters
    ----------
    handle
        Answers the page's messages.
    title
        Of the page.
    last
        The step that the run came to.
    rows, units, phases
        Those whose numbers are explained, and how many phases.
    """
    most = min(MOST_STEPS, max(6, MOST_ANSWERS // max(1, len(rows) * (len(units) + phases))))
    kept = steps_of(last, most)
    answers = dict(asked(handle, kept, rows, units, phases))
    page = site_files()
    style = "\n".join(file.content.decode() for name, file in page.items() if name.endswith(".css")) + HIDDEN
    return HEAD.format(
        title=escape(title),
        style=style,
        run=base64.b64encode(packed({"steps": kept, "rows": list(rows)}, answers)).decode(),
        module=in_one_module("saved.js"),
    ).encode()


def asked(handle: Handler, steps: Sequence[int], rows: Sequence[int], units: Sequence[str], phases: int) -> Any:
    """Each answer, by what was asked for."""

    def answer(**message: Any) -> bytes:
        asking: Message = {"id": 0, "client": NOBODY, **message}
        return write_reply(handle(asking, b""))

    view = {"row": rows[0], "res": 64}
    yield "hello", answer(op="hello", view=view)
    for step in steps:
        for row in rows:
            yield f"{step}/{row}", answer(op="seek", step=step, view={**view, "row": row}, whole=True)
            for unit in units:
                yield f"{step}/{row}/{unit}", answer(op="explain", what={"unit": unit}, row=row)
            for k in range(phases):
                yield f"{step}/{row}/phase {k}", answer(op="explain", what={"phase": k}, row=row)
        yield f"{step}/rows", answer(op="rows", start=0, count=25)


def packed(about: Mapping[str, Any], answers: Mapping[str, bytes]) -> bytes:
    """Answers one after the other, each from a multiple of 8 bytes on, with a list of where they are; compressed."""
    parts, places, at = [], {}, 0
    for key, data in answers.items():
        places[key] = [at, len(data)]
        room = -len(data) % 8
        parts.append(data + bytes(room))
        at += len(data) + room
    head = json.dumps({**about, "places": places}).encode()
    head += b" " * (-(len(head) + 4) % 8)
    return gzip.compress(len(head).to_bytes(4, "little") + head + b"".join(parts), mtime=0)
