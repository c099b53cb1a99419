"""Every number of a model: one forward pass, backward pass and update, as formula, numbers put in, and result.

It is a reading of the derivation. Start with `explanation.py`, what a person gets; `element.py` is where a number of
an array expression becomes arithmetic on numbers; `contents.py` is what pages say, before it is text, HTML or LaTeX.
"""

from glassnet.readings.explain.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
