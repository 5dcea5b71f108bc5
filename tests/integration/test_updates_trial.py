"""Rehearsal, trial, guard and the way back, with real processes: versions that are made quickly, a real monitor."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.releases import author
from integration.quick_versions import code, make
from integration.trials import HASTE, STRICT, counting, home_in, on_trial, result
from machine.netns import wait_until
from packetbuddy.answers.updating import Last, updating
from packetbuddy.errors import UpdateError
from packetbuddy.installing.naming import version_name
from packetbuddy.installing.origin import Origin, read_origin
from packetbuddy.installing.versions import make_current, point
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import PREVIOUS, TRIAL, current, pointed
from packetbuddy.settings.renewing import VARIABLE
from packetbuddy.storage.lock import Lock, held
from packetbuddy.updates import choosing, guarding, main
from packetbuddy.updates.back import roll_back
from packetbuddy.updates.choosing import BROKEN, ENDED, choose
from packetbuddy.updates.guarding import SILENT, guard
from packetbuddy.updates.preparing import adopt
from packetbuddy.updates.rehearsal import Rehearsal, rehearse
from packetbuddy.updates.updating import Work, alone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the shapes of environments are POSIX's here")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The code of 2.1.0."""
    return code(tmp_path / "newer", "2.1.0")


def test_a_good_version_passes_its_rehearsal(home: Home, newer: Path, tmp_path: Path) -> None:
    """On a copy of the ledger and another port; the home's own ledger and the stage are as before."""
    with counting(home):
        pass
    before = contents(home)
    stage = home.root / "update/rehearsal"
    rehearse(Rehearsal(make(home, "2.1.0-new", newer), "2.1.0", home, stage, os.environ))
    assert contents(home) == before
    assert not stage.exists()
    nothing = Home(tmp_path / "empty")
    nothing.root.mkdir()
    rehearse(Rehearsal(home.versions / "2.1.0-new", "2.1.0", nothing, stage, os.environ))


def contents(home: Home) -> list[str]:
    """All rows and the schema of the ledger."""
    with contextlib.closing(sqlite3.connect(f"{home.ledger.as_uri()}?mode=ro", uri=True)) as ledger:
        return [*ledger.iterdump(), str(ledger.execute("PRAGMA user_version").fetchone())]


def crashing(source: Path) -> None:
    (source / "src/packetbuddy/monitor/main.py").write_text("raise RuntimeError('broken')\n")


def lying(source: Path) -> None:
    module = source / "src/packetbuddy/__init__.py"
    module.write_text(module.read_text().replace("2.1.0", "2.0.9"))


def forgetful(source: Path) -> None:
    with (source / "src/packetbuddy/storage/writer.py").open("a") as module:
        module.write("\n_open = Writer.__init__\n\n\ndef _forget(self, path):\n    _open(self, path)\n")
        module.write("    self._connection.execute('UPDATE days SET rx = 0')\n\n\nWriter.__init__ = _forget\n")


def of_no_return(source: Path) -> None:
    path = source / "src/packetbuddy/storage/connection.py"
    text = path.read_text().replace("SCHEMA_VERSION = ", "SCHEMA_VERSION = 9", 1)
    path.write_text(text.replace("OLDEST_SCHEMA = ", "OLDEST_SCHEMA = 9", 1))


