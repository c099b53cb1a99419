"""An explanation's numbers are those of training, of prediction, of the tutorials; nothing is changed by asking."""

import copy
import warnings

import numpy as np
import pytest

import glassnet as gn
from glassnet.datasets import penguins
from glassnet.errors import DataError
from glassnet.parts.layers import Parameter
from glassnet.parts.optimizers import RULES
from glassnet.readings.explain import terms
from glassnet.readings.explain.terms import factored
from glassnet.reproduce import tychobra as r_tutorial
from glassnet.reproduce import xor as numpy_tutorial

X = np.random.default_rng(0).normal(size=(7, 3))
Y = np.random.default_rng(1).normal(size=(7, 2))


def trained(network, X=X, y=Y, optimizer="adam", epochs=2, **options):
    return gn.train(
        network, X, y, optimizer=optimizer, epochs=epochs, batch_size=None, engine="numpy", progress=False, seed=3,
        **options,
    )  # fmt: skip


def small(*layers, **options):
    return gn.Network(*layers, gn.Dense(5, "tanh"), gn.Dense(2), loss="squared", **options)


def next_by_training(model, X, y, **options):
    """What one real step makes of a copy of the model."""
    model = copy.deepcopy(model)
    trained_on = gn.train(model, X, y, epochs=1, batch_size=None, engine="numpy", progress=False, **options)
    memory = trained_on.memory
    return {**memory.layout.views(memory.theta), **memory.state_layout.views(memory.state)}


def same(explanation, after, tolerance=1e-12):
    for name, values in after.items():
        shown = explanation.next.get(name, values)
        np.testing.assert_allclose(shown, values, rtol=tolerance, atol=tolerance, err_msg=name)
        assert name in explanation.next


# ------------------------------------------------------------------------------------------ what training does


@pytest.mark.parametrize("rule", RULES)
def test_the_next_weights_are_those_of_a_real_step(rule):
    model = trained(small(), optimizer=gn.optimizer(rule, 0.01))
    same(model.explain(X, Y), next_by_training(model, X, Y))


@pytest.mark.parametrize(
    ("network", "rule"),
    [
        (small(l1=0.1, l2=0.2), gn.SGD(0.1)),
        (small(l2=0.2, penalty_per_row=True), gn.AdamW(0.1)),
        (small(), gn.SGD(0.1, clip_norm=0.01)),
        (small(), gn.Adam(0.1, clip_value=0.001)),
        (small(gn.Dense(4, "relu"), gn.Dropout(0.4)), gn.Adam(0.1)),
        (small(gn.Dense(4), gn.BatchNorm(), gn.LayerNorm()), gn.Momentum(0.1)),
        (small(), gn.SGD(gn.schedule("cosine", 0.5, epochs=4, warm_up=3))),
    ],
    ids=["penalties", "decay", "clip_norm", "clip_value", "dropout", "norms", "schedule"],
)
def test_so_they_are_with_penalties_clipping_dropout_norms_schedules(network, rule):
    model = trained(network, optimizer=rule)
    same(model.explain(X, Y), next_by_training(model, X, Y))


def test_so_they_are_with_frozen_weights_and_weighted_rows():
    model = trained(small(), optimizer=gn.Nesterov(0.1))
    model.freeze("W1", np.arange(15).reshape(3, 5) % 2 == 0)
    weight = np.arange(1.0, 8.0)
    explanation = model.explain(X, Y, sample_weight=weight)
    same(explanation, next_by_training(model, X, Y, sample_weight=weight))
    assert explanation["W1"][0, 0].next == explanation["W1"][0, 0].now
    assert explanation["W1"][0, 1].next != explanation["W1"][0, 1].now


def test_another_optimizer_begins_with_empty_slots():
    model = trained(small(), optimizer="adam")
    explanation = model.explain(X, Y, optimizer=gn.RMSprop(0.01))
    same(explanation, next_by_training(model, X, Y, optimizer=gn.RMSprop(0.01)))
    assert explanation["v"].value.any() == False  # noqa: E712  # an array's truth
    fresh = gn.initialize(small(), X, Y, seed=3)
    same(fresh.explain(X, Y, optimizer="adam"), next_by_training(fresh, X, Y, optimizer="adam"))


def test_float32_stays_float32():
    model = trained(small(), X.astype(np.float32), Y.astype(np.float32))
    explanation = model.explain(X, Y)
    same(explanation, next_by_training(model, X.astype(np.float32), Y.astype(np.float32)), 1e-6)
    assert explanation["z1"].value.dtype == explanation.next["W1"].dtype == np.float32


