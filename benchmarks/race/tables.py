"""The race in tables: one for each work, the fastest contestant first."""

from __future__ import annotations

import importlib.metadata
import re
import statistics
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from report import machine, ratios, spread, table

from race.picture import FLOOR

ABOUT = """\
{where}. Medians of turns taken one after the other, lowest and highest in brackets. float32, the same starting \
weights, the same batches in the same order; ✗ marks who did not arrive where the loop by hand did. Each contestant \
has a process of its own, and the number of threads, {threads}, that was faster in its first turns (several only if \
by a tenth); slow ones take fewer turns, and what takes less than a tenth of a second is done again and again in its \
turn, after a first time that does not count. Not timed: importing, data and weights brought into a library's form, \
compiling (see Start). glassnet's time is the whole call of `train`."""
FIRST = {
    "TRAINING": "glassnet, compiled",
    "PREDICTING": "glassnet, predictor",
    "SEEDED": "glassnet, train_many",
    "SEARCHING": "glassnet, train_many",
}
REMARKS = {
    "PyTorch, bf16": "may round to bf16 inside its products, shown only",
    FLOOR: "only the products, of whichever library and number of threads is fastest, and a pass of Adam, each "
    "in its fastest turn; no activation, loss, bias, gathering of rows; shown only",
}
OF_MANY = {
    "glassnet, train_many": "the whole call; each network is measured on its held-out rows after each epoch, if it has "
    "any, and in W6 each model is made",
    "JAX, vmap": "with as many steps of its scan unrolled as is fastest",
    "JAX, vmap and scan": "row orders and folds laid out before and not timed; all networks at once or 50 at a time, "
    "whichever is faster; nothing is measured on held-out rows",
    "scikit-learn, GridSearchCV": "`MLPClassifier`, with starting weights and orders of its own, scored on held-out "
    "rows once; on all cores by joblib",
}
OTHER_LOSS = {("W1", "scikit-learn"): "minimises the log loss: it has no squared one after a sigmoid"}


def about(where: str, threads: Iterable[int]) -> str:
    return ABOUT.format(where=where, threads=" or ".join(map(str, threads)))


def where() -> str:
    """The machine, and the versions of what took part."""
    return f"{re.sub(', OPENBLAS[^;]*', '', machine())}, {versions()}"


def versions() -> str:
    found = []
    for name in ("numba", "scikit-learn", "torch", "jax"):
        with suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{name} {importlib.metadata.version(name)}")
    return ", ".join(found)


def times_slower(found: dict[str, Any]) -> dict[str, list[float]]:
    """How many times as long as the first, glassnet, each took, turn by turn; nothing where glassnet is not there."""
    first = FIRST[found["kind"]]
    seconds = {one["name"]: one["seconds"] for one in found["contestants"]}
    ours = seconds.get(first, [])  # who is slow took only the first turns
    return {name: ratios(values, ours[: len(values)]) for name, values in seconds.items() if len(values) <= len(ours)}


def time_of(seconds: Iterable[float]) -> str:
    """With a unit in which it is readable."""
    seconds = list(seconds)
    middle = statistics.median(seconds)
    factor, unit = next((f, u) for f, u in ((1, " s"), (1e3, " ms"), (1e6, " µs")) if middle * f >= 0.9 or f == 1e6)
    return spread([s * factor for s in seconds], ".3g" if middle * factor < 100 else ".0f", unit)


def arrived_at(work: str, one: dict[str, Any]) -> str:
    """The loss, or how far predictions are from those by hand; ✗: too far."""
    text = f"{one['loss']:.6g}" if "loss" in one else f"{one['error']:.0e}" if "error" in one else "-"
    if one.get("differs"):
        text += ", another loss" if (work, one["name"]) in OTHER_LOSS else " ✗"
    return text


def slower_text(name: str, slower: dict[str, list[float]]) -> str:
    """How much slower than glassnet; of the floor the other way round, how far glassnet is above it."""
    if name not in slower:
        return "-"
    if name == FLOOR:
        return f"glassnet takes {spread([1 / value for value in slower[name]], '.2f', '×')} the floor"
    return spread(slower[name], ".2f", "×")


