"""Show a page in the browser until Ctrl-C."""

from __future__ import annotations

import errno
import secrets
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from glassnet.errors import GlassnetError
from glassnet.playground.guard import check_token
from glassnet.playground.reply import Handler
from glassnet.playground.server import PageServer
from glassnet.playground.site_files import File, site_files

IN_THE_TERMINAL = {"www-browser", "links", "elinks", "lynx", "w3m"}

SWITCH = 0.001  # seconds


class PortError(GlassnetError):
    """A port that cannot be listened on."""


def serve(handler: Handler, *, port: int = 0, token: str | None = None, open_browser: bool = True) -> None:
    """Answer the page's messages by a handler until Ctrl-C; the page's address is the first line printed.

    Parameters
    ----------
    handler
        What answers messages.
    port
        Where on this machine; 0: one that is free.
    token
        What the page must know, behind the # of its address. None: 24 random bytes.
    open_browser
        Whether the page is opened at once.

    Raises
    ------
    ValueError
        The token is none, or the port.
    PortError
        Another program listens there already, or this one may not.
    """
    chosen = secrets.token_urlsafe(24) if token is None else check_token(token)
    with listening(handler, site_files(), port, chosen) as server:
        url = f"http://127.0.0.1:{server.server_port}/#t={server.site.token}"
        print(url, flush=True)
        print("Open this address in a browser on this machine; Ctrl-C ends it.", flush=True)
        if open_browser:
            threading.Thread(target=show, args=[url], daemon=True).start()
        with suppress(KeyboardInterrupt), turns_of(SWITCH):
            server.serve_forever()


@contextmanager
def turns_of(seconds: float) -> Iterator[None]:
    """Let threads take turns so often: a request that has come is read while training goes on, not 5 ms later."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def listening(handler: Handler, files: Mapping[str, File], port: int, token: str) -> PageServer:
    """A server that listens and does not answer yet."""
    try:
        return PageServer(handler, files, port, token)
    except OverflowError:
        raise ValueError(f"a port is a whole number from 0 to 65535, got {port!r}") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "another program listens on it; choose another one, or 0 for one that is free"
        elif error.errno == errno.EACCES:
            why = "it needs more rights than you have; choose one from 1024 on, or 0 for one that is free"
        else:
            why = error.strerror or str(error)
        raise PortError(f"cannot listen on port {port}: {why}") from None


def show(url: str) -> None:
    """Open a page in a browser that has a window of its own; one in the terminal would take it away."""
    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if getattr(browser, "basename", "") not in IN_THE_TERMINAL:
            browser.open(url)
