"""Which versions of Numba the compiled engine knows: an older one ends the whole process when it compiles."""

import re
from importlib.metadata import version

LOWEST = (0, 62)  # before it LLVM "cannot select" the maximum of two numbers; pyproject.toml says the same


def check(found: str) -> None:
    """Refuse, with an ImportError, a version of Numba that is older than the engine knows."""
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < LOWEST:
        known = ".".join(map(str, LOWEST))
        raise ImportError(f"Numba {found} is installed, and the compiled engine knows {known} and later")


FOUND = version("numba")
check(FOUND)  # before it is imported: an old one may not even know this NumPy
