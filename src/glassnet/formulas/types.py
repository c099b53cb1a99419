"""The one type of the formulas: an ndarray, or a symbol that stands for one.

A formula called with arrays computes; called with symbols it yields its own text. Both know the same
operations, and no static type covers the two, so the alias says it in words.
"""

from typing import Any, TypeAlias

Array: TypeAlias = Any