def not_there(skipped: dict[str, str]) -> list[str]:
    """A line for each reason."""
    names: dict[str, list[str]] = {}
    for name, reason in skipped.items():
        names.setdefault(reason, []).append(name)
    return [f"Not there: {'; '.join(held)} ({reason})." for reason, held in names.items()]


def told(results: dict[str, Any]) -> list[str]:
    """The sections of all works."""
    kinds = {"W6": section_of_many, "W6b": section_of_many, "W6c": section_of_what_if, "start": section_of_starts}
    return [kinds.get(work, section)(found) for work, found in results.items()]


def section(found: dict[str, Any]) -> str:
    """The table of one work, the fastest first, and remarks."""
    slower = times_slower(found)
    rows = [
        [
            one["name"],
            str(one["threads"]),
            time_of(one["seconds"]),
            slower_text(one["name"], slower),
            arrived_at(found["work"], one),
        ]
        for one in sorted(found["contestants"], key=lambda one: statistics.median(one["seconds"]))
    ]
    what = "difference from by hand" if found["kind"] == "PREDICTING" else "loss of the last epoch"
    header = ["", "threads", "time", f"times slower than {FIRST[found['kind']]}", what]
    there = [one["name"] for one in found["contestants"]]
    remarks = [
        *(f"{name}: {why}." for name, why in REMARKS.items() if name in there),
        *(f"{name} {why}." for (work, name), why in OTHER_LOSS.items() if work == found["work"] and name in there),
        *not_there(found["skipped"]),
    ]
    parts = [f"### {found['work']}: {found['what']}", table(header, rows) if rows else "", "\n".join(remarks)]
    return "\n\n".join(part for part in parts if part)


def section_of_many(found: dict[str, Any]) -> str:
    """The table of many networks; what was done in part, and multiplied, says so."""
    first = FIRST[found["kind"]]
    slower = {
        one["name"]: statistics.median(one["seconds"]) / statistics.median(ours)
        for ours in [one["seconds"] for one in found["contestants"] if one["name"] == first]
        for one in found["contestants"]
    }
    rows = [
        [
            one["name"],
            f"{one['done']:,} of {one['of']:,}" if "of" in one else "all",
            str(one["threads"]),
            time_of(one["seconds"]),
            f"{slower[one['name']]:.3g}×" if one["name"] in slower else "-",
            f"{one['loss']:.6g}" + " ✗" * bool(one.get("differs")) if "loss" in one else "-",
        ]
        for one in sorted(found["contestants"], key=lambda one: statistics.median(one["seconds"]))
    ]
    remarks = [
        *(
            ["Where a part was done its time is multiplied."]
            if any("of" in one for one in found["contestants"])
            else []
        ),
        *(
            f"{name}: {why}."
            for name, why in OF_MANY.items()
            if any(one["name"] == name for one in found["contestants"])
        ),
        *not_there(found["skipped"]),
    ]
    head = ["", "networks done", "threads", "time", f"times slower than {first}", "median of the losses"]
    return f"### {found['work']}: {found['what']}\n\n{table(head, rows)}\n\n" + "\n".join(remarks)


def section_of_what_if(found: dict[str, Any]) -> str:
    if "contestants" not in found:
        return f"### W6c\n\nNot there: {found['skipped']}"
    rows = [[one["name"], time_of(one["seconds"])] for one in found["contestants"]]
    return (
        f"### W6c: {found['what']}\n\nSeconds of all networks, one after the other, in a new process that has imported "
        f"Numba; by the engine that `train_many` chooses (auto) and by the compiled one.\n\n{table(['', 'time'], rows)}"
    )


def section_of_starts(found: dict[str, Any]) -> str:
    if "skipped" in found:
        return f"### Start\n\nNot there: {found['skipped']}"
    rows = [
        [
            name,
            f"{both['empty']['first']:.2f} s",
            f"{both['filled']['first']:.2f} s",
            f"{both['filled']['import']:.2f} s",
        ]
        for name, both in found.items()
        if name != "work"
    ]
    head = ["work", "first training, nothing compiled", "in a new process, from the cache", "import numba"]
    return (
        "### Start\n\nWhat the first training with the compiled engine takes beyond the second one, in a process of "
        f"its own that has imported Numba; importing that comes on top.\n\n{table(head, rows)}"
    )
