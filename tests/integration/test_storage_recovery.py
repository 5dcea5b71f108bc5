"""An older ledger in the place of the one that was written to: what it lacks of this boot is booked again, once."""

from pathlib import Path

import pytest

from integration.storage_making import Keeping, Machine, counted, day_totals, keeping, rows, sums
from packetbuddy.errors import LedgerDamagedError
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND
from packetbuddy.monitor.ledger import Keeper, open_ledger
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.recovery import recover
from packetbuddy.settings.places import Home
from packetbuddy.storage.tending import Audit, tending
from packetbuddy.storage.writer import Flush, Writer

DAY = 86_400


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    return home


class Running:
    """A monitor's keeper and meter over a simulated machine."""

    def __init__(self, home: Home, machine: Machine) -> None:
        self.home, self.log = home, Log(home.stderr_log)
        opened = open_ledger(home, self.log, wait=lambda: True)
        assert opened is not None
        opened.writer.close()
        self.keeping = Keeping(home.ledger, machine)
        self.keeper = Keeper(home, self.log, self.keeping.writer)

    @property
    def meter(self) -> Meter:
        return self.keeping.meter

    def contents(self) -> Flush:
        return self.keeping.contents()

    def moves(self, rx: int, tx: int = 0, *, seconds: float = 30, store: bool = True, name: str = "eth0") -> None:
        """Traffic, a look, and a write."""
        self.keeping.machine.moved(rx=rx, tx=tx, name=name)
        self.keeping.look(seconds)
        if store:
            assert self.keeper.store(self.meter, self.contents)

    def damaged(self) -> None:
        """The next write finds the file damaged."""
        self.keeper._damaged, self.keeper._next_heal = True, 0.0


def back_up(home: Home, day: int = 20) -> None:
    with tending(home.ledger, home.lock) as tender:
        assert tender.backup(home.backups / f"packetbuddy-2026-11-{day:02}.db")


def sound(home: Home) -> None:
    assert sums(home.ledger) == day_totals(home.ledger)
    with tending(home.ledger, home.lock) as tender:
        assert tender.audit() == Audit(None, (), ())


def test_all_of_this_boot_comes_back(home: Home) -> None:
    """Written since the backup, and waiting in memory: every byte is there after the restore, the former estimated."""
    running = Running(home, Machine())
    running.moves(0)
    running.moves(1000, 100)
    back_up(home)
    running.moves(20_000, 2_000, seconds=3600)
    running.moves(300_000, 30_000, store=False)
    running.damaged()
    assert running.keeper.store(running.meter, running.contents)
    assert counted(home.ledger) == (321_000, 32_100)
    events = [row[0] for row in rows(home.ledger, "SELECT detail FROM events WHERE kind = 'recovered'")]
    assert events == ["22000 bytes that the restored ledger lacked, their times estimated"]
    running.moves(7)
    assert counted(home.ledger) == (321_007, 32_100)
    watched = rows(home.ledger, "SELECT start_ns, end_ns FROM watched")
    assert len(watched) == 1
    running.keeper.close()
    sound(home)


def test_across_resets_and_interfaces_that_went(home: Home) -> None:
    """Counters that were reset, and an interface that is gone, between the backup and the damage.

    What was booked for them comes back too, because the books say how much it was.
    """
    machine = Machine()
    running = Running(home, machine)
    running.moves(0)
    running.moves(1000)
    back_up(home)
    running.moves(50_000)
    running.moves(900, name="wlan0")
    machine.counters["eth0"] = [0, 0, 0, 0]
    running.moves(6_000)
    del machine.counters["wlan0"]
    running.moves(200)
    running.damaged()
    running.moves(40)
    assert counted(home.ledger) == (57_240, 0)
    wifi = "SELECT sum(rx) FROM days JOIN interfaces ON interfaces.id = interface WHERE name = 'wlan0'"
    assert rows(home.ledger, wifi) == [(900,)]
    running.keeper.close()
    sound(home)


