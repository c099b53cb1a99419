"""The causes by name, each with one sentence why a network with it does not learn."""

from __future__ import annotations

WHY = {
    "frozen weights": "What is frozen keeps the numbers that it started with; what comes after it has to make do.",
    "too many layers": "On the way back through many layers gradients shrink, or grow, at each of them.",
    "too few units": "A layer of few units can bend in few places only, and one that dies is missed.",
    "no nonlinearity": "Layers without an activation between them are together one line, however many there are.",
    "hidden activation": "Where an activation is flat its slope is near 0, and no gradient comes through.",
    "output activation": "The last layer cannot say what it should: its activation ends before the targets do.",
    "loss": "The loss says how wrong an answer is; this one has little slope where these answers are wrong.",
    "starting weights": "Units that start alike stay alike, as they get the same gradients; those far out are flat.",
    "no bias": "Without a bias every unit's edge goes through the point where all inputs are 0.",
    "dropout too strong": "With most units set to 0 at each step, what one step learns the next one does not see.",
    "batch norm over few rows": "The mean of a few rows is mostly chance, and another one when it predicts.",
    "inputs not scaled": "A column of large numbers makes large gradients, and a unit that sees it flat or dead.",
    "targets not scaled": "Usual weights say numbers around 1; to reach these takes very many steps, or long ones.",
    "class weights": "Rows that count many times decide the step, and the others are not learnt.",
    "rare class": "Where nearly all rows are of one class, always saying it costs little.",
    "penalty too strong": "The penalty pulls weights to 0 harder than the loss pulls them away.",
    "optimizer": "Plain steps are as long as gradients are: too short where these are small, too long where large.",
    "learning rate": "Steps must be long enough to get there and short enough to stay.",
    "learning rate too high": "Steps that are too long jump over what they look for, or throw units far out.",
    "learning rate too low": "With such short steps the weights stay near where they started.",
    "clipping too tight": "However far it is, each step is cut to nearly nothing.",
    "batch size": "Few rows a step make it noisy; very many leave few steps.",
    "rows not shuffled": "Steps that see rows of one kind unlearn those of the other.",
    "early stopping too early": "It stopped before the loss began to fall.",
    "overfitting": "It has learnt the rows trained on by heart, with their noise, which other rows do not have.",
    "too few epochs": "It was on its way, and ended before it was there.",
}
