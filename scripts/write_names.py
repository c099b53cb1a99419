#!/usr/bin/env python3
"""Write what type checkers know of names and options: `src/glassnet/parts/literals.py`, and overloads beside functions.

    scripts/write_names.py            write them from the tables themselves
    scripts/write_names.py --check    fail where they are not what the tables say

To be run after an activation, loss, initializer, optimizer, schedule, metric or language was added, or a choice about
tables.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glassnet.data.arrays import KINDS
from glassnet.data.tables.choices import FILLS, SCALES, WORDS
from glassnet.formulas import activations as activation_formulas
from glassnet.formulas import initializers as initializer_formulas
from glassnet.formulas import schedules, updates
from glassnet.parts import activations, initializers, layers, losses, optimizers
from glassnet.parts.naming import options_of
from glassnet.parts.schedules import SCHEDULES
from glassnet.parts.synonyms import SAME
from glassnet.readings.eject import LANGUAGES
from glassnet.training import choice
from glassnet.training.metrics import METRICS
from glassnet.training.recipes import by_name
from glassnet.training.splitting import SPLITS

SOURCE = Path(__file__).parents[1] / "src" / "glassnet"
LITERALS = "parts/literals.py"
BEGIN = "# what each {kind} takes: written by scripts/write_names.py\n"
END = "# so far the {kind}s\n"

HEAD = '''"""Names and options as type checkers know them: one that is misspelled is refused before anything runs.

Written by scripts/write_names.py from the tables of names and the formulas' own signatures. Names as other libraries
have them are among them; other capitals are understood only when a program runs. What needs an option ("constant" its
value) is no name by itself. A function of one's own that takes a name is annotated with these: `def f(name: LossName)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Required, TypedDict

if TYPE_CHECKING:
    from glassnet.parts.schedules import Schedule

