"""What the caller got wrong is 422 in the one shape, never a 500; what is no HTTP is refused in the same shape."""

import json
import socket
import string
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy.api.routes import ENDPOINTS


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small ledger."""
    root = tmp_path_factory.mktemp("home")
    write_ledger(root, [Moved(NOON - HOUR, 1, 2)])
    with Served(root) as server:
        yield server


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("month?month=2026-13", "does not exist"),
        ("month?month=0000-01", "does not exist"),
        ("month?month=9999-12", "does not exist"),
        ("month?month=26-11", "cannot be meant"),
        ("month?month=2026-11-01", "cannot be meant"),
        ("month?month=", "cannot be meant"),
        ("range", "missing required"),
        ("range?from=2026-11-01", "missing required"),
        ("range?from=2026-02-30&to=2026-03-01", "from '2026-02-30' cannot be meant"),
        ("range?from=2026-03-02&to=2026-03-01", "is after"),
        ("range?from=0000-01-01&to=2026-03-01", "cannot be meant"),
        ("range?from=0001-01-01&to=2026-03-01", "the year must be"),
        ("range?from=2026-01-01&to=9999-12-31", "the year must be"),
        ("range?from=1970-01-01&to=2999-12-31", "more than 50 years"),
        ("range?from=99999-01-01&to=2026-03-01", "cannot be meant"),
        ("range?from=today&to=today", "cannot be meant"),
        ("usage?by=minute", "by 'minute' cannot be meant"),
        ("usage?by=5min&from=2026-01-01", "at most"),
        ("usage?by=hour&from=2020-01-01&to=2026-01-01", "at most"),
        ("range?from=2016-10-06&to=2026-11-23", "more than 3700 days"),
        ("usage?by=day&from=2016-10-06", "at most"),
        ("usage?top=1e3", "top '1e3' cannot be meant"),
        ("usage?top=5.0", "top '5.0' cannot be meant"),
        ("usage?top=", "cannot be meant"),
        ("usage?top=0", "top '0' cannot be meant"),
        ("usage?top=-3", "cannot be meant"),
        ("usage?top=many", "cannot be meant"),
        ("usage?top=99999999999999999999999", "cannot be meant"),
        ("usage?from=2026-12-01&to=2026-11-01", "is after"),
        ("usage?to=0001-01-01", "the year must be"),
        ("usage?by=day&by=week", "given twice"),
        ("heatmap?from=2026-11-24&to=2026-11-23", "is after"),
        ("heatmap?to=0001-01-02", "the year must be"),
        ("heatmap?from=9999-12-31", "the year must be"),
        ("today?interface=", "cannot be meant"),
        ("today?interface=" + "x" * 256, "cannot be meant"),
        ("today?interface=%00", "no interface"),
        ("today?interface=%ff", "cannot be read"),
        ("today?" + "&".join(f"a{n}=1" for n in range(21)), "cannot be read"),
        ("openapi.json?x=1", "no parameter"),
        ("health?interface=eth0", "no parameter"),
    ],
)
def test_what_cannot_be_meant_is_422(served: Served, path: str, words: str) -> None:
    """Each mistake is named with the parameter and what was given."""
    answer = served.get(f"/api/{path}")
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.json["error"]["hint"]
    assert words in answer.json["error"]["message"].lower() or words in answer.json["error"]["message"]


def test_an_unknown_parameter_is_answered_with_the_nearest(served: Served) -> None:
    """A typing mistake leads to the right name; where nothing is near, all are named."""
    assert served.get("/api/range?form=2026-11-01").json["error"]["hint"] == "Nearest: from"
    assert served.get("/api/usage?tpo=3").json["error"]["hint"] in {"Nearest: to", "Nearest: top"}
    assert served.get("/api/month?zzz=1").json["error"]["hint"] == "Known: interface, device, month"
    assert served.get("/api/health?zzz=1").json["error"]["hint"] == "This address takes no parameters"


def test_the_longest_allowed_answers_are_given(served: Served) -> None:
    """Ten years of days, fifty of years and the most groups are answered, not refused."""
    assert len(served.get("/api/range?from=2016-10-07&to=2026-11-23").json["days"]) == 3_700
    assert len(served.get("/api/usage?by=hour&from=2026-05-08").json["groups"]) == 200 * 24
    assert served.get("/api/usage?by=year&from=1976-11-24&to=2026-11-23").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/api", "/api/", "/api/plans", "/api/exports", "/api/today/",
        "//api/today", "/dashboard/../desk.py", "/dashboard/%2e%2e/desk.py", "/dashboard/..%2fdesk.py",
        "/dashboard/js/../../main.py", "/dashboard//etc/passwd", "/dashboard/%2fetc%2fpasswd", "/dashboard/.",
        "/dashboard/index.html%00.css", "/dashboard/..", "/dashboard/js", "/dashboard/js/", "/api/today;x=1",
        "/dashboard/%5c..%5cdesk.py", "/dashboard/index.html/x", "/dashboard/INDEX.HTML%20", "/" + "a" * 9000,
        "/api/docs/../../main.py", "/api/docs/%252e%252e/main.py", "/%ff%fe", "/api/%E2%82%AC", "/api/today%00",
        "/dashboard/" + "a/" * 60 + "b.js", "/dashboard/" + "%20" * 300,
    ],
)  # fmt: skip
def test_other_addresses_are_404(served: Served, path: str) -> None:
    """What is not served, or not yet, is 404 in the one shape; no path leads out of the package's folders."""
    answer = served.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
        b"GET /api/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /api/today HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 9000 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_in_the_one_shape(served: Served, data: bytes) -> None:
    """Malformed and oversized heads: 400 with the error shape and the headers, then the connection is closed."""
    head, _, body = _reply(served, data).partition(b"\r\n\r\n")
    assert head.split()[1] in {b"400", b"431"}
    assert b"content-security-policy:" in head.lower()
    assert json.loads(body)["error"]["code"] in {"bad_request", "too_large"}


