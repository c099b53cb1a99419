"""Writing a program as NumPy code: an operation becomes `ufunc(a, b, out=buffer)`.

What costs time in NumPy on small arrays is the call, on large ones memory. So results go into buffers that are made
once, in place of an operand that is no longer needed where possible; what never changes is made when binding; sums
along an axis are products with ones, which BLAS does faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from glassnet.derivation.steps import Derivation
from glassnet.engines.numpy_blocks import Blocks, find_blocks
from glassnet.engines.numpy_buffers import DTYPES, Buffers
from glassnet.engines.program import VIEWS, Operation, Program
from glassnet.engines.single_numbers import INFIX
from glassnet.expressions.expression import BOOL, OF_COLUMNS, ROWS
from glassnet.expressions.notation import columns_text

OUT = "out"  # where a prediction is written to
ARGUMENTS = ("x", "y", "w", "epoch", "t", "lr", OUT)
FUNCTIONS = {"expm1": "exp_minus_1"}


def is_tame(operation: Operation) -> bool:
    """Whether a result is finite as long as training goes well: then 0 times it is 0."""
    return operation.op in ("symbol", "matmul") or (
        operation.op == "multiply" and all(arg.op == "constant" or is_tame(arg) for arg in operation.args)
    )


@dataclass(kw_only=True)
class NumPyWriter:
    """Writes the code of one program.

    Attributes
    ----------
    derivation, program
        What to write, and the same as operations.
    returned
        How many of the program's results the function returns, the first ones: single numbers.
    """

    derivation: Derivation
    program: Program
    returned: int
    buffers: Buffers = field(init=False)
    blocks: dict[int, Blocks] = field(init=False)  # id of an operation -> the blocks it is done in
    once: list[str] = field(default_factory=list)  # done when binding
    bound: set[str] = field(default_factory=set)  # those of them that are asked for more than once
    body: list[str] = field(default_factory=list)  # done at every call
    variable: dict[int, str] = field(default_factory=dict)  # id of an operation -> the variable with its result
    copies: list[str] = field(default_factory=list)
    unwritten: list[Operation] = field(default_factory=list)  # |z| where only -|z| is needed
    fixed: dict[str, str] = field(default_factory=dict)  # text of a constant array -> its variable
    told: dict[int, str] = field(default_factory=dict)  # id of a list of lines -> the step they are in

    def __post_init__(self) -> None:
        self.program.schedule()
        self.blocks = find_blocks(self.program, self.derivation)
        self.buffers = Buffers(program=self.program, blocks=self.blocks)

    def write(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The text of `bind`, which gives a function of this name, and that function's arguments."""
        asked = set(self.derivation.inputs) - set(self.derivation.constants)
        asked |= {OUT} if name in ("predict", "evaluate") else set()
        arguments = [item for item in ARGUMENTS if item in asked]
        for leaf in self.program.leaves:
            self.leaf(leaf)
        for position, operation in enumerate(self.program.operations):
            self.operation(operation, position)
            self.buffers.release(operation, position)
            if blocks := self.blocks.get(id(operation)):
                names = {self.array(item): item for item in (*operation.args, operation) if not item.is_scalar}
                made = self.buffers.made
                blocks.arrays |= {n: n in made and blocks.is_inside(item) for n, item in names.items()}
                if position == blocks.last:
                    self.once += blocks.made(f"blocks_{position}")
                    self.body += blocks.loop(f"blocks_{position}")
        self.body += self.copies
        returned = map(self.scalar, self.program.results[: self.returned])
        share = f"  # {self.derivation.share.formula}" if self.returned > 1 and self.derivation.share else ""
        self.body.append(f"return {', '.join(returned) or OUT}{share}")
        lines = ["def bind(memory, n, rng):"]
        lines += [f"    {' = '.join(reversed(names))}" for names in self.buffers.made.values()]
        lines += [f"    {line}" for line in self.once]
        lines += [f"    def {name}({', '.join(arguments)}):"]
        lines += [f"        {line}" for line in self.body]
        lines += [f"    return {name}"]
        return "\n".join(lines) + "\n", tuple(arguments)

    def say(self, operation: Operation, line: str) -> None:
        """A line done at every call, or for every block; above a step's first line stands its formula."""
        blocks = self.blocks.get(id(operation))
        lines = blocks.lines if blocks else self.body
        if self.told.get(id(lines)) != operation.step:
            self.told[id(lines)] = operation.step
            step = self.derivation[operation.step]
            lines.append(f"# {step.formula}   ({', '.join(map(str, step.shape))})")
        lines.append(line)

    def leaf(self, leaf: Operation) -> None:
        """A leaf is an argument, a number, or an array in memory."""
        if leaf.op == "symbol" and not leaf.is_scalar:
            self.variable[id(leaf)] = leaf.name
            if leaf.name not in ARGUMENTS:
                self.remember(leaf.name)

    def remember(self, name: str) -> None:
        """Name an array in memory, once."""
        if name != OUT:
            self.bind(f"{name} = memory[{name!r}]")

    def bind(self, line: str) -> None:
        """A line done when binding, however often it is asked for."""
        if line not in self.bound:
            self.bound.add(line)
            self.once.append(line)

    def operation(self, operation: Operation, position: int) -> None:
        """Write one operation."""
        if operation.is_scalar and operation.op != "copy":
            self.scalar_operation(operation)
        elif operation.op in VIEWS:
            self.view(operation)
        else:
            self.array_operation(operation, position)

    # scalars: Python's own numbers

    def scalar(self, operation: Operation) -> str:
        """A scalar operand as text."""
        if operation.op == "constant":
            value = operation.source.value
            return repr(value) if math.isfinite(value) else f"float('{value}')"
        if operation.name in self.derivation.constants:
            return repr(self.derivation.constants[operation.name])
        return operation.name

    def is_fixed(self, operation: Operation) -> bool:
        """Whether a scalar is known as soon as the number of rows is."""
        if operation.op == "symbol":
            return operation.name == ROWS or operation.name in self.derivation.constants
        return operation.is_scalar and operation.op != "random" and all(map(self.is_fixed, operation.args))

    def scalar_operation(self, operation: Operation) -> None:
        """`name = text` with Python's arithmetic, once if it depends on the number of rows alone."""
        arg = operation.args[0]
        if operation.op in ("sum", "max") and not arg.is_scalar:
            self.say(operation, f"{operation.name} = {self.total(operation.op, arg)}")
            return
        texts = [self.scalar(item) for item in operation.args]
        if operation.op == "where":
            text = f"{texts[1]} if {texts[0]} else {texts[2]}"
        elif operation.op in INFIX:
            text = f"{texts[0]} {INFIX[operation.op]} {texts[1]}"
            if operation.op in ("divide", "power") and self.derivation[operation.step].phase != "update":
                text = f"float({operation.op}({texts[0]}, {texts[1]}))"
        elif operation.op == "negative":
            text = f"-({texts[0]})"
        elif operation.op == "square":
            text = f"{texts[0]} * {texts[0]}"
        elif operation.op in ("sum", "max", "transpose"):
            text = texts[0]
        else:
            text = f"float({FUNCTIONS.get(operation.op, operation.op)}({', '.join(texts)}))"
        line = f"{operation.name} = {text}"
        if self.is_fixed(operation):
            self.once.append(line)
        else:
            self.say(operation, line)

    def total(self, op: str, arg: Operation) -> str:
        """A sum or maximum over everything as a Python number; sums accumulate in float64."""
        if op == "max":
            return f"float(maximum.reduce({self.array(arg)}, axis=None))"
        if arg in self.unwritten:
            r = self.flat(self.array(arg.args[0]))
            return f"float({r}.dot({r}))"
        if self.derivation.dtype == np.float64 and arg.op not in VIEWS and self.array(arg) not in ARGUMENTS:
            flat = self.flat(self.array(arg))
            return f"float({flat}.dot({self.fix(f'ones({flat}.shape)', 'ones_')}))"
        return f"float(add.reduce({self.array(arg)}, axis=None, dtype=double))"

    # arrays

    def array(self, operation: Operation) -> str:
        """An array operand as text."""
        return self.variable[id(operation)]

    def operand(self, user: Operation, operation: Operation) -> str:
        """An operand of an elementwise operation: an array, or a number, which is fastest as an array of one."""
        if not operation.is_scalar and set(operation.shape) == {1} and operation.op == "symbol":
            return self.fix(f"{self.array(operation)}.reshape(())", "one_")
        if not self.returned and operation.op == "symbol" and len(operation.shape) == 1 and len(user.shape) == 2:
            # of a prediction there may be one row; two arrays of the same shape are then twice as fast
            return self.fix(f"{self.array(operation)}.reshape(1, -1)", "row_")
        if not operation.is_scalar:
            return self.array(operation)
        text = self.scalar(operation)
        if self.is_fixed(operation):
            return self.constant(text)
        return text if operation.dtype == BOOL else self.changing(user, text)

    def constant(self, text: str) -> str:
        """The variable of a constant array with one number."""
        return self.fix(f"array({text}, {DTYPES[self.derivation.dtype.name]})", "c_")

    def changing(self, user: Operation, text: str) -> str:
        """The variable of an array with one number that is another one at every call."""
        if text not in self.fixed:
            self.fixed[text] = f"c_{len(self.fixed)}"
            self.once.append(f"{self.fixed[text]} = empty((), {DTYPES[self.derivation.dtype.name]})")
            line = f"{self.fixed[text]}[()] = {text}"
            if id(user) in self.blocks:
                self.body.append(line)  # before the loop
            else:
                self.say(user, line)
        return self.fixed[text]

    def fix(self, text: str, prefix: str) -> str:
        """The variable of an array that never changes."""
        if text not in self.fixed:
            self.fixed[text] = f"{prefix}{len(self.fixed)}"
            self.once.append(f"{self.fixed[text]} = {text}")
        return self.fixed[text]

    def flat(self, name: str) -> str:
        """An array as a vector: a view, made once unless it is of an argument."""
        text = f"{name}.reshape(-1)"
        return text if name in ARGUMENTS else self.fix(text, "flat_")

    def view(self, operation: Operation) -> None:
        """Another look at the same memory: once, unless it looks at an argument."""
        looked_at = self.array(operation.args[0])
        index = ".T" if operation.op == "transpose" else f"[{':, ' * (operation.source.axis or 0)}None]"
        name = f"{looked_at}_T" if operation.op == "transpose" else f"{looked_at}_axis{operation.source.axis}"
        line = f"{name} = {looked_at}{index}"
        if self.array(operation.base) in ARGUMENTS:
            self.say(operation, line)
        else:
            self.bind(line)
        self.variable[id(operation)] = name

    def array_operation(self, operation: Operation, position: int) -> None:
        """`ufunc(a, b, out=buffer)` and its relatives."""
        if operation.op == "negative" and operation.args[0] in self.unwritten:
            inner = operation.args[0].args[0]
            out = self.out(operation, position, [inner])
            self.say(operation, f"copysign({self.operand(operation, inner)}, {self.constant('-1.0')}, out={out})")
            return
        if self.is_only_negated(operation) or self.is_only_totalled(operation):
            self.unwritten.append(operation)
            return
        args = operation.args
        if operation.op == "matmul":
            out = self.out(operation, position, [])
            self.say(operation, f"{self.array(args[0])}.dot({self.array(args[1])}, out={out})")
        elif operation.op in OF_COLUMNS:
            self.say(operation, self.of_columns(operation, self.out(operation, position, [])))
        elif operation.op == "copy":
            self.say(operation, f"copyto({self.out(operation, position, [])}, {self.operand(operation, args[0])})")
        elif operation.op == "random":
            out = self.out(operation, position, [])
            self.say(operation, f"rng.random(dtype={DTYPES[operation.dtype.name]}, out={out})")
        elif operation.op in ("sum", "max"):
            self.reduction(operation, self.out(operation, position, []))
        elif operation.op == "where":
            self.where(operation, position)
        elif operation.op == "divide" and args[1].is_scalar:
            out = self.out(operation, position, list(args))  # a product is twice as fast as a division
            divisor = self.scalar(args[1])
            if self.is_fixed(args[1]):
                inverse = self.constant(f"1.0 / {divisor}")
            else:
                inverse = self.changing(operation, f"1.0 / {divisor} if {divisor} else inf")
            self.say(operation, f"multiply({self.operand(operation, args[0])}, {inverse}, out={out})")
        else:
            out = self.out(operation, position, list(args))
            function = FUNCTIONS.get(operation.op, operation.op)
            self.say(operation, f"{function}({', '.join(self.operand(operation, arg) for arg in args)}, out={out})")

    def of_columns(self, operation: Operation, out: str) -> str:
        """Columns taken out, put side by side, or multiplied block by block."""
        args = [self.array(arg) for arg in operation.args]
        if operation.op == "take":
            return f"copyto({out}, {args[0]}[:, {columns_text(operation.source.columns)}])"
        if operation.op == "concatenate":
            return f"concatenate(({', '.join(args)}), axis=1, out={out})"
        return f"{operation.op}({', '.join(args)}, {operation.source.blocks}, {out})"

    def is_only_negated(self, operation: Operation) -> bool:
        """Whether this is |z|, only ever used as -|z|, which is one operation (copysign)."""
        return operation.op == "absolute" and self.is_only_used(operation, lambda user: user.op == "negative")

    def is_only_totalled(self, operation: Operation) -> bool:
        """Whether this is r·r, only ever used in Σ r·r, which is one operation (dot)."""
        if operation.op != "multiply" or operation.args[0] is not operation.args[1] or operation.dtype != np.float64:
            return False
        r = operation.args[0]
        if r.op in VIEWS or self.array(r) in ARGUMENTS:
            return False
        return self.is_only_used(operation, lambda user: user.op == "sum" and user.is_scalar)

    def is_only_used(self, operation: Operation, as_wanted: Callable[[Operation], bool]) -> bool:
        """Whether all readers of a result are as wanted; then what it is made of is kept for them."""
        readers = self.program.readers.get(id(operation), [])
        if operation in self.program.results or not all(as_wanted(self.program.operations[k]) for k in readers):
            return False
        inner = operation.args[0].base
        inner.last_use = max(inner.last_use, *readers)
        return True

    def out(self, operation: Operation, position: int, reusable: list[Operation]) -> str:
        """Where the result goes: memory, an operand that is no longer needed, or a buffer."""
        target = operation.target
        if target:
            self.remember(target)
            if not self.program.reads_after(target, position):
                self.variable[id(operation)] = target
                return target
            self.copies.append(f"copyto({target}, {operation.name})")
        place = self.buffers.find(operation, position, reusable)
        name = place if self.buffers.is_short(operation) else operation.name
        self.variable[id(operation)] = name
        if place not in self.buffers.made and name != place:
            self.once.append(f"{name} = {place}")
        elif name == operation.name:
            self.buffers.made[place].append(name)
        return name

    def reduction(self, operation: Operation, out: str) -> None:
        """A sum over rows or columns is a product with ones, which BLAS does faster than NumPy sums."""
        (arg,) = operation.args
        axis, dims = operation.source.axis, arg.shape
        a = self.array(arg)
        if operation.op == "sum" and axis is not None and arg.op not in VIEWS and len(dims) == 2:
            size = "n" if dims[axis] == ROWS else str(dims[axis])
            one = self.fix(f"ones(({size},), {DTYPES[self.derivation.dtype.name]})", "ones_")
            flat = self.flat(out) if operation.source.keepdims else out
            self.say(operation, f"{one}.dot({a}, out={flat})" if axis == 0 else f"{a}.dot({one}, out={flat})")
            return
        if operation.op == "max" and axis == 1 and len(dims) == 2 and dims[0] == ROWS and int(dims[1]) <= 64:
            # NumPy is slow along short rows: turned round, it goes along long ones
            turned = self.fix(f"empty(({dims[1]}, n), {DTYPES[operation.dtype.name]})", "turned_")
            flat = self.flat(out)
            self.say(operation, f"copyto({turned}, {a}.T)")
            self.say(operation, f"maximum.reduce({turned}, axis=0, out={flat})")
            return
        ufunc = "add" if operation.op == "sum" else "maximum"
        keep = ", keepdims=True" if operation.source.keepdims else ""
        self.say(operation, f"{ufunc}.reduce({a}, axis={axis}{keep}, out={out})")

    def where(self, operation: Operation, position: int) -> None:
        """Fill with the one, then write the other where the condition holds."""
        condition, yes, no = operation.args
        # NumPy is slow to choose: a product with True or False says the same, where nothing can be infinite
        if condition.shape == operation.shape and no.op == "constant" and (yes.op == "constant" or is_tame(yes)):
            low, chosen = no.source.value, self.operand(operation, yes)
            if yes.op == "constant":
                chosen = self.constant(f"{yes.source.value!r} - {low!r}")
            if math.isfinite(low + yes.source.value) and (low == 0.0 or yes.op == "constant"):
                out = self.out(operation, position, [yes])
                self.say(operation, f"multiply({self.operand(operation, condition)}, {chosen}, out={out})")
                if low:
                    self.say(operation, f"add({out}, {self.constant(repr(low))}, out={out})")
                return
        out = self.out(operation, position, [no])
        if self.buffers.place.get(id(operation), out) != self.buffers.place.get(id(no), self.operand(operation, no)):
            self.say(operation, f"copyto({out}, {self.operand(operation, no)})")
        if condition.op == "constant":
            if condition.source.value:
                self.say(operation, f"copyto({out}, {self.operand(operation, yes)})")
            return
        where = self.operand(operation, condition)
        self.say(operation, f"copyto({out}, {self.operand(operation, yes)}, where={where})")
