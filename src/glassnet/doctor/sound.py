"""A small network that learns whatever small networks learn: the yardstick for those who do not."""

from __future__ import annotations

from dataclasses import replace

from glassnet.doctor.case import Case
from glassnet.doctor.training_changes import BATCH, STEPS
from glassnet.parts.layers import Dense
from glassnet.parts.network import Network
from glassnet.parts.optimizers import optimizer
from glassnet.training.settings import Settings

NAME = "a small sound network"
UNITS = 32


def sound(case: Case) -> Case:
    """A network of two hidden layers of 32 on the same rows, scaled, trained by Adam long enough."""
    n = len(case.rows)
    epochs = max(10, STEPS // max(1, n // BATCH))
    given = case.given.with_scaled_inputs
    is_number = case.classes is None
    if is_number and given.is_arrays:
        given = given.with_scaled_targets
    network = Network(Dense(UNITS, "relu"), Dense(UNITS, "relu"), Dense(), loss="squared" if is_number else None)
    how = Settings(optimizer=optimizer("adam", learning_rate=0.005), epochs=min(epochs, 1_000), batch_size=BATCH)
    return replace(case, network=network, how=how, given=given, frozen={})
