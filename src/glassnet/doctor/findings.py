"""What is found of a cause, and of another change that heals as well."""

from __future__ import annotations

from dataclasses import dataclass, field

from glassnet.doctor.case import Case
from glassnet.doctor.proof import Row


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A cause.

    Attributes
    ----------
    name
        In the field's words.
    evidence
        What was measured that speaks for it.
    why
        Why a network does not learn then.
    change
        What to do about it.
    proven
        Whether the proof has it: with the change it learns, without it does not. Otherwise it is a suspicion.
    effect
        How much larger the share of ten seeds that learn is with the change than without it; None: not tried.
    by_itself
        Whether its change heals in the place of those before it, rather than together with them.
    """

    name: str
    evidence: tuple[str, ...]
    why: str
    change: str
    proven: bool
    effect: float | None = None
    by_itself: bool = False


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Another change that heals, alone.

    Attributes
    ----------
    name, change
        What it would be the cure of, and what to do.
    row
        Its line of the proof.
    code
        The call of `train`.
    case
        What is trained by it.
    """

    name: str
    change: str
    row: Row
    code: str
    case: Case = field(repr=False)
