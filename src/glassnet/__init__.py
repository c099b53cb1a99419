"""Neural networks of glass: plain NumPy that reads like a textbook, every number visible while it learns.

In short:

    import glassnet as gn

    network = gn.Network(gn.Dense(4, "sigmoid"), gn.Dense(1, "sigmoid"), loss="squared")
    model = gn.train(network, X, y, optimizer=gn.SGD(0.5), epochs=10_000, seed=42)
    model.predict(X)
    print(model.derivation())
"""

from glassnet import ending  # noqa: F401 # isort: skip # first: the command line hears signals from here on
from glassnet import datasets
from glassnet.comparison.compare import compare
from glassnet.data.files.version import __version__
from glassnet.data.streams.stream import Stream, stream
from glassnet.data.tables.csv_files import read_csv
from glassnet.errors import CheckpointError, DataError, GlassnetError, ModelFileError, TrainingError
from glassnet.model import plot
from glassnet.model.check_gradient import check_gradient
from glassnet.model.checkpoints import checkpoints
from glassnet.model.diagnose import diagnose
from glassnet.model.ensemble import Ensemble
from glassnet.model.load import load
from glassnet.model.lottery import lottery
from glassnet.model.lottery_result import Lottery
from glassnet.model.model import Model
from glassnet.model.runs import Runs
from glassnet.model.train import initialize, train, training
from glassnet.model.train_many import train_many
from glassnet.parallel.train import train_parallel
from glassnet.parts.activations import activation
from glassnet.parts.average import Average
from glassnet.parts.embeddings import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.parts.initializers import initializer
from glassnet.parts.layers import BatchNorm, Dense, Dropout, LayerNorm, Mode, Parameter, Scale
from glassnet.parts.losses import loss
from glassnet.parts.nested import Beside, Columns, Residual
from glassnet.parts.network import Network
from glassnet.parts.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    Momentum,
    NAdam,
    Nesterov,
    RMSprop,
    Rprop,
    optimizer,
    schedule,
)
from glassnet.parts.tempered import Tempered
from glassnet.playground.play import play, widget
from glassnet.search.objective import objective
from glassnet.search.result import Search
from glassnet.search.search import search
from glassnet.search.space import between
from glassnet.training.events import Epoch, Stopped
from glassnet.training.history import History
from glassnet.training.recipes.by_name import recipe
from glassnet.training.recipes.recipe import Recipe
from glassnet.training.stopping import EarlyStopping

__all__ = [
    "SGD",
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Average",
    "BatchNorm",
    "Beside",
    "CheckpointError",
    "Columns",
    "DataError",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Ensemble",
    "Epoch",
    "GlassnetError",
    "History",
    "LayerNorm",
    "Lottery",
    "Mode",
    "Model",
    "ModelFileError",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Network",
    "Parameter",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "RMSprop",
    "Recipe",
    "Residual",
    "Rprop",
    "Runs",
    "Scale",
    "Search",
    "Stopped",
    "Stream",
    "Tempered",
    "TrainingError",
    "__version__",
    "activation",
    "between",
    "check_gradient",
    "checkpoints",
    "compare",
    "datasets",
    "diagnose",
    "initialize",
    "initializer",
    "load",
    "loss",
    "lottery",
    "objective",
    "optimizer",
    "play",
    "plot",
    "read_csv",
    "recipe",
    "schedule",
    "search",
    "stream",
    "train",
    "train_many",
    "train_parallel",
    "training",
    "widget",
]


def __dir__() -> list[str]:
    """What glassnet offers, and not the rooms it is made of."""
    return __all__
