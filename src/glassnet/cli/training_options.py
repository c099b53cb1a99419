"""Options about columns, rows, a network and its training, as `train`, `lottery` and `diagnose` have them."""

from __future__ import annotations

from typing import Annotated

from glassnet.cli.changes import USUAL, usual
from glassnet.cli.options import flag, option

NET, FIT = "Network", "Training"

# which columns

Target = Annotated[str | None, option("COLUMN", "The column to predict.", "--target", "-t")]
Kind = Annotated[str | None, option("KIND", "The target's: classes or number. Found if not given.")]
Exclude = Annotated[list[str] | None, option("COLUMN", "Do not learn from it: a,b or repeat.")]
Group = Annotated[str | None, option("COLUMN", "Rows of one group stay together in every split; it is no input.")]
GroupInput = Annotated[bool, flag("Learn from the column of --group as well.", "--group-input")]
After = Annotated[str | None, option("COLUMN", "Hold out the latest rows by it, dates or numbers, in every split.")]
Scale = Annotated[
    str | None,
    option("HOW", f"Numbers: standard; robust, by quartiles; quantile, as normal; none. {usual('scale')}"),
]
Fill = Annotated[
    str | None, option("HOW", f"For missing numbers: median; mean, each time with an input for it. {usual('fill')}")
]
Words = Annotated[
    str | None, option("HOW", f"Columns of words: one-hot; embed: two words are one input. {usual('words')}")
]
Clamp = Annotated[bool, flag("Hold predicted numbers to the range of the rows trained on.", "--clamp")]
MaxCategories = Annotated[
    int | None, option("N", "Inputs of a column of words at most; the rarest are one, other. Default: 50.")
]

# the network

Hidden = Annotated[
    list[str] | None, option("UNITS", f"Of each hidden layer: 16,8; 0: none. {usual('hidden')}", panel=NET)
]
Activation = Annotated[
    str | None, option("NAME", f"Of hidden layers: relu, tanh, sigmoid … {usual('activation')}", panel=NET)
]
OutputActivation = Annotated[str | None, option("NAME", "Of the last layer. Default: softmax for classes.", panel=NET)]
NoBias = Annotated[bool, flag("Layers without biases.", "--no-bias", panel=NET)]
Weights = Annotated[
    str | None,
    option("NAME", f"Where they start: he_normal, 'uniform(low=0, high=1)' … {usual('weights')}", panel=NET),
]
Dropout = Annotated[float | None, option("RATE", f"After each hidden layer. {usual('dropout')}", panel=NET)]
L2 = Annotated[float | None, option("NUMBER", f"Penalty on large weights. {usual('l2')}", "--l2", panel=NET)]
Loss = Annotated[str | None, option("NAME", "Default: cross_entropy; for numbers squared.", panel=NET)]
Reduction = Annotated[
    str | None, option("NAME", "Of the loss, over rows and outputs: mean, sum, batchmean, rowmean.", panel=NET)
]
Half = Annotated[bool, flag("Half of the squared loss, so that its gradient has no 2.", "--half", panel=NET)]
DType = Annotated[str | None, option("NAME", f"float64 or float32. {usual('dtype')}", panel=NET)]

# its training

Optimizer = Annotated[
    str | None, option("NAME", f"adam, sgd, momentum, rmsprop … Default: {USUAL.optimizer.name}.", panel=FIT)
]
LearningRate = Annotated[
    float | None,
    option("NUMBER", f"Default: {USUAL.optimizer.name} {USUAL.learning_rate:g}, others their own.", panel=FIT),
]
ClipNorm = Annotated[float | None, option("NUMBER", "Longest gradient.", panel=FIT)]
Epochs = Annotated[int | None, option("N", f"At most. {usual('epochs')}", panel=FIT)]
BatchSize = Annotated[str | None, option("N", f"Rows a step, or all. {usual('batch_size')}", panel=FIT)]
Test = Annotated[float | None, option("SHARE", "Rows kept for the score alone. Default: 0.2.", panel=FIT)]
Validation = Annotated[
    float | None, option("SHARE", f"Of the others, kept to know when to stop. {usual('validation')}", panel=FIT)
]
Patience = Annotated[
    int | None,
    option(
        "N", f"Stop after N epochs without improvement, keep the best; 0: never. {usual('early_stopping')}", panel=FIT
    ),
]
ClassWeight = Annotated[str | None, option("HOW", "balanced: rare classes count more.", panel=FIT)]
Cluster = Annotated[
    str | None, option("ADDRESS", "Of a scheduler of Dask, tcp://10.0.0.1:8786, whose workers train.", panel=FIT)
]
Engine = Annotated[
    str, option("NAME", "numpy; compiled, as machine code; auto: the faster one.", panel=FIT, shown=True)
]
Seed = Annotated[int, option("N", "Another one is another result.", panel=FIT, shown=True)]
