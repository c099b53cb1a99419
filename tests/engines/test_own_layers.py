"""Layers of one's own, drawn at random: both engines against the derivation evaluated step by step.

The compiled engine's text is Python. Here Python itself runs it, with stand-ins for what Numba and BLAS do: hundreds
of texts can be tried, none is compiled, and Numba need not be installed.
"""

import ast
import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Barrier, Lock
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet.derivation.derive import derive, derive_prediction
from glassnet.derivation.report import THE_LOSS, Report
from glassnet.derivation.steps import Derivation
from glassnet.engines import columns, wide_rows
from glassnet.engines.machine_code import Code
from glassnet.engines.memory import Memory
from glassnet.engines.prediction_code import prediction_code
from glassnet.engines.training_code import training_code
from glassnet.engines.ways import BY_RULE, TOGETHER
from glassnet.expressions.expression import blocks_of, evaluate, times_blocks, times_blocks_T
from glassnet.parts.optimizers import Optimizer
from glassnet.training.numpy_steps import NumPySteps
from glassnet.training.place import Place
from glassnet.training.rows import GeneratorShuffler, Rows, Walk

INPUTS, OUTPUTS, EPOCHS = 3, 2, 2
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}  # of the largest number
RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(17, INPUTS)), RNG.normal(size=(17, OUTPUTS))
WEIGHTS = RNG.uniform(0.5, 2.0, size=(17, 1))


# What can be drawn: formulas by their shape, n rows and k columns. No maximum is taken of equal numbers, as those of a
# symmetric matrix: rounding would decide which of them is the largest, and so where its slope goes.

START = {
    "nk": ("x",),
    "n1": ("np.max(x, axis=1, keepdims=True)", "x @ p.e"),
    "1k": ("p.c", "p.r"),
    "k": ("p.b", "p.q"),
    "k1": ("p.e",),
    "kk": ("p.W", "p.m"),
}
EVERYWHERE = (
    *("np.tanh({})", "np.abs({})", "np.exp(-np.abs({}))", "np.exp(np.minimum({}, 0.0))", "0.5 * {} - 0.25"),
    *("{} + {}", "{} * {}", "{} - {}", "np.where({} > 0, {}, 0.5 * {})", "{} / (1.0 + {} * {})", "(({} > 0) * {})"),
)
TEMPLATES = {
    "nk": (
        *("{nk} + {k}", "{nk} * {1k}", "{nk} * {n1}", "{n1} + {k}", "{n1} @ {1k}", "np.maximum({nk}, {k})"),
        *("{nk} @ {kk}", "{nk} @ {kk}.T", "({kk} @ {nk}.T).T", "np.where({nk} > {n1}, {nk}, {1k})"),
        *("np.concatenate(({nk}[:, 1:], {n1}), axis=1)", "{nk}[:, [2, 0, 0]]", "times_blocks_T({n1}, {k1}, 1)"),
        *("times_blocks({nk}, {k1}, 3)", "times_blocks({nk}, {kk}, 1)", "times_blocks_T({nk}, {k1}, 3)"),
        *("{nk} / (1.0 + np.sum({nk} * {nk}))", "{nk} - np.mean({nk})", "{k1}.T * {nk}", "{nk} * np.max({kk} - {k})"),
    ),
    "n1": (
        *("np.sum({nk}, axis=1, keepdims=True)", "np.max({nk}, axis=1, keepdims=True)", "{nk} @ {k1}"),
        *("np.expand_dims(np.tanh(np.mean({nk}, axis=1)), 1)", "{n1} * np.sum({k})"),
        *("{nk}[:, [1]]", "times_blocks({nk}, {k1}, 1)", "np.concatenate(({n1}, {nk}), axis=1)[:, 1:2]"),
    ),
    "1k": (
        *("np.mean({nk}, axis=0, keepdims=True)", "np.expand_dims({k}, 0)", "{k1}.T", "{1k} @ {kk}"),
        *("np.max({kk}, axis=0, keepdims=True)", "{1k} + {k}", "{n1}.T @ {nk}"),
    ),
    "k": ("np.sum({nk}, axis=0)", "np.max({nk}, axis=0)", "np.mean({kk}, axis=0)", "np.max({kk}, axis=1)"),
    "k1": (
        "blocks_of({nk}, {n1}, 1)",
        "blocks_of({nk}, {nk}, 3)",
        "{kk}[:, 1:2]",
        "{1k}.T",
        "np.sum({kk}, axis=1, keepdims=True)",
        "np.expand_dims({k}, 1)",
        "{nk}.T @ {n1}",
    ),
    "kk": (
        *("{kk}.T", "{kk} + {kk}.T", "{kk} @ {kk}.T", "{kk} * {k}", "{kk} - {k1}", "{k1} * {1k}", "{nk}.T @ {nk}"),
        *("blocks_of({nk}, {nk}, 1)", "np.concatenate(({k1}, {kk}[:, [2, 0]]), axis=1)"),
        *("{kk} / (1.0 + np.sum(np.abs({kk}), axis=1, keepdims=True))", "np.maximum({1k}.T, {kk})"),
    ),
}


