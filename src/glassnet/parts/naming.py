"""How a formula is found by its name, and how wrong names and options are answered."""

import dataclasses
import difflib
import inspect
import itertools
import keyword
import math
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from numbers import Real
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from glassnet.parts.synonyms import SAME, meant, near


def find(name: str, names: Iterable[str], what: str) -> str:
    """The one of `names` that is called so, here or in another library; otherwise a ValueError that lists them.

    It guesses which was meant, by what names mean and by how they are spelled.
    """
    names = names if isinstance(names, Collection) else list(names)
    is_name = isinstance(name, str)
    if is_name and name in names:
        return name
    names = list(names)
    found = meant(name, names, what) if is_name else None
    if found is None:
        near_by = guess(name, names, what) if is_name or name is None else ""
        raise ValueError(f"unknown {what} {name!r:.60}{near_by}; known are {', '.join(sorted(names))}")
    return found


def guess(name: str, names: Collection[str], what: str) -> str:
    """The name that was probably meant, as ` (did you mean 'relu'?)`; nothing where none comes near."""
    found = near(name, names, what)
    if found is None:
        known = {other: ours for other, ours in SAME.get(what, {}).items() if ours in {*names}}
        for spelled in ({other.lower(): other for other in names}, known):
            close = difflib.get_close_matches(str(name).lower(), spelled, n=1)
            found = found or (spelled[close[0]] if close else None)
    return f" (did you mean {found!r}?)" if found else ""


def options_of(function: Callable[..., Any], skip: int = 0) -> dict[str, Any]:
    """The options of a formula with their defaults (None without one): its arguments but for the first `skip`.

    What NumPy's own functions take besides (`out`, `where`, …) and `*args` are no options.
    """
    if type(function).__name__ == "ufunc":
        return {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = arguments_of(function)[skip:]
    return {
        item.name: None if item.default is item.empty else item.default for item in parameters if item.kind in named
    }


def check_options(allowed: Mapping[str, Any], options: Mapping[str, Any], what: str) -> None:
    """Refuse an option that is not in `allowed`, a value outside its range, a missing one (default None)."""
    for name, value in options.items():
        if name not in allowed:
            there = ", ".join(allowed) or "none"
            raise ValueError(f"{what} has no option {name!r}; it has {there}{guess(name, allowed, 'option')}")
        if isinstance(allowed[name], bool):
            check_choice(name, value, what=f"{what}: ")
            continue
        check_number(name, value, *RANGES.get(name, (-math.inf, math.inf)), what=f"{what}: ")
    missing = [name for name, default in allowed.items() if default is None and name not in options]
    if missing:
        raise ValueError(f"{what} needs {', '.join(missing)}")


def check_takes(function: Any, what: str, *takes: str, beside: str = "") -> None:
    """TypeError for a function of one's own that cannot be called with these, by position.

    Parameters
    ----------
    function, what
        The function, and what it is to be.
    takes
        What it is called with.
    beside
        What else a message says that it may take.
    """
    wanted = f"a function of ({', '.join(takes)}){beside}"
    if not callable(function) or isinstance(function, type):
        or_name = "" if what in NO_NAMES else "a name or "
        raise TypeError(f"{what} must be {or_name}{wanted}, got {function!r:.60}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # one written in C that does not say
        return
    try:
        signature.bind_partial(*takes) if beside else signature.bind(*takes)
    except TypeError:
        name = getattr(function, "__name__", type(function).__name__).replace("<lambda>", "lambda ")
        raise TypeError(f"{what} must be {wanted}, got {name}{signature}") from None


NO_NAMES = ("a callback", "told", "shown")

OPTIONS = ", and of numbers that are given by name"


FROM_0 = -1e-300  # as the lower end of an open range: 0 is inside

# The open ranges of options, by name, wherever an option has that name: (0, inf) is > 0, (FROM_0, 1) is >= 0 and < 1
RANGES: dict[str, tuple[float, float]] = {
    "delta": (0, math.inf),
    "q": (0, 1),
    "eps": (0, math.inf),
    "momentum": (FROM_0, 1),
    "rho": (FROM_0, 1),
    "beta1": (FROM_0, 1),
    "beta2": (FROM_0, 1),
    "weight_decay": (FROM_0, math.inf),
    "grow": (1, math.inf),
    "shrink": (0, 1),
    "smallest": (0, math.inf),
    "largest": (0, math.inf),
    "learning_rate": (0, math.inf),
    "every": (0, math.inf),
    "cycles": (0, math.inf),
    "epochs": (0, math.inf),
    "factor": (0, math.inf),
    "decay": (0, math.inf),
    "power": (FROM_0, math.inf),
    "final": (FROM_0, math.inf),
    "std": (FROM_0, math.inf),
}


def check_number(name: str, value: Any, low: float, high: float, what: str = "") -> None:
    """TypeError for what is not a number, ValueError for one outside the open range from low to high."""
    if not is_number(value):
        raise TypeError(f"{what}{name} must be a number, got {value!r}")
    if not low < float(value) < high:
        raise ValueError(f"{what}{name} must be {range_text(low, high)}, got {value!r}")


def check_choice(name: str, value: Any, what: str = "") -> bool:
    """The value; TypeError for anything but True and False, Python's or NumPy's."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{what}{name} must be True or False, got {value!r:.60}")
    return bool(value)


def check_several(name: str, values: Any, what: str) -> list[Any]:
    """The values as a list; TypeError for what is no list of `what`, or anything else that can be gone through."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        raise TypeError(f"{name} must be {what}, got {values!r:.60}")
    return list(values)


def check_penalised(name: str, value: Any) -> None:
    """TypeError, ValueError for what neither says whether penalties pull on an array nor is a factor on them."""
    if not isinstance(value, bool):
        check_number(name, value, FROM_0, math.inf, what="where it is no bool, ")


def range_text(low: float, high: float) -> str:
    """An open range in words: `> 0`, `>= 0 and < 1`, `finite`."""
    ends = [">= 0" if FROM_0 <= low < 0 else f"> {low:g}"] if low > -math.inf else []
    ends += [f"< {high:g}"] if high < math.inf else []
    return " and ".join(ends) or "finite"


def check_whole(name: str, value: Any, what: str = "") -> int:
    """The value as an int; ValueError for anything but a whole number >= 1 that 64 bits hold."""
    whole = whole_of(value)
    if whole is None or whole < 1:
        raise ValueError(f"{name} must be a whole number >= 1{what}, got {value!r:.60}")
    if whole >= 2**63:
        raise ValueError(f"{name} must be a whole number below 2^63, got {value!r:.60}")
    return whole


def whole_of(value: Any) -> int | None:
    """A whole number of Python, of NumPy or of whatever counts as one; None for all else, True and False among it."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def options_text(options: Mapping[str, Any]) -> str:
    """`(slope=0.2)`, or nothing."""
    return f"({', '.join(f'{name}={value!r}' for name, value in options.items())})" if options else ""


def call_text(
    part: Any, usual: Any, by_position: Collection[str] = (), text: Callable[[str, Any], str] | None = None
) -> str:
    """`Dense(4, tanh, bias=False)`: the fields of a dataclass that are not as those of a usual one.

    Those of `by_position` come first and without their names, up to the first that is usual. `text` is what a field's
    name and value are written as.
    """
    fields = {item.name: getattr(part, item.name) for item in dataclasses.fields(part)}
    given = {
        name: repr(value) if text is None else text(name, value)
        for name, value in fields.items()
        if value != getattr(usual, name)
    }
    first = [given.pop(name) for name in itertools.takewhile(given.__contains__, by_position)]
    return f"{type(part).__name__}({', '.join([*first, *(f'{name}={words}' for name, words in given.items())])})"


def is_plain_name(name: str) -> bool:
    """Whether a name may stand in generated code: letters, digits and underscores, not a keyword."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,60}", name)) and not keyword.iskeyword(name)


