"""The score card in JSON."""

from __future__ import annotations

from glassnet.data.files import JSON
from glassnet.data.files import fields as read
from glassnet.errors import ModelFileError
from glassnet.training.card import Card, Entry

KINDS = ("classes", "number")


def written_card(card: Card) -> dict[str, JSON]:
    """A card; its errors may be no numbers."""
    return {
        "entries": [written_entry(entry) for entry in card.entries],
        "taken": card.taken,
        "kind": card.kind,
        "rows": card.rows,
        "how": card.how,
        "said": list(card.said),
        "reproducible": card.reproducible,
    }


def written_entry(entry: Entry) -> dict[str, JSON]:
    """A line of it."""
    return {
        "name": entry.name,
        "error": read.written_number(entry.error),
        "se": read.written_number(entry.se),
        "log_loss": None if entry.log_loss is None else read.written_number(entry.log_loss),
        "numbers": entry.numbers,
    }


def read_card(value: object, path: str) -> Card:
    """The card that `written_card` wrote."""
    found = read.record(
        value,
        path,
        {
            "entries": lambda item, at: tuple(
                read_entry(one, f"{at}[{k}]") for k, one in enumerate(read.items(item, at))
            ),
            "taken": read.text,
            "kind": lambda item, at: read.one_of(item, at, KINDS),
            "rows": read.count,
            "how": read.text,
            "said": read.texts,
            "reproducible": read.flag,
        },
    )
    if found["taken"] not in [entry.name for entry in found["entries"]]:
        raise ModelFileError(f"{path}.taken is {found['taken']!r:.60}, which is none of its entries")
    return Card(**found)


def read_entry(value: object, path: str) -> Entry:
    """A line of it."""
    readers = {
        "name": read.text,
        "error": read.any_number,
        "se": read.any_number,
        "log_loss": lambda item, at: None if item is None else read.any_number(item, at),
        "numbers": lambda item, at: None if item is None else read.count(item, at),
    }
    return Entry(**read.record(value, path, readers))
