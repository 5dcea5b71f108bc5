"""Connections: encryption with a test authority, a transaction pooler, and each failure in its own words."""

import random
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from integration.bouncing import NAME, authority, bouncing, program
from integration.postgres import OWNER, Server
from integration.sync_world import Place, check, settle
from integration.test_sync_meeting import place
from machine.netns import requires_netns
from packetbuddy.errors import SyncError, SyncSetupError
from packetbuddy.sync.postgres import address, remote
from packetbuddy.sync.postgres.remote import connected

needs_bouncer = pytest.mark.skipif(
    program() is None, reason="PgBouncer is not installed (Debian: apt install pgbouncer)"
)
SECRET = "Tr0ub4dor"  # noqa: S105 - a test's


def reach(url: str) -> None:
    """Connect, and leave."""
    with connected(url):
        pass


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A folder with a certificate and its authority."""
    authority(tmp_path / "tls")
    return tmp_path / "tls"


@pytest.fixture
def encrypted(server: Server, certified: Path) -> Iterator[int]:
    """The port of a server that encrypts."""
    with bouncing(server, certified, encrypted=True) as port:
        yield port


def named(port: int, name: str = NAME, **options: object) -> str:
    """A URL whose host is a name, at the address of loopback."""
    more = "".join(f"&{key}={value}" for key, value in options.items())
    return f"postgresql://{OWNER}@{name}:{port}/postgres?hostaddr=127.0.0.1{more}"


@needs_bouncer
def test_a_verified_name_works(encrypted: int, certified: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the authority in the URL, or among the system's, the connection is made and encrypted."""
    with connected(named(encrypted, sslrootcert=certified / "ca.pem")) as remote:
        assert remote._connection.pgconn.ssl_in_use
    monkeypatch.setattr(address, "authorities", lambda: str(certified / "ca.pem"))
    reach(named(encrypted))


@needs_bouncer
def test_a_wrong_name_is_refused(encrypted: int, certified: Path) -> None:
    """A certificate for another name, even by a trusted authority, is refused, whatever weaker mode is asked for."""
    for mode in ("require", "verify-ca", "prefer"):
        url = named(encrypted, "other.test", sslrootcert=certified / "ca.pem", sslmode=mode)
        with pytest.raises(SyncSetupError, match=r"is for another name than other\.test"):
            reach(url)


@needs_bouncer
def test_an_unknown_authority_is_refused(encrypted: int) -> None:
    """A certificate that nobody trusted has signed is refused."""
    with pytest.raises(SyncSetupError, match="not to be trusted"):
        reach(named(encrypted))


@needs_bouncer
def test_a_missing_authority_is_told(encrypted: int) -> None:
    """A file of authorities that is not there is not the server's fault."""
    with pytest.raises(SyncSetupError, match="file of authorities"):
        reach(named(encrypted, sslrootcert="/nowhere/ca.pem"))


def test_a_plain_server_is_refused_unless_the_url_says_so(server: Server) -> None:
    """Without encryption only in so many words."""
    with pytest.raises(SyncSetupError, match="does not encrypt") as told:
        reach(named(server.port))
    assert "sslmode=disable" in told.value.hint
    with pytest.raises(SyncSetupError, match="does not encrypt"):
        reach(named(server.port, sslmode="prefer"))
    reach(named(server.port, sslmode="disable"))


def test_the_environment_cannot_weaken_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libpq's own variables change nothing."""
    monkeypatch.setenv("PGSSLMODE", "disable")
    with pytest.raises(SyncSetupError, match="does not encrypt"):
        reach(named(server.port))


@needs_bouncer
def test_through_a_transaction_pooler_everything_works(server: Server, tmp_path: Path) -> None:
    """Many devices over two shared server connections, at once and in turn: equal in the end."""
    database = "pooled"
    server.database(database)
    places = [place(tmp_path, f"device{number}", count=3) for number in range(4)]
    chance = random.Random(1)  # noqa: S311 - any traffic will do
    with bouncing(server, tmp_path, encrypted=False) as port:
        url = f"postgresql://{OWNER}@127.0.0.1:{port}/{database}"
        for _ in range(3):
            with ThreadPoolExecutor(4) as threads:
                list(threads.map(lambda one: one.tried(url), places))
            for one in places:
                one.use(chance)
        settle(places, url)
    check(places, server, database)


@pytest.fixture
def role(server: Server) -> str:
    """A role with a password."""
    server.execute("DROP ROLE IF EXISTS somebody")
    server.execute(f"CREATE ROLE somebody LOGIN PASSWORD '{SECRET}'")
    server.execute("DROP ROLE IF EXISTS asleep")
    server.execute(f"CREATE ROLE asleep NOLOGIN PASSWORD '{SECRET}'")
    return "somebody"


