"""A picture of the network as it is now: numbers in words for its header, and arrays for what is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.tables.wording import counted
from glassnet.playground.course import Course, Upcoming
from glassnet.playground.digits import shown
from glassnet.playground.scene import Scene
from glassnet.playground.surface import Grid, painted
from glassnet.playground.tiles import histograms, maps
from glassnet.readings.explain.numbers import DIGITS
from glassnet.training.contract import as_contract
from glassnet.training.metrics import confusions, r2

MULTIPLICATIONS = 4_000_000  # that the loss of a picture may take while it trains: of more rows it is that of the first
FEWEST = 200
JUDGED = 2000  # rows that are counted in a table of confusions
SCATTERED = 500
MOST_CLASSES = 20
BATCH_SENT = 512
COARSER = (48, 32, 24, 16)  # points along a side of a map
MOST_PRODUCTS = 100_000_000  # of a map while it trains: some milliseconds

Buffers = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class View:
    """What somebody looks at: a row, two columns as the axes of the map, how fine it is, and digits of numbers."""

    row: int = 0
    columns: Any = None
    res: int = 64
    digits: int = DIGITS


def finite(value: float) -> float | None:
    """A number as JSON has it: None for one that is not finite."""
    return float(value) if math.isfinite(value) else None


class Framing:
    """Makes pictures of a course, for one who looks at it."""

    def __init__(self, course: Course, scene: Scene, view: View, *, is_training: bool) -> None:
        self.course, self.scene, self.view, self.is_training = course, scene, view, is_training
        self.state = course.state
        self.upcoming: Upcoming = course.upcoming()
        self.row = self.chosen_row()

    def chosen_row(self) -> int:
        """The row that is looked at: the last of the batch that was gone through, or the one that was chosen."""
        if self.course.cursor:
            return int(self.upcoming.rows[self.course.cursor - 1])
        return min(max(self.view.row, 0), len(self.scene.x) - 1)

    def header(self) -> dict[str, Any]:
        """Where it is, how good it is, what it says of the row."""
        course, scene, place = self.course, self.scene, self.state.place
        loss, val_loss = self.losses()
        branch = course.branch
        flags = list(branch.flags())
        return {
            "top": scene.number,
            "step": course.step,
            "epoch": place.epochs,
            "batch": place.batch,
            "batches": course.batches,
            "cursor": course.cursor,
            "row": self.row,
            "row_name": scene.rows.names[self.row],
            "branch": branch.number,
            "branches": [
                {"k": other.number, "from_step": other.begins, "last_step": other.last}
                for other in course.branches.values()
            ],
            "last": branch.last,
            "flags": flags,
            "loss": finite(loss),
            "val_loss": None if val_loss is None else finite(val_loss),
            "judged": len(self.p),
            **self.judged(loss, val_loss),
            **self.said_of_row(),
            **self.ended(),
        }

    def losses(self) -> tuple[float, float | None]:
        """The loss of the rows trained on, and of those held out, as the numbers are now."""
        rows, held_out = self.course.prepared.rows, self.course.prepared.held_out
        few = slice(None, self.rows_shown())
        w = None if rows.w is None else rows.w[few]
        self.p, loss = self.state.forward.evaluate(rows.x[few], rows.y[few], w)
        self.held_p, val_loss = None, None
        if held_out is not None:
            self.held_p, val_loss = self.state.forward.evaluate(held_out.x[few], held_out.y[few])
        return loss, val_loss

    def rows_shown(self) -> int | None:
        """So many rows are judged while it trains; None: all."""
        return max(FEWEST, MULTIPLICATIONS // self.state.n_parameters) if self.is_training else None

    def judged(self, loss: float, val_loss: float | None) -> dict[str, Any]:
        """How good it is, in words, and for classes what was taken for what."""
        texts = {"loss": shown(loss)}
        if val_loss is not None:
            texts["val_loss"] = shown(val_loss)
        right = self.right(self.p, 0)
        name = "accuracy" if self.state.classes is not None else "R²"
        texts["score_name"] = name
        texts["score"] = right[0]
        metrics: list[list[Any]] = [[name, right[1]]]
        if self.held_p is not None:
            held = self.right(self.held_p, self.scene.seen)
            texts["val_score"] = held[0]
            metrics.append([f"val_{name}", held[1]])
        texts |= {"accuracy": texts["score"]} if self.state.classes is not None else {}
        return {"texts": texts, "metrics": metrics, "confusion": self.confusion()}

    def right(self, p: np.ndarray, start: int) -> tuple[str, float | None]:
        """How good predictions for the rows from one on are: in words, and as a number."""
        truth = self.scene.truth[start : start + len(p)]
        said = self.decoded(p)
        if self.state.classes is not None:
            count = int((said == truth).sum())
            return f"{count:,} of {len(p):,}", count / len(p)
        share = r2(truth, said) if np.isfinite(said).all() else math.nan
        return (shown(share, 3) if share == share else "none"), finite(share)

    def held_against(self) -> tuple[np.ndarray, int]:
        """The predictions that are held against what is true, and their first row: of the rows held out, if any."""
        return (self.p, 0) if self.held_p is None else (self.held_p, self.scene.seen)

    def decoded(self, p: np.ndarray) -> np.ndarray:
        """What people see of predictions."""
        contract = self.state.contract
        return np.asarray(contract.decode(np.nan_to_num(as_contract(p, contract))))

    def confusion(self) -> dict[str, Any] | None:
        """How many rows of each class were said to be of which: of the rows held out, if there are any."""
        classes = self.state.classes
        if classes is None or len(classes) > MOST_CLASSES:
            return None
        p, start = self.held_against()
        p = p[:JUDGED]
        counts = confusions(self.scene.truth[start : start + len(p)], self.decoded(p), classes)
        of = "held out" if start else "trained on"
        return {
            "labels": [str(label) for label in classes],
            "counts": counts.astype(int).tolist(),
            "of": f"{counted(len(p), 'row')} {of}",
        }

    def said_of_row(self) -> dict[str, Any]:
        """What it says of the row that is looked at."""
        state, scene, row = self.state, self.scene, self.row
        x, y = scene.x[row : row + 1], scene.y[row : row + 1]
        p, loss = state.forward.evaluate(x, y)
        said, truth = self.decoded(p)[0], scene.truth[row]
        outputs = as_contract(p, state.contract)[0]
        if state.classes is not None:
            named = [[str(label), finite(v), shown(v)] for label, v in zip(state.classes, outputs, strict=True)]
        else:
            values, names = np.atleast_1d(said), scene.topology.columns[-1].names
            named = [[name, finite(v), shown(v)] for name, v in zip(names, values, strict=False)]
        return {
            "outputs": named,
            "target": in_words(truth),
            "said": in_words(said),
            "right": bool(said == truth) if state.classes is not None else None,
            "row_loss": finite(loss),
            "row_loss_text": shown(loss),
        }

    def ended(self) -> dict[str, Any]:
        """Whether training stopped, and why; where it is, in a sentence."""
        course = self.course
        stopped = course.stopped
        where = f"step {course.step:,}, epoch {self.state.place.epochs:,}"
        if stopped is not None and stopped.reason == "diverged":
            said = stopped.message[:1].upper() + stopped.message[1:]
            broken = {"message": f"{said}. Here is step {course.step:,}, the last sound one.", "step": course.step}
            return {"stopped": None, "broken": broken, "status": f"Stopped at {where}: a number is no longer finite."}
        epochs = course.setup.choices.epochs
        more = "" if self.state.place.epochs == epochs else "more "
        done = f"{epochs:,} {more}{'epoch' if epochs == 1 else 'epochs'} done"
        ended = None if stopped is None else {"reason": stopped.reason, "message": done}
        status = f"Stopped at {where}: {done}." if stopped else f"At {where}."
        return {"stopped": ended, "broken": None, "status": status}

    def buffers(self, axes: Any) -> tuple[dict[str, Any], Buffers]:
        """What is drawn, and what there is to say of it."""
        scene, topology = self.scene, self.scene.topology
        arrays = self.state.memory.arrays()
        row = scene.x[self.row : self.row + 1]
        lines = topology.lines(arrays)
        gradients = {name: array for name, array in arrays.items() if name.startswith("dW")}
        values = np.concatenate([column[0] for column in topology.values(row)]).astype(np.float64)
        tiles = maps(topology, scene.tile_grid()) if topology.is_flat else histograms(topology, scene.x)
        buffers: Buffers = {
            "weights": lines,
            "gradients": topology.lines(gradients, "dW"),
            "biases": topology.biases(arrays),
            "values": values,
            "batch": self.upcoming.rows[:BATCH_SENT].astype(np.int32),
            **tiles.buffers(),
        }
        header: dict[str, Any] = {
            "thickest": finite(np.abs(lines).max(initial=0.0)),
            "tiles": tiles.kinds,
            "map": None,
        }
        if topology.image:
            top = float(np.abs(scene.x).max()) or 1.0
            buffers["image"] = np.rint(255.0 * np.clip(row[0] / top, 0.0, 1.0)).astype(np.uint8)
        if axes is not None:
            grid = scene.grid(axes, self.row, self.affordable(self.view.res))
            header["map"], surface = painted(self.state, grid, scene.codes)
            header["map"] |= {"res": grid.res, "note": note_of(grid, scene.rows.names[self.row])}
            buffers |= surface
        if self.state.classes is None:
            p, start = self.held_against()
            p = p[:SCATTERED]
            buffers["truth"] = scene.codes[start : start + len(p)].astype(np.float32)
            said = self.decoded(p).reshape(-1, max(1, self.state.contract.n_outputs))
            buffers["predicted"] = said[:, 0].astype(np.float32)
        return header, buffers

    def affordable(self, res: int) -> int:
        """How fine the map is: of a large network that trains coarser, so that training has most of the time."""
        if not self.is_training:
            return res
        sizes = [res, *(size for size in COARSER if size < res)]
        costs = (size**2 * self.state.memory.theta.size for size in sizes)
        return next((size for size, cost in zip(sizes, costs, strict=True) if cost <= MOST_PRODUCTS), sizes[-1])


def note_of(grid: Grid, name: str) -> str:
    """What a map's other columns are."""
    return f"a slice through {name}: all other columns as they are there" if grid.over.fixed else ""


def in_words(value: Any) -> str:
    """A class or a number, or several."""
    if isinstance(value, np.ndarray) and value.ndim:
        return ", ".join(map(in_words, value))
    return shown(float(value)) if isinstance(value, (float, np.floating)) else str(value)
