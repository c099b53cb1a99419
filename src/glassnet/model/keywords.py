"""Functions that share keywords with another: help shows them with their defaults, which are written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def keywords_of(other: Callable[..., Any], options: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """For a function whose `**options` are keywords of another: those that a typed dictionary names.

    What is not given is not passed on. A keyword that the dictionary does not name is a TypeError, as ever.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        kept = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
        shared = [p for name, p in inspect.signature(other).parameters.items() if name in options.__optional_keys__]
        known = {p.name for p in [*kept, *shared]}
        theirs = {*inspect.signature(other).parameters}

        @wraps(function)
        def checked(*args: P.args, **given: P.kwargs) -> T:
            for name in given:
                if name not in known:
                    whose = f": it is for {other.__name__} alone" if name in theirs else ""
                    raise TypeError(f"{function.__name__}() got an unexpected keyword argument {name!r}{whose}")
            return function(*args, **given)

        # help() reads __signature__, which functions may have but their type does not declare
        checked.__signature__ = inspect.signature(function).replace(parameters=[*kept, *shared])  # type: ignore[attr-defined]
        return checked

    return decorate
