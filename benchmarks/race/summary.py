"""The race on half a page, for the README: a row for each work, a column for each library, and what is read off it.

It needs nothing but the numbers that `race.py --json` wrote.
"""

from __future__ import annotations

import statistics
from typing import Any

ROWS = {
    "W1": "**W1** XOR, 2-4-1, 10,000 steps",
    "W2": "**W2** digits, 64-64-10, 20 epochs",
    "W3": "**W3** 100,000 × 30, 30-128-64-1, 3 epochs",
    "W4": "**W4** 60,000 × 784, 784-512-512-10, 1 epoch",
    "W5, one row": "**W5** predict one row, 30-128-64-1",
    "W5, 10,000 rows": "**W5** predict 10,000 rows",
    "W6": "**W6** XOR from 200 seeds",
    "W6b": "**W6b** 1,000 networks 11-16-3, penguins",
}
COLUMNS = {  # the contestants in each; of several, the fastest counts
    "NumPy by hand": ("NumPy by hand",),
    "scikit-learn": ("scikit-learn", "scikit-learn, GridSearchCV"),
    "PyTorch": ("PyTorch", "PyTorch, fused", "PyTorch, compiled"),
    "JAX": ("JAX", "JAX, vmap", "JAX, vmap and scan"),
    "glassnet, NumPy": ("glassnet, numpy", "glassnet, predict_proba"),
    "glassnet, compiled": ("glassnet, compiled", "glassnet, predictor", "glassnet, train_many"),
}
MANY, OTHER = "†", "‡"  # marks: on several threads; did not arrive at the same loss
OURS = "glassnet, compiled"
SEARCH = (
    "W6b: 20 learning rates × 5 folds × 10 seeds, 100 epochs each: `gn.train_many`, JAX's `vmap` and `scan`, and "
    "`GridSearchCV` on all cores; a part by scikit-learn and by hand, multiplied."
)
SEEDS = "W6: `gn.train_many` and JAX's `vmap`; for the others 200 times what W1 took."


def summary(race: dict[str, Any]) -> str:
    """The table and a note, in Markdown."""
    works = {work: race["results"][work] for work in ROWS if work in race["results"]}
    lines = [["median time", *COLUMNS], ["---"] + ["---:"] * len(COLUMNS)]
    lines += [[ROWS[work], *cells(found, max(race["threads"]))] for work, found in works.items()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{note(race, table)}"


def medians(found: dict[str, Any]) -> dict[str, tuple[float, dict[str, Any]]]:
    """The seconds of the fastest in each column, and its entry; many seeds one by one only where nothing else is."""
    best = {}
    for column, names in COLUMNS.items():
        one_by_one = [f"{name}, one by one" for name in names]
        entries = [one for one in found["contestants"] if one["name"] in names]
        entries = entries or [one for one in found["contestants"] if one["name"] in one_by_one]
        if entries:
            fastest = min(entries, key=lambda one: statistics.median(one["seconds"]))
            best[column] = statistics.median(fastest["seconds"]), fastest
    return best


def cells(found: dict[str, Any], most: int) -> list[str]:
    """A work's row: times, the shortest in bold, with their marks."""
    best = medians(found)
    shortest = min((seconds for seconds, _ in best.values()), default=0.0)
    texts = []
    for column in COLUMNS:
        if column not in best:
            texts.append("–")
            continue
        seconds, one = best[column]
        text = readable(seconds)
        text = f"**{text}**" if seconds == shortest else text
        marks = MANY * (one["threads"] == most > 1) + OTHER * bool(one.get("differs"))
        texts.append(f"{text} {marks}".rstrip())
    return texts


def note(race: dict[str, Any], table: str) -> str:
    """What the marks mean, and what glassnet's two engines make of it in a sentence."""
    most = max(race["threads"])
    marks = [f"{MANY} on {most} threads, which was faster for it than one; all others on one."] * (MANY in table)
    marks += [f"{OTHER} arrived at another loss: scikit-learn has no squared one after a sigmoid."] * (OTHER in table)
    seeds = [SEEDS] * ("W6" in race["results"]) + [SEARCH] * ("W6b" in race["results"])
    return "\n".join([*in_words(race), "Shortest in bold.", *marks, *seeds, f"Measured on {race['where']}."])


def in_words(race: dict[str, Any]) -> list[str]:
    """How many times as fast as each column the compiled engine is, over all works."""
    found = []
    for column in COLUMNS:
        ratios = []
        for work in race["results"].values():
            best = medians(work) if work.get("contestants") else {}
            if column != OURS and column in best and OURS in best:
                ratios.append(best[column][0] / best[OURS][0])
        if ratios:
            found.append(f"{'NumPy engine' if column == 'glassnet, NumPy' else column} {span(ratios)}")
    return [f"Their time over that of the compiled engine, smallest to largest: {'; '.join(found)}."] if found else []


def span(ratios: list[float]) -> str:
    """`0.9 to 31×`."""
    low, high = (f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}" for ratio in (min(ratios), max(ratios)))
    return f"{low} to {high}×"


def readable(seconds: float) -> str:
    """With a unit and three digits: `27.4 ms`."""
    factor, unit = next((f, u) for f, u in ((1, "s"), (1e3, "ms"), (1e6, "µs")) if seconds * f >= 0.9 or f == 1e6)
    return f"{seconds * factor:.{2 if seconds * factor < 10 else 1 if seconds * factor < 100 else 0}f} {unit}"
