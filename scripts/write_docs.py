"""Write into README.md and docs/ what comes from running glassnet.

A fenced block under a line `<!-- examples/xor.py -->` holds that file, one under `<!-- the output of COMMAND -->` what
the command prints.
"""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BLOCK = re.compile(
    r"<!-- (?P<what>(?:the output of |examples/)[^>\n]+) -->\n```(?P<language>\w*)\n(?P<text>.*?)\n```", re.DOTALL
)


def main() -> None:
    """Every page."""
    for page in (ROOT / "README.md", ROOT / "docs" / "tutorials.md"):
        page.write_text(BLOCK.sub(lambda block: filled(block["what"], block["language"]), page.read_text()))


def filled(what: str, language: str) -> str:
    """The block with what belongs into it now."""
    return f"<!-- {what} -->\n```{language}\n{content(what)}\n```"


def content(what: str) -> str:
    """A file, or what a command prints."""
    if not what.startswith("the output of "):
        return (ROOT / what).read_text().rstrip()
    command = shlex.split(what.removeprefix("the output of "))
    if command[0] != "glassnet":
        return printed([sys.executable, str(ROOT / command[0])])
    plot = ["--plot", f"{command[-1]}-loss.png"] if command[1] == "reproduce" else []
    return printed([sys.executable, "-m", "glassnet.cli", *command[1:], *plot])


def printed(command: list[str]) -> str:
    """The standard output of a command, run in an empty folder; its pictures go to docs/pictures."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        for picture in Path(folder).glob("*.png"):
            shutil.copy(picture, PICTURES)
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


if __name__ == "__main__":
    main()
