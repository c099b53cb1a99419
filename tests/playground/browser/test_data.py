"""A table of one's own takes the place of the toy, and a picture drawn by hand that of a row."""

from collections.abc import Callable

import numpy as np
from screen import Screen
from sklearn.datasets import load_iris

Show = Callable[..., Screen]


def iris() -> str:
    """150 flowers as CSV."""
    source = load_iris()
    names = [name.removesuffix(" (cm)").replace(" ", "_") for name in source.feature_names]
    rows = [
        ",".join([*(f"{value:g}" for value in row), source.target_names[k]])
        for row, k in zip(source.data, source.target, strict=True)
    ]
    return "\n".join([",".join([*names, "species"]), *rows]) + "\n"


def test_three_species_of_iris_are_learnt_from_a_csv_file(show: Show) -> None:
    """T17."""
    screen = show("xor")
    screen.bring("iris.csv", iris())
    dialog = screen.page.locator('[data-key="table-dialog"]')
    assert dialog.is_visible()
    assert dialog.locator("tr[data-column]").count() == 5
    assert screen.control("target-choice").input_value() == "species"
    screen.press("use-table")
    assert not dialog.is_visible()
    assert screen.header()["data"]["classes"] == ["setosa", "versicolor", "virginica"]
    screen.train()
    screen.wait("root.dataset.state === 'paused' || window.__glassnet.last.metrics[0][1] > 0.95", timeout=20_000)
    if screen.said("state") == "training":
        screen.pause()
    assert screen.header()["metrics"][0][1] > 0.9
    screen.rest()
    cells = screen.page.locator('[data-key="confusion"] tbody td')
    counts = [int(cells.nth(k).inner_text()) for k in range(cells.count())]
    assert len(counts) == 9
    assert sum(counts) == 150 // 5  # those held out
    assert f"{sum(counts)} rows held out" in screen.page.locator('[data-key="confusion"]').inner_text()


WIDE = ",".join(f"c{k}" for k in range(3_000)) + "\n" + "\n".join(",".join(["1"] * 3_000) for _ in range(3)) + "\n"

ROWS = "".join(f"{k * 0.37:.2f},{k * 7 % 31 * 1.1:.1f},{('no', 'yes')[k % 3 > 0]}\n" for k in range(40))

TABLES: dict[str, tuple[str | bytes, list[str]]] = {
    "a cell that is no number": (f"a,b,y\n{ROWS}1,oops,no\n", ["'b'", "'oops'", "line 42"]),
    "a cell too few": (f"a,b,y\n{ROWS}1,2\n", ["line 42", "2 fields"]),
    "nothing": ("", ["empty"]),
    "a header alone": ("a,b,y\n", ["row"]),
    "one class": ("a,b,y\n" + "".join(f"{k},{k % 7},yes\n" for k in range(30)), ["y"]),
    "3,000 columns": (WIDE, ["3,000"]),
    "bytes that are no text": (bytes(range(256)) * 4, ["UTF-8"]),
}


def test_what_is_wrong_with_a_table_is_said_and_the_page_goes_on(show: Show) -> None:
    """T18."""
    screen = show("xor")
    for name, (content, words) in TABLES.items():
        said = said_of(screen, content)
        assert all(word in said for word in words), (name, said)
        screen.press("batch")
        assert screen.step == 1, name
        screen.press("story-xor")


def said_of(screen: Screen, content: str | bytes) -> str:
    """What the page says of a table that is brought and, where it is offered, used; then no dialog is open."""
    dialog = screen.page.locator('[data-key="table-dialog"]')
    screen.bring("mine.csv", content)
    if not dialog.is_visible():
        assert screen.header()["step"] == 0
        return screen.text_of("banner")
    said = dialog.inner_text()
    screen.press("use-table")
    if not dialog.is_visible():
        return said + screen.page.locator("body").inner_text()
    said += dialog.locator("[role=alert]").inner_text()
    assert not screen.page.locator('[data-key="banner"]').is_visible()
    screen.press("leave-table")
    assert screen.header()["step"] == 0
    return said


CSV = {
    "byte order mark and CRLF": "\ufeffa,b,y\r\n" + "1,2,no\r\n3,1,yes\r\n" * 20,
    "semicolons": "a;b;y\n" + "1.5;2;no\n3;1;yes\n" * 20,
    "quotes": '"a","b","y"\n' + '"1","2","n,o"\n"3","1","y""es"\n' * 20,
}


def test_csv_as_programs_write_it_is_read(show: Show) -> None:
    """T18."""
    screen = show("xor")
    for name, content in CSV.items():
        screen.bring("mine.csv", content)
        columns = screen.page.locator('[data-key="table-dialog"] tr[data-column]')
        found = [columns.nth(k).get_attribute("data-column") for k in range(columns.count())]
        assert found == ["a", "b", "y"], name
        assert screen.control("target-choice").input_value() == "y", name
        screen.press("use-table")
        screen.press("batch")
        assert screen.step == 1, name


def test_a_digit_drawn_on_the_pad_is_answered(show: Show) -> None:
    """T19."""
    screen = show("digits")
    screen.train()
    screen.wait_for_step(300)
    screen.pause()
    before = screen.page.locator('[data-key="pad-said"]').inner_text()
    paper = screen.pixels("pad")
    pad = screen.page.locator('canvas[data-key="pad"]')
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    across, down = box["x"] + box["width"] * 0.55, box["y"]
    screen.page.mouse.move(across, down + 0.1 * box["height"])
    screen.page.mouse.down()
    screen.page.mouse.move(across, down + 0.9 * box["height"], steps=12)
    screen.page.mouse.up()
    screen.rest()
    assert screen.page.locator('[data-key="pad-said"]').inner_text() != before
    assert screen.page.locator('[data-key="pad-answer"] [data-class]').count() == 10
    width, height, ink = screen.pixels("pad")
    changed = (np.frombuffer(ink, np.uint8) != np.frombuffer(paper[2], np.uint8)).reshape(height, width, 4).any(axis=2)
    assert changed[:, width // 2 - 1 : width // 2 + 2].any(axis=1).mean() > 0.6  # a stroke from top to bottom
    assert not changed[:, 0].any()
