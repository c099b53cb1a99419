"""Machine code that was compiled before: read, loaded and called without Numba.

To import Numba and to make its cached code ready takes half a second. The machine code itself is loaded by LLVM in some
milliseconds; what is left then is to call it. Every function is entered with one address, that of a table of its
arguments in slots of eight bytes: of an array where its numbers lie and its shape, of a number itself.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, cast

import numpy as np

from glassnet.engines import heap  # noqa: F401 - code calls it by name
from glassnet.engines.kinds import FAILED, FLOAT, INTEGER, NO_MEMORY, Kind
from glassnet.engines.python_entry import python_function
from glassnet.engines.symbols import is_known, loaded

addressof, from_buffer = ctypes.addressof, cast(Any, ctypes.c_char).from_buffer


class Outdated(Exception):
    """This machine code is none that can be loaded: it has to be compiled."""


def kind_of(value: Any) -> Kind:
    """The kind of an argument; TypeError for what compiled code does not take."""
    if isinstance(value, np.ndarray):
        return value.dtype.name, value.ndim
    if type(value) is int:
        return INTEGER
    if type(value) is float:
        return FLOAT
    raise TypeError(f"compiled code takes arrays, whole numbers and floats, got {value!r:.60}")


@dataclass(frozen=True, kw_only=True)
class MachineCode:
    """A function, compiled, as it is kept.

    Attributes
    ----------
    entry
        The name it is entered by.
    kinds
        Of its arguments.
    needs
        The names that it calls and does not have: the C library's, the BLAS's.
    objects
        Object files, as the machine's linker would take them.
    """

    entry: str
    kinds: tuple[Kind, ...]
    needs: tuple[str, ...]
    objects: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """As a file: a digest, a line that says what follows, and the objects."""
        sizes = [len(data) for data in self.objects]
        said = {"entry": self.entry, "kinds": self.kinds, "needs": self.needs, "sizes": sizes}
        rest = json.dumps(said).encode() + b"\n" + b"".join(self.objects)
        return hashlib.sha256(rest).digest() + rest

    @staticmethod
    def from_bytes(data: bytes) -> MachineCode:
        """From a file; Outdated if a bit of it is another, or it says something else: such code ends the process."""
        digest, rest = data[:32], data[32:]
        if hashlib.sha256(rest).digest() != digest:
            raise Outdated
        line, _, objects = rest.partition(b"\n")
        found, start = [], 0
        try:
            said = json.loads(line)
            for size in said["sizes"]:
                found.append(objects[start : start + size])
                start += size
            kinds = tuple(kind if isinstance(kind, str) else (kind[0], kind[1]) for kind in said["kinds"])
            entry, needs = str(said["entry"]), tuple(map(str, said["needs"]))
        except (ValueError, LookupError, TypeError) as error:  # what another version of this module wrote
            raise Outdated from error
        if start != len(objects):
            raise Outdated
        return MachineCode(entry=entry, kinds=kinds, needs=needs, objects=tuple(found))


def brought_by_numba() -> None:
    """Numba's own functions too. Generated code needs none of them, so this is for code that is not ours."""
    from numba.core.registry import cpu_target

    cpu_target.target_context.refresh()  # tells LLVM


@dataclass(frozen=True, eq=False)
class Native:
    """A function in machine code, ready to be called. It does not hold Python's lock, and threads may share it.

    Attributes
    ----------
    kinds
        Of its arguments.
    address
        Where it is entered.
    """

    kinds: tuple[Kind, ...]
    address: int

    @cached_property
    def run(self) -> Callable[[bytes], float]:
        """Takes the table of arguments."""
        return cast(Callable[[bytes], float], ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_char_p)(self.address))

    @cached_property
    def packed(self) -> struct.Struct:
        """How the arguments lie in the table."""
        return table_of(self.kinds)

    @staticmethod
    def of(code: MachineCode) -> Native:
        """Load it; Outdated where something that it needs is not in this process."""
        if not all(map(is_known, code.needs)):
            brought_by_numba()
            if not all(map(is_known, code.needs)):
                raise Outdated  # LLVM would end the process
        address = loaded(code.objects).get_function_address(code.entry)
        if not address:  # it is not in there
            raise Outdated
        return Native(code.kinds, address)

    def __call__(self, *values: Any) -> float:
        """Call it with all its arguments.

        Raises
        ------
        TypeError
            They are of other kinds than those it was compiled for.
        MemoryError
            There was not enough.
        """
        if len(values) != len(self.kinds):
            raise TypeError(f"this function takes {len(self.kinds)} arguments, got {len(values)}")
        return checked(self.run(self.packed.pack(*slots(self.kinds, values))))

    def bound(self, *values: Any) -> Callable[..., float]:
        """The function of its last arguments: the first ones, which stay what they are, are looked at once.

        Raises
        ------
        TypeError
            An array is of another kind than the one it was compiled for.
        """
        first, last = self.kinds[: len(values)], self.kinds[len(values) :]
        # it hands on to `self`, which looks at all, what it does not know at first sight; that keeps the arrays, too
        return python_function(self.address, table_of(first).pack(*slots(first, values)), last, partial(self, *values))


def table_of(kinds: tuple[Kind, ...]) -> struct.Struct:
    """How arguments lie in the table."""
    return struct.Struct("=" + "".join(kind if isinstance(kind, str) else "Q" + "q" * kind[1] for kind in kinds))


def slots(kinds: tuple[Kind, ...], values: tuple[Any, ...]) -> list[Any]:
    """The numbers in the table."""
    found: list[Any] = []
    for kind, value in zip(kinds, values, strict=True):
        if isinstance(kind, str):
            found.append(value)
        elif value.dtype != kind[0] or value.ndim != kind[1]:
            raise TypeError(f"this function was compiled for {kind[0]} with {kind[1]} axes, got {kind_of(value)}")
        else:
            found.append(address_of(value))
            found += value.shape
    return found


def address_of(array: np.ndarray) -> int:
    """Where the numbers of a C-contiguous array lie."""
    try:
        return addressof(from_buffer(array))  # a quarter of the time of the other way
    except (TypeError, ValueError) as error:  # it is read-only, or empty
        if not array.flags.c_contiguous:
            rows = f"whose rows follow each other, got strides {array.strides}"
            raise TypeError(f"compiled code takes arrays {rows}") from error
        return int(array.ctypes.data)


def checked(result: float) -> float:
    """What a function gave."""
    if result == FAILED:
        raise MemoryError(NO_MEMORY)
    return result
