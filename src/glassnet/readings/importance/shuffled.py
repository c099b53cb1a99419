"""What is lost when columns are shuffled: a mean and its interval."""

from __future__ import annotations

from dataclasses import dataclass

Z = 1.96  # standard errors to either side: 95 %
LONGEST = 40  # letters of a name


@dataclass(frozen=True, kw_only=True)
class Shuffled:
    """What is lost when columns are shuffled, one or several together.

    Attributes
    ----------
    columns
        Their names.
    mean, se
        How much the error grows, and the standard error of that.
    close
        Of several, how much those of them tell of each other that do so least, 0 to 1.
    constant
        Whether they have the same value in all rows: then nothing can be said.
    """

    columns: tuple[str, ...]
    mean: float
    se: float
    close: float | None = None
    constant: bool = False

    @property
    def name(self) -> str:
        """The columns in a word."""
        return " + ".join(self.columns)

    @property
    def label(self) -> str:
        """The same in not too many letters."""
        if len(self.name) <= LONGEST:
            return self.name
        more = f" + {len(self.columns) - 1} more" if len(self.columns) > 1 else ""
        first, room = self.columns[0], LONGEST - len(more)
        return (first if len(first) <= room else f"{first[: room - 1]}…") + more

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the growth."""
        return (self.mean - Z * self.se, self.mean + Z * self.se)

    @property
    def is_clear(self) -> bool:
        """Whether the model needs it: chance alone hardly makes such a growth."""
        return self.interval[0] > 0.0

    @property
    def verdict(self) -> str:
        """What is to be said of a growth that is not clear; empty where it is."""
        if self.interval[1] < 0.0:
            return "errs less without"
        return "" if self.is_clear else "may be chance"