def test_asking_changes_nothing():
    model = trained(small(gn.Dropout(0.5), gn.BatchNorm()))
    before = copy.deepcopy(model)
    explanation = model.explain(X, Y, finite_differences=True)
    str(explanation), str(explanation["W3"][0, 0]), str(explanation.neuron("h2"))
    assert np.array_equal(model.memory.theta, before.memory.theta)
    assert np.array_equal(model.memory.state, before.memory.state)
    assert all(np.array_equal(slot, before.memory.slots[name]) for name, slot in model.memory.slots.items())
    assert (model.memory.t, model.epochs) == (before.memory.t, before.epochs)
    assert model.rng.bit_generator.state == before.rng.bit_generator.state
    explanation["W3"].value[:] = 7.0
    assert np.array_equal(model["W3"], before["W3"])


def test_forward_and_prediction_are_those_of_the_model():
    model = trained(small())
    explanation = model.explain(X)
    for name, values in model.layer_values(X).items():
        assert np.array_equal(explanation[name].value, values)
    assert "dW1" not in explanation.names
    assert explanation.next == {}


# ------------------------------------------------------------------------------------------------ by hand


def test_the_numpy_tutorials_first_step():
    """`hidden_output.T.dot(d_output)`, as the tutorial has it."""
    W1, W2 = numpy_tutorial.start(42, 2)
    X, y = gn.datasets.xor()
    lesson = numpy_tutorial.lesson()
    network = gn.Network(gn.Dense(2, "sigmoid", weights=W1), gn.Dense(1, "sigmoid", weights=W2), loss=lesson.loss)
    explanation = gn.initialize(network, X, y).explain(X, y, optimizer=gn.SGD(0.1))

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    hidden = sigmoid(X @ W1)
    output = sigmoid(hidden @ W2)
    d_output = (y - output) * output * (1 - output)
    d_hidden = d_output @ W2.T * hidden * (1 - hidden)
    np.testing.assert_allclose(explanation["dW2"].value, -hidden.T @ d_output, rtol=1e-13)
    np.testing.assert_allclose(explanation.next["W2"], W2 + 0.1 * hidden.T @ d_output, rtol=1e-13)
    np.testing.assert_allclose(explanation.next["W1"], W1 + 0.1 * X.T @ d_hidden, rtol=1e-13)
    number = explanation["dW2"][1, 0]
    assert [term.value for term in number.terms] == pytest.approx((-hidden[:, 1] * d_output[:, 0]).tolist())
    assert [term.label for term in number.terms] == ["row 1", "row 2", "row 3", "row 4"]


def test_the_r_tutorials_first_step():
    W1, W2 = r_tutorial.start(0)
    X, y = gn.datasets.tychobra()
    network = gn.Network(
        gn.Dense(4, "sigmoid", bias=False, weights=W1),
        gn.Dense(1, "sigmoid", bias=False, weights=W2),
        loss=r_tutorial.lesson().loss,
    )
    explanation = gn.initialize(network, X, y).explain(X, y, optimizer=gn.SGD(1.0))

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    layer1 = sigmoid(X @ W1)
    output = sigmoid(layer1 @ W2)
    pull = 2 * (y - output) * output * (1 - output)
    np.testing.assert_allclose(explanation.next["W2"], W2 + layer1.T @ pull, rtol=1e-13)
    np.testing.assert_allclose(explanation.next["W1"], W1 + X.T @ (pull @ W2.T * layer1 * (1 - layer1)), rtol=1e-13)
    assert float(explanation["L"].value) == pytest.approx(((y - output) ** 2).sum())


def test_adams_arithmetic_with_round_numbers():
    network = gn.Network(gn.Dense(1, bias=False, weights=[[1.0]]), loss=gn.loss("squared", half=True))
    model = gn.initialize(network, [[1.0]], [[-1.0]])
    rule = gn.Adam(0.5, beta1=0.5, beta2=0.75, eps=1.0)
    number = model.explain([1.0], [-1.0], optimizer=rule)["W1"][0, 0]
    lines = {line.name: line.value for line in number.update}  # g = 1 - (-1) = 2
    assert lines == pytest.approx({"m_new": 1.0, "v_new": 1.0, "mhat": 2.0, "vhat": 4.0, "W1[0, 0]": 1 - 0.5 * 2 / 3})
    assert (number.now, number.next) == pytest.approx((1.0, 2 / 3))


# ------------------------------------------------------------------------------------------------ gradients


