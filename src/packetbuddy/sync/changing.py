"""Changes of a device that every device sees (a name, retired, forgotten): made in the database, then brought here."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from packetbuddy.answers.members import Member, members, named
from packetbuddy.errors import SyncSetupError, WrongUsageError
from packetbuddy.settings.places import Home
from packetbuddy.storage.far import Sharing
from packetbuddy.storage.reader import reading
from packetbuddy.sync.main import meeting, once

if TYPE_CHECKING:
    from packetbuddy.sync.postgres.remote import Remote


class Change(NamedTuple):
    """``rename``, ``retire`` or ``forget``; ``name`` is the new one."""

    verb: str
    name: str = ""


def found(home: Home, wanted: str) -> Member:
    """The device that is meant.

    Raises:
        WrongUsageError: there is none, or more than one.
        SyncSetupError: nothing was ever synchronised.
        LedgerError: the ledger could not be read.
    """
    with reading(home.ledger, home.lock) as reader:
        known = members(Sharing(reader))
    if not known:
        raise SyncSetupError("sync has not run yet, so no devices are known", "`pb sync now`")
    return known[0] if wanted == "this" else named(known, wanted, ("this",))


def change(home: Home, environment: Mapping[str, str], member: Member, wanted: Change) -> None:
    """Do it in the database, and bring what follows from it.

    Raises:
        WrongUsageError: this device cannot be forgotten by itself; another one has the name.
        SyncError: the database could not be used, or does not let us.
    """
    if wanted.verb != "rename" and member.this:
        raise WrongUsageError(
            f"this device cannot {wanted.verb} itself", "Do it on another one, or switch sync off here"
        )
    if wanted.name:
        _check_free(home, member, wanted.name)
    ids = [member.id, *(device.id for device in member.devices if device.id != member.id)]
    with meeting(home, environment) as remote:
        done = [_act(remote, wanted)(identity) for identity in ids]
    if not any(done):
        raise SyncSetupError(
            "the database lets a device change its own entry only, or has no such device",
            "do it on that device, or as the database's owner",
        )
    once(home, environment)


def _check_free(home: Home, member: Member, name: str) -> None:
    """A name that two devices have means neither."""
    with reading(home.ledger, home.lock) as reader:
        others = [each.name.casefold() for each in members(Sharing(reader)) if each.id != member.id]
    if name.casefold() in others:
        raise WrongUsageError(f"another device is called {name!r}", "Take another name")


def _act(remote: "Remote", wanted: Change) -> Callable[[str], bool]:
    acts: dict[str, Callable[[str], bool]] = {
        "rename": lambda device: remote.rename(device, wanted.name),
        "retire": remote.retire,
        "forget": remote.forget,
    }
    return acts[wanted.verb]
