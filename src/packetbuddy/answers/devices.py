"""Whose usage a question is about: this device's, another's, or that of all together."""

from collections.abc import Iterator
from typing import NamedTuple

from packetbuddy.answers.members import Member, members, named
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.quarters import QUARTER_NS
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import QUARTER
from packetbuddy.reports.history import ALL_DEVICES
from packetbuddy.settings.places import Home
from packetbuddy.storage.far import FarReader, Sharing, Standing
from packetbuddy.storage.reader import Reader, State, Sum, reading

SEVERAL = "\n"
"""Between the names of several devices: no name holds it."""
LATE_NS = 3600 * SECOND
"""Figures older than this are marked with their age."""
EVERYTHING = 1 << 45
"""Beyond every slot."""
REVISIONS = 1 << 31
"""Room for the revisions of what was pulled beside each of the ledger's own."""


class Chosen(NamedTuple):
    """What answers a question: a reader, whether this device's counters belong to it, and since when each was watched.

    ``key`` tells answers of different devices apart in caches; it is empty for this device alone. ``spans`` are the
    stretches over which each other device could have been observed.
    """

    reader: Reader
    state: State
    own: bool = True
    key: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know of the figures' age."""


class Together(Reader):
    """This ledger, as far as it is this device's, and pulled devices."""

    def __init__(self, own: Reader, far: FarReader, standing: Standing) -> None:
        """Within one read transaction."""
        super().__init__(own.connection, own.path, alive=own.state().alive)
        self._far, self.standing, self._first = far, standing, standing.cut * QUARTER

    def lifetime(self, interface: str | None) -> Sum:
        """Everything there is."""
        own = self._own(self.series(None), 0, EVERYTHING) if self._first else super().lifetime(interface)
        return _added(own._replace(points=0), self._far.lifetime(None))

    def total(self, series: tuple[int, ...], first: int, beyond: int) -> Sum:
        """Sum of the slots ``first`` ≤ slot < ``beyond``."""
        return _added(self._own(series, first, beyond), self._far.total((), first, beyond))

    def grouped(
        self, series: tuple[int, ...], first: int, beyond: int, *, period: int, offset: int
    ) -> Iterator[tuple[int, Sum]]:
        """Sums by ``(slot + offset) // period``, in order; empty groups left out."""
        own = super().grouped(series, max(first, self._first), beyond, period=period, offset=offset)
        sums = dict(own)
        for part, total in self._far.grouped((), first, beyond, period=period, offset=offset):
            sums[part] = _added(sums.get(part, Sum()), total)
        if self._first and first <= self._first < beyond:
            part = (self._first + offset) // period
            sums[part] = _added(sums.get(part, Sum()), self._others())
        return iter(sorted(sums.items()))

    def moved(
        self, series: tuple[int, ...], first: int, beyond: int, *, period: int, offset: int
    ) -> Iterator[tuple[int, int]]:
        """Bytes alone by ``(slot + offset) // period``, in order; empty groups left out."""
        groups = self.grouped(series, first, beyond, period=period, offset=offset)
        return ((part, total.rx + total.tx) for part, total in groups)

    def peak_slot(self, series: tuple[int, ...], first: int, beyond: int) -> int | None:
        """The slot in which the highest speed of the stretch was seen."""
        own, far = super().peak_slot(series, first, beyond), self._far.peak_slot((), first, beyond)
        slots = [slot for slot in (own, far) if slot is not None]
        return max(slots, key=lambda slot: self.total(series, slot, slot + 1).peak, default=None)

    def changed_days(self, revision: int) -> list[int]:
        """UTC days that changed after both revisions that are packed into this one."""
        own, far = divmod(revision, REVISIONS) if revision >= 0 else (-1, -1)
        return sorted({*super().changed_days(own), *self._far.changed_days(far)})

    def watched(self, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """Observed stretches; those of different devices may overlap."""
        begin = max(start_ns, self.standing.cut * QUARTER_NS)
        own = super().watched(begin, end_ns) if begin <= end_ns else []
        return [*((max(start, begin), end) for start, end in own if end > begin), *self._far.watched(start_ns, end_ns)]

    def watched_from(self) -> int | None:
        """When observation began."""
        own, far = super().watched_from(), self._far.watched_from()
        begin = None if own is None else max(own, self.standing.cut * QUARTER_NS)
        return min((at for at in (begin, far) if at is not None), default=None)

    def _own(self, series: tuple[int, ...], first: int, beyond: int) -> Sum:
        own = super().total(series, max(first, self._first), beyond)
        return _added(own, self._others()) if self._first and first <= self._first < beyond else own

    def _others(self) -> Sum:
        """What another device had counted in the quarter in which this one began."""
        standing = self.standing
        return Sum(-standing.cut_rx, -standing.cut_tx, -standing.cut_estimated)


def called(sharing: Sharing, wanted: str) -> str | None:
    """What ``this``, ``all`` or a device by its name or id is called; ``None`` where nobody gave this one a name.

    Raises:
        WrongUsageError: no such device, or several by that name.
    """
    known = members(sharing)
    if not known:
        return None
    if wanted == "all" and len(known) > 1:
        return ALL_DEVICES
    return known[0].name if wanted in {"this", "all"} else named(known, wanted).name


def choose(reader: Reader, state: State, wanted: str, interface: str | None, now_ns: int) -> Chosen:
    """What answers for ``this``, ``all``, or devices by their names or ids, :data:`SEVERAL` between them.

    ``this`` is all that this ledger holds. By its name or id this device is what everybody takes it for: since it
    became one of its own, with the other accounts of the machine.

    Raises:
        WrongUsageError: no such device, several by that name, or a link of another device.
    """
    names = wanted.split(SEVERAL)
    if names == ["this"]:
        return Chosen(reader, state)
    sharing = Sharing(reader)
    standing, known = sharing.standing(), members(sharing)
    found = known if "all" in names else _meant(known, names)
    others = [member for member in found if member.devices]
    alone = all(member.this for member in found)
    if standing is None or (alone and (interface is not None or _is_whole(found[0], standing))):
        return Chosen(reader, state)
    if interface is not None:
        raise WrongUsageError("devices share their totals, not their links", "Leave --interface out, or --device")
    far = FarReader(reader, [number for member in others or found for number in member.numbers])
    notes = tuple(_note(member, now_ns) for member in others if _is_late(member, now_ns))
    spans = tuple(span for member in others for span in _span(sharing, member))
    key = f"{standing.generation}@{'' if 'all' in names else ','.join(member.id for member in found)}"
    pulled = Chosen(far, _as_of(state, standing.pulled, others), False, key, spans, notes)  # noqa: FBT003 - a value of a tuple
    if not any(member.this for member in found):
        return pulled
    return _with_this(pulled, Together(reader, far, standing), reader, state)


def _is_whole(own: Member, standing: Standing) -> bool:
    """Whether this device is just what this ledger holds."""
    return not standing.cut and not own.devices


def _meant(known: list[Member], names: list[str]) -> list[Member]:
    """The devices of these names, each once."""
    found = [known[0] if name == "this" and known else named(known, name) for name in names]
    return list(dict.fromkeys(found))


def _as_of(state: State, revision: int, others: list[Member]) -> State:
    return state._replace(revision=revision, heartbeat_ns=max((member.seen_ns or 0 for member in others), default=0))


def _with_this(alone: Chosen, together: Together, own: Reader, state: State) -> Chosen:
    """The same with this device's own ledger."""
    cut_ns, first = together.standing.cut * QUARTER_NS, own.watched_from()
    began = () if first is None else ((max(first, cut_ns), 0),)
    packed = state.revision * REVISIONS + alone.state.revision
    heard = max(state.heartbeat_ns, alone.state.heartbeat_ns)
    later = state._replace(revision=packed, heartbeat_ns=heard)
    return alone._replace(reader=together, state=later, own=True, spans=(*began, *alone.spans))


def _is_late(member: Member, now_ns: int) -> bool:
    return not member.this and member.retired_ns is None and now_ns - (member.seen_ns or 0) > LATE_NS


def _note(member: Member, now_ns: int) -> str:
    return f"the figures of {member.name} are {age(now_ns - (member.seen_ns or 0))} old"


def age(length_ns: int) -> str:
    """How long ago, in words: 3 hours."""
    seconds = max(0, length_ns) // SECOND
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or (unit == "minute" and seconds >= length):
            return f"{seconds // length} {unit}{'s' if seconds // length > 1 else ''}"
    return "a moment"


def _span(sharing: Sharing, member: Member) -> Iterator[tuple[int, int]]:
    """From when it began to when it was last heard of; accounts of this machine are in its own."""
    seen = member.seen_ns
    if seen is None or member.this:
        return
    firsts = [sharing.pulled_from(device.number) for device in member.devices]
    began = min((_began(*first, seen) for first in firsts if first is not None), default=None)
    if began is not None:
        yield began, max(began, seen)


def _began(quarter_ns: int, observed_ns: int, seen_ns: int) -> int:
    """When a device began: what of its first quarter it did not observe was before that."""
    return max(quarter_ns, min(quarter_ns + QUARTER_NS, seen_ns) - observed_ns)


def meant(home: Home, wanted: str, own: tuple[str, ...]) -> str:
    """``this`` where a name or id is this ledger's, else ``wanted``, or this device's id where that is something else.

    ``own``, what this machine is called and its id, mean this device too, unless another one goes by that name.

    Raises:
        WrongUsageError: no such device, or several by that name.
        LedgerError: the ledger could not be read.
    """
    with reading(home.ledger, home.lock) as reader:
        standing, known = Sharing(reader).standing(), members(Sharing(reader))
    taken = {name.casefold() for each in known for name in (each.name, each.id)}
    if wanted.casefold() in {name.casefold() for name in own} - taken:
        return "this"
    found = named(known, wanted)
    if not found.this:
        return wanted
    return "this" if standing is None or _is_whole(found, standing) else found.id


def _added(one: Sum, other: Sum) -> Sum:
    return Sum(*(mine + theirs for mine, theirs in zip(one, other, strict=True)))._replace(
        peak=max(one.peak, other.peak)
    )
