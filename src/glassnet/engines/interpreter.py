"""The function that carries out instructions: written in LLVM's terms, a loop over vectors for each operation.

A number is a vector of all lanes. An instruction says where its operands lie and how far it is from one number to the
next, along a row and along a column: 0 where broadcasting repeats it, so that a single loop per operation does for
matrices, vectors, their transposes and numbers. A product keeps 12 numbers of its result in registers while it runs
along the inner axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from glassnet.engines.circular import cos, sin
from glassnet.engines.elementary import exp, expm1, log, log1p, maximum, minimum, sign, tanh
from glassnet.engines.instructions import FLOAT32, FLOAT64, WRITTEN, Format, Register, constant, instruction
from glassnet.engines.lane_program import MAPS, OPERATIONS, WORDS, vector_bytes

INT, BYTE, ADDRESS = ir.IntType(64), ir.IntType(8), ir.IntType(8).as_pointer()
SIGNS = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "=="}
ARITHMETIC = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
LLVM = {"sqrt": "llvm.sqrt", "floor": "llvm.floor", "power": "llvm.pow"}
FORMULAS: dict[str, Callable[..., Register]] = {
    "absolute": abs,
    **{
        name: WRITTEN[function]
        for name, function in [
            *(("exp", exp), ("expm1", expm1), ("log", log), ("log1p", log1p), ("tanh", tanh), ("sign", sign)),
            *(("maximum", maximum), ("minimum", minimum), ("cos", cos), ("sin", sin)),
        ]
    },
}
ARITY = {"where": 3, "multiply_add": 3} | dict.fromkeys(
    (*SIGNS, "not_equal", *ARITHMETIC, "power", "maximum", "minimum", "logical_and", "logical_or"), 2
)
# rows that are computed together, for so many columns of a product: 16 registers hold them and what they are made of
BLOCKS = {4: (2, 1), 3: (3, 2, 1), 2: (4, 2, 1), 1: (8, 4, 2, 1)}


@dataclass(frozen=True, kw_only=True)
class Loops:
    """Writes the loops of all operations into one function.

    Attributes
    ----------
    builder
        Where they go.
    base, words, random
        The function's arguments: where memory begins, and the instructions; and generators of each lane.
    arrays, numbers
        The vectors: of what the arrays are, and of float64.
    lanes
        How many numbers a vector has.
    """

    builder: ir.IRBuilder
    base: Any
    words: Any
    random: Any
    arrays: Format
    numbers: Format
    lanes: int

    def word(self, k: int) -> Any:
        """A word of the instruction."""
        place = self.builder.gep(self.words, [INT(k)])
        return self.builder.load(place)

    def operand(self, k: int) -> tuple[Any, Any, Any]:
        """Where an operand begins (0 is the result), and its strides."""
        start = self.builder.gep(self.base, [self.word(4 + 3 * k)])
        return start, self.word(5 + 3 * k), self.word(6 + 3 * k)

    @contextmanager
    def loop(self, count: Any) -> Iterator[Any]:
        """A loop; gives its index."""
        with loop(self.builder, count) as index:
            yield index

    def further(self, start: Any, index: Any, stride: Any) -> Any:
        """An address so many strides on."""
        return self.builder.gep(start, [self.builder.mul(index, stride)])

    def load(self, place: Any, kind: Any) -> Any:
        """A vector from memory."""
        return self.builder.load(self.builder.bitcast(place, kind.as_pointer()), align=32)

    def store(self, value: Any, place: Any) -> None:
        """A vector into memory."""
        self.builder.store(value, self.builder.bitcast(place, value.type.as_pointer()), align=32)

    def map(self, arity: int, formula: Callable[..., Any], kinds: list[Any]) -> None:
        """out[i, j] = formula(a[i, j], …)."""
        operands = [self.operand(k) for k in range(arity + 1)]
        rows, columns = self.word(1), self.word(2)
        with self.loop(rows) as i:
            starts = [self.further(start, i, row) for start, row, _ in operands]
            with self.loop(columns) as j:
                places = [
                    self.further(start, j, column) for start, (_, _, column) in zip(starts, operands, strict=True)
                ]
                values = [self.load(place, kind) for place, kind in zip(places[1:], kinds, strict=True)]
                self.store(formula(*values), places[0])

    def reduce(self, combine: Callable[[Any, Any], Any], first: float) -> None:
        """out[j] = a[j, 0] + a[j, 1] + …, four of them at a time."""
        (out, row, _), (a, along, inward) = self.operand(0), self.operand(1)
        count, inner = self.word(1), self.word(3)
        kind = self.arrays.float_type
        done = INT(0)
        for width in (4, 1):
            blocks = self.builder.udiv(self.builder.sub(count, done), INT(width))
            with self.loop(blocks) as block:
                j = self.builder.add(done, self.builder.mul(block, INT(width)))
                start = self.further(a, j, along)

                def step(k: Any, sums: list[Any], start: Any = start) -> list[Any]:
                    place = self.further(start, k, inward)
                    return [
                        combine(total, self.load(self.further(place, INT(c), along), kind))
                        for c, total in enumerate(sums)
                    ]

                sums = self.accumulate(inner, [constant(kind, first)] * width, step)
                for c, total in enumerate(sums):
                    self.store(total, self.further(self.further(out, j, row), INT(c), row))
            done = self.builder.add(done, self.builder.mul(blocks, INT(width)))

    def accumulate(self, count: Any, first: list[Any], step: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """Values after a loop that begins with the first ones and makes of them new ones each time."""
        builder = self.builder
        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        k = builder.phi(INT)
        values = [builder.phi(value.type) for value in first]
        builder.cbranch(builder.icmp_signed("<", k, count), body, after)
        builder.position_at_end(body)
        made = step(k, list(values))
        following = builder.add(k, INT(1))
        last = builder.block
        builder.branch(head)
        for phi, start, new in zip([k, *values], [INT(0), *first], [following, *made], strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(new, last)
        builder.position_at_end(after)
        return list(values)

    def total(self, op: str) -> None:
        """Everything together into one number in float64."""
        (out, _, _), (a, row, column) = self.operand(0), self.operand(1)
        rows, columns = self.word(1), self.word(2)
        kind, wide = self.arrays.float_type, self.numbers.float_type

        def along(i: Any, sums: list[Any]) -> list[Any]:
            start = self.further(a, i, row)

            def add(j: Any, sums: list[Any]) -> list[Any]:
                value = self.widened(self.load(self.further(start, j, column), kind))
                if op == "total":
                    return [self.builder.fadd(sums[0], value)]
                return [FORMULAS["maximum"](*self.numbers_of(self.numbers, sums[0], value)).value]

            return self.accumulate(columns, sums, add)

        (result,) = self.accumulate(rows, [constant(wide, 0.0 if op == "total" else float("-inf"))], along)
        self.store(result, out)

    def widened(self, value: Any) -> Any:
        """A vector of an array's numbers in float64."""
        wide = self.numbers.float_type
        return value if value.type == wide else self.builder.fpext(value, wide)

    def matmul(self) -> None:
        """out = a @ b, a block of numbers at a time."""
        (out, out_row, out_column), (a, a_row, a_column), (b, b_row, b_column) = map(self.operand, range(3))
        rows, columns, inner = self.word(1), self.word(2), self.word(3)
        builder, kind = self.builder, self.arrays.float_type
        multiply_add = instruction(builder.module, "llvm.fmuladd", kind, 3)
        j = INT(0)
        for width, heights in BLOCKS.items():
            blocks = builder.udiv(builder.sub(columns, j), INT(width))
            with self.loop(blocks) as block:
                first = builder.add(j, builder.mul(block, INT(width)))
                b_start, out_start = self.further(b, first, b_column), self.further(out, first, out_column)
                i = INT(0)
                for height in heights:
                    lines = builder.udiv(builder.sub(rows, i), INT(height))
                    with self.loop(lines) as line:
                        row = builder.add(i, builder.mul(line, INT(height)))
                        a_start, start = self.further(a, row, a_row), self.further(out_start, row, out_row)

                        def step(
                            k: Any, sums: list[Any], a_start: Any = a_start, b_start: Any = b_start, width: int = width
                        ) -> list[Any]:
                            at, bt = self.further(a_start, k, a_column), self.further(b_start, k, b_row)
                            right = [self.load(self.further(bt, INT(c), b_column), kind) for c in range(width)]
                            made = []
                            for r in range(len(sums) // width):
                                left = self.load(self.further(at, INT(r), a_row), kind)
                                made += [
                                    builder.call(multiply_add, [left, right[c], sums[r * width + c]])
                                    for c in range(width)
                                ]
                            return made

                        sums = self.accumulate(inner, [constant(kind, 0.0)] * (height * width), step)
                        for k, value in enumerate(sums):
                            line_start = self.further(start, INT(k // width), out_row)
                            self.store(value, self.further(line_start, INT(k % width), out_column))
                    i = builder.add(i, builder.mul(lines, INT(height)))
            j = builder.add(j, builder.mul(blocks, INT(width)))

    def draw(self) -> None:
        """Uniform numbers, row after row, for each lane from its own generator, as NumPy draws them."""
        builder = self.builder
        out, row, column = self.operand(0)
        rows, columns = self.word(1), self.word(2)
        single = self.arrays.float_type.element == ir.FloatType()
        number = self.arrays.float_type.element
        with self.loop(INT(self.lanes)) as lane:
            own = builder.gep(self.random, [builder.mul(lane, INT(3))])
            state, double, uint32 = (builder.load(builder.gep(own, [INT(k)])) for k in range(3))
            result = ir.IntType(32) if single else ir.DoubleType()
            function = builder.inttoptr(uint32 if single else double, ir.FunctionType(result, [ADDRESS]).as_pointer())
            given = builder.inttoptr(state, ADDRESS)
            with self.loop(rows) as i, self.loop(columns) as j:
                value = builder.call(function, [given])
                if single:
                    value = builder.fmul(builder.uitofp(builder.lshr(value, value.type(8)), number), number(2.0**-24))
                place = self.further(self.further(out, i, row), j, column)
                builder.store(value, builder.gep(builder.bitcast(place, number.as_pointer()), [lane]))

    def numbers_of(self, form: Format, *values: Any) -> list[Register]:
        """Vectors as what formulas work on."""
        return [Register(self.builder, value, form) for value in values]

    def elementwise(self, op: str, form: Format) -> None:
        """The loop of one elementwise operation on vectors of a format."""
        builder, kind, bits = self.builder, form.float_type, form.bits_type
        arity = ARITY.get(op, 1)
        kinds = [kind] * arity

        def condition(holds: Any) -> Any:
            return builder.sext(holds, bits)

        if op in ARITHMETIC:
            emit = getattr(builder, ARITHMETIC[op])
            formula: Callable[..., Any] = emit
        elif op in SIGNS:
            formula = lambda a, b: condition(builder.fcmp_ordered(SIGNS[op], a, b))
        elif op == "not_equal":
            formula = lambda a, b: condition(builder.fcmp_unordered("!=", a, b))
        elif op in ("logical_and", "logical_or"):
            kinds = [bits, bits]
            formula = builder.and_ if op == "logical_and" else builder.or_
        elif op == "logical_not":
            kinds = [bits]
            formula = builder.not_
        elif op == "where":
            kinds = [bits, kind, kind]
            formula = lambda c, a, b: builder.select(builder.icmp_signed("<", c, constant(bits, 0)), a, b)
        elif op == "copy":
            kinds = [bits]
            formula = lambda a: a
        elif op == "negative":
            formula = builder.fneg
        elif op == "square":
            formula = lambda a: builder.fmul(a, a)
        elif op == "multiply_add":
            function = instruction(builder.module, "llvm.fmuladd", kind, 3)
            formula = lambda a, b, c: builder.call(function, [a, b, c])
        elif op == "power":
            formula = self.power(form)
        elif op in LLVM:
            called = instruction(builder.module, LLVM[op], kind, arity)
            formula = lambda *values: builder.call(called, values)
        else:
            written = FORMULAS[op]
            formula = lambda *values: written(*self.numbers_of(form, *values)).value
        self.map(arity, formula, kinds)

    def power(self, form: Format) -> Callable[[Any, Any], Any]:
        """A power, lane by lane in the C library; once where all lanes ask for the same."""
        builder, kind = self.builder, form.float_type
        one = instruction(builder.module, "llvm.pow", kind.element, 2)

        def formula(a: Any, b: Any) -> Any:
            first = [builder.extract_element(value, ir.IntType(32)(0)) for value in (a, b)]
            same: Any = ir.IntType(1)(1)
            for value, number in zip((a, b), first, strict=True):
                alike = builder.fcmp_ordered("==", value, self.spread(number, kind))
                for k in range(kind.count):
                    same = builder.and_(same, builder.extract_element(alike, ir.IntType(32)(k)))
            result: Any = cgutils.alloca_once(builder, kind)  # type: ignore[no-untyped-call]  # Numba has no types
            with builder.if_else(same, likely=True) as (then, otherwise):
                with then:
                    builder.store(self.spread(builder.call(one, first), kind), result)
                with otherwise:
                    made: Any = ir.Constant(kind, ir.Undefined)
                    for k in range(kind.count):
                        at = ir.IntType(32)(k)
                        pair = [builder.extract_element(item, at) for item in (a, b)]
                        made = builder.insert_element(made, builder.call(one, pair), at)
                    builder.store(made, result)
            return builder.load(result)

        return formula

    def spread(self, number: Any, kind: Any) -> Any:
        """A vector of one number."""
        at = ir.IntType(32)(0)
        value = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, at)
        places = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
        return self.builder.shuffle_vector(value, value, places)

    def one(self, op: str) -> None:
        """The loop of one operation."""
        arrays, numbers = self.arrays, self.numbers
        builder = self.builder
        if op in MAPS:
            self.elementwise(op, arrays)
        elif op.endswith(" numbers"):
            self.elementwise(op.removesuffix(" numbers"), numbers)
        elif op == "cast":
            self.map(1, lambda a: builder.fptrunc(a, arrays.float_type), [numbers.float_type])
        elif op == "cast condition":
            self.map(1, lambda a: builder.trunc(a, arrays.bits_type), [numbers.bits_type])
        elif op == "sum":
            self.reduce(builder.fadd, 0.0)
        elif op == "max":
            largest = FORMULAS["maximum"]
            self.reduce(lambda a, b: largest(*self.numbers_of(arrays, a, b)).value, float("-inf"))
        elif op in ("total", "largest"):
            self.total(op)
        elif op == "matmul":
            self.matmul()
        else:
            self.draw()


def interpreter_function(module: ir.Module, dtype: Any) -> ir.Function:
    """The function void(memory, instructions, how many, generators) of a module, written where it is not there yet."""
    name = f"glassnet_interpreter_{dtype}"
    if name in module.globals:
        return module.globals[name]
    kind = ir.FunctionType(ir.VoidType(), [ADDRESS, INT.as_pointer(), INT, INT.as_pointer()])
    function = ir.Function(module, kind, name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("optsize")
    memory, words, count, random = function.args
    single = dtype == types.float32
    lanes = vector_bytes() // (4 if single else 8)
    arrays, numbers = ((FLOAT32 if single else FLOAT64).of_vectors(lanes), FLOAT64.of_vectors(lanes))
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    head, body, following, after = (
        function.append_basic_block(name) for name in ("head", "body", "following", "after")
    )
    entry = builder.block
    builder.branch(head)
    builder.position_at_end(head)
    k = builder.phi(INT)
    k.add_incoming(INT(0), entry)
    builder.cbranch(builder.icmp_signed("<", k, count), body, after)
    builder.position_at_end(body)
    own = builder.gep(words, [builder.mul(k, INT(WORDS))])
    choice = builder.switch(builder.load(own), following)
    for code, op in enumerate(OPERATIONS):
        if not single and (op.endswith(" numbers") or op.startswith("cast")):
            continue
        block = function.append_basic_block(op.replace(" ", "_"))
        choice.add_case(INT(code), block)
        builder.position_at_end(block)
        loops = Loops(
            builder=builder, base=memory, words=own, random=random, arrays=arrays, numbers=numbers, lanes=lanes
        )
        loops.one(op)
        builder.branch(following)
    builder.position_at_end(following)
    k.add_incoming(builder.add(k, INT(1)), following)
    builder.branch(head)
    builder.position_at_end(after)
    builder.ret_void()
    return function


def gathering_function(module: ir.Module, dtype: Any) -> ir.Function:
    """The function void(to, rows, source, numbers of them, n, columns) of a module, which gathers rows of lanes.

    A square of so many columns of a row of each lane is turned round in registers. What it writes behind the last
    column is written over by the next row; behind the last row there is room for it.
    """
    name = f"glassnet_gathering_{dtype}"
    if name in module.globals:
        return module.globals[name]
    single = dtype == types.float32
    lanes = vector_bytes() // (4 if single else 8)
    form = (FLOAT32 if single else FLOAT64).of_vectors(lanes)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [ADDRESS, ADDRESS, INT.as_pointer(), INT, INT]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("optsize")
    to, source, numbers, n, columns = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    size = INT(vector_bytes())
    blocks = builder.udiv(builder.add(columns, INT(lanes - 1)), INT(lanes))
    with loop(builder, n) as i:
        own = builder.gep(numbers, [builder.mul(i, INT(lanes))])
        starts = []
        for lane in range(lanes):
            row = builder.mul(builder.load(builder.gep(own, [INT(lane)])), builder.mul(blocks, size))
            starts.append(builder.gep(source, [row]))
        line = builder.gep(to, [builder.mul(i, builder.mul(columns, size))])
        with loop(builder, blocks) as block:
            values = []
            for start in starts:
                place = builder.bitcast(builder.gep(start, [builder.mul(block, size)]), form.float_type.as_pointer())
                values.append(builder.load(place, align=8))
            first = builder.gep(line, [builder.mul(block, builder.mul(INT(lanes), size))])
            for k, value in enumerate(turned(builder, values)):
                place = builder.bitcast(builder.gep(first, [builder.mul(INT(k), size)]), form.float_type.as_pointer())
                builder.store(value, place, align=32)
    builder.ret_void()
    return function


def turned(builder: ir.IRBuilder, rows: list[Any]) -> list[Any]:
    """The columns of a square of as many vectors as each has numbers: squares within it change places, halves first."""
    count = len(rows)
    step = count // 2
    while step:
        made = list(rows)
        for k in range(count):
            if not k & step:
                a, b = rows[k], rows[k + step]
                upper = [j if not j & step else count + j - step for j in range(count)]
                lower = [j + step if not j & step else count + j for j in range(count)]
                made[k], made[k + step] = (
                    builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), count), places))
                    for places in (upper, lower)
                )
        rows = made
        step //= 2
    return rows