@dataclass(frozen=True)
class Own:
    """A layer of lines, a name and a formula each; the last is the output. q, r and m are kept from step to step."""

    lines: tuple[tuple[str, str], ...]
    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        k, start = n_inputs, gn.initializer("normal", std=0.6)
        shapes = {"W": (k, k), "b": (k,), "c": (1, k), "e": (k, 1), "q": (k,), "r": (1, k), "m": (k, k)}
        return {
            name: gn.Parameter(shape, start, penalised=name == "W", learnt=name not in "qrm")
            for name, shape in shapes.items()
        }

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        values: dict[str, Any] = {}
        known = {"np": np, "p": p, "x": x, **{f.__name__: f for f in (times_blocks, times_blocks_T, blocks_of)}}
        for name, formula in self.lines:
            values[name] = known[name] = eval(formula, {}, known)
        return values


def formula(random: Random, shape: str, known: dict[str, list[str]], depth: int) -> str:
    """A formula whose result has the shape; what it is made from stands in brackets."""
    if depth == 0:
        return random.choice(known.get(shape) if shape in known and random.random() < 0.7 else START[shape])
    template = random.choice(random.choice((EVERYWHERE, TEMPLATES[shape])))
    drawn: dict[str, str] = {}

    def filled(match: re.Match[str]) -> str:
        of = match[1] or shape
        if of not in drawn or random.random() < 0.6:  # now and then, the same twice
            drawn[of] = formula(random, of, known, random.randrange(depth))
        return f"({drawn[of]})" if " " in drawn[of] else drawn[of]

    return re.sub(r"{(\w*)}", filled, template)


def layer(random: Random) -> Own:
    """A layer with a few values on the way to its output, and new values for what it keeps."""
    lines: list[tuple[str, str]] = []
    known: dict[str, list[str]] = {}
    for name in "stuvz"[: random.randint(1, 5)]:
        shape = random.choice(tuple(START))
        lines.append((name, formula(random, shape, known, random.randint(1, 3))))
        known.setdefault(shape, []).append(name)
    for name, shape in (("q", "k"), ("r", "1k"), ("m", "kk")):
        if random.random() < 0.4:
            lines.append((name, f"0.5 * np.tanh({formula(random, shape, known, random.randint(0, 2))})"))
    return Own((*lines, ("y", f"0.5 * x + np.tanh({formula(random, 'nk', known, 3)})")))