def test_finite_differences_stand_beside_gradients():
    network = small(gn.Dense(4, "softplus"), gn.BatchNorm(), gn.Dropout(0.3), l2=0.5)
    explanation = trained(network).explain(X, Y, finite_differences=True)
    seen = 0
    for name in explanation.names:
        if name.startswith("d") and explanation[name].phase == "backward":
            number = explanation[name][(1,) * len(explanation[name].shape)]
            assert number.slope == pytest.approx(number.value, rel=1e-6, abs=1e-9), name
            seen += 1
    assert seen > 12
    assert explanation["z1"][0, 0].slope is None


def test_a_kink_is_said_to_be_one():
    network = gn.Network(gn.Dense(2, "relu", weights="zeros"), gn.Dense(1), loss="squared")
    explanation = gn.initialize(network, [[1.0]], [[1.0]], seed=0).explain([1.0], [1.0], finite_differences=True)
    slope = explanation["dz1"][0, 0].arithmetic.slope
    assert "kink" in slope.remark
    smooth = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared")
    explanation = gn.initialize(smooth, [[1.0]], [[1.0]], seed=0).explain([1.0], [1.0], finite_differences=True)
    assert explanation["dz1"][0, 0].arithmetic.slope.remark == ""


def test_the_chain_of_a_gradient_goes_back_to_the_loss():
    explanation = trained(small(gn.Dense(4, "tanh"))).explain(X, Y)
    chain = explanation["dW1"][0, 2].chain
    assert [line.name.partition("[")[0] for line in chain] == ["dz1", "da1", "dz2", "da2", "dz3"]
    assert "largest of 7 terms" in chain[0].reason
    row = int(chain[0].name.split("[")[1].split(",")[0])
    terms = [abs(term.value) for term in explanation["dW1"][0, 2].terms]
    assert row == int(np.argmax(terms))
    assert explanation["z1"][0, 0].chain == []


def test_long_sums_show_the_largest_terms_and_the_rest_as_one():
    wide = np.random.default_rng(5).normal(size=(2, 784))
    model = gn.initialize(gn.Network(gn.Dense(3), loss="squared"), wide, np.zeros((2, 3)), seed=0)
    explanation = model.explain(wide[0])
    entry = explanation["z1"][0, 1].contents().sections[0].entries[0].arithmetic[0]
    assert (len(entry.sum.terms), entry.sum.others) == (12, 773)  # of 784 products and a bias
    total = sum(term.value for term in entry.sum.terms) + entry.sum.others_value
    assert total == pytest.approx(explanation["z1"][0, 1].value)
    every = explanation["z1"][0, 1].contents(terms=None).sections[0].entries[0].arithmetic[0]
    assert (len(every.sum.terms), every.sum.others) == (785, 0)
    largest = sorted((abs(term.value) for term in every.sum.terms), reverse=True)[:12]
    assert sorted((abs(term.value) for term in entry.sum.terms), reverse=True) == largest
    assert "773 others" in str(explanation["z1"][0, 1])


def test_a_sum_over_a_large_batch_is_not_written_out_term_by_term(monkeypatch):
    many, written = np.random.default_rng(6).normal(size=(5000, 3)), []
    explanation = trained(small()).explain(many, np.zeros((5000, 2)))
    monkeypatch.setattr(terms, "factored", lambda *args, **kw: written.append(args) or factored(*args, **kw))
    number = explanation["dW1"][1, 2]
    shown = str(number)
    assert "4,988 others" in shown
    assert len(written) < 1000
    assert sum(term.value for term in number.terms) == pytest.approx(number.value)


def test_only_gradients_that_are_shown_are_measured():
    wide = np.random.default_rng(5).normal(size=(2, 101))
    model = gn.initialize(gn.Network(gn.Dense(3), loss="squared"), wide, np.zeros((2, 3)), seed=0)
    explanation = model.explain(wide, np.zeros((2, 3)), finite_differences=True)
    assert "measured" in str(explanation.neuron("o2"))
    assert len(explanation.facts.slopes.measured) < 20


# ----------------------------------------------------------------------------------------------- asking


def test_a_number_of_the_update_is_shown_by_the_weight_it_belongs_to():
    explanation = trained(small()).explain(X, Y)
    k = explanation.facts.evaluated.layout.position("W2", (3, 1))
    assert explanation["theta_new"][k].arithmetic.name == "W2[3, 1]"
    assert "dW2[3, 1]" in explanation["m_new"][k].formula
    assert explanation["theta_new"][k].value == explanation["W2"][3, 1].next


