"""A network that is too large to draw whole is summed up, and stays quick."""

from collections.abc import Callable, Iterator

import pytest
from screen import Screen
from served import Served

Show = Callable[..., Screen]

PROGRAM = """
import numpy as np, glassnet as gn
rng = np.random.default_rng(0)
X, y = rng.random((500, 784)), rng.integers(10, size=500)
network = gn.Network(gn.Dense(256, "relu"), gn.Dense())
gn.play(network, X, y, port=0, open_browser=False)
"""


@pytest.fixture
def large() -> Iterator[Served]:
    """784-256-10, brought from Python."""
    served = Served("-c", PROGRAM)
    yield served
    served.close()


def test_a_network_with_200_704_weights_in_a_layer_shows_few_and_says_so(large: Served, show: Show) -> None:
    """T21; how many pictures a second there are is `benchmarks/page.py`'s to measure."""
    screen = show(large)
    topology = screen.header()["topology"]
    assert topology["edges_shown"] <= 400
    assert "203,264" in screen.page.locator('[data-key="legend"]').inner_text()  # 784 · 256 + 256 · 10
    screen.train()
    screen.wait_for_step(3)
    heap = heap_of(screen)
    assert any(screen.watch(1_000)["frames"] >= 1 for _ in range(5))
    assert screen.page.evaluate("window.__watched.largest()") <= 256 * 1024
    screen.pause()
    assert heap_of(screen) - heap < 10e6


def heap_of(screen: Screen) -> float:
    """Bytes that the page's objects take, once those that nobody needs are gone."""
    session = screen.context.new_cdp_session(screen.page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(metrics["JSHeapUsedSize"])
