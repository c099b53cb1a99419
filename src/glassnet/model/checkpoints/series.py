"""The files of one training: `1.begin.glass`, how it began, and `1.420.glass`, where it was after 420 steps.

There is never a moment without a valid one: a file is written whole or not at all, and only when the disk has it are
those before the last two removed. How often is a matter of time, so that it costs no more than a fiftieth of it.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from glassnet.data.files import JSON, read_model_file, write_model_file
from glassnet.data.files.version import __version__
from glassnet.errors import CheckpointError, ModelFileError
from glassnet.model.checkpoints.differences import Written, difference

SHARE = 0.02  # of the time of training that writing may take
LEAST = 0.25  # seconds from one to the next


class Series:
    """The files of a training, by its name in the folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.cost = 0.0  # seconds that the last one took to write
        self.written_at = time.monotonic()
        self.step = -1  # of the newest one

    @property
    def beginning(self) -> Path:
        """How it began."""
        return self.folder / f"{self.name}.begin.glass"

    @property
    def states(self) -> dict[int, Path]:
        """Where it was, by its steps, the newest first."""
        form = re.compile(rf"{re.escape(self.name)}\.(\d+)\.glass")
        found = {int(match[1]): path for path in self.folder.iterdir() if (match := form.fullmatch(path.name))}
        return dict(sorted(found.items(), reverse=True))

    def open(
        self, description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray], free: Sequence[str] = ()
    ) -> Mapping[str, JSON]:
        """Begin; or hold what is to be trained against what was begun, which is given back.

        `free` names what may be different there.

        Raises
        ------
        CheckpointError
            Another training was begun, or nobody knows which; the message says in what it differs.
        """
        if not self.beginning.exists():
            if self.states:
                raise CheckpointError(f"{self.beginning} is missing: nobody knows which training this was; {EMPTY}")
            write_model_file(self.beginning, description, tensors)
            return description
        try:
            begun = read_model_file(self.beginning)
        except ModelFileError as error:
            raise CheckpointError(f"nobody knows which training this was: {error}; {EMPTY}") from None
        here = {**description, "glassnet": __version__, **{name: begun[0].get(name) for name in free}}
        found = difference(begun, (here, tensors))
        if found is not None:
            raise CheckpointError(f"{self.folder} keeps another training: {found}; give the same, or another folder")
        return begun[0]

    def put_back(self, become: Callable[[Written], None]) -> bool:
        """Let what was trained `become` what was written last; whether there was anything.

        What is damaged is told, and the one before it taken.

        Raises
        ------
        CheckpointError
            All are damaged.
        """
        damages = list[str]()
        for step, path in self.states.items():
            try:
                become(read_model_file(path))
            except CheckpointError:
                raise
            except (ModelFileError, KeyError, TypeError, ValueError, IndexError) as error:
                damages.append(str(error) if isinstance(error, ModelFileError) else f"{str(path)!r}: {error!r}")
                continue
            self.step = step
            if damages:
                warnings.warn(f"a checkpoint is damaged, {path} is taken: {damages[0]}", UserWarning, stacklevel=2)
            return True
        if damages:
            raise CheckpointError(f"all checkpoints of this training are damaged: {'; '.join(damages)}; {EMPTY}")
        return False

    def wants(self, step: int, is_last: bool) -> bool:
        """Whether it is to be written where training is after so many steps: it has moved on, and it is time to."""
        return step != self.step and (is_last or time.monotonic() - self.written_at >= max(LEAST, self.cost / SHARE))

    def write(self, step: int, written: Callable[[], Written]) -> None:
        """Write where it is after so many steps; OSError where that fails, and what was there remains."""
        started = time.monotonic()
        write_model_file(self.folder / f"{self.name}.{step}.glass", *written())
        last, self.step, self.written_at = (self.step, step), step, time.monotonic()
        self.cost = self.written_at - started
        for other, path in self.states.items():
            if other not in last:
                with suppress(OSError):  # one too many does no harm
                    path.unlink()


EMPTY = "give another folder, or empty this one"
