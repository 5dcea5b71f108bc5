"""Bringing what changed elsewhere: device by device, in the order in which each wrote it."""

from typing import NamedTuple
from uuid import UUID

from packetbuddy.metering.quarters import QUARTER_NS, UtcDay
from packetbuddy.storage.far import Device, Standing
from packetbuddy.storage.syncing import Syncer
from packetbuddy.sync.local import EVERY_DAY, Local
from packetbuddy.sync.merge.believing import FUTURE, MOST_IN_ALL, RefusedError, believed, is_emptied, plain
from packetbuddy.sync.postgres.remote import ROWS_AT_ONCE, Remote, Row

FEW_DEVICES = 100
"""So many are listed each time: a household's list is shorter than the question what changed in it."""
DAY_NS = 96 * QUARTER_NS


class _Waiting(NamedTuple):
    """A device as it is listed, how often it was written to by then, and how far it is pulled."""

    device: Device
    revision: int
    at: tuple[int, int] = (0, 0)

    @property
    def end(self) -> tuple[int, int]:
        """When that is reached there is no news."""
        return self.revision, EVERY_DAY


class Pulled(NamedTuple):
    """Days that were brought, and the database's time from which on to list devices; empty: all of them are listed."""

    days: int
    listed: str = ""


def pull_all(local: Local, remote: Remote, now_ns: int) -> Pulled:
    """Bring everything that changed."""
    standing, known = _known(local)
    since = standing.listed if len(known) > FEW_DEVICES and standing.listed else None
    listed = remote.devices(standing.device, since)
    if since is not None and remote.how_many() != len(known) + 1:
        since, listed = None, remote.devices(standing.device, None)
    rows = [one for one in map(_listed, listed) if one is not None]
    _take_name(local, standing, rows)
    now = remote.now() if max(len(known), len(listed)) > FEW_DEVICES else ""
    waiting = [one for one in rows if one.device.id != standing.device]
    noted = _note(local, known, waiting, full=since is None)
    return Pulled(sum(_pull(local, remote, one, now_ns) for one in noted if one.at < one.end), now)


def _take_name(local: Local, standing: Standing, rows: list[_Waiting]) -> None:
    """Our own name as everybody has it: it can be given elsewhere."""
    own = next((one.device for one in rows if one.device.id == standing.device), None)
    if own is not None and own.name != standing.name:
        with local.changing() as syncer:
            now = syncer.sharing.standing()
            if now is not None:
                syncer.keep(now._replace(name=own.name))


def _known(local: Local) -> tuple[Standing, list[Device]]:
    with local.looking() as (_, standing, sharing):
        return standing, sharing.devices()


def _listed(row: Row) -> _Waiting | None:
    """A device's row, ``None`` where it makes no sense: nobody's days can be asked for then."""
    identity, machine, name, os, created, seen, retired, born, revision = row
    try:
        identity = str(UUID(str(identity)))
    except ValueError:
        return None
    if not isinstance(revision, int) or not 0 <= revision < 1 << 62:
        return None
    times = (_ns(created) or 0, _ns(seen) or 0, _ns(retired))
    machine = machine if isinstance(machine, str) and len(machine) <= 200 else ""
    device = Device(
        0, identity, machine, plain(name, identity[:8]), plain(os, ""), *times, str(born)[:100], 0, 0, 0, ""
    )
    return _Waiting(device, revision)


def _ns(microseconds: object) -> int | None:
    """An instant within what a calendar holds."""
    return min(max(microseconds, 0), 1 << 52) * 1000 if isinstance(microseconds, int) else None


def _note(local: Local, known: list[Device], waiting: list[_Waiting], *, full: bool) -> list[_Waiting]:
    """Remember the devices; those that are gone are forgotten here too, those made anew begin anew."""
    places = {device.id: device for device in known}
    if any(_is_news(one, places.get(one.device.id)) for one in waiting) or (full and len(waiting) < len(known)):
        with local.changing() as syncer:
            _write_down(syncer, waiting, full=full)
            places = {device.id: device for device in syncer.sharing.devices()}
    found = [(one, places[one.device.id]) for one in waiting]
    return [one._replace(device=place, at=(place.revision, place.day)) for one, place in found]


def _is_news(one: _Waiting, known: Device | None) -> bool:
    """Whether a device is listed otherwise than it is known, how far it is pulled apart; or began anew."""
    return known is None or _begins_anew(known, one, room=False) or one.device[1:9] != known[1:9]


def _write_down(syncer: Syncer, waiting: list[_Waiting], *, full: bool) -> None:
    before = {device.id: device for device in syncer.sharing.devices()}
    gone = [before[identity] for identity in before.keys() - {one.device.id for one in waiting}] if full else []
    for device in gone:
        syncer.forget(device.number, device_too=True)
    anew = [before[one.device.id] for one in waiting if _begins_anew(before.get(one.device.id), one, room=bool(gone))]
    for device in anew:
        syncer.forget(device.number, device_too=False)
    if gone or anew:
        _void(syncer)
    for one in waiting:
        syncer.device(one.device)


def _begins_anew(before: Device | None, now: _Waiting, *, room: bool) -> bool:
    """Whether a device is another one than before; or had days refused that may find room now that others are gone."""
    if before is None:
        return False
    return before.born != now.device.born or before.revision > now.revision or (room and before.refused > 0)


def _void(syncer: Syncer) -> None:
    """Answers that were made from what was pulled before do not hold."""
    standing = syncer.sharing.standing()
    if standing is not None:
        syncer.keep(standing._replace(generation=standing.generation + 1, accounts=""))


def _pull(local: Local, remote: Remote, one: _Waiting, now_ns: int) -> int:
    """Bring what there is of a device; returns how many days."""
    at, end, brought = one.at, one.end, 0
    while at < end:
        rows = remote.days(one.device.id, *at)
        last = _cursor(rows[-1], after=at[0]) if rows else end
        at = max((last[0], EVERY_DAY), end) if len(rows) < ROWS_AT_ONCE else last
        brought += _store(local, one.device.number, rows, at, now_ns)
    return brought


def _cursor(row: Row, *, after: int) -> tuple[int, int]:
    """Where to go on; a row without a place in the order ends the matter for this device, at its listed revision."""
    if isinstance(row[1], int) and isinstance(row[0], int) and after <= row[1] < 1 << 62 and 0 <= row[0] < 1 << 40:
        return row[1], row[0]
    return 1 << 62, 0


def _store(local: Local, number: int, rows: list[Row], cursor: tuple[int, int], now_ns: int) -> int:
    stored = 0
    with local.changing() as syncer:
        standing = syncer.sharing.standing()
        pulled, room = (standing.pulled if standing else 0) + 1, MOST_IN_ALL - syncer.far_total()
        for row in rows:
            day = _admitted(syncer, number, row, now_ns)
            if day is not None and (room := room - sum(day.rx) - sum(day.tx)) < 0:
                syncer.refuse(number, "all devices together would have moved more than can be added up")
            elif day is not None:
                syncer.day(number, day, pulled)
                stored += 1
        syncer.cursor(number, *cursor)
        if standing is not None:
            syncer.keep(standing._replace(pulled=pulled))
    return stored


def _admitted(syncer: Syncer, number: int, row: Row, now_ns: int) -> UtcDay | None:
    try:
        return believed(row, today=now_ns // DAY_NS).day
    except RefusedError as refused:
        if str(refused) == FUTURE and is_emptied(row):
            syncer.trust(number, FUTURE)
        else:
            syncer.refuse(number, str(refused))
        return None
