"""The devices that share figures, as people see them: who they are, and who is meant by a name."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packetbuddy.errors import WrongUsageError
from packetbuddy.settings.model import Plan
from packetbuddy.storage.far import OWN, Device, Sharing, Standing


class Member(NamedTuple):
    """One device as people see it: the ledgers of one machine together. ``devices`` is empty for a lone this one."""

    this: bool
    id: str
    name: str
    devices: tuple[Device, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Under which its pulled usage stands, what corrects it included."""
        correcting = OWN if self.this else -self.devices[0].number
        return (*(device.number for device in self.devices), correcting)

    @property
    def seen_ns(self) -> int | None:
        """When the database last heard of one of the others."""
        return max((device.seen_ns for device in self.devices), default=None)

    @property
    def retired_ns(self) -> int | None:
        """Since when it is gone for good; ``None`` while any of its ledgers is not."""
        since = [device.retired_ns for device in self.devices]
        return None if self.this or None in since else max(at for at in since if at is not None)


def members(sharing: Sharing) -> list[Member]:
    """Every device, this one first, then in the order in which they came; empty before the first run."""
    standing = sharing.standing()
    return [] if standing is None else members_of(standing, sharing.machines())


def members_of(standing: Standing, machines: Mapping[int, Sequence[Device]]) -> list[Member]:
    """The same of what was read before."""
    own = Member(this=True, id=standing.device, name=standing.name, devices=tuple(machines[OWN]))
    others = (each for number, each in machines.items() if number != OWN)
    return [own, *(Member(False, each[0].id, each[0].name, tuple(each)) for each in others)]  # noqa: FBT003 - a value of a tuple


def sharers(known: list[Member], plan: Plan) -> tuple[list[Member], list[str]]:
    """The devices that share a plan, and the names of those that are not known, or not told apart."""
    if "all" in plan.devices:
        return known, []
    found, strange = [known[0]] if "this" in plan.devices else [], []
    for name in plan.devices:
        try:
            found += [] if name == "this" else [named(known, name)]
        except WrongUsageError:
            strange.append(name)
    return list(dict.fromkeys(found)), strange


def named(known: list[Member], wanted: str, words: tuple[str, ...] = ("this", "all")) -> Member:
    """The device of this name (whatever its case) or id; ``words`` may be asked for instead of a name.

    Raises:
        WrongUsageError: there is none, or more than one.
    """
    found = [member for member in known if wanted == member.id or wanted in {device.id for device in member.devices}]
    found = found or [member for member in known if wanted.casefold() == member.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(member.id for member in found)
        raise WrongUsageError(f"{len(found)} devices are called {wanted!r}", f"Give the id of one: {ids}")
    names = ", ".join(dict.fromkeys([*words, *(member.name for member in known)]))
    if wanted.casefold() == "all":
        raise WrongUsageError("that is for one device at a time, not for all", f"Known: {names}")
    raise WrongUsageError(f"no device {wanted!r} is known", f"Known: {names}")
