"""What may happen to a trial: hangs, kills, a full disk, a clock that is set, nobody who keeps the service."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from acceptance.releases import that_does_not_count
from integration.quick_versions import code, make
from integration.trials import HASTE, STRICT, configure, counting, home_in, on_trial, result, writes
from machine.netns import wait_until
from packetbuddy.answers.updating import Last, Updating, updating
from packetbuddy.errors import UpdateError
from packetbuddy.installing.launcher import write_launcher
from packetbuddy.installing.origin import Origin
from packetbuddy.installing.versions import make_current, point
from packetbuddy.monitor import main as monitor_main
from packetbuddy.services.face import State
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, current, pointed
from packetbuddy.settings.renewing import MAKE_WAY, ON_TRIAL, VARIABLE
from packetbuddy.storage.lock import held
from packetbuddy.updates import choosing, guarding, main
from packetbuddy.updates.back import roll_back
from packetbuddy.updates.choosing import BROKEN, choose
from packetbuddy.updates.guarding import guard
from packetbuddy.updates.plan import Plan
from packetbuddy.updates.rehearsal import Rehearsal, rehearse
from packetbuddy.updates.state import begins, change
from packetbuddy.updates.updating import Work, alone

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the shapes of environments are POSIX's here")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The code of 2.1.0."""
    return code(tmp_path / "newer", "2.1.0")


def hanging(source: Path) -> None:
    module = source / "src/packetbuddy/cli/main.py"
    module.write_text("import time\ntime.sleep(600)\n")


