"""How much memory there is to be had: what the system has left, and what this process may still take of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MEMINFO, STATM, OWN_GROUPS = Path("/proc/meminfo"), Path("/proc/self/statm"), Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
ADDRESSES = 1 << 47  # bytes: what a process can address on the usual processors, where nothing else is known


def free_memory() -> int:
    """The bytes that can still be had: the least of what the system, control groups and `ulimit -v` leave.

    Swap counts as memory. Where none of them can be asked, it is what processors can address.
    """
    found = [ADDRESSES]
    for left in (of_system, of_groups, of_process):
        with suppress(OSError, ValueError, IndexError, KeyError, AttributeError, ImportError):
            found += left()
    return max(0, min(found))


def of_system() -> Iterator[int]:
    """What Linux says is available, and free swap; elsewhere the pages that are free, or all there are."""
    if MEMINFO.exists():
        lines = (line.split() for line in MEMINFO.read_text().splitlines())
        kilobytes = {words[0]: int(words[1]) for words in lines if len(words) > 1}
        yield 1024 * (kilobytes["MemAvailable:"] + kilobytes.get("SwapFree:", 0))
        return
    name = "SC_AVPHYS_PAGES" if "SC_AVPHYS_PAGES" in os.sysconf_names else "SC_PHYS_PAGES"
    yield os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")


def of_groups() -> Iterator[int]:
    """What each control group that the process is in leaves, and each around it: of version 2, and of version 1."""
    for line in OWN_GROUPS.read_text().splitlines():
        number, kinds, own = line.split(":", 2)
        if number == "0":
            yield from left_in(GROUPS, own, ("memory.max", "memory.current", "inactive_file"))
        elif "memory" in kinds.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            yield from left_in(GROUPS / "memory", own, names)


def left_in(root: Path, own: str, names: tuple[str, str, str]) -> Iterator[int]:
    """What a group leaves, and each around it; pages of files that nobody reads can be taken back from it."""
    limit, used, inactive = names
    group = root / own.lstrip("/")
    for folder in (group, *group.parents):
        with suppress(OSError, ValueError):
            most = int((folder / limit).read_text())  # ValueError: "max"
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            yield most - int((folder / used).read_text()) + int(stat.get(inactive, 0))
        if folder == root:
            return


def of_process() -> Iterator[int]:
    """What `ulimit -v` leaves."""
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        taken = int(STATM.read_text().split()[0]) * resource.getpagesize() if STATM.exists() else 0
        yield most - taken
