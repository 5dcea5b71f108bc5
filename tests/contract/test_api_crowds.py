"""Slow readers and crowds: nobody keeps the others from their answers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from machine.netns import wait_until
from packetbuddy.answers import usage
from packetbuddy.api import connection, large, serving, stream

LONG = "/api/range?from=2016-11-24&to=2026-11-23"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A small ledger."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 1, 2)])
    with Served(tmp_path) as server:
        yield server


def asked(served: Served, path: str, *, buffer: int | None = None) -> socket.socket:
    """A connection that has asked and reads nothing yet."""
    client = socket.socket()
    if buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.settimeout(15)
    client.connect(("127.0.0.1", served.port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return client


def everything(client: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_long_answer_arrives_whole(served: Served) -> None:
    """In pieces, with its length, to the last byte; HEAD has the same length and no body."""
    answer, head = served.get(LONG), served.get(LONG, method="HEAD")
    assert len(answer.body) > large.LARGE_BYTES
    assert int(answer.headers["content-length"]) == len(answer.body) == int(head.headers["content-length"])
    assert (len(answer.json["days"]), head.body) == (3652, b"")


def test_slow_readers_of_long_answers_are_few_and_delay_nobody(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the places for long answers it is 503 busy; short ones are answered."""
    monkeypatch.setattr(large, "MOST_LARGE", 2)
    with ExitStack() as held:
        slow = [held.enter_context(asked(served, LONG, buffer=2048)) for _ in range(2)]
        for client in slow:
            client.recv(1)
        refused = served.get(LONG)
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "busy", "2")
        assert served.get("/api/today").status == 200


def test_who_reads_nothing_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the place for a long answer is another one's."""
    monkeypatch.setattr(large, "MOST_LARGE", 1)
    monkeypatch.setattr(connection, "STALLED_SECONDS", 1.0)
    with asked(served, LONG, buffer=2048) as client:
        client.recv(1)
        wait_until(lambda: served.get(LONG).status == 200, 60)


def test_a_long_answer_in_the_making_delays_no_short_one(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Health and today do not wait for a range."""
    begun, go = threading.Event(), threading.Event()
    days = usage.days

    def blocked(*arguments: object) -> object:
        begun.set()
        assert go.wait(15)
        return days(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(usage, "days", blocked)
    with asked(served, "/api/range?from=2026-11-22&to=2026-11-23") as waiting:
        try:
            assert begun.wait(30)
            assert served.get("/api/health").json["storage"]["state"] == "ok"
            assert served.get("/api/today").status == 200
        finally:
            go.set()
        assert everything(waiting).startswith(b"HTTP/1.1 200")


def test_streams_leave_room_for_others(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """One stream too many is refused in the one shape; when one ends there is room again."""
    monkeypatch.setattr(stream, "MOST_STREAMS", 2)
    with asked(served, "/api/stream") as first, asked(served, "/api/stream") as second:
        assert first.recv(12) == second.recv(12) == b"HTTP/1.1 200"
        refused = served.get("/api/stream")
        assert (refused.status, refused.code) == (503, "busy")
        assert served.get("/api/today").status == 200
    deadline = time.monotonic() + 10
    while True:
        with asked(served, "/api/stream") as again:
            if again.recv(12) == b"HTTP/1.1 200":
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_whom_there_is_no_room_for_is_told_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every place taken a newcomer gets 503 busy, sealed, without having to wait; then there is room again."""
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 3)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(socket.create_connection(("127.0.0.1", served.port)))
        with asked(served, "/api/health") as newcomer:
            head, _, body = everything(newcomer).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in head
        assert b"content-security-policy" in head
        assert json.loads(body)["error"]["code"] == "busy"
    deadline = time.monotonic() + 10
    while served.get("/api/today").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
