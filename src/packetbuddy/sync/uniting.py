"""Correcting what accounts of one machine hold twice, as far as anything changed since the last time."""

from packetbuddy.metering.slots import day_of_slot, slot_of
from packetbuddy.storage.far import OWN, Device, Sharing, Standing
from packetbuddy.storage.reader import Reader
from packetbuddy.storage.syncing import Syncer
from packetbuddy.sync.local import own_day, own_standing
from packetbuddy.sync.merge.accounts import correction, united

Shared = dict[int, list[Device]]
"""Pulled ledgers of machines with several accounts, by the number of what corrects them."""


def unite(syncer: Syncer) -> Standing:
    """Bring the corrections up to what is known now; returns how we stand then, which the caller keeps.

    A run that ends before this is made up for by the next one.
    """
    sharing = syncer.sharing
    standing = own_standing(sharing)
    shared = _shared(sharing)
    changed = standing.accounts != _named(shared)
    waiting = _waiting(syncer.reader, standing, sharing, shared)
    if not changed and not any(waiting.values()):
        return standing
    for number in set(sharing.corrected()) - shared.keys():
        syncer.forget(number, device_too=False)
    pulled = standing.pulled + 1
    for number, days in waiting.items():
        for day in sorted(days):
            _correct(syncer, standing, (number, shared[number]), day, pulled)
    revision, today = syncer.reader.state().revision, _today(syncer.reader)
    standing = standing._replace(united=revision, united_day=today, united_pulled=pulled, pulled=pulled)
    return standing._replace(accounts=_named(shared), generation=standing.generation + changed)


def _correct(syncer: Syncer, standing: Standing, shared: tuple[int, list[Device]], day: int, pulled: int) -> None:
    number, members = shared
    parts = [syncer.sharing.day(member.number, day) for member in members]
    if number == OWN:
        parts.append(own_day(syncer.reader, standing, day))
    fixed = correction(united(parts), parts)
    if fixed != syncer.sharing.day(number, day):
        syncer.day(number, fixed, pulled)


def _shared(sharing: Sharing) -> Shared:
    groups = sharing.machines().items()
    return {number: members for number, members in groups if len(members) + (number == OWN) > 1}


def _named(shared: Shared) -> str:
    """Which ledgers are accounts of one machine: where that changes, everything is corrected anew."""
    return ";".join(f"{number}:{','.join(str(each.number) for each in shared[number])}" for number in sorted(shared))


def _waiting(reader: Reader, standing: Standing, sharing: Sharing, shared: Shared) -> dict[int, set[int]]:
    """Days to look at, by what corrects them: all where the accounts changed, else those that changed themselves."""
    if standing.accounts != _named(shared):
        return {number: _days(sharing, members, -1) for number, members in shared.items()}
    found = {number: _days(sharing, members, standing.united_pulled) for number, members in shared.items()}
    if OWN in shared:
        lately = range(standing.united_day, _today(reader) + 1)  # time is observed there without a change of the day
        mine = {*reader.changed_days(standing.united), *lately}
        found[OWN] |= mine & _days(sharing, shared[OWN], -1)
    return found


def _days(sharing: Sharing, members: list[Device], pulled: int) -> set[int]:
    return {day for member in members for day in sharing.days_of(member.number, pulled)}


def _today(reader: Reader) -> int:
    """The UTC day of the last look."""
    at = reader.books().at
    return 0 if at is None else day_of_slot(slot_of(at.wall_ns))
