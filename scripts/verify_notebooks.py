#!/usr/bin/env python
"""Whether the page works in notebooks: `scripts/verify_notebooks.py [FOLDER]`.

JupyterLab and marimo are started on a free port, each with a notebook that shows a network for XOR by `gn.widget`, and
opened in Chromium without a window. There the page must draw the network, train it to a loss under 0.01, have what is
typed into one of its fields stay there (a notebook has keys of its own), take the notebook's colours, say no error, and
ask nothing of another host. Screenshots go to FOLDER, if one is given. The exit status is 1 if anything differs.

It needs Chromium, and `pip install anywidget jupyterlab marimo playwright`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, sync_playwright

CODE = """import glassnet as gn

X, y = gn.datasets.xor()
network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(1, "sigmoid"), loss="squared")
gn.widget(network, X, y, optimizer=gn.Adam(0.05), epochs=5000, seed=1)"""
SECONDS = 60  # for a notebook to be there, and for a network to have learnt


@dataclass(frozen=True)
class Notebook:
    """A program for notebooks: its name, how its file looks, how it is started, where the file is then, and how it is
    told to be dark: in which file below one's home, by what.
    """

    name: str
    file: str
    text: str
    command: tuple[str, ...]
    path: str
    settings: str
    dark: str


def jupyter_file() -> str:
    """The code as a notebook of Jupyter's."""
    cell = {"cell_type": "code", "id": "a", "source": CODE, "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": [cell]})


def marimo_file() -> str:
    """The code as a notebook of marimo's."""
    lines = [f"    {line}".rstrip() for line in CODE.splitlines()]
    return "\n".join(["import marimo", "app = marimo.App()", "@app.cell", "def _():", *lines, "    return", ""])


NOTEBOOKS = (
    Notebook(
        "jupyterlab",
        "page.ipynb",
        jupyter_file(),
        ("jupyter", "lab", "--no-browser", "--allow-root", "--IdentityProvider.token=", "--port={port}"),
        "/lab/tree/page.ipynb",
        ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings",
        '{"theme": "JupyterLab Dark"}',
    ),
    Notebook(
        "marimo",
        "page.py",
        marimo_file(),
        ("marimo", "edit", "page.py", "--headless", "--no-token", "--skip-update-check", "--port={port}"),
        "/",
        ".config/marimo/marimo.toml",
        '[display]\ntheme = "dark"\n',
    ),
)


def main() -> None:
    """Try each, light and dark: the page is as the notebook is, whatever the browser would like."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    wrong = []
    for notebook in NOTEBOOKS:
        for scheme in ("light", "dark"):
            with started(notebook, scheme) as url, sync_playwright() as play:
                browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1400, "height": 1000}, color_scheme="light")
                found = problems(page, url)
                if page.locator(".glassnet").evaluate("element => getComputedStyle(element).colorScheme") != scheme:
                    found.append(f"is not {scheme}")
                print(f"{notebook.name:12} {scheme:6} {'; '.join(found) or 'as it should be'}", flush=True)
                wrong += found
                if pictures is not None:
                    pictures.mkdir(exist_ok=True)
                    page.screenshot(path=pictures / f"{notebook.name}-{scheme}.png")
                browser.close()
    sys.exit(bool(wrong))


@contextmanager
def started(notebook: Notebook, scheme: str) -> Iterator[str]:
    """A notebook that is open, light or dark, with a home of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder, notebook.file).write_text(notebook.text)
        if scheme == "dark":
            settings = Path(folder, notebook.settings)
            settings.parent.mkdir(parents=True)
            settings.write_text(notebook.dark)
        command = [word.format(port=port) for word in notebook.command]
        env = {**os.environ, "HOME": folder, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url)
            yield url + notebook.path
        finally:
            process.terminate()
            process.wait()


def wait_for(url: str) -> None:
    """Until a server answers."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"{url} did not answer in {SECONDS} seconds")


def problems(page: Page, url: str) -> list[str]:
    """What is not as it should be."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("request", lambda request: None if is_here(request.url) else found.append(f"asked for {request.url}"))
    page.goto(url)
    root = page.locator(".glassnet")
    cell = page.locator(".jp-Notebook .jp-CodeCell, .marimo-cell").first
    for _ in range(4):  # keys that are pressed before a kernel is there are lost
        cell.click(timeout=1e3 * SECONDS)
        page.keyboard.press("Control+Enter")
        with suppress(TimeoutError):
            root.and_(page.locator('[data-state="paused"]')).wait_for(timeout=1e3 * SECONDS / 4)
            break
    else:
        return [*found, "the page did not open"]
    cells = page.locator(".jp-Cell").count()
    field = root.locator('input[data-key="learning_rate"]')
    before = field.input_value()
    field.focus()
    page.keyboard.press("End")
    page.keyboard.type("xddba")
    if field.input_value() != f"{before}xddba" or page.locator(".jp-Cell").count() != cells:
        found.append(f"what was typed did not stay: {field.input_value()!r}")
    field.fill(before)
    root.locator("button[data-unit]").first.click()
    page.keyboard.press("b")  # in JupyterLab: another cell
    page.wait_for_timeout(500)
    if page.locator(".jp-Cell").count() != cells:
        found.append("a key that was pressed on the page reached the notebook")
    root.locator('[data-key="train"]').first.click()
    end = time.monotonic() + SECONDS
    while float(root.get_attribute("data-loss") or 1) >= 0.01 and time.monotonic() < end:
        page.wait_for_timeout(200)
    if float(root.get_attribute("data-loss") or 1) >= 0.01:
        found.append(f"did not learn: step {root.get_attribute('data-step')}, loss {root.get_attribute('data-loss')}")
    root.locator('[data-key="train"]').first.click()
    page.wait_for_timeout(500)
    root.evaluate("element => element.scrollIntoView()")
    return found


def is_here(url: str) -> bool:
    """Whether a request stays on this machine."""
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "ws://127.0.0.1:", "data:", "blob:"))


if __name__ == "__main__":
    main()
