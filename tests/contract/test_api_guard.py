"""Who may ask, and what every answer carries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy.api.guard import CSP

EVERYWHERE = ["/", "/dashboard", "/api/today", "/api/docs", "/api/openapi.json", "/nothing", "/api/today?x=1"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a ledger."""
    home = tmp_path_factory.mktemp("home")
    write_ledger(home, [Moved(NOON - HOUR, 1, 2)])
    return home


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[Served]:
    """The default settings."""
    with Served(root) as server:
        yield server


@pytest.fixture
def open_to(tmp_path: Path) -> Iterator[Served]:
    """A server with a reverse proxy's name and CORS for development."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 1, 2)])
    (tmp_path / "config.toml").write_text('[api]\nallowed_hosts = ["pb.Example.org"]\ncors_enabled = true\n')
    with Served(tmp_path) as server:
        yield server


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:7373", "127.0.0.1:1", "[::1]:65535"])
def test_our_own_names_are_served_on_any_port(served: Served, host: str) -> None:
    """localhost, 127.0.0.1 and [::1], whatever port a tunnel gives them."""
    assert served.get("/api/today", {"Host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:7373", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2",
        "localhost:", "localhost:80:80", "localhost:x", "localhost@evil.example", "[::1", "::1", "", "localhost.",
        "pb.example.org", "127.1", "2130706433",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", EVERYWHERE)
def test_a_rebound_name_is_refused_everywhere(served: Served, host: str, path: str) -> None:
    """DNS rebinding brings a foreign Host: 421, no figures, whatever is asked."""
    answer = served.get(path, {"Host": host})
    assert (answer.status, answer.code) == (421, "wrong_host")


def test_a_doubled_or_missing_host_is_refused(served: Served) -> None:
    """Two Host headers, or HTTP/1.0 without one, are no way around the list."""
    doubled = b"GET /api/today HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert served.raw(doubled).split()[1] in {b"400", b"421"}
    assert served.raw(b"GET /api/today HTTP/1.0\r\n\r\n").split()[1] == b"421"


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        (b"http://localhost:7373/api/today", b"localhost", b"200"),
        (b"HTTP://127.0.0.1/api/today?interface=eth0", b"", b"200"),
        (b"http://localhost", b"localhost", b"302"),
        (b"http://evil.example/api/today", b"localhost", b"421"),
        (b"http://localhost@evil.example/api/today", b"localhost", b"421"),
        (b"ftp://localhost/api/today", b"localhost", b"404"),
    ],
)
def test_a_target_with_a_name_is_checked_like_a_host(served: Served, target: bytes, host: bytes, status: bytes) -> None:
    """The absolute form is served, and the name in it goes before the Host header."""
    request = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert served.raw(request).split()[1] == status


def test_an_origin_of_another_scheme_is_not_ours(served: Served) -> None:
    """The right name alone does not make an origin ours."""
    for scheme, status in (("http", 200), ("https", 200), ("ftp", 403), ("chrome-extension", 403), ("", 403)):
        origin = f"{scheme}://127.0.0.1:{served.port}"
        assert served.get("/api/today", {"Origin": origin}).status == status


def test_a_reverse_proxys_name_is_served(open_to: Served) -> None:
    """[api] allowed_hosts adds names, in any case, on any port; nothing else."""
    assert open_to.get("/api/today", {"Host": "PB.example.org:443"}).status == 200
    assert open_to.get("/api/today", {"Host": "evil.example"}).status == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/api/today", "/dashboard", "/", "/nothing"])
def test_nothing_but_reading_is_answered(served: Served, method: str, path: str) -> None:
    """No request can change anything: every other method is 405 with what is allowed."""
    answer = served.get(path, method=method)
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", "GET, HEAD")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_pages_of_other_sites_may_not_ask(served: Served, headers: dict[str, str], method: str) -> None:
    """A foreign Origin or a cross-site fetch is refused, and gets no CORS header."""
    answer = served.get("/api/today", headers, method)
    assert (answer.status, answer.code) == (403, "cross_site")
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_our_own_page_and_links_from_elsewhere_may(served: Served) -> None:
    """The dashboard's own requests, a typed address and a link on another site are answered."""
    own = f"127.0.0.1:{served.port}"
    for headers in (
        {"Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ):
        assert served.get("/api/today", headers).status == 200


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1", "https://[::1]:8443"])
def test_cors_lets_loopback_origins_read(open_to: Served, origin: str) -> None:
    """With cors_enabled a loopback origin may GET, named, without credentials."""
    answer = open_to.get("/api/today", {"Origin": origin, "Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers
    asked = open_to.get("/api/today", {"Origin": origin, "Access-Control-Request-Method": "GET"}, "OPTIONS")
    assert (asked.status, asked.headers["access-control-allow-methods"]) == (204, "GET")
    assert open_to.get("/api/today", {"Origin": origin}, "POST").status == 405


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "file://localhost", "http://localhost.evil.example"]
)
def test_cors_lets_nobody_else_in(open_to: Served, origin: str) -> None:
    """Other origins are refused with cors_enabled too."""
    answer = open_to.get("/api/today", {"Origin": origin})
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_is_sealed(served: Served, path: str, method: str) -> None:
    """Whatever is answered carries the Content-Security-Policy and the other headers, and says no server's name."""
    headers = served.get(path, method=method).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "permissions-policy" in headers
    assert "server" not in headers
    assert "date" in headers
    if path.startswith("/api"):
        assert headers["cache-control"] == "no-store" or "etag" in headers


def test_the_policy_allows_no_inline_script_and_no_other_host() -> None:
    """The policy is the one agreed: everything from ourselves, nothing inline, nothing framed."""
    assert "unsafe" not in CSP
    assert "http" not in CSP
    assert CSP.startswith("default-src 'none'; ")
    assert CSP.endswith("frame-ancestors 'none'")


def test_static_files_are_asked_for_once(served: Served) -> None:
    """A file has an ETag and is not sent again while the reader's copy is the same."""
    first = served.get("/dashboard")
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    again = served.get("/dashboard", {"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert served.get("/dashboard", {"If-None-Match": '"other"'}).status == 200
    assert served.get("/dashboard/").body == first.body


def test_the_root_leads_to_the_dashboard(served: Served) -> None:
    """``/`` is one hop from the dashboard, on whatever host and port."""
    answer = served.get("/")
    assert (answer.status, answer.headers["location"]) == (302, "/dashboard")


def test_the_docs_page_needs_nothing_from_elsewhere(served: Served) -> None:
    """The docs page, its style and its script come from here, with no inline script, style or foreign address."""
    page = served.get("/api/docs").body.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "http" not in page.replace("http-equiv", "")
    for name, kind in (("docs.css", "text/css"), ("docs.js", "text/javascript")):
        assert f"/api/docs/{name}" in page
        assert served.get(f"/api/docs/{name}").headers["content-type"].startswith(kind)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_is_get_without_a_body(served: Served, method: str) -> None:
    """HEAD has GET's status and no body; a stream does not begin."""
    for path in ("/api/today", "/dashboard", "/api/stream" if method == "HEAD" else "/api/health"):
        answer = served.get(path, method=method)
        assert answer.status in {200, 503}
        assert bool(answer.body) == (method == "GET")
