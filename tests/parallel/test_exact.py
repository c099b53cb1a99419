"""Exact mode, held against trainings with whole batches, SciPy, and one process that does the same blocks."""

import copy
import logging
import os
import signal
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.optimize

import glassnet as gn
from glassnet.parallel import crew, fit
from glassnet.parallel.blocks import Cut
from glassnet.training.rows import Rows
from glassnet.training.store import store_of
from glassnet.workers import executors

RNG = np.random.default_rng(0)
X = RNG.normal(size=(211, 3))
Y = np.column_stack([X[:, 0] * X[:, 1], np.sin(X[:, 2])])
WEIGHT = RNG.uniform(size=211)
NETWORK = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
HOW = {"epochs": 7, "seed": 3, "progress": False}


def theta(model):
    return model.state.memory.theta


def squared(reduction="mean", **more):
    return gn.Network(gn.Dense(5, "tanh"), gn.Dense(), loss=gn.loss("squared", reduction=reduction), **more)


@pytest.mark.parametrize(
    ("network", "how"),
    [
        (NETWORK, {"optimizer": gn.Rprop()}),
        (squared("sum"), {"optimizer": gn.SGD(0.001), "sample_weight": WEIGHT}),
        (squared("rowmean", l1=0.01, l2=0.1), {"optimizer": gn.AdamW(0.02), "sample_weight": WEIGHT}),
        (squared(l2=9.0, penalty_per_row=True), {"optimizer": gn.Adam(0.02, clip_norm=0.1), "sample_weight": WEIGHT}),
        (squared(l1=2.0, penalty_per_row=True), {"optimizer": gn.Momentum(gn.schedule("cosine", 0.1))}),
        (NETWORK, {"validation": 0.2, "early_stopping": 2, "metrics": ["r2"], "optimizer": gn.Nesterov(0.9)}),
    ],
)
def test_blocks_are_trained_as_whole_batches_are(network, how):
    whole = gn.train(network, X, Y, batch_size=None, **HOW, **how)
    model = gn.train_parallel(network, X, Y, blocks=7, workers=1, **HOW, **how)
    np.testing.assert_allclose(theta(model), theta(whole), rtol=0, atol=1e-12)
    for name, column in whole.history.to_dict().items():
        np.testing.assert_allclose(model.history.to_dict()[name], column, rtol=1e-11)
    assert model.history.stopped == whole.history.stopped


def test_classes_frozen_numbers_and_float32():
    labels = np.where(X[:, 0] > 0.3, "a", np.where(X[:, 1] > 0, "b", "c"))
    models = []
    for train, how in ((gn.train, {"batch_size": None}), (gn.train_parallel, {"blocks": 5, "workers": 1})):
        model = gn.initialize(gn.Network(gn.Dense(5, "relu"), gn.LayerNorm(), gn.Dense()), X, labels, seed=1)
        model.freeze("W1")
        models.append(train(model, X, labels, class_weight="balanced", epochs=9, progress=False, **how))
    np.testing.assert_allclose(theta(models[1]), theta(models[0]), rtol=0, atol=1e-12)
    how = {**HOW, "dtype": "float32", "optimizer": gn.SGD(0.1)}
    whole = gn.train(NETWORK, X, Y, batch_size=None, **how)
    model = gn.train_parallel(NETWORK, X, Y, blocks=7, workers=1, **how)
    assert theta(model).dtype == np.float32
    np.testing.assert_allclose(theta(model), theta(whole), rtol=0, atol=1e-6)


def test_steps_of_some_blocks_are_batches_of_their_rows():
    model = gn.train_parallel(NETWORK, X, Y, blocks=7, blocks_a_step=3, workers=1, **HOW)
    assert model.state.memory.t == 3 * 7  # ceil(7 / 3) steps in each epoch
    other = gn.train_parallel(NETWORK, X, Y, blocks=7, blocks_a_step=3, workers=1, **{**HOW, "seed": 4})
    assert model.history["loss"] != other.history["loss"]
    assert model.history["loss"][-1] < model.history["loss"][0]


