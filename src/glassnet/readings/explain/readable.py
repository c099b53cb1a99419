"""What can be read: on the terminal, in a notebook, as a page, as LaTeX, as JSON. All of it renders `Contents`."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any

from glassnet.data.files import ending, write_atomically
from glassnet.printable import printable
from glassnet.readings.explain.arithmetic import SHOWN
from glassnet.readings.explain.contents import Contents
from glassnet.readings.explain.html_page import html_fragment, html_page
from glassnet.readings.explain.json_page import json_text, to_json
from glassnet.readings.explain.latex_page import latex_document, latex_page
from glassnet.readings.explain.text import text


class Readable(ABC):
    """Something that has contents."""

    @abstractmethod
    def contents(self, terms: int | None = SHOWN) -> Contents:
        """What there is to say; `terms`: how many terms of a long sum are shown, None: all."""

    def drawing(self) -> str:
        """A picture for the top of the page, as SVG; empty for none."""
        return ""

    def text(self, width: int = 80, color: bool = False, terms: int | None = SHOWN) -> str:
        """Plain text.

        Parameters
        ----------
        width
            Columns, at least 40; only a name that is longer stands out.
        color
            Whether headings are bold and remarks dim, for a terminal.
        terms
            How many terms of a sum of more than 24 are shown, the largest; the others are one line with their sum.
            None: all of every sum.
        """
        return text(self.contents(terms), width, color)

    def html(self, terms: int | None = SHOWN) -> str:
        """A fragment of HTML that needs nothing else."""
        return html_fragment(self.contents(terms))

    def page(self, terms: int | None = SHOWN) -> str:
        """A page of HTML that stands alone."""
        contents = self.contents(terms)
        return html_page(contents, contents.title, self.drawing())

    def latex(self, terms: int | None = SHOWN) -> str:
        """LaTeX, for a document that loads amsmath."""
        return latex_document(self.contents(terms))

    def to_json(self, terms: int | None = SHOWN) -> dict[str, Any]:
        """Plain JSON types, numbers in full; what is not finite is a text: "NaN", "Infinity", "-Infinity"."""
        return to_json(self.contents(terms))

    def save(self, path: str | os.PathLike[str], terms: int | None = SHOWN) -> None:
        """Write it to a file: .txt, .html (a page), .tex (a document) or .json.

        Raises
        ------
        ValueError
            The file's name ends in something else.
        OSError
            The file cannot be written; what was there is untouched.
        """
        write_atomically(path, self.written_for(path, terms).encode())

    def written_for(self, path: str | os.PathLike[str], terms: int | None = SHOWN) -> str:
        """The text of a file of that name."""
        suffix = ending(path, "an explanation")
        if suffix == ".html":
            return self.page(terms)
        if suffix == ".tex":
            return latex_page(self.contents(terms))
        if suffix == ".json":
            return json_text(self.contents(terms))
        return self.text(terms=terms) + "\n"

    def __str__(self) -> str:
        return printable(self.text())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html()
