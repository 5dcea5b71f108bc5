"""The API where sockets cannot be handed over: one child that stays. Its code runs everywhere, so it is tested here."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.netns import wait_until
from packetbuddy.monitor import resident
from packetbuddy.monitor.resident import Resident
from unit.doors import House, Minder
from unit.ports import free_port

posix_only = pytest.mark.skipif(os.name != "posix", reason="ends the child by a signal")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def door(house: House) -> Iterator[Resident]:
    """Minded until the end of the test, then closed."""
    door = Resident(house.log, house.tuning, house.command)
    with contextlib.closing(door), Minder(door):
        wait_until(lambda: answers(house))
        yield door


def answers(house: House) -> bool:
    """Whether the API serves."""
    try:
        return house.request(seconds=2)[0] == 200
    except OSError:
        return False


@posix_only
@pytest.mark.usefixtures("door")
def test_it_comes_back(house: House) -> None:
    """Killed soon after its start it is back after a pause, and the log says so."""
    first = int(house.ask())
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: answers(house) and int(house.ask()) != first)
    assert house.words("started again in 1 s")


def test_it_stays_though_it_is_idle(house: House, door: Resident) -> None:
    """One that leaves by itself is started again at once, with no word."""
    house.behave(idle=0.1, drain=0)
    house.port = free_port()
    house.configure()
    seen = set()

    def several() -> bool:
        child = door._child
        seen.update([] if child is None else [child.pid])
        return len(seen) > 3

    assert house.tuning.refresh(force=True)
    wait_until(several)
    assert house.words("ended") == []


@pytest.mark.usefixtures("door")
def test_it_moves_with_the_settings(house: House) -> None:
    """Another port is served by another process; the first is gone."""
    first, old = house.ask(), house.port
    house.port = free_port()
    house.configure()
    assert house.tuning.refresh(force=True)
    wait_until(lambda: answers(house))
    assert house.ask() != first
    with pytest.raises(ConnectionRefusedError):
        house.request(port=old)


def test_close_ends_it(house: House, door: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    """The life-line's end is enough; nothing is killed."""
    monkeypatch.setattr(resident, "PARTING_SECONDS", 5)
    child = door._child
    assert child is not None
    house.behave(fail=True)
    door.close()
    assert child.returncode == 0