OPTIMIZERS = {
    "sgd": gn.SGD(0.05, clip_norm=0.5),
    "momentum": gn.Momentum(gn.schedule("cosine", 0.05, epochs=5, warm_up=1), clip_value=0.2, clip_norm=1.0),
    "set from outside": Optimizer(name="momentum", learning_rate=None, clip_norm=1.0),
    "adamw": gn.AdamW(0.01, eps=1e-3, clip_norm=2.0),
    "adam_hat": gn.optimizer("adam_hat", gn.schedule("cosine", 0.02, epochs=5), eps=1e-3, clip_value=0.5),
    "amsgrad": gn.AMSGrad(0.01, eps=1e-3, clip_norm=2.0),
}
NETWORKS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "first": lambda own: (own, gn.Dense(OUTPUTS)),
    "after a Dense": lambda own: (gn.Dense(INPUTS, "elu"), own, gn.Dense(OUTPUTS, "sigmoid")),
    "after a Dropout": lambda own: (gn.Dropout(0.3), own, gn.Dense(OUTPUTS, bias=False)),
}
DEEP = {
    "32 times": lambda own: (*[own] * 32, gn.Dense(OUTPUTS)),
    "64 times": lambda own: (*[own] * 64, gn.Dense(OUTPUTS)),
}


@dataclass(frozen=True)
class Case:
    """A training: the layer, its place in a network, and how it is trained."""

    layer: Any
    place: str = "first"
    rows: int = 7
    batch_size: int | None = 5  # the last one is smaller
    shuffle: bool = False
    weighted: bool = False
    frozen: bool = False
    penalty: float = 0.0
    optimizer: str = "sgd"
    dtype: str = "float64"
    per_row: bool = False
    reported: Report = THE_LOSS

    @property
    def network(self) -> gn.Network:
        layers = {**NETWORKS, **DEEP}[self.place](self.layer)
        return gn.Network(*layers, loss="squared", l1=self.penalty, l2=self.penalty, penalty_per_row=self.per_row)

    @property
    def data(self) -> Rows:
        x, y, w = (array[: self.rows].astype(self.dtype) for array in (X, Y, WEIGHTS))
        return Rows(x, y, w if self.weighted else None)

    @property
    def walk(self) -> Walk:
        return Walk.over(self.rows, self.batch_size, self.shuffle)

    def begin(self) -> tuple[Derivation, Memory, np.random.Generator]:
        network, optimizer = self.network, OPTIMIZERS[self.optimizer]
        memory = Memory.of(network, INPUTS, self.dtype)
        memory.initialize(network, INPUTS, np.random.default_rng(0))
        memory.prepare(optimizer)
        memory.lr = 0.04
        memory.trainable[::3] = not self.frozen
        options: dict[str, Any] = {"dtype": self.dtype, "weighted": self.weighted, "frozen": self.frozen}
        derivation = derive(network, INPUTS, optimizer, **options, reported=self.reported)
        return derivation, memory, np.random.default_rng(1)


def drawn(seed: int) -> Case:
    random = Random(seed)
    return Case(
        layer(random),
        place=random.choice(tuple(NETWORKS)),
        rows=random.choice((2, 7, 17)),  # 2 are so few that the code is written out number by number
        batch_size=random.choice((None, 4, 5)),
        shuffle=random.random() < 0.5,
        weighted=random.random() < 0.3,
        frozen=random.random() < 0.3,
        penalty=random.choice((0.0, 0.01)),
        optimizer=random.choice(tuple(OPTIMIZERS)),
        per_row=random.random() < 0.5,
        reported=random.choice((THE_LOSS, Report(1.0, True, True), Report(0.5, True, True), Report(0.5))),
    )


# three ways to train


