"""The API's process as the monitor starts it: the socket, the life-line, leaving, and what slow or many clients do."""

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from contract.api_serving import HOUR, NOON, Moved, write_ledger
from machine.netns import wait_until
from unit.calm import Stopwatch

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows hands the socket over in another way"),
]
PATIENT = "from packetbuddy.api import main, serving; serving.DRAIN_MOST = 30.0; main.run()"
"""An API that waits for whom it has accepted however long a busy machine keeps them."""


class Child:
    """The process with descriptors as the monitor gives them: owns the other ends."""

    def __init__(self, root: Path, listener: socket.socket, *, descriptors: int = 1024, patient: bool = False) -> None:
        life_read, self.life_line = os.pipe()
        self.told, told_write = os.pipe()
        code = (
            "import os, sys, resource; os.dup2(int(sys.argv[1]), 3)\n"
            f"resource.setrlimit(resource.RLIMIT_NOFILE, ({descriptors}, {descriptors}))\n"
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        )
        program = ("-c", PATIENT) if patient else ("-m", "packetbuddy.api")
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(listener.fileno()), *program, str(root)],
            stdin=life_read,
            stdout=told_write,
            stderr=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        os.close(life_read)
        os.close(told_write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self.process.communicate(timeout=30)
        os.close(self.told)

    def cut(self) -> None:
        """The monitor is gone."""
        with contextlib.suppress(OSError):
            os.close(self.life_line)

    def gave_back(self, seconds: float) -> bool:
        """Whether the socket is given back within that time; one byte before that says that the start went well."""
        deadline = time.monotonic() + seconds
        while select.select([self.told], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not (said := os.read(self.told, 16)):
                return True
            assert said == b"+"
        return False

    def code(self) -> int:
        """How it left."""
        return self.process.wait(30)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket that the monitor owns."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A home with a small ledger, and an API that leaves after ten seconds, the least."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 1, 2)])
    (tmp_path / "config.toml").write_text("[api]\nidle_timeout = 10\n")
    return tmp_path


def ask(listener: socket.socket, path: str = "/api/interfaces") -> http.client.HTTPResponse:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=15)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse()
    except OSError:
        connection.close()
        raise