def test_a_backup_of_an_earlier_boot(home: Home) -> None:
    """All that was booked in this boot comes back, beginning no earlier than the boot.

    The earlier boot's end is lost.
    """
    machine = Machine()
    running = Running(home, machine)
    running.moves(0)
    running.moves(1000)
    back_up(home)
    running.moves(5)
    running.keeper.close()
    machine.boot, machine.elapsed_ns = "boot-2", 0
    machine.wall_ns += 5 * DAY * SECOND
    machine.counters = {"eth0": [0, 0, 0, 0]}
    running = Running(home, machine)
    running.moves(70_000, seconds=600)
    running.moves(800)
    running.damaged()
    running.moves(9)
    assert counted(home.ledger) == (1000 + 70_809, 0)
    boot = (machine.wall_ns - machine.elapsed_ns) // (300 * SECOND)
    assert rows(home.ledger, "SELECT sum(rx) FROM slots WHERE (id >> 16) < ?", boot) == [(1000,)]
    running.keeper.close()
    sound(home)


@pytest.mark.parametrize("again", [1, 2, 3])
def test_damaged_again_and_again(home: Home, again: int) -> None:
    """Restored from the same backup more than once: still every byte once."""
    running = Running(home, Machine())
    running.moves(0)
    running.moves(1000)
    back_up(home)
    total = 1000
    for number in range(again):
        running.moves(20_000 + number)
        running.damaged()
        running.moves(300)
        total += 20_300 + number
        assert counted(home.ledger) == (total, 0)
    assert len(list(home.backups.glob("damaged-*.db"))) == again
    running.keeper.close()
    sound(home)


def test_without_a_backup_only_what_waits(home: Home) -> None:
    """A new ledger: what was not yet written is in it, nothing of the damaged one, and the books balance."""
    running = Running(home, Machine())
    running.moves(0)
    running.moves(1000)
    running.damaged()
    running.moves(30)
    assert counted(home.ledger) == (30, 0)
    running.moves(4)
    running.keeper.close()
    sound(home)
    assert "no backup exists, a new ledger begins" in home.stderr_log.read_text()


def test_a_ledger_that_could_not_be_written_is_not_taken_for_another(home: Home) -> None:
    """The same file closed and opened again lacks nothing: nothing is booked again."""
    machine = Machine()
    with keeping(home.ledger, machine) as books:
        books.steady(2)
        machine.moved(rx=77)
        books.look(30)
        other = Writer(home.ledger)
        assert recover(books.meter, other.books()) == 0
        other.close()
        books.flush()
        assert counted(home.ledger)[0] == 77 + sum(30_000 + number for number in range(24))


def test_another_machines_ledger_is_not_ours_to_fill(home: Home) -> None:
    """A ledger of another machine, or one without any look, takes nothing from our memory but what waits."""
    machine = Machine()
    with keeping(home.ledger, machine) as books:
        books.steady(2)
        machine.moved(rx=77)
        books.look(30)
        stored = books.writer.books()
        stored.machine = "another"
        assert recover(books.meter, stored) == 0
        stored.machine, stored.at = "machine-1", None
        assert recover(books.meter, stored) == 0


def test_not_before_the_counters_were_read(home: Home) -> None:
    """While nothing waits, a damaged ledger stays where it is: what it lacks could not be added to anything."""
    running = Running(home, Machine())
    running.moves(0)
    running.damaged()
    assert not running.keeper.store(running.meter, running.contents)
    assert not home.backups.exists()
    running.moves(5)
    assert counted(home.ledger) == (5, 0)
    running.keeper.close()


def test_a_disk_that_damages_everything_fills_no_backups(home: Home) -> None:
    """Damaged again right after it was restored: kept in memory and told, not set aside once a second for ever."""
    running = Running(home, Machine())
    running.moves(0)
    running.moves(1000)
    back_up(home)
    running.damaged()
    running.moves(1)
    for _ in range(5):
        running.keeper._damaged = True
        running.keeping.look(1)
        assert not running.keeper.store(running.meter, running.contents)
    assert "damaged again" in (running.keeper.trouble or "")
    assert len(list(home.backups.glob("damaged-*.db"))) == 1
    running.damaged()
    running.moves(30)
    assert counted(home.ledger) == (1031, 0)
    running.keeper.close()


def test_a_start_that_finds_damage_twice_gives_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the replacement is damaged the start ends with the error; the supervisor's patience takes over."""
    home.ledger.write_bytes(b"rubbish" * 1000)

    def damaged(_home: Home) -> None:
        raise LedgerDamagedError("damaged again")

    monkeypatch.setattr("packetbuddy.monitor.ledger._opened", damaged)
    with pytest.raises(LedgerDamagedError, match="damaged again"):
        open_ledger(home, Log(home.stderr_log), wait=lambda: True)
    assert len(list(home.backups.glob("damaged-*.db"))) == 1