def test_a_trial_that_hangs_when_it_is_asked_keeps_nobody_waiting(
    home: Home, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it can be run is asked for a while, not for ever: the version before starts."""
    monkeypatch.setattr("packetbuddy.installing.versions.TRY_SECONDS", 1.0)
    on_trial(home, newer)
    hanging(newer)
    assert choose(home) == "2.0.0-old"
    assert updating(home.root).lost == {"2.1.0": BROKEN}


def test_a_rehearsal_ends_with_whoever_holds_it(home: Home, newer: Path) -> None:
    """An updater that is killed in the middle of one leaves nobody behind who counts on a stage."""
    make(home, "2.1.0-new", newer)
    script = (
        "import os, sys; from pathlib import Path; from packetbuddy.settings.places import Home;"
        "from packetbuddy.updates.rehearsal import *; import packetbuddy.updates.rehearsal as it;"
        "it._await_health = lambda *_: sys.stdin.read();"
        "home = Home(Path(sys.argv[1])); rehearse(Rehearsal(home.versions / '2.1.0-new', '2.1.0', home,"
        " home.root / 'update/rehearsal', os.environ))"
    )
    stage = Home(home.root / "update/rehearsal")
    updater = subprocess.Popen([sys.executable, "-c", script, str(home.root)], stdin=subprocess.PIPE)
    with updater:
        try:
            wait_until(lambda: held(stage.lock), 60)
        finally:
            updater.kill()
    wait_until(lambda: not held(stage.lock), 60)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk_is_no_fault_of_a_version(home: Home, newer: Path, tmp_path: Path) -> None:
    """A rehearsal that fails for want of room is told as that, and the guard waits for room before it judges."""
    small = Home(tmp_path / "small")
    small.root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(small.root)], check=True)
    try:
        version = make(home, "2.1.0-new", newer)
        configure(small)
        trial = on_trial(small, newer)
        with counting(small) as monitor:
            fill(small.root)
            with pytest.raises(UpdateError) as caught:
                rehearse(Rehearsal(version, "2.1.0", small, small.root / "update/rehearsal", os.environ))
            assert caught.value.word == "no-space"
            watching = threading.Thread(target=guard, args=(small, trial, STRICT))
            watching.start()
            watching.join(8)  # three writes, the slack and a confirmation's time are over
            assert (monitor.poll(), pointed(small, TRIAL)) == (None, trial)
            (small.root / "filler").unlink()
            watching.join()
            assert (monitor.poll(), current(small)) == (None, trial)
    finally:
        subprocess.run(["umount", "--lazy", str(small.root)], check=True)


def fill(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def test_a_clock_that_is_set_misleads_nobody(home: Home, newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that counted and was told to stop goes on at the next start, whatever the clock said in between."""
    monkeypatch.setenv("PACKETBUDDY_HOME", str(home.root))
    trial = on_trial(home, newer)
    assert choosing.main(home) == trial
    with counting(home) as monitor:
        monitor.terminate()
        monitor.wait()
    change(home, lambda now: now._replace(begun=now.begun + 1e6))
    assert choosing.main(home) == trial
    assert choosing.main(home) == "2.0.0-old"


def test_the_stop_before_a_trial_is_not_the_trials(home: Home, newer: Path) -> None:
    """The same version once more, which crashes at its start: what the monitor before said of itself proves nothing."""
    with counting(home) as monitor:
        monitor.terminate()
        monitor.wait()
    make(home, "2.0.0-old", Path(__file__).parents[2])
    make(home, "2.0.0-again", newer)
    make_current(home, "2.0.0-old")
    begins(home, "2.0.0", "2.0.0", "waiting")
    point(home, TRIAL, "2.0.0-again")
    assert choose(home) == "2.0.0-again"
    assert choose(home) == "2.0.0-old"


def test_a_trial_whose_guard_was_killed_is_watched_again(
    home: Home, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look starts another guard; one that is there already is enough."""
    monkeypatch.setenv(VARIABLE, "confirm=600")
    trial = on_trial(home, newer)
    choose(home)
    lock = home.root / "update/guard.lock"
    wait_until(lambda: held(lock), 20)
    work = Work(home, parse({}), os.environ, time.time(), print, Origin("folder"))
    for _ in range(2):
        assert main.check(work) == main.DONE
    wait_until(lambda: len(guards(home, trial)) == 1, 20)
    os.kill(guards(home, trial)[0], signal.SIGKILL)
    wait_until(lambda: not held(lock), 20)
    assert main.check(work) == main.DONE
    wait_until(lambda: held(lock), 20)
    roll_back(home)
    wait_until(lambda: not held(lock), 20)


def guards(home: Home, trial: str) -> list[int]:
    """Those that watch this version of this home, once they decided to."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if b"packetbuddy.updates.guarding" in words and {str(home.root).encode(), trial.encode()} <= {*words}:
                found.append(int(entry.name))
    return found


def test_nobody_is_sent_away_twice_for_the_same_version(
    home: Home, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that did not choose the version that waits will not the next time: it is asked for once."""
    monkeypatch.setattr(main, "service_for", lambda *_: Kept())
    with counting(home) as monitor:
        on_trial(home, newer)
        work = Work(home, parse({}), os.environ, time.time(), print, Origin("folder"))
        assert main.check(work) == MAKE_WAY
        monitor.terminate()
        monitor.wait()
    with counting(home):
        assert main.check(work) == main.DONE


class Kept:
    """A service that somebody starts anew."""

    def state(self) -> State:
        return State(None, managed=True)


def test_what_could_not_be_installed_is_tried_once_a_day() -> None:
    """To make a version costs a minute of the processor, and what stood in its way may stay; another one is tried."""
    now = 1_795_760_000.0
    failed = Updating(last=Last(now, "2.0.0", "2.1.0", "failed", "no network"))
    day = main.AGAIN_SECONDS
    found = {late: main._too_soon(failed, Plan("update", "", "2.1.0"), now + late) for late in (0, day - 1, day, -60)}
    assert found == {0: True, day - 1: True, day: False, -60: False}
    assert not main._too_soon(failed, Plan("update", "", "2.2.0"), now)
    assert not main._too_soon(Updating(), Plan("update", "", "2.1.0"), now)


def test_a_setup_at_work_is_not_confirmed_under(home: Home, newer: Path) -> None:
    """Who sets the home up may end the trial, and makes a version that a confirmation would take for an old one."""
    trial = on_trial(home, newer)
    with alone(home):
        assert not guarding.confirm_trial(home, trial)
        assert (current(home), pointed(home, TRIAL)) == ("2.0.0-old", trial)
    assert guarding.confirm_trial(home, trial)
    assert current(home) == trial


def test_what_a_person_does_to_the_figures_is_no_silence(home: Home, newer: Path) -> None:
    """A correction that takes bytes away under a version on trial: it counts all the same."""
    trial = on_trial(home, newer)
    with counting(home) as monitor:
        before = guarding._look(home)
        with contextlib.closing(sqlite3.connect(home.ledger, isolation_level=None)) as ledger:
            ledger.execute("INSERT INTO days SELECT 20000, 1, 1, -5000000, 0, 0, 0, 0, 0, revision FROM state")
        after = guarding._look(home)
        assert before is not None
        assert after is not None
        assert after.stored >= before.stored
        guard(home, trial, HASTE)
        assert monitor.poll() is None
    assert current(home) == trial


FAULTS = {
    "crash": "raise RuntimeError('broken')\n",
    "unusable": "import sys\n\n\ndef main(home, environment):\n    return 78\n",
    "silent": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whoever_counts_in_a_terminal_goes_back_too(home: Home, newer: Path, fault: str) -> None:
    """`pb serve` without a manager: where the trial ends untold, the version before counts on, and hears TERM."""
    with counting(home):
        on_trial(home, newer)
    text = FAULTS[fault]
    if text is None:
        that_does_not_count(newer / "src/packetbuddy")
    else:
        (newer / "src/packetbuddy/monitor/main.py").write_text(text)
    write_launcher(home)
    serving = subprocess.Popen([home.launcher, "serve"], env={**STRICT, "PACKETBUDDY_HOME": f"{home.root}/"})
    try:
        wait_until(lambda: result(home) == "reverted" and held(home.lock), 60)
        wait_until(lambda: "2.0.0 is counting" in log_since_trial(home), 30)
        assert serving.poll() is None
    finally:
        serving.terminate()
        code = serving.wait(20)
    assert code == 0
    assert not held(home.lock)


def log_since_trial(home: Home) -> str:
    return home.stderr_log.read_text().rpartition("did not hold")[2]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_trial_in_a_terminal_ends_when_it_is_told_to(home: Home, newer: Path, told: signal.Signals) -> None:
    """It is no loss: the next start goes on with it, and it is confirmed there."""
    trial = on_trial(home, newer)
    write_launcher(home)
    environment = {**HASTE, "PACKETBUDDY_HOME": str(home.root), VARIABLE: "confirm=6"}
    for last in (False, True):
        serving = subprocess.Popen(
            ["env", f"--default-signal={told.name[3:]}", home.launcher, "serve"], env=environment
        )
        try:
            wait_until(lambda: writes(home) and held(home.lock), 60)
            wait_until(lambda last=last: not last or current(home) == trial, 60)  # type: ignore[misc]
        finally:
            serving.send_signal(told)
            code = serving.wait(20)
        assert code == 0
    assert result(home) == "confirmed"


def test_no_verdict_of_a_trial_on_the_home_is_final(home: Home) -> None:
    """What it says cannot be used may be its own fault: it ends as after a crash, and the version before is asked."""
    home.lock.mkdir()
    assert monitor_main.main(home, {}) == monitor_main.UNUSABLE
    assert monitor_main.main(home, {ON_TRIAL: "1"}) == monitor_main.CRASHED
