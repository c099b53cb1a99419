"""Steps and formulas of a plan as lines of R: what a program calls things, and where its numbers are."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from glassnet.derivation.steps import Step
from glassnet.expressions.expression import ROWS, Expression, Shape, postorder, symbol
from glassnet.expressions.notation import write
from glassnet.readings.eject.formulas import Formula, is_function
from glassnet.readings.eject.names import free_name
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.r import text, values
from glassnet.readings.eject.r.notation import WARNING, WORDS, InR, Piece, as_matrix, notation
from glassnet.readings.eject.steps import naming

WIDTH = values.WIDTH
FAR = 44  # characters of a line up to which comments stand one below the other
RESERVED = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "NA"}
RESERVED |= {"Inf", "NaN", "T", "F"}
# Names that formulas may not take: every word in the program's fixed parts, and the functions of formulas
OURS = frozenset((*re.findall(r"[A-Za-z_][\w.]*", " ".join((WORDS, *text.CODE))), *RESERVED))


class RLines:
    """Writes the steps of one plan.

    Attributes
    ----------
    kept
        The names of numbers that are kept in a list, by their names in steps: `nn$W1` for `W1`; `memory$m` of what the
        optimizer remembers.
    vectors
        The steps whose result has two axes to NumPy and is a plain vector in R.
    """

    def __init__(self, plan: Plan, remembered: Iterable[str] = ()) -> None:
        self.plan = plan
        self.kept = {name: f"nn${safe(name)}" for name in plan.known}
        self.kept |= {name: f"memory${name}" for name in remembered}
        taken = set(OURS)
        self.names: dict[str, str] = {}
        for name in plan.formulas:
            self.names[name] = free_name(safe(name), taken)
            taken.add(self.names[name])
        self.vectors: set[str] = set()
        self.notation = notation(self.name, self.called)

    def name(self, name: str) -> str:
        """What a symbol is called."""
        return self.kept.get(name, safe(name))

    def called(self, name: str) -> str:
        """What a formula, or a function of R, is called."""
        formula = self.plan.formulas.get(name)
        if formula is None:
            return name
        if is_function(formula.body, name):
            return {"absolute": "abs", "maximum": "pmax", "minimum": "pmin"}.get(name, name)
        return self.names[name]

    def piece(self, expression: Expression) -> Piece:
        """An expression rewritten for R."""
        return InR(self.plan.formulas, self.vectors).of(expression)

    def text(self, expression: Expression) -> str:
        """An expression that is rewritten already, as text."""
        written = write(expression, self.notation)
        return f"suppressWarnings({written})" if may_warn(postorder(expression)) else written

    # formulas

    def formulas(self) -> list[str]:
        """The named formulas as functions, but for those that R has."""
        return [self.formula(item) for item in self.plan.formulas.values() if not is_function(item.body, item.name)]

    def formula(self, formula: Formula) -> str:
        """One of them."""
        inside = InR(self.plan.formulas, self.vectors)
        shapes = {node.name: node.shape for node in postorder(formula.body) if node.op == "symbol"}
        given = {name: Piece(symbol(name, shape), len(shape) == 2) for name, shape in shapes.items()}
        lines: list[tuple[str, Expression]] = []
        for name, part in (*formula.parts, ("", formula.result)):
            node, is_matrix = inside.inside(part, given)
            given[name] = Piece(symbol(name, node.shape, node.dtype), is_matrix)
            lines.append((name, node))
        nodes = postorder(*(node for _, node in lines))
        undefined = may_warn(nodes)
        body = [f"n <- nrow({formula.parameters[0]})"] if any(node.name == ROWS for node in nodes) else []
        for name, node in lines:
            right = write(node, self.notation)
            if undefined and any(inner.op in WARNING for inner in postorder(node)):
                right = f"suppressWarnings({right})"
            body += commented([(f"{safe(name)} <- {right}" if name else right, in_decimals(right), "")])
        head = f"{self.names[formula.name]} <- function({', '.join(map(safe, formula.parameters))}) {{"
        return "\n".join([*roxygen(formula.meaning), head, *(f"  {line}" for line in body), "}"])

    # steps

    def step(self, step: Step, to: str = "") -> tuple[str, str]:
        """A step as a line, `z1 <- x %*% nn$W1`, and the shape of its result."""
        with naming(step):
            node, is_matrix = self.piece(step.expression)
            if len(node.shape) == 2 and not is_matrix:
                if step.assigns or step.name == "p":
                    node = as_matrix(Piece(node, False)).node
                else:
                    self.vectors.add(step.name)
            shape = shape_text(step.shape)
            line = f"{to or self.name(step.name)} <- {self.text(node)}"
            return line, "  ".join(filter(None, (shape, in_decimals(line))))


def may_warn(nodes: Iterable[Expression]) -> bool:
    """Whether R may warn of numbers that are computed and then not chosen: `ifelse(z > 0, log(z), 0)`."""
    ops = {node.op for node in nodes}
    return "ifelse" in ops and not ops.isdisjoint(WARNING)


def shape_text(shape: Shape) -> str:
    """`(n, 4)`; nothing for a single number."""
    return f"({', '.join(map(str, shape))})" if shape else ""


def safe(name: str) -> str:
    """A name that R takes: no word of the language, no underscore in front."""
    if name.startswith("_"):
        name = f"v{name}"
    return free_name(name, RESERVED)


def commented(lines: Iterable[tuple[str, str, str]]) -> list[str]:
    """Lines, each with the shape of its result and a reason behind it; a reason that is too long before it."""
    lines = list(lines)
    column = max((len(line) for line, shape, _ in lines if shape and len(line) <= FAR), default=0)
    found = []
    for line, shape, reason in lines:
        words = "  ".join(filter(None, (shape, reason)))
        places = [max(column, len(line)), len(line)] if shape else [len(line)]
        place = next((place for place in places if place + len(words) + 4 <= WIDTH - 2), None)
        if words and place is not None:
            found.append(f"{line.ljust(place)}  # {words}")
        else:
            found += [*remark(words), *wrapped(line)] if words else wrapped(line)
    return found


def remark(words: str) -> list[str]:
    """A comment on lines of its own."""
    return textwrap.wrap(values.comment(words), WIDTH - 4, initial_indent="# ", subsequent_indent="# ")


def roxygen(words: str) -> list[str]:
    """A comment before a function."""
    return textwrap.wrap(values.comment(words), WIDTH - 4, initial_indent="#' ", subsequent_indent="#' ")


def wrapped(line: str, width: int = WIDTH - 4) -> list[str]:
    """A line of code on as many lines as it needs, broken behind an operator or a comma, where R reads on."""
    lines = []
    while len(line) > width:
        places = [match.end() for match in re.finditer(r"(?: [-+*/&|]| %\*%|,| [<>=!]=?) (?=\S)", line[:width])]
        places = [place for place in places if place > width // 3]
        if not places:
            break
        place = min(reversed(places), key=lambda place: depth(line[:place]))
        lines.append(line[:place].rstrip())
        line = "  " + line[place:]
    return [*lines, line]


def depth(code: str) -> int:
    """How many parentheses are open."""
    return code.count("(") - code.count(")")


HEXADECIMAL = re.compile(r"0x[0-9a-f.]+p[-+]\d+")


def in_decimals(line: str) -> str:
    """What the hexadecimal numbers of a line are: `0x1.8p-2 is 0.375`."""
    found = dict.fromkeys(HEXADECIMAL.findall(line))
    return ", ".join(f"{word} is {float.fromhex(word):.6g}" for word in found)


def rows_counted(lines: Iterable[str]) -> list[str]:
    """The line that counts the rows of x, if other lines speak of their number."""
    codes = [line.split("#")[0] for line in lines]
    return ["n <- nrow(x)"] if any(re.search(rf"(?<![\w.$]){ROWS}(?![\w.])", code) for code in codes) else []