def test_what_there_is_not_is_answered_with_what_there_is():
    explanation = trained(small()).explain(X, Y)
    with pytest.raises(KeyError, match=r"unknown step or array 'dW9' \(did you mean"):
        explanation["dW9"]
    with pytest.raises(IndexError, match=r"dW1 has shape \(3, 5\); its numbers are dW1\[0, 0\] to dW1\[2, 4\]"):
        explanation["dW1"][3, 0]
    with pytest.raises(IndexError, match="got \\[1\\]"):
        explanation["dW1"][1]
    with pytest.raises(
        ValueError, match=r"there is no neuron 'h6'; there are h1 to h5 in layer 1, o1 to o2 in layer 2$"
    ):
        explanation.neuron("h6")
    assert explanation["dW1"][-1, -1].name == "dW1[2, 4]"
    with pytest.raises(KeyError, match="without a target there is no loss and no gradient: give y too"):
        trained(small()).explain(X)["dW1"]
    with pytest.raises(ValueError, match=r"must end in .txt or .html or .tex or .json, got 'page.docx'"):
        explanation.save("page.docx")


def test_neurons_are_called_by_layer_and_unit_outputs_by_class():
    words = np.array(["cat", "dog", "cow", "cat", "dog", "cow", "cat"])
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense(4, "relu"), gn.Dense(None, "softmax"))
    explanation = gn.initialize(network, X, words, seed=0).explain(X, words, optimizer="sgd")
    for name, place in {"h2": (1, 1), "h1.2": (1, 1), "h2.4": (2, 3), "o1": (3, 0), "dog": (3, 2)}.items():
        neuron = explanation.neuron(name)
        assert (neuron.layer, neuron.unit) == place
    assert explanation.neuron("o1").name == "cat"
    single = trained(small()).explain(X[0], Y[0])
    assert single.neuron("h2").name == single.neuron("h1.2").name == "h2"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"digits": 0}, "digits must be a whole number from 2 to 17, got 0"),
        ({"digits": 1}, "digits must be a whole number from 2 to 17, got 1"),
        ({"digits": 18}, "digits must be a whole number from 2 to 17, got 18"),
        ({"digits": 2.5}, "digits must be a whole number from 2 to 17, got 2.5"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"sample_weight": [1.0]}, r"sample_weight must have shape \(7,\)"),
    ],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        trained(small()).explain(X, Y, **options)


def test_rows_that_do_not_fit_are_refused():
    model = trained(small())
    with pytest.raises(DataError, match="X has 2 columns"):
        model.explain([1.0, 2.0])
    with pytest.raises(DataError, match="X has 7 rows, y has 6"):
        model.explain(X, Y[:6])
    with pytest.raises(DataError, match="trained on arrays"):
        model.explain({"a": 1.0}, Y)
    with pytest.raises(DataError, match="different lengths"):
        model.explain([[1.0, 2.0, 3.0], [1.0]])
    with pytest.raises(DataError, match="missing value"):
        model.explain([1.0, np.nan, 0.0])
    with pytest.raises(ValueError, match="give y too"):
        model.explain(X, optimizer="sgd")
    with pytest.raises(ValueError, match="give y too"):
        model.explain(X, finite_differences=True)


# ------------------------------------------------------------------------------------------------ notes, tables


def test_what_a_reader_must_know_is_said():
    fresh = gn.initialize(small(), X, Y, seed=0)
    assert "never trained" in str(fresh.explain(X, Y))
    assert "Without a target" in str(fresh.explain(X))
    different = " ".join(str(trained(small(gn.Dropout(0.2), gn.BatchNorm())).explain(X[0], Y[0])).split())
    assert "different ways through Dropout (layer 1) and BatchNorm (layer 2)" in different
    assert "One row alone is its own mean" in different
    assert "different ways" not in str(trained(small()).explain(X, Y))


def test_a_row_of_a_table_begins_with_its_cells():
    table = penguins().rows([0, 3, 9])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        network = gn.Network(gn.Dense(4, "tanh"), gn.Dense(None, "softmax"))
        model = gn.train(network, penguins(), target="species", epochs=3, seed=0, engine="numpy", progress=False)
        row = model.explain(
            {"island": "Dream", "bill_length_mm": 39.5, "bill_depth_mm": 17.4, "flipper_length_mm": 186.0,
             "body_mass_g": None, "sex": "female", "year": 2007, "species": "Adelie"}
        )  # fmt: skip
        batch = model.explain(table)
    column = model.contract.features[1]
    text = str(row)
    assert f"= ({39.5:.4g} - {column.scaling.mean:.4g}) / {column.scaling.scale:.4g}" in text
    assert "missing: the median, 4050, stands in" in text
    assert "island is Dream" in text
    lines = {line.name: line for line in row.contents().sections[0].entries[0].arithmetic}
    for k, name in enumerate(model.contract.input_names):
        assert lines[name].value == row.rows.x[0, k]
    assert row["dW1"].shape == (model.n_inputs, 4)
    assert batch.rows.names == ("line 2", "line 5", "line 11")
    assert [name for name in ("Adelie", "Chinstrap", "Gentoo") if name in text] == ["Adelie", "Chinstrap", "Gentoo"]
    with pytest.raises(DataError, match="leave y out"):
        model.explain(table, ["Adelie"] * 3)


