"""The API awake only while somebody looks: the door and real stand-in processes behind it."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from machine.netns import wait_until
from packetbuddy.monitor import activation, refusals
from packetbuddy.monitor.activation import Activation
from unit.calm import Stopwatch
from unit.doors import House, Visitors
from unit.ports import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a socket is handed over on POSIX only")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def gone(pid: int) -> bool:
    """Whether no process has that number any more; a dead one that nobody collected still has it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_first_connection_wakes_the_api_and_the_next_finds_it(house: House) -> None:
    """Nothing runs before somebody looks; one process then serves all."""
    with house.open() as (door, _):
        assert door._children() == []
        assert house.ask() == house.ask()
        assert len(door._children()) == 1


def test_an_idle_api_gives_back_drains_and_the_next_connection_wakes_another(house: House) -> None:
    """What was accepted before the give-back is answered; meanwhile the next process serves; both are collected."""
    leave = house.folder / "leave"
    house.behave(idle=0.1, until=str(leave))
    with house.open() as (door, _), ThreadPoolExecutor() as pool:
        slow = pool.submit(house.ask, "/slow")
        wait_until(lambda: bool(door._leaving))
        second = house.ask()
        assert slow.result() != second
        leave.touch()
        wait_until(lambda: not door._children())
        assert house.words("failed") == []


def test_no_connection_is_lost_in_a_hundred_revivals(house: House) -> None:
    """While children leave after a moment of rest, visitors at random moments are all answered, each time anew."""
    house.behave(idle=0.01, drain=0.05)
    pids: set[str] = set()

    def ask() -> int:
        status, pid = house.request()
        pids.add(pid)
        return status

    with house.open(), Visitors(ask, 3) as visitors:
        wait_until(lambda: len(pids) > 100 and visitors.answered > 200, 60)
    assert visitors.failures == []
    assert house.words("failed") == []


def test_an_idle_api_leaves_no_process_behind(house: House) -> None:
    """After the drain the number of the process is free: it was collected, not left as a zombie."""
    house.behave(idle=0.05, drain=0.05)
    with house.open():
        pid = int(house.ask())
        wait_until(lambda: gone(pid))


def test_the_child_has_four_descriptors_and_a_group_of_its_own(house: House) -> None:
    """Life-line, give-back, standard error and the socket, nothing else; Ctrl-C does not reach it."""
    with house.open():
        assert house.ask("/fds") == "0,1,2,3,4"  # the last one is the connection that asks
        assert house.ask("/group") == house.ask("/pid")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_api_is_followed_by_another_at_once(house: House, number: signal.Signals) -> None:
    """Killed in mid-request: that client sees a closed connection, the next is answered within a second or two."""
    with house.open() as (door, _):
        first = int(house.ask())
        with socket.create_connection(("127.0.0.1", house.port)) as held:
            held.sendall(b"GET /hold HTTP/1.1\r\n\r\n")
            wait_until(lambda: not door._queued() and door._serving is not None and door._serving.took)
            os.kill(first, number)
            assert int(house.ask()) != first
            held.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                assert held.recv(1) == b""


