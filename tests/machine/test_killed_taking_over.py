"""``kill -9`` of an import, a backup and a restore at any moment: before or after, never half, and not a byte lost."""

import random
import signal
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from machine.monitor import NOTHING, Chatter, Monitor, Moved, moved
from machine.netns import Namespace, Wire, requires_netns, wait_until
from machine.test_backup_restore import inspected

pytestmark = [pytest.mark.machine, requires_netns]

TIMES = [2, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
DAYS = 3000
"""So many days take a moment to be imported and copied."""


@pytest.fixture
def monitor(host: Namespace, wire: Wire, tmp_path: Path) -> Monitor:  # noqa: ARG001 - the wire exists before it starts
    return Monitor(host, tmp_path)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A file of many days long ago."""
    start, path = date(2012, 1, 1), tmp_path / "history.csv"
    lines = [f"{start + timedelta(days)},{1000 + days},{7_000_000 + days}" for days in range(DAYS)]
    path.write_text("\n".join(["date,bytes_sent,bytes_received", *lines, ""]), "utf-8")
    return path


BROUGHT = Moved(7_000_000 * DAYS + DAYS * (DAYS - 1) // 2, 1000 * DAYS + DAYS * (DAYS - 1) // 2)
"""The bytes of that file."""


def lasts(monitor: Monitor, *arguments: str) -> float:
    """Do it once without a disturbance; the seconds it took here."""
    began = time.monotonic()
    assert monitor.begun(*arguments).wait(60) == 0
    return time.monotonic() - began


def killed(monitor: Monitor, whole: float, *arguments: str) -> bool:
    """Kill a command somewhere on its way; whether that came before its end."""
    child = monitor.begun(*arguments)
    time.sleep(random.uniform(0.3, 1.0) * whole)  # noqa: S311 - not to wait for anything: any moment will do
    child.kill()
    return child.wait() == -signal.SIGKILL


def imported(monitor: Monitor) -> Moved:
    """What the ledger holds of imports."""
    sql = """SELECT coalesce(sum(rx), 0) AS rx, coalesce(sum(tx), 0) AS tx FROM days
        JOIN interfaces ON interfaces.id = interface WHERE kind = 'import'"""
    return Moved(**monitor.query(sql)[0])


def agrees(wire: Wire, monitor: Monitor) -> None:
    """A running monitor has written what the kernel counted, and the history besides, to the byte."""
    expected = moved(wire.host.settle("eth0")) + BROUGHT
    wait_until(lambda: monitor.committed() == expected, 20)


@pytest.mark.parametrize("times", TIMES)
def test_imports(wire: Wire, monitor: Monitor, history: Path, times: int) -> None:
    """All of the file is in the ledger or nothing of it, and what is in can be taken back; counting goes on beside."""
    monitor.start()
    apply = ("import", str(history), "--apply")
    whole = lasts(monitor, *apply)
    monitor.pb("import", "--undo", "1")
    with Chatter(wire) as chatter:
        for _ in range(times):
            chatter.going(3)
            killed(monitor, whole, *apply)
            standing = [each["number"] for each in monitor.pb("import", "--list")["imports"] if not each["undone_at"]]
            assert imported(monitor) == (BROUGHT if standing else NOTHING)
            for number in standing:
                monitor.pb("import", "--undo", str(number))
            assert imported(monitor) == NOTHING
    monitor.pb(*apply)
    agrees(wire, monitor)
    assert monitor.stop() == 0
    monitor.audit()


@pytest.mark.parametrize("times", TIMES)
def test_backups(wire: Wire, monitor: Monitor, history: Path, tmp_path: Path, times: int) -> None:
    """A backup has its name only when it is whole; the ledger does not notice."""
    folder = tmp_path / "copies"
    folder.mkdir()
    monitor.start()
    monitor.pb("import", str(history), "--apply")
    whole = lasts(monitor, "backup", str(folder / "first.db"))
    for number in range(times):
        wire.upload(3)
        target = folder / f"{number}.db"
        assert killed(monitor, whole, "backup", str(target)) or target.exists()
        if target.exists():
            inspected(target)
    agrees(wire, monitor)
    assert monitor.stop() == 0
    monitor.audit()


@pytest.mark.parametrize("times", TIMES)
def test_restores_while_nothing_counts(wire: Wire, monitor: Monitor, history: Path, tmp_path: Path, times: int) -> None:
    """The next start goes on in the ledger of before or in the restored one: both lead to the kernel's figures."""
    monitor.start()
    monitor.pb("import", str(history), "--apply")
    wire.upload(100)
    copy = tmp_path / "copy.db"
    monitor.pb("backup", str(copy))
    assert monitor.stop() == 0
    whole = lasts(monitor, "restore", str(copy))
    for _ in range(times):
        wire.upload(7)
        killed(monitor, whole, "restore", str(copy))
        wire.download(5)
        monitor.start()
        wire.upload(2)
        agrees(wire, monitor)
        assert monitor.stop() == 0
        monitor.audit()


@pytest.mark.parametrize("times", TIMES)
def test_restores_of_a_running_service(wire: Wire, monitor: Monitor, history: Path, tmp_path: Path, times: int) -> None:
    """The same, where the service had to be stopped for it; a start afterwards is all that it takes."""
    monitor.pb("service", "start")
    try:
        monitor.pb("import", str(history), "--apply")
        wire.upload(100)
        copy = tmp_path / "copy.db"
        monitor.pb("backup", str(copy))
        whole = lasts(monitor, "restore", str(copy))
        for _ in range(times):
            wire.upload(7)
            killed(monitor, whole, "restore", str(copy))
            wire.download(5)
            monitor.pb("service", "start")
            agrees(wire, monitor)
    finally:
        monitor.pb("service", "stop")
    inspected(monitor.home.ledger)
