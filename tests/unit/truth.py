"""What may be known of a simulated machine: from bytes that really moved and lives that really ended.

Never from counter arithmetic, which is what it judges.
"""

from copy import deepcopy
from typing import NamedTuple

from packetbuddy.metering.readings import Reading
from unit.worlds import SMALL, Port, World


class Seen(NamedTuple):
    """What the last look that survived saw of an interface."""

    life: int
    high: tuple[int, int]
    packets: tuple[int, int]
    counted: bool
    recorded: bool


Key = tuple[tuple[str, str], int]


class Known:
    """What a ledger may know after the looks that survived."""

    def __init__(self) -> None:
        self.machine: str | None = None
        self.boot, self.elapsed = "", 0
        self.open: dict[tuple[str, str], bool] = {}
        self.seen: dict[Key, Seen] = {}
        self.booked: dict[Key, list[int]] = {}
        self.total, self.counted = [0, 0], [0, 0]
        self.unsure = False
        """A 32-bit counter began again unnoticed: nobody can tell that from a wrap."""


class Truth:
    """What must be booked: what moved in each life between looks that survived."""

    def __init__(self) -> None:
        self.live = Known()
        self._stored = Known()

    def commit(self, world: World) -> None:
        """The looks up to now survive a crash."""
        self._stored = deepcopy(self.live)
        for port in (port for space in world.spaces for port in space):
            port.floor = list(port.looked)

    def crash(self, world: World) -> None:
        """The looks since the last commit never were."""
        self.live = deepcopy(self._stored)
        for port in (port for space in world.spaces for port in space):
            port.looked = list(port.floor)

    def rebase(self) -> None:
        """The ledger is lost and another begun: what was stored is gone, what is pending goes into the new one."""
        for key, booked in self.live.booked.items():
            gone = self._stored.booked.get(key, (0, 0))
            self.live.booked[key] = [booked[0] - gone[0], booked[1] - gone[1]]
        for mine, gone in ((self.live.total, self._stored.total), (self.live.counted, self._stored.counted)):
            mine[0], mine[1] = mine[0] - gone[0], mine[1] - gone[1]
        self._stored = Known()

    def look(self, world: World, reading: Reading) -> None:
        """Account for one look."""
        known = self.live
        first, fresh = known.machine is None, self._enter(world, reading)
        place = (known.boot, reading.namespace)
        began = place not in known.open and not first
        shown = {link.identity for link in reading.links}
        routes = {route.link for route in reading.routes or ()}
        for port in (port for port in world.ports if port.identity in shown):
            port.looked = list(port.true)
            whole = began or fresh or known.open.get(place, False)
            self._port((place, port.identity), port, counted=port.identity in routes, whole=whole)
        known.open[place] = known.open.get(place, False) or began or fresh or reading.complete

    def _enter(self, world: World, reading: Reading) -> bool:
        """Whether this look begins a boot; an uncertain one only where the elapsed clock fell."""
        known, first = self.live, self.live.machine is None
        same = reading.at.elapsed_ns >= known.elapsed if not world.certain else reading.boot.identity == known.boot
        if first or not same:
            known.open, known.seen, known.booked = {}, {}, {}
            known.boot = reading.boot.identity if world.certain else f"{reading.boot.identity}{world.boots}"
        known.machine, known.elapsed = reading.machine, reading.at.elapsed_ns
        return not (first or same)

    def _port(self, key: Key, port: Port, *, counted: bool, whole: bool) -> None:
        known, before = self.live, self.live.seen.get(key)
        recorded = counted or port.kind == "hardware" or (before is not None and before.recorded)
        if before is None:
            gain, high = [port.whole(side) if whole else 0 for side in (0, 1)], [port.whole(0), port.whole(1)]
        else:
            gain, high = self._gain(port, before)
        known.seen[key] = Seen(port.life, (high[0], high[1]), (port.packets[0], port.packets[1]), counted, recorded)
        booked = known.booked.setdefault(key, [0, 0])
        for side in (0, 1) if recorded else ():
            booked[side] += gain[side]
            known.total[side] += gain[side]
            known.counted[side] += gain[side] if counted or (before is not None and before.counted) else 0

    def _gain(self, port: Port, before: Seen) -> tuple[list[int], list[int]]:
        now = [port.whole(0), port.whole(1)]
        if _began_again(port, before):
            return now, now
        if port.life != before.life and port.bits == 32:
            self.live.unsure = True
        high = [max(now[side], before.high[side]) for side in (0, 1)]
        return [high[side] - before.high[side] for side in (0, 1)], high


def _began_again(port: Port, before: Seen) -> bool:
    """A new life that shows itself: fewer packets, or without packet counters a fall of a megabyte."""
    if port.packetless:
        return any(before.high[side] - port.whole(side) >= SMALL for side in (0, 1))
    return any(port.packets[side] < before.packets[side] for side in (0, 1))
