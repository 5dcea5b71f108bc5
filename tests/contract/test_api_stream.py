"""Server-sent events: one measurement for everybody, today as it changes, problems in words."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy.api import pulse
from unit.calm import Stopwatch

Event = tuple[str, Any]


@contextmanager
def events(served: Served, path: str = "/api/stream") -> Iterator[Iterator[Event]]:
    """The events of one stream as they come."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        with connection.makefile("r", encoding="utf-8") as lines:
            yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ").strip()
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A small ledger."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 10, 20)])
    with Served(tmp_path) as server:
        yield server


def first(stream: Iterator[Event], wanted: str) -> Any:
    """The body of the next event of this name."""
    return next(body for name, body in stream if name == wanted)


def test_a_stream_begins_with_today_and_goes_on_with_speeds(served: Served) -> None:
    """Today at once with /api/today's body, then live each second, measured without a gap."""
    began, watch = time.monotonic(), Stopwatch()
    with events(served) as stream:
        assert next(stream) == ("today", served.get("/api/today").json)
        measured = [first(stream, "live")["measured_seconds"] for _ in range(3)]
    assert sum(measured) <= time.monotonic() - began
    assert all(0.5 < seconds < 3 + watch.stalled for seconds in measured)


def test_today_comes_again_when_it_changes_and_at_midnight(served: Served) -> None:
    """An unchanged day is not sent twice; a new local day is sent within a tick or two."""
    with events(served) as stream:
        assert first(stream, "today")["date"] == "2026-11-23"
        quiet = [next(stream)[0] for _ in range(3)]
        served.now_ns = NOON + 12 * HOUR
        watch = Stopwatch()
        assert first(stream, "today")["date"] == "2026-11-24"
    assert quiet == ["live"] * 3
    assert watch.seconds < 5


def test_problems_are_told_once_and_recovery_follows(tmp_path: Path) -> None:
    """Without a ledger the stream lives, says so once, and sends today as soon as there is one."""
    with Served(tmp_path) as served, events(served) as stream:
        assert next(stream)[1]["error"]["code"] == "no_data"
        assert [next(stream)[0] for _ in range(2)] == ["live", "live"]
        write_ledger(tmp_path, [Moved(NOON - HOUR, 10, 20)])
        assert first(stream, "today")["total_bytes"] == 30


def test_many_streams_share_one_measurement(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty listeners cost one look at the counters a second, and /api/live takes part in it."""
    looks: list[float] = []
    look = pulse.Counters.look

    def counted(self: pulse.Counters, asking: Any) -> bytes | None:
        looks.append(time.monotonic())
        return look(self, asking)

    monkeypatch.setattr(pulse.Counters, "look", counted)
    connections = [socket.create_connection(("127.0.0.1", served.port), timeout=15) for _ in range(50)]
    try:
        for connection in connections:
            connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = [b""] * 50
        for place, connection in enumerate(connections):
            while received[place].count(b"event: live") < 2:
                received[place] += connection.recv(65536)
        served.get("/api/live")
    finally:
        for connection in connections:
            connection.close()
    passed = looks[-1] - looks[0]
    assert len(looks) <= passed / pulse.TICK_SECONDS + 2


def test_nobody_listening_nothing_is_measured(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last listener leaves, the ticker ends."""
    looks: list[float] = []
    closed: list[float] = []
    look, close = pulse.Counters.look, pulse.Counters.close

    def counted(self: pulse.Counters, asking: Any) -> bytes | None:
        looks.append(time.monotonic())
        return look(self, asking)

    def closing(self: pulse.Counters) -> None:
        closed.append(time.monotonic())
        close(self)

    monkeypatch.setattr(pulse.Counters, "look", counted)
    with events(served) as stream:
        first(stream, "live")
        monkeypatch.setattr(pulse.Counters, "close", closing)
    deadline = time.monotonic() + 10
    while not closed:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert closed[0] >= looks[-1]


def test_streams_end_at_once_when_the_server_leaves(served: Served) -> None:
    """An open page learns immediately that the service is away."""
    with events(served) as stream:
        next(stream)
        watch = Stopwatch()
        served.stop()
        assert all(name for name, _ in stream)
        assert watch.seconds < 1.5


def test_a_stream_of_one_interface_measures_only_that(served: Served) -> None:
    """``interface`` narrows the speeds to one that is there."""
    with events(served, "/api/stream?interface=lo") as stream:
        body = first(stream, "live")
    assert {each["name"] for each in body["interfaces"]} <= {"lo"}
