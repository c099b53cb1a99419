"""How many may be connected: a few at a time, and whoever has nothing going on makes room for who comes.

Browsers open half a dozen connections, and keep them for when they have a question. Two browsers have more of them than
there are places; nobody is turned away for that. And a program that opens connections and says nothing, or says it
letter by letter, keeps nobody out.
"""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_RD, socket
from threading import BoundedSemaphore, Lock

PATIENCE = 1.0  # seconds for a connection to end that was told to


class Places:
    """The places for connections, and which of these are idle: those without a request that is being answered.

    Parameters
    ----------
    most
        How many there are.
    """

    def __init__(self, most: int) -> None:
        self.free = BoundedSemaphore(most)
        self.idle: dict[socket, None] = {}  # the longest first
        self.lock = Lock()

    def take(self) -> bool:
        """Take a place for a new connection, of the one that has been idle longest if need be; False: all are busy."""
        return self.free.acquire(blocking=False) or (self.end_the_idlest() and self.free.acquire(timeout=PATIENCE))

    def end_the_idlest(self) -> bool:
        """End the connection that has been idle longest; False: none is. What has come on it is answered still."""
        with self.lock:
            idlest = next(iter(self.idle), None)
            if idlest is not None:
                del self.idle[idlest]
                with suppress(OSError):  # it ended by itself
                    idlest.shutdown(SHUT_RD)
        return idlest is not None

    def rests(self, connection: socket) -> None:
        """A connection waits for a request."""
        with self.lock:
            self.idle.pop(connection, None)
            self.idle[connection] = None

    def works(self, connection: socket) -> None:
        """A connection has a request that is answered."""
        with self.lock:
            self.idle.pop(connection, None)

    def leave(self, connection: socket) -> None:
        """A connection ends."""
        self.works(connection)
        self.free.release()
