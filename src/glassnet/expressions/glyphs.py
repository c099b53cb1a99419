"""A name as it is printed: a letter, perhaps Greek, with a hat, an index, a d in front.

Notations in two dimensions, LaTeX and HTML, write names by these parts; on one line names stay as they are.
"""

import re
from typing import NamedTuple


class Glyphs(NamedTuple):
    """A name taken apart for print: `dxhat2` is d, x with a hat, index 2."""

    d: bool
    stem: str  # a letter, a Greek letter's name, or a word
    hat: bool
    number: str

    @property
    def is_array(self) -> bool:
        """Whether it is a layer's beta or gamma, printed bold: Adam's β₁ is a number."""
        return self.stem in ("beta", "gamma") and self.number.isdigit()


GREEK = ("alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "rho", "eta", "epsilon", "ell")
LETTERS = {"lr": "eta", "eps": "epsilon", "l": "ell", "momentum": "mu"}


def glyphs(name: str) -> Glyphs:
    """A name's parts.

    >>> glyphs("dxhat2")
    Glyphs(d=True, stem='x', hat=True, number='2')
    >>> glyphs("g_clip")
    Glyphs(d=False, stem='g', hat=False, number='clip')
    """
    if name in ("l1", "l2"):
        return Glyphs(False, "lambda", False, name[1])
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    head, _, tail = name.partition("_")
    if tail and (len(head) == 1 or head in GREEK):
        stem, index = head, tail if not tail.isdigit() else f"_{tail}"
    letter = re.fullmatch(rf"(d?)([A-Za-z]|{'|'.join(GREEK)})(hat)?", stem)
    if letter and stem not in LETTERS:
        return Glyphs(bool(letter[1]), letter[2], bool(letter[3]), index)
    return Glyphs(False, LETTERS.get(stem, stem), False, index)


def as_number(name: str) -> str:
    """The name by which a single number is printed: beta_1 for Adam's beta1, so that it is no layer's beta.

    >>> as_number("beta1"), as_number("eps"), as_number("beta1[0]")
    ('beta_1', 'eps', 'beta1[0]')
    """
    return re.sub(r"^(beta|gamma)(\d+)$", r"\1_\2", name)
