"""What changes the odds: a network and its training with one thing done otherwise, each time by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from glassnet.model.run_table import RunTable
from glassnet.parts.activations import Activation, activation_named
from glassnet.parts.layers import Dense
from glassnet.parts.losses import Loss, loss_named
from glassnet.parts.network import Network
from glassnet.parts.optimizers import optimizer
from glassnet.training.many.varying import Setting, activation_of, hidden_of, settings_of, values_of
from glassnet.training.settings import Settings
from glassnet.training.share import interval, interval_of_difference

USUAL = "usual"
AS_IT_IS = "as it is"
WIDEST = 30  # letters of a value
INSTEAD = {"sigmoid": "tanh", "tanh": "relu"}  # another activation than this one; than others tanh


@dataclass(frozen=True, eq=False, kw_only=True)
class Alternative:
    """One thing that is done otherwise.

    Attributes
    ----------
    words
        What it is: "hidden 4".
    network
        The network, with another loss where that is it.
    vary
        What `train_many` is to vary, one value.
    """

    words: str
    network: Network
    vary: Mapping[str, Any]


def alternatives(network: Network, settings: Settings, vary: Any) -> list[Alternative]:
    """Each value of each name, by itself.

    Parameters
    ----------
    vary
        As `train_many` takes it, one dict of lists; "loss" is a name as well. Or "usual".

    Raises
    ------
    TypeError, ValueError
        A name that nothing has, or a value that `train` would refuse.
    """
    if isinstance(vary, str) and vary == USUAL:
        vary = usual(network, settings)
    if not isinstance(vary, Mapping):
        raise TypeError(
            f"vary must be a dict of lists, {{'hidden': [4, 8]}}, of which each value is tried alone, or {USUAL!r}, "
            f"got {vary!r:.60}"
        )
    found = []
    for name, given in vary.items():
        for value in values_of(name, given):
            words = f"{name.replace('_', ' ')} {in_words(value)}"
            if name == "loss":
                found.append(Alternative(words=words, network=with_loss(network, value), vary={}))
            else:
                one = {name: [value]}
                settings_of(network, settings, one)  # refuses now what could not be done after minutes
                found.append(Alternative(words=words, network=network, vary=one))
    return found


def usual(network: Network, settings: Settings) -> dict[str, list[Any]]:
    """What is usually tried: two and four times the units, half and twice the rate, another activation and loss."""
    base = Setting(network, replace(settings, optimizer=optimizer(settings.optimizer or "adam")), values={})
    found: dict[str, list[Any]] = {}
    units, rate, hidden = hidden_of(base), base.optimizer.learning_rate, activation_of(base)
    if units is not None:
        layers = units if isinstance(units, tuple) else (units,) * count_of_hidden(network)
        wider = [tuple((one or 1) * times for one in layers) for times in (2, 4)]
        found["hidden"] = [one[0] if len({*one}) == 1 else one for one in wider]
    if isinstance(rate, float):
        found["learning_rate"] = [0.5 * rate, 2.0 * rate]
    if isinstance(hidden, Activation):
        found["activation"] = [INSTEAD.get(hidden.name, "tanh")]
    last, loss = network.layers[-1], network.loss
    ends_in_sigmoid = isinstance(last, Dense) and last.activation.name == "sigmoid"
    if loss is not None and loss.name == "squared" and ends_in_sigmoid:
        found["loss"] = ["binary_cross_entropy"]
    return found


def count_of_hidden(network: Network) -> int:
    """How many hidden layers there are."""
    return sum(isinstance(layer, Dense) for layer in network.layers) - 1


def with_loss(network: Network, chosen: Any) -> Network:
    """Another loss, its terms taken together as before; the outputs' activation goes into it, or comes out of it.

    A sigmoid before a squared loss is the one that binary cross-entropy has inside.
    """
    if not isinstance(chosen, (str, Loss)) or network.loss is None:
        raise TypeError(f"vary: loss must be a name or gn.loss(...), for a network with a loss, got {chosen!r:.60}")
    made = chosen if isinstance(chosen, Loss) else loss_named(chosen, reduction=network.loss.reduction)
    *before, last = network.layers
    if isinstance(last, Dense) and made.output != network.loss.output:
        outside = network.loss.output if made.output == "identity" else "identity"
        last = replace(last, activation=activation_named(outside))
    return network.with_layers(*before, last, loss=made)


def in_words(value: Any) -> str:
    """A value that is tried."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(in_words, value))
    text = f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def odds_table(named: Sequence[str], counts: Sequence[int], seeds: int) -> RunTable:
    """The odds side by side, those of the network as it is first, with their intervals.

    `difference` says whether they are better or worse than these by more than chance.
    """
    ends = [interval(count, seeds) for count in counts]
    return RunTable(
        {
            "change": list(named),
            "learnt": list(counts),
            "seeds": [seeds] * len(counts),
            "share": [count / seeds for count in counts],
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "difference": ["", *(compared(count, counts[0], seeds) for count in counts[1:])],
        },
        ["change"],
    )


def compared(count: int, other: int, seeds: int) -> str:
    """Better or worse, where that is more than chance."""
    if count == other:
        return ""
    low, high = interval_of_difference(count, other, seeds)
    return "better" if low > 0.0 else "worse" if high < 0.0 else "may be chance"
