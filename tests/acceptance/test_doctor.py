"""`pb doctor` on a whole installation: silent where all is well, and without a trace wherever it looks."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from acceptance.clinic import Clinic, clinic_in
from acceptance.doctor_faults import (
    CHECKOUT,
    PLAIN,
    Look,
    crash,
    damaged,
    freeze,
    make_backup,
    no_home,
    of_1x,
    read_only_disk,
    stopped,
)
from acceptance.looking import is_api
from machine.netns import requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with clinic_in(tmp_path) as made:
        yield made


def test_a_healthy_installation_has_no_findings(clinic: Clinic) -> None:
    """Installed, counting, backed up: not a word but that all is well and what was seen; exit 0. Nothing was woken."""
    clinic.start()
    clinic.wire.download(30)
    make_backup(clinic, 0)
    before = clinic.connections()
    found = clinic.doctor()
    assert found.findings == []
    assert (found.code, found.data["state"]) == (0, "well")
    assert "eth0" in found.data["seen"][0]
    assert len(found.data["looked_at"]) == 14
    text = clinic.pb("doctor")
    assert text.stdout.splitlines()[0].endswith("All is well.")
    assert (text.returncode, text.stderr) == (0, "")
    assert clinic.connections() == before
    assert [each for each in psutil.Process(clinic.pid()).children() if is_api(each.pid)] == []


def test_a_ledger_in_use_is_whole_at_every_look(clinic: Clinic) -> None:
    """Five looks in a row at a ledger that is written to find nothing, and the monitor writes on as if alone."""
    clinic.start()
    for turn in range(5):
        clinic.wire.download(20 + turn)
        assert clinic.doctor().findings == []
    (beat,) = clinic.query("SELECT heartbeat_ns FROM state")[0]
    wait_until(lambda: clinic.query("SELECT heartbeat_ns FROM state")[0][0] > beat)
    assert " warning " not in clinic.home.stderr_log.read_text("utf-8")


def never_started(_clinic: Clinic, _undo: ExitStack) -> Look:
    return PLAIN


def frozen(clinic: Clinic, undo: ExitStack) -> Look:
    """A monitor that stands still between two writes: its ledger is open, and nothing but the doctor moves."""
    clinic.start()
    freeze(clinic, undo)
    return PLAIN


def killed(clinic: Clinic, _undo: ExitStack) -> Look:
    """The write-ahead log is as the crash left it; a reader that is not careful mends its index."""
    clinic.start()
    crash(clinic)
    return PLAIN


def backed_up(clinic: Clinic, _undo: ExitStack) -> Look:
    clinic.counted_once()
    make_backup(clinic, 0)
    return CHECKOUT


STATES: dict[str, Callable[[Clinic, ExitStack], Look]] = {
    "never started": never_started,
    "no home": no_home,
    "stopped": stopped,
    "killed": killed,
    "frozen": frozen,
    "damaged": damaged,
    "of 1.x": of_1x,
    "read-only": read_only_disk,
    "backed up": backed_up,
}


@pytest.mark.parametrize("name", STATES)
def test_looking_leaves_no_trace(name: str, clinic: Clinic) -> None:
    """Whatever state the home is in, every file in the user's folder is afterwards as it was, to the nanosecond."""
    with ExitStack() as undo:
        look = STATES[name](clinic, undo)
        before = clinic.tree()
        found = clinic.doctor(*look.prefix, installed=look.installed, **look.environment)
        text = clinic.checkout("doctor")
        assert clinic.tree() == before
    assert text.returncode == found.code
    assert "Traceback" not in text.stdout + text.stderr


def test_without_any_home(clinic: Clinic) -> None:
    """Where not even a name for the home is known, that is the finding."""
    asked = (sys.executable, "-P", "-m", "packetbuddy", "doctor", "--json")
    nobody = "mount --bind /dev/null /etc/passwd && mount --bind /dev/null /etc/nsswitch.conf && unset HOME"
    done = clinic.run("unshare", "-m", "sh", "-c", f'{nobody} && exec "$@"', "sh", *asked)
    assert (done.returncode, done.stderr) == (1, "")
    (finding,) = json.loads(done.stdout)["data"]["findings"]
    assert finding["check"] == "home"
    assert "PACKETBUDDY_HOME" in finding["remedy"]