@contextmanager
def loop(builder: ir.IRBuilder, count: Any) -> Iterator[Any]:
    """A loop; gives its index."""
    with cgutils.for_range(builder, count, intp=INT) as found:
        yield found.index


def _carry_out(typing_context: Any, memory: Any, words: Any, first: Any, last: Any, random: Any) -> Any:
    """Carry out the instructions from the first up to the last of `words`, (instructions, WORDS)."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> Any:
        base, own, generators = (address(context, builder, signature.args[k], args[k]) for k in (0, 1, 4))
        function = interpreter_function(builder.module, signature.args[0].dtype)
        start = builder.gep(own, [builder.mul(args[2], INT(WORDS))])
        builder.call(function, [builder.bitcast(base, ADDRESS), start, builder.sub(args[3], args[2]), generators])
        return context.get_dummy_value()

    return types.void(memory, words, types.int64, types.int64, random), build


def address(context: Any, builder: ir.IRBuilder, kind: Any, value: Any) -> Any:
    """Where the numbers of an array begin."""
    return cgutils.create_struct_proxy(kind)(context, builder, value=value).data  # type: ignore[no-untyped-call]


def _gather(typing_context: Any, memory: Any, place: Any, source: Any, rows: Any, which: Any) -> Any:
    """Write rows of `source` (all, padded columns) into memory: rows[low : low + n], (all, lanes), says which.

    `which` is low, n, and how many columns there are.
    """

    def build(context: Any, builder: ir.IRBuilder, signature: Any, args: Any) -> Any:
        base, data, numbers = (address(context, builder, signature.args[k], args[k]) for k in (0, 2, 3))
        dtype = signature.args[0].dtype
        lanes = vector_bytes() // (4 if dtype == types.float32 else 8)
        low, n, columns = cgutils.unpack_tuple(builder, args[4], 3)  # type: ignore[no-untyped-call]
        to = builder.bitcast(builder.gep(base, [args[1]]), ADDRESS)
        own = builder.gep(numbers, [builder.mul(low, INT(lanes))])
        function = gathering_function(builder.module, dtype)
        builder.call(function, [to, builder.bitcast(data, ADDRESS), own, n, columns])
        return context.get_dummy_value()

    return types.void(memory, types.int64, source, rows, types.UniTuple(types.int64, 3)), build  # type: ignore[no-untyped-call]


carry_out: Any = intrinsic(_carry_out)
gather: Any = intrinsic(_gather)
