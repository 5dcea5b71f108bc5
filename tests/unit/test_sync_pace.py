"""When the monitor starts a run: on the clock's marks, more often while somebody looks, with pauses after failures."""

import os
import time
from pathlib import Path

import pytest

from packetbuddy.monitor.log import Log
from packetbuddy.monitor.sync import FAILED, MEND, SYNCED, Sync
from packetbuddy.monitor.tuning import Tuning

URL = "postgresql://u:secret@127.0.0.1:1/x"


class Runs(Sync):
    """Starts no process: it remembers when it would have, and ends with the code that the test says."""

    def __init__(self, home: Path, config: str) -> None:
        (home / "config.toml").write_text(config, encoding="utf-8")
        super().__init__(str(home), Log(home / "stderr.log"), Tuning(home / "config.toml"))
        self.started = 0
        self.code: int | None = None
        self._spread = 0.0

    def _start(self, now: float) -> None:
        self.started, self._pid, self._started = self.started + 1, 1, now

    def _collect(self, now: float) -> int | None:  # noqa: ARG002 - the helper's face
        if self.code is not None:
            self._pid = None
        return self.code


class Clock:
    """Both clocks, which pass as the test says."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.passed = 1_000_000_800.0 + 1, 50.0
        patch.setattr(time, "time", lambda: self.wall)
        patch.setattr(time, "monotonic", lambda: self.passed)

    def run(self, sync: Runs, seconds: int) -> int:
        """So many seconds, minded once in each; how many runs began."""
        before = sync.started
        for _ in range(seconds):
            self.wall, self.passed = self.wall + 1, self.passed + 1
            sync.mind()
        return sync.started - before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    for name in ("NEON_DB_URL", "PACKETBUDDY_DB_URL"):
        monkeypatch.delenv(name, raising=False)
    return Clock(monkeypatch)


def on(home: Path, more: str = "") -> Runs:
    """Sync with a URL."""
    return Runs(home, f'[sync]\nurl = "{URL}"\n{more}')


def test_without_a_url_nothing_ever_runs(tmp_path: Path, clock: Clock) -> None:
    """Off is off: no process, whatever the time."""
    assert clock.run(Runs(tmp_path, ""), 2000) == 0
    assert clock.run(Runs(tmp_path, f'[sync]\nurl = "{URL}"\nenabled = false\n'), 2000) == 0


def test_idle_runs_come_at_marks_of_the_clock(tmp_path: Path, clock: Clock) -> None:
    """After the first one, shortly after the start, one at each quarter of an hour on the wall clock."""
    sync = on(tmp_path)
    sync.code = SYNCED
    assert clock.run(sync, 30) == 1
    marks = [clock.wall % 900 for _ in range(3600) if clock.run(sync, 1)]
    assert len(marks) == 4
    assert all(mark < 6 for mark in marks)


def test_somebody_who_looks_gets_one_a_minute(tmp_path: Path, clock: Clock) -> None:
    """While the file's time is fresh the short interval holds; when it is old the long one again."""
    sync = on(tmp_path)
    sync.code = SYNCED
    clock.run(sync, 30)
    for _ in range(10):
        (tmp_path / "looking").touch()
        os.utime(tmp_path / "looking", (clock.wall, clock.wall))
        clock.run(sync, 30)
    assert 5 <= sync.started - 1 <= 6
    before = sync.started
    clock.run(sync, 700)
    assert sync.started - before <= 2


def test_failures_wait_longer_and_longer(tmp_path: Path, clock: Clock) -> None:
    """Pauses double with some chance up to an hour; a success makes an end of it."""
    sync = on(tmp_path)
    sync.code = FAILED
    assert 4 <= clock.run(sync, 600) <= 6
    assert 6 <= clock.run(sync, 6 * 3600) <= 14
    assert clock.run(sync, 6 * 3600) <= 9
    sync.code = SYNCED
    clock.run(sync, 5000)
    assert 3 <= clock.run(sync, 3600) <= 5


def test_what_a_person_has_to_mend_is_not_hammered(tmp_path: Path, clock: Clock) -> None:
    """A wrong password is tried again after minutes, not seconds; other settings at once."""
    sync = on(tmp_path)
    sync.code = MEND
    assert clock.run(sync, 200) == 1
    (tmp_path / "config.toml").write_text(f'[sync]\nurl = "{URL}y"\n', encoding="utf-8")
    sync._tuning.refresh(force=True)
    assert clock.run(sync, 12) == 1


def test_a_run_at_work_is_not_joined_by_another(tmp_path: Path, clock: Clock) -> None:
    """One at a time, however long it takes."""
    sync = on(tmp_path)
    assert clock.run(sync, 3000) == 1


def test_a_clock_that_is_set_back_stops_nothing(tmp_path: Path, clock: Clock) -> None:
    """After a step of the wall clock the marks are the new clock's."""
    sync = on(tmp_path)
    sync.code = SYNCED
    clock.run(sync, 30)
    clock.wall -= 30 * 24 * 3600
    assert 1 <= clock.run(sync, 60) <= 2
    assert 3 <= clock.run(sync, 3600) <= 5
