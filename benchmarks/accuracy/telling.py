"""The results in words and tables, for Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from report import table

from accuracy.pooled import DRAWS, Beside, Line, Results, beside

STANDARDS = {  # who others are held against, and the heading
    "HistGradientBoosting": "Beside HistGradientBoosting",
    "scikit-learn's MLP": "Beside scikit-learn's MLP",
    "RealMLP-TD": "Beside RealMLP-TD",
}
ABOUT = f"""\
Error: the share of wrong classes, or RMSE / standard deviation of the target, on a fifth of the rows, pooled over \
splits (10; of 5,000 rows and more 3; the same rows for everybody). Everybody with the library's defaults and on one \
thread. Beside another: the geometric mean over tables of the ratio of errors, on the splits that both have; in \
brackets 95 % of {DRAWS:,} bootstrap samples of tables and their splits. Better and worse: on how many tables. Time: \
seconds of the processor for training, what is made of the table and compiling included, importing not. Table by \
table a number in brackets says how many splits were tried, where it is not all; such an error is of other rows."""
NONE = "-"


def sections(results: Results, rivals: Sequence[str]) -> list[str]:
    """Text and tables."""
    lines = [line for found in results.of.values() for line in found.values()]
    said = [f"{ABOUT} {where(lines)}"]
    for other, heading in STANDARDS.items():
        said += [f"## {heading}", against(results, rivals, other)]
    said += ["## Errors", each(results, rivals, results.pooled, ".3f", best=True)]
    said += ["## Log loss", each(results, rivals, log_loss_of(results), ".3f", best=True, classes=True)]
    said += [
        "## Seconds of the processor for training",
        each(results, rivals, lambda name, rival: results.mean(name, rival, lambda line: line["fit"][1]), ".2f"),
    ]
    wall = each(results, rivals, lambda name, rival: results.mean(name, rival, lambda line: line["fit"][0]), ".2f")
    busy = any(line["busy"] for line in lines)
    note = "Other work was going on, so these say little.\n\n" if busy else ""
    return [*said, "## Seconds on the wall", f"{note}{wall}"]


def where(lines: Sequence[Line]) -> str:
    """Machines and versions."""
    machines = sorted({line["machine"] for line in lines})
    versions: dict[str, set[str]] = {}
    for line in lines:
        for name, number in line["versions"].items():
            versions.setdefault({"sklearn": "scikit-learn"}.get(name, name), set()).add(number)
    with_what = ", ".join(f"{name} {'/'.join(sorted(numbers))}" for name, numbers in versions.items())
    return f"{' and '.join(machines)}; {with_what}."


def against(results: Results, rivals: Sequence[str], other: str) -> str:
    """Everybody beside one, the lowest error first."""
    found = [(rival, beside(results, rival, other)) for rival in rivals if rival != other]
    there = sorted(((rival, one) for rival, one in found if one is not None), key=lambda pair: pair[1].ratio)
    header = ("", "error", "better", "worse", "log loss", "time", "tables, splits")
    return table(header, [(f"**{rival}**" if ours(rival) else rival, *cells(one)) for rival, one in there])


def cells(one: Beside) -> tuple[str, ...]:
    """A row of numbers."""
    return (
        f"{one.ratio:.3f} × ({one.low:.3f} to {one.high:.3f})",
        str(one.better),
        str(one.worse),
        NONE if one.log_loss is None else f"{one.log_loss:.2f} ×",
        f"{one.time:.3g} ×",
        f"{one.tables}, {one.splits}",
    )


def each(
    results: Results,
    rivals: Sequence[str],
    value: Callable[[str, str], float | None],
    form: str,
    *,
    best: bool = False,
    classes: bool = False,
) -> str:
    """A row for each table, a column for each rival; the lowest number is bold.

    Where not all splits have been tried, those that were are in brackets, and the number is none of the lowest.
    """
    rows = []
    for name, problem in results.problems.items():
        if classes and problem.kind != "classes":
            continue
        numbers = [value(name, rival) for rival in rivals]
        tried = [len(results.lines(name, rival)) for rival in rivals]
        texts = [NONE if number is None else f"{number:{form}}" for number in numbers]
        there = [text for text, splits in zip(texts, tried, strict=True) if splits == problem.splits]
        least = min(there, key=float, default=None) if best else None
        row = [name, f"{problem.rows:,}"]
        for text, splits in zip(texts, tried, strict=True):
            if 0 < splits < problem.splits:
                row.append(f"{text} ({splits})")
            else:
                row.append(f"**{text}**" if text == least else text)
        rows.append(row)
    return table(["table", "rows", *rivals], rows)


def log_loss_of(results: Results) -> Callable[[str, str], float | None]:
    return lambda name, rival: results.mean(name, rival, lambda line: line["log_loss"])


def ours(rival: str) -> bool:
    """Whether it is glassnet."""
    return rival.startswith("glassnet")
