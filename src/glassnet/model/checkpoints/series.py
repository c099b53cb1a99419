"""The files of one training: `1.begin.glass`, how it began, and `1.420.glass`, where it was after 420 steps.

There is never a moment without a valid one: a file is written whole or not at all, and only when the disk has it are
those before the last two removed. How often is a matter of time: all that keeping takes, the beginning and the end to
come included, stays within a fiftieth of it. How a training began and where it ended is written whatever it costs.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

import numpy as np

from glassnet.data.files import JSON, read_model_file, write_model_file
from glassnet.data.files.version import __version__
from glassnet.errors import CheckpointError, ModelFileError
from glassnet.model.checkpoints.differences import Written, difference
from glassnet.model.checkpoints.spent import Spent

BEGUN = "begun"  # in a description: which training it is of
CONTENT = "content"  # of all else, by which a file is known that the disk has changed
DAMAGES = (ModelFileError, OSError, KeyError, TypeError, ValueError, IndexError)


class Series:
    """The files of a training.

    Parameters
    ----------
    folder, name
        Where they are, and what their names begin with.
    states
        Those that are there, by their steps.
    spent
        What keeping it takes.
    """

    def __init__(self, folder: Path, name: str, states: dict[int, Path], spent: Spent | None = None) -> None:
        self.folder, self.name, self.states = folder, name, states
        self.beginning = folder / f"{name}.begin.glass"
        self.begun = ""  # what tells this training from others
        self.spent = spent or Spent()
        self.step = -1  # of the newest one
        self.is_open = True
        self.failed = False

    def open(self, written: Callable[[], Written], free: Sequence[str] = ()) -> Mapping[str, JSON]:
        """Begin; or hold what is to be trained against what was begun, whose description is given back.

        `free` names what may be different there.

        Raises
        ------
        CheckpointError
            Another training was begun, or nobody knows which; the message says in what it differs.
        OSError
            The beginning cannot be written.
        """
        with self.spent.counted():
            description, tensors = written()
            description = json.loads(json.dumps(description))  # as a file will have it
            if not self.beginning.exists():
                return self.begin(description, tensors)
            return self.go_on(description, tensors, free)

    def begin(self, description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray]) -> Mapping[str, JSON]:
        """Write down how it begins."""
        if self.states:
            raise CheckpointError(f"{self.beginning} is missing: nobody knows which training this was; {EMPTY}")
        try:
            write_model_file(self.beginning, description, tensors)
        except OSError as error:
            vars(error)["writing"] = True  # rather than reading
            raise
        self.begun = digest(self.beginning)
        return description

    def go_on(
        self, description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray], free: Sequence[str]
    ) -> Mapping[str, JSON]:
        """Hold it against what was begun."""
        try:
            found = read_model_file(self.beginning)
        except ModelFileError as error:
            raise CheckpointError(f"nobody knows which training this was: {error}; {EMPTY}") from None
        here = {**description, "glassnet": __version__, **{name: found[0].get(name) for name in free}}
        other = difference(found, (here, tensors))
        if other is not None:
            raise CheckpointError(f"{self.folder} keeps another training: {other}; give the same, or another folder")
        self.begun = digest(self.beginning)
        return found[0]

    def part(self, name: str, states: dict[int, Path]) -> Series:
        """The files of a part of this training, which has no beginning of its own."""
        made = Series(self.folder, f"{self.name}.{name}", states, self.spent)
        made.begun = self.begun
        return made

    def put_back(self, become: Callable[[Written], None], *, is_whole_at_first: bool = False) -> bool:
        """Let what was trained `become` what was written last; whether there was anything.

        What is damaged is told, and the one before it taken; at last the beginning, if that is a whole state.

        Raises
        ------
        CheckpointError
            All are damaged.
        """
        damages, places = list[str](), sorted(self.states.items(), reverse=True)
        for step, path in places:
            try:
                description, tensors = read_model_file(path)
                begun, known = (description.pop(name, None) for name in (BEGUN, CONTENT))
                if begun != self.begun:
                    raise ModelFileError(f"{str(path)!r}: it is of another training")
                if known != content(description, tensors):
                    raise ModelFileError(f"{str(path)!r}: its content is not what was written")
                become((description, tensors))
            except DAMAGES as error:
                damages.append(str(error) if isinstance(error, ModelFileError) else f"{str(path)!r}: {error!r}")
                continue
            self.step = step
            if damages:
                warnings.warn(f"a checkpoint is damaged, {path} is taken: {damages[0]}", UserWarning, stacklevel=2)
            return True
        if damages and not is_whole_at_first:
            raise CheckpointError(f"all checkpoints of this training are damaged: {'; '.join(damages)}; {EMPTY}")
        if damages:
            become(read_model_file(self.beginning))
            words = f"all checkpoints of this training are damaged, it begins anew: {'; '.join(damages)}"
            warnings.warn(words, UserWarning, stacklevel=2)
        return False

    def wants(self, step: int, is_last: bool) -> bool:
        """Whether it is to be written where training is after so many steps: it has moved on, and it is time to."""
        return (is_last or monotonic() >= self.spent.due) and step != self.step and self.is_open

    def write(self, step: int, written: Callable[[], Written]) -> None:
        """Write where it is after so many steps; what cannot be written is told, and tried again later."""
        with self.spent.counted():
            self.write_now(step, written)

    def write_now(self, step: int, written: Callable[[], Written]) -> None:
        """The same, whatever it takes."""
        path = self.folder / f"{self.name}.{step}.glass"
        try:
            description, tensors = written()
            write_model_file(path, {**description, BEGUN: self.begun, CONTENT: content(description, tensors)}, tensors)
        except OSError as error:
            if not self.failed:
                words = f"{str(path)!r} cannot be written ({error.strerror or error}); training goes on without"
                warnings.warn(words, UserWarning, stacklevel=2)
            self.failed = True
        else:
            last, self.step, self.failed = (self.step, step), step, False
            self.states[step] = path
            for other in [*self.states]:
                if other not in last:
                    with suppress(OSError):  # one too many does no harm
                        self.states.pop(other).unlink()


def content(description: Mapping[str, JSON], tensors: Mapping[str, np.ndarray]) -> str:
    """Of what is in a file, which nothing else has."""
    own = {name: value for name, value in description.items() if name not in STAMPS}
    found = hashlib.sha256(json.dumps(json.loads(json.dumps(own)), sort_keys=True).encode())
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(np.ascontiguousarray(tensors[name]).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


STAMPS = ("format", "glassnet")  # which `write_model_file` adds


def digest(path: Path) -> str:
    """Of a file, which no other one has."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


EMPTY = "give another folder, or empty this one"
