"""It learns before one's eyes."""

from collections.abc import Callable

import numpy as np
import pytest
from decision_map import classes_of, regions_of
from screen import Screen

Show = Callable[..., Screen]
XOR = [[0, 1], [1, 0]]  # rows from below, columns from the left


def test_xor_is_learnt_within_ten_seconds(show: Show) -> None:
    """T04."""
    screen = show("xor")
    screen.train()
    screen.wait("root.dataset.state === 'paused' || +root.dataset.loss < 0.01")
    screen.wait_for_text("loss", lambda text: float(text) < 0.01)
    screen.wait_for_text("score", lambda text: text == "4 of 4")


def test_the_map_of_xor_has_its_two_classes_in_the_right_corners(show: Show) -> None:
    """T05."""
    screen = show("xor")
    screen.train()
    screen.wait("+root.dataset.loss < 0.01")
    screen.rest()
    classes = classes_of(screen.pixels("map"))
    assert corners_of(classes) == XOR
    shares = [(classes == k).mean() for k in (0, 1)]
    assert all(0.2 < share < 0.8 for share in shares), shares
    assert regions_of(classes) in (3, 4)  # two arms that join, or not


def test_before_training_the_map_is_not_that_of_xor(show: Show) -> None:
    """T06: so the test before could fail."""
    assert corners_of(classes_of(show("xor").pixels("map"))) != XOR


DEEP = [{"units": 8, "activation": "tanh"}] * 6


@pytest.mark.parametrize(("story", "changes"), [("xor", {}), ("spirals", {"layers": DEEP}), ("digits", {})])
def test_pictures_follow_each_other_while_it_trains(show: Show, story: str, changes: dict[str, object]) -> None:
    """T33: that they follow; how quickly is `benchmarks/page.py --check`'s to say."""
    screen = show(story)
    assert screen.served.ask("set", changes={"epochs": 100_000, **changes}).header["ok"]
    screen.train()
    screen.wait("window.__glassnet.draws > 20")
    best: dict[str, float] = {}
    for _ in range(5):
        for name, value in screen.watch(1_000).items():
            best[name] = max(value, best.get(name, 0.0))
        if best["frames"] >= 2 and best["training"] >= 0.1:
            break
    else:
        raise AssertionError(best)
    screen.pause()


def corners_of(classes: np.ndarray) -> list[list[int]]:
    """The class at each of the four rows of XOR, a sixth from the edges."""
    rows, columns = classes.shape
    return [[int(classes[y * rows // 12, x * columns // 12]) for x in (2, 10)] for y in (10, 2)]
