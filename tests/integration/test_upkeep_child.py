"""The child that the monitor starts for the daily upkeep, minds and ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.storage_making import Machine, counted, keeping, spoil
from machine.netns import wait_until
from packetbuddy.monitor import child
from packetbuddy.monitor.child import Upkeep
from packetbuddy.monitor.log import Log
from packetbuddy.settings.places import Home
from packetbuddy.storage.replacing import verified
from unit.calm import Stopwatch
from unit.processes import alive


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with twelve days of history; no monitor runs."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    with keeping(home.ledger, Machine()) as books:
        books.steady(24 * 12)
    return home


def run(home: Home, *, code: int) -> str:
    """The real program; returns what it says."""
    command = [sys.executable, "-P", "-m", "packetbuddy.upkeep", str(home.root)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    return done.stderr


@pytest.fixture
def minder(home: Home) -> Iterator[Upkeep]:
    """The monitor's minder, its first run due now."""
    made = Upkeep(str(home.root), Log(home.stderr_log))
    made._next = 0
    yield made
    made.end()


def until_done(minder: Upkeep) -> None:
    deadline = time.monotonic() + 20
    while minder._pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        minder.mind()


def log(home: Home) -> list[str]:
    return home.stderr_log.read_text("utf-8").splitlines() if home.stderr_log.exists() else []


def open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_the_child_does_its_work_and_is_collected(home: Home, minder: Upkeep) -> None:
    """One run: a backup is there, nothing is logged, no descriptor stays, and the next run is a day away."""
    before = open_descriptors()
    minder.mind()
    until_done(minder)
    assert len(list(home.backups.iterdir())) == 1
    assert log(home) == []
    assert open_descriptors() == before
    minder.mind()
    assert minder._pid is None
    assert minder._next - time.monotonic() > 23 * 3600


def test_what_the_child_says_is_logged(home: Home, minder: Upkeep) -> None:
    """Its complaints are lines of the log, and that it is tried again."""
    spoil(home.ledger)
    minder.mind()
    until_done(minder)
    first, second = log(home)
    assert "warning upkeep: " in first
    assert "is damaged" in first
    assert "upkeep ended with code 1; it is tried again tomorrow" in second


def test_a_crash_of_the_child_is_one_line(
    home: Home, minder: Upkeep, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No traceback reaches the log: its last line, and the code."""
    crash = "import packetbuddy.upkeep.main as main\ndef fail(*_, **__):\n    raise ValueError('two\\tlines')\n"
    (tmp_path / "sitecustomize.py").write_text(f"{crash}main.daily = fail\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    minder.mind()
    until_done(minder)
    lines = log(home)
    assert "ValueError: two" in lines[0]
    assert len(lines) == 2


STUCK = """
import signal, sys, packetbuddy.upkeep.main as main
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def hang(*_, **__):
    open(sys.argv[1] + "/hangs", "w").close()
    while True:
        signal.pause()
main.daily = hang
"""


@pytest.fixture
def stuck(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Children that ignore SIGTERM and hang once they have made this file."""
    (tmp_path / "sitecustomize.py").write_text(STUCK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return home.root / "hangs"


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_hung_child_is_ended(home: Home, minder: Upkeep, stuck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past its deadline it is killed, said once, collected; the next one may come."""
    minder.mind()
    pid = minder._pid
    assert pid is not None
    wait_for(stuck)
    minder.mind()
    assert alive(pid)
    monkeypatch.setattr(child, "DEADLINE_SECONDS", 0)
    minder.mind()
    until_done(minder)
    assert not alive(pid)
    assert [line.split(" ", 1)[1] for line in log(home)] == [
        "warning upkeep takes too long and is ended; it is tried again tomorrow"
    ]


def test_a_hung_child_does_not_hold_up_the_end(minder: Upkeep, stuck: Path) -> None:
    """A child that ignores SIGTERM, or is stopped, is gone half a second after the monitor wants to leave."""
    minder.mind()
    pid = minder._pid
    assert pid is not None
    wait_for(stuck)
    os.kill(pid, signal.SIGSTOP)
    watch = Stopwatch()
    minder.end()
    assert watch.seconds < 0.6
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    assert not alive(pid)


HOLDER = """
import sys, time
from packetbuddy.monitor.child import Upkeep
from packetbuddy.monitor.log import Log
from pathlib import Path
minder = Upkeep(sys.argv[1], Log(Path(sys.argv[1]) / "stderr.log"))
minder._next = 0
minder.mind()
print(minder._pid, flush=True)
time.sleep(60)
"""


def test_the_child_ends_with_a_killed_monitor(home: Home, stuck: Path) -> None:
    """``kill -9`` of the monitor: its child, however stuck, is gone at once and leaves the ledger sound."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(home.root)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder:
        pid = int(holder.stdout.readline())
        wait_for(stuck)
        holder.kill()
    wait_until(lambda: not alive(pid))
    assert verified(home.ledger)


def test_a_killed_run_leaves_nothing_harmful(home: Home) -> None:
    """Killed at random moments of its work, the next run finds a sound ledger and ends without a complaint."""
    before = counted(home.ledger)
    for number in range(6):
        command = [sys.executable, "-P", "-m", "packetbuddy.upkeep", str(home.root)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as working:
            try:
                working.wait(0.05 + 0.04 * number)
            except subprocess.TimeoutExpired:
                working.kill()
    home.config.write_text("[storage]\ndetail_days = 1\n")
    assert run(home, code=0) == ""
    assert counted(home.ledger) == before
    assert {path.suffix for path in home.backups.iterdir()} == {".db"}  # two where midnight was between


@pytest.mark.parametrize("room", ["alerts", "sync", "updates", "upkeep"])
def test_a_home_that_was_deleted_meanwhile(room: str, tmp_path: Path) -> None:
    """The monitor may not have noticed yet: each child that it starts then says a line at most, and makes nothing."""
    gone = tmp_path / "gone"
    command = [sys.executable, "-m", f"packetbuddy.{room}", str(gone)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert len(done.stderr.splitlines()) <= 1, done.stderr
    assert not gone.exists()


def test_a_child_that_cannot_start(home: Home, minder: Upkeep, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process to be had is a line in the log, no reason to stop counting, and no descriptor is lost."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    before = open_descriptors()
    minder.mind()
    assert minder._pid is None
    assert open_descriptors() == before
    assert "upkeep cannot be started: No such file or directory" in log(home)[0]
