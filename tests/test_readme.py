"""The README shows what a user would see: its code is in examples/, its outputs are what comes out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = dict(re.findall(r"<!-- ([^>\n]+) -->\n```\w*\n(.*?)\n```", README, re.DOTALL))
EXAMPLES = ["examples/first.py", "examples/xor.py", "examples/tychobra.py"]


def trimmed(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_shown_as_it_is_in_at_most_ten_lines(example):
    code = (ROOT / example).read_text().rstrip()
    assert BLOCKS[example] == code
    assert len([line for line in code.splitlines() if line]) <= 10


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_examples_output_is_what_it_prints(example, tmp_path):
    done = subprocess.run([sys.executable, ROOT / example], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert trimmed(done.stdout) == trimmed(BLOCKS[f"the output of {example}"])


def test_the_main_job_prints_what_the_readme_shows_but_for_the_seconds(tmp_path):
    command = [sys.executable, "-m", "glassnet.cli", "train", "penguins"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    without_seconds = [re.sub(r"in [\d.]+ s", "in … s", line) for line in trimmed(done.stdout)]
    shown = [
        re.sub(r"in [\d.]+ s", "in … s", line) for line in trimmed(BLOCKS["the output of glassnet train penguins"])
    ]
    assert without_seconds == shown


def test_both_set_up_commands_make_and_use_their_own_environment():
    commands = re.findall(r"^python3 .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for command in commands)


def test_every_link_to_a_file_leads_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README):
        assert (ROOT / target).exists(), target
