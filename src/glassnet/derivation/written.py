"""A derivation as people meet it: steps to go through, a page to read.

Pages are imported when they are asked for: most trainings never print one.
"""

from __future__ import annotations

import os
from typing import Any

from glassnet.derivation.steps import Derivation, Step
from glassnet.printable import printable


class WrittenDerivation:
    """A network's own mathematics, step by step: printed it is a page, in a notebook it is mathematics.

    Attributes
    ----------
    record
        The derivation as engines take it.
    network, optimizer
        What was derived; no optimizer: without an update.
    steps
        In the order in which they are computed.
    inputs, constants
        What the steps start from: symbols, and the values of named numbers that do not change.
    layout, gradients
        How the learnt arrays lie in theta, and for each of them the step that is its gradient.
    output, dtype
        The step that is the result (predictions, or the loss), and the type of all numbers.
    """

    def __init__(self, record: Derivation) -> None:
        self.record = record
        self.network, self.optimizer = record.network, record.optimizer
        self.steps, self.inputs, self.constants = record.steps, record.inputs, record.constants
        self.layout, self.gradients = record.layout, record.gradients
        self.output, self.dtype = record.output, record.dtype

    def __getitem__(self, name: str) -> Step:
        return self.record[name]

    def __str__(self) -> str:
        return printable(self.text())

    __repr__ = __str__

    def text(self, width: int | None = None, expand: bool = False) -> str:
        """The derivation in plain text, 100 columns or `width`; with `expand`, formulas as arithmetic."""
        from glassnet.derivation.page import text

        return text(self.record, width, expand)

    def latex(self, expand: bool = False) -> str:
        """The derivation in LaTeX, to be pasted into a document that loads amsmath: one `aligned` block a phase.

        `save("derivation.tex")` writes a document of its own.
        """
        from glassnet.derivation.latex_page import latex_document

        return latex_document(self.record, expand)

    def html(self, expand: bool = False) -> str:
        """The derivation as an HTML fragment that needs nothing else."""
        from glassnet.derivation.html_page import html_fragment

        return html_fragment(self.record, expand)

    def page(self, expand: bool = False) -> str:
        """The derivation as a page of HTML that stands alone."""
        from glassnet.derivation.html_page import html_page

        return html_page(self.record, expand)

    def to_json(self) -> dict[str, Any]:
        """The derivation in plain JSON types, for programs: formulas are text that Python can evaluate."""
        from glassnet.derivation.json_page import to_json

        return to_json(self.record)

    def save(self, path: str | os.PathLike[str], expand: bool = False) -> None:
        """Write it to a file: .txt, .html (a page), .tex (a document) or .json (always with formulas as arithmetic).

        Raises
        ------
        ValueError
            The file's name ends in something else.
        OSError
            The file cannot be written; what was there is untouched.
        """
        from glassnet.data.files import write_atomically

        write_atomically(path, self.written_for(path, expand).encode())

    def written_for(self, path: str | os.PathLike[str], expand: bool = False) -> str:
        """The text of a file of that name."""
        from glassnet.data.files import ending

        suffix = ending(path, "a derivation")
        if suffix == ".html":
            return self.page(expand)
        if suffix == ".tex":
            from glassnet.derivation.latex_article import latex_article

            return latex_article(self.record, expand)
        if suffix == ".json":
            from glassnet.derivation.json_page import json_text

            return json_text(self.record)
        return self.text(expand=expand) + "\n"

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_latex_(self) -> str:
        from glassnet.derivation.latex_page import latex_notebook

        return latex_notebook(self.record)