@pytest.mark.parametrize(
    ("fault", "words"),
    [(crashing, "broken"), (lying, r"2\.0\.9"), (forgetful, "missing"), (of_no_return, "no way back")],
)
def test_a_bad_version_fails_its_rehearsal(
    home: Home, newer: Path, fault: Callable[[Path], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not start, is another one, loses bytes, or leaves a ledger that this version could not go on with."""
    if fault is lying:  # it is asked until the end for what it never says
        monkeypatch.setattr("packetbuddy.updates.rehearsal.START_SECONDS", 15.0)
    with counting(home):
        pass
    fault(newer)
    rehearsal = Rehearsal(make(home, "2.1.0-new", newer), "2.1.0", home, home.root / "update/rehearsal", os.environ)
    if fault is forgetful:
        _with_bytes(home)
    with pytest.raises(UpdateError, match=words) as caught:
        rehearse(rehearsal)
    assert caught.value.word == "rehearsal"


def _with_bytes(home: Home) -> None:
    with contextlib.closing(sqlite3.connect(home.ledger, isolation_level=None)) as ledger:
        ledger.execute("INSERT INTO days SELECT 20000, 1, 1, 5, 5, 0, 0, 0, 0, revision FROM state")


def test_the_launcher_starts_a_trial_once(home: Home, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first start is the trial's, with a guard beside it; an end before it was confirmed loses, for good."""
    monkeypatch.setenv(VARIABLE, "confirm=1.5")
    trial = on_trial(home, newer)
    monkeypatch.setenv("PACKETBUDDY_HOME", str(home.root))
    assert choosing.main(home) == trial
    assert (result(home), updating(home.root).begun > 0) == ("trial", True)
    wait_until(lambda: held(home.root / "update/guard.lock"), 20)
    assert choosing.main(home) == "2.0.0-old"
    assert (result(home), updating(home.root).lost) == ("reverted", {"2.1.0": ENDED})
    assert pointed(home, TRIAL) == ""
    wait_until(lambda: not held(home.root / "update/guard.lock"), 20)
    assert choose(home) == "2.0.0-old"


def test_a_second_start_decides_nothing(home: Home, newer: Path) -> None:
    """While a monitor lives, a start is no sign that the trial has ended."""
    on_trial(home, newer)
    lock = Lock(home.lock)
    lock.acquire()
    try:
        assert choose(home) == "2.0.0-old"
    finally:
        lock.release()
    assert pointed(home, TRIAL) == "2.1.0-new"


def test_a_trial_that_cannot_be_run_is_never_started(home: Home, newer: Path) -> None:
    """A version that was damaged meanwhile has lost."""
    (home.versions / on_trial(home, newer) / "bin/python").unlink()
    assert choose(home) == "2.0.0-old"
    assert updating(home.root).lost == {"2.1.0": BROKEN}


def test_a_version_that_counts_is_confirmed(home: Home, newer: Path) -> None:
    """The guard finds in the ledger what the counters showed: current, and the one before kept, others removed."""
    trial = on_trial(home, newer)
    make(home, "1.9.0-older", newer)
    with counting(home) as monitor:
        guard(home, trial, HASTE)
        assert monitor.poll() is None
    assert (current(home), pointed(home, PREVIOUS), pointed(home, TRIAL)) == (trial, "2.0.0-old", "")
    assert (result(home), updating(home.root).word) == ("confirmed", "newest")
    assert not (home.versions / "1.9.0-older").exists()


def test_a_version_that_hangs_is_ended(home: Home, newer: Path) -> None:
    """The guard ends it and takes the trial back, so that whoever starts it anew starts the version before."""
    trial = on_trial(home, newer)
    with counting(home) as monitor:
        monitor.send_signal(19)  # SIGSTOP
        guard(home, trial, STRICT)
        assert monitor.wait(30) == -9
    assert (current(home), pointed(home, TRIAL)) == ("2.0.0-old", "")
    assert updating(home.root).lost == {"2.1.0": SILENT}


def test_only_one_guard_watches(home: Home, newer: Path) -> None:
    """A second one leaves at once, and one that finds the trial gone, too."""
    trial = on_trial(home, newer)
    lock = Lock(home.root / "update/guard.lock")
    (home.root / "update").mkdir(exist_ok=True)
    lock.acquire()
    try:
        guarding.main(home, trial)
    finally:
        lock.release()
    assert pointed(home, TRIAL) == trial
    guarding.main(home, "another")


def test_going_back_and_not_there_again(home: Home, newer: Path) -> None:
    """By hand: a trial is ended, else current and previous change places; what was left is not followed by itself."""
    on_trial(home, newer)
    assert roll_back(home) == "2.0.0-old"
    assert (result(home), pointed(home, TRIAL)) == ("rolled_back", "")
    with pytest.raises(UpdateError, match="no version to go back to"):
        roll_back(home)
    point(home, PREVIOUS, "2.0.0-old")
    make_current(home, "2.1.0-new")
    assert roll_back(home) == current(home) == "2.0.0-old"
    assert pointed(home, PREVIOUS) == "2.1.0-new"
    assert set(updating(home.root).lost) == {"2.1.0"}
    assert roll_back(home) == "2.1.0-new"


def test_an_environment_of_somebody_is_adopted(home: Home) -> None:
    """What runs in it becomes a version by a link, and is untouched; done twice it is the same."""
    for _ in range(2):
        adopt(home, "2.0.0")
        assert current(home) == "2.0.0-own"
        assert (home.versions / "2.0.0-own").resolve() == Path(sys.prefix).resolve()
    assert not (Path(sys.prefix) / "complete").exists()


def test_a_check_goes_as_far_as_the_settings_want(home: Home, tmp_path: Path) -> None:
    """auto_apply = false tells; true prepares, rehearses and puts on trial; nobody keeps this service, so it waits."""
    source = author(tmp_path)
    source.release("2.1.0")
    made = make(home, version_name(source.work), source.work)
    said: list[str] = []
    work = Work(
        home, parse({"auto_update": {"source": str(source.remote), "auto_apply": False}}), os.environ, time.time(),
        said.append, Origin("folder"),
    )  # fmt: skip
    assert main.check(work) == main.DONE
    assert (updating(home.root).available, pointed(home, TRIAL)) == ("2.1.0", "")
    work = work._replace(settings=parse({"auto_update": {"source": str(source.remote)}}))
    with alone(home) as holding:
        assert main.check(work._replace(holding=holding)) == main.DONE
    assert pointed(home, TRIAL) == made.name
    last = updating(home.root).last
    assert last is not None
    assert last._replace(at=0.0) == Last(0.0, "2.0.0", "2.1.0", "waiting", "")
    assert read_origin(made) == Origin("git", str(source.remote), source.git("rev-parse", "HEAD"))
    assert home.launcher.exists()
    assert "waits for the next start" in home.stderr_log.read_text()
    assert main.check(work) == main.DONE
    assert pointed(home, TRIAL) == made.name


def test_the_child_of_the_monitor(home: Home) -> None:
    """Started as the monitor does it, in a checkout, it writes down why it leaves everything alone, and ends with 0."""
    command = [sys.executable, "-m", "packetbuddy.updates", str(home.root)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert updating(home.root).word == "checkout"
    home.config.write_text("[auto_update\n")
    assert main.main(home, os.environ) == main.DONE
    with alone(home):
        assert main.main(home, os.environ) == main.DONE
