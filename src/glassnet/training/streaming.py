"""From a table that is read part by part to what training takes: a model with starting weights, and rows in a store.

The first reading learns what there is to know of the columns, of the rows that are trained on alone; the second one
writes these, as the network takes them, into a store.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.files import write_atomically
from glassnet.data.given import Data, TableData
from glassnet.data.streams.ahead import ahead
from glassnet.data.streams.asked import Asked
from glassnet.data.streams.learning import FirstReading, read_first
from glassnet.data.streams.source import check_unchanged
from glassnet.data.streams.stream import Stream
from glassnet.data.tables.choices import ChoiceOptions
from glassnet.data.tables.table import Table
from glassnet.data.tables.wording import counted
from glassnet.errors import DataError
from glassnet.training.blocks import Blocks
from glassnet.training.encoding import ClassWeight, encoded
from glassnet.training.prepared import Prepared
from glassnet.training.reading_line import PassLine
from glassnet.training.state import State
from glassnet.training.store import Store, Writer
from glassnet.training.temporary import clear, temporary

LOOKED_AT = 1 << 13  # rows that are there for whoever wants to look at some
STORE = "rows.json"  # what is in the file "rows" beside it


@dataclass(frozen=True, eq=False, kw_only=True)
class Streamed:
    """A table after the first reading.

    Attributes
    ----------
    stream, stamp
        The table, and by what it is seen that it was changed.
    reading
        What came of reading it.
    data
        A sample of the rows to train on, with what was counted of all of them.
    folder, is_kept
        Where rows go; whether they stay there until the training is over, or are temporary.
    progress
        Whether lines show how far reading is.
    """

    stream: Stream
    stamp: str
    reading: FirstReading
    data: TableData
    folder: Path
    is_kept: bool
    progress: bool | None

    @property
    def rows(self) -> int:
        """How many rows there are to train on."""
        return self.reading.seen.rows

    def prepared(
        self,
        model: State,
        rng: np.random.Generator,
        others: Data | None,
        *,
        class_weight: ClassWeight,
    ) -> Prepared:
        """A model with the rows encoded for it, by a second reading; the `others` are measured."""
        stored, counts = self.stored(model, class_weight), self.counts(model)
        seen = self.part(self.data.X.rows(np.linspace(0, len(self.data) - 1, LOOKED_AT).astype(np.intp)))
        if len(self.data) <= LOOKED_AT:
            seen = self.data
        rows = encoded(model, seen, None, class_weight, counts)
        held = None if others is None else encoded(model, others, None, None)
        seed = int(rng.integers(2**63))
        blocks = Blocks(store=stored, looked_at=rows, seed=seed, folder=self.folder, is_kept=self.is_kept)
        return Prepared(
            model=model,
            rows=rows,
            held_out=held,
            rng=rng,
            split_seed=None,
            remarks=self.remarks,
            stored=blocks,
        )

    @contextmanager
    def cleared_if_it_fails(self) -> Iterator[None]:
        """Within it, what fails takes the temporary folder with it."""
        try:
            yield
        except BaseException:
            if not self.is_kept:
                clear(self.folder)
            raise

    @property
    def left_out(self) -> int:
        """How many rows have no target."""
        return self.reading.given - self.reading.out - self.rows

    @property
    def held(self) -> TableData | None:
        """The rows held out, or a sample of them; None: none are."""
        return None if self.reading.held is None else self.part(self.reading.held)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What one should know of the way rows were held out."""
        held, out = self.reading.held, self.reading.out
        if held is None or len(held) == out:
            return ()
        return (f"of {counted(out, 'row')} held out {len(held):,} are measured, drawn by their places",)

    def part(self, table: Table) -> TableData:
        """Rows of the table, as data."""
        return TableData.of(table, self.data.target, self.data.kind, self.data.exclude, self.data.choices)

    def counts(self, model: State) -> np.ndarray | None:
        """How many rows each class has; None where the target is a number."""
        if model.classes is None:
            return None
        counts = self.reading.seen.words(self.data.target)
        return np.array([counts[word] for word in model.contract.target.words], np.float64)  # type: ignore[union-attr]  # of a table with classes

    def stored(self, model: State, class_weight: ClassWeight) -> Store:
        """The rows to train on, encoded, in a store; where one is kept, and is of the same rows, that one."""
        key = self.key(model, class_weight)
        if self.is_kept and (known := known_store(self.folder, key)):
            return known
        width = model.n_inputs + model.forward.n_outputs + (class_weight is not None)
        check_disk(self.folder, self.rows * width * model.dtype.itemsize)
        counts = self.counts(model)
        with (
            Writer(
                self.folder / "rows",
                inputs=model.n_inputs,
                outputs=model.forward.n_outputs,
                dtype=model.dtype,
                is_weighted=class_weight is not None,
                lasts=self.is_kept,
            ) as writer,
            PassLine("encoding", self.stream.source, self.progress) as line,
        ):
            parts = self.reading.training_rows(line.at)
            for rows in ahead(encoded(model, self.part(part), None, class_weight, counts) for part in parts):
                writer.add(rows)
                line.count(len(rows))
            store = writer.close()
        check_unchanged(self.stream.source, self.stamp)
        self.reading.put_away()
        if self.is_kept:
            write_atomically(self.folder / STORE, json.dumps({"key": key, "store": asdict(store)}))
        return store

    def key(self, model: State, class_weight: ClassWeight) -> str:
        """What tells rows encoded for a model from others."""
        told = [self.reading.key, sorted(self.reading.how.words), written(model.contract), model.dtype.name]
        told += [model.forward.n_outputs, class_weight if isinstance(class_weight, str | None) else repr(class_weight)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def read(
    stream: Stream,
    target: str | None,
    kind: str | None,
    exclude: Sequence[str],
    choices: ChoiceOptions,
    *,
    used: Sequence[str] | None,
    share: float,
    seed: int,
    progress: bool | None,
    keep: Path | None = None,
) -> Streamed:
    """A table after the first reading: this share of the rows is held out, drawn from the seed.

    Of columns nothing is counted but of those that are `used`; None: of all but those excluded. In the folder `keep` it
    goes on where it was, if it was there before.

    Raises
    ------
    DataError
        It cannot be learnt from.
    OSError
        It cannot be read, or there is no place for temporary files.
    """
    source = stream.source
    keep = keep if source.stamp() else None  # of what may be another table now nothing is kept
    if target is None:
        names = next(source.parts(stream.how, lambda _: None)).names
        raise DataError(f"which column is to be predicted? Give target=..., one of {', '.join(names)}")
    folder = temporary(stream.folder) if keep is None else keep
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if not source.is_quick:
            check_disk(folder, source.size)
        stamp = source.stamp()
        asked = Asked(target=target, exclude=tuple(exclude), used=used, share=share, seed=seed)
        with PassLine("learning from", source, progress) as line:
            reading = read_first(source, stream.how, asked, folder, line.at, line.count, keep=keep is not None)
        sample = reading.seen.sample
        assert sample is not None
        table = sample.table()
        if len(table) < reading.seen.rows:
            table = replace(table, source=f"a sample of {table.source}")
        data = TableData.of(table, target, kind, exclude, choices)
        data = data.counted(reading.seen)
    except BaseException:
        if keep is None:
            clear(folder)
        raise
    is_kept = keep is not None
    return Streamed(
        stream=stream, stamp=stamp, reading=reading, data=data, folder=folder, is_kept=is_kept, progress=progress
    )


def known_store(folder: Path, key: str) -> Store | None:
    """The store that is kept in a folder, if it is the one of this key and whole."""
    try:
        found = json.loads((folder / STORE).read_text("utf-8"))
        store = Store(**found["store"])
        return store if found["key"] == key and store.is_whole() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def written(contract: Any) -> Any:
    """A contract, as JSON has it."""
    return contract.to_json()


def check_disk(folder: Path, needed: int) -> None:
    """DataError where a folder has no room for so many bytes."""
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise DataError(
                f"rows take {needed / 1e9:.1f} GB on the disk while training lasts, and {folder.parent} has "
                f"{free / 1e9:.1f} GB left; make room, or name another folder: gn.stream(…, folder=…)"
            )
