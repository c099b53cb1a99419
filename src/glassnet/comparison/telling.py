"""What a comparison comes to, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from glassnet.comparison.chance import Difference, difference
from glassnet.comparison.tried import Tried, Truth


def sentences(tried: Sequence[Tried], taken: Tried, trees: Tried | None, truth: Truth, target: str) -> tuple[str, ...]:
    """Why that one was taken, whether it tells anything at all, and how it stands beside trees."""
    best = min(tried, key=lambda one: float(one.errors.mean()))
    found = [as_good(taken, best, truth)] if taken is not best else []
    if taken.name == "constant" and len(tried) > 1:
        found.append(f"these columns tell nothing of {target} that these networks could find: it always says the same")
    return (*found, *([beside_trees(taken, trees, truth)] if trees else []))


def as_good(taken: Tried, best: Tried, truth: Truth) -> str:
    """Why a simpler one was taken."""
    gap = difference(taken.errors, best.errors)
    if gap.mean <= 0.0:
        return f"{taken.name} is as good as {best.name}, and simpler"
    return f"{taken.name} was taken rather than {best.name}: their difference is within one standard error"


def beside_trees(taken: Tried, trees: Tried, truth: Truth) -> str:
    """Network or trees, by what margin, and how sure that is."""
    gap = difference(taken.errors, trees.errors)
    mine, theirs = truth.score(taken.errors), truth.score(trees.errors)
    if not gap.is_clear:
        return f"level with trees (HistGradientBoosting): the difference is within chance ({odds(gap)})"
    if gap.mean < 0.0:
        return f"better than trees (HistGradientBoosting), {margin(mine, theirs)} ({odds(gap)})"
    return f"use a tree here: HistGradientBoosting is better, {margin(theirs, mine)} ({odds(gap)})"


def margin(less: float, more: float) -> str:
    """How much smaller one error is: "by 12 % of its error"."""
    return f"with an error {100.0 * (1.0 - less / more):.0f} % smaller"


def odds(gap: Difference) -> str:
    """How large a difference is beside its chance: "3.1 standard errors"."""
    return "no row differs" if not gap.mean and not gap.se else f"{min(abs(gap.z), 99.0):.1f} standard errors"
