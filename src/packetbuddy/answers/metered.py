"""What moved on the links of a plan, by local hours and days, what is pending included."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from itertools import groupby
from math import gcd
from typing import NamedTuple

from packetbuddy.answers.localdays import EPOCH_ORDINAL, Run, Stretches, day_start, runs
from packetbuddy.answers.open import Sight
from packetbuddy.billing.allowance import Measured
from packetbuddy.billing.forecast import Ahead
from packetbuddy.billing.habits import HOURS, Day
from packetbuddy.billing.windows import Window, is_off_peak
from packetbuddy.metering.batch import ALL
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, SLOT_SECONDS, SLOTS_PER_DAY, slot_of
from packetbuddy.metering.uplinks import nearest
from packetbuddy.reports.plans import UnknownLink
from packetbuddy.settings.model import Plan

SLOTS_PER_HOUR = SLOTS_PER_DAY // HOURS
HOUR_NS = 3600 * SECOND
SLOT_MINUTES = SLOT_SECONDS // 60
GLOB = set("*?[")


class Piece(NamedTuple):
    """A local hour, or the part of it that is asked for: its day (an ordinal), its hour, and its instants."""

    day: int
    hour: int
    start_ns: int
    end_ns: int


class Metered:
    """One plan's links as a sight shows them. Bytes are those that counted; off-peak ones are told apart."""

    def __init__(self, sight: Sight, plan: Plan) -> None:
        """Find the series of the plan's links."""
        self.sight = sight
        self.unknown = tuple(_unknown(sight, plan.interfaces or ()))
        wanted = _wanted(plan.interfaces, sight.question.interface)
        self._series = sight.reader.counted_series(wanted)
        self._windows = tuple(Window(*window) for window in plan.off_peak)
        self._share = float(plan.off_peak_counts) if plan.off_peak else 1.0
        self._grain = gcd(SLOTS_PER_HOUR, *(edge // SLOT_MINUTES for window in plan.off_peak for edge in window))
        self._pending: dict[int, int] = {}
        for (slot, name, counted), amounts in sight.pending.cells.items():
            if counted and name != ALL and wanted(name):
                self._pending[slot] = self._pending.get(slot, 0) + amounts[0] + amounts[1]

    def total(self, first_day: int, beyond_day: int) -> Measured:
        """Everything of the local days ``first_day`` ≤ day < ``beyond_day``."""
        peak = off_peak = 0
        for place, moved in self._parts(first_day, beyond_day):
            if self._is_off_peak(place):
                off_peak += moved
            else:
                peak += moved
        return Measured(peak, off_peak)

    def days(self, first_day: int) -> list[Day]:
        """Local days up to now, hour by hour, in bytes that count against the cap, from the first observed one on."""
        sight = self.sight
        began, now = sight.began_ns, sight.question.now_ns
        start = day_start(first_day, sight.question.zone)
        seen = Stretches(sight.observed(start, now))
        grid: dict[int, tuple[list[float], list[float], list[float]]] = {}
        for piece in self.pieces(start if began is None else max(start, began), now):
            day = grid.setdefault(piece.day, ([0.0] * HOURS, [0.0] * HOURS, [0.0] * HOURS))
            day[1][piece.hour] += seen.within(piece.start_ns, piece.end_ns) / HOUR_NS
            day[2][piece.hour] += (piece.end_ns - piece.start_ns) / HOUR_NS
        for place, moved in self._parts(first_day, max(grid, default=first_day) + 1):
            ordinal, rest = divmod(place * self._grain, SLOTS_PER_DAY)
            if found := grid.get(ordinal + EPOCH_ORDINAL):
                weight = self._share if self._is_off_peak(place) else 1.0
                found[0][rest // SLOTS_PER_HOUR] += moved * weight
        return [Day(day, *map(tuple, hours)) for day, hours in sorted(grid.items())]

    def pieces(self, start_ns: int, end_ns: int) -> Iterator[Piece]:
        """The local hours between two instants, the first and the last cut short."""
        if end_ns <= start_ns:
            return
        for run in runs(self.sight.question.zone, slot_of(start_ns), slot_of(end_ns - 1) + 1):
            for place in range(
                (run.first + run.offset) // SLOTS_PER_HOUR, (run.beyond - 1 + run.offset) // SLOTS_PER_HOUR + 1
            ):
                first = max(place * SLOTS_PER_HOUR - run.offset, run.first) * SLOT_NS
                beyond = min((place + 1) * SLOTS_PER_HOUR - run.offset, run.beyond) * SLOT_NS
                day, hour = divmod(place, HOURS)
                yield Piece(day + EPOCH_ORDINAL, hour, max(first, start_ns), min(beyond, end_ns))

    def hours(self, start_ns: int, end_ns: int) -> Iterator[Ahead]:
        """The local days between two instants, each with how much of its hours lies there."""
        for day, of_day in groupby(self.pieces(start_ns, end_ns), lambda piece: piece.day):
            hours = [0.0] * HOURS
            for piece in of_day:
                hours[piece.hour] += (piece.end_ns - piece.start_ns) / HOUR_NS
            yield Ahead(day, tuple(hours))

    def _parts(self, first_day: int, beyond_day: int) -> Iterator[tuple[int, int]]:
        """Bytes by local place: grains since 1970 of the clock on the wall."""
        zone = self.sight.question.zone
        first, beyond = slot_of(day_start(first_day, zone)), slot_of(day_start(beyond_day, zone))
        for run in runs(zone, first, beyond):
            yield from self._stored(run)
        for slot, moved in self._pending.items():
            if first <= slot < beyond:
                offset = next(runs(zone, slot, slot + 1)).offset
                yield (slot + offset) // self._grain, moved

    def _stored(self, run: Run) -> Iterator[tuple[int, int]]:
        """A run's bytes as they are written; places are rounded downwards also before 1970."""
        before = -(-SLOTS_PER_DAY // self._grain)
        found = self.sight.reader.moved(
            self._series, run.first, run.beyond, period=self._grain, offset=run.offset + before * self._grain
        )
        return ((place - before, moved) for place, moved in found)

    def _is_off_peak(self, place: int) -> bool:
        return bool(self._windows) and is_off_peak(self._windows, place * self._grain % SLOTS_PER_DAY * SLOT_MINUTES)


def _unknown(sight: Sight, patterns: tuple[str, ...]) -> Iterator[UnknownLink]:
    """Those that fit no interface; none where the machine's own could not be seen."""
    if not patterns or sight.pending.reading is None:
        return
    names = sight.reader.names() | {link.name for link in sight.pending.reading.links}
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            yield UnknownLink(pattern, None if set(pattern) & GLOB else nearest(pattern, names))


def _wanted(interfaces: tuple[str, ...] | None, asked: str | None) -> Callable[[str], bool]:
    """Which names a plan is on: all, or those that match its names and globs; of them only the one asked for."""
    patterns = ("*",) if interfaces is None else interfaces
    return lambda name: asked in {None, name} and any(fnmatchcase(name, pattern) for pattern in patterns)
