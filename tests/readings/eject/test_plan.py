"""What every language reads: a plan says all there is to say, and what programs answer is held against it rightly."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import plan_reader
import pytest
from random_networks import random_case, random_training
from random_tasks import LOSSES, random_task

import glassnet as gn
from glassnet.expressions.expression import postorder, symbol
from glassnet.model.model import Model
from glassnet.parts import activations, losses, optimizers
from glassnet.readings.eject import LANGUAGES, Ejected, eject
from glassnet.readings.eject.answers import Answers, compare
from glassnet.readings.eject.formulas import Formulas
from glassnet.readings.eject.languages import Language
from glassnet.readings.eject.names import escaped, free_name, in_comment
from glassnet.readings.eject.plan import Plan
from glassnet.readings.eject.plan import plan_of as plan_of_state
from glassnet.readings.eject.random_rows import NEW_WORD, RawRows, random_rows
from glassnet.readings.eject.steps import as_arithmetic, symbols_of
from glassnet.readings.eject.tools import ToolFailed, ToolMissing, find_tool, run
from glassnet.readings.eject.training_plan import Course


def plan_of(model: Model, *, training: bool = False, dtype: Any = None, **course: Any) -> Plan:
    return plan_of_state(model.state, Course(**course), training=training, dtype=dtype)


def xor_model(*layers: object, **options: object) -> Model:
    network = gn.Network(*(layers or (gn.Dense(3, "tanh"), gn.Dense(1, "sigmoid"))), loss="squared", **options)
    return gn.initialize(network, *gn.datasets.xor(), seed=0)


def penguins_like() -> Model:
    rng = np.random.default_rng(0)
    table = {
        "length": [*rng.normal(40, 5, 28), None, None],
        "island": [["Biscoe", "Dream", None][k % 3] for k in range(30)],
        "species": [["Adelie", "Gentoo", "Chinstrap"][k % 3] for k in range(30)],
    }
    return gn.train(gn.Network(gn.Dense(5, "relu"), gn.Dense()), table, target="species", epochs=5, seed=1)


# a plan says all there is to say


@pytest.mark.parametrize("number", range(30))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_steps_and_formulas_of_a_plan_give_glassnets_predictions(number: int) -> None:
    case = random_case(1, number)
    plan = plan_of(case.model)
    rows = random_rows(plan.contract, 100, np.random.default_rng(number))
    found = compare("plan", "NumPy", plan.answers(rows), plan_reader.run(plan, rows), plan.dtype == np.float32)
    assert found, f"{case}: {found}"


@pytest.mark.parametrize("number", range(len(optimizers.RULES)))
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_training_steps_of_a_plan_end_with_glassnets_weights_and_losses(number: int) -> None:
    case = random_training(1, number)
    plan = plan_of(case.model, training=True, **case.training, **case.options)
    training = plan.training
    assert training is not None
    with np.errstate(all="ignore"):
        theta, state, seen = plan_reader.trained(training, plan)
    close = 1e-4 if theta.dtype == np.float32 else 1e-10
    np.testing.assert_allclose(theta, training.theta_after, rtol=close, atol=close, err_msg=str(case))
    np.testing.assert_allclose(state, training.state_after, rtol=close, atol=close, err_msg=str(case))
    np.testing.assert_allclose(seen, training.losses, rtol=close, atol=close, err_msg=str(case))


def test_random_networks_have_every_activation_and_every_loss() -> None:
    from random import Random

    seen, lost = set(), set()
    for number in range(200):
        network = random_task(Random(f"0 {number} 0"), number).network
        seen |= {layer.activation.name for layer in network.layers if isinstance(layer, gn.Dense)}
        assert network.loss is not None
        lost |= {network.loss.name}
        assert network.loss.reduction in losses.REDUCTIONS
    assert seen >= set(activations.NAMES)
    assert lost == {item if isinstance(item, str) else item.__name__ for item in LOSSES}


def test_the_last_step_of_a_plan_is_the_prediction() -> None:
    plan = plan_of(penguins_like())
    assert [step.name for step in plan.steps] == ["z1", "a1", "z2", "p"]
    assert plan.n_outputs == 3
    assert not plan.both
    assert plan.target_name == "species"
    assert plan.classes == ("Adelie", "Chinstrap", "Gentoo")
    assert list(plan.arrays) == ["W1", "b1", "W2", "b2"]


def test_one_probability_stands_for_two_classes() -> None:
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.array(["no", "yes"] * 10)
    plan = plan_of(gn.initialize(gn.Network(gn.Dense(1, "sigmoid")), X, y, seed=0))
    assert plan.both
    assert plan.n_outputs == 1
    assert plan.expected.outputs.shape == (5, 2)
    np.testing.assert_allclose(plan.expected.outputs.sum(axis=1), 1.0)


def test_a_training_leaves_out_what_nothing_needs() -> None:
    X, y = gn.datasets.xor()
    model = xor_model(l2=0.1)
    training = plan_of(model, training=True, X=X, y=y, epochs=1).training
    assert training is not None
    names = [step.name for step in training.steps]
    assert "L" in names
    assert "J" not in names  # the loss with its penalty is for readers
    assert "dx" not in names
    known = {*training.derivation.inputs, *training.derivation.constants, "g", "n"}
    for step in training.steps:
        assert symbols_of(step) <= known, step.name
        known.add(step.name)


def test_ejecting_changes_nothing_in_the_model() -> None:
    X, y = gn.datasets.xor()
    model = gn.train(xor_model(), X, y, epochs=3, batch_size=2, optimizer="adam")
    theta, state, epochs = model.memory.theta.copy(), model.rng.bit_generator.state, model.epochs
    slots = {name: slot.copy() for name, slot in model.memory.slots.items()}
    plan_of(model, training=True, X=X, y=y, epochs=3, batch_size=2)
    assert (model.memory.theta == theta).all()
    assert model.rng.bit_generator.state == state
    assert model.epochs == epochs
    assert len(model.history["loss"]) == 3
    assert all((model.memory.slots[name] == slot).all() for name, slot in slots.items())


def test_a_training_goes_on_where_the_model_is() -> None:
    X, y = gn.datasets.xor()
    model = gn.train(xor_model(), X, y, epochs=3, batch_size=2, optimizer="adam")
    training = plan_of(model, training=True, X=X, y=y, epochs=2, batch_size=2).training
    assert training is not None
    assert (training.t, training.epochs_done) == (6, 3)
    assert set(training.slots) == {"m", "v"}
    assert training.slots["m"].any()
    assert len(training.losses) == 2
    gn.train(model, X, y, epochs=2, batch_size=2)
    np.testing.assert_allclose(model.memory.theta, training.theta_after, rtol=1e-12)


def test_another_optimizer_begins_with_slots_of_zeros() -> None:
    X, y = gn.datasets.xor()
    model = gn.train(xor_model(), X, y, epochs=3, optimizer="adam")
    training = plan_of(model, training=True, X=X, y=y, epochs=2, optimizer="nadam").training
    assert training is not None
    assert (training.t, training.epochs_done) == (0, 3)
    assert not training.slots["m"].any()


def test_nothing_is_drawn_where_there_is_neither_shuffling_nor_dropout() -> None:
    X, y = gn.datasets.xor()
    whole = plan_of(xor_model(), training=True, X=X, y=y, epochs=1, batch_size=99).training
    mixed = plan_of(xor_model(), training=True, X=X, y=y, epochs=1, batch_size=3).training
    dropping = xor_model(gn.Dropout(0.5), gn.Dense(1))
    dropped = plan_of(dropping, training=True, X=X, y=y, epochs=1, batch_size=None).training
    assert whole is not None
    assert mixed is not None
    assert dropped is not None
    assert (whole.batch_size, whole.shuffle, whole.random_state) == (4, False, None)
    assert (mixed.batch_size, mixed.shuffle) == (3, True)
    assert mixed.random_state == xor_model().rng.bit_generator.state
    assert dropped.random_state is not None


def test_generators_other_than_pcg64_are_refused_where_something_is_drawn() -> None:
    X, y = gn.datasets.xor()
    network = gn.Network(gn.Dense(2), gn.Dense(1), loss="squared")
    model = gn.initialize(network, X, y, seed=np.random.Generator(np.random.MT19937(0)))
    with pytest.raises(NotImplementedError, match=r"MT19937.*seed= a number"):
        plan_of(model, training=True, X=X, y=y, epochs=1, batch_size=2)
    assert plan_of(model, training=True, X=X, y=y, epochs=1, batch_size=None).training is not None


@pytest.mark.parametrize("seed", range(5))
def test_the_readers_generator_is_numpys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rng.random(seed, dtype=np.float32)  # an odd number of these leaves half a number behind
    ours = plan_reader.PCG64(rng.bit_generator.state)
    for n in (1, 2, 7, 100):
        assert rng.permutation(n).tolist() == ours.permutation(n)
        assert rng.random(3).tolist() == [ours.uniform(np.float64) for _ in range(3)]
        assert rng.random(3, dtype=np.float32).tolist() == [ours.uniform(np.float32) for _ in range(3)]


# formulas


def test_formulas_are_defined_before_they_are_called() -> None:
    X, _ = gn.datasets.xor()
    network = gn.Network(gn.Dense(3, "gelu"), gn.Dense(2, "silu"), gn.Dense(1, "sigmoid"))
    model = gn.initialize(network, X, ["a", "b", "b", "a"], seed=0)
    plan = plan_of(model, training=True, X=X, y=["a", "b", "b", "a"], epochs=1)
    known: set[str] = set()
    for name, formula in plan.formulas.items():
        roots = [formula.result, *(part for _, part in formula.parts)]
        called = {node.call.name for node in postorder(*roots) if node.call}
        assert called <= known, name
        known.add(name)
    assert {"gelu", "sigmoid", "gelu_backward", "silu_backward", "binary_cross_entropy"} <= known


def test_one_formula_with_two_options_is_two_formulas() -> None:
    layers = [gn.Dense(3, gn.activation("leaky_relu", slope=slope)) for slope in (0.3, 0.3, 0.01)]
    plan = plan_of(xor_model(*layers, gn.Dense(1)))
    assert list(plan.formulas) == ["leaky_relu", "leaky_relu_2"]
    assert [plan_reader.called(f, [np.array([-2.0])], {}).item() for f in plan.formulas.values()] == [-0.6, -0.02]


@pytest.mark.parametrize(
    ("name", "z", "expected"),
    [
        ("sigmoid", [[0.0, -1000.0, 1000.0]], [[0.5, 0.0, 1.0]]),
        ("softmax", [[0.0, 0.0, -1000.0]], [[0.5, 0.5, 0.0]]),
        ("elu", [[-np.log(2.0), 3.0]], [[-0.5, 3.0]]),
        ("softplus", [[0.0, 1000.0]], [[np.log(2.0), 1000.0]]),
    ],
)
def test_formulas_give_numbers_known_by_hand(name: str, z: list[list[float]], expected: list[list[float]]) -> None:
    formulas = Formulas()
    argument = symbol("z1", ("n", len(z[0])))
    closed = formulas.close(gn.activation(name)(argument))
    assert closed.call is not None
    found = plan_reader.value(closed, {"z1": np.array(z)}, formulas.by_name)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_a_formula_says_whether_it_is_elementwise() -> None:
    plan = plan_of(xor_model(gn.Dense(3, "tanh"), gn.Dense(2, "softmax"), gn.Dense(1)))
    assert [(name, formula.is_elementwise) for name, formula in plan.formulas.items()] == [
        ("tanh", True),
        ("softmax", False),
    ]


def test_steps_can_be_had_without_named_formulas() -> None:
    plan = plan_of(xor_model(gn.Dense(3, "gelu"), gn.Dense(1)))
    steps = as_arithmetic(plan.derivation.steps)
    assert not any(node.call for step in steps for node in postorder(step.expression))
    assert "exp" in {node.op for node in postorder(steps[1].expression)}


# rows


def test_random_rows_have_missing_values_new_words_and_numbers_out_of_range() -> None:
    model = penguins_like()
    rows = random_rows(model.contract, 500, np.random.default_rng(0))
    lengths = [row["length"] for row in rows if row["length"] is not None]
    column = model.contract.features[0]
    assert {row["island"] for row in rows} == {"Biscoe", "Dream", None, NEW_WORD}
    assert 400 < len(lengths) < 500
    assert min(lengths) < column.low
    assert max(lengths) > column.high


def test_random_rows_of_arrays_have_their_columns() -> None:
    assert random_rows(xor_model().contract, 7, np.random.default_rng(0)).shape == (7, 2)


# comparing


def ours(**changed: object) -> Answers:
    outputs = np.array([[0.25, 0.75], [0.5, 0.5 + 1e-10], [1.0, 0.0]])
    return replace(Answers(outputs=outputs, words=("b", "b", "a"), scale=np.array([1.0, 1.0, 10.0])), **changed)


def test_the_same_answers_pass() -> None:
    found = compare("R", "R 4", ours(), ours(), single=False)
    assert found
    assert found.difference == 0.0
    assert str(found) == "R, run by R 4: 3 random rows, largest difference 0 (allowed 1e-12): the same"


def test_a_difference_counts_in_parts_of_its_rows_scale() -> None:
    outputs = ours().outputs.copy()
    outputs[2, 1] += 5e-12
    found = compare("R", "R 4", ours(), ours(outputs=outputs), single=False)
    assert found
    assert found.difference == pytest.approx(5e-13)
    outputs[0, 1] += 5e-12
    assert not compare("R", "R 4", ours(), ours(outputs=outputs), single=False)
    assert compare("R", "R 4", ours(), ours(outputs=outputs), single=True)


def test_another_class_fails_unless_the_two_best_are_equally_good() -> None:
    tie = compare("R", "R 4", ours(), ours(words=("b", "a", "a")), single=False)
    other = compare("R", "R 4", ours(), ours(words=("a", "b", "a")), single=False)
    assert tie
    assert not other
    assert other.other_class == 1
    assert str(other).endswith("another class in 1 row: NOT THE SAME")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_fails(bad: float) -> None:
    outputs = ours().outputs.copy()
    outputs[1, 1] = bad
    assert not compare("R", "R 4", ours(), ours(outputs=outputs), single=True)


def test_infinite_outputs_may_be_the_same() -> None:
    answers = Answers(outputs=np.array([[np.inf], [-np.inf]]))
    assert compare("R", "R 4", answers, answers, single=False)


def test_other_weights_after_training_fail() -> None:
    theta = np.array([1.0, -4.0])
    near, far = theta + 3e-10, theta + 5e-10
    assert compare("R", "R 4", ours(theta=theta), ours(theta=near), single=False)
    assert not compare("R", "R 4", ours(theta=theta), ours(theta=far), single=False)
    assert not compare("R", "R 4", ours(theta=theta), ours(theta=theta * np.nan), single=False)


def test_answers_of_another_shape_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"gave outputs \(3, 1\), expected \(3, 2\)"):
        compare("R", "R 4", ours(), ours(outputs=np.zeros((3, 1))), single=False)
    with pytest.raises(ValueError, match="no weights after training"):
        compare("R", "R 4", ours(theta=np.zeros(2)), ours(), single=False)
    trained = {"theta": np.zeros(2)}
    with pytest.raises(ValueError, match="gave 1 loss, expected 2"):
        compare("R", "R 4", ours(**trained, losses=(1.0, 0.5)), ours(**trained, losses=(1.0,)), single=False)


# names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a */ b", "a ?? b"),
        ("a\nb\rc\u2028d", "a?b?c?d"),
        ("\u202egnp.exe", "?gnp.exe"),
        ("</script>", "??script?"),
        ("Länge", "Länge"),
        ("שם", "??"),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_names_in_comments_are_harmless(name: str, shown: str) -> None:
    assert in_comment(name) == shown


def test_names_in_strings_are_escaped() -> None:
    assert escaped('a"b\\\n') == "a\\u0022b\\u005c\\u000a"
    assert escaped("ä😀") == "ä\\U0001f600"
    assert escaped("ä", ascii_only=True) == "\\u00e4"
    assert escaped("$", "&#{};", "&#{};") == "&#36;"


def test_a_taken_name_gets_underscores() -> None:
    assert free_name("exp", {"exp", "exp_"}) == "exp__"
    assert free_name("z1", {"exp"}) == "z1"


# programs


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A language whose programs are read by the plan reader."""
    module = ModuleType("glassnet.readings.eject.spoken")

    def write(plan: Plan) -> str:
        return "once upon a time\n"

    def answer(plan: Plan, program: Path, rows: RawRows) -> tuple[Answers, str]:
        assert program.read_text() == "once upon a time\n"
        return plan_reader.run(plan, rows), "a voice"

    monkeypatch.setattr(module, "write", write, raising=False)
    monkeypatch.setattr(module, "run", answer, raising=False)
    monkeypatch.setitem(sys.modules, "glassnet.readings.eject.spoken", module)
    monkeypatch.setitem(LANGUAGES, "spoken", Language(title="Spoken", suffix=".txt", module="spoken"))
    return module