def by_formulas(case: Case) -> tuple[Memory, list[float]]:
    """The derivation, one formula after the other."""
    derivation, memory, rng = case.begin()
    size, losses = case.walk.batch_size, []
    for epoch in range(EPOCHS):
        order = rng.permutation(case.rows) if case.walk.shuffle else np.arange(case.rows)
        total = parts = 0.0
        for low in range(0, case.rows, size):
            memory.t += 1
            batch = [array[order[low : low + size]] for array in case.data.arrays]
            n = len(batch[0])
            numbers = {"n": float(n), "t": float(memory.t), "epoch": epoch + low / size / -(-case.rows // size)}
            numbers["lr"] = memory.lr
            values = {name: array.copy() for name, array in memory.arrays().items()}
            values |= {**numbers, **derivation.constants, **dict(zip("xyw", batch, strict=False))}
            for step in derivation.steps:
                if step.phase == "update":
                    gradients = [np.ravel(values[derivation.gradients[name]]) for name in derivation.layout.shapes]
                    values["g"] = np.concatenate(gradients)
                values[step.name] = evaluate(step.expression, values, lambda shape, _, n=n: rng.random((n, shape[1])))
            for step in derivation.steps:
                if step.assigns:
                    memory.arrays()[step.assigns][...] = values[step.name]
            told, by_rows = "L", case.reported.by_rows
            if by_rows or case.reported.factor != 1.0:
                told = "R" if case.reported.factor != 1.0 else "J" if case.penalty else "L"
            share = float(np.sum(values["w"])) if case.weighted and not by_rows else n
            total, parts = total + values[told] * share, parts + share
        losses.append(total / parts)
    return memory, losses


def by_numpy(case: Case) -> tuple[Memory, list[float]]:
    """The NumPy engine."""
    derivation, memory, rng = case.begin()
    steps = NumPySteps(derivation, memory, rng, rows=case.data, walk=case.walk, shuffler=GeneratorShuffler(rng))
    return memory, steps.take(Place(), EPOCHS * case.walk.batches(case.rows), math.inf, lambda: False)


ENOUGH_FOR_A_TEAM = 1 << 40  # rows of a batch


def by_loops(case: Case, threads: int = 1) -> tuple[Memory, list[float]]:
    """The text of the compiled engine, run by Python."""
    derivation, memory, rng = case.begin()
    batch = case.walk.batch_size if threads == 1 else ENOUGH_FOR_A_TEAM
    code = training_code(derivation, case.walk.kind(case.rows), case.rows, batch)
    run, losses = function(code), np.empty(EPOCHS)
    at = np.zeros(4, np.int64)
    for epoch in range(EPOCHS):
        at[:] = memory.t, 0, 0, 0
        values = {**vars(memory), **memory.slots, **dict(zip("XYW", case.data.arrays, strict=False))}
        values |= {"sizes": code.sizes, "numbers": code.numbers, "batch": case.walk.batch_size, "random": rng}
        values |= {"at": at, "sums": np.zeros(2), "losses": losses[epoch:], "first": float(epoch)}
        steps = -(-case.rows // case.walk.batch_size)
        values |= {"count": steps, "earlier": 0, "of": steps, "ends": 1}
        values |= {"order": rng.permutation(case.rows)[None] if case.walk.shuffle else None}
        if code.shared is None:
            run(*[values[name] for name in code.arguments])
        else:
            together(run, code, values, threads)
        memory.t = int(at[0])
        assert not at[3]
    return memory, losses.tolist()


def function(code: Code) -> Callable[..., Any]:
    """The function of a code as Python has it, what it imports replaced by stand-ins."""
    tree = ast.parse(code.text)
    imported = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    names = {alias.asname or alias.name: STAND_INS[alias.name] for alias in imported}
    names |= {"np": np, "math": SimpleNamespace(sqrt=np.sqrt, isfinite=math.isfinite)}
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    exec(compile(tree, "<text>", "exec"), names)
    return names[code.name]


def by_team(case: Case) -> tuple[Memory, list[float]]:
    """The same, run by three threads together."""
    return by_loops(case, threads=3)


class Team:
    """What threads share, as Python has it."""

    def __init__(self, threads: int) -> None:
        self.threads, self.barrier, self.lock = threads, Barrier(threads), Lock()
        self.arrays: dict[int, Any] = {}

    def new(self, place: int, shape: Any, dtype: Any) -> Any:
        with self.lock:
            return self.arrays.setdefault(place, np.empty(shape, dtype))


def together(run: Callable[..., None], code: Code, values: dict[str, Any], threads: int) -> None:
    """Run a text in several threads; every other product of gradients is shared out by columns."""
    assert code.shared is not None
    ways = [TOGETHER * (k % 2) for k in range(len(code.shared.products))]
    others = np.full((threads - 1, values["g"].size), np.nan, values["g"].dtype)
    values |= {"team": Team(threads), "ways": ways, "others": others}
    values |= {"parts_of_all": np.full((threads, code.shared.totals), np.nan)}

    def thread(k: int) -> None:
        given = values | {"thread": k, "own": values["g"] if k == 0 else others[k - 1]}
        with np.errstate(all="ignore"):
            run(*[given[name] for name in code.arguments])

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(thread, k) for k in range(threads)]:
            done.result()


def cut(n: int, step: int, thread: int, threads: int) -> tuple[int, int]:
    return n * thread // threads, n * (thread + 1) // threads


def multiply(a: Any, b: Any, out: Any, rows: tuple[int, int, int], way: int = 0, factor: float = 1.0) -> None:
    begin, stop, low = rows
    out[begin:stop] = (a[low + begin : low + stop] @ b) * factor


def multiply_with_bias(a: Any, b: Any, bias: Any, out: Any, rows: tuple[int, int, int], way: int = 0) -> None:
    begin, stop, low = rows
    out[begin:stop] = a[low + begin : low + stop] @ b + bias


def multiply_left_transposed(
    a: Any, d: Any, out: Any, rows: tuple[int, int, int], way: int = 0, factor: float = 1.0
) -> None:
    begin, stop, low = rows
    out[...] = (a[low + begin : low + stop].T @ d[begin:stop]) * factor


def multiply_left_transposed_together(
    a: Any, d: Any, out: Any, rows: tuple[int, int], how: Any, factor: float = 1.0
) -> None:
    (m, low), (begin, stop) = rows, cut(out.shape[1], 1, *how[1:])
    out[:, begin:stop] = (a[low : low + m].T @ d[:m, begin:stop]) * factor


def multiply_right_transposed(
    d: Any, b: Any, out: Any, rows: tuple[int, int, int], way: int = 0, factor: float = 1.0
) -> None:
    begin, stop, _ = rows
    out[begin:stop] = (d[begin:stop] @ b.T) * factor


def add_others(array: Any, others: Any, at: int, way: int, thread: int, threads: int) -> None:
    if threads > 1 and not way & TOGETHER:
        begin, stop = cut(array.size, 1, thread, threads)
        array.reshape(-1)[begin:stop] += others[:, at + begin : at + stop].sum(axis=0)


def draw_rows(random: np.random.Generator, out: Any, rows: int) -> None:
    out[:rows] = random.random((rows, out.shape[1]), dtype=out.dtype)


def draw_together(random: Any, state: Any, out: Any, rows: tuple[int, int, int, int], team: Any, thread: int) -> None:
    team.barrier.wait()
    if thread == 0:
        draw_rows(random, out, rows[2])
    team.barrier.wait()


def gather(x: Any, order: Any, out: Any, begin: int, stop: int) -> None:
    out[begin:stop] = x[order[begin:stop]]


def sum_of_rows(a: Any, out: Any, begin: int, stop: int) -> None:
    out[...] = a[begin:stop].sum(axis=0).reshape(out.shape)


def rows_at_once(n: int, size: int) -> int:
    return min(n, 3)  # few, so that the last ones are fewer


def view(array: Any, start: int, shape: tuple[int, ...]) -> Any:
    return array.reshape(-1)[start : start + math.prod(shape)].reshape(shape)


def put(array: Any, source: Any) -> None:
    array[...] = source


def by_python(name: str) -> Callable[..., Any]:
    """A function on columns as it is written, run by Python with the stand-ins of what it calls."""
    given = getattr(columns, name).py_func
    known = {"stretch": STAND_INS["stretch"], "new": np.empty, "free": STAND_INS["free"]}
    return FunctionType(given.__code__, {**known, "turn_blocks": columns.turn_blocks.py_func, "range": range})


STAND_INS: dict[str, Any] = {
    "view": view,
    "put": put,
    "stretch": lambda array, start, size: array.reshape(-1)[start : start + size],
    "joined": lambda team, thread: team.threads,
    "meet": lambda team, threads: team.barrier.wait(),
    "new_for_all": lambda team, place, thread, shape, dtype: team.new(place, shape, dtype),
    "cut": cut,
    "share": lambda n, width, thread, threads: cut(n, 1, thread, threads),
    "alone": lambda n, thread: (0, n) if thread == 0 else (n, n),
    "sum_of_parts": lambda parts, k, threads: parts[:, k].sum(),
    "largest_part": lambda parts, k, threads: parts[:, k].max(),
    "TOGETHER": TOGETHER,
    "BY_RULE": BY_RULE,
    "new": np.empty,
    "free": lambda array: None,
    "single": np.float32,
    "double": np.float64,
    "floor": np.floor,
    "cos": np.cos,
    "sin": np.sin,
    "where": np.where,
    "both": np.logical_and,
    "either": np.logical_or,
    "opposite": np.logical_not,
    "must_end": lambda loss: not math.isfinite(loss),
    "multiply_add": lambda a, b, c: a * b + c,
    **{f.__name__: f for f in (multiply_with_bias, gather, sum_of_rows, rows_at_once, add_others)},
    "multiply_left_transposed_together": multiply_left_transposed_together,
    **{f.__name__: f.py_func for f in (wide_rows.repeat, wide_rows.take_together)},
    "WIDEST_ROW": wide_rows.WIDEST_ROW,
    **{name: getattr(np, name) for name in ("float32", "float64", "exp", "expm1", "log", "log1p", "tanh")},
    **{name: getattr(np, name) for name in ("absolute", "sign", "maximum", "minimum")},
    **{item.__name__: item for item in (multiply, multiply_left_transposed, multiply_right_transposed)},
    "draw": draw_rows,
    "draw_together": draw_together,
    "begin_drawing": lambda random, state: None,
    "end_drawing": lambda random, state: None,
    "STATE_SIZE": 6,
    "fused": lambda given: given,
    "as_written": lambda given: given,
    "reassociated_add": lambda a, b: a + b,
    "subnormals_to_zero": lambda: 0,
    "put_back": lambda before: None,
}


STAND_INS |= {name: by_python(name) for name in ("copy_columns", "times_blocks", "times_blocks_T", "blocks_of")}


def same(case: Case, *ways: Callable[[Case], tuple[Memory, list[float]]]) -> None:
    """The loops and the NumPy engine, or the ways that are given, give what the formulas give."""
    with np.errstate(all="ignore"):
        memory, losses = by_formulas(case)
        assert np.isfinite(losses).all()
        for way in ways or (by_loops, by_team, by_numpy):
            other, found = way(case)
            named = {"losses": (losses, found), "theta": (memory.theta, other.theta)}
            named["state"] = memory.state, other.state
            named |= {name: (slot, other.slots[name]) for name, slot in memory.slots.items()}
            for name, (mine, yours) in named.items():
                most = TOLERANCE[case.dtype] * max(1.0, np.max(np.abs(mine), initial=0.0))
                np.testing.assert_allclose(yours, mine, rtol=0.0, atol=most, err_msg=f"{way.__name__}: {name}, {case}")


# the tests


@pytest.mark.parametrize("seed", range(40))  # scripts/fuzz_engines.py draws more
def test_both_engines_give_what_the_formulas_give(seed: int) -> None:
    same(drawn(seed))


# what was once wrong, each by itself

ONCE_WRONG: dict[str, tuple[tuple[str, str], ...]] = {
    "symmetric weights": (("y", "x @ (0.5 * (p.W + p.W.T))"),),
    "a matrix and a function of it, turned": (("y", "x @ (np.exp(p.W).T + p.W)"),),
    "their product": (("y", "x @ (np.exp(p.W).T * np.tanh(p.W))"),),
    "what is kept shares a factor with the output": (
        ("a", "np.exp(np.tanh(p.q))"),
        ("q", "0.5 * a"),
        ("y", "x * p.b * a"),
    ),
    "what is kept changes places": (
        ("q", "np.sum(p.r, axis=0)"),
        ("r", "np.expand_dims(p.q, 0)"),
        ("y", "x * p.q + p.r"),
    ),
    "what is kept is read again": (
        ("a", "x * p.r"),
        ("r", "p.r * 0.5 + np.mean(x, axis=0, keepdims=True) + np.sum(p.r)"),
        ("y", "0.1 * a + x * p.b + p.r * 2"),
    ),
    "a sum with its own transpose": (("s", "p.W + np.tanh(p.W).T"), ("y", "x @ (s + s.T)")),
    "what is kept and its transpose": (("m", "0.5 * np.tanh(p.m + p.m.T)"), ("y", "x * p.b")),
    "a product with a transposed difference": (("y", "x @ (0.5 * p.W - 0.25).T"),),
    "a value called expm": (("expm", "np.exp(p.b * x)"), ("y", "np.expm1(0.1 * p.b * x) + expm")),
    "a row's sum without its axis": (("y", "x * np.expand_dims(np.tanh(np.sum(x * p.b, axis=1)), 1)"),),
    "a new axis, turned": (("y", "x + np.expand_dims(np.exp(p.b), 1).T"),),
    "a row added to a product of weights": (("y", "x @ np.tanh(p.W @ p.m + p.b)"),),
    "a condition as number": (("y", "(x > 0) * (p.b * x) + (x > 0) @ p.W"),),
}


@pytest.mark.parametrize("batches", [(2, None, False), (17, None, False), (7, 5, False), (7, 5, True)], ids=str)
@pytest.mark.parametrize("name", ONCE_WRONG)
def test_what_was_once_wrong_is_right(name: str, batches: tuple[int, int | None, bool]) -> None:
    rows, batch_size, shuffle = batches
    same(Case(Own(ONCE_WRONG[name]), "first", rows, batch_size, shuffle))


def test_a_sum_over_the_rows_may_stand_alone() -> None:
    same(Case(Own((("y", "x @ p.W + p.b"),)), "after a Dense", 7, 5, False))


class OneBias:
    """A layer in whose backward the bias' gradient is needed: dx = Σᵢ dyᵢ - dy."""

    backward = None

    def parameters(self, n_inputs: int) -> dict[str, gn.Parameter]:
        return {"b": gn.Parameter((n_inputs,), gn.initializer("zeros"))}

    def forward(self, p: Any, x: Any, mode: gn.Mode) -> dict[str, Any]:
        return {"y": p.b - x + np.sum(x, axis=0)}


def test_threads_meet_before_they_read_a_total_that_one_has_written() -> None:
    network = gn.Network(gn.Dense(1, "tanh"), OneBias(), gn.Dense(2, "tanh"), loss="squared")
    lines = training_code(derive(network, 3, OPTIMIZERS["momentum"]), "whole", 17, ENOUGH_FOR_A_TEAM).text.split("\n")
    written = next(k for k, line in enumerate(lines) if "db2[0] =" in line)
    read = next(k for k, line in enumerate(lines) if "= db2[0]" in line)
    assert written < read
    assert any("meet(" in line for line in lines[written:read])


SOFTMAX = (
    ("s", "np.exp(x - np.max(x, axis=1, keepdims=True))"),
    ("u", "np.sum(s, axis=1, keepdims=True)"),
    ("y", "(s / u) * p.b + np.log(u)"),
)


@pytest.mark.parametrize("place", NETWORKS)
@pytest.mark.parametrize(("rows", "batch_size", "shuffle"), [(17, None, False), (7, 5, False), (17, 5, True)])
def test_a_softmax_over_few_columns(rows: int, batch_size: int | None, shuffle: bool, place: str) -> None:
    same(Case(Own(SOFTMAX), place, rows, batch_size, shuffle))


def test_nan_comes_out_of_a_prediction_as_nan() -> None:
    own = Own((("z", "p.b * x"), ("y", "np.exp(np.minimum(z, 0.0)) + np.where(z > 0, np.exp(-np.abs(z)), 0.0)")))
    case = Case(own)
    _, memory, _ = case.begin()
    memory.layout.views(memory.theta)["b1"][1] = np.nan
    code = prediction_code(derive_prediction(case.network, INPUTS))
    out = np.zeros((7, OUTPUTS))
    values = {**vars(memory), "X": X[:7], "out": out, "piece": 3, "sizes": code.sizes, "numbers": code.numbers}
    with np.errstate(invalid="ignore"):
        function(code)(*[values[name] for name in code.arguments])
    assert np.isnan(out).all()


@pytest.mark.parametrize(("dtype", "place"), [("float32", "32 times"), ("float64", "64 times")])
def test_a_value_may_be_called_float_in_layer_32_or_64(dtype: str, place: str) -> None:
    same(Case(Own((("float", "0.5 * np.tanh(x)"), ("y", "float + 0.5 * x"))), place, dtype=dtype))


def test_the_two_dtypes_never_share_a_text() -> None:
    network = gn.Network(gn.Dense(3, bias=False), loss="squared")
    texts = {prediction_code(derive_prediction(network, 400, dtype=dtype)).text for dtype in ("float32", "float64")}
    assert len(texts) == 2


@pytest.mark.parametrize("formula", ["np.tanh(x @ x.T) @ (p.b * x)", "(x @ x.T) @ (x @ x.T) @ (p.b * x)"])
def test_a_matrix_of_rows_by_rows_is_for_numpy_alone(formula: str) -> None:
    case = Case(Own((("y", formula),)), "after a Dense")
    derivation, _, _ = case.begin()
    for batches in ("whole", "in order", "shuffled"):
        with pytest.raises(NotImplementedError, match="a column for each row"):
            training_code(derivation, batches, case.rows, 3)
    same(case, by_numpy)
    pytest.importorskip("numba")
    options: dict[str, Any] = {"epochs": 10**7, "seed": 0, "callbacks": lambda event, model: True}
    model = gn.train(case.network, X, Y, engine="auto", **options)
    assert str(model.engine).startswith("numpy (it cannot be compiled: y2: an array with a column for each row")
    with pytest.raises(ValueError, match=r"this network cannot be compiled: .*; use engine='numpy'"):
        gn.train(case.network, X, Y, engine="compiled", **options)


def test_numba_compiles_what_python_runs() -> None:
    pytest.importorskip("numba")
    own = Own((("expm", "np.exp(p.b * x)"), ("y", "np.expm1(0.1 * expm) @ (0.5 * (p.W + p.W.T))")))
    case = Case(own)
    options: dict[str, Any] = {"epochs": 2, "batch_size": 3, "seed": 0, "optimizer": gn.SGD(0.05)}
    a, b = (gn.train(case.network, X[:7], Y[:7], engine=engine, **options) for engine in ("numpy", "compiled"))
    np.testing.assert_allclose(b.memory.theta, a.memory.theta, rtol=0.0, atol=TOLERANCE["float64"])
