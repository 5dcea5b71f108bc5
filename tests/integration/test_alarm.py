"""The monitor's side of alerts: when it starts a look, and what it makes of its end."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.ledgers import Counting, Machine, at
from packetbuddy.monitor import alarm as module
from packetbuddy.monitor import child
from packetbuddy.monitor.alarm import Alarm, waiting
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.storage.alerting import alerting
from packetbuddy.storage.trips import Trip, Waits

PLAN = '[[plan]]\ncap = "1 MB"\n'


class Bench:
    """An alarm whose looks are a shell that ends as told."""

    def __init__(self, root: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.counting, self._monkeypatch = root, counting, monkeypatch
        self.home = counting.home
        self.home.config.write_text(PLAN, "utf-8")
        self.tuning = Tuning(self.home.config)
        self.alarm = Alarm(str(root), Log(self.home.stderr_log), self.tuning)
        self.started = 0
        self.ends(0)

    def ends(self, code: int, says: str = "") -> None:
        """From now on a look says this and ends with that code."""
        shell = self.root / "python"
        shell.write_text(f"#!/bin/sh\n[ -z '{says}' ] || echo '{says}' >&2\nexit {code}\n", "utf-8")
        shell.chmod(0o700)
        self._monkeypatch.setattr(sys, "executable", str(shell))

    def leave(self, due_ns: int, *trips: Trip) -> None:
        """What the last look left in the ledger."""
        with alerting(self.home.ledger, self.home.lock) as register:
            register.wait_for(Waits(time.time_ns(), due_ns, trips))

    def mind(self) -> bool:
        """Once; whether that started a look."""
        before = self.alarm._pid
        self.alarm.mind(self.counting.meter, self.counting.writer.waits)
        return before is None and self.alarm._pid is not None

    def look(self) -> None:
        """Go through a look to its end."""
        assert self.mind()
        while self.alarm._pid is not None:
            time.sleep(0.005)
            self.mind()

    def later(self, seconds: float) -> None:
        """So much time passes for the alarm."""
        self.alarm._due -= seconds
        self.alarm._next -= seconds
        self.alarm._started -= seconds

    def log(self) -> list[str]:
        """Its lines, without stamps."""
        if not self.home.stderr_log.exists():
            return []
        return [line.split(" ", 1)[1] for line in self.home.stderr_log.read_text("utf-8").splitlines()]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with Counting(tmp_path, Machine(at(2026, 11, 2, 12))) as counting:
        yield Bench(tmp_path, counting, monkeypatch)


def test_a_look_at_the_start_and_when_it_is_due(bench: Bench) -> None:
    """One soon after the start; the next when the last one said, or a day later at most, whatever the clock does."""
    bench.leave(time.time_ns() + 3600 * 10**9)
    bench.look()
    bench.later(3500)
    assert not bench.mind()
    bench.later(200)
    bench.leave(time.time_ns() + 10**18)
    bench.look()
    bench.later(23 * 3600)
    assert not bench.mind()
    bench.later(2 * 3600)
    assert bench.mind()
    bench.alarm.end()


def test_a_clock_that_went_ahead(bench: Bench) -> None:
    """What is due by the clock on the wall is done, also when the other clock slept."""
    bench.leave(time.time_ns() + 2 * 10**9)
    bench.look()
    assert bench.alarm._due_ns is not None
    bench.alarm._due_ns = time.time_ns() - 1
    bench.later(module.EVERY_SECONDS)
    assert bench.mind()
    bench.alarm.end()


def test_bytes_are_a_reason(bench: Bench) -> None:
    """Counted bytes of the trip's links, written or not; not those of others, and not one too few."""
    bench.leave(time.time_ns() + 3600 * 10**9, Trip(("wlan*",), 1000))
    bench.look()
    counting, machine = bench.counting, bench.counting.machine
    counting.tick(rx=500, tx=499)
    machine.move(5000, 5000, 3)
    counting.look()
    bench.alarm.committed(waiting(counting.meter))
    counting.flush()
    bench.later(module.LEAST_SECONDS)
    assert not bench.mind()
    counting.tick(rx=1)
    bench.later(module.EVERY_SECONDS)
    assert bench.mind()
    bench.alarm.end()


