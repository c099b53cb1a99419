"""An ONNX graph being built: values that have a name each, and the nodes that make them, in order.

ONNX (onnx.ai) is a file format for networks: named values, and nodes that each apply one of about two hundred
standard operations to them. Many programs read it. This is the one file that imports onnx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.errors import need
from glassnet.expressions.expression import BOOL, Shape
from glassnet.expressions.notation import number
from glassnet.readings.eject.names import free_name

OPSET, FORMAT = 19, 9  # of 2023: the first operations that compare words, and the format that came with them


@dataclass(kw_only=True)
class Graph:
    """A graph being built.

    Attributes
    ----------
    dtype
        Of its numbers, where nothing else is said.
    taken
        The names in use; no two values have the same.
    nodes, inputs, outputs, known, numbers
        onnx's own objects: operations, what is given, what is asked for, values of known shape, arrays.
    made
        What there is already: the same operation on the same values is done once.
    """

    dtype: np.dtype[Any]
    taken: set[str] = field(default_factory=set)
    nodes: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    known: list[Any] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)
    made: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        need("ONNX files", "onnx", "onnx")

    def free(self, name: str) -> str:
        """A name that nothing has yet, taken from here on."""
        name = free_name(name, self.taken)
        self.taken.add(name)
        return name

    def input(self, name: str, dtype: Any, shape: Shape, words: str) -> None:
        """A value that is given, under a name that is `free`; the words describe it."""
        self.inputs.append(value_info(name, dtype, shape, words))

    def output(self, name: str, dtype: Any, shape: Shape, words: str) -> None:
        """A value that is asked for."""
        self.outputs.append(value_info(name, dtype, shape, words))

    def array(self, name: str, values: Any) -> str:
        """Numbers, truth values or words that are part of the model, in the dtype they have; the name they got."""
        from onnx import TensorProto, helper, numpy_helper

        name, values = self.free(name), np.asarray(values, order="C")
        if values.dtype == object:
            letters: Any = [utf8(word).encode() for word in values.flat]  # onnx's types know of numbers only
            self.numbers.append(helper.make_tensor(name, TensorProto.STRING, values.shape, letters))
        else:
            self.numbers.append(numpy_helper.from_array(values, name))
        return name

    def once(self, name: str, values: Any) -> str:
        """The same for an array that is used in several places: its name says what is in it."""
        values = np.asarray(values)
        key = ("array", name, values.dtype)
        if key not in self.made:
            self.made[key] = self.array(name, values)
        return self.made[key]

    def constant(self, value: float, dtype: np.dtype[Any] | None = None) -> str:
        """One number (of the graph's dtype) or truth value, without axes."""
        dtype = dtype or self.dtype
        text = str(bool(value)) if dtype == BOOL else number(float(value))
        with np.errstate(over="ignore"):  # what is too large for a float32 is infinite
            return self.once(safe_name("number_" + text.replace("-", "minus_")), np.array(value).astype(dtype))

    def axes(self, axis: int) -> str:
        """One axis, in the form in which operations are given axes."""
        return self.once(f"axis_{axis}", np.array([axis], np.int64))

    def node(self, operation: str, *args: str, name: str = "", hint: str = "", words: str = "", **options: Any) -> str:
        """The result of an operation of ONNX.

        Parameters
        ----------
        operation, args, options
            Its name, the names of its arguments, its attributes.
        name
            What the result is called; a name that is `free`.
        hint
            Without a name: what it may be called; then the same operation on the same values is not repeated.
        words
            What it is, for a reader.
        """
        from onnx import helper

        key = ("node", operation, *args, *sorted(options.items()))
        if not name and key in self.made:
            return self.made[key]
        result = name or self.free(hint)
        self.nodes.append(helper.make_node(operation, args, [result], name=result, doc_string=utf8(words), **options))
        self.made.setdefault(key, result)
        return result

    def cast(self, value: str, dtype: Any, hint: str = "", name: str = "") -> str:
        """The same in another dtype."""
        from onnx import helper

        return self.node("Cast", value, name=name, hint=hint, to=int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype))))

    def note(self, name: str, dtype: Any, shape: Shape) -> None:
        """Write down what dtype and shape a value has, for readers; the check compares it with what it finds."""
        self.known.append(value_info(name, dtype, shape))

    def model(self, title: str, words: str, version: str, more: Mapping[str, str]) -> bytes:
        """The whole as the bytes of a file, checked by onnx."""
        import onnx
        from onnx import helper

        graph = helper.make_graph(self.nodes, title, self.inputs, self.outputs, self.numbers, value_info=self.known)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=FORMAT,
            producer_name="glassnet",
            producer_version=version,
            doc_string=utf8(words),
        )
        helper.set_model_props(model, dict(more))
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def value_info(name: str, dtype: Any, shape: Shape, words: str = "") -> Any:
    """A value's name, dtype (`str` for words) and shape, as onnx has it."""
    from onnx import TensorProto, helper

    kind = TensorProto.STRING if dtype is str else helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return helper.make_tensor_value_info(name, kind, shape, utf8(words))


def utf8(text: str) -> str:
    """Text that UTF-8 can hold: half a surrogate pair, which it cannot, as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def safe_name(name: str) -> str:
    r"""A name that ONNX allows: ASCII letters, digits and underscores, no digit first.

    >>> safe_name("bill length (mm)"), safe_name("2nd"), safe_name("\N{GREEK SMALL LETTER ALPHA}")
    ('bill_length_mm', '_2nd', '')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") if not re.fullmatch(r"[A-Za-z0-9_]*", name) else name
    return f"_{name}" if name[:1].isdigit() else name
