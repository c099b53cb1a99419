"""Running an ejected JavaScript program: a module that uses it as anyone would."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from glassnet.data.tables.targets import label_word
from glassnet.readings.eject.answers import Answers
from glassnet.readings.eject.javascript import text
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.random_rows import RawRows
from glassnet.readings.eject.skeleton import answers_name
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.tools import find_tool
from glassnet.readings.eject.tools import run as run_tool

DRIVER = """
import { readFileSync } from "node:fs";
import * as network from "./<<program>>";

const losses = [];
for (let e = 0; e < <<epochs>>; e++) losses.push(network.train(1));
const rows = JSON.parse(readFileSync("rows.json", "utf8"));
const answers = rows.map((row) => [network.<<outputs>>(row)].flat().map(String));
const labels = rows.map((row) => String(network.predict(row)));
const theta = Array.from(network.theta ?? [], String);
const ends = rows.map((row) => <<ends>>);
console.log(JSON.stringify({ answers, labels, losses: losses.map(String), theta, ends }));
"""


ENDS = (
    "network.predictInterval(row).map(String)",
    'network.CLASSES.map((label) => (network.predictSet(row).includes(label) ? "1" : "0"))',
)


def run(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
    """What the program says of rows, run by Node."""
    node = find_tool(("node", "nodejs"), "Node")
    folder = program.parent
    given = rows if isinstance(rows, list) else rows.tolist()
    (folder / "rows.json").write_text(json.dumps(given), encoding="utf-8")
    epochs = str(plan.training.epochs if plan.training else 0)
    ends = ENDS[plan.classes is not None] if plan.interval else "[]"
    words = {"program": program.name, "outputs": answers_name(plan, text), "epochs": epochs, "ends": ends}
    text_of_driver = filled(DRIVER, **words)
    (folder / "driver.mjs").write_text(text_of_driver, encoding="utf-8")
    said = json.loads(run_tool([node, "driver.mjs"], folder))
    numbers = np.array([[float(word) for word in row] for row in said["answers"]])
    labels = tuple(our_word(plan, word) for word in said["labels"]) if plan.classes else ()
    theta = np.array([float(word) for word in said["theta"]]) if plan.training else None
    version = run_tool([node, "--version"], folder).strip()
    answers = Answers(
        outputs=numbers,
        words=labels,
        theta=theta,
        losses=tuple(map(float, said["losses"])),
        ends=np.array(said["ends"], np.float64) if plan.interval else None,
    )
    return answers, f"Node {version}"


def our_word(plan: Plan, word: str) -> str:
    """A label as JavaScript writes it, as glassnet writes it: True for true, 1e+16 for 10000000000000000."""
    if isinstance((plan.classes or ("",))[0], str):
        return word
    words = {"true": True, "false": False}
    return label_word(words[word] if word in words else float(word))
