"""What changes a past day (imports, corrections, a restored backup) reaches the database and everybody's view."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration.ledgers import DAY, HOUR, Counting, sound
from integration.postgres import Server
from integration.sync_world import BEGIN, Named, Place, check, settle
from integration.test_sync_meeting import GIGA, place
from packetbuddy.cli.main import main as pb

FIRST = "2026-03-01"


class Household:
    """Two devices that met; somebody sits at the first one, an hour after its last look."""

    def __init__(self, server: Server, database: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.server, self.database, self.url = server, database, server.database(database)
        self.here, self.there = (place(root, name) for name in ("here", "there"))
        self._capsys = capsys
        self.settle()

    def settle(self) -> None:
        """Everybody runs until nobody has anything to say."""
        settle([self.here, self.there], self.url)

    def equal(self) -> int:
        """Ledgers, rows and combined views are equal to the byte; the whole of the first device there."""
        check([self.here, self.there], self.server, self.database)
        return int(self.seen("there", "here")["total_bytes"])

    def seen(self, one: str, device: str) -> Any:
        """The summary of a device as another one tells it."""
        return self.pb("summary", "--device", device, at=getattr(self, one))

    def pb(self, *words: str, at: Place | None = None) -> Any:
        """The data of a command that goes well at one of them."""
        one = at or self.here
        environment = {"PACKETBUDDY_HOME": str(one.home.root), "TZ": "UTC"}
        code = pb([*words, "--json"], environment, one.machine.wall_ns + HOUR * GIGA)
        told = self._capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)["data"]


@pytest.fixture
def household(
    server: Server, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Household:
    return Household(server, request.node.name.lower(), tmp_path, capsys)


def test_imported_days_go_up_and_come_back_down(household: Household, tmp_path: Path) -> None:
    """What an import brings is in the database and in the other's view to the byte; taken back, it is gone there."""
    before = household.equal()
    days = {f"2025-12-{day:02}": (1000 + day, 70_000 * day) for day in range(1, 29)}
    lines = ["date,bytes_sent,bytes_received,total_bytes,peak_speed,coverage,estimated_bytes"]
    lines += [f"{day},{sent},{received},{sent + received},,1,0" for day, (sent, received) in days.items()]
    file = tmp_path / "old.csv"
    file.write_text("\r\n".join([*lines, ""]), encoding="utf-8")
    household.pb("import", str(file), "--apply")
    added = sum(map(sum, days.values()))
    assert household.seen("here", "this")["total_bytes"] == before + added
    household.settle()
    assert household.equal() == before + added
    assert household.seen("there", "here")["first_day"] == "2025-12-01"
    household.pb("import", "--undo", "1")
    household.settle()
    assert household.equal() == before


def test_a_correction_is_everybodys(household: Household) -> None:
    """A day that was set right, up or down, reads so on the other device too; and as before when it is undone."""
    before = household.equal()
    for sent, received in (("5 MB", "7 GB"), ("1 B", "2 B"), ("0 B", "0 B")):
        household.pb("correct", FIRST, "--sent", sent, "--received", received, "--reason", "the router said so")
        household.settle()
        household.equal()
        wanted = household.pb("range", "--from", FIRST, "--to", FIRST)["summary"]
        theirs = household.pb("range", "--from", FIRST, "--to", FIRST, "--device", "here", at=household.there)
        assert theirs["summary"]["total_bytes"] == wanted["total_bytes"]
    for _ in range(3):
        household.pb("correct", FIRST, "--undo")
    household.settle()
    assert household.equal() == before


@pytest.mark.parametrize("rebooted", [False, True])
def test_a_restored_backup_gets_back_what_it_lacks(household: Household, rebooted: bool) -> None:
    """``pb backup``, days later ``pb restore``: all comes back, in the same boot from the counters."""
    here = household.here
    backup = household.pb("backup")["file"]
    here.machine.run(2 * DAY)
    with Counting(here.home.root, here.machine) as counting:
        counting.use(here.machine.wall_ns + HOUR * GIGA, rx=100_000, tx=7)
    household.settle()
    before = household.equal()
    if rebooted:
        here.machine.reboot(HOUR)
    household.pb("restore", backup)
    with Counting(here.home.root, here.machine):
        pass
    household.settle()
    assert household.equal() == before
    assert sound(here.home.root)
    rows = {row["name"]: row for row in household.pb("interfaces")["interfaces"]}
    assert ("sync" in rows) == rebooted
    if rebooted:
        assert rows["sync"]["reason"] == "taken back from the shared database"


def test_a_restore_beside_a_living_copy(household: Household, tmp_path: Path) -> None:
    """A backup that is restored on another machine becomes a device of its own; nobody's bytes are doubled."""
    before = household.equal()
    backup = Path(household.pb("backup")["file"])
    machine = Named(BEGIN + 3 * DAY * GIGA)
    machine.identity = "a third machine"
    third = Place(tmp_path / "third", "third", machine)
    with Counting(third.home.root, machine) as counting:
        counting.tick(rx=11, tx=2)
    copy = tmp_path / "copy.db"
    copy.write_bytes(backup.read_bytes())
    household.pb("restore", str(copy), at=third)
    with Counting(third.home.root, machine) as counting:
        counting.tick(rx=400, tx=3)
    places = [household.here, household.there, third]
    settle(places, household.url)
    check(places, household.server, household.database)
    assert household.seen("there", "here")["total_bytes"] == before
    assert household.seen("there", "third")["total_bytes"] == 403
