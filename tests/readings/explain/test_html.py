"""Explanations as HTML: whole, shown with the asked digits, styled by themselves, and names stay text."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import glassnet as gn
from glassnet.readings.explain.html_formulas import HTML_FORMULAS, number_markup
from glassnet.readings.explain.html_page import html_fragment, html_page

EMPTY = {"meta"}


class Visible(HTMLParser):
    """What a browser shows, and the tags it meets; every tag must be closed in its turn."""

    def __init__(self):
        super().__init__()
        self.text, self.tags, self.open, self.cells = "", set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in EMPTY:
            self.open.append(tag)
        if tag in ("td", "th", "bdi"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data
            if self.cells:
                self.cells[-1] += data


def read(page: str) -> Visible:
    visible = Visible()
    visible.feed(page)
    visible.close()
    assert not visible.open
    return visible


def test_every_tag_is_closed_and_known(contents):
    for page in (html_fragment(contents()), html_page(contents(), "a title"), html_fragment(contents(close_up=True))):
        tags = read(page).tags - {"html", "head", "body", "meta", "title"}
        known = "div style header h1 h2 h3 p span ul li section article table thead tbody tr th td bdi b i sub sup"
        assert tags <= {*known.split(), "details", "summary"}


def test_a_number_is_shown_as_formula_numbers_put_in_and_result(close_up):
    text = read(html_fragment(close_up)).text
    assert "dW1[0, 2]" in text
    assert "← x[0, 0] · dz1[0, 2] + x[1, 0] · dz1[1, 2]" in text
    assert "= 2 · (−0.25) + 1 · 10−5 · 0.125" in text
    assert "≈ −0.5" in text
    assert "how the loss changes with W1" in text
    assert "finite difference of L: −0.5 (at a kink; step 1 · 10−5)" in text


def test_terms_stand_below_each_other_with_the_rest_and_the_sum(close_up):
    cells = [cell.strip() for cell in read(html_fragment(close_up)).cells]
    for line in (
        ("row 1", "x[0, 0] · dz1[0, 2]", "2 · (−0.25)", "−0.5"),
        ("row 2", "x[1, 0] · (1 − a1[1, 2]2)", "1 · 10−5 · 0.125", "1.25 · 10−6"),
        ("−b1[2]", "0 / 4", "0"),
        ("… 772 others", "", "", "0.0625"),
        ("sum", "", "", "≈ −0.4375"),
    ):
        assert any(tuple(cells[k : k + len(line)]) == line for k in range(len(cells))), line
    page = html_fragment(close_up)
    assert 'class="minus" style="right:50%;width:50.0%"' in page
    assert 'class="plus" style="left:50%;width:6.2%"' in page


def test_digits_are_those_asked_for_and_zero_has_no_sign(contents):
    for digits, shown in ((2, "0.12"), (4, "0.1235"), (17, "0.123456")):
        page = html_fragment(contents(digits=digits))
        assert f"<td>{shown}</td>" in page
        assert not re.search(r"[−-]0(?![.\d])", read(page).text)
    assert "not a number" in number_markup(float("nan"), 4)
    assert number_markup(float("-inf"), 4) == "−infinity"


def test_cells_that_are_empty_stay_empty_and_what_is_left_out_is_said(contents):
    page = html_fragment(contents())
    assert "<td>0</td><td></td>" in page
    assert "332 more rows" in page


def test_of_many_numbers_the_first_are_open_and_the_others_unfold(contents):
    page = html_fragment(contents())
    assert "<summary>the other 3 numbers</summary>" in page
    assert "<summary>term by term</summary>" in page
    assert "<details>" not in html_fragment(contents(close_up=True))


def test_hostile_names_come_back_as_text(contents, hostile):
    for page in (html_fragment(contents(hostile)), html_page(contents(hostile), hostile)):
        visible = read(page)
        assert "script" not in visible.tags
        assert visible.text.count(hostile) > 8
        assert page.count("<bdi>") >= visible.text.count(hostile) - 8
        assert f"{hostile} = yes" in visible.cells


def test_control_characters_become_signs(contents):
    page = html_fragment(contents("a\x00b\x1b\ud800"))
    assert "a␀b␛\ufffd" in page
    page.encode("utf-8")


def test_a_page_stands_alone(contents):
    page = html_page(contents(), "row <3>")
    assert page.startswith("<!doctype html>")
    assert "<title>row &lt;3&gt;</title>" in page
    assert 'name="viewport"' in page
    for text in (page, html_fragment(contents())):
        assert not re.search(r"https?:|url\(|@import|src=|<script|\son\w+=", text)
        assert "prefers-color-scheme:dark" in text


def test_the_style_holds_for_explanations_alone(contents):
    style = re.search(r"<style>(.*?)</style>", html_fragment(contents()), re.DOTALL)[1]
    selectors = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{(.*?\})\s*\}", r"\1", style, flags=re.DOTALL))
    assert len(selectors) > 40
    for selector in selectors:
        assert all(".glassnet-explanation" in part for part in selector.split(",")), selector


def test_a_picture_may_stand_at_the_top(contents):
    page = html_fragment(contents(), "<svg></svg>")
    assert '</header><ul><li>a remark on bill</li></ul><div class="picture"><svg></svg></div>' in page


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("W1[0, 2]", '<i>W</i><sub>1</sub><span class="at">[0, 2]</span>'),
        ("lr", "<i>η</i>"),
        ("(x @ W1)[0, 2]", '(<i>x</i>  <i>W</i><sub>1</sub>)<span class="at">[0, 2]</span>'),
        ("max(z2, axis=1, keepdims=True)[0, 0]", 'max(<i>z</i><sub>2</sub>)<span class="at">[0, 0]</span>'),
    ],
)
def test_symbols_have_their_place_behind_them(name, shown):
    assert HTML_FORMULAS.symbol(name) == shown


def test_formulas_given_as_text_are_mathematics():
    assert HTML_FORMULAS.text("1 - a1[0, 2]**2") == (
        '1 − <i>a</i><sub>1</sub><span class="at">[0, 2]</span><sup>2</sup>'
    )
    assert HTML_FORMULAS.text("x<y & z") == "<i>x</i>&lt;<i>y</i> &amp; <i>z</i>"


def test_real_explanations_can_be_shown():
    X, y = np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([[1.0], [0.0]])
    model = gn.train(
        gn.Network(gn.Dense(3, "gelu"), gn.BatchNorm(), gn.LayerNorm(), gn.Dropout(0.5), gn.Dense(1), loss="huber"),
        X, y, epochs=2, seed=0, optimizer=gn.Adam(0.1), engine="numpy",
    )  # fmt: skip
    explanation = model.explain(X, y, finite_differences=True)
    for found in (explanation, explanation["dW1"], explanation["dW1"][0, 2], explanation.neuron("h2")):
        page = read(found.page())
        assert not re.search(r"[−-]0(?![.\d])", page.text.replace("10−0", ""))
        assert found._repr_html_() == found.html()
