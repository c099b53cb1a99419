"""Write into README.md and docs/ what comes from running glassnet and its benchmarks.

The pages in `RUN` are run from top to bottom (`page_session`), `docs/everything.md` is written by `write_everything`.

A fenced block under a line `<!-- examples/xor.py -->` holds that file, one under `<!-- the output of COMMAND -->` what
the command prints. Between `<!-- the race, from benchmarks/race.json -->` and `<!-- end -->` stands a summary of the
race, and between `<!-- HEADING, from benchmarks/results.md -->` and `<!-- end -->` what tables that section has. Under
`<!-- the causes, from glassnet.doctor -->` stands why networks do not learn, as `gn.diagnose` knows it.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import page_session

ROOT = Path(__file__).resolve().parent.parent
NAMES = (
    *("accuracy", "architecture", "tutorials", "engines", "explain", "eject", "ejected-xor", "ejected-tychobra"),
    "scikit-learn",
    "compare",
    "diagnosis",
    "plan-a-cluster",
)
RUN = (
    "first-hour",
    "tables",
    "recipes",
    "compare",
    "evaluate",
    "trust",
    "search",
    "large",
    "workers",
    "lottery",
    "diagnosis",
)  # run in order, with what each block prints
PAGES = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in NAMES)]
PICTURES = ROOT / "docs" / "pictures"
GLASSNET = [sys.executable, "-m", "glassnet.cli"]
PENGUINS = ["train", "penguins", "--recipe", "small", "--quiet", "--no-plot"]  # what others read
BLOCK = re.compile(
    r"<!-- (?P<what>(?:the output of |examples/)[^>\n]+) -->\n```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
MEASURED = re.compile(
    r"<!-- (?P<what>[^>\n]+), from (?P<file>benchmarks/[^>\n]+|glassnet.doctor) -->\n(?P<text>.*?)<!-- end -->",
    re.DOTALL,
)


def main() -> None:
    """Every page, and the pictures of an explanation."""
    subprocess.run([sys.executable, ROOT / "examples" / "eject_tutorials.py"], check=True)
    subprocess.run([sys.executable, ROOT / "scripts" / "draw_architecture.py"], check=True)
    subprocess.run([sys.executable, ROOT / "scripts" / "write_everything.py"], check=True)
    draw()
    for name in RUN:
        page = ROOT / "docs" / f"{name}.md"
        page.write_text(page_session.filled(page.read_text(), PICTURES))
    for page in PAGES:
        text = BLOCK.sub(lambda block: filled(block["what"], block["language"]), page.read_text())
        page.write_text(with_measured(text))


def draw() -> None:
    """The penguins' network with the values of one bird, and, where Chromium is installed, the page about it."""
    row = ["explain", "penguins.glass", "penguins", "--row", "3"]
    with tempfile.TemporaryDirectory() as folder:
        for words in (PENGUINS, [*row, "--picture", "penguins-network.svg"], [*row, "--html", "page.html"]):
            subprocess.run([*GLASSNET, *words], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        shutil.copy(Path(folder) / "penguins-network.svg", PICTURES)
        chromium = shutil.which("chromium")
        if chromium is not None:
            page = f"file://{folder}/page.html"
            look = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1060,1250"]
            picture = f"--screenshot={PICTURES / 'explain-page.png'}"
            subprocess.run([chromium, *look, picture, page], check=True, stderr=subprocess.DEVNULL)


def filled(what: str, language: str) -> str:
    """The block with what belongs into it now."""
    return f"<!-- {what} -->\n```{language}\n{content(what)}\n```"


def content(what: str) -> str:
    """A file, or what a command prints."""
    if not what.startswith("the output of "):
        return (ROOT / what).read_text().rstrip()
    command = shlex.split(what.removeprefix("the output of "))
    if command[0] == "Rscript":
        return printed(["Rscript", str(ROOT / command[1])])
    if command[0] != "glassnet":
        return printed([sys.executable, str(ROOT / command[0]), *command[1:]])
    plot = ["--plot", f"{command[-1]}-loss.png"] if command[1] == "reproduce" else []
    return printed([*GLASSNET, *command[1:], *plot])


def printed(command: list[str]) -> str:
    """The standard output of a command, run in a folder of its own; its pictures go to docs/pictures."""
    with tempfile.TemporaryDirectory() as folder:
        if "penguins.glass" in command:
            subprocess.run([*GLASSNET, *PENGUINS], cwd=folder, check=True)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        for picture in Path(folder).glob("*.png"):
            shutil.copy(picture, PICTURES)
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


def with_measured(text: str) -> str:
    """A page with what the benchmarks say now."""
    return MEASURED.sub(
        lambda block: (
            f"<!-- {block['what']}, from {block['file']} -->\n{measured(block['what'], block['file'])}\n<!-- end -->"
        ),
        text,
    )


def measured(what: str, file: str) -> str:
    """The summary of a race, the tables of a section, or the causes that a diagnosis knows."""
    if what == "the causes":
        return causes()
    text = (ROOT / file).read_text()
    if what != "the race":
        return tables(text, what)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from race.summary import summary

    return summary(json.loads(text))


def causes() -> str:
    """The causes as a table: what is measured, what is changed."""
    from glassnet.doctor.causes import MEASURED
    from glassnet.doctor.changes import CHANGES, OVERFITTING

    rows = [("cause", "what speaks for it", "what is tried"), ("---", "---", "---")]
    for change in (*CHANGES, OVERFITTING):
        done = (change.make.__doc__ or "").splitlines()[0].rstrip(".")
        rows.append((change.cause, MEASURED[change.cause], done[0].lower() + done[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def tables(text: str, heading: str) -> str:
    """The tables under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"there is no section {heading!r}")
    return "\n\n".join(table.strip() for table in re.findall(r"(?:^\|.*\n)+", found[1], re.MULTILINE))


if __name__ == "__main__":
    main()