def test_a_trip_on_all_links(bench: Bench) -> None:
    """Without names every link is meant; what moved before the look does not count."""
    bench.counting.tick(rx=10_000)
    bench.leave(time.time_ns() + 3600 * 10**9, Trip((), 1000))
    bench.look()
    bench.later(module.EVERY_SECONDS)
    assert not bench.mind()
    bench.counting.tick(tx=1000)
    bench.later(module.EVERY_SECONDS)
    assert bench.mind()
    bench.alarm.end()


def test_a_changed_plan_is_looked_at(bench: Bench) -> None:
    """Settings that were read again are reason to look; without any plan there is nothing to do."""
    bench.leave(time.time_ns() + 3600 * 10**9)
    bench.look()
    assert not bench.mind()
    bench.home.config.write_text(PLAN + "starts = 2\n", "utf-8")
    assert bench.tuning.refresh(force=True)
    bench.look()
    bench.home.config.write_text("", "utf-8")
    assert bench.tuning.refresh(force=True)
    assert bench.alarm.idle


def test_a_look_that_fails(bench: Bench) -> None:
    """What it says is logged; one that left nothing new behind is made again in ten minutes, not at once."""
    bench.leave(time.time_ns())
    bench.look()
    bench.ends(1, "desktop: nobody there; it is tried again")
    bench.later(module.LEAST_SECONDS + 1)
    bench.look()
    assert bench.log() == ["warning alerts: desktop: nobody there; it is tried again"]
    bench.later(module.AGAIN_SECONDS - 60)
    assert not bench.mind()
    bench.later(120)
    bench.ends(9)
    bench.look()
    assert bench.log()[1:] == ["warning alerts ended with code 9; it is tried again in ten minutes"]


def test_another_one_at_work(bench: Bench) -> None:
    """A look of a former monitor that still finishes: looked again soon, without a word."""
    bench.ends(5)
    bench.look()
    bench.later(module.SOON_SECONDS / 2)
    assert not bench.mind()
    bench.later(module.SOON_SECONDS)
    assert bench.mind()
    assert bench.log() == []
    bench.alarm.end()


def test_a_look_that_hangs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past its deadline it is killed and said; it costs the monitor nothing meanwhile."""
    shell = bench.root / "python"
    shell.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0)
    assert bench.mind()
    while bench.alarm._pid is not None:
        time.sleep(0.005)
        bench.mind()
    assert bench.log() == ["warning alerts takes too long and is ended; it is tried again in ten minutes"]


def test_leaving_lets_a_look_finish(bench: Bench) -> None:
    """The monitor's end cuts the life-line and kills nobody: a delivery at work is finished."""
    shell = bench.root / "python"
    shell.write_text(f"#!/bin/sh\ncat > /dev/null\ntouch {bench.root}/finished\n", "utf-8")
    assert bench.mind()
    pid = bench.alarm._pid
    assert pid is not None
    bench.alarm.end()
    assert os.waitpid(pid, 0)[1] == 0
    assert (bench.root / "finished").exists()
    assert bench.alarm._pid is None


def test_no_process_to_be_had(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said once, and tried again later; counting goes on."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    bench.mind()
    assert bench.log() == [
        "warning alerts cannot be started: No such file or directory; it is tried again in ten minutes"
    ]
    assert not bench.mind()


def test_where_an_end_cannot_be_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a look is taken for done after a minute."""
    started: list[Any] = []

    def start(*words: str) -> tuple[int, tuple[int, int]]:
        started.append(words)
        return 4711, (-1, -1)

    monkeypatch.setattr(child, "_start", start)
    monkeypatch.setattr(sys, "platform", "win32")
    assert bench.mind()
    assert bench.mind() is False
    assert bench.alarm._pid == 4711
    bench.alarm._started -= child.UNSEEN_SECONDS + 1
    bench.mind()
    assert bench.alarm._pid is None
    assert started[0][0] == "packetbuddy.alerts"
    bench.alarm._pid = 4711
    bench.alarm.end()
