"""Running an ejected C program: compiled with a driver that uses it as anyone would."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.c.data import row_array
from glassnet.readings.eject.c.declarations import declarations, prefixed
from glassnet.readings.eject.c.text import ENDS
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.tools import find_tool
from glassnet.readings.eject.tools import run as run_tool

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-O1")


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the program says of rows, compiled by the C compiler that there is."""
    compiler = find_tool(("cc", "gcc", "clang"), "a C compiler")
    folder = program.parent
    text = driver(plan, program.name, rows)
    if plan.prefix:
        declared = declarations(program.read_text(encoding="utf-8"), plan.prefix)
        text = prefixed(text, {name.removeprefix(plan.prefix) for item in declared for name in item.names}, plan.prefix)
    (folder / "driver.c").write_text(text, encoding="utf-8")
    run_tool([compiler, *FLAGS, "driver.c", "-lm", "-o", "driver"], folder)
    said: dict[str, list[list[str]]] = {"row": [], "class": [], "loss": [[]], "theta": [], "ends": []}
    for line in run_tool([folder / "driver"], folder).splitlines():
        kind, *words = line.split()
        said[kind].append(words)
    outputs = np.array([[float.fromhex(word) for word in words] for words in said["row"]])
    classes = tuple(bytes.fromhex("".join(words)).decode("utf-8", "surrogatepass") for words in said["class"])
    theta = np.array([float.fromhex(word) for word in said["theta"][0]]) if said["theta"] else None
    version = run_tool([compiler, "--version"], folder).splitlines()[0]
    answers = Answers(
        outputs=outputs,
        words=classes,
        theta=theta,
        losses=tuple(map(float.fromhex, said["loss"][-1])),
        ends=np.array([[float.fromhex(word) for word in words] for words in said["ends"]]) if plan.interval else None,
    )
    return answers, version


DRIVER = """
#define NETWORK_NO_MAIN
#include "<<program>>"
#include <stdio.h>

<<rows>>

int main(void)
{
    <<train>>
    for (int i = 0; i < <<n>>; i++) {
        real found[<<outputs>>];
        const int k = predict(<<row>>, found);
        if (k < 0) {
            fprintf(stderr, "row %d was refused: %s (%d)\\n", i, network_error, network_error_place);
            return 1;
        }
        printf("row");
        for (int j = 0; j < <<outputs>>; j++) printf(" %a", <<cast>>found[j]);
        printf("\\n");
        <<classes>>
        <<ends>>
    }
    return 0;
}
"""

DRIVER_ENDS = """
<<type>> ends[<<count>>];
<<function>>(<<row>>, ends);
printf("ends");
for (int j = 0; j < <<count>>; j++) printf(" %a", (double)ends[j]);
printf("\\n");
"""

DRIVER_CLASSES = """
printf("class ");
for (const char *letter = CLASSES[k]; *letter; letter++) printf("%02x", (unsigned)(unsigned char)*letter);
printf("\\n");
"""

DRIVER_TRAINS = """
printf("loss");
for (int e = 0; e < EPOCHS; e++) printf(" %a", train(1));
printf("\\ntheta");
for (int k = 0; k < N_PARAMETERS; k++) printf(" %a", <<cast>>theta[k]);
printf("\\n");
"""


def driver(plan: Plan, program: str, rows: RawRows) -> str:
    """A C file that includes the program and uses it as anyone would: trains, predicts rows, prints what comes out."""
    single = plan.dtype == np.float32
    cast = "(double)" if single else ""
    return filled(
        DRIVER,
        program=program,
        rows="\n".join(row_array("GIVEN", plan, single, rows)),
        row="&GIVEN[i]" if plan.table else "GIVEN[i]",
        n=str(len(rows)),
        outputs=str(len(plan.classes) if plan.classes else plan.n_outputs),
        cast=cast,
        train=filled(DRIVER_TRAINS, cast=cast) if plan.training else "",
        classes=DRIVER_CLASSES.strip() if plan.classes else "",
        ends=filled(
            DRIVER_ENDS,
            type="int" if plan.classes else "real",
            count=str(plan.ends),
            function=ENDS[plan.classes is not None],
            row="&GIVEN[i]" if plan.table else "GIVEN[i]",
        )
        if plan.interval
        else "",
    )