def test_lbfgs_finds_what_scipy_finds():
    network = squared(l2=0.01)
    model = gn.train_parallel(
        network, X, Y, blocks=7, workers=1, optimizer="lbfgs", sample_weight=WEIGHT, **{**HOW, "epochs": 25}
    )
    state = gn.initialize(network, X, Y, seed=3).state
    shapes = state.memory.layout.shapes
    sizes = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes.values())])

    def loss(flat):  # and its gradient, by hand
        W1, b1, W2, b2 = (
            flat[low:high].reshape(shape) for low, high, shape in zip(sizes, sizes[1:], shapes.values(), strict=False)
        )
        a = np.tanh(X @ W1 + b1)
        miss = a @ W2 + b2 - Y
        share = WEIGHT[:, None] / (WEIGHT.sum() * 2)
        ds = 2.0 * miss * share
        dz = (ds @ W2.T) * (1.0 - a * a)
        parts = [X.T @ dz + 0.01 * W1, dz.sum(axis=0), a.T @ ds + 0.01 * W2, ds.sum(axis=0)]
        penalty = 0.005 * ((W1 * W1).sum() + (W2 * W2).sum())
        return (miss * miss * share).sum() + penalty, np.concatenate([part.ravel() for part in parts])

    found = scipy.optimize.minimize(
        loss, state.memory.theta, jac=True, method="L-BFGS-B", options={"maxiter": 25, "gtol": 1e-8}
    )
    np.testing.assert_allclose(theta(model), found.x, rtol=0, atol=1e-10)
    assert model.history["loss"][-1] == pytest.approx(found.fun, rel=1e-12)
    assert len(model.history) == 25


def test_lbfgs_is_what_the_estimator_does():
    networks = pytest.importorskip("glassnet.sklearn")
    how = {"hidden_layer_sizes": (5,), "activation": "tanh", "alpha": 0.5, "random_state": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they do not converge
        fitted = networks.MLPRegressor(solver="lbfgs", max_iter=25, tol=1e-8, **how).fit(X, Y)
        start = networks.MLPRegressor(solver="sgd", momentum=0.0, learning_rate_init=1e-300, max_iter=1, **how)
        start.fit(X, Y)  # which moves nothing
    model = gn.initialize(fitted.model_.network, X, Y, seed=1)
    theta(model)[:] = theta(start.model_)
    gn.train_parallel(model, X, Y, optimizer="lbfgs", blocks=7, workers=1, epochs=25, progress=False)
    np.testing.assert_allclose(theta(model), theta(fitted.model_), rtol=0, atol=1e-10)


def test_dropout_draws_by_step_and_block():
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dropout(gn.schedule("cosine", 0.4)), gn.Dense())
    first = gn.train_parallel(network, X, Y, blocks=7, workers=1, **HOW)
    with ThreadPoolExecutor(3) as pool:
        second = gn.train_parallel(network, X, Y, blocks=7, executor=pool, **HOW)
    np.testing.assert_array_equal(theta(first), theta(second))
    none = gn.train_parallel(gn.Network(gn.Dense(5, "tanh"), gn.Dense()), X, Y, blocks=7, workers=1, **HOW)
    assert not np.allclose(theta(first), theta(none))


def test_rounds_average_what_blocks_learn_by_themselves():
    how = {"batch_size": 11, "optimizer": gn.SGD(0.1), **HOW, "epochs": 1}
    model = gn.train_parallel(NETWORK, X, Y, mode="rounds", blocks=3, workers=1, **how)
    work_seed = np.random.default_rng(3)
    start = gn.initialize(NETWORK, X, Y, seed=work_seed)  # the same starting weights
    seed = int(work_seed.integers(1 << 62))
    ends = []
    for block, low in enumerate(range(0, 211, 71)):
        rows = slice(low, low + 71)
        order = np.random.default_rng([seed, 0, block]).permutation(len(X[rows]))
        own = copy.deepcopy(start)
        gn.train(own, X[rows][order], Y[rows][order], shuffle=False, optimizer=gn.SGD(0.1), batch_size=11,
                 epochs=1, progress=False)  # fmt: skip
        ends.append((len(order), theta(own)))
    mean = sum(count * end for count, end in ends) / 211
    np.testing.assert_allclose(theta(model), mean, rtol=0, atol=1e-14)


def test_rounds_take_batch_normalisation_and_some_steps():
    network = gn.Network(gn.Dense(5, "tanh"), gn.BatchNorm(), gn.Dense())
    how = {"mode": "rounds", "blocks": 3, "local_steps": 2, "batch_size": 11, **HOW}
    model = gn.train_parallel(network, X, Y, workers=1, **how)
    assert model.state.memory.t == 2 * 7
    assert np.abs(model["running_mean2"]).max() > 0.0
    with ThreadPoolExecutor(2) as pool:
        np.testing.assert_array_equal(theta(gn.train_parallel(network, X, Y, executor=pool, **how)), theta(model))


