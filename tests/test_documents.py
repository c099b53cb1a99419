"""Every block of code in the documentation runs, in the order of its page, and prints what stands under it."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    "docs/first-hour.md",
    "docs/tables.md",
    "docs/explain.md",
    "docs/eject.md",
    "docs/engines.md",
    "docs/many.md",
    "docs/search.md",
    "docs/large.md",
    "docs/workers.md",
    "docs/lottery.md",
    "docs/diagnosis.md",
    "docs/recipes.md",
    "docs/compare.md",
    "docs/evaluate.md",
    "docs/scikit-learn.md",
    "docs/trust.md",
]


def by_path(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page_session():
    return by_path("page_session")


def without_what_varies(text):
    """Text without seconds, versions and last digits; lines of which may break elsewhere for it."""
    text = re.sub(r"(in|·) \d[\d.]* s\b", "… s", text)
    text = re.sub(r"-?\d[\d.]*e-\d+|-?\d+\.\d{7,}|-?0\.0\d{5,}|(?<=run by )[^:\n]+", "…", text)
    return " ".join(text.split())


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs_and_prints_what_the_page_shows(page, page_session, tmp_path):
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks, printed = page_session.blocks(text), page_session.run(text, tmp_path)
    assert blocks
    for block, now in zip(blocks, printed, strict=True):
        if block.shown is not None:
            assert without_what_varies(now) == without_what_varies(block.shown), f"{page}, line {block.line}"


def test_a_block_that_fails_is_named_by_its_line(page_session, tmp_path):
    page = "# A page\n\n```python\nx = 1\n```\n\ntext\n\n```python\nx = 2\nx / 0\n```\n"
    with pytest.raises(RuntimeError, match=r"line 11[^$]*ZeroDivisionError"):
        page_session.run(page, tmp_path)


def test_blocks_share_one_interpreter_and_one_folder_with_the_commands(page_session, tmp_path):
    page = (
        "<!-- first: python -c \"print(1, file=open('one.txt', 'w'))\" -->\n\n"
        "```python\nx = int(open('one.txt').read())\nprint(x)\n```\n\n```text\n```\n\n"
        "```sh\npython -c 'print(2)'\npip install nothing-of-that-name\n```\n\n"
        "<!-- not run: it is only a thought -->\n```python\nx / 0\n```\n\n"
        "```python\nx += 1\nprint(x)\n```\n"
    )
    assert page_session.run(page, tmp_path) == ["1", "2", "2"]
    assert page_session.filled(page, tmp_path).count("```text\n1\n```") == 1


def test_the_causes_that_a_diagnosis_knows_are_all_on_its_page():
    sys.path.insert(0, str(ROOT / "scripts"))
    table = by_path("write_docs").causes()
    assert table in (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8"), "run scripts/docs"


def test_everything_on_one_page_is_of_this_code():
    sys.path.insert(0, str(ROOT / "scripts"))
    page = by_path("write_everything").page()
    assert page == (ROOT / "docs" / "everything.md").read_text(encoding="utf-8"), "run scripts/docs"
    for picture in re.findall(r"\]\((pictures/[^)]+)\)", page):
        assert (ROOT / "docs" / picture).exists()