def test_kills_are_never_failed_starts(house: House) -> None:
    """However often it is killed at work: no pause, no 503."""
    with house.open() as (door, _):
        for _ in range(6):
            pid = int(house.ask())
            wait_until(lambda: door._serving is not None and door._serving.took)
            os.kill(pid, signal.SIGKILL)
        watch = Stopwatch()
        house.ask()
        assert watch.seconds < 1
    assert house.words("failed") == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between failed starts a fifth as long."""
    monkeypatch.setattr(activation, "FIRST_PAUSE_SECONDS", 0.2)


@pytest.mark.usefixtures("quick")
def test_failed_starts_pause_then_503_then_recovery(house: House) -> None:
    """Tried after one pause and a doubled one; after the third failure everyone gets the fixed text, until it works."""
    house.behave(fail=True)
    with house.open():
        began, watch = time.monotonic(), Stopwatch()
        status, body = house.request()
        assert (status, '"code":"api_unavailable"' in body) == (503, True)
        assert time.monotonic() - began >= 0.6
        assert watch.seconds < 3
        watch = Stopwatch()
        assert house.request()[0] == 503
        assert watch.seconds < 0.5
        house.behave()
        wait_until(lambda: house.request()[0] == 200)
        told = house.words("failed to start (exit code 7)")[:3]  # on a busy machine it is tried a fourth time
        assert [line.rsplit("in a row; ", 1)[1] for line in told] == [
            "tried again in 0.2 s",
            "tried again in 0.4 s",
            "tried again in 0.8 s, 503 is answered meanwhile",
        ]


def test_pauses_double_up_to_a_minute(house: House) -> None:
    """1, 2, 4 … 60 s, however long it goes on."""
    door = Activation(house.log, house.tuning, house.command)
    pauses = []
    for _ in range(2000):
        door._failed("no reason", 0.0)
        pauses.append(door._resume)
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert pauses[-1] == 60


@pytest.mark.usefixtures("quick")
def test_a_crash_at_work_soon_after_the_start_pauses_too(house: House) -> None:
    """A program that dies of each request is not started over and over without a breath."""
    with house.open():
        for _ in range(3):
            with pytest.raises(OSError, match=r".*"):
                house.ask("/die")
        assert len(house.words("failed to start (exit code 9)")) >= 2


def test_a_program_that_cannot_be_started_is_a_failed_start(house: House) -> None:
    """No interpreter in its place: a line in the log, no exception in the loop."""
    house.command = ("/nowhere/python",)
    with house.open(), socket.create_connection(("127.0.0.1", house.port)):
        wait_until(lambda: bool(house.words("failed to start (No such file")))


@pytest.fixture
def refusing(house: House) -> Iterator[House]:
    """A house whose API could not be started three times and will not be tried for a minute."""
    with house.open() as (door, minder):
        door._failures, door._resume = 3, time.monotonic() + 60
        yield house
    assert minder.longest < 0.5  # 50 clients share this interpreter with it


def test_hundreds_at_once_get_the_text_without_holding_the_monitor(refusing: House) -> None:
    """300 connections at once all read a whole 503; no turn of the loop takes long (the fixture measures)."""
    with ThreadPoolExecutor(50) as pool:
        assert {status for status, _ in pool.map(lambda _: refusing.request(), range(300))} == {503}


def test_silent_clients_are_refused_and_forgotten(refusing: House) -> None:
    """Who connects and says nothing gets the text and is closed after a moment; more than 64 never stay open."""
    held = [socket.create_connection(("127.0.0.1", refusing.port), timeout=10) for _ in range(100)]
    for connection in held:
        assert connection.recv(65536).startswith(b"HTTP/1.1 503 ")
        assert connection.recv(1) == b""
        connection.close()
    assert refusing.request()[0] == 503


@pytest.fixture
def asleep(house: House) -> Iterator[Activation]:
    """A door behind which nobody is awake; each test minds it itself, with nothing to read."""
    with contextlib.closing(Activation(house.log, house.tuning, house.command)) as door:
        yield door


def minded(door: Activation, condition: Callable[[], bool]) -> None:
    """Mind the door, over and over, until something came of it."""

    def one_turn() -> bool:
        door.mind([])
        return condition()

    wait_until(one_turn)


def test_asleep_it_moves_to_another_port(house: House, asleep: Activation) -> None:
    """New settings are heeded although nothing happens at the door."""
    asleep.mind([])
    house.port = free_port()
    house.configure()
    assert house.tuning.refresh(force=True)
    asleep.mind([])
    socket.create_connection(("127.0.0.1", house.port)).close()


def test_asleep_it_tries_a_taken_port_again(house: House, asleep: Activation) -> None:
    """As soon as it is free, although nothing happens at the door."""
    with socket.create_server(("127.0.0.1", house.port)):
        asleep.mind([])
        assert asleep.patience() <= 0.1
    minded(asleep, lambda: asleep._listener.socket is not None)
    socket.create_connection(("127.0.0.1", house.port)).close()


def test_asleep_it_lets_the_refused_go(house: House, asleep: Activation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was answered and keeps silent is closed after a moment, although nothing happens at the door."""
    monkeypatch.setattr(refusals, "LINGER_SECONDS", 0.05)
    asleep.mind([])
    asleep._failures, asleep._resume = 3, time.monotonic() + 60
    with socket.create_connection(("127.0.0.1", house.port)):
        wait_until(asleep._queued)
        asleep.mind(asleep.descriptors())
        assert asleep._refusals.descriptors()
        minded(asleep, lambda: not asleep._refusals.descriptors())


