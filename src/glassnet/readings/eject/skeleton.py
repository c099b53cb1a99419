"""What a program has, and in which order: the same in every language that is text.

It says what it is; then come the data contract, the numbers that were learnt, the formulas, the way forward,
predictions of rows as a user has them, training, and a self-test. *What* stands in these parts is decided here; *how*
is a matter of the language: its texts, with words filled in, and its emitters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from glassnet.data.files.version import __version__
from glassnet.expressions.node import Node
from glassnet.expressions.notation import PLAIN, write
from glassnet.readings.eject.emitters import Emitters, Texts, Words
from glassnet.readings.eject.names import in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.templates import filled
from glassnet.readings.eject.training_plan import Training

NO_OTHER = "all 0 for a word that training did not have"
OTHER = "any other word is the input behind them"
HOW_SCALED = {
    "standard": "less its mean in training, in standard deviations",
    "robust": "by median and quartiles of training, held within -3 and 3",
    "quantile": "as the normal quantile of its place in training",
}


def program(plan: Plan, own: Words, how: Emitters) -> str:
    """The whole text."""
    texts, words = own.texts, {**common_words(plan, own.texts), **own.words()}
    parts = {
        "data": data(plan, own, words),
        "weights": [weights(plan, texts, how)],
        "formulas": how.formulas(),
        "forward": [filled(texts.FORWARD, steps="\n".join(how.forward()), **words)],
        "predict": predict(plan, own, words),
        "training": train(plan.training, own, how, words) if plan.training else [],
        "test": self_test(plan, own, words),
    }
    between_parts, between_functions, closer = texts.GAPS
    sections = [filled(texts.HEAD, **words)]
    for part, blocks in parts.items():
        blocks = [block.rstrip("\n") for block in blocks if block.strip()]
        sections += [heading(texts, part) + closer + between_functions.join(blocks)] if blocks else []
    return between_parts.join(sections) + "\n"


def heading(texts: Texts, part: str) -> str:
    """What stands above a part."""
    title, room = texts.TITLES[part], texts.RULE - len(filled(texts.HEADING, title=texts.TITLES[part], rule=""))
    return filled(texts.HEADING, title=title, rule="-" * room)


def common_words(plan: Plan, texts: Texts) -> dict[str, str]:
    """What is filled into the texts of every language."""
    outputs, training = answers_name(plan, texts), plan.training
    ends = [texts.ENDS[plan.classes is not None]] if plan.interval else []
    exported = ["predict", *([outputs] if plan.classes else []), *ends, *(["train"] if plan.training else [])]
    words = {
        "title": plan.title,
        "version": __version__,
        "does": "tests itself and trains" if plan.training else "tests itself",
        "exported": ", ".join(exported),
        "n_inputs": str(plan.n_inputs),
        "n_outputs": str(plan.n_outputs),
        "target": in_comment(plan.target_name),
        "in_unit": " in its own unit" if plan.units != (0.0, 1.0) else "",
        "K": str(len(plan.classes or ())),
        "outputs": outputs,
        "each": "probability of each" if plan.probabilities else "output for each",
        "width": str(plan.expected.outputs.shape[1]),
        "allowed": plan.allowed[0],
        "allowed_after": plan.allowed[1],
    }
    if training is not None:
        words |= {
            "training": training.title,
            "n_rows": str(len(training.x)),
            "n_parameters": str(training.derivation.layout.size),
            "epochs": str(training.epochs),
            "size": str(training.batch_size),
        }
    return words


def answers_name(plan: Plan, texts: Texts) -> str:
    """What gives the numbers that are tested is called."""
    probabilities, scores, numbers = texts.ANSWERS
    return numbers if plan.classes is None else probabilities if plan.probabilities else scores


def encoders(plan: Plan, texts: Texts) -> list[str]:
    """The texts that make inputs of a row: those for arrays; or those for tables and for what their columns need."""
    kinds = ["arrays"] if plan.table is None else ["tables", *plan.kinds, *(["levels"] if plan.has_levels else [])]
    kinds += [plan.scaling] if {"numbers", "dates"} & {*plan.kinds} else []
    return list(dict.fromkeys(text for kind, blocks in texts.ENCODE.items() if kind in kinds for text in blocks))


def cell(plan: Plan, texts: Texts) -> str:
    """What is done with a cell, whichever kind of column it is of."""
    *kinds, last = plan.kinds or ("",)
    found = texts.CELL.get(last, "")
    for kind in reversed(kinds):
        parts = {"this": texts.CELL[kind].strip("\n"), "other": found.strip("\n")}
        found = filled(texts.EITHER, condition=texts.IS_KIND[kind], **parts)
    return found


def data(plan: Plan, own: Words, words: Mapping[str, str]) -> list[str]:
    """What is known about the data."""
    texts, words = own.texts, {**words, **own.contract()}
    blocks = [filled(texts.COLUMNS if plan.table else texts.ROW, **words)]
    blocks += [filled(texts.CLASSES, **words)] if plan.classes else []
    return [texts.GAPS[2].join(block.rstrip("\n") for block in blocks)]


def predict(plan: Plan, own: Words, words: Mapping[str, str]) -> list[str]:
    """From rows as a user has them to classes or numbers."""
    texts = own.texts
    other = filled(texts.OTHER, **words) if plan.has_other else ""
    truths = filled(texts.TRUTHS, **words) if plan.has_truths else ""
    pair = filled(texts.PAIR, **words) if plan.has_pairs else ""
    words = {**words, "other": other, "truths": truths, "pair": pair, "new_word": OTHER if plan.has_other else NO_OTHER}
    scale = texts.SCALE[plan.scaling]
    words |= {"scaled": filled(scale, number=texts.SCALED_NUMBER), "scaled_days": filled(scale, number="days")}
    words |= {
        "how_scaled": HOW_SCALED[plan.scaling],
        "filled": plan.filled,
        "ending": filled(texts.ENDING[plan.has_levels], **words),
    }
    of_cell = filled(cell(plan, texts), **words)
    blocks = [filled(text, cell=of_cell, **words) for text in encoders(plan, texts)]
    if plan.classes:
        of_p = filled(texts.OF_P[plan.both], **words)
        blocks.append(filled(texts.PREDICT_CLASSES, of_p=of_p, **words))
    else:
        blocks.append(filled(texts.PREDICT_NUMBERS, **{**words, **own.number()}))
    if plan.interval is None:
        return blocks
    trust = {"share": plan.interval.share, "rows": f"{plan.interval.rows:,}", **own.interval(plan.interval)}
    return [*blocks, *(filled(text, **{**words, **trust}) for text in texts.TRUST[plan.classes is not None])]


def self_test(plan: Plan, own: Words, words: Mapping[str, str]) -> list[str]:
    """Rows with known answers, and what the program does when it is run."""
    texts = own.texts
    known = {
        "tested": own.tested(),
        "classes_test": filled(texts.CLASSES_TEST, **words) if plan.classes else "",
        "trained": own.trained() if plan.training else "",
        "training_test": filled(texts.TRAINING_TEST, **words) if plan.training else "",
    }
    return [filled(text, **known, **words) for text in texts.TEST]


def weights(plan: Plan, texts: Texts, how: Emitters) -> str:
    """Weights, biases, running means."""
    training, vector = plan.training, how.vector()
    known = {name: values for name, values in plan.known.items() if how.shows(name)}
    if training is None or vector is None:
        lines = [line for name, values in known.items() for line in how.array(name, values)]
        return filled(texts.WEIGHTS, arrays="\n".join(lines))
    layout, views = training.derivation.layout, []
    for name, values in known.items():
        if name in layout.shapes:
            views.append(vector.view(name, "theta", layout.slices[name], layout.shapes[name]))
        else:
            views += vector.running(name, values)
    return filled(texts.THETA, theta="\n".join(vector.theta(training.theta)), views="\n".join(views))


def train(training: Training, own: Words, how: Emitters, words: Mapping[str, str]) -> list[str]:
    """The rows to learn from, settings, the generator of random numbers, one step, all of them."""
    texts = own.texts
    given = {"x": training.x, "y": training.y, "w": training.w}
    rows = [
        line
        for name, values in given.items()
        if values is not None and (name != "y" or how.shows("y"))
        for line in how.rows(name, values)
    ]
    loop = {**words, "share": share(training, texts), **how.loop()}
    loop["epoch"] = filled(texts.EPOCH[training.batches > 1], **loop)
    known = [filled(texts.TRAINING, **words), "\n".join(rows)]
    known += [filled(texts.SETTINGS, **settings(training, texts, how), **words), *generator(training, own, words)]
    return [texts.GAPS[2].join(filter(None, known)), *how.step(), filled(texts.TRAIN, **loop)]


def share(training: Training, texts: Texts) -> str:
    """What a batch counts in the loss of its epoch."""

    def called(name: str) -> str:
        return texts.SHARE.get(name, name)

    def summed(node: Node, argument: str) -> str:
        return called(f"{node.op}({argument})")

    return write(training.share, replace(PLAIN, name=called, aggregate=summed, number=lambda node: repr(node.value)))


def settings(training: Training, texts: Texts, how: Emitters) -> dict[str, str]:
    """Named numbers, marks, what the optimizer remembers, how far training is."""
    read, constants = training.read, training.derivation.constants
    counted = {"t": str(training.t), "epoch": str(training.epochs_done)}
    marks = {name: numbers for name, numbers in training.marks.items() if how.shows(name)}
    named = [how.named(name, value) for name, value in constants.items() if name in read]
    found = {
        "constants": [filled(texts.CONSTANT, name=name, value=value) for name, value in named],
        "marks": [line for name, numbers in marks.items() for line in how.marks(name, numbers)],
        "slots": [line for name, slot in training.slots.items() for line in how.slot(name, slot)],
        "counters": [filled(texts.COUNTERS[name], value=value) for name, value in counted.items() if name in read],
    }
    return {name: "\n".join(lines) for name, lines in found.items()}


def generator(training: Training, own: Words, words: Mapping[str, str]) -> list[str]:
    """The random numbers, if any are drawn."""
    texts, state = own.texts, training.random_state
    if state is None:
        return []
    single = training.derivation.dtype == np.float32
    return generator_texts(texts, {**words, **own.generator(state)}, training.draws, single, training.shuffle)


def generator_texts(texts: Texts, words: Mapping[str, str], draws: bool, single: bool, shuffles: bool) -> list[str]:
    """The generator, for numbers from 0 to 1 (in float32 if `single`), orders of rows, or both."""
    halves = shuffles or (draws and single)
    words = {**words, "half": filled(texts.HALF, **words) if halves else ""}
    chosen = [texts.GENERATOR, *([texts.NEXT32] if halves else []), *([texts.UNIFORM[single]] if draws else [])]
    return [filled(text, **words) for text in (*chosen, *([texts.PERMUTATION] if shuffles else []))]
