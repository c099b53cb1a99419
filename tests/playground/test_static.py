"""The page's own files: what they may ask for, how they may be written, and how large they may be."""

import re
from graphlib import TopologicalSorter
from importlib.resources import files

import pytest

STATIC = {
    item.name: item.read_text(encoding="utf-8") for item in files("glassnet.playground").joinpath("static").iterdir()
}
SCRIPTS = {name: text for name, text in STATIC.items() if name.endswith(".js")}
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
FORBIDDEN = ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function", "document.querySelector")


def imported(text: str) -> list[str]:
    """What a module imports, as it is written."""
    return re.findall(r"^(?:import|export) [^;]*?from '([^']+)'", text, re.MULTILINE) + re.findall(
        r"^import '([^']+)'", text, re.MULTILINE
    )


def test_the_page_is_plain_files_of_three_kinds() -> None:
    assert {name.rpartition(".")[2] for name in STATIC} == {"html", "css", "js"}
    assert {"index.html", "style.css", "main.js", "start.js", "transport.js"} <= set(STATIC)


@pytest.mark.parametrize("name", STATIC)
def test_no_file_names_another_machine(name: str) -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\"`)]*", STATIC[name])
    assert not set(addresses) - NAMESPACES


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_do_not_make_code_or_elements_of_text(name: str) -> None:
    code = re.sub(r"/\*.*?\*/", "", SCRIPTS[name], flags=re.DOTALL)
    assert [word for word in FORBIDDEN if word in code] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_import_only_their_neighbours(name: str) -> None:
    asked = imported(SCRIPTS[name])
    assert all(re.fullmatch(r"\./\w+\.js", path) for path in asked)
    assert {path.removeprefix("./") for path in asked} <= set(SCRIPTS)


def test_imports_make_no_circle() -> None:
    graph = {name: {path.removeprefix("./") for path in imported(text)} for name, text in SCRIPTS.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(SCRIPTS)


def test_the_page_has_no_script_or_style_of_its_own_inside_html() -> None:
    page = STATIC["index.html"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


def test_every_file_of_scripts_says_first_what_it_is() -> None:
    assert [name for name, text in SCRIPTS.items() if not text.startswith("/**")] == []


def test_the_page_stays_small() -> None:
    lines = sum(text.count("\n") for text in SCRIPTS.values())
    size = sum(len(text.encode()) for text in STATIC.values())
    assert lines <= 2_800, f"{lines:,} lines of scripts"
    assert size <= 130 * 1024, f"{size:,} bytes in all"
