"""A derivation as a page."""

from glassnet.derivation.steps import Derivation
from glassnet.expressions.notation import plain


def text(derivation: Derivation) -> str:
    """Plain text."""
    return "\n".join(
        f"{s.phase:9} {s.assigns or s.name:6} = {plain(s.expression):50} {s.shape!s:12} {s.reason}" for s in derivation.steps
    )