@pytest.mark.parametrize(
    ("network", "how", "words"),
    [
        (
            gn.Network(gn.Dense(3), gn.BatchNorm(), gn.Dense()),
            {},
            r"^layer 2, BatchNorm.* looks at all rows of a batch",
        ),
        (NETWORK, {"mode": "rounds", "optimizer": "rprop"}, "^rprop goes by the gradient of all rows"),
        (gn.Network(gn.Dropout(0.1), gn.Dense()), {"optimizer": "lbfgs"}, "^lbfgs needs the same loss"),
        (squared(l1=0.1), {"optimizer": "lbfgs"}, "^lbfgs needs a loss with a slope everywhere"),
        (NETWORK, {"mode": "rounds", "blocks_a_step": 2}, "^blocks_a_step is for mode=.exact. and"),
        (NETWORK, {"local_steps": 2}, "^local_steps is for mode='rounds'"),
        (NETWORK, {"mode": "bagging"}, "^unknown mode 'bagging'"),
        (NETWORK, {"blocks": 0}, "^blocks must be a whole number >= 1"),
        (NETWORK, {"cluster": "here"}, "^a cluster is given by an address of Dask's scheduler"),
        (NETWORK, {"cluster": "tcp://h:1", "executor": 3}, "^executor and cluster both say"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(network, how, words):
    with pytest.raises(ValueError, match=words):
        gn.train_parallel(network, X, Y, **HOW, **how)


def test_divergence_goes_back_to_the_last_good_weights():
    for mode in ("exact", "rounds"):
        with pytest.raises(gn.TrainingError, match=r"in block 1, rows 1 to 31 of .*the learning rate 10000") as caught:
            gn.train_parallel(
                NETWORK, X, Y, mode=mode, blocks=7, workers=1, optimizer=gn.SGD(1e4), **{**HOW, "epochs": 60}
            )
        assert np.isfinite(theta(caught.value.model)).all()
        assert np.isfinite(caught.value.model.history["loss"]).all()


# ------------------------------------------------------------------------------------------------------------- faults


def test_a_block_that_cannot_be_read_is_named_or_left_out(tmp_path, monkeypatch):
    read, tries = Cut.read, []

    def broken(cut, block):
        if block == 2:
            tries.append(block)
            raise OSError("Input/output error")
        return read(cut, block)

    monkeypatch.setattr(Cut, "read", broken)
    how = {"blocks": 7, "workers": 1, "folder": tmp_path, **HOW}
    with pytest.raises(gn.DataError, match=r"^block 3, rows 63 to 93 of '.*store', cannot be read: Input/output error"):
        gn.train_parallel(NETWORK, X, Y, **how)
    assert len(tries) == 3
    assert not [*tmp_path.iterdir()]
    with pytest.warns(UserWarning, match="^block 3, rows 63 to 93"):
        model = gn.train_parallel(NETWORK, X, Y, skip_bad_blocks=True, **how)
    assert "block 3, rows 63 to 93" in model.contract.notes[-1]
    rest = np.r_[0:62, 93:211]
    whole = gn.train(NETWORK, X[rest], Y[rest], batch_size=None, **HOW)
    np.testing.assert_allclose(theta(model), theta(whole), rtol=0, atol=1e-12)


def test_a_file_that_was_changed_is_noticed(tmp_path):
    store = store_of(Rows(X, Y), tmp_path / "rows", 20)
    cut = Cut(store, 2)
    np.testing.assert_array_equal(cut.read(5).x, X[200:])
    with open(tmp_path / "rows", "r+b") as file:
        file.truncate(1000)
    with pytest.raises(gn.DataError, match="has 1,000 bytes instead of 8,440"):
        cut.read(0)


def stop(event, model):
    if isinstance(event, gn.Epoch) and event.epoch == 5:
        raise RuntimeError("killed")


def test_a_fit_goes_on_from_its_checkpoint_with_the_same_bits(tmp_path):
    for optimizer in ("adam", "lbfgs"):
        how = {**HOW, "epochs": 12, "blocks": 7, "workers": 1, "optimizer": optimizer}
        undisturbed = gn.train_parallel(NETWORK, X, Y, **how)
        folder = tmp_path / optimizer
        with pytest.raises(RuntimeError, match="killed"):
            gn.train_parallel(NETWORK, X, Y, callbacks=[stop], checkpoint_dir=folder, **how)
        model = gn.train_parallel(NETWORK, X, Y, checkpoint_dir=folder, **how)
        np.testing.assert_array_equal(theta(model), theta(undisturbed))
        assert model.history.to_dict() == undisturbed.history.to_dict()
        with pytest.raises(gn.CheckpointError, match="keeps another training"):
            gn.train_parallel(NETWORK, X, Y, checkpoint_dir=folder, **{**how, "blocks": 6})


def test_workers_that_are_killed_change_nothing(monkeypatch):
    pytest.importorskip("joblib")
    how = {**HOW, "epochs": 30, "blocks": 8}
    alone = gn.train_parallel(NETWORK, X, Y, workers=1, **how)
    monkeypatch.setattr(fit, "are_worth_it", lambda fit, worth: True)
    monkeypatch.setattr(crew, "SOON", 0.2)
    processes, made = executors.processes, []
    monkeypatch.setattr(executors, "processes", lambda workers: made.append(processes(workers)) or made[-1])

    def kill(event, model):
        if isinstance(event, gn.Epoch) and event.epoch == 3:
            os.kill(next(iter(made[-1]._processes)), signal.SIGKILL)
        if isinstance(event, gn.Epoch) and event.epoch == 25:
            for number in made[-1]._processes:
                os.kill(number, signal.SIGSTOP)  # they hang

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # loky tells of workers that stopped
        model = gn.train_parallel(NETWORK, X, Y, workers=2, callbacks=[kill], **how)
    np.testing.assert_array_equal(theta(model), theta(alone))
    assert len(made) == 3


def test_a_cluster_gives_the_same_bits_whoever_leaves_it():
    distributed = pytest.importorskip("distributed")
    how = {**HOW, "epochs": 40, "blocks": 8}
    alone = gn.train_parallel(NETWORK, X, Y, workers=1, **how)
    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster,
        distributed.Client(cluster) as client,
    ):

        def disturb(event, model):
            if isinstance(event, gn.Epoch) and event.epoch == 5:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            if isinstance(event, gn.Epoch) and event.epoch == 20:
                cluster.scale(3)
                time.sleep(0.1)
            if isinstance(event, gn.Epoch) and event.epoch == 30:
                cluster.scale(1)

        model = gn.train_parallel(NETWORK, X, Y, cluster=cluster.scheduler_address, callbacks=[disturb], **how)
    np.testing.assert_array_equal(theta(model), theta(alone))
    assert "handing out" in model.engine.reason


def test_a_cluster_that_is_not_there_is_said_at_once():
    pytest.importorskip("distributed")
    with pytest.raises(gn.GlassnetError, match=r"^no cluster answers at tcp://127\.0\.0\.1:1 within 10 seconds"):
        gn.train_parallel(NETWORK, X, Y, cluster="tcp://127.0.0.1:1", **HOW)


def test_a_table_that_is_read_part_by_part_is_trained_on_from_its_store(tmp_path):
    columns = {f"x{k}": X[:, k] for k in range(3)}
    table = {**columns, "y": Y[:, 0]}
    how = {"target": "y", **HOW}
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    whole = gn.train(network, table, batch_size=None, **how)
    model = gn.train_parallel(network, gn.stream(table, folder=tmp_path), blocks=3, workers=1, **how)
    with ThreadPoolExecutor(2) as pool:
        other = gn.train_parallel(network, gn.stream(table, folder=tmp_path), blocks=3, executor=pool, **how)
    np.testing.assert_array_equal(theta(model), theta(other))
    np.testing.assert_allclose(theta(model), theta(whole), rtol=0, atol=1e-12)


def test_a_frame_of_dask_is_read_partition_by_partition():
    frames, pandas = pytest.importorskip("dask.dataframe"), pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": X[:, 0], "b": X[:, 1], "word": np.where(X[:, 2] > 0, "u", "v"), "y": Y[:, 0]})
    how = {"target": "y", "blocks": 3, "workers": 1, **HOW}
    network = gn.Network(gn.Dense(5, "tanh"), gn.Dense())
    whole = gn.train(network, frame, target="y", batch_size=None, **HOW)
    model = gn.train_parallel(network, frames.from_pandas(frame, npartitions=5), **how)
    np.testing.assert_allclose(theta(model), theta(whole), rtol=0, atol=1e-12)


def test_rounds_leave_frozen_weights_to_the_bit():
    model = gn.initialize(NETWORK, X, Y, seed=3)
    model.freeze("W1")
    before = model["W1"].copy()
    gn.train_parallel(
        model, X, Y, mode="rounds", blocks=8, workers=1, epochs=5, optimizer=gn.AdamW(0.1), progress=False
    )
    np.testing.assert_array_equal(model["W1"], before)


@pytest.mark.parametrize("mode", ["lbfgs", "both", None])
def test_there_are_two_modes(mode):
    with pytest.raises((ValueError, TypeError), match="mode"):
        gn.train_parallel(NETWORK, X, Y, mode=mode, **HOW)