def test_other_settings_leave_the_api_alone(house: House) -> None:
    """It reads them itself: nobody's stream is cut for them."""
    with house.open() as (door, _):
        first = house.ask()
        house.configure(cors_enabled=True)
        assert house.tuning.refresh(force=True)
        door.mind([])
        assert house.ask() == first


def test_the_port_moves_and_what_was_accepted_is_answered(house: House) -> None:
    """The new port answers, the old one is free, and a request begun on the old one is answered to the end."""
    with house.open() as (door, _), ThreadPoolExecutor() as pool:
        house.ask()
        slow = pool.submit(house.ask, "/slow", port=house.port)
        wait_until(lambda: not door._queued())
        old, house.port = house.port, free_port()
        house.configure()
        assert house.tuning.refresh(force=True)
        wait_until(lambda: f"127.0.0.1:{house.port}" in str(house.words("the dashboard is at")))
        assert house.ask() != slow.result()
        wait_until(lambda: is_free(old))


def is_free(port: int) -> bool:
    """Whether the port can be bound."""
    with socket.socket() as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asking.bind(("127.0.0.1", port))
            asking.listen()
        except OSError:
            return False
    return True


def test_a_hanging_api_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never accepts is killed, told, and counts as a failed start."""
    monkeypatch.setattr(activation, "STUCK_SECONDS", 0.2)
    house.behave(hang=True)
    with house.open(), socket.create_connection(("127.0.0.1", house.port)):
        wait_until(lambda: bool(house.words("does not take connections")))
        wait_until(lambda: bool(house.words("failed to start (signal 9), 1 in a row")))
        monkeypatch.undo()  # a busy machine may need longer than that for a good start
        house.behave()
        house.ask()


def test_a_drain_without_end_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gave back and never leaves is killed; that is no failed start."""
    monkeypatch.setattr(activation, "DRAIN_SECONDS", 0.3)
    house.behave(idle=0.05, until="/never")
    with house.open():
        pid = int(house.ask())
        wait_until(lambda: gone(pid))
    assert house.words("failed") == []


def test_closing_frees_the_port_and_ends_the_children(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When ``close`` returns nobody listens and no child lives, not even one in mid-request or one that gave back."""
    monkeypatch.setattr(activation, "PARTING_SECONDS", 30)  # who is slow on a busy machine is not killed, but awaited
    house.behave(idle=0.1, until="/never")
    with house.open() as (door, _):
        pids = [int(house.ask())]
        wait_until(lambda: bool(door._leaving))
        pids.append(int(house.ask()))
        held = socket.create_connection(("127.0.0.1", house.port))
        held.sendall(b"GET /hold HTTP/1.1\r\n\r\n")
    held.close()
    assert [pid for pid in pids if not gone(pid)] == []
    assert is_free(house.port)
    door.close()


def test_a_loop_that_dies_takes_the_api_with_it(house: House) -> None:
    """Only the life-line's end is needed, as after a kill -9 of the monitor."""
    door = Activation(house.log, house.tuning, house.command)
    door.mind([])
    assert door._listener.socket is not None
    door._start(time.monotonic())
    (child,) = door._children()
    threading.Timer(0.2, child.release).start()
    wait_until(lambda: child.ended() == 0)
    door._serving = None
    door.close()


def test_it_works_where_nobody_hears_of_ended_children(house: House) -> None:
    """Some supervisors start programs with SIGCHLD ignored: a killed API is followed by another all the same."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with house.open():
            first = int(house.ask())
            os.kill(first, signal.SIGKILL)
            assert int(house.ask()) != first
    finally:
        signal.signal(signal.SIGCHLD, before)
