"""The function of the compiled engine that trains.

`train_steps` takes any number of steps without returning to Python: it gathers the rows of a batch, computes the step,
adds up the loss, and goes on with the next batch or epoch. Where it has loops, a team of threads may call it together.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod

from glassnet.derivation.report import is_part
from glassnet.derivation.steps import Derivation
from glassnet.engines.element_code import DATA
from glassnet.engines.fusion import check
from glassnet.engines.loops import FusedLoops
from glassnet.engines.machine_code import Code, Shared, block, buffers, module, new, numbers_used, views, wide_rows
from glassnet.engines.program import Program, training_program
from glassnet.engines.rewriting import share_exponentials, with_named_schedules
from glassnet.engines.single_numbers import code, single_number
from glassnet.engines.unrolled import Unrolled, is_small
from glassnet.engines.ways import STEP
from glassnet.expressions.expression import ROWS

TITLE = "Training steps of a network."
OF_TEAM = ("team", "thread", "ways", "parts_of_all", "own", "others")  # the arguments that a team adds
WORTH_A_TEAM = 1 << 20  # multiplications of a step, from which on several threads may gain something
FEW = 16  # rows; with more, a step is not written out number by number

STEPS = """\
t, low, epochs = at[0], at[1], at[2]
total, parts = sums[0], sums[1]
before = subnormals_to_zero()
for _ in range(count):
    t += 1
{batch}
{step}
    if must_end({loss}):
        at[3] = 1
        break
{after}
    low += n
    if {ended}:
        losses[epochs] = {mean}
        epochs += 1
        low, total, parts = 0, 0.0, 0.0
