"""Functions of one's own among the metrics, called by one thread at a time: nobody wrote them for several."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from glassnet.parts.naming import formula_name
from glassnet.training.metrics import several

if TYPE_CHECKING:
    from glassnet.training.metrics import Metrics


def in_turn(metrics: Metrics) -> Any:
    """The same metrics; a function of one's own waits until no other is at work."""
    if metrics is None or isinstance(metrics, str):
        return metrics
    lock = Lock()

    def waiting(item: Any) -> Any:
        return one_at_a_time(item, lock) if callable(item) and not isinstance(item, type) else item

    return waiting(metrics) if callable(metrics) else [waiting(item) for item in several(metrics)]


def one_at_a_time(function: Callable[..., Any], lock: Lock) -> Callable[..., Any]:
    """A function of the same name that has the lock while it is at work."""

    def called(*given: Any) -> Any:
        with lock:
            return function(*given)

    called.__name__ = formula_name(function, "metric")
    vars(called)["__wrapped__"] = function  # whose signature is checked
    return called
