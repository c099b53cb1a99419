"""A diagnosis as a page and as pictures: well-formed, escaped, with what was found, light on its feet."""

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import glassnet as gn
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.measures import Layer, Look, Trace
from glassnet.doctor.picture_svg import ends
from glassnet.doctor.pictures import Line, Scale, layers_of, linear, powers

from .cases import network, numbers, rings

X, y = rings(200)
NASTY = "<script>alert(1)</script> & a very long name of a column that nobody would ever write by hand"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def sick() -> Diagnosis:
    table = {NASTY: X[:, 0] * 1e4, "b": X[:, 1], "target": ["no <b>" if one else "yes" for one in y]}
    net = gn.Network(gn.Dense(8, "relu"), gn.Dense())
    return gn.diagnose(net, table, target="target", scale="none", epochs=60, optimizer=gn.Adam(0.01))


@pytest.fixture(scope="module")
def healthy() -> Diagnosis:
    return gn.diagnose(network(16, 16), X, y, optimizer=gn.Adam(0.01), epochs=60)


def parsed(found: Diagnosis) -> ElementTree.Element:
    """The fragment, which is XML as well."""
    return ElementTree.fromstring(found.html().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_a_fragment_is_well_formed_and_runs_nothing(sick: Diagnosis, healthy: Diagnosis) -> None:
    for found in (sick, healthy):
        for element in parsed(found).iter():
            assert element.tag.removeprefix(SVG) not in ("script", "link", "img", "iframe")
            assert not any(name.startswith("on") or name in ("href", "src") for name in element.attrib)
        assert "http" not in found.html()


def test_names_from_outside_are_text(sick: Diagnosis) -> None:
    assert NASTY in words(parsed(sick))
    assert "<script" not in sick.page()


def test_a_page_says_what_the_text_says(sick: Diagnosis, healthy: Diagnosis) -> None:
    for found in (sick, healthy):
        said = words(parsed(found))
        assert str(found).splitlines()[0] in said
        for part in (*(cause.name for cause in found.causes), *found.notes, *found.code.splitlines()):
            assert " ".join(part.split()) in said
        for other in found.alternatives:
            assert other.change in said
    assert sick.proof is not None
    rows = [[words(cell) for cell in row] for row in parsed(sick).iter("tr")]
    assert [sick.proof.before.what, f"{sick.proof.before.learnt} of 10"] in [row[:2] for row in rows]


def test_a_bar_is_as_long_as_the_share_and_its_interval(sick: Diagnosis) -> None:
    assert sick.proof is not None
    assert (sick.proof.before.learnt, sick.proof.after.learnt) == (0, 10)
    bars = {row[0].text: row.find("td/span") for row in parsed(sick).iter("tr") if len(row) > 5}
    before, after = bars["as it was"], bars["with the change"]
    assert before is not None
    assert after is not None
    assert [part.get("style") for part in before] == ["width:0.0%", "left:0.0%;width:27.8%"]  # Wilson, 0 of 10
    assert [part.get("style") for part in after] == ["width:100.0%", "left:72.2%;width:27.8%"]  # and 10 of 10


def test_both_bundles_are_drawn_and_layers_as_well(sick: Diagnosis, healthy: Diagnosis) -> None:
    lines = [line.get("class", "") for line in parsed(sick).iter(f"{SVG}polyline")]
    assert [sum(tone in line for line in lines) for tone in ("minus", "plus", "layer")] == [10, 10, 2]
    titles = [words(title) for title in parsed(sick).iter("figcaption")]
    assert titles[-2:] == ["As it was: 0 of 10 learn", "Changed: 10 of 10 learn"]
    assert "Gradients by layer" in titles
    assert not list(parsed(healthy).iter(f"{SVG}svg"))


def test_a_page_needs_no_matplotlib(sick: Diagnosis, monkeypatch: pytest.MonkeyPatch) -> None:
    page = sick.page()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert sick.page() == page
    with pytest.raises(ImportError, match="matplotlib"):
        sick.plot()


def test_a_network_that_diverges_has_a_page() -> None:
    found = gn.diagnose(numbers(8), X * 1e3, X[:, 0], optimizer=gn.SGD(10.0), epochs=20)
    assert "10 of 10 leave the picture" in words(parsed(found))
    assert "nan" not in found.html()


# what is drawn


def test_equal_factors_are_equal_steps_where_losses_span_much() -> None:
    scale = Scale.of([np.array([1.0, 0.1, 0.01])])
    np.testing.assert_allclose(scale.points(np.array([1.0, 0.1, 0.01])), [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    assert scale.y_ticks == ((0.0, "0.01"), (0.5, "0.1"), (1.0, "1"))
    even = Scale.of([np.array([4.0, 1.0])])
    np.testing.assert_allclose(even.points(np.array([4.0, 1.0])), [[0.0, 1.0], [1.0, 0.25]])


def test_a_loss_that_is_negative_or_zero_is_drawn_in_equal_steps() -> None:
    scale = Scale.of([np.array([1.0, 0.0, -1.0])])
    np.testing.assert_allclose(scale.points(np.array([1.0, 0.0, -1.0]))[:, 1], [1.0, 0.5, 0.0])


@pytest.mark.parametrize("end", [np.nan, np.inf, 1e300])
def test_a_loss_that_grows_beyond_all_bounds_leaves_at_the_top(end: float) -> None:
    fine, gone = np.array([3.0, 2.0, 1.0]), np.array([3.0, end, end])
    scale = Scale.of([fine, gone], most=100.0)
    assert [scale.leaves(fine), scale.leaves(gone)] == [False, True]
    np.testing.assert_allclose(scale.points(gone), [[0.0, 1.0], [0.5, 1.0]])
    assert scale.panel("", [fine, gone], "minus").note.startswith("1 of 2 leave")


def test_ticks_are_round() -> None:
    assert linear(0.0, 0.9) == [0.0, 0.2, 0.4, 0.6, 0.8]
    assert linear(1.0, 2_000.0) == [500.0, 1_000.0, 1_500.0, 2_000.0]
    assert powers(0.003, 40.0) == [0.01, 0.1, 1.0, 10.0]
    assert powers(2.0, 8.0) == [2.0, 8.0]


def look(epoch: int, dead: int, gradient: float) -> Look:
    """Of two layers the second, whose units die."""
    fine = {"silent": 0.0, "alike": 0, "size": 1.0}
    first = Layer(number=1, units=5, dead=(), saturated=0.4, gradient=gradient, **fine)
    second = Layer(number=2, units=4, dead=tuple(range(dead)), saturated=0.0, gradient=0.0, **fine)
    return Look(epoch=epoch, hidden=(first, second), last_gradient=1.0, gradient=1.0, spread=1.0)


def test_layers_are_drawn_as_they_were_looked_at() -> None:
    looks = look(0, 0, 0.01), look(3, 1, 0.1), look(7, 4, 1.0)
    trace = Trace(looks=looks, losses=np.ones(7), moved=0.0, shrunk=1.0, stopped="epochs")
    idle, gradients = layers_of(trace)
    assert [round(box.share, 2) for box in idle.boxes] == [0.4, 0.0, 0.4, 0.25, 0.4, 1.0]
    assert [name for _, name in idle.x_ticks] == ["0", "3", "7"]
    assert [name for _, name in idle.y_ticks] == ["layer 1", "layer 2"]
    assert [line.label for line in gradients.lines] == ["layer 1", "last"]
    np.testing.assert_allclose(gradients.lines[0].points[:, 1], [0.0, 0.5, 1.0])
    assert gradients.note == "layer 2: all are 0"


def test_names_at_the_ends_of_lines_keep_apart() -> None:
    lines = tuple(Line(np.array([[1.0, 0.0]]), "layer", str(k)) for k in range(5))
    places = [below for _, below in ends(lines, 100.0)]
    assert min(np.diff(places)) >= 13.0
    assert max(places) <= 100.0
    assert len(ends(lines * 20, 100.0)) == 7


# files


def test_a_diagnosis_is_saved_by_its_ending(sick: Diagnosis, tmp_path: Path) -> None:
    for name in ("a.txt", "a.html", "a.json"):
        sick.save(tmp_path / name)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == f"{sick}\n"
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["verdict"] == sick.verdict
    with pytest.raises(ValueError, match=r"\.txt or \.html or \.json"):
        sick.save(tmp_path / "a.pdf")


def test_a_plot_has_both_bundles_and_the_same_bytes_each_time(sick: Diagnosis, tmp_path: Path) -> None:
    axes = sick.plot(tmp_path / "a.svg")
    sick.plot(tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert [len(one.lines) for one in axes.figure.axes[:2]] == [10, 10]


def test_losses_alone_are_drawn_on_axes_that_are_there(sick: Diagnosis) -> None:
    from matplotlib.figure import Figure

    ax: Any = Figure().add_subplot()
    assert sick.plot(ax=ax) is ax
    assert len(ax.lines) == 20


def test_what_is_healthy_has_nothing_to_plot(healthy: Diagnosis) -> None:
    with pytest.raises(ValueError, match="nothing to plot"):
        healthy.plot()
