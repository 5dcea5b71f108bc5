"""Who may ask: Host allow-list (DNS rebinding), Origin, method; the headers of every answer; the outermost frame."""

from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from packetbuddy.api.problems import BAD_REQUEST, Problem, told
from packetbuddy.settings.model import Api

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
SCHEMES = frozenset({b"http", b"https"})
READING = ("GET", "HEAD")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
WRONG_HOST = Problem(
    421, "wrong_host", "this name is not served here", "A reverse proxy's name goes into [api] allowed_hosts"
)
CROSS_SITE = Problem(403, "cross_site", "pages of other sites may not ask here", "For development: [api] cors_enabled")
WRONG_METHOD = Problem(405, "method_not_allowed", "only GET and HEAD are answered", "Nothing is changed by a request")
TOO_LARGE = Problem(431, "too_large", "the request's address and headers are too long", "At most 16 KiB")
LARGEST_HEAD = 16 * 1024
"""Bytes of a request's address and headers."""
FRESH = ("/api", "/metrics")
"""What is answered anew each time."""
Header = tuple[bytes, bytes]
_EXTRA: dict[int, list[Header]] = {
    400: [(b"connection", b"close")],
    405: [(b"allow", b"GET, HEAD")],
    431: [(b"connection", b"close")],
    503: [(b"retry-after", b"2")],
}


class Rules(NamedTuple):
    """``[api]`` as it is now, and whether the server is leaving."""

    api: Api
    leaving: bool


class Guard:
    """Refuses what it must, puts the headers on everything that leaves, and catches what went wrong inside."""

    def __init__(self, app: ASGIApp, rules: Callable[[], Rules]) -> None:
        """``rules`` is asked for each request."""
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        scope, api = _origin_form(scope), self._rules().api
        cors = _cors(scope, api)
        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                closing = [(b"connection", b"close")] if self._rules().leaving else []
                message["headers"] += sealing(scope["path"], message["headers"], [*closing, *cors])
            await send(message)

        try:
            await self._decide(scope, receive, sealed, cors=cors, api=api)
        except Exception as error:
            if begun:
                raise
            await refuse(sealed, told(error))

    async def _decide(self, scope: Scope, receive: Receive, send: Send, *, cors: list[Header], api: Api) -> None:
        headers = dict(scope["headers"])
        problem = _size(scope) or _framing(headers) or _host(scope, api) or _origin(scope["method"], headers, cors)
        if problem is None and cors and scope["method"] == "OPTIONS":
            allowed = [(b"access-control-allow-methods", b"GET"), (b"access-control-max-age", b"600")]
            await _send(send, 204, allowed)
        elif problem is None and scope["method"] in READING:
            await self._app(scope, receive, send)
        else:
            await refuse(send, problem or WRONG_METHOD)


def sealing(path: str, present: Iterable[Header], more: Iterable[Header]) -> list[Header]:
    """The headers that an answer still lacks."""
    names = {name for name, _ in present}
    added = [(b"date", formatdate(usegmt=True).encode()), *HEADERS, *more]
    if path.startswith(FRESH):
        added.append((b"cache-control", b"no-store"))
    return [(name, value) for name, value in added if name not in names]


async def refuse(send: Send, problem: Problem) -> None:
    """Send a problem."""
    extra = _EXTRA.get(problem.status, [])
    await _send(send, problem.status, [(b"content-type", b"application/json"), *extra], problem.body())


async def _send(send: Send, status: int, headers: list[Header], body: bytes = b"") -> None:
    if body:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _size(scope: Scope) -> Problem | None:
    """A head that came in one piece passes the parser whatever its size."""
    size = len(scope["raw_path"]) + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    return None if size <= LARGEST_HEAD else TOO_LARGE


def _framing(headers: dict[bytes, bytes]) -> Problem | None:
    """Two lengths of one body are how requests are smuggled past a proxy."""
    return BAD_REQUEST if {b"content-length", b"transfer-encoding"} <= headers.keys() else None


def _origin_form(scope: Scope) -> Scope:
    """A target with a name (RFC 9112, 3.2.2) becomes a path; its name goes before the Host header."""
    scheme, slashes, rest = scope["raw_path"].partition(b"://")
    if not slashes or scheme.lower() not in SCHEMES:
        return scope
    authority, _, path = rest.partition(b"/")
    headers = [(b"host", authority), *(each for each in scope["headers"] if each[0] != b"host")]
    return {**scope, "raw_path": b"/" + path, "path": unquote(f"/{path.decode('ascii')}"), "headers": headers}


def _host(scope: Scope, api: Api) -> Problem | None:
    """A name that an attacker's DNS points at this machine is not ours."""
    given = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
    own = f"[{api.host}]" if ":" in api.host else api.host
    allowed = LOOPBACK.union(name.lower() for name in (own, *api.allowed_hosts))
    return None if len(given) == 1 and _bare(given[0]) in allowed else WRONG_HOST


def _bare(host: str) -> str:
    """The name without its port; what is no port makes it no name."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host
    return name if port.isascii() and port.isdigit() and len(port) <= 5 else ""


def _origin(method: str, headers: dict[bytes, bytes], cors: list[Header]) -> Problem | None:
    """Pages of other sites may link here, and nothing else."""
    origin = headers.get(b"origin")
    scheme, _, place = (origin or b"").partition(b"://")
    ours = origin is None or (scheme in SCHEMES and place == headers.get(b"host"))
    link = method in READING and headers.get(b"sec-fetch-mode") == b"navigate" and origin is None
    near = headers.get(b"sec-fetch-site", b"none") in {b"none", b"same-origin"}
    return None if cors or (ours and (near or link)) else CROSS_SITE


def _cors(scope: Scope, api: Api) -> list[Header]:
    """The headers that let a loopback origin read, where the settings allow that; empty: it may not."""
    origin = dict(scope["headers"]).get(b"origin", b"")
    scheme, _, host = origin.decode("latin-1").partition("://")
    if not api.cors_enabled or scheme not in {"http", "https"} or _bare(host) not in LOOPBACK:
        return []
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