def check_plain_name(name: str, what: str) -> None:
    """ValueError for a name that may not stand in generated code."""
    if not is_plain_name(name):
        raise ValueError(f"the name of {what} must be letters, digits and _, got {name!r:.60}")


def is_stem(name: str) -> bool:
    """Whether a name may be followed by a layer's number: `W`, `running_mean`, but not `W_` or `beta1`."""
    return is_plain_name(name) and name[-1].isalpha()


def gradient_name(of: str) -> str:
    """What the gradient of a value is called, everywhere: `dW1` for `W1`."""
    return f"d{of}"


def layer_of(name: str) -> int:
    """The number of the layer that an array belongs to: 2 for `W2`."""
    return int(name[len(name.rstrip("0123456789")) :])


def formula_name(function: Callable[..., Any], otherwise: str) -> str:
    """A function's own name, or `otherwise` where it has none to show (a lambda)."""
    name = getattr(function, "__name__", otherwise)
    return name if is_plain_name(name) else otherwise


def meaning(function: Callable[..., Any], options: Mapping[str, Any] | None = None) -> str:
    """The first line of a formula's docstring: the formula itself, as it is written in books.

    Of `l = A, with half B: words` it is `l = B: words` where the option `half` is True, else `l = A: words`; options
    that it speaks of are added with their values: to the words, if these do, so that they can stand alone.

    Parameters
    ----------
    function
        A formula.
    options
        Its options; those left out have their defaults.
    """
    lines = (function.__doc__ or "").strip().splitlines()
    formula, colon, words = lines[0].partition(": ") if lines else ("", "", "")
    left, equals, right = formula.partition(" = ")
    if not equals:
        return formula + colon + words
    values = {**defaults(function), **(options or {})}
    if (choice := re.search(r", with (\w+) ", right)) and isinstance(values.get(choice[1]), bool):
        right = right[choice.end() :] if values[choice[1]] else right[: choice.start()]
    numbers = {name: value for name, value in values.items() if is_number(value)}
    in_words = spoken_of(words, numbers)
    in_formula = spoken_of(right, {name: value for name, value in numbers.items() if name not in in_words})
    right += "".join(f", {name} = {numbers[name]:g}" for name in in_formula)
    if in_words:
        words = f"{words.removesuffix('.')}; {', '.join(f'{name} = {numbers[name]:g}' for name in in_words)}."
    return f"{left} = {right}{colon}{words}"


def spoken_of(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that are words of a text, in their order there."""
    places = {name: re.search(rf"(?<!\w){name}(?!\w)", text) for name in names}
    return [name for _, name in sorted((place.start(), name) for name, place in places.items() if place)]


def defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a formula that have a default, with it."""
    if type(function).__name__ == "ufunc":
        return {}
    return {item.name: item.default for item in arguments_of(function) if item.default is not item.empty}


ARGUMENTS: WeakKeyDictionary[Callable[..., Any], list[inspect.Parameter]] = WeakKeyDictionary()


def arguments_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """A function's arguments; those of a plain function are looked up once, as each layer asks for them."""
    if not inspect.isfunction(function):
        return list(inspect.signature(function).parameters.values())
    if function not in ARGUMENTS:
        ARGUMENTS[function] = list(inspect.signature(function).parameters.values())
    return ARGUMENTS[function]


def is_number(value: Any) -> bool:
    """Whether it is a number, and not a choice between two."""
    return isinstance(value, Real) and not isinstance(value, bool)
