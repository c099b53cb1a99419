"""The bias of the first layer as one more row of its weights.

With a column of ones behind x, `x @ W + b` is one product with W and b stacked, and dW and db together are one
product too. In the flat vector b lies right behind W, so the stacked matrix is already there. It saves two passes
over the largest arrays of a step.
"""

from __future__ import annotations

from dataclasses import replace

from glassnet.engines.program import Operation, Part, Program
from glassnet.parameters import Layout

ONES = "x1"  # x with a column of ones


def stack_first_bias(program: Program, layout: Layout) -> bool:
    """Rewrite the program to take `x1` instead of `x`; False, and nothing done, where it does not have that form."""
    operations = program.operations
    users = {leaf.name: [item for item in operations if leaf in item.args] for leaf in program.leaves}
    x_users = users.get("x", [])
    if len(x_users) != 2:
        return False
    product, turned = sorted(x_users, key=lambda item: item.op)  # "matmul", "transpose"
    sums = [item for item in operations if product in item.args]
    gradients = [item for item in operations if turned in item.args]
    if [product.op, turned.op, len(sums), len(gradients)] != ["matmul", "transpose", 1, 1]:
        return False
    (score,), (dW,) = sums, gradients
    W, b = product.args[1], score.args[1]
    names = list(layout.shapes)
    adjacent = W.name in names[:-1] and names[names.index(W.name) + 1] == b.name
    dz = dW.args[1]
    db = next((item for item in operations if item.target == f"d_{b.name}"), None)
    sums_dz = db is not None and db.op == "sum" and db.args == (dz,) and db.source.axis == 0
    if score.op != "add" or dW.op != "matmul" or dW.target != f"d_{W.name}" or not adjacent or not sums_dz:
        return False
    assert db is not None
    rows, columns = layout.shapes[W.name]
    name, start = W.name + b.name, layout.slices[W.name].start
    program.parts[name] = Part("theta", start, (rows + 1, columns))
    program.parts[f"d_{name}"] = Part("g", start, (rows + 1, columns))
    x = product.args[0]
    x1 = Operation("symbol", (), ONES, replace(x.source, name=ONES, shape=("n", rows + 1)))
    Wb = Operation("symbol", (), name, replace(W.source, name=name, shape=(rows + 1, columns)))
    score.op, score.args = "matmul", (x1, Wb)
    turned.args = (x1,)
    dW.target = f"d_{name}"
    program.operations = [item for item in operations if item not in (product, db)]
    program.leaves = [leaf for leaf in program.leaves if leaf not in (x, b)] + [x1, Wb]
    if all(W not in item.args for item in program.operations):
        program.leaves.remove(W)
    return True