def _reply(served: Served, data: bytes) -> bytes:
    """What was sent before the connection was closed, also where the server closed on unread bytes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as connection:
        received = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                received += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        return received


def test_a_request_body_is_ignored(served: Served) -> None:
    """A body that comes with a GET, announced or chunked, changes nothing about the answer."""
    for more in (b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"):
        reply = served.raw(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more)
        assert reply.split()[1] == b"503"


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    """Two requests in one packet have two answers."""
    first = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    reply = served.raw(first + last)
    assert reply.startswith(b"HTTP/1.1 404")
    assert reply.count(b"HTTP/1.1 200") == 1


NAMES = st.sampled_from(["from", "to", "month", "by", "top", "interface", "device"]) | st.text(max_size=12)
VALUES = st.text(max_size=40) | st.dates().map(str) | st.integers().map(str) | st.sampled_from(["hour", "5min", "week"])
PATHS = st.sampled_from([row.path for row in ENDPOINTS if row.make]) | st.text(string.printable, max_size=30).map(
    "/{}".format
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, given_=st.lists(st.tuples(NAMES, VALUES), max_size=4), header=st.text(string.printable, max_size=30))
def test_fuzzed_requests_never_break_it(served: Served, path: str, given_: list[tuple[str, str]], header: str) -> None:
    """Any path, query and header: an answer, or a clear 4xx in the one shape; 503 only from health."""
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in given_)
    asked = quote(path, safe="/%") + (f"?{query}" if query else "")
    answer = served.get(asked, {"X-Any": header.replace("\r", "").replace("\n", "")})
    assert answer.status in {200, 302, 400, 404, 422, 503}
    if answer.status in {400, 404, 422}:
        assert answer.code
    if answer.status == 503:
        assert answer.json["status"] == "degraded"
