"""The header of an ejected C program: what another program, in C or C++, uses of it."""

from __future__ import annotations

import re

from glassnet.data.files.version import __version__
from glassnet.readings.eject.c.declarations import declarations, prefixed
from glassnet.readings.eject.c.syntax import RESERVED
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.templates import filled

HEADER = """
/*
 * <<title>>
 *
 * Made by glassnet <<version>>: what <<file>> offers to C and C++. Compile that without its self-test, and link it:
 *     cc -std=c99 -O2 -DNETWORK_NO_MAIN -c <<file>>
 *     cc yours.c <<stem>>.o -lm
 */

#ifndef <<guard>>
#define <<guard>>

#ifdef __cplusplus
extern "C" {
#endif

<<declared>>

#ifdef __cplusplus
}
#endif

#endif
"""


def with_prefix(program: str, prefix: str) -> str:
    """The program, all that it declares called by this prefix; ValueError where that gives a name of C's own."""
    names = {name for item in declarations(program) for name in item.names}
    taken = sorted({prefix + name for name in names} & {*RESERVED, *re.findall(r"\w+", program)}) if prefix else []
    if taken:
        raise ValueError(f"prefix {prefix!r} makes a name that is taken, {taken[0]!r}; take another, like 'penguins_'")
    return prefixed(program, names, prefix) if prefix else program


def header(program: str, prefix: str, name: str) -> str:
    """The header of a program that has this prefix and is in a file of this name."""
    lines = program.split("\n")
    offered = [item for item in declarations(program, prefix) if not item.private]
    declared = [f"{item.comment}\n{item.text}" if item.comment else item.text for item in offered]
    title = [line[3:] for line in lines[1 : lines.index(" *")]]
    return (
        filled(
            HEADER,
            title="\n".join(title),
            version=__version__,
            file=in_comment(name),
            stem=in_comment(name.rpartition(".")[0] or name),
            guard=f"{prefix}network_h".upper(),
            declared="\n\n".join(declared),
        )
        + "\n"
    )
