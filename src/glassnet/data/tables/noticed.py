"""What is unusual about a column's values beside those of training, counted; of parts of a table it can be added up."""

from dataclasses import dataclass, field

from glassnet.data.tables.table import Table

MOST_UNSEEN = 100_000  # different words that are told apart; of further ones it is known that there are some


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a value stands, which it is as text."""

    text: str
    unit: str
    line: int
    source: str

    @classmethod
    def of(cls, table: Table, row: int, text: str) -> "Place":
        """The place of a value in a row of a table."""
        return cls(text=text, unit=table.unit, line=int(table.lines[row]), source=table.source)

    def words(self, with_source: bool) -> str:
        """`line 5`, or where a table is in several files `line 5 of a.csv`."""
        return f"{self.unit} {self.line} of {self.source}" if with_source else f"{self.unit} {self.line}"


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """What is unusual.

    Attributes
    ----------
    absent
        How many values are missing.
    beyond, first
        How many lie outside the range seen in training, and the first of them.
    unseen
        Words that training did not have: in how many rows, and the first of these.
    is_cut
        Whether there are more of them.
    """

    absent: int = 0
    beyond: int = 0
    first: Place | None = None
    unseen: dict[str, tuple[int, Place]] = field(default_factory=dict)
    is_cut: bool = False

    def with_more(self, other: "Noticed") -> "Noticed":
        """Return what is known of these rows and of those that follow them."""
        unseen, is_cut = dict(self.unseen) if other.unseen else self.unseen, self.is_cut or other.is_cut
        for word, (rows, place) in other.unseen.items():
            if word in unseen:
                unseen[word] = (unseen[word][0] + rows, unseen[word][1])
            elif len(unseen) < MOST_UNSEEN:
                unseen[word] = (rows, place)
            else:
                is_cut = True
        return Noticed(
            absent=self.absent + other.absent,
            beyond=self.beyond + other.beyond,
            first=self.first or other.first,
            unseen=unseen,
            is_cut=is_cut,
        )
