"""What was found: a verdict, causes with their evidence, what to change, and the proof."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from glassnet.data.files import ending, write_atomically
from glassnet.doctor import telling
from glassnet.doctor.bar import Bar
from glassnet.doctor.findings import Alternative, Cause
from glassnet.doctor.measures import Trace
from glassnet.doctor.proof import Proof, Row


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Why a network does not learn, proven where it can be: `print` it.

    Attributes
    ----------
    verdict
        "healthy"; "seed", it learns from some starts; "sick"; "more", it needs more epochs, or more rows; "nothing",
        these columns say nothing of the target; "unknown".
    said
        More of that, in a sentence; it may be empty.
    bar
        What it should have reached, by whom.
    share
        The network as it is: of how many seeds it learns, and how wrong it is.
    causes
        The main one first.
    notes
        What else is remarkable.
    proof
        Of the changes; None: none was found.
    alternatives
        Other changes that heal.
    code
        The call of `train` that heals, as Python; empty where none is known.
    ends
        Where trainings end that fail, in words.
    trace
        A training of it that failed, looked at on its way; None: there was none.
    seconds
        What the diagnosis took.
    """

    verdict: str
    bar: Bar = field(repr=False)
    share: Row = field(repr=False)
    said: str = ""
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()
    proof: Proof | None = field(default=None, repr=False)
    alternatives: tuple[Alternative, ...] = ()
    code: str = ""
    ends: tuple[str, ...] = ()
    trace: Trace | None = field(default=None, repr=False)
    seconds: float = 0.0

    @property
    def repaired(self) -> bool:
        """Whether changes are proven to heal it."""
        return self.proof is not None and self.proof.heals

    def __str__(self) -> str:
        parts = [telling.head(self.verdict, self.said), telling.standing(self.bar, self.share)]
        parts += [telling.of_cause(cause, k, len(self.causes)) for k, cause in enumerate(self.causes, start=1)]
        parts += [telling.of_proof(self.proof, self.alternatives)] if self.proof else []
        parts += [["Where those end that fail:", *(f"  {one}" for one in self.ends)]] if self.ends else []
        parts += [["What to run:", *(f"  {line}" for line in self.code.splitlines())]] if self.code else []
        parts += [[f"note: {note}" for note in self.notes]] if self.notes else []
        return "\n\n".join("\n".join(part) for part in parts)

    def html(self) -> str:
        """A fragment of HTML that needs nothing else, with small pictures: losses, and layers on their way."""
        from glassnet.doctor.html_page import html_fragment

        return html_fragment(self)

    def page(self) -> str:
        """A page of HTML that stands alone."""
        from glassnet.doctor.html_page import html_page

        return html_page(self)

    def _repr_html_(self) -> str:
        return self.html()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file: .txt, .html (a page) or .json.

        Raises
        ------
        ValueError
            The file's name ends in something else.
        OSError
            The file cannot be written; what was there is untouched.
        """
        suffix = ending(path, "a diagnosis", (".txt", ".html", ".json"))
        text = f"{self}\n"
        if suffix == ".html":
            text = self.page()
        elif suffix == ".json":
            text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_atomically(path, text.encode())

    def plot(self, path: str | Path | None = None, *, ax: Any = None) -> Any:
        """The losses as it was and with the changes, and what became of each layer, drawn with matplotlib.

        Parameters
        ----------
        path
            Where to save the picture, .png, .svg or .pdf; the same diagnosis gives the same bytes. None: nowhere.
        ax
            Axes to draw the losses on, alone; None: a new figure with everything.

        Returns
        -------
        matplotlib.axes.Axes
            Those of the losses; the others are in `axes.figure.axes`.

        Raises
        ------
        ValueError
            There is nothing to draw: it is healthy, or nothing can be learnt.
        ImportError
            Matplotlib is not installed; the message names the extra.
        """
        from glassnet.doctor.picture_plot import plot
        from glassnet.doctor.pictures import layers_of, losses_of

        losses = list(losses_of(self.proof, self.trace))
        return plot(losses if ax is not None else [*losses, *layers_of(self.trace)], path, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it; what is not known is None.

        "network", "yardsticks" and "enough" are errors, judged by "class", "recall" or "distance"; "losses" are pairs
        (epoch, loss) of each of the proof's seeds, "before" and "after"; "layers" is a failed training, look by look.
        """
        proof = self.proof
        return {
            "verdict": self.verdict,
            "said": self.said,
            **telling.standing_json(self.bar, self.share),
            "causes": [asdict(cause) for cause in self.causes],
            "repaired": self.repaired,
            "proof": [telling.row_json(row) for row in proof.rows] if proof else None,
            "alternatives": [
                {"name": other.name, "change": other.change, "code": other.code, "proof": telling.row_json(other.row)}
                for other in self.alternatives
            ],
            "code": self.code,
            "ends": list(self.ends),
            "notes": list(self.notes),
            "layers": self.trace.to_json() if self.trace else [],
            "losses": {name: [*map(telling.curve_json, of)] for name, of in proof.curves.items()} if proof else {},
            "seconds": round(self.seconds, 3),
        }
