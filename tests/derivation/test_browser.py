"""Pages as a browser shows them: alone and in notebooks, narrow and wide, light and dark."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import glassnet as gn

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

# what JupyterLab 4 says of cells, and a body as each kind of notebook has it
JUPYTERLAB = """
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr
    { vertical-align: middle; padding: 0.5em; line-height: normal; white-space: normal; max-width: none; border: none }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td, :not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th,
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon tr { text-align: right }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: rgb(1, 2, 3) }
.jp-RenderedHTMLCommon table { table-layout: fixed; margin: 0 auto; font-size: 13px }
"""
AROUND = {
    "light": ['data-jp-theme-light="true"', 'data-vscode-theme-kind="vscode-light"', 'class="light light-theme"'],
    "dark": ['data-jp-theme-light="false"', 'data-vscode-theme-kind="vscode-dark"', 'class="dark dark-theme"'],
}
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 27, 35)"}


@pytest.fixture(scope="module")
def model() -> gn.Model:
    X, y = gn.datasets.moons(20)
    layers = gn.Dense(16, "tanh"), gn.BatchNorm(), gn.Dropout(0.2), gn.LayerNorm(), gn.Dense(8, "gelu"), gn.Dense(2)
    network = gn.Network(*layers, loss="cross_entropy", l2=0.01)
    optimizer = gn.Adam(0.01, clip_norm=1.0)
    return gn.train(network, X, y, optimizer=optimizer, epochs=2, seed=1, engine="numpy", progress=False)


def seen(page: str, script: str, folder: Path, width: int, dark: bool = False) -> Any:
    """What a script finds on a page in a window of this width."""
    told = f"<script>document.documentElement.dataset.told = JSON.stringify((() => {{ {script} }})())</script>"
    (folder / "page.html").write_text(page.replace("</body>", f"{told}</body>"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},900", "--dump-dom"]
    flags += ["--blink-settings=preferredColorScheme=0"] if dark else []
    command = [str(CHROMIUM), *flags, f"--user-data-dir={folder / 'user'}", f"file://{folder / 'page.html'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'data-told="([^"]*)"', done.stdout)
    assert found is not None
    return json.loads(html.unescape(found[1]))


STICKING_OUT = """
const found = [], width = document.documentElement.clientWidth;
for (const e of document.querySelectorAll('body *')) {
  if (e.closest('svg, details') || !e.getBoundingClientRect().width) continue;
  const scrolls = getComputedStyle(e).overflowX == 'auto' && e.scrollWidth > e.clientWidth + 1;
  const right = e.getBoundingClientRect().right;
  if (scrolls || right > width + 1) found.push(e.className + ': ' + e.textContent.slice(0, 60));
}
return found.filter(text => !text.startsWith('picture'));
"""


@pytest.mark.parametrize("width", [500, 800, 1400])  # Chromium's narrowest window has 500 pixels
def test_nothing_of_a_page_is_cut_or_scrolls_sideways(model, tmp_path, width):
    X, y = gn.datasets.moons(20)
    cards = model.derivation().html(), model.derivation().html(expand=True), model.explain(X[1], y[1]).html()
    page = f"<!doctype html><body style='margin: 0'>{''.join(cards)}</body>"
    assert seen(page, STICKING_OUT, tmp_path, width) == []


def test_nothing_sticks_out_of_a_place_of_400_pixels(model, tmp_path):
    narrow = f"<!doctype html><body><div style='width: 400px'>{model.derivation().html()}</div></body>"
    script = STICKING_OUT.replace("document.documentElement.clientWidth", "408")
    assert seen(narrow, script, tmp_path, 1400) == []


@pytest.fixture(scope="module")
def diagnosis() -> Any:
    X, y = gn.datasets.moons(60)
    network = gn.Network(gn.Dense(16, "tanh"), gn.Dense(8, "tanh"), gn.Dense())
    return gn.diagnose(network, X * [1.0, 1e4], y, optimizer=gn.SGD(1e-6), epochs=40)


@pytest.mark.parametrize("width", [375, 800, 1200])
def test_nothing_of_a_diagnosis_sticks_out(diagnosis, tmp_path, width):
    page = f"<!doctype html><body style='margin: 0'><div style='width: {width}px'>{diagnosis.html()}</div></body>"
    script = STICKING_OUT.replace("document.documentElement.clientWidth", str(width))
    assert diagnosis.causes
    assert seen(page, script, tmp_path, 1400) == []


LOOK = """
const style = e => getComputedStyle(e);
const cards = [...document.querySelectorAll('.glassnet-derivation')].map(card => {
  const cell = [...card.querySelectorAll('td')][1], row = cell.parentElement;
  return [style(card).backgroundColor, style(cell).textAlign, style(cell).paddingTop != '7.5px',
          style(row).backgroundColor];
});
return [cards, style(document.querySelector('#other td')).textAlign];
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_a_notebook_a_card_has_its_theme_and_its_own_style(model, tmp_path, theme):
    inner = f'<div class="jp-RenderedHTMLCommon">{model.derivation().html()}</div>'
    cards = "".join(f"<div {around}>{inner}</div>" for around in AROUND[theme])
    other = '<div class="jp-RenderedHTMLCommon" id="other"><table><tr><td>1</td></tr></table></div>'
    page = f"<!doctype html><style>{JUPYTERLAB}</style><body>{cards}{other}</body>"
    found, theirs = seen(page, LOOK, tmp_path, 1400, dark=theme == "light")  # the system prefers the other one
    assert found == [[PAPER[theme], "left", True, "rgba(0, 0, 0, 0)"]] * len(AROUND[theme])
    assert theirs == "right"  # what is not ours stays as it is


@pytest.mark.parametrize("dark", [False, True])
def test_a_page_that_stands_alone_follows_the_system(model, tmp_path, dark):
    script = (
        "const of = e => getComputedStyle(e).backgroundColor; return [of(document.body), of(document.body.children[0])]"
    )
    paper = PAPER["dark" if dark else "light"]
    assert seen(model.derivation().page(), script, tmp_path, 1400, dark) == [paper, paper]


ROOT = """
const roots = [...document.querySelectorAll('.r')].filter(e => e.textContent.includes('v'));
return roots.map(root => { const bar = root.getBoundingClientRect().top;
  const inside = [...root.querySelectorAll('*')].map(e => e.getBoundingClientRect().top);
  return Math.min(...inside) - bar; });
"""


def test_the_bar_of_a_root_is_above_what_the_root_is_of(model, tmp_path):
    found = seen(model.derivation().page(), ROOT, tmp_path, 1400)
    assert found
    assert min(found) > 0
