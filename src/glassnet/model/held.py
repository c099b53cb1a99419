"""What a model has from its state, so that it is written once: attributes and methods of the same name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from glassnet.training.state import State

P = ParamSpec("P")
T = TypeVar("T")


class Face(Protocol):
    """What stands over a state."""

    state: State


class Held(Generic[T]):
    """An attribute of the state, read and set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        found = vars(State).get(name)
        self.__doc__ = found.__doc__ if isinstance(found, (property, cached_property)) else None

    @overload
    def __get__(self, face: None, owner: type) -> Self: ...

    @overload
    def __get__(self, face: Face, owner: type) -> T: ...

    def __get__(self, face: Face | None, owner: type) -> Self | T:
        if face is None:
            return self
        value: T = getattr(face.state, self.name)
        return value

    def __set__(self, face: Face, value: T) -> None:
        setattr(face.state, self.name, value)


class Asked(Generic[P, T]):
    """A method of the state, with its signature and its docstring."""

    def __init__(self, method: Callable[Concatenate[State, P], T]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    @overload
    def __get__(self, face: None, owner: type) -> Callable[Concatenate[Any, P], T]: ...

    @overload
    def __get__(self, face: Face, owner: type) -> Callable[P, T]: ...

    def __get__(self, face: Face | None, owner: type) -> Callable[..., T]:
        return self.method if face is None else MethodType(self.method, face.state)
