"""Backups and their return with real monitors and real traffic, compared with the kernel's counters to the byte."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from machine.monitor import NOTHING, Chatter, Monitor, Moved, moved
from machine.netns import Wire, requires_netns
from packetbuddy.storage.tending import tending

pytestmark = [pytest.mark.machine, requires_netns]


def inspected(copy: Path) -> Moved:
    """What a backup holds, after it was opened, checked whole and audited for conservation."""
    with tending(copy, copy.with_name("nobody.lock")) as tender:
        audit = tender.audit()
        assert (audit.damage, audit.unequal_days, audit.unbalanced) == (None, (), ())
    with contextlib.closing(sqlite3.connect(copy)) as base:
        sql = "SELECT coalesce(sum(rx), 0), coalesce(sum(tx), 0) FROM days WHERE counted = 1"
        return Moved(*base.execute(sql).fetchone())


def many_backups(wire: Wire, monitor: Monitor, folder: Path, count: int) -> None:
    """So many, one after the other, while traffic moves and is written."""
    folder.mkdir()
    monitor.start()
    last = NOTHING
    with Chatter(wire) as chatter:
        chatter.going()
        for number in range(count):
            chatter.going(3)
            target = folder / f"{number}.db"
            assert monitor.pb("backup", str(target))["file"] == str(target)
            held = inspected(target)
            assert last.rx <= held.rx
            assert last.tx <= held.tx
            last = held
    final = moved(wire.host.settle("eth0"))
    assert last != NOTHING
    assert last.rx <= final.rx
    assert last.tx <= final.tx
    monitor.agrees(final)


@pytest.mark.timeout(900)
def test_backups_under_writing(wire: Wire, monitor: Monitor, tmp_path: Path) -> None:
    """Fifty: each opens, is whole and balanced, holds no less than the one before; the monitor loses nothing."""
    many_backups(wire, monitor, tmp_path / "copies", 50)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_many_more_backups_under_writing(wire: Wire, monitor: Monitor, tmp_path: Path) -> None:
    """Two hundred."""
    many_backups(wire, monitor, tmp_path / "copies", 200)


def backed_up(wire: Wire, monitor: Monitor) -> Path:
    """A backup of a running monitor with some traffic behind it."""
    wire.upload(150)
    wire.download(250)
    monitor.written()
    copy = monitor.home.root.parent / "copy.db"
    monitor.pb("backup", str(copy))
    return copy


def test_restored_while_stopped(wire: Wire, monitor: Monitor) -> None:
    """On the same boot everything that moved since the backup comes back, at estimated times, and nothing twice."""
    monitor.start()
    copy = backed_up(wire, monitor)
    held = inspected(copy)
    wire.stream_down(1_000_000)
    monitor.written()
    assert monitor.stop() == 0
    wire.upload(77)
    answer = monitor.pb("restore", str(copy))
    assert (answer["started"], Path(answer["replaced"]).parent) == (False, monitor.home.backups)
    assert monitor.committed() == held
    expected = moved(wire.host.settle("eth0"))
    assert monitor.shown() == expected
    monitor.start()
    assert monitor.committed() == expected
    assert monitor.estimated() >= (expected.rx - held.rx) + (expected.tx - held.tx)
    wire.download(31)
    monitor.agrees(moved(wire.host.settle("eth0")))


def test_restored_while_the_service_runs(wire: Wire, monitor: Monitor) -> None:
    """It stops, the files are exchanged, and it counts again by itself; the replaced ledger can be restored in turn."""
    first = monitor.pb("service", "start")["pid"]
    try:
        copy = backed_up(wire, monitor)
        wire.stream_down(1_000_000)
        monitor.written()
        answer = monitor.pb("restore", str(copy))
        assert answer["started"] is True
        status = monitor.pb("service", "status")
        assert (status["state"], status["managed"]) == ("running", True)
        assert status["pid"] != first
        wire.upload(40)
        assert monitor.shown() == moved(wire.host.settle("eth0"))
        monitor.pb("restore", answer["replaced"])
        wire.download(40)
        assert monitor.shown() == moved(wire.host.settle("eth0"))
    finally:
        monitor.pb("service", "stop")
    assert monitor.committed() == moved(wire.host.settle("eth0"))
    inspected(monitor.home.ledger)


def changed(copy: Path, sql: str) -> None:
    """Make a backup one of another time or machine."""
    with contextlib.closing(sqlite3.connect(copy)) as base:
        base.execute(sql)
        base.commit()


def test_restored_after_a_reboot(wire: Wire, monitor: Monitor) -> None:
    """A backup of an earlier boot: what the counters hold since this boot began is added, what was between is not."""
    monitor.start()
    copy = backed_up(wire, monitor)
    held = inspected(copy)
    changed(copy, "UPDATE looks SET boot = 'an earlier boot'")
    wire.upload(500)
    assert monitor.stop() == 0
    monitor.pb("restore", str(copy))
    monitor.start()
    wire.download(60)
    monitor.agrees(held + moved(wire.host.settle("eth0")))


def test_restored_on_another_machine(wire: Wire, monitor: Monitor) -> None:
    """A backup of another machine is fresh here: only what moves from now on is counted."""
    monitor.start()
    copy = backed_up(wire, monitor)
    held = inspected(copy)
    changed(copy, "UPDATE state SET machine = 'another machine'")
    wire.upload(500)
    assert monitor.stop() == 0
    monitor.pb("restore", str(copy))
    before = moved(wire.host.settle("eth0"))
    monitor.start()
    wire.download(60)
    after = moved(wire.host.settle("eth0"))
    monitor.agrees(held + Moved(after.rx - before.rx, after.tx - before.tx))


def test_a_refused_backup_stops_nothing(wire: Wire, monitor: Monitor) -> None:
    """What is no ledger is refused while counting goes on; not a byte is missing."""
    pid = monitor.pb("service", "start")["pid"]
    try:
        wire.upload(100)
        with pytest.raises(AssertionError, match="not a file"):
            monitor.pb("restore", "/dev/null")
        assert monitor.pb("service", "status")["pid"] == pid
        assert monitor.shown() == moved(wire.host.settle("eth0"))
    finally:
        monitor.pb("service", "stop")


def test_beside_a_monitor_in_the_foreground(wire: Wire, monitor: Monitor) -> None:
    """One that was started by hand is stopped, and it is said that it has to be started again by hand."""
    monitor.start()
    copy = backed_up(wire, monitor)
    assert monitor.pb("restore", str(copy))["started"] is False
    assert monitor.child.wait(30) == 0
    monitor.start()
    monitor.agrees(moved(wire.host.settle("eth0")))
