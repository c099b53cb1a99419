"""The function of the compiled engine that predicts."""

from __future__ import annotations

from functools import lru_cache

from glassnet.derivation.steps import Derivation
from glassnet.engines.loops import FusedLoops
from glassnet.engines.machine_code import Code, block, buffers, module, numbers_used, views, wide_rows
from glassnet.engines.places import OUT
from glassnet.engines.program import compile_program
from glassnet.engines.rewriting import share_exponentials

PIECES = """\
rows = X.shape[0]
for low in range(0, rows, piece):
    n = min(piece, rows - low)
{step}
"""

BOTH = """\
    for i in range(low, low + n):
        out[i, 1] = out[i, 0]
        out[i, 0] = {one} - out[i, 1]
"""


CHECKED = 2048  # rows; in more of them whoever wants to know has to look for what is not finite

CHECK = f"""\
check = 0.0
for i in range(rows if rows < {CHECKED} else 0):
    for j in range(X.shape[1]):
        check = reassociated_add(check, double(X[i, j]) * 0.0)
return check
"""


@lru_cache(maxsize=64)
def prediction_code(derivation: Derivation, both: bool = False) -> Code:
    """The function that predicts: `out` gets the predictions for the rows of X, `piece` rows at a time.

    It returns 0, or NaN where a number in X, of fewer than `CHECKED` rows, is infinite or NaN.

    With `both`, the only output is the probability of the second of two classes, and `out` gets a column for each.
    """
    program = compile_program(derivation, [("p", OUT)])
    share_exponentials(program)
    loops = FusedLoops(derivation, program, "low")
    loops.write()
    lines, vectors = views(derivation, loops)
    (begin, end), (widened, more) = buffers(loops, "piece"), wide_rows(loops)
    body = [*lines, *begin, *widened, PIECES.format(step=block(loops.text.lines))]
    body += [BOTH.format(one=loops.elements.number(1.0))] if both else []
    body += [*end, *more]
    body.append(CHECK)
    arguments = [*vectors, "X", OUT, "piece"]
    title = "The predictions of a network."
    return module(
        "predict",
        title,
        derivation.dtype,
        arguments=arguments,
        body=body,
        sizes=loops.text.sizes,
        numbers={**numbers_used(derivation, program), **loops.text.given_numbers},
    )
