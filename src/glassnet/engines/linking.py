"""Compiling what is linked into one function, without compiling each of its parts for itself.

Numba makes machine code of every function that it meets, and then once more of the whole that it was linked into. Of
the parts nobody calls the first: while `compiled` is at work they are kept as LLVM's text, and optimized and translated
with the function that they become part of. One that Python may call is translated when its address is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

Whole: Any = JITCodeLibrary


class Part(Whole):  # type: ignore[misc]  # Numba has no types
    """The code of a function that is linked into others."""

    translated = False

    def _optimize_final_module(self) -> None:
        """With the whole."""

    def _finalize_final_module(self) -> None:
        """It can be linked now."""
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """The address of a function; 0 where there is none of that name."""
        self._ensure_finalized()
        found = [item for item in self._final_module.functions if item.name == name and not item.is_declaration]
        if not found:
            return 0
        if not self.translated:
            self.translated = True
            super()._optimize_final_module()
            super()._finalize_final_module()
        return int(super().get_pointer_to_function(name))

    @property
    def codegen(self) -> Any:
        """What Numba writes the address of a function's environment with."""
        return Environments(self._codegen)


class Environments:
    """A code generator that leaves out the environments of functions that are not translated."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        """Write its address to where the function looks for it."""
        if self._codegen._engine.get_global_value_address(name):
            self._codegen.set_env(name, environment)


def library(whole: str, codegen: Any, name: str, **more: Any) -> Any:
    """Where a function's code goes; that of the whole is translated at once."""
    return (Whole if name == whole else Part)(codegen, name, **more)


@contextmanager
def linked_into(whole: str) -> Iterator[None]:
    """Within it, all functions that are compiled are parts of the one of this name; others wait for the lock."""
    codegen = cpu_target.target_context.codegen()
    before = codegen._library_class
    codegen._library_class = partial(library, whole)
    try:
        yield
    finally:
        codegen._library_class = before
