"""A recipe in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from glassnet.data.tables.wording import in_columns
from glassnet.parts.layers import Dense, layer_words
from glassnet.parts.naming import options_text
from glassnet.parts.optimizers import Optimizer
from glassnet.training.stopping import EarlyStopping

GROUPS = {
    "table": ("scale", "fill", "words", "clamp", "max_categories"),
    "network": (
        *("numbers", "categories", "front", "hidden", "activation", "output_activation"),
        *("strength", "strength_rate", "strength_penalised", "dropout", "bias", "scaling", "weights", "biases"),
        *("bias_rate", "loss", "l2", "dtype"),
    ),
    "training": (
        *("learns", "optimizer", "learning_rate", "epochs", "steps", "batch_size", "drop_last", "validation"),
        *("early_stopping", "refit", "members"),
    ),
}
USUAL: dict[str, Any] = {"members": 1, "learns": "all", "bias": True, "bias_rate": 1.0, "strength_rate": 1.0}
"""What is not told of, beside what there is not."""
LIMITS = {"steps": "at most {:,}", "refit": "on all rows, where they are fewer than {:,}"}


def block(title: str, about: str, parts: Mapping[str, Any]) -> str:
    """A recipe as lines, a part in each; what there is not is left out."""
    rows = []
    for group, names in GROUPS.items():
        here = [name for name in names if is_told(name, parts[name])]
        for k, name in enumerate(here):
            rows.append((group if k == 0 else "", name.replace("_", " "), in_words(parts[name], name)))
    head = f"recipe {title}: {about}" if about else f"recipe {title}"
    return "\n".join([head, "", *in_columns(rows)])


def is_told(name: str, value: Any) -> bool:
    """Whether a part is something, and not what it always is."""
    return not (value is None or value is False or value == 0 or value == USUAL.get(name, ""))


def in_words(value: Any, name: str = "") -> str:
    """A part in words; what it is may depend on its name."""
    if name in LIMITS:
        return LIMITS[name].format(value)
    if isinstance(value, Mapping):
        both = [f"{in_words(value['classes'])} for classes", f"{in_words(value['number'])} for a number"]
        return ("; " if "," in "".join(both) else ", ").join(both)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Optimizer):
        return rule_text(value)
    if isinstance(value, EarlyStopping):
        kept = f"{'last ' if value.ties == 'last' else ''}best by {value.monitor or 'loss'}"
        kept += " where the rate rests" if value.among == "rests" else ""
        return kept if value.patience is None else f"{kept}, patience {value.patience}"
    if isinstance(value, Dense):
        return layer_words(value)
    return "yes" if value is True else str(value)


def rule_text(rule: Optimizer) -> str:
    """An optimizer without its learning rate, which is a part of its own."""
    clips = {name: getattr(rule, name) for name in ("clip_norm", "clip_value")}
    return rule.name + options_text({**rule.options, **{name: v for name, v in clips.items() if v is not None}})


def as_given(value: Any) -> str:
    """A part as it may be given in Python, or nearly so."""
    return repr(rule_text(value)) if isinstance(value, Optimizer) else repr(value)


def told(name: str, parts: Iterable[tuple[str, Any]]) -> str:
    """A recipe's name, and with which parts it is another: `strong(hidden=(128, 128))`."""
    words = ", ".join(f"{part}={as_given(value)}" for part, value in parts)
    return f"{name}({words})" if words else name
