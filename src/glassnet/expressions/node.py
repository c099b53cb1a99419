"""What notations read of an expression. `expression.Expression` is one: it writes itself, so it stands above them."""

from __future__ import annotations

from typing import Any, Protocol


class Node(Protocol):
    """An operation on others, a symbol, or a constant; see `Expression`."""

    @property
    def op(self) -> str:
        """The operation's name."""

    @property
    def args(self) -> tuple[Node, ...]:
        """What it is applied to."""

    @property
    def shape(self) -> tuple[int | str, ...]:
        """Of the result; a word stands for the number of rows."""

    @property
    def dtype(self) -> Any:
        """Of the result."""

    @property
    def name(self) -> str:
        """A symbol's name."""

    @property
    def value(self) -> float:
        """A constant's number."""

    @property
    def axis(self) -> int | None:
        """Of a reduction."""

    @property
    def keepdims(self) -> bool:
        """Of a reduction."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Of `take`."""

    @property
    def blocks(self) -> int:
        """Of a product by blocks."""

    @property
    def call(self) -> Named | None:
        """The formula whose result it is."""


class Named(Protocol):
    """A formula that has a name, applied to arguments; see `Call`."""

    @property
    def name(self) -> str:
        """Of the formula."""

    @property
    def args(self) -> tuple[Node, ...]:
        """As a reader sees them."""