def test_a_number_is_predicted_in_its_own_unit():
    rows = {"a": [1.0, 2.0, 3.0, 4.0], "mass": [10.0, 30.0, 20.0, 40.0]}
    network = gn.Network(gn.Dense(3, "tanh"), gn.Dense())
    model = gn.train(network, rows, target="mass", epochs=3, seed=0, engine="numpy", progress=False)
    explanation = model.explain({"a": 2.5})
    assert explanation.rows.y is None
    last = explanation.contents().sections[-1].entries[-1].arithmetic[-1]
    assert last.value == pytest.approx(model.predict({"a": [2.5]})[0])
    assert f"* {model.contract.target.scale:.4g} + {model.contract.target.mean:.4g}" in str(explanation)


def test_of_two_classes_in_one_output_it_is_said_which_p_makes_which():
    words = np.array(["no", "yes", "no", "yes", "no", "yes", "no"])
    model = gn.initialize(gn.Network(gn.Dense(3), gn.Dense(1, "sigmoid")), X, words, seed=0)
    assert "yes where p > 0.5, else no" in str(model.explain(X))
    assert model.contract.decode(np.array([[0.5, 0.5]])).tolist() == ["no"]
    three = gn.initialize(gn.Network(gn.Dense()), X, np.array(list("abcabca")), seed=0)
    assert "the class with the largest p" in str(three.explain(X))


def test_a_layer_of_ones_own_is_explained():
    class Own:
        backward = None

        def parameters(self, n_inputs):
            return {"k": Parameter((n_inputs,), "normal")}

        def forward(self, p, x, mode):
            return {"y": p.k * x * x}

    network = gn.Network(Own(), gn.Dense(2), loss="squared")
    model = gn.initialize(network, X, Y, seed=0)
    explanation = model.explain(X, Y, optimizer="sgd", finite_differences=True)
    number = explanation["dk1"][2]
    assert number.slope == pytest.approx(number.value)
    assert "layer 1: Own" in str(explanation)


def test_what_is_not_finite_is_shown_as_it_is():
    model = trained(small())
    model.memory.theta[:] = 1e200
    explanation = model.explain(X, Y)
    assert "infinity" in str(explanation) or "not a number" in str(explanation)


def test_rows_without_a_target_are_left_out_as_in_training():
    rows = {"a": [1.0, 2.0, 3.0, 4.0], "mass": [10.0, None, 20.0, 40.0]}
    model = gn.train(gn.Network(gn.Dense()), rows, target="mass", epochs=1, seed=0, engine="numpy", progress=False)
    explanation = model.explain(rows)
    assert explanation.rows.names == ("row 1", "row 3", "row 4")
    assert "1 row without a target is left out." in str(explanation)


def test_hostile_names_stay_text_on_the_terminal():
    rows = {"a\x1b[31m\nb": [1.0, 2.0, 3.0], "\u202eright\u200f": [0.0, 1.0, 1.0], "y": ["<b>", "</script>", "<b>"]}
    model = gn.initialize(gn.Network(gn.Dense(2), gn.Dense()), rows, target="y", seed=0)
    for page in (
        model.explain(rows),
        model.explain(rows).neuron("o1"),
        model.explain({n: v[0] for n, v in rows.items()}),
    ):
        text = page.text()
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "</script>" in str(model.explain(rows))


def test_a_network_without_weights_or_neurons():
    X = np.random.default_rng(0).normal(size=(5, 3))
    model = gn.initialize(gn.Network(gn.Dropout(0.5), loss="squared"), X, X, seed=0)
    explanation = model.explain(X, X, optimizer="sgd")
    assert "── Loss" in str(explanation)
    with pytest.raises(ValueError, match="there is none"):
        explanation.neuron("h1")


def test_the_rows_of_a_pandas_frame_are_explained():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "y": ["u", "v", "u"]})
    model = gn.initialize(gn.Network(gn.Dense(2), gn.Dense()), frame, target="y", seed=0)
    explanation = model.explain(frame.iloc[[1]], optimizer="sgd")
    assert explanation.rows.y.tolist() == [[0.0, 1.0]]