'''

TABLES: dict[str, Iterable[str]] = {
    "activation": activations.NAMES,
    "loss": losses.NAMES,
    "initializer": initializers.NAMES,
    "optimizer": optimizers.RULES,
    "schedule": SCHEDULES,
    "metric": METRICS,
    "language": LANGUAGES,
    "reduction": losses.REDUCTIONS,
    "engine": choice.NAMES,
    "kind": KINDS,
    "scaling": layers.SCALINGS,
    "scale": SCALES,
    "fill": FILLS,
    "split": SPLITS,
    "words": WORDS,
    "recipe": by_name.NAMES,
}

SHARED = {"optimizer": ("clip_norm", "clip_value"), "loss": ("output", "reduction"), "schedule": ("warm_up",)}
TYPES = {"clip_norm": "float | None", "clip_value": "float | None", "output": "ActivationName | None"}
TYPES |= {"reduction": "ReductionName"}

OVERLOADS = {
    "activation": ("parts/activations.py", "function: {names}", "Activation"),
    "loss": ("parts/losses.py", "function: {names}", "Loss"),
    "initializer": ("parts/initializers.py", "rule: {names}", "Initializer"),
    "optimizer": ("parts/optimizers.py", "name: {names}, learning_rate: Rate = None", "Optimizer"),
    "schedule": ("parts/optimizers.py", "name: {names}, initial: float", "Schedule"),
}


def options() -> dict[str, dict[str, dict[str, Any]]]:
    """The options of each name that a function makes something of: kind, name, option, default (None: required)."""
    return {
        "activation": {name: options_of(vars(activation_formulas)[name], 1) for name in activations.NAMES},
        "loss": {name: losses.options_of_loss(name) for name in losses.NAMES},
        "initializer": {name: options_of(vars(initializer_formulas)[name], 2) for name in initializers.NAMES},
        "optimizer": {name: optimizers.numbers_of(vars(updates)[name]) for name in optimizers.RULES},
        "schedule": {name: options_of(vars(schedules)[name], 2) for name in SCHEDULES},
    }


def class_name(kind: str, name: str) -> str:
    """How the options of a name are called: `HuberLossOptions`; an optimizer's without its kind."""
    words = "".join(word.capitalize() for word in (*name.split("_"), *([] if kind == "optimizer" else [kind])))
    return f"{words}Options"


def groups(kind: str) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """The names of a kind by what options they take, each group called after its first name."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for name, taken in options()[kind].items():
        found.setdefault(tuple((option, type(default)) for option, default in taken.items()), []).append(name)
    return {class_name(kind, names[0]): (options()[kind][names[0]], names) for names in found.values()}


def with_synonyms(kind: str, names: Iterable[str]) -> list[str]:
    """Names, then those of other libraries that mean them."""
    names = list(names)
    return [*names, *(other for other, ours in SAME.get(kind, {}).items() if ours in names)]


def literal(names: Iterable[str]) -> str:
    """A type of so many words."""
    return f"Literal[{', '.join(repr(name) for name in names)}]"


def literals() -> str:
    """The text of the file of names and options."""
    lines = [HEAD]
    for kind, names in TABLES.items():
        taken = options().get(kind, {})
        names = [name for name in names if not any(is_required(kind, *item) for item in taken.get(name, {}).items())]
        lines.append(f"{kind.capitalize()}Name = {literal(with_synonyms(kind, names))}\n")
    for kind in OVERLOADS:
        for title, (taken, names) in groups(kind).items():
            lines.append(f"{names_of(title)} = {literal(with_synonyms(kind, names))}\n")
            shared = {name: TYPES.get(name, "float") for name in SHARED.get(kind, ())}
            fields = {name: type_of(kind, name, default) for name, default in taken.items()} | shared
            if fields:
                lines.append(f"class {title}(TypedDict, total=False):\n")
                lines.append(f'    """What is told of a `{names_of(title)}` besides."""\n')
                lines += [f"    {name}: {kind_}\n" for name, kind_ in fields.items()] + ["\n"]
    return "".join(lines)


def is_required(kind: str, option: str, default: Any) -> bool:
    """Whether an option must be given; epochs of a schedule may be left open."""
    return default is None and (kind, option) != ("schedule", "epochs")


def type_of(kind: str, option: str, default: Any) -> str:
    """The type of an option, by its default; the numbers of an optimizer may change."""
    if is_required(kind, option, default):
        return "Required[float]"
    return "bool" if isinstance(default, bool) else "float | Schedule" if kind == "optimizer" else "float"


def overloads(kind: str) -> str:
    """One overload for each group of names that take the same options."""
    _, arguments, result = OVERLOADS[kind]
    lines = []
    for title, (taken, _) in groups(kind).items():
        given = arguments.format(names=f"known.{names_of(title)}")
        given += f", **options: Unpack[known.{title}]" if taken or kind in SHARED else ""
        lines.append(f"@overload\ndef {kind}({given}) -> {result}: ...\n")
    return "".join(lines)


def names_of(title: str) -> str:
    """How the type of a group's names is called, by that of its options."""
    return f"{title.removesuffix('Options')}Name"


def formatted(text: str) -> str:
    """As ruff formats it."""
    command = ["ruff", "format", "-", "--quiet", "--stdin-filename", str(SOURCE / LITERALS)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def between(text: str, kind: str) -> str:
    """A file's text with the overloads of a kind in the place that is marked for them."""
    begin, end = BEGIN.format(kind=kind), END.format(kind=kind)
    before, _, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    assert closed, f"no place for the overloads of {kind}"
    return "".join((before, begin, overloads(kind), end, after))


def written() -> dict[Path, str]:
    """What the files must hold."""
    found = {SOURCE / LITERALS: literals()}
    for kind, (file, *_) in OVERLOADS.items():
        path = SOURCE / file
        found[path] = between(found.get(path) or path.read_text(encoding="utf-8"), kind)
    return {path: formatted(text) for path, text in found.items()}


def main() -> int:
    check = "--check" in sys.argv[1:]
    wrong = [path for path, text in written().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in wrong:
        if check:
            print(f"{path}: not what the tables say; run scripts/write_names.py", file=sys.stderr)
        else:
            path.write_text(written()[path], encoding="utf-8")
            print(f"written: {path}")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
