"""A ledger written through the real meter and writer, and the API serving it at an instant of the test's choice."""

import asyncio
import http.client
import json
import os
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from packetbuddy.api.desk import Facts
from packetbuddy.api.main import serve
from packetbuddy.metering.books import Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Boot, Counters, Instant, Link, Reading, Route
from packetbuddy.metering.readings import Facts as LinkFacts
from packetbuddy.settings.places import Home
from packetbuddy.storage.writer import Beat, Flush, Writer

ZONE = "Asia/Kolkata"
NOON = int(datetime(2026, 11, 23, 6, 30, tzinfo=UTC).timestamp()) * SECOND
"""Noon of 23 November 2026 in :data:`ZONE`."""
HOUR = 3600 * SECOND


class Moved(NamedTuple):
    """Bytes that moved in the second before an instant."""

    at_ns: int
    sent: int
    received: int


def write_ledger(root: Path, moves: list[Moved], now_ns: int = NOON) -> None:
    """A monitor of another machine counted exactly this on ``eth0`` and stopped at ``now_ns``.

    Another machine, so that this one's own counters add nothing: figures are known to the byte.
    """
    root.mkdir(parents=True, exist_ok=True)
    writer = Writer(Home(root).ledger)
    meter = Meter(writer.books(), selection=None, policy=Policy(3 * SECOND))
    sent = received = 1000
    meter.look(_reading(moves[0].at_ns - HOUR, sent, received))
    for move in moves:
        meter.look(_reading(move.at_ns - SECOND, sent, received))
        sent, received = sent + move.sent, received + move.received
        meter.look(_reading(move.at_ns, sent, received))
    meter.look(_reading(now_ns, sent, received))
    kinds = {each.name: each.kind for each in meter.choice.decisions}
    beat = Beat("2.0.0", now_ns, SECOND, 30 * SECOND, None, now_ns)
    writer.commit(Flush(meter.harvest(), meter.books, kinds, beat))
    writer.close()


def _reading(wall_ns: int, sent: int, received: int) -> Reading:
    elapsed = wall_ns - NOON + 400 * 24 * HOUR
    return Reading(
        at=Instant(wall_ns, elapsed, elapsed, synchronized=True),
        boot=Boot("a boot", certain=True),
        namespace="net:1",
        machine="another machine",
        links=(
            Link(2, "eth0", Counters(received, sent, received, sent), LinkFacts("hardware", bytes_per_second=10**9)),
        ),
        routes=(Route(4, 0, 0, 2, gateway=True),),
    )


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The JSON value."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The word of the error."""
        error = self.json["error"]
        assert sorted(error) == ["code", "hint", "message"]
        assert all(isinstance(value, str) for value in error.values())
        return str(error["code"])


class Served:
    """The API in a thread of its own, from entering to leaving; the clock stands still at ``now_ns``."""

    def __init__(self, root: Path, *, now_ns: int = NOON, zone: str = ZONE) -> None:
        self.home = Home(root)
        self.environment: Mapping[str, str] = {"TZ": zone, "PACKETBUDDY_HOME": str(root)}
        self.now_ns = now_ns
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.given_back = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="served")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join()

    def stop(self) -> None:
        """Tell it to leave."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._told.set)

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """Everything that comes back for these bytes, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        facts = Facts(self.home, self.environment, os.uname().nodename, self.now_ns, lambda: self.now_ns)
        self._loop.call_soon(self._ready.set)
        await serve(facts, self._listener, told=self._told, given_back=self.given_back.set)