def socket_of(server: Server, user: str) -> str:
    """A URL for the server's socket, where nobody needs a password."""
    return f"postgresql://{user}@/postgres?host={server.folder}&port={server.port}"


def failing(server: Server) -> dict[str, tuple[str, type[SyncError], str]]:
    """What can be wrong: the URL, the error, its words."""
    at = f"127.0.0.1:{server.port}"
    return {
        "password": (f"postgresql://somebody:{SECRET}x@{at}/postgres", SyncSetupError, "refuses user or password"),
        "no password": (f"postgresql://somebody@{at}/postgres", SyncSetupError, "wants a password"),
        "no role": (f"postgresql://stranger:{SECRET}@{at}/postgres", SyncSetupError, "refuses user or password"),
        "no role at all": (socket_of(server, "stranger"), SyncSetupError, "no such role"),
        "no login": (f"postgresql://asleep:{SECRET}@{at}/postgres", SyncSetupError, "may not log in"),
        "no database": (f"postgresql://somebody:{SECRET}@{at}/nowhere", SyncSetupError, "no such database"),
        "no host": (f"postgresql://u:{SECRET}@nowhere.invalid/x", SyncError, r"host nowhere\.invalid is not known"),
        "nobody": (f"postgresql://u:{SECRET}@127.0.0.1:1/x", SyncError, r"nobody listens at 127\.0\.0\.1"),
    }


@pytest.mark.parametrize(
    "case", ["password", "no password", "no role", "no role at all", "no login", "no database", "no host", "nobody"]
)
def test_each_failure_has_its_own_words(case: str, server: Server, role: str) -> None:
    """What is wrong, what to do, and never the password: not in words, hint or cause."""
    assert role
    url, kind, words = failing(server)[case]
    with pytest.raises(SyncError) as told:
        reach(url)
    assert re.search(words, str(told.value)), repr(told.value.__cause__)
    assert type(told.value) is kind
    assert told.value.hint
    assert SECRET not in f"{told.value} {told.value.hint} {told.value.__cause__!r} {told.value.__cause__}"


def test_a_silent_host_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that takes connections and never says a word is not waited for without end."""
    monkeypatch.setitem(address._FIXED, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(SyncError, match="does not answer"):
            reach(f"postgresql://u:{SECRET}@127.0.0.1:{port}/x")


def test_a_server_that_keeps_silent_in_the_middle_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that somebody waits for ends in words when a question finds no answer, here at a table that is locked."""
    url, one = server.database("silent"), place(tmp_path, "one")
    one.sync_at(url)
    one.use(random.Random(6))  # noqa: S311 - any traffic will do
    with psycopg.connect(url) as owner:
        owner.execute("LOCK TABLE packetbuddy.devices IN ACCESS EXCLUSIVE MODE")
        with monkeypatch.context() as short:
            short.setattr(remote, "ANSWER_SECONDS", 2.0)
            with pytest.raises(SyncError, match=r"the database at 127\.0\.0\.1 does not answer") as told:
                one.sync_at(url)
    assert "nothing is lost" in told.value.hint
    settle([one], url)
    check([one], server, "silent")


def test_no_connection_left_is_told(server: Server, role: str) -> None:
    """A database whose connections are all taken is tried again later."""
    server.execute(f"ALTER ROLE {role} CONNECTION LIMIT 0")
    with pytest.raises(SyncError, match="no connection left"):
        reach(server.url("postgres", user=role, password=SECRET))


def fill(one: Place, url: str) -> None:
    """Go on until it does not go on."""
    for _ in range(200):
        one.use(random.Random(2), stretch=6 * 3600)  # noqa: S311 - any traffic will do
        one.sync_at(url)


@requires_netns
@pytest.mark.machine
def test_a_full_database_is_told(server: Server, tmp_path: Path) -> None:
    """A database on a disk that is really full: in its own words, nothing is lost, and with room all goes up."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=0777", "tmpfs", str(disk)], check=True)
    try:
        server.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        server.execute("CREATE DATABASE filled TABLESPACE small")
        url, one = server.url("filled"), place(tmp_path, "one")
        one.sync_at(url)
        with suppress(psycopg.errors.DiskFull):
            server.execute("CREATE TABLE junk AS SELECT repeat('x', 2000) FROM generate_series(1, 9000)", "filled")
            server.execute("INSERT INTO junk SELECT repeat('x', 2000) FROM generate_series(1, 9000)", "filled")
        (disk / "rest").write_bytes(bytes(shutil.disk_usage(disk).free))
        with pytest.raises(SyncError, match="the database is full") as told:
            fill(one, url)
        assert "nothing is lost" in told.value.hint
        (disk / "rest").unlink()
        settle([one], url)
        check([one], server, "filled")
    finally:
        server.execute("DROP DATABASE IF EXISTS filled WITH (FORCE)")
        server.execute("DROP TABLESPACE small")
        subprocess.run(["umount", str(disk)], check=True)
