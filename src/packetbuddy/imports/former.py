"""PacketBuddy 1.x: a log row per second for some weeks, a row per day for about a year, a row per month.

Times are naive local ones. A day's row is the truth where logs say something else; what a month has beyond its days
(1.x deleted old day rows) goes to the days that are gone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from packetbuddy.imports import times
from packetbuddy.imports.figures import Cell, Figure, cells
from packetbuddy.imports.source import Asked, Source
from packetbuddy.imports.times import Bounds, Row, Zoned, checked, count, figures, local_ns, local_time
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS, slot_of
from packetbuddy.metering.stretches import FOREVER, Stretch
from packetbuddy.storage.foreign import Visitor

KIND = "PacketBuddy 1.x"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:[0-5]\d(\.\d{1,6})?", re.ASCII)


def of_database(visitor: Visitor, asked: Asked) -> Source:
    """A 1.x database."""
    zoned = asked.zoned
    tables = visitor.tables()
    last = next(visitor.rows("former_last_log"), (None,))[0]
    until = FOREVER if last is None else local_ns(local_time(last), zoned.zone) + 1
    bounds = Bounds(-FOREVER, until)

    def read(accounted: Sequence[Stretch]) -> Iterator[Cell]:
        levels = [_logged(_logs(visitor, zoned), accounted), figures(_days(visitor, tables), times.day, zoned, bounds)]
        if "monthly_aggregates" in tables:
            levels.append(figures(_rows(visitor, "former_months"), times.month, zoned, bounds))
        return cells(levels)

    return Source(KIND, "PacketBuddy 1.x", read)


def _rows(visitor: Visitor, name: str) -> Iterator[Row]:
    return (Row(local_time(at), count(rx), count(tx)) for at, rx, tx in visitor.rows(name))


def _days(visitor: Visitor, tables: dict[str, frozenset[str]]) -> Iterator[Row]:
    """Days, with the highest speed where this 1.x kept one."""
    has_peaks = "peak_speed" in tables["daily_aggregates"]
    peaks = dict(visitor.rows("former_peaks")) if has_peaks else {}
    for row in _rows(visitor, "former_days"):
        yield row._replace(peak=count(peaks.get(row.at.date().isoformat()) or 0))


def _logs(visitor: Visitor, zoned: Zoned) -> Iterator[Figure]:
    """Each log as an instant, without those of days whose own row says less."""
    overfull = {row[0] for row in visitor.rows("former_overfull")}
    minutes = _Minutes(zoned)
    for text, rx, tx in visitor.rows("former_logs"):
        at = minutes.instant(text)
        if minutes.day not in overfull:
            yield Figure(at, at, count(rx), count(tx))


class _Minutes:
    """Turns a log's time into an instant; there are millions of them, a minute's worth of which differ in seconds."""

    def __init__(self, zoned: Zoned) -> None:
        self._zoned = zoned
        self._known: tuple[str, int] = ("", 0)
        self.day = ""

    def instant(self, text: object) -> int:
        """The instant of a local time as 1.x wrote it; ``day`` is its date then.

        Raises:
            ImportFileError: it is none.
        """
        if not isinstance(text, str) or _TIME.fullmatch(text) is None:
            return self._parsed(local_time(text))
        if text[:16] != self._known[0]:
            self._known = text[:16], self._parsed(local_time(f"{text[:16]}:00"))
        return self._known[1] + int(text[17:19]) * SECOND + int(text[20:].ljust(6, "0")) * 1000

    def _parsed(self, at: datetime) -> int:
        checked(at, self._zoned)
        self.day = at.date().isoformat()
        return local_ns(at, self._zoned.zone)


def _logged(logs: Iterable[Figure], accounted: Sequence[Stretch]) -> Iterator[Figure]:
    """Logs summed by slot, cut where accounted time begins or ends: 1.x wrote until the second in which we began."""
    edges = [edge for stretch in accounted for edge in stretch]
    before = -FOREVER

    def part(log: Figure) -> tuple[int, int]:
        nonlocal before
        before = max(before, log.start_ns)  # a clock that was put back is not followed
        return slot_of(before), bisect_right(edges, before)

    for (slot, number), together in groupby(logs, part):
        start = max(slot * SLOT_NS, edges[number - 1] if number else -FOREVER)
        end = min((slot + 1) * SLOT_NS, edges[number] if number < len(edges) else FOREVER)
        rx = tx = 0
        for log in together:
            rx, tx = rx + log.rx, tx + log.tx
        yield Figure(start, end, rx, tx)
