"""What is let in: which requests are answered, and with which words the others are refused.

The server listens on this machine alone, but that is no wall. A web page in the same browser may send requests to it,
or have its own name point to 127.0.0.1 (DNS rebinding); other people may have accounts on the machine. So each request
says under which name it came (`Host`), a page says where it is from (`Origin`, `Sec-Fetch-Site`), and who wants to
change something must know the token, which stands in the URL on the terminal behind a #, where no server sees it.

Here are pure functions: a request's head goes in, and out comes a refusal or None. Each rule allows what is named and
nothing else.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

API = "/api"
LONGEST_BODY = 1_250_000  # bytes: a piece of a file, and JSON before it
TOKEN_HEADER = "X-Glassnet-Token"
BODY_TYPE = "application/octet-stream"
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")  # all but the tab


@dataclass(frozen=True)
class Site:
    """Where a server answers, to whom, and with which files."""

    port: int
    token: str
    paths: Collection[str]

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser that is meant to be here calls it; the port of the web is left out by browsers."""
        names = ("127.0.0.1", "localhost")
        return tuple(f"{name}:{self.port}" for name in names) + (names if self.port == 80 else ())


@dataclass(frozen=True)
class Head:
    """The head of a request: headers by their names in small letters, with all values that each came with."""

    method: str
    target: str
    version: str
    headers: Mapping[str, Sequence[str]]

    def all(self, name: str) -> Sequence[str]:
        """All values of a header."""
        return self.headers.get(name.lower(), ())

    def only(self, name: str) -> str | None:
        """The value of a header that came once; None: it did not come, or it came more than once."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True)
class Refusal:
    """The status of HTTP, why, and of a method the one that is allowed."""

    status: int
    message: str
    allowed: str = ""


Rule = Callable[[Head, Site], Refusal | None]


def refusal(head: Head, site: Site) -> Refusal | None:
    """Why a request is not answered; None: it is. The first rule that is broken speaks."""
    rules = RULES + (OF_MESSAGES if head.target == API else ())
    return next((found for rule in rules if (found := rule(head, site)) is not None), None)


def version(head: Head, site: Site) -> Refusal | None:
    """HTTP/1.1, which all browsers speak: older requests need not say which host they mean."""
    return None if head.version == "HTTP/1.1" else Refusal(505, "only HTTP/1.1 is spoken here")


def plain(head: Head, site: Site) -> Refusal | None:
    """Values on one line: one that goes on in the next is read differently by different readers."""
    if any(CONTROL.search(value) for values in head.headers.values() for value in values):
        return Refusal(400, "a header has a line break or another control character in it")
    return None


def host(head: Head, site: Site) -> Refusal | None:
    """A name of this machine, once: under a foreign name its owner's page would count as the same site as ours."""
    if head.only("Host") in site.hosts:
        return None
    return Refusal(403, f"Host must be {site.hosts[0]} or {site.hosts[1]}, once, {came(head.all('Host'))}")


def origin(head: Head, site: Site) -> Refusal | None:
    """The page that asks, where the browser names it, is the page from here, under the same name."""
    if not head.all("Origin") or head.only("Origin") == f"http://{head.only('Host')}":
        return None
    return Refusal(403, f"other sites may not ask here: Origin must be this site's own, {came(head.all('Origin'))}")


def method(head: Head, site: Site) -> Refusal | None:
    """GET for files and POST for messages. OPTIONS is how a browser asks whether other sites may: they may not."""
    allowed = "POST" if head.target == API else "GET"
    if head.method == allowed:
        return None
    return Refusal(405, f"here the method is {allowed}, got {ascii(head.method[:20])[1:-1]}", allowed)


def path(head: Head, site: Site) -> Refusal | None:
    """A file that was there at the start, under exactly its name; no disk is asked."""
    if head.target == API or head.target in site.paths:
        return None
    return Refusal(404, "there is no such page")


def bodiless(head: Head, site: Site) -> Refusal | None:
    """A request for a file brings nothing with it, so that what follows is the next request."""
    brought = head.all("Transfer-Encoding") or list(head.all("Content-Length")) not in ([], ["0"])
    return Refusal(400, "a request for a file has no body") if brought and head.target != API else None


def expectation(head: Head, site: Site) -> Refusal | None:
    """Nobody is told to go on before the rest of the rules were asked."""
    return Refusal(417, "Expect is not answered here; send the body at once") if head.all("Expect") else None


def fetch_site(head: Head, site: Site) -> Refusal | None:
    """A browser says whether a page of the same site asks; programs that are no browsers say nothing."""
    if not head.all("Sec-Fetch-Site") or head.only("Sec-Fetch-Site") == "same-origin":
        return None
    return Refusal(403, f"Sec-Fetch-Site must be same-origin, {came(head.all('Sec-Fetch-Site'))}")


def token(head: Head, site: Site) -> Refusal | None:
    """The token, compared in a time that does not tell how much of it was right."""
    given = head.only(TOKEN_HEADER) or ""
    if hmac.compare_digest(given.encode(errors="replace"), site.token.encode()):
        return None
    return Refusal(403, f"{TOKEN_HEADER} is missing or wrong; open the whole URL that glassnet printed, #t=… included")


def body_type(head: Head, site: Site) -> Refusal | None:
    """What a form on another site cannot send."""
    if head.only("Content-Type") == BODY_TYPE:
        return None
    return Refusal(415, f"Content-Type must be {BODY_TYPE}, {came(head.all('Content-Type'))}")


def length(head: Head, site: Site) -> Refusal | None:
    """How long the body is, said once, in digits, before it comes: of chunks the sum is known at their end."""
    lengths = head.all("Content-Length")
    if head.all("Transfer-Encoding"):
        status = 400 if lengths else 411  # both: two readers could differ on where it ends
        return Refusal(status, "a body is sent with Content-Length, not with Transfer-Encoding")
    if not lengths:
        return Refusal(411, "Content-Length is missing")
    if len(lengths) > 1 or not re.fullmatch("[0-9]{1,20}", lengths[0]):
        return Refusal(400, f"Content-Length must be a whole number, once, {came(lengths)}")
    if int(lengths[0]) > LONGEST_BODY:
        return Refusal(413, f"a body has at most {LONGEST_BODY} bytes, got {lengths[0]}; send a file in pieces")
    return None


RULES: tuple[Rule, ...] = (version, plain, host, origin, method, path, bodiless, expectation)
OF_MESSAGES: tuple[Rule, ...] = (fetch_site, token, body_type, length)


def came(values: Sequence[str]) -> str:
    """What came in the place of a header's value, shortened, in printable letters.

    >>> came(["evil.example", "127.0.0.1"])
    'got "evil.example" and "127.0.0.1"'
    """
    if not values:
        return "got none"
    return "got " + " and ".join(f'"{ascii(value[:60])[1:-1]}"' for value in values[:3])


def check_token(text: str) -> str:
    """A token that somebody chose: one that can stand in an address, and that nobody guesses.

    Raises
    ------
    ValueError
        It is not; the token is not repeated.
    """
    if not re.fullmatch("[A-Za-z0-9_-]{16,200}", text):
        raise ValueError(f"a token is 16 to 200 letters from A-Z a-z 0-9 - _, got {len(text)} letters")
    return text