def test_a_program_is_verified_with_its_own_tool(spoken: ModuleType) -> None:
    found = xor_model().eject("spoken").verify(rows=17)
    assert found
    assert (found.language, found.tool, found.rows, found.weights) == ("Spoken", "a voice", 17, None)
    assert found.difference < 1e-14


def test_a_program_that_trains_is_verified_after_training(spoken: ModuleType) -> None:
    X, y = gn.datasets.xor()
    found = eject(xor_model().state, "spoken", training=True, X=X, y=y, epochs=7, batch_size=3).verify()
    assert found
    assert found.weights is not None
    assert found.weights < 1e-14


def test_a_wrong_program_is_found_out(spoken: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    program = xor_model().eject("spoken")
    program.plan.arrays["W1"][0, 0] += 1e-9
    assert not program.verify()


def test_a_program_is_text_to_print_and_to_save(spoken: ModuleType, tmp_path: Path) -> None:
    program = xor_model().eject("spoken")
    assert isinstance(program, Ejected)
    assert str(program) == "once upon a time\n"
    assert repr(program) == "Ejected('spoken', 17 bytes)"
    program.save(tmp_path / "story.txt")
    assert (tmp_path / "story.txt").read_bytes() == b"once upon a time\n"
    with pytest.raises(OSError, match="nowhere"):
        program.save(tmp_path / "nowhere" / "story.txt")


@pytest.mark.parametrize("rows", [0, -1, 2.5, True])
def test_rows_to_verify_with_must_be_a_whole_number(spoken: ModuleType, rows: object) -> None:
    with pytest.raises(ValueError, match="rows must be a whole number >= 1"):
        xor_model().eject("spoken").verify(rows=rows)


# errors


def test_an_unknown_language_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown language 'javascipt'.*did you mean 'javascript'"):
        xor_model().eject("javascipt")


def test_a_language_that_does_not_train_says_so() -> None:
    with pytest.raises(NotImplementedError, match="ONNX files do not train"):
        xor_model().eject("onnx", training=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dtype": "float16"}, "dtype must be float32 or float64, got 'float16'"),
        ({"X": [[0.0, 1.0]]}, "give training=True as well"),
        ({"training": True}, "needs rows to train on"),
        ({"training": True, "X": [[0.0, 1.0]], "y": [[0.0]], "epochs": 0}, "epochs must be a whole number >= 1"),
        ({"training": True, "X": [[0.0, 1.0]], "y": [[0.0]], "optimizer": "adams"}, "unknown optimizer 'adams'"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan_of(xor_model(), **options)


def test_a_missing_tool_is_named() -> None:
    with pytest.raises(ToolMissing, match=r"a compiler is needed.*no-such-cc or no-such-gcc was not found"):
        find_tool(["no-such-cc", "no-such-gcc"], "a compiler")


def test_what_a_failing_program_says_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="ended with code 3: so it is"):
        run([sys.executable, "-c", "import sys; print('so it is', file=sys.stderr); sys.exit(3)"], tmp_path)


def test_a_tool_gets_its_input_and_its_output_is_returned(tmp_path: Path) -> None:
    found = run([sys.executable, "-c", "print(input().upper())"], tmp_path, "give\n")
    assert found.strip() == "GIVE"
