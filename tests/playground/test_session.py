"""A message in, one answer out."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from asking import Asking

import glassnet as gn
from glassnet.playground.session import OPERATIONS, Session
from glassnet.playground.stories import NAMES


def asking(story: str = "xor") -> Asking:
    return Asking(Session.of_story(story))


def theta(ask: Asking) -> str:
    return hashlib.sha256(ask.session.course.state.memory.theta.tobytes()).hexdigest()


def test_hello_has_all_that_a_page_needs() -> None:
    header = asking().fine("hello").header
    assert {"about", "setup", "topology", "data", "step", "loss", "texts"} <= header.keys()
    assert [story["name"] for story in header["about"]["stories"]] == list(NAMES)
    assert header["topology"]["columns"][1]["units"][2] == {"index": 2, "name": "h3", "ask": "h3"}
    assert (header["step"], header["setup"]["network"]) == (0, "2-4-1")


@pytest.mark.parametrize("story", NAMES)
def test_the_numbers_of_a_picture_are_the_network_s(story: str) -> None:
    ask = asking(story)
    ask.fine("hello")
    ask.fine("step", unit="batch", n=5)
    reply = ask.fine("pull", view={"row": 1})
    state, scene = ask.session.course.state, ask.session.scene
    weights = [state[f"W{column.layer}"] for column in scene.topology.weighed]
    shown = np.concatenate(
        [
            W[np.ix_(scene.topology.before(column), column.shown)].ravel()
            for W, column in zip(weights, scene.topology.weighed, strict=True)
        ]
    )
    assert np.array_equal(reply.buffers["weights"], shown.astype(np.float32))
    last = scene.topology.columns[-1]
    p = state.forward.predict(scene.x[1:2])[0][[*last.shown]]
    assert np.allclose(reply.buffers["values"][-len(last.shown) :], p, rtol=1e-6)
    rows = ask.session.course.prepared.rows
    assert reply.header["loss"] == pytest.approx(state.forward.evaluate(rows.x, rows.y)[1], rel=1e-12)


def test_the_map_is_what_the_network_says_at_each_point() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("step", unit="batch", n=300)
    reply = ask.fine("pull", view={"res": 48})
    res, (across, up) = reply.header["map"]["res"], ask.session.scene.data(("x1", "x2"))[0]["range"]
    first, second = np.linspace(*across, res), np.linspace(*up, res)
    for i, j in ((0, 0), (5, 40), (47, 47), (30, 11)):  # line from below, column from the left
        p = ask.session.course.state.outputs(np.array([[first[j], second[i]]]))[0, 1]
        assert reply.buffers["map"].reshape(res, res)[i, j] == round(255 * p)


def test_one_message_has_one_answer_and_the_same_messages_the_same_answers() -> None:
    def answers() -> list[Any]:
        ask, found = asking("moons"), []
        for op, more in (
            ("hello", {}),
            ("step", {"unit": "epoch", "n": 3}),
            ("explain", {"what": {"unit": "h2"}, "row": 4}),
            ("set", {"changes": {"learning_rate": 0.5}}),
            ("step", {"unit": "sample", "n": 7}),
            ("seek", {"step": 11}),
            ("rows", {"sort": "worst"}),
            ("code", {}),
        ):
            reply = ask.fine(op, **more)
            plain = {name: value for name, value in reply.header.items() if not name.endswith("_ms")}
            found.append((plain, {name: array.tobytes() for name, array in reply.buffers.items()}))
        return found

    assert answers() == answers()


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {}, "there is no message 'nothing'"),
    ("pull", {"budget_ms": 251}, "budget_ms must be a whole number from 0 to 250, got 251"),
    ("pull", {"budget_ms": "x"}, "budget_ms must be a whole number"),
    ("pull", {"view": 3}, "view must be an object"),
    ("pull", {"view": {"res": 65}}, "res must be one of 48, 64, 96, got 65"),
    ("pull", {"view": {"row": -1}}, "row must be a whole number"),
    ("pull", {"view": {"digits": 18}}, "digits must be a whole number from 2 to 17"),
    ("step", {"unit": "year"}, "unit must be one of sample, batch, epoch, got 'year'"),
    ("step", {"unit": "batch", "n": 0}, "n must be a whole number from 1"),
    ("step", {"unit": "batch", "n": True}, "n must be a whole number from 1"),
    ("seek", {"step": None}, "step must be a whole number"),
    ("set", {"changes": []}, "changes must be an object"),
    ("set", {"changes": {"learning_rate": -0.1}}, "learning_rate must be a number from"),
    ("set", {"changes": {"learning_rate": "fast"}}, "learning_rate must be a number from"),
    ("set", {"changes": {"optimiser": "sgd"}}, "unknown choice 'optimiser'"),
    ("set", {"changes": {"optimizer": "sdg"}}, "unknown optimizer 'sdg'"),
    ("set", {"changes": {"layers": [{"units": 0}]}}, "units must be a whole number from 1 to 512, got 0"),
    ("set", {"changes": {"layers": [{"units": 4}] * 9}}, "layers must be a list of up to 8 layers"),
    ("set", {"changes": {"layers": [{"units": 4, "activation": "tnah"}]}}, "unknown activation 'tnah'"),
    ("set", {"changes": {"layers": [{"units": 4, "dropout": 1}]}}, "dropout must be a number from 0 to 0.95, got 1"),
    ("set", {"changes": {"batch_size": 2.5}}, "batch_size must be a whole number from 1"),
    ("set", {"changes": {"brought": None}}, "unknown choice 'brought'"),
    ("open", {"story": "xro"}, "unknown story 'xro'"),
    ("open", {}, "story must be a text"),
    ("restart", {"weights": "old"}, "weights must be one of same, new"),
    ("poke", {"name": "W1", "index": [0], "value": 1}, "W1 has shape"),
    ("poke", {"name": "W1", "index": "0", "value": 1}, "index must be a list of one or two whole numbers"),
    ("poke", {"name": "W1", "index": [0, 0], "value": "one"}, "value must be a number, got 'one'"),
    ("poke", {"name": "W1", "index": [0, 0], "value": "inf"}, "value must be a finite number"),
    ("branch", {"to": 7}, "there is no run 7; there are 0"),
    ("explain", {"what": {"unit": "h9"}}, "there is no neuron 'h9'"),
    ("explain", {"what": {"weight": ["W1", [9, 9]]}}, "W1 has shape"),
    ("explain", {"what": {"weight": "W1"}}, "a weight must be an array's name and a place in it"),
    ("explain", {"what": {"phase": 99}}, "phase must be a whole number from 0 to 6, got 99"),
    ("explain", {"what": {}}, "what is to be explained must be a unit, a weight or a phase"),
    ("explain", {"what": {"unit": "h1"}, "row": 4}, "row must be a whole number from 0 to 3, got 4"),
    ("rows", {"count": 51}, "count must be a whole number from 1 to 50"),
    ("predict", {}, "pictures are for networks that learn from pictures"),
    ("use", {"target": "y"}, "no table was brought yet"),
    ("use", {"target": "y", "exclude": "x"}, "exclude must be a list of columns"),
    ("upload", {"name": "x.exe"}, "x.exe is no table that can be dropped here"),
    ("upload", {"name": "x.csv", "part": 2, "parts": 3}, "came out of order"),
    ("eject", {"language": "cobol"}, "unknown language 'cobol'"),
    ("lottery", {"seeds": 0}, "seeds must be a whole number from 10 to 1,000"),
]


@pytest.mark.parametrize(("op", "more", "said"), WRONG, ids=[f"{op} {more}" for op, more, _ in WRONG])
def test_what_cannot_be_done_is_said_and_changes_nothing(op: str, more: dict[str, Any], said: str) -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("step", unit="batch", n=3)
    before = theta(ask), ask.session.course.step, len(ask.session.course.branches), ask.session.course.setup
    assert said in ask.refused(op, **more)
    assert (theta(ask), ask.session.course.step, len(ask.session.course.branches), ask.session.course.setup) == before
    ask.fine("pull", train=True, budget_ms=1)


def test_every_message_with_nothing_in_it_is_answered() -> None:
    for op in OPERATIONS:
        if op not in ("diagnose", "lottery", "export"):  # which are fine, and take seconds
            asking()(op)


def test_it_trains_for_as_long_as_it_is_told() -> None:
    ask = asking()
    ask.fine("hello")
    assert ask.fine("pull", train=True, budget_ms=0).header["step"] == 0
    header = ask.fine("pull", train=True, budget_ms=50).header
    assert header["step"] > 0
    assert header["busy_ms"] >= 50


def test_a_second_page_follows_until_it_takes_over() -> None:
    ask = asking()
    other = Asking(ask.session, "another tab")
    ask.fine("hello")
    ask.fine("pull", train=True, budget_ms=5)
    other.fine("hello")
    step = ask.session.course.step
    header = other.fine("pull", train=True, budget_ms=50).header
    assert (header["driver"], header["step"]) == (False, step)
    assert other.fine("step", unit="batch").header["driver"]
    assert not ask.fine("pull", train=True, budget_ms=50).header["driver"]


def test_what_ended_begins_anew_only_when_it_is_asked_again() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("set", changes={"epochs": 40})
    header = ask.fine("pull", train=True, budget_ms=250).header
    assert (header["step"], header["stopped"]["reason"]) == (40, "epochs")
    assert ask.fine("pull", train=True, budget_ms=250).header["step"] == 40  # it was under way already
    assert ask.fine("pull", train=True, budget_ms=250).header["step"] == 80


def test_a_page_gets_of_the_curve_what_it_has_not() -> None:
    ask = asking()
    ask.fine("hello")
    points = np.zeros(0)
    for n in (3, 5, 2):
        reply = ask.fine("step", unit="batch", n=n)
        assert reply.header["curve_from"] == len(points)
        points = np.concatenate([points, reply.buffers["curve_loss"]])
    assert len(points) == 10
    reply = ask.fine("hello")
    assert reply.header["curve_from"] == 0
    assert np.array_equal(reply.buffers["curve_loss"], points)
    assert reply.buffers["curve_x"].tolist() == list(range(10))  # of one batch an epoch: the loss before its step


def test_a_way_that_was_left_is_shown_beside_the_new_one() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("step", unit="batch", n=20)
    ask.fine("seek", step=5)
    reply = ask.fine("step", unit="batch", n=1)
    assert (reply.header["branch"], reply.header["ghosts"], reply.header["last"]) == (1, [0], 6)
    assert len(reply.buffers["ghost_0_x"]) == 20
    assert "ghosts" not in ask.fine("pull").header


def test_the_worst_rows_come_first_when_asked() -> None:
    ask = asking("moons")
    ask.fine("hello")
    ask.fine("step", unit="epoch", n=30)
    rows = ask.fine("rows", sort="worst", count=50).header["rows"]["rows"]
    losses = [row["loss"] for row in rows]
    assert losses == sorted(losses, reverse=True)
    held = ask.fine("rows", start=155, count=10).header["rows"]["rows"]
    assert [row["held_out"] for row in held] == [False] * 5 + [True] * 5


def test_a_drawn_digit_is_read() -> None:
    ask = asking("digits")
    ask.fine("hello")
    ask.fine("step", unit="epoch", n=12, budget_ms=250)
    ask.fine("step", unit="epoch", n=12, budget_ms=250)
    X = gn.datasets.digits()[0]
    drawn = (X[5] / X.max()).astype("<f4")
    header = ask.fine("predict", drawn.tobytes()).header
    state = ask.session.course.state
    assert header["said"] == str(state.contract.decode(state.outputs(X[5:6]))[0])
    assert [name for name, _, _ in header["outputs"]] == [str(k) for k in range(10)]
    assert "256 bytes, got 12" in ask.refused("predict", drawn.tobytes()[:12])


def test_options_of_play_are_heard() -> None:
    X, y = gn.datasets.circles(50)
    session = Session.of_model(
        gn.Network(gn.Dense(3, "relu"), gn.Dense()), X, y, optimizer=gn.Momentum(0.1, momentum=0.8), epochs=7, seed=5
    )
    setup = session.course.setup
    assert setup.choices.rule() == gn.Momentum(0.1, momentum=0.8)
    assert (setup.choices.epochs, setup.choices.seed) == (7, 5)
    trained = gn.train(setup.given, X, y, optimizer=gn.Momentum(0.1, momentum=0.8), epochs=7, seed=5, engine="numpy",
                       progress=False)  # fmt: skip
    session.course.train(5.0)
    assert np.array_equal(session.course.state.memory.theta, trained.memory.theta)
    with pytest.raises(TypeError, match="play takes a Network or a Model first, got int"):
        Session.of_model(3, X, y)
    with pytest.raises(TypeError, match=r"play takes .*; got epoch"):
        Session.of_model(setup.given, X, y, epoch=3)


def test_the_lottery_of_the_tutorial_is_its_142_of_200() -> None:
    pytest.importorskip("numba")
    reply = asking("stuck").fine("lottery", seeds=200)
    answer = reply.header["answer"]
    if answer["seeds"] == 200:  # on a machine with time for it
        assert answer["learnt"] == 142
        assert not reply.buffers["lot_learnt"][42]
    assert reply.buffers["lot_loss"].shape == (answer["seeds"], len(reply.buffers["lot_x"]))
    assert answer["remedy"]["changes"]["layers"][0]["units"] == 4
    assert answer["mine"] == (42 if answer["seeds"] > 42 else -1)


@pytest.mark.parametrize("make", [lambda: asking("xor"), lambda: asking("stuck")], ids=["sound", "sick"])
def test_the_doctor_says_what_it_says_elsewhere(make: Callable[[], Asking]) -> None:
    ask = make()
    answer = ask.fine("diagnose").header["answer"]
    setup = ask.session.course.setup
    if setup.story == "xor":
        assert answer["verdict"] == "healthy"
        return
    assert answer["verdict"] == "seed"
    assert answer["causes"][0]["name"] == "too few units"
    changes = answer["remedy"]["changes"]
    assert ask.fine("set", changes=changes).header["restarted"]
    for _ in range(40):
        header = ask.fine("pull", train=True, budget_ms=250).header
        if header["stopped"]:
            break
    assert header["texts"]["accuracy"] == "4 of 4"


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # what a table lacks is said
@pytest.mark.parametrize(
    "table",
    [
        {"a": [1.0] * 30, "b": ["x", "y", None] * 10, "d": ["2020-01-01", "2021-05-05", "2022-03-04"] * 10,
         "y": list(range(30))},
        {"a": ["x", "y", "z"] * 20, "b": ["p", "q"] * 30, "y": ["u", "v"] * 30},
        {"a": [1, 2, 3], "b": [1, 2, 4], "y": ["u", "v", "u"]},
        {"a": [1e150, -1e150, 0.0] * 10, "b": [1e-150, 0.0, 2e-150] * 10, "y": [0.5, 1e9, -3.0] * 10},
        {f"c{k}": [k * 0.1, 1.0, -k, 2.0] * 10 for k in range(300)} | {"y": ["a", "b"] * 20},
        {"<img src=x onerror=alert(1)>": [1, 2, 3, 4] * 6, "\u202eurl": [3, 1, 2, 2] * 6,
         "y": ["<b>", "\u05d0" * 10_000] * 12},
    ],
    ids=["constants and dates", "words", "three rows", "far apart", "wide", "hostile names"],
)  # fmt: skip
def test_odd_tables_are_shown_as_well(table: dict[str, list[Any]]) -> None:
    ask = Asking(Session.of_table(table, "y"))
    ask.fine("hello")
    for _ in range(3):
        ask.fine("pull", train=True, budget_ms=20)
    asked = [name for column in ask.session.scene.topology.columns for name in column.asked if name]
    for unit in (asked[0], asked[-1]):
        ask.fine("explain", what={"unit": unit}, row=0)
    ask.fine("step", unit="sample", n=2)
    ask.fine("seek", step=1)
    for op in ("rows", "code", "picture", "save"):
        ask.fine(op)


def test_a_model_that_was_trained_begins_at_step_0_of_the_page() -> None:
    X, y = gn.datasets.moons(60)
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), X, y, epochs=5, seed=1, progress=False)
    ask = Asking(Session.of_model(model, X, y))
    assert ask.fine("hello").header["step"] == 0
    assert ask.fine("step", unit="batch", n=3).header["step"] == 3
    assert ask.fine("seek", step=1).header["step"] == 1


def test_a_large_network_answers_soon_and_exactly_when_it_stands_still() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.random((1000, 784)), rng.integers(0, 10, 1000)
    ask = Asking(Session.of_model(gn.Network(gn.Dense(256, "relu"), gn.Dense()), X, y, seed=0))
    ask.fine("hello")
    reply = ask.fine("pull", train=True, budget_ms=25)
    assert (reply.header["judged"], ask.fine("pull").header["judged"]) == (200, 1000)
    assert sum(array.nbytes for array in reply.buffers.values()) < 256_000
    topology = ask.session.scene.topology.to_json()
    assert (topology["edges_total"], topology["edges_shown"]) == (203_264, 200)


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # what a table lacks is said
@pytest.mark.parametrize(
    "table",
    [{"sex": ["m", "f"] * 30, "y": [0, 1] * 30}, {"a": [1.5, None, 2.5] * 20, "y": [0, 1, 0] * 20}],
    ids=["two words", "gaps"],
)
def test_one_column_that_becomes_two_inputs_is_no_plane(table: dict[str, list[Any]]) -> None:
    ask = Asking(Session.of_table(table, "y"))
    header = ask.fine("hello").header
    assert (header["topology"]["tiles"], header["map"]) == ("histogram", None)


def test_a_table_that_cannot_be_learnt_from_leaves_what_is_there() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("step", unit="batch", n=7)
    ask.fine("upload", b"a,y\n1,no\n2,no\n3,no\n", name="one.csv")
    before = ask.session.course
    assert "y" in ask.refused("use", target="y")
    assert ask.session.course is before
    assert ask.fine("pull").header["step"] == 7


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a;b;y\n1,5;2,25;ja\n2,0;3;nein\n", ["numbers", "numbers", "words"]),
        ("a;b;y\n1,500;2;ja\n2,000;3;nein\n", ["words", "numbers", "words"]),  # thousands, or not
        ("a\tb\ty\n-0,5\tx\tja\n2\ty\tnein\n", ["numbers", "words", "words"]),
        ("a;b;y\n1,500;2;ja\n1,002,000;3;nein\n", ["numbers", "numbers", "words"]),
        ("a;b;y\n1,500;2,5;ja\n2,000;3;nein\n", ["numbers", "numbers", "words"]),  # as b has it
        ("a;b;y\n1.500,5;2,5;ja\n2 ;3;nein\n", ["numbers", "numbers", "words"]),
    ],
    ids=["semicolons", "both", "tabs", "thousands", "by the other", "points"],
)
def test_decimal_commas_are_read_where_they_can_be_nothing_else(text: str, kinds: list[str]) -> None:
    header = asking().fine("upload", text.encode(), name="t.csv").header
    assert [column["kind"] for column in header["table"]["columns"]] == kinds
    doubts = [remark for column in header["table"]["columns"] for remark in column["remarks"] if "can be" in remark]
    assert doubts == ["1,500 in line 2 can be 1500 or 1.5; write it so in the file, and drop that"] * (
        kinds[0] == "words"
    )


def test_a_trained_run_outlives_many_changes() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("step", unit="batch", n=50)
    for units in range(5, 20):
        ask.fine("set", changes={"layers": [{"units": units}]})
    branches = ask.fine("pull").header["branches"]
    assert branches[0]["k"] == 0
    assert len(branches) == 2  # those without a step of their own are not kept


def test_an_export_leaves_the_run_as_it_is() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("set", changes={"batch_size": 4})
    ask.fine("step", unit="batch", n=3)
    ask.fine("step", unit="sample", n=2)
    ask.fine("export")
    header = ask.fine("pull").header
    assert (header["step"], header["cursor"], header["driver"]) == (3, 2, True)


def test_a_model_of_arrays_is_not_shown_on_a_table() -> None:
    X, y = gn.datasets.moons(40)
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), X, y, epochs=2, seed=1, progress=False)
    with pytest.raises(gn.DataError, match="this model was trained on arrays"):
        Session.of_model(model, {"x1": [1.0, 2.0], "x2": [0.0, 1.0], "y": [0, 1]})


def test_more_epochs_are_told_as_more() -> None:
    ask = asking()
    ask.fine("hello")
    ask.fine("set", changes={"epochs": 20})
    assert ask.fine("pull", train=True, budget_ms=250).header["stopped"]["message"] == "20 epochs done"
    for _ in range(2):
        header = ask.fine("pull", train=True, budget_ms=250).header
    assert header["stopped"]["message"] == "20 more epochs done"
