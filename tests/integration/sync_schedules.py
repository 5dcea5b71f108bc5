"""Random schedules: whatever happens in whatever order, in the end everything is equal."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration.cutting import Cutter
from integration.ledgers import DAY, HOUR, MINUTE
from integration.postgres import Server
from integration.sync_world import BEGIN, Named, Place, check, settle


class Schedule:
    """Owns the places of one story; everything in it follows from one number."""

    def __init__(self, seed: int, root: Path, server: Server, database: str) -> None:
        self.chance, self.root = random.Random(seed), root  # noqa: S311 - any traffic will do
        self.server, self.database, self.url = server, database, server.url(database)
        self.places: list[Place] = []
        self.backups: list[tuple[Place, Path]] = []
        self.mixed: set[str] = set()
        """Machines whose bytes are more than one ledger's."""
        if self.chance.random() < 0.05 or not server.execute("SELECT to_regclass('packetbuddy.meta')", database)[0][0]:
            server.execute("DROP SCHEMA IF EXISTS packetbuddy CASCADE", database)
        else:
            server.execute("DELETE FROM packetbuddy.devices", database)

    def play(self, length: int) -> None:
        """Let it happen, then let everybody come to rest, and look."""
        for _ in range(self.chance.randint(1, 2)):
            self._arrive()
        deeds: list[Callable[[], None]] = [self._use] * 5 + [self._sync] * 4 + [self._cut] * 3
        deeds += [
            self._away,
            self._reboot,
            self._back_up,
            self._restore,
            self._copy,
            self._account,
            self._at_once,
            self._arrive,
        ]
        for _ in range(length):
            self.chance.choice(deeds)()
        settle(self.places, self.url)
        check(self.places, self.server, self.database)
        self._none_invented()

    def _any(self) -> Place:
        return self.chance.choice(self.places)

    def _arrive(self) -> None:
        if len(self.places) < 5:
            name = f"device{len(self.places)}"
            machine = Named(BEGIN + self.chance.randint(0, 3 * DAY) * 10**9)
            machine.identity = f"machine of {name}"
            place = Place(self.root / name, name, machine)
            place.use(self.chance)
            self.places.append(place)

    def _use(self) -> None:
        self._any().use(self.chance)

    def _sync(self) -> None:
        self._any().sync_at(self.url)

    def _cut(self) -> None:
        """A run that is cut at any of its messages, in either direction."""
        with Cutter(self.server.port) as cutter:
            after = self.chance.randint(0, 24)
            cutter.cut_after(asked=after) if self.chance.random() < 0.5 else cutter.cut_after(told=after)
            self._any().tried(self.url.replace(str(self.server.port), str(cutter.port)))

    def _away(self) -> None:
        """Off or offline for up to three months."""
        place = self._any()
        place.machine.sleep(self.chance.randint(HOUR, 90 * DAY))
        place.use(self.chance, stretch=3 * DAY)

    def _reboot(self) -> None:
        place = self._any()
        place.machine.reboot(self.chance.randint(MINUTE, DAY))
        place.use(self.chance)

    def _back_up(self) -> None:
        place = self._any()
        target = place.home.root.with_name(f"{place.home.root.name}-{len(self.backups)}.db")
        self.backups.append((place, place.back_up(target)))

    def _restore(self) -> None:
        if self.backups:
            place, backup = self.chance.choice(self.backups)
            place.restore(backup)

    def _copy(self) -> None:
        """The whole home on another machine, which may have the identity of the first."""
        if len(self.places) < 5:
            place = self._any()
            machine = Named(place.machine.wall_ns)
            machine.identity = self.chance.choice((place.machine.identity, f"another {len(self.places)}"))
            self.mixed |= {place.machine.identity, machine.identity}
            copied = place.copy(self.root / f"copy{len(self.places)}", machine)
            copied.use(self.chance)
            self.places.append(copied)

    def _account(self) -> None:
        """Another account of the same machine."""
        if len(self.places) < 5:
            machine = self._any().machine
            self.mixed.add(machine.identity)
            place = Place(self.root / f"account{len(self.places)}", f"account{len(self.places)}", machine)
            place.use(self.chance)
            self.places.append(place)

    def _at_once(self) -> None:
        """Two runs of one device and one of another at the same time."""
        places = [place := self._any(), place, self._any()]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda one: one.tried(self.url), places))

    def _none_invented(self) -> None:
        """No ledger holds more than its machine moved."""
        for place in self.places:
            if place.machine.identity not in self.mixed:
                assert sum(place.lifetime()) <= place.machine.moved, place.name
