"""Which glassnet this is, as far as its numbers depend on that: a worker that has another one gives other bits."""

from __future__ import annotations

from importlib.util import find_spec

from glassnet.data.files.version import __version__
from glassnet.errors import GlassnetError


def here() -> str:
    """Which glassnet this is."""
    return f"{__version__} {'with' if find_spec('numba') else 'without'} Numba"


def check_same(asking: str, what: str) -> None:
    """Refuse, with a GlassnetError, to work for another glassnet than this one."""
    if asking != here():
        raise GlassnetError(
            f"a worker has glassnet {here()}, and the {what} is of glassnet {asking}; install the same everywhere"
        )
