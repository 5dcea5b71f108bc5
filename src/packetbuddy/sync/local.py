"""The ledger's side of a run: what there is to take up, what was acknowledged, what was brought."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID, uuid4
from zlib import crc32

from packetbuddy.metering.quarters import Quarter, UtcDay, day_of, observed_seconds
from packetbuddy.metering.slots import QUARTER, SLOT_NS, SLOTS_PER_DAY, day_of_slot, slot_of
from packetbuddy.settings.places import Home
from packetbuddy.storage.far import Sharing, Standing
from packetbuddy.storage.reader import Reader, reading
from packetbuddy.storage.syncing import Syncer, syncing

DAYS_AT_ONCE = 40
"""Days that go up in one transaction: some 80 KB."""
EVERY_DAY = 1 << 31
"""In place of a day: all of them."""
DAY_NS = SLOTS_PER_DAY * SLOT_NS


class Batch(NamedTuple):
    """Days to take up together; when they are acknowledged, ``standing`` tells how far the ledger is taken up."""

    days: tuple[UtcDay, ...]
    pushed: int
    pushed_day: int
    upto_day: int
    more: bool


class Local:
    """Owns nothing but the names of the files, and which ledger it was at the first look."""

    def __init__(self, home: Home) -> None:
        """Name them; nothing is opened yet."""
        self.home = home
        self._lineage: str | None = None

    @contextmanager
    def changing(self) -> Iterator[Syncer]:
        """One short write transaction on the same ledger.

        Raises:
            LedgerError: it could not be changed, or is another one by now; nothing was changed.
        """
        with syncing(self.home.ledger, self.home.lock, lineage=self._lineage) as syncer:
            yield syncer

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """One consistent state of it.

        Raises:
            LedgerError: there is none, or it cannot be read.
        """
        with reading(self.home.ledger, self.home.lock) as reader:
            self._lineage = self._lineage or reader.state().lineage
            yield reader

    @contextmanager
    def looking(self) -> Iterator[tuple[Reader, Standing, Sharing]]:
        """The same, with how we stand. Somebody is standing by now."""
        with self.reading() as reader:
            sharing = Sharing(reader)
            yield reader, own_standing(sharing), sharing

    def standing(self) -> Standing:
        """How we stand."""
        with self.looking() as (_, standing, _):
            return standing

    def revise(self, change: Callable[[Standing], Standing]) -> Standing:
        """Change how we stand."""
        with self.changing() as syncer:
            standing = change(own_standing(syncer.sharing))
            syncer.keep(standing)
            return standing

    def next_batch(self) -> Batch:
        """The days that come next."""
        with self.looking() as (reader, standing, sharing):
            state, at = reader.state(), reader.books().at
            today = standing.upto_day if at is None else day_of_slot(slot_of(at.wall_ns))
            waiting = sharing.pushable_days(standing.pushed, standing.pushed_day)
            chosen = waiting[:DAYS_AT_ONCE]
            more = len(waiting) > DAYS_AT_ONCE
            days = [day for day, _ in chosen]
            pushed, pushed_day = (chosen[-1][1], chosen[-1][0]) if more else (state.revision, EVERY_DAY)
            if not more:  # observed time is added to these without a change of the day
                days += [day for day in sorted({standing.upto_day, today} - set(days)) if day]
            changed = {day for day, _ in chosen}
            found = (own_day(reader, standing, day) for day in days)
            kept = tuple(day for day in found if day.day in changed or _is_news(day, standing))
            return Batch(kept, pushed, pushed_day, today, more)

    def acknowledge(self, token: str, revision: int, batch: Batch) -> None:
        """The database holds a batch."""
        with self.changing() as syncer:
            standing = syncer.sharing.standing()
            if standing is None or standing.intent != token:  # another run went on from it meanwhile
                return
            upto = standing.upto_day if batch.more else batch.upto_day
            standing = standing._replace(token=token, revision=revision, pushed=batch.pushed, upto_day=upto)
            standing = standing._replace(pushed_day=batch.pushed_day, highest=max(standing.highest, revision))
            sums = [_sum(day) for day in batch.days if day.day == upto]
            syncer.keep(_with_edge(standing._replace(upto_sum=sums[0] if sums else standing.upto_sum), batch.days))


def _is_news(day: UtcDay, standing: Standing) -> bool:
    """Whether a day that did not change, apart from observed time, has to be taken up."""
    return any(map(any, day[1:])) and (day.day != standing.upto_day or _sum(day) != standing.upto_sum)


def _sum(day: UtcDay) -> int:
    return crc32(repr(day).encode())


def own_standing(sharing: Sharing) -> Standing:
    """How we stand: a run begins by standing somehow."""
    standing = sharing.standing()
    assert standing is not None, "a run begins by making one"  # noqa: S101 - who we are comes first
    return standing


def own_day(reader: Reader, standing: Standing, day: int) -> UtcDay:
    """A UTC day of this ledger as far as it is this device's."""
    first = day * SLOTS_PER_DAY
    if first + SLOTS_PER_DAY <= standing.cut * QUARTER:
        return UtcDay(day)
    sums = reader.grouped(reader.series(None), first, first + SLOTS_PER_DAY, period=QUARTER, offset=0)
    moved = day_of(day, ((number, Quarter(*total[:4])) for number, total in sums))
    seen = observed_seconds(day, reader.watched(day * DAY_NS, (day + 1) * DAY_NS))
    whole = moved._replace(observed=seen)
    return whole if standing.cut < whole.first else _since_cut(whole, standing)


def _since_cut(day: UtcDay, standing: Standing) -> UtcDay:
    """Without what was counted before another device became this one."""
    held = ((number, each) for number, each in day.held() if number >= standing.cut)
    return day_of(
        day.day, ((number, _ours(each, standing) if number == standing.cut else each) for number, each in held)
    )


def _ours(quarter: Quarter, standing: Standing) -> Quarter:
    return quarter._replace(
        rx=quarter.rx - standing.cut_rx,
        tx=quarter.tx - standing.cut_tx,
        estimated=max(0, quarter.estimated - standing.cut_estimated),
    )


def _with_edge(standing: Standing, days: Sequence[UtcDay]) -> Standing:
    """The last quarter that holds bytes, and how many it held: where another device would begin."""
    last = max((day for day in days if any(day.rx) or any(day.tx)), default=UtcDay(0))
    place = max((place for place, moved in enumerate(zip(last.rx, last.tx, strict=True)) if any(moved)), default=0)
    number = last.first + place
    if number < standing.edge:
        return standing
    base = (standing.cut_rx, standing.cut_tx, standing.cut_estimated) if number == standing.cut else (0, 0, 0)
    return standing._replace(
        edge=number,
        edge_rx=last.rx[place] + base[0],
        edge_tx=last.tx[place] + base[1],
        edge_estimated=last.estimated[place] + base[2],
    )


def written_identity(home: Home) -> str | None:
    """The identity that the home's file names; ``None`` where there is none that makes sense."""
    try:
        return str(UUID(home.device_id.read_text(encoding="ascii").strip()))
    except (OSError, ValueError):
        return None


def write_identity(home: Home, device: str) -> None:
    """Write the identity down, whole or not at all, for this user alone."""
    aside = home.device_id.with_name(f"{home.device_id.name}.{uuid4().hex}")
    aside.touch(mode=0o600)
    try:
        aside.write_text(f"{device}\n", encoding="ascii")
        aside.replace(home.device_id)
    finally:
        aside.unlink(missing_ok=True)
