"""The run behind the page: a message in, one answer out. It knows nothing of servers, browsers and notebooks.

Whoever looks at it asks for pictures, and says with each request how long training may go on first. So it goes as fast
as somebody looks, and stands still when nobody does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.data.files.version import __version__
from glassnet.data.tables import as_table
from glassnet.errors import GlassnetError
from glassnet.playground import answers, controls, inspector, listing, takeaway
from glassnet.playground.asked import Message, mapping, number, one_of, places, text, whole
from glassnet.playground.brought import setup_of_given
from glassnet.playground.client import Client
from glassnet.playground.course import Course
from glassnet.playground.program import program
from glassnet.playground.record import ALL_ROWS, NOBODY, recorded
from glassnet.playground.reply import Reply
from glassnet.playground.scene import Scene
from glassnet.playground.setup import Setup
from glassnet.playground.stories import STORIES, story
from glassnet.playground.uploads import Uploads, setup_of_table
from glassnet.playground.uploads import targets as guessed_targets

MOST_BUDGET = 250  # milliseconds
MOST_STEPS = 10_000_000
MOST_CLIENTS = 64
IN_FLIGHT = 2  # requests under way at once: so many more may ask to train on before the page knows that it ended


class Session:
    """A network on the page.

    Parameters
    ----------
    setup
        What is trained first.
    """

    def __init__(self, setup: Setup) -> None:
        self.uploads = Uploads()
        self.clients: dict[str, Client] = {}
        self.driver = ""
        self.revision = self.scenes = self.messages = 0
        self.busy = 0.0  # seconds that the message in hand trained
        self.begin(setup)

    @staticmethod
    def of_story(name: str) -> Session:
        """One of the stories; ValueError for an unknown name."""
        return Session(story(name).setup())

    @staticmethod
    def of_table(table: Any, target: str | None = None, exclude: Iterable[str] = ()) -> Session:
        """A table, with a network of ordinary size; without a target the column that is likely it.

        Parameters
        ----------
        table
            What `as_table` takes: a path, a data frame, a dict of columns.

        Raises
        ------
        DataError
            It cannot be read, or has no such column; the message says where.
        """
        read = as_table(table)
        chosen = target if target is not None else guessed_targets(read)[0]
        return Session(setup_of_table(read, chosen, tuple(exclude)))

    @staticmethod
    def of_model(network: Any, X: Any, y: Any = None, **options: Any) -> Session:
        """A network, or a model as it is, and rows for it; options and errors as `train` has them."""
        return Session(setup_of_given(network, X, y, options))

    def begin(self, setup: Setup) -> None:
        """Train something else from here on."""
        course = Course(setup)
        scene = self.new_scene(course)
        with np.errstate(all="ignore"):
            Client().shown(course, scene, is_training=False, everything=True)  # what cannot be shown replaces nothing
        self.course, self.scene = course, scene

    def new_scene(self, course: Course) -> Scene:
        """The network and its rows, as they are now."""
        self.scenes += 1
        return Scene(course, self.scenes)

    def handle(self, message: Message, body: bytes = b"") -> Reply:
        """The answer to a message; what cannot be done is answered with a sentence, and changes nothing."""
        self.messages += 1
        self.busy = 0.0
        name = message.get("op")
        try:
            operation = OPERATIONS.get(name) if isinstance(name, str) else None
            if operation is None:
                raise ValueError(f"there is no message {name!r:.40}; known are {', '.join(OPERATIONS)}")
            client = self.client(message)
            with np.errstate(all="ignore"):  # a network that breaks is shown as it is, in float32 for pictures
                reply = operation(self, client, message, body)
        except (GlassnetError, ValueError, TypeError, KeyError, IndexError, ImportError, NotImplementedError) as error:
            said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
            changes = message.get("changes")
            keys = list(changes) if isinstance(changes, Mapping) else []
            where = next((key for key in keys if key in said), keys[0] if len(keys) == 1 else "")
            return Reply({"re": message.get("id"), "ok": False, "error": {"message": said, "where": where}})
        return Reply({"re": message.get("id"), "ok": True, "rev": self.revision, **reply.header}, reply.buffers)

    def client(self, message: Message) -> Client:
        """Who asks, with what it looks at now."""
        key = text(message, "client", "")
        if key not in self.clients:
            while len(self.clients) >= MOST_CLIENTS:
                del self.clients[next(iter(self.clients))]
            self.clients[key] = Client()
        client = self.clients[key]
        client.last = max(client.last, whole(message, "id", 0, 2**53, 0))
        if "view" in message:
            client.look(mapping(message, "view"))
        return client

    def drive(self, message: Message) -> None:
        """Let this page lead; the run is another from here on."""
        self.driver = text(message, "client", "")
        self.revision += 1

    # pictures

    def framed(self, client: Client, message: Message, *, is_training: bool = False, **more: Any) -> Reply:
        """A picture of the network as it is now, with what its page does not know yet."""
        begun = time.perf_counter()
        if not self.scene.is_of(self.course.prepared):
            self.scene = self.new_scene(self.course)
        everything = message.get("whole") is True
        header, buffers = client.shown(self.course, self.scene, is_training=is_training, everything=everything)
        how = {"busy_ms": 1e3 * self.busy, "build_ms": 1e3 * (time.perf_counter() - begun)}
        return Reply({**header, **more, **how, "driver": self.is_driver(message)}, buffers)

    def is_driver(self, message: Message) -> bool:
        """Whether this page leads, or nobody does."""
        return self.driver in ("", message.get("client", ""))

    # operations

    def hello(self, client: Client, message: Message, body: bytes) -> Reply:
        """All that a page needs to begin."""
        client.sent.clear()
        client.rests = -1
        about = {"version": __version__, **controls.about(), "stories": [item.to_json() for item in STORIES]}
        return self.framed(client, message, about=about)

    def pull(self, client: Client, message: Message, body: bytes) -> Reply:
        """Train on for a while, and show; take the lead, if that is wished or nobody has it."""
        budget = whole(message, "budget_ms", 0, MOST_BUDGET, 0)
        wants = message.get("train") is True
        if message.get("lead") is True or (wants and not self.driver):
            self.drive(message)
        wants = wants and self.is_driver(message) and client.last > client.rests
        if wants:
            self.train_on(client, lambda: self.course.train(budget / 1e3))
        return self.framed(client, message, is_training=wants)

    def train_on(self, client: Client, train: Callable[[], Any]) -> None:
        """Train; where it ends, requests that were made before the page can know do not begin it anew."""
        begun = time.perf_counter()
        train()
        self.busy = time.perf_counter() - begun
        if self.course.stopped is not None:
            client.rests = client.last + IN_FLIGHT - 1

    def step(self, client: Client, message: Message, body: bytes) -> Reply:
        """Take rows, steps or epochs one by one."""
        unit = one_of(message, "unit", ("sample", "batch", "epoch"))
        n = whole(message, "n", 1, MOST_STEPS, 1)
        seconds = whole(message, "budget_ms", 0, MOST_BUDGET, MOST_BUDGET) / 1e3
        self.drive(message)
        course, done = self.course, True
        if unit == "sample":
            self.train_on(client, lambda: course.look_at_rows(min(n, 10_000)))
        else:
            steps = n if unit == "batch" else n * course.batches - course.state.place.batch
            before = course.step
            self.train_on(client, lambda: course.take_steps(steps, seconds))
            done = course.stopped is not None or course.step - before >= steps
        return self.framed(client, message, done=done)

    def seek(self, client: Client, message: Message, body: bytes) -> Reply:
        """Go to a step of this run."""
        step = whole(message, "step", -(10**9), 10**12)
        self.drive(message)
        self.course.seek(step)
        return self.framed(client, message)

    def set(self, client: Client, message: Message, body: bytes) -> Reply:
        """Choose something otherwise."""
        changes = dict(mapping(message, "changes"))
        restarted = self.course.change(changes)
        self.drive(message)
        return self.framed(client, message, restarted=restarted)

    def open(self, client: Client, message: Message, body: bytes) -> Reply:
        """Begin one of the stories."""
        self.begin(story(text(message, "story")).setup())
        self.drive(message)
        client.view = replace(client.view, row=0, columns=None)
        return self.framed(client, message)

    def restart(self, client: Client, message: Message, body: bytes) -> Reply:
        """Begin again, with the same weights or with new ones."""
        weights = one_of(message, "weights", ("same", "new"), "same")
        setup = self.course.setup
        self.course.begin_anew(setup if weights == "same" else setup.anew())
        self.drive(message)
        return self.framed(client, message, restarted=True)

    def poke(self, client: Client, message: Message, body: bytes) -> Reply:
        """Set a number by hand."""
        self.course.poke(text(message, "name"), places(message, "index"), number(message, "value"))
        self.drive(message)
        return self.framed(client, message)

    def return_to(self, client: Client, message: Message, body: bytes) -> Reply:
        """Return to a run that was left."""
        self.course.return_to(whole(message, "to", 0, 10**9))
        self.drive(message)
        return self.framed(client, message)

    def explain(self, client: Client, message: Message, body: bytes) -> Reply:
        """Every number of a unit, a weight or a phase, in the step to come."""
        what = mapping(message, "what")
        row = whole(message, "row", 0, len(self.scene.x) - 1, min(client.view.row, len(self.scene.x) - 1))
        everything = message.get("all") is True
        return Reply(
            inspector.explained(self.course, self.scene, what, row, digits=client.view.digits, everything=everything)
        )

    def rows(self, client: Client, message: Message, body: bytes) -> Reply:
        """Some of the rows, with what the network says of them."""
        start, count = whole(message, "start", 0, 10**9, 0), whole(message, "count", 1, 50, 25)
        sort = one_of(message, "sort", ("order", "worst"), "order")
        return Reply({"rows": listing.rows(self.scene, start, count, by_loss=sort == "worst")})

    def predict(self, client: Client, message: Message, body: bytes) -> Reply:
        """What it says of a picture that somebody drew."""
        return Reply(listing.said_of_picture(self.scene, body))

    def upload(self, client: Client, message: Message, body: bytes) -> Reply:
        """Take a piece of a file; after the last one, say what is in it."""
        part, parts = whole(message, "part", 0, 10**6, 0), whole(message, "parts", 1, 10**6, 1)
        return Reply(self.uploads.take(text(message, "name"), body, part, parts))

    def use(self, client: Client, message: Message, body: bytes) -> Reply:
        """Train on the table that was brought."""
        excluded = message.get("exclude", [])
        if not isinstance(excluded, list) or not all(isinstance(name, str) for name in excluded):
            raise ValueError(f"exclude must be a list of columns, got {excluded!r:.40}")
        self.begin(self.uploads.setup(text(message, "target"), tuple(excluded)))
        self.drive(message)
        client.view = replace(client.view, row=0, columns=None)
        return self.framed(client, message)

    def lottery(self, client: Client, message: Message, body: bytes) -> Reply:
        """From how many seeds it learns."""
        return answers.lottery(self.course, whole(message, "seeds", answers.FEWEST, 1000, 200))

    def diagnose(self, client: Client, message: Message, body: bytes) -> Reply:
        """Why it does not learn, if it does not."""
        return answers.diagnosis(self.course)

    def code(self, client: Client, message: Message, body: bytes) -> Reply:
        """The Python that does what was done here."""
        return Reply({"text": program(self.course)})

    def take_away(self, client: Client, message: Message, body: bytes) -> Reply:
        """A file: the model, a program, a picture, the run as a page."""
        kind = one_of(message, "op", ("save", "eject", "picture"))
        return takeaway.file(self.scene, kind, text(message, "language", ""), client.view)

    def export(self, client: Client, message: Message, body: bytes) -> Reply:
        """The run as a page that needs nothing else."""
        course, scene = self.course, self.scene
        here, leads, revision = course.step, self.driver, self.revision
        cursor, stopped = course.cursor, course.stopped
        rows = list(range(len(scene.x))) if len(scene.x) <= ALL_ROWS else [min(client.view.row, len(scene.x) - 1)]
        units = [asked for column in scene.topology.columns for asked in column.asked if asked]
        kept: Any = {"rows": rows, "units": units, "phases": inspector.count_of_phases(course, scene)}
        try:
            page = recorded(self.handle, title=course.setup.title, last=course.branch.last, **kept)
        finally:
            course.seek(here)
            course.cursor, course.stopped = cursor, stopped
            self.clients.pop(NOBODY, None)
            self.driver, self.revision = leads, revision
        return takeaway.sent(f"{takeaway.stem(scene)}.html", page)


Operation = Callable[[Session, Client, Message, bytes], Reply]
OPERATIONS: dict[str, Operation] = {
    "hello": Session.hello,
    "pull": Session.pull,
    "step": Session.step,
    "seek": Session.seek,
    "set": Session.set,
    "open": Session.open,
    "restart": Session.restart,
    "poke": Session.poke,
    "branch": Session.return_to,
    "explain": Session.explain,
    "rows": Session.rows,
    "predict": Session.predict,
    "upload": Session.upload,
    "use": Session.use,
    "lottery": Session.lottery,
    "diagnose": Session.diagnose,
    "code": Session.code,
    "save": Session.take_away,
    "eject": Session.take_away,
    "picture": Session.take_away,
    "export": Session.export,
}
