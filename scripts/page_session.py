"""Run a page of the documentation from top to bottom, as a reader would who pastes every block.

All of a page's Python blocks run in one interpreter, in order, in a folder of their own; so do the lines of its shell
blocks that begin with a command of `COMMANDS` (installing is left out). A block of text under a block of code is what
that prints. What a page needs first and does not show stands in it as `<!-- first: examples/explain.py -->` or
`<!-- first: glassnet train penguins -->`; a block that is not to be run stands under `<!-- not run: WHY -->`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("glassnet ", "python ", "head ")
FIRST = re.compile(r"^<!-- first: (.+?) -->$", re.MULTILINE)
CODE = re.compile(
    r"^(?P<marker><!-- [^\n]+ -->\n)?```(?P<language>python|sh)\n(?P<code>.*?)^```\n"
    r"(?:\n```text\n(?P<shown>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A block of code, and where in the page what it prints stands."""

    language: str
    code: str
    shown: str | None
    place: tuple[int, int]
    line: int


def blocks(page: str) -> list[Block]:
    """The blocks of a page that are run."""
    found = []
    for match in CODE.finditer(page):
        if (match["marker"] or "").startswith("<!-- not run: "):
            continue
        line = page.count("\n", 0, match.start("code")) + 1
        found.append(Block(match["language"], match["code"], match["shown"], match.span("shown"), line))
    return found


def run(page: str, folder: Path) -> list[str]:
    """What each block prints, the page run in `folder`; RuntimeError names the line of a block that fails."""
    first = [("first", FIRST.findall(page), 0)]
    told = json.dumps([*first, *((block.language, block.code, block.line) for block in blocks(page))])
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, __file__], input=told, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [cleaned(printed) for printed in json.loads(done.stdout)[1:]]


def cleaned(printed: str) -> str:
    """Lines without blanks at their ends, and no empty ones before the first and after the last."""
    return "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")


def filled(page: str, pictures: Path) -> str:
    """The page with what its blocks print now; the pictures they make go to `pictures`, where the page shows them."""
    with tempfile.TemporaryDirectory() as name:
        printed = run(page, Path(name))
        for made in Path(name).iterdir():
            if f"{pictures.name}/{made.name})" in page:
                pictures.mkdir(exist_ok=True)
                made.replace(pictures / made.name)
    for block, text in reversed(list(zip(blocks(page), printed, strict=True))):
        if block.shown is not None:
            start, end = block.place
            page = page[:start] + text + "\n" + page[end:]
    return page


# ── In the interpreter that runs the page ───────────────────────────────────────────────────────────────────────────


def inside() -> None:
    """Take blocks as JSON from stdin, run them, write what each prints as JSON to stdout."""
    told = json.load(sys.stdin)
    real, printed = os.dup(1), []
    variables: dict[str, object] = {"__name__": "__main__"}
    for language, code, line in told:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as caught:
            os.dup2(caught.fileno(), 1)
            try:
                run_block(language, code, line, variables)
            finally:
                sys.stdout.flush()
                os.dup2(real, 1)
            caught.seek(0)
            printed.append(caught.read())
    json.dump(printed, sys.stdout)


def run_block(language: str, code: str | list[str], line: int, variables: dict[str, object]) -> None:
    """One block: Python in the page's interpreter, commands in a shell."""
    if language == "python":
        exec(compile("\n" * (line - 1) + str(code), "the page", "exec"), variables)  # its lines are those of the page
        return
    if language == "sh":
        commands = [part for part in re.split(r"(?<!\\)\n", str(code)) if part.startswith(COMMANDS)]
        subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], check=True)
        return
    for what in code:  # what a page needs first
        if what.startswith("examples/"):
            exec((ROOT / what).read_text(), variables)
        else:
            subprocess.run(what, shell=True, check=True)


if __name__ == "__main__":
    inside()
