"""Time runs both ways: pausing, stepping, going back, going on from there."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import TimeoutError as NotWithin
from screen import Screen

Show = Callable[..., Screen]


def theta_of(screen: Screen) -> dict[str, bytes]:
    """Every weight that is drawn, and the loss, as Python has them now."""
    answer = screen.served.ask("pull", train=False, budget_ms=0)
    weights = {name: answer.buffers[name].tobytes() for name in ("weights", "biases")}
    return weights | {"loss": repr(answer.header["loss"]).encode()}


def test_paused_is_paused(show: Show) -> None:
    """T07."""
    screen = show("spirals")
    screen.served.ask("set", changes={"epochs": 100_000})
    screen.train()
    screen.wait_for_step(5)
    screen.page.keyboard.press("Space")
    screen.wait("root.dataset.state === 'paused'")
    screen.rest()
    step = screen.step
    with pytest.raises(NotWithin), screen.page.expect_request("**/api", timeout=1_000):
        pass
    assert screen.step == step


def test_weights_change_with_the_last_sample_of_a_batch(show: Show) -> None:
    """T08."""
    screen = show("xor")
    before = theta_of(screen)
    for sample in (1, 2, 3):
        screen.press("sample")
        assert screen.header()["cursor"] == sample
        assert screen.step == 0
    assert theta_of(screen) == before
    screen.press("sample")
    assert screen.step == 1
    assert theta_of(screen) != before


def test_a_batch_is_a_step_and_an_epoch_all_batches_with_one_that_is_smaller(show: Show) -> None:
    """T09: 275 rows in batches of 32 are 9."""
    screen = show("penguins")
    rows, batch = 344 - round(344 * 0.2), 32
    screen.press("batch")
    assert screen.step == 1
    screen.press("epoch")
    screen.wait("+root.dataset.epoch === 1")
    assert screen.header()["batches"] == math.ceil(rows / batch) == 9
    assert screen.step == 9
    screen.press("epoch")
    screen.wait_for_step(18)
    assert screen.header()["epoch"] == 2


def test_going_back_shows_the_same_numbers_and_going_on_leaves_a_ghost(show: Show) -> None:
    """T10."""
    screen = show("xor")
    for _ in range(3):
        screen.press("epoch")
    then, text = theta_of(screen), screen.text_of("loss")
    screen.train()
    screen.wait_for_step(500)
    screen.pause()
    assert len(screen.header()["branches"]) == 1
    screen.seek(3)
    assert screen.text_of("loss") == text
    assert theta_of(screen) == then
    screen.press("batch")
    assert screen.step == 4
    ways = screen.header()["branches"]
    assert [way["from_step"] for way in ways] == [0, 3]
    screen.press(f"branch-{ways[0]['k']}")  # and back on the one that was left
    assert screen.step == ways[0]["last_step"] >= 500


def test_start_again_has_the_same_weights_and_new_weights_others(show: Show) -> None:
    """T11."""
    screen = show("xor")
    before, text = theta_of(screen), screen.text_of("loss")
    screen.press("epoch")
    assert screen.text_of("loss") != text
    screen.press("again")
    assert screen.step == 0
    assert theta_of(screen) == before
    assert screen.text_of("loss") == text
    screen.press("fresh")
    assert theta_of(screen) != before
    assert screen.text_of("loss") != text


def test_samples_batches_and_epochs_end_at_the_same_weights(show: Show) -> None:
    """T20: two epochs of xor in batches of three rows, and one."""
    screen = show("xor")
    assert screen.served.ask("set", changes={"batch_size": 3}).header["ok"]
    ends = []
    for unit, presses in (("sample", 8), ("batch", 4), ("epoch", 2)):
        screen.press("again")
        for _ in range(presses):
            screen.press(unit)
        assert screen.step == 4
        ends.append(theta_of(screen))
    assert ends[0] == ends[1] == ends[2]
    assert np.frombuffer(ends[0]["weights"], np.float32).any()
