"""The simulation of a cluster, held against what is worked out by hand, and against the page that shows it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster():
    spec = importlib.util.spec_from_file_location("cluster", ROOT / "benchmarks" / "cluster.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["cluster"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def made(cluster, **more):
    exact = {"a_block": 0.5, "a_row": 0.001, "reading": 0.0005, "a_round": 0.25, "a_task": 0.0, "adding": 0.125}
    given = {**exact, "a_step": 1.0, "rows": 8_000.0, "blocks": 8, "parameters": cluster.PARAMETERS, "spread": 0.0}
    return cluster.Cluster(**{"workers": 1, **given, **more})


def test_a_step_is_what_is_worked_out_by_hand(cluster):
    rng = np.random.default_rng(0)
    assert made(cluster).block == 1.5
    assert made(cluster, kept=False).block == 2.0
    for workers, blocks_each in ((1, 8), (2, 4), (3, 3), (8, 1), (9, 1)):
        seconds, again = made(cluster, workers=workers).step(rng)
        assert seconds == pytest.approx(blocks_each * 1.5 + 0.25 + 8 * 0.125 + 1.0)
        assert again == 0


def test_machines_that_vanish_cost_what_is_waited_for(cluster):
    seconds, again = made(cluster, workers=8, vanishing=1e9).step(np.random.default_rng(0))
    assert again == 8
    assert seconds == pytest.approx(1.5 + 5 * 1.5 + 1.5 + 0.25 + 8 * 0.125 + 1.0)


def test_the_page_shows_what_the_script_prints(cluster, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["cluster.py"])
    cluster.main()
    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()).strip()
    assert printed in (ROOT / "docs" / "plan-a-cluster.md").read_text(encoding="utf-8")
