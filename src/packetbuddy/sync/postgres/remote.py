"""An open connection to the shared database, and the few things that are asked of it."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from json import dumps
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import psycopg

from packetbuddy.errors import SyncError, SyncSetupError
from packetbuddy.metering.quarters import QUARTER_SECONDS, UtcDay
from packetbuddy.sync.merge.standing import Theirs
from packetbuddy.sync.postgres.address import Parameters, parameters
from packetbuddy.sync.postgres.words import LATER, NOT_OURS, OF_ITS_OWN, speaking_of

ANSWER_SECONDS = 60.0
"""No question and no transaction takes so long; less than a run's deadline, so that it can say what went wrong."""
MOST_DEVICES = 10_000
ROWS_AT_ONCE = 50
"""Days that are pulled with one question: some 100 KB."""

Row = tuple[object, ...]
Speaking = Callable[[], AbstractContextManager[None]]


class Profile(NamedTuple):
    """What a device tells of itself."""

    id: str
    machine: str
    name: str
    os: str


class Push(NamedTuple):
    """One transaction's worth: days, and what the device's row says afterwards."""

    days: Sequence[UtcDay]
    revision: int
    token: str


@cache
def _statements() -> dict[str, str]:
    parts = Path(__file__).with_name("statements.sql").read_text(encoding="utf-8").split("-- name: ")[1:]
    return {name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)}


def migrations() -> tuple[str, ...]:
    """Scripts from nothing to the present shared schema, in order; append-only and expand-only."""
    folder = Path(__file__).with_name("schema")
    return tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")))


class Remote:
    """Owns the connection; made by :func:`connected`. What goes wrong is a :class:`~packetbuddy.errors.SyncError`."""

    def __init__(self, connection: psycopg.Connection[Row], speaking: Speaking) -> None:
        """Take an open connection."""
        self._connection, self._speaking = connection, speaking
        self._sql = _statements()

    def prepare(self, scripts: Sequence[str] | None = None) -> None:
        """Bring the schema up to what we know (or to what ``scripts`` make); whoever comes first makes it.

        Raises:
            SyncSetupError: a newer PacketBuddy made it and says that we are too old, or it is not ours.
        """
        scripts = migrations() if scripts is None else scripts
        version, oldest = self._versions() if self._is_there() else (0, 0)
        if version < len(scripts):
            with self._transaction():
                self._ask("make_alone")
                version, oldest = self._versions() if self._is_there() else (0, 0)
                for script in scripts[version:]:
                    self._connection.execute(script)
        if oldest > len(scripts):
            raise SyncSetupError(
                f"sync: a newer PacketBuddy keeps the database (schema {version}, this one knows {len(scripts)})",
                "update PacketBuddy on this device",
            )

    def look(self, device: str) -> Theirs | None:
        """A device's row."""
        rows = self._ask("device", {"id": device})
        return _theirs(rows)

    def join(self, profile: Profile) -> None:
        """Make a device's row, unless it is there."""
        self._ask("join", profile._asdict())

    def push(self, profile: Profile, prepare: Callable[[Theirs | None], Push]) -> Push:
        """Write days in one transaction, alone on the device's row; ``prepare`` sees the row first and may raise."""
        with self._transaction():
            rows = self._ask("device_alone", {"id": profile.id})
            push = prepare(_theirs(rows))
            if push.days:
                days = dumps([_written(day) for day in push.days], separators=(",", ":"))
                self._ask("push", {"id": profile.id, "revision": push.revision, "days": days})
            sign = {"revision": push.revision, "token": push.token}
            self._ask("sign", {**profile._asdict(), **sign})
        return push

    def devices(self, own: str, since: str | None) -> list[Row]:
        """Devices that changed since a time of the database (``None``: all), as they are told to the device ``own``."""
        return self._ask("devices", {"id": own, "since": since, "most": MOST_DEVICES})

    def how_many(self) -> int:
        """How many devices there are."""
        return int(str(self._ask("how_many")[0][0]))

    def now(self) -> str:
        """The database's time."""
        return str(self._ask("now")[0][0])

    def days(self, device: str, revision: int, day: int) -> list[Row]:
        """The next days of a device after this revision and this day of it, in that order; at most a handful."""
        values = {"id": device, "revision": revision, "day": day, "most": ROWS_AT_ONCE}
        return self._ask("days", values)

    def rename(self, device: str, name: str) -> bool:
        """Give a device another name; false when there is none that we may change."""
        return bool(self._ask("rename", {"id": device, "name": name}))

    def retire(self, device: str) -> bool:
        """Mark a device as gone, its history stays; false when there is none that we may change."""
        return bool(self._ask("retire", {"id": device}))

    def forget(self, device: str) -> bool:
        """Delete a device with all its days; false when there is none that we may delete."""
        return bool(self._ask("forget", {"id": device}))

    def _versions(self) -> tuple[int, int]:
        """Version of the schema and the oldest client that may use it; zeros where there is none."""
        match self._ask("versions"):
            case [(int(version), int(oldest))] if version > 0:
                return version, oldest
            case _:
                raise _not_ours()

    def _is_there(self) -> bool:
        return bool(self._ask("is_there")[0][0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._speaking(), self._connection.transaction():
            yield

    def _ask(self, name: str, values: Mapping[str, object] | None = None) -> list[Row]:
        with self._speaking():
            cursor = self._connection.execute(self._sql[name], values)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def connected(url: str) -> Iterator[Remote]:
    """Connect for one run.

    Raises:
        SyncSetupError: a person has to change something first.
        SyncError: it cannot be reached now.
    """
    asked = parameters(url)
    host = str(asked.get("host") or "this computer")
    secrets = _secrets(url, asked)
    with speaking_of(host, secrets):
        connection = psycopg.connect(**asked, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
    try:
        yield Remote(connection, lambda: _answered(connection, host, secrets))
    finally:
        with suppress(psycopg.Error):
            connection.close()


@contextmanager
def _answered(connection: psycopg.Connection[Row], host: str, secrets: tuple[str, ...]) -> Iterator[None]:
    """What is asked inside is answered in time: a server that is frozen, or waits for a lock, would be waited for."""
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError, psycopg.Error), socket.fromfd(connection.pgconn.socket, 0, 0) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(ANSWER_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    try:
        with speaking_of(host, secrets):
            yield
    except SyncError as exc:
        if not late.is_set():
            raise
        raise SyncError(f"sync: the database at {host} does not answer", LATER) from exc
    finally:
        timer.cancel()


def _theirs(rows: list[Row]) -> Theirs | None:
    match rows:
        case []:
            return None
        case [(str(born), str(token), int(revision), *_)]:
            return Theirs(born, token, revision)
        case _:
            raise _not_ours()


def _not_ours() -> SyncSetupError:
    return SyncSetupError(f"sync: {NOT_OURS}", OF_ITS_OWN)


def _secrets(url: str, asked: Parameters) -> tuple[str, ...]:
    password = str(asked.get("password", ""))
    return (url, password, unquote(password))


def _written(day: UtcDay) -> dict[str, object]:
    """A day as the statement takes it; a column that says nothing is left out."""
    full = all(seconds == QUARTER_SECONDS for seconds in day.observed)
    return {
        "day": day.day,
        "rx": sum(day.rx),
        "tx": sum(day.tx),
        "estimated": sum(day.estimated),
        "peak": max(day.peak),
        "observed": day.seconds,
        "quarters_rx": day.rx,
        "quarters_tx": day.tx,
        "quarters_estimated": day.estimated if any(day.estimated) else None,
        "quarters_peak": day.peak if any(day.peak) else None,
        "quarters_observed": None if full else day.observed,
    }
