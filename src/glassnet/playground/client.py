"""A page that looks at a run: what it looks at, and what it was sent so far, so that it gets only what is new."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.playground import controls
from glassnet.playground.asked import Message, places, whole
from glassnet.playground.course import Course
from glassnet.playground.frame import Framing, View
from glassnet.playground.scene import Scene

RESOLUTIONS = (48, 64, 96)

Shown = tuple[dict[str, Any], dict[str, np.ndarray]]  # a header, and buffers


@dataclass
class Client:
    """A page that looks at a run.

    Attributes
    ----------
    view
        What it looks at.
    last
        The newest of its requests.
    rests
        Requests up to this one do not begin anew what ended.
    sent
        What it was sent last, by what that is.
    """

    view: View = field(default_factory=View)
    last: int = -1
    rests: int = -1
    sent: dict[str, Any] = field(default_factory=dict)

    def look(self, asked: Message) -> None:
        """Look at something else from here on."""
        view = self.view
        if "row" in asked:
            view = replace(view, row=whole(asked, "row", 0, 10**9))
        if "columns" in asked:
            if asked["columns"] is not None:
                places(asked, "columns")
            view = replace(view, columns=asked["columns"])
        if "digits" in asked:
            view = replace(view, digits=whole(asked, "digits", 2, 17))
        if "res" in asked:
            res = asked["res"]
            if res not in RESOLUTIONS:
                raise ValueError(f"res must be one of {', '.join(map(str, RESOLUTIONS))}, got {res!r:.40}")
            view = replace(view, res=res)
        self.view = view

    def is_new(self, what: str, value: Any) -> bool:
        """Whether it was sent something else so far; from here on it was sent this."""
        before, self.sent[what] = self.sent.get(what), value
        return before is not value and before != value

    def shown(self, course: Course, scene: Scene, *, is_training: bool, everything: bool) -> Shown:
        """A picture of the network as it is now, with what the page does not know yet; or everything."""
        if everything:  # in a saved run any picture may be the first
            self.sent.pop("setup", None)
            self.sent.pop("topology", None)
        framing = Framing(course, scene, self.view, is_training=is_training)
        axes = scene.chosen_axes(self.view.columns)
        numbers = framing.header()
        drawn, buffers = framing.buffers(axes)
        header = {**numbers, **drawn, "dat": scene.number}
        if self.is_new("topology", scene.number):
            header["topology"] = {"n": scene.number, **scene.topology.to_json()}
        if self.is_new("data", (scene.number, axes)):
            header["data"], points = scene.data(axes)
            buffers |= points
        if self.is_new("setup", course.setup):
            header["setup"] = controls.setup_json(course.setup, course.state)
        for told, arrays in (self.curve(course), self.ghosts(course)):
            header |= told
            buffers |= arrays
        return header, buffers

    def curve(self, course: Course) -> Shown:
        """The losses that the page has not got."""
        branch = course.branch
        before = self.sent.get("points", 0)
        is_other = self.is_new("branch", branch) | self.is_new("version", branch.curve.version)
        start, total = 0 if is_other else before, len(branch.curve.points)
        self.sent["points"] = total
        return {"curve_from": start, "curve_total": total}, branch.curve.columns(start)

    def ghosts(self, course: Course) -> Shown:
        """The ways that were left, where they are others than before."""
        others = [way for way in course.branches.values() if way is not course.branch]
        if not self.is_new("ghosts", [(way.number, way.last, way.curve.version) for way in others]):
            return {}, {}
        buffers = {}
        for way in others:
            columns = way.curve.columns()
            buffers[f"ghost_{way.number}_x"] = columns["curve_x"]
            buffers[f"ghost_{way.number}_loss"] = columns["curve_loss"]
        return {"ghosts": [way.number for way in others]}, buffers
