"""A rehearsal: the new version runs in a home of its own, on a copy of the ledger, on another port."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from json import loads
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import LedgerError, LedgerMissingError, UpdateError
from packetbuddy.installing.versions import python_of
from packetbuddy.settings.database import VARIABLES
from packetbuddy.settings.places import Home
from packetbuddy.settings.renewing import ON_TRIAL, VARIABLE
from packetbuddy.storage.reader import Sum, reading
from packetbuddy.storage.tending import tending
from packetbuddy.storage.writer import Writer
from packetbuddy.updates.state import has_room

START_SECONDS, ASK_SECONDS = 60.0, 5.0
CONFIG = """[api]
port = {port}
[sync]
enabled = false
[alerts]
notify = []
[auto_update]
enabled = false
"""
_NOT_ITS_BUSINESS = (
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "PACKETBUDDY_KEPT_BY",
    ON_TRIAL,
    VARIABLE,
    *VARIABLES,
)


class Rehearsal(NamedTuple):
    """What is rehearsed: a version's folder and number, the home whose ledger is copied, and where to do it."""

    version: Path
    number: str
    home: Home
    folder: Path
    environment: Mapping[str, str]


def rehearse(rehearsal: Rehearsal) -> None:
    """See that it starts, migrates, answers its health check, loses nothing, and that there is a way back.

    Raises:
        UpdateError: it does not, and why.
    """
    stage = Home(rehearsal.folder)
    shutil.rmtree(stage.root, ignore_errors=True)
    try:
        before = _copied(rehearsal.home, stage)
        with _running(rehearsal, stage) as running:
            _await_health(rehearsal, stage, running)
        _see_the_way_back(stage, before)
    except (OSError, UpdateError) as error:
        raise _judged(rehearsal, error) from error
    finally:
        shutil.rmtree(stage.root, ignore_errors=True)


def _judged(rehearsal: Rehearsal, error: OSError | UpdateError) -> UpdateError:
    """A full disk is no fault of a version's."""
    if not has_room(rehearsal.home):
        return UpdateError("no-space", f"there is no room to rehearse {rehearsal.number}", "free some space")
    if isinstance(error, UpdateError):
        return error
    return UpdateError("broken", f"{rehearsal.number} cannot be rehearsed: {error.strerror or error}")


def _copied(home: Home, stage: Home) -> Sum:
    """Lay the stage; returns what the ledger holds, nothing where there is none yet."""
    stage.root.mkdir(mode=0o700, parents=True)
    try:
        with tending(home.ledger, home.lock) as tender:
            tender.backup(stage.ledger)
        return _held(stage)
    except LedgerMissingError:
        return Sum()
    except LedgerError as error:
        raise UpdateError("ledger", f"the ledger cannot be copied for a rehearsal: {error}") from error


def _held(stage: Home) -> Sum:
    with reading(stage.ledger, stage.lock) as reader:
        return reader.lifetime(None)


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int


@contextlib.contextmanager
def _running(rehearsal: Rehearsal, stage: Home) -> Iterator[_Running]:
    """The new version counts on the stage."""
    port = _free_port()
    stage.config.write_text(CONFIG.format(port=port), "utf-8")
    ours = {name: value for name, value in rehearsal.environment.items() if name not in _NOT_ITS_BUSINESS}
    leash = [sys.executable, "-I", "-m", "packetbuddy.updates.leash"]
    command = [*leash, str(python_of(rehearsal.version)), "-I", "-m", "packetbuddy", "serve"]
    with stage.stdout_log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the version that we just made
            command,
            env={**ours, "PACKETBUDDY_HOME": str(stage.root)},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    try:
        yield _Running(process, port)
    finally:
        _end(process)


def _await_health(rehearsal: Rehearsal, stage: Home, running: _Running) -> None:
    deadline = time.monotonic() + START_SECONDS
    said = "it does not answer"
    while time.monotonic() < deadline and running.process.poll() is None:
        with contextlib.suppress(OSError, HTTPException, ValueError):
            code, told = _health(running.port)
            if code == 200 and told.get("version") == rehearsal.number:
                return
            said = f"its health check says {told.get('status')}, version {told.get('version')}"
        time.sleep(0.1)
    if running.process.returncode is not None:
        said = f"it ends with exit code {running.process.returncode}"
    raise UpdateError("rehearsal", f"{rehearsal.number} failed its rehearsal: {_last_word(stage) or said}")


def _health(port: int) -> tuple[int, Mapping[str, object]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    try:
        connection.request("GET", "/api/health")
        answer = connection.getresponse()
        return answer.status, dict(loads(answer.read()))
    finally:
        connection.close()


def _see_the_way_back(stage: Home, before: Sum) -> None:
    """What the new version left can be read and written by this one, and holds no less than before."""
    try:
        after = _held(stage)
        Writer(stage.ledger).close()
    except LedgerError as error:
        raise UpdateError("rehearsal", f"there would be no way back: {error}") from error
    if after.rx < before.rx or after.tx < before.tx:
        raise UpdateError("rehearsal", "bytes were missing in the ledger after its rehearsal")


def _last_word(stage: Home) -> str:
    for log in (stage.stderr_log, stage.stdout_log):
        with contextlib.suppress(OSError):
            lines = log.read_text("utf-8", "replace").split("\n")
            wrong = [line for line in lines if " error " in line or "Error" in line]
            if wrong:
                return wrong[-1].strip()
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the leash go."""
    if process.stdin is not None:
        process.stdin.close()
    process.wait()


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
