"""Homes whose ledgers meet in one database: traffic, runs, backups, copies; and what must be true in the end."""

import contextlib
import random
import shutil
from pathlib import Path

from integration.ledgers import HOUR, WIFI, Counting, Machine, asking, at
from integration.postgres import Server
from packetbuddy.answers.open import Question, looking
from packetbuddy.errors import SyncError
from packetbuddy.metering.quarters import QUARTERS, UtcDay
from packetbuddy.metering.readings import Reading
from packetbuddy.settings.places import Home
from packetbuddy.storage.restoring import prepare, put
from packetbuddy.storage.tending import tending
from packetbuddy.sync.identity import Facts, identify
from packetbuddy.sync.local import Local, own_day
from packetbuddy.sync.merge.accounts import united
from packetbuddy.sync.postgres.remote import Remote, connected
from packetbuddy.sync.run import Done, synchronise

BEGIN = at(2026, 3, 1, 9)
FOREVER = 1 << 40


class Named(Machine):
    """A machine with an identity of its own."""

    identity = "a machine"
    moved = 0

    def move(self, rx: int, tx: int, identity: int = WIFI) -> None:
        """Bytes move over an interface."""
        super().move(rx, tx, identity)
        self.moved += rx + tx

    def reading(self) -> Reading:
        """What a probe sees now."""
        return super().reading()._replace(machine=self.identity)


class Place:
    """One home on one machine; owns its folder."""

    def __init__(self, root: Path, name: str, machine: Named) -> None:
        root.mkdir(mode=0o700, exist_ok=True)
        self.home, self.name, self.machine = Home(root), name, machine

    def use(self, chance: random.Random, stretch: int = 6 * HOUR) -> None:
        """The monitor counts for a while, then stops."""
        with Counting(self.home.root, self.machine) as counting:
            for _ in range(chance.randint(1, 4)):
                self.machine.run(chance.randint(1, stretch))
                counting.look()
                counting.tick(rx=chance.choice((0, 7, 10**9)), tx=chance.choice((0, 5, 10**6)))

    def sync(self, remote: Remote) -> Done:
        """One run."""
        facts = Facts(self.machine.identity, self.name, "Linux", self.machine.wall_ns)
        local = Local(self.home)
        identify(local, facts)
        return synchronise(local, remote, facts)

    def sync_at(self, url: str) -> Done:
        """One run over a connection of its own."""
        with connected(url) as remote:
            return self.sync(remote)

    def tried(self, url: str) -> bool:
        """One run that may fail."""
        with contextlib.suppress(SyncError):
            self.sync_at(url)
            return True
        return False

    def back_up(self, target: Path) -> Path:
        """A verified copy of the ledger."""
        with tending(self.home.ledger, self.home.lock) as tender:
            assert tender.backup(target)
        return target

    def restore(self, backup: Path) -> None:
        """Put a backup in the ledger's place; the monitor looks at once, as it does when it starts."""
        prepare(backup, self.home.ledger, at_ns=self.machine.wall_ns)
        put(self.home.ledger, self.home.backups)
        with Counting(self.home.root, self.machine):
            pass

    def copy(self, root: Path, machine: Named) -> "Place":
        """The whole folder, on another machine."""
        shutil.copytree(self.home.root, root)
        return Place(root, f"{self.name} copied", machine)

    def asking(self, device: str = "this") -> Question:
        """A question asked here."""
        return asking(self.home.root, self.machine)._replace(device=device)

    def own_rows(self) -> dict[int, UtcDay]:
        """Days of this device as its ledger has them."""
        with Local(self.home).looking() as (reader, standing, _):
            days = {day for day in reader.changed_days(-1) if (day + 1) * QUARTERS > standing.cut}
            rows = {day: own_day(reader, standing, day) for day in days}
        return {day: row for day, row in rows.items() if any(row.rx) or any(row.tx)}

    def device(self) -> str:
        """Its identity there."""
        return Local(self.home).standing().device

    def combined(self) -> dict[int, tuple[int, int]]:
        """Everybody's bytes by quarter of an hour, as a reader here adds them up."""
        with looking(self.asking("all")) as sight:
            found = sight.reader.grouped(sight.series, 0, FOREVER, period=3, offset=0)
            sums = {quarter: (total.rx, total.tx) for quarter, total in found if total.rx or total.tx}
            whole = sight.reader.lifetime(None)
        assert (whole.rx, whole.tx) == tuple(map(sum, zip(*sums.values(), strict=True))) if sums else (0, 0)
        return sums

    def lifetime(self) -> tuple[int, int]:
        """Bytes of this ledger."""
        with looking(self.asking()) as sight:
            total = sight.reader.lifetime(None)
            return total.rx, total.tx


def remote_rows(server: Server, database: str) -> "Rows":
    """What the database holds, by device; days without bytes too."""
    found: Rows = {}
    query = """SELECT device::text, day, quarters_rx, quarters_tx,
        coalesce(quarters_estimated, array_fill(0::bigint, '{96}')),
        coalesce(quarters_peak, array_fill(0::bigint, '{96}')),
        coalesce(quarters_observed, array_fill(900::smallint, '{96}')) FROM packetbuddy.days"""
    for device, day, *columns in server.execute(query, database):
        assert isinstance(day, int)
        row = UtcDay(day, *(tuple(column) for column in columns if isinstance(column, list)))
        found.setdefault(str(device), {})[day] = row
    return found


Rows = dict[str, dict[int, UtcDay]]


def everybody(server: Server, database: str, rows: Rows | None = None) -> dict[int, tuple[int, int]]:
    """Bytes by quarter of an hour over all devices, accounts of one machine once, straight from the tables."""
    machines: dict[str, list[str]] = {}
    for device, machine in server.execute("SELECT id::text, machine FROM packetbuddy.devices", database):
        machines.setdefault(str(machine) or str(device), []).append(str(device))
    rows = remote_rows(server, database) if rows is None else rows
    sums: dict[int, tuple[int, int]] = {}
    for devices in machines.values():
        for day in sorted({day for device in devices for day in rows.get(device, {})}):
            one = united([rows[device][day] for device in devices if day in rows.get(device, {})])
            for quarter, (rx, tx) in enumerate(zip(one.rx, one.tx, strict=True), one.first):
                if rx or tx:
                    before = sums.get(quarter, (0, 0))
                    sums[quarter] = before[0] + rx, before[1] + tx
    return sums


def settle(places: list[Place], url: str) -> None:
    """Let everybody count once more, and run until nobody has anything to say."""
    for place in places:
        with Counting(place.home.root, place.machine):
            pass
    with connected(url) as remote:
        for _ in range(8):
            done = [place.sync(remote) for place in places]
            if not any(sum(each) for each in done):
                return
    raise AssertionError("it never comes to rest")


def check(places: list[Place], server: Server, database: str) -> None:
    """Every device's ledger, its rows and everybody's combined view are equal to the byte."""
    rows = remote_rows(server, database)
    together = everybody(server, database, rows)
    for place in places:
        theirs = {day: row for day, row in rows.get(place.device(), {}).items() if any(row.rx) or any(row.tx)}
        assert place.own_rows() == theirs, place.name
        assert place.combined() == together, place.name
