"""The named formulas of a derivation (sigmoid, its derivative, a loss, …) as functions with parameters.

A step `a1 = sigmoid(z1)` remembers that its arithmetic came from a formula with a name. Here the arithmetic is taken
out and written in the formula's parameters, once for each formula, so that a program can define it and call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace

from glassnet.derivation.steps import Step
from glassnet.derivation.tidy import fold, share, tidy
from glassnet.expressions.expression import ELEMENTWISE, OPERATIONS, Call, Expression, postorder, substitute, symbol
from glassnet.expressions.notation import plain

TAKEN = {*OPERATIONS, "abs", "mean", "uniform", "ones_like"}  # how notations write operations
PARAMETERS = {1: ("z",), 2: ("y", "s"), 3: ("da", "z", "a")}


@dataclass(frozen=True, eq=False, kw_only=True)
class Formula:
    """A function of arrays: `sigmoid(z) = exp(min(z, 0)) / (1 + exp(-|z|))`.

    Attributes
    ----------
    name
        Its name, of letters, digits and underscores; no two formulas of a program have the same.
    parameters
        The names of its arguments, symbols in the body.
    body
        Its arithmetic.
    parts, result
        The same as lines: names for what the body has more than once, in order, and the result in these names.
    is_elementwise
        Whether each number of the result depends on the numbers at the same place alone.
    meaning
        The formula as books write it, and what it does, for a comment; may be empty.
    """

    name: str
    parameters: tuple[str, ...]
    body: Expression
    parts: tuple[tuple[str, Expression], ...]
    result: Expression
    is_elementwise: bool
    meaning: str = ""

    def applied(self, args: Iterable[Expression]) -> Expression:
        """The arithmetic with arguments in place of the parameters."""
        given = dict(zip(self.parameters, args, strict=True))
        symbols = {id(node): given[node.name] for node in postorder(self.body) if node.op == "symbol"}
        return substitute(self.body, symbols)


@dataclass
class Formulas:
    """Takes the named formulas out of steps, and gives each a name of its own.

    Attributes
    ----------
    taken
        Names that stand for something else.
    by_name
        What was found; formulas that others call come before them.
    """

    taken: Set[str] = frozenset()
    by_name: dict[str, Formula] = field(default_factory=dict)
    known: dict[tuple[str, ...], Formula] = field(default_factory=dict)

    def closed(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """The steps, with each named formula as a call of one of `by_name`, its arithmetic gone."""
        return tuple(replace(step, expression=self.close(step.expression)) for step in steps)

    def close(self, expression: Expression) -> Expression:
        """An expression in which a node with a `call` has the call's arguments as its own."""
        done: dict[int, Expression] = {}

        def of(node: Expression) -> Expression:
            if id(node) not in done:
                args = tuple(map(of, arguments(node) if node.call else node.args))
                call = node.call and Call(self.formula(node).name, args, node.call.meaning)
                done[id(node)] = replace(node, args=args, call=call)
            return done[id(node)]

        return of(expression)

    def formula(self, node: Expression) -> Formula:
        """The formula that a node is the result of."""
        assert node.call is not None
        args = arguments(node)
        names = tuple(arg.name for arg in args if arg.op == "symbol" and not arg.shape)
        if len(names) < len(args):
            names = PARAMETERS.get(len(args)) or tuple(f"q{k}" for k in range(1, len(args) + 1))
        given = zip(args, names, strict=True)
        body = substitute(
            replace(node, call=None), {id(arg): symbol(name, arg.shape, arg.dtype) for arg, name in given}
        )
        body = fold(tidy(body, calls=False))
        if body.call is not None and body.call.name == node.call.name:
            body = replace(body, call=None)  # the formula itself, recognised
        key = (node.call.name, plain(body, expand=True), *names)
        if key not in self.known:
            is_elementwise = all(item.op in (*ELEMENTWISE, "symbol", "constant") for item in postorder(body))
            body = self.close(body)
            result, parts = share(body, names)
            name, k = node.call.name, 2
            reserved = self.taken if is_function(body, name) else self.taken | TAKEN
            while name in self.by_name or name in reserved:
                name, k = f"{node.call.name}_{k}", k + 1
            self.known[key] = Formula(
                name=name,
                parameters=names,
                body=body,
                parts=tuple(parts),
                result=result,
                is_elementwise=is_elementwise,
                meaning=node.call.meaning,
            )
            self.by_name[name] = self.known[key]
        return self.known[key]


def is_function(body: Expression, name: str) -> bool:
    """Whether a formula is an operation of the same name, applied to its parameters: `tanh(z)`."""
    return body.op == name and all(arg.op == "symbol" for arg in body.args)


def arguments(node: Expression) -> tuple[Expression, ...]:
    """What a named formula is applied to; its options are numbers in its body."""
    assert node.call is not None
    return tuple(arg for arg in node.call.args if arg.op != "constant")
