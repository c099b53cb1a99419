"""What README.md and docs/ show is true: code is from examples/, outputs are what comes out, numbers were measured."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README, ENGINES = ((ROOT / name).read_text() for name in ("README.md", "docs/engines.md"))
BLOCKS = dict(re.findall(r"<!-- ([^>\n]+) -->\n```\w*\n(.*?)\n```", README + ENGINES, re.DOTALL))
EXAMPLES = ["examples/first.py", "examples/xor.py", "examples/tychobra.py", "examples/diagnose.py"]


WITHOUT_NUMBA = """\
import runpy, sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def trimmed(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def without_seconds(text):
    """The paragraphs; one that tells how long it took breaks its lines by how many digits that has."""
    paragraphs = re.sub(r"in\s[\d.]+\ss", "in … s", "\n".join(trimmed(text))).split("\n\n")
    return [" ".join(part.split()) if "in … s" in part else part for part in paragraphs]


@pytest.fixture(scope="module")
def write_docs():
    sys.path.insert(0, str(ROOT / "scripts"))  # where it finds its own modules
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_shown_as_it_is_in_at_most_ten_lines(example):
    code = (ROOT / example).read_text().rstrip()
    assert BLOCKS[example] == code
    assert len([line for line in code.splitlines() if line]) <= 10


@pytest.mark.parametrize(("page", "program"), [("ejected-xor", "xor.py"), ("ejected-tychobra", "tychobra.R")])
def test_the_ejected_tutorials_are_shown_as_they_are(page, program):
    assert (ROOT / "examples" / "ejected" / program).read_text().rstrip() in (ROOT / "docs" / f"{page}.md").read_text()


@pytest.mark.parametrize("before", [[], ["-c", WITHOUT_NUMBA]], ids=["as it is", "without Numba"])
@pytest.mark.parametrize("example", [*EXAMPLES, "examples/loops.py"])
def test_an_examples_output_is_what_it_prints(example, before, tmp_path):
    command = [sys.executable, *before, ROOT / example]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert trimmed(done.stdout) == trimmed(BLOCKS[f"the output of {example}"])


def test_the_main_job_prints_what_the_readme_shows_but_for_the_seconds(tmp_path):
    command = [sys.executable, "-m", "glassnet.cli", "train", "penguins"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert without_seconds(done.stdout) == without_seconds(BLOCKS["the output of glassnet train penguins"])


def test_more_of_it_can_be_pasted_from_top_to_bottom(tmp_path):
    code = re.search(r"^## More of it\n.*?^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[1]
    (tmp_path / "pasted.py").write_text(code.replace("range(200)", "range(3)"), encoding="utf-8")
    rows = "".join(f"{k % 7},{'Bern' if k % 3 else 'Chur'},{100 * (k % 7) + 50 * (k % 3)}\n" for k in range(40))
    (tmp_path / "my.csv").write_text(f"rooms,town,price\n{rows}", encoding="utf-8")
    done = subprocess.run([sys.executable, "-W", "error", "pasted.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my.glass").exists()


def test_both_set_up_commands_make_and_use_their_own_environment():
    commands = re.findall(r"^python3 .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for command in commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_measured_numbers_are_those_of_the_last_benchmark(page, write_docs):
    text = page.read_text()
    assert write_docs.with_measured(text) == text


def test_the_race_and_its_tables_are_of_the_same_run():
    race = json.loads((ROOT / "benchmarks" / "race.json").read_text())
    assert race["where"] in (ROOT / "benchmarks" / "results.md").read_text()
    assert race["where"] in README
    predicting = {"W5, one row", "W5, 10,000 rows"}
    assert set(race["results"]) == {"W1", "W2", "W3", "W4", "W6", "W6b", "W6c", "start"} | predicting


def test_nobody_arrived_elsewhere_but_who_has_another_loss():
    race = json.loads((ROOT / "benchmarks" / "race.json").read_text())
    elsewhere = {
        (found["work"], one["name"].removesuffix(", one by one"))
        for found in race["results"].values()
        for one in found.get("contestants", ())
        if one.get("differs")
    }
    assert elsewhere <= {("W1", "scikit-learn"), ("W4", "PyTorch, bf16"), ("W6", "scikit-learn")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target, anchor in re.findall(r"\]\(((?!https?:)[^)#]*)(?:#([^)]*))?\)", page.read_text()):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