def test_a_waiting_connection_is_answered_and_idleness_gives_the_socket_back(
    root: Path, listener: socket.socket
) -> None:
    """What waited before the process came is answered; idle, it gives the socket back and leaves with 0, silently."""
    with socket.create_connection(listener.getsockname()) as early:
        early.sendall(b"GET /api/interfaces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with Child(root, listener) as child:
            assert early.recv(65536).startswith(b"HTTP/1.1 200")
            assert child.gave_back(60)
            with socket.create_connection(listener.getsockname()) as late:
                accepted, _ = listener.accept()
                accepted.sendall(b"ours again")
                assert late.recv(100) == b"ours again"
                accepted.close()
            assert child.code() == 0
            assert child.process.stderr is not None
            assert child.process.stderr.read() == b""


def test_the_life_line_ends_it_at_once(root: Path, listener: socket.socket) -> None:
    """When the monitor is gone the process leaves in mid-request, within moments; the port is free for the next."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with Child(root, listener) as child:
        assert ask(listener).status == 200
        with socket.create_connection(listener.getsockname()) as asking:
            asking.sendall(b"GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            watch = Stopwatch()
            child.cut()
            assert child.code() == 0
            assert watch.seconds < 1.0


def test_sigterm_is_an_idle_exit_at_once(root: Path, listener: socket.socket) -> None:
    """Told to leave in mid-request it gives the socket back, still answers what it had accepted, and leaves with 0."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with Child(root, listener, patient=True) as child:
        assert ask(listener).status == 200
        with socket.create_connection(listener.getsockname(), timeout=15) as asking:
            asking.sendall(b"GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: _received(child, asking))
            child.process.send_signal(signal.SIGTERM)
            assert child.gave_back(30)
            reply = b"".join(iter(lambda: asking.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in reply.lower()
        assert child.code() == 0


def _received(child: Child, asking: socket.socket) -> bool:
    """The kernel's table shows that the process has read what we sent: nothing waits in its socket."""
    port = f":{asking.getsockname()[1]:04X}"
    rows = Path(f"/proc/{child.process.pid}/net/tcp").read_text().splitlines()
    return any(row.split()[2].endswith(port) and row.split()[4].endswith(":00000000") for row in rows)


def test_a_stream_keeps_it_awake_and_health_does_not(root: Path, listener: socket.socket) -> None:
    """While a stream is open nobody leaves; asking for health all the time keeps nobody."""
    with Child(root, listener) as child:
        with socket.create_connection(listener.getsockname(), timeout=15) as stream:
            stream.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while received.count(b"event: live") < 11:
                received += stream.recv(65536)
            assert not child.gave_back(0.5)
        begun = time.monotonic()
        while not child.gave_back(0.2):
            try:
                status = ask(listener, "/api/health").status
            except TimeoutError:  # given back a moment ago: the connection waits for the next process
                assert child.gave_back(0)
                break
            assert status == 503
            assert time.monotonic() - begun < 60


def test_no_connection_is_lost_over_idle_exits(root: Path, listener: socket.socket) -> None:
    """Connections arrive all the time while processes leave and come: each is answered, by one or the next."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    statuses: list[int] = []
    stop = threading.Event()

    def asking() -> None:
        while not stop.is_set():
            statuses.append(ask(listener).status)

    askers = [threading.Thread(target=asking) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        child = stack.enter_context(Child(root, listener))
        for asker in askers:
            asker.start()
        try:
            for _ in range(4):
                before = len(statuses)
                wait_until(lambda before=before: len(statuses) > before + 10)  # type: ignore[misc]
                child.process.send_signal(signal.SIGTERM)
                assert child.gave_back(30)
                child = stack.enter_context(Child(root, listener))
            wait_until(lambda: child.process.poll() is None and len(statuses) > 60)
        finally:
            stop.set()
            for asker in askers:
                asker.join(20)
    assert set(statuses) == {200}


NOTHING = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def crowd(stack: contextlib.ExitStack, listener: socket.socket, number: int, words: bytes) -> Iterator[socket.socket]:
    """So many connections, closed with the stack; each has said these words as soon as it was there."""
    for _ in range(number):
        connection = stack.enter_context(socket.create_connection(listener.getsockname(), timeout=60))
        connection.sendall(words)
        yield connection


def test_dribbled_requests_are_cut_and_others_answered_meanwhile(root: Path, listener: socket.socket) -> None:
    """150 clients that never finish their request hold nobody up, and are told 408 after ten seconds."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with Child(root, listener), contextlib.ExitStack() as stack:
        assert ask(listener).status == 200
        slow = list(crowd(stack, listener, 150, b"GET /api/today HTTP/1.1\r\nHost: localhost\r\n"))
        watch = Stopwatch()
        assert ask(listener).status == 200
        assert watch.seconds < 5
        reply = slow[0].recv(65536)
        assert reply.startswith(b"HTTP/1.1 408")
        assert json.loads(reply.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_slow"


def test_five_hundred_connections_at_once_are_all_answered(root: Path, listener: socket.socket) -> None:
    """More than it takes at once wait in the system's queue and are answered in turn."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with contextlib.ExitStack() as stack:
        many = list(crowd(stack, listener, 500, NOTHING))
        stack.enter_context(Child(root, listener))
        assert {connection.recv(12) for connection in many} == {b"HTTP/1.1 404"}


def test_without_descriptors_left_connections_wait_and_are_answered(root: Path, listener: socket.socket) -> None:
    """Where the system gives it few descriptors it says so, goes on, and answers everybody in turn."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with contextlib.ExitStack() as stack:
        many = list(crowd(stack, listener, 60, NOTHING))
        child = stack.enter_context(Child(root, listener, descriptors=40))
        assert {connection.recv(12) for connection in many} == {b"HTTP/1.1 404"}
        assert child.process.poll() is None


def test_who_says_nothing_does_not_hold_up_leaving(root: Path, listener: socket.socket) -> None:
    """A connection that never asks is closed two seconds after the socket was given back."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with Child(root, listener) as child:
        assert ask(listener).status == 200
        with socket.create_connection(listener.getsockname(), timeout=60) as silent:
            assert ask(listener).status == 200
            watch = Stopwatch()
            child.process.send_signal(signal.SIGTERM)
            assert silent.recv(100) == b""
            assert child.code() == 0
            assert watch.seconds < 5  # where it is not, its own ten seconds run out


def test_who_asks_late_in_the_drain_is_answered(root: Path, listener: socket.socket) -> None:
    """Who was accepted before the socket was given back, and asks only then, still has an answer."""
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    with Child(root, listener, patient=True) as child:
        assert ask(listener).status == 200
        with socket.create_connection(listener.getsockname(), timeout=15) as late:
            assert ask(listener).status == 200
            child.process.send_signal(signal.SIGTERM)
            assert child.gave_back(30)
            late.sendall(b"GET /api/interfaces HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reply = b"".join(iter(lambda: late.recv(65536), b""))
        assert reply.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in reply.lower()
        assert child.code() == 0


def test_a_wrong_command_line_is_explained(tmp_path: Path) -> None:
    """Without a home, or with an address that is none: exit code 2 and how it is used."""
    for arguments in ([], ["--help"], [str(tmp_path), "--listen", "7373"], [str(tmp_path), "--port", "1:2"]):
        done = subprocess.run(
            [sys.executable, "-m", "packetbuddy.api", *arguments], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("usage: ")


def test_for_development_it_listens_by_itself(root: Path) -> None:
    """``--listen`` binds the address and serves until Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (root / "config.toml").write_text("[api]\nidle_timeout = 0\n")
    command = [sys.executable, "-m", "packetbuddy.api", str(root), "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: _connects(port), 20)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        connection.request("GET", "/api/interfaces")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