put_back(before)
"""

LAST = """\
at[0], at[1], at[2] = t, low, epochs
sums[0], sums[1] = total, parts
"""


def training_code(derivation: Derivation, batches: str, rows: int, batch: int) -> Code:
    """The function that trains.

    Parameters
    ----------
    derivation
        Of a training step.
    batches
        How a batch comes about: "shuffled", in an order that is given; "in order"; or "whole", all rows at once.
    rows
        How many rows there are. It matters where they are few: then the code is for that number.
    batch
        How many of them are a batch. It matters where a step is much work: then a team of threads may do it.
    """
    few = rows if batches == "whole" and rows <= FEW else 0
    return _training_code(derivation, batches, few, sum(multiplications(derivation, batch)) >= WORTH_A_TEAM)


@lru_cache(maxsize=64)
def multiplications(derivation: Derivation, batch: int) -> tuple[int, ...]:
    """Those of each matrix product of a step."""
    products = [item for item in program_of(with_named_schedules(derivation)).operations if item.op == "matmul"]
    dims = [(*product.shape, product.args[0].shape[1]) for product in products]
    return tuple(prod(batch if dim == ROWS else int(dim) for dim in sizes) for sizes in dims)


@lru_cache(maxsize=64)
def is_written_out(derivation: Derivation, batches: str, rows: int) -> bool:
    """Whether this function has no loops over rows and columns: such a function can train many networks at once."""
    if batches != "whole" or rows > FEW:
        return False
    program = program_of(with_named_schedules(derivation))
    try:
        for operation in program.operations:
            check(operation)
    except NotImplementedError:  # it cannot be compiled at all
        return False
    return is_small(program, rows)


def program_of(derivation: Derivation) -> Program:
    """What the function computes in a step."""
    program = training_program(derivation)
    share_exponentials(program)
    return program


@lru_cache(maxsize=64)
def _training_code(derivation: Derivation, batches: str, rows: int, has_team: bool) -> Code:
    derivation = with_named_schedules(derivation)
    program = program_of(derivation)
    changing = derivation.inputs.keys() - derivation.constants.keys()
    in_parts = [] if batches == "whole" else ["ends"]
    by_epoch = ["first", *(["earlier", "of"] if in_parts else [])] if "epoch" in changing else []
    last = [*by_epoch, *["lr"] * ("lr" in changing), *in_parts, "losses", "sums", "at", "count"]
    numbers = numbers_used(derivation, program)
    if rows and is_small(program, rows):  # as `is_written_out` says
        first, body = unrolled(derivation, program, rows)
        arguments = [*first, *last]
        return module(
            "train_steps",
            TITLE,
            derivation.dtype,
            arguments=arguments,
            body=body,
            sizes={},
            numbers=numbers,
            fused=False,
        )
    loops = FusedLoops(derivation, program, "low" if batches == "in order" else "", has_team)
    loops.write()
    first, body = looped(derivation, loops, batches)
    draws = ["random"] * any(operation.op == "random" for operation in program.operations)
    shared = Shared(buffers=loops.text.buffers, totals=loops.text.totals, products=tuple(loops.products.called))
    return module(
        "train_steps",
        TITLE,
        derivation.dtype,
        arguments=[*first, *last, *draws, *(OF_TEAM if has_team else ())],
        body=body,
        sizes=loops.text.sizes,
        numbers={**numbers, **loops.text.given_numbers},
        shared=shared if has_team else None,
    )


def looped(derivation: Derivation, loops: FusedLoops, batches: str) -> tuple[list[str], list[str]]:
    """The arguments and the body of a function with loops."""
    inputs = [name for name in DATA if name in derivation.inputs]
    slots = list(derivation.optimizer.slots) if derivation.optimizer else []
    lines, vectors = views(derivation, loops)
    lines.insert(0, "rows = order.shape[1]" if batches == "shuffled" else "rows = X.shape[0]")
    made, ended = buffers(loops, "rows" if batches == "whole" else "batch")
    widened, ended_by_all = wide_rows(loops)
    has_team = loops.text.has_team
    body = ["threads = joined(team, thread)", "if threads == 0:", "    return"] * has_team
    body += [*lines, *made, *widened]
    begin, share = ["n = min(batch, rows - low)"], [f"begin, stop = cut(n, {STEP}, thread, threads)"] * has_team
    if batches == "whole":
        begin = []
        body += ["n = rows", *(f"{name} = {DATA[name]}" for name in inputs), *share]
    elif batches == "shuffled":
        columns = {name: loops.text.size(derivation.inputs[name].shape[1]) for name in inputs}
        body += [f"{name} = {new(loops, f'(batch, {size})', str(derivation.dtype))}" for name, size in columns.items()]
        ended += [f"free({name})" for name in columns]
        some = "begin, stop" if has_team else "0, n"
        begin += [*share, *(f"gather({DATA[name]}, order[epochs, low:], {name}, {some})" for name in inputs)]
    else:
        begin += share
    if loops.draws_together:
        body += ["drawn = new((STATE_SIZE,), np.uint64)", "begin_drawing(random, drawn)"]
    is_over = "low == rows" if batches == "whole" else "low == rows and ends"
    begin += epoch(derivation, batches)
    body.append(around(derivation, loops.program, begin, loops.text.lines, is_over))
    if has_team:
        last = [LAST, "end_drawing(random, drawn)"] if loops.draws_together else [LAST]
        ended_by_all += ["free(drawn)"] * loops.draws_together
        body += ["meet(team, threads)", "if thread == 0:", block([*last, *ended]), *ended_by_all]
    else:
        body += [LAST, *ended_by_all, *ended]
    data = [DATA[name] for name in inputs] + ["order"] * (batches == "shuffled") + ["batch"] * (batches != "whole")
    return [*vectors, *slots, *data], body


def unrolled(derivation: Derivation, program: Program, rows: int) -> tuple[list[str], list[str]]:
    """The arguments and the body of a function without loops over rows and columns."""
    inputs = [name for name in DATA if name in derivation.inputs]
    lines = Unrolled(derivation, program, rows)
    lines.write()
    text = around(derivation, program, epoch(derivation, "whole"), lines.lines)
    body = [f"n = rows = {rows}", *lines.loaded(), text, LAST, *lines.stored()]
    return [*lines.vectors(), *(DATA[name] for name in inputs)], body


def around(
    derivation: Derivation, program: Program, begin: list[str], step: list[str], ended: str = "low == rows"
) -> str:
    """The loop over steps, around what one step computes; `ended` says that an epoch has ended with it."""
    loss, count = (code(single_number(result.operand)) for result in program.results[:2])
    share = f"# {derivation.share.formula}" if derivation.share else ""
    after, mean = [share, f"total += {loss}"], "total"
    if is_part(derivation):  # divided once an epoch
        after, mean = [share, f"total += {loss} * {count}", f"parts += {count}"], "total / parts"
    return STEPS.format(batch=block(begin), step=block(step), loss=loss, after=block(after), mean=mean, ended=ended)


def epoch(derivation: Derivation, batches: str) -> list[str]:
    """How far training is, for a learning rate that changes: epochs done, a fraction inside one.

    Where the rows are some of an epoch's, so many batches came before them, of so many in all.
    """
    fraction = "" if batches == "whole" else " + (earlier + low // batch) / of"
    return [f"epoch = first + epochs{fraction}"] if "epoch" in derivation.inputs else []
