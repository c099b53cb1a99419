"""Functions that compiled code alone calls, and how Numba compiles them.

    @part          a function that generated code calls
    @fused         generated code, in which the compiler may make one operation of a product and a sum
    @as_written    generated code in which it may not

None has what a call from Python needs, which takes as long to compile as a small function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.compiler import CompilerBase, DefaultPassBuilder

F = TypeVar("F", bound=Callable[..., Any])
Compiler: Any = CompilerBase

# Numba's passes over what does not occur here: closures, arrays without loops, `with`, exceptions made while running,
# functions that are inlined as text. They take an eighth of the time.
NEEDLESS = frozenset(
    {
        *("FindLiterallyCalls", "InlineClosureLikes", "InlineInlinables", "InlineOverloads", "LiteralUnroll"),
        *("LiteralPropagationSubPipelinePass", "MakeFunctionToJitFunction", "NopythonRewrites"),
        *("RewriteDynamicRaises", "WithLifting"),
    }
)


class Short(Compiler):  # type: ignore[misc]  # Numba has no types
    """Numba's compiler for functions without Python objects, with fewer passes."""

    def define_pipelines(self) -> list[Any]:
        """Its passes."""
        manager: Any = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]  # no types
        manager.passes = [(made, said) for made, said in manager.passes if made.__name__ not in NEEDLESS]
        manager.finalize()
        return [manager]


WITHIN: dict[str, Any] = {
    "error_model": "numpy",
    "_nrt": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": Short,
}


def part(function: F) -> F:
    """For functions of products and sums: also in an order of sums that vectors like, fixed at compilation."""
    return cast(F, njit(**WITHIN, fastmath={"contract", "reassoc", "nsz"})(function))


def fused(function: F) -> F:
    """For generated code."""
    return cast(F, njit(**WITHIN, fastmath={"contract"})(function))


def as_written(function: F) -> F:
    """For generated code whose text says which products and sums are one operation."""
    return cast(F, njit(**WITHIN)(function))
