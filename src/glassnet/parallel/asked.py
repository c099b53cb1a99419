"""What is to be fitted, through which blocks, and by whom."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

from glassnet.data.files.path import path_of
from glassnet.derivation.derive import derive
from glassnet.derivation.steps import Derivation
from glassnet.engines.memory import Memory
from glassnet.engines.threads import cores
from glassnet.parallel.blocks import Cut
from glassnet.parallel.check import MODES
from glassnet.parallel.work import Work
from glassnet.parts.naming import check_choice, check_whole, find
from glassnet.parts.network import Network
from glassnet.parts.optimizers import Optimizer
from glassnet.training.choice import choose
from glassnet.training.fingerprint import fingerprint
from glassnet.training.prepared import Prepared
from glassnet.training.rows import Walk
from glassnet.training.settings import Settings
from glassnet.training.summed import GATHER, rows_of_a_piece, summed
from glassnet.workers.version import here


@dataclass(frozen=True, eq=False, kw_only=True)
class How:
    """How rows are gone through, checked once.

    Attributes
    ----------
    mode
        "exact", "rounds", or "lbfgs", which is exact, too.
    blocks, blocks_a_step, local_steps, executor, cluster, workers, folder, skip_bad_blocks
        As `train_parallel` has them.
    """

    mode: str = "exact"
    blocks: int | None = None
    blocks_a_step: int | None = None
    local_steps: int | None = None
    executor: Any = None
    cluster: str | None = None
    workers: int | None = None
    folder: str | os.PathLike[str] | None = None
    skip_bad_blocks: bool = False

    def __post_init__(self) -> None:
        find(self.mode, MODES, "mode")
        for name in ("blocks", "blocks_a_step", "local_steps", "workers"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        check_choice("skip_bad_blocks", self.skip_bad_blocks)
        if self.folder is not None:
            path_of(self.folder, "folder")
        if self.executor is not None and self.cluster is not None:
            raise ValueError("executor and cluster both say who does the blocks; give one of them")
        if self.mode != "exact" and self.blocks_a_step is not None:
            raise ValueError("blocks_a_step is for mode='exact' and optimizers other than lbfgs; leave it out")
        if self.mode != "rounds" and self.local_steps is not None:
            raise ValueError("local_steps is for mode='rounds'; in exact mode steps are taken by all blocks of a step")


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit:
    """What is to be fitted, through which blocks, and by whom.

    Attributes
    ----------
    prepared, settings, cut, how
        What is trained, with which settings, the blocks of its rows, and how they are gone through.
    executor
        Who does the blocks, as `How` has it, or the client of its cluster.
    """

    prepared: Prepared
    settings: Settings
    cut: Cut
    how: How
    executor: Any

    @property
    def workers(self) -> int:
        """How many processes of this machine work, if any."""
        return self.how.workers or cores()

    @property
    def at_once(self) -> int:
        """Blocks of a step."""
        return min(self.how.blocks_a_step or len(self.cut), len(self.cut))

    @property
    def data(self) -> str:
        """Which rows these are, and how they are gone through: no other has the same bits."""
        blocks = f"{len(self.cut)} blocks of {self.cut.size}x{self.cut.store.chunk} rows, {self.at_once} a step"
        how = f"{self.how.mode} {self.how.local_steps or ''}".strip()
        return f"{fingerprint(self.prepared.trained, self.prepared.held_out)} in {blocks}, {how}, by {here()}"

    def work(self, network: Network, optimizer: Optimizer, memory: Memory, *, batch: int, engine: str) -> Work:
        """What all tasks have in common."""
        return Work(
            key=uuid.uuid4().hex,
            network=network.without_start(),  # which may be large
            n_inputs=self.prepared.model.n_inputs,
            optimizer=optimizer,
            dtype=memory.theta.dtype.name,
            state=memory.state.copy(),
            trainable=None if memory.trainable.all() else memory.trainable.copy(),
            cut=self.cut,
            batch=batch,
            engine=engine,
            seed=int(self.prepared.rng.integers(1 << 62)),
            made_by=here(),
        )

    def gathering(self, dtype: Any) -> Work:
        """Of tasks that give the sums of a block."""
        state = self.prepared.model
        network, memory, rows = summed(state.network), Memory.of(state.network, state.n_inputs, dtype), self.cut.rows(0)
        memory.state[:] = state.memory.state
        derivation = derive(network, state.n_inputs, GATHER, dtype=dtype, weighted=self.cut.store.is_weighted)
        batch, engine = min(rows, rows_of_a_piece(memory)), "numpy"
        if derivation.schedules:  # what changes with the epoch is the same for all rows of a block
            batch = rows
        else:
            engine = self.engine(derivation, rows, Walk.over(rows, batch, shuffle=False))
        return self.work(network, GATHER, memory, batch=batch, engine=engine)

    def engine(self, derivation: Derivation, rows: int, walk: Walk) -> str:
        """The engine of the workers."""
        times = self.settings.epochs * len(self.cut)
        return choose(self.settings.engine, derivation, rows, walk, 1, deterministic=True, times=times).engine
