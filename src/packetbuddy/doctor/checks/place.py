"""The home folder and its file system."""

from collections.abc import Iterator
from shlex import quote

from packetbuddy.doctor.facts import Facts, Place
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.reports.quantities import short

NAME = "home"
LITTLE_ROOM = 50_000_000
NO_ROOM = 1_000_000
"""Bytes: what a write of the ledger and its backup need at the least."""
ELSEWHERE = "Set PACKETBUDDY_HOME to a folder on a local disk that you may write to, and start the service again"


def check(facts: Facts) -> Iterator[Finding]:
    """Whether the home is there, ours, private, safe and roomy; and whether it is the one that is meant."""
    place = facts.place
    yield from _which(place)
    if place.kind != "folder":
        yield _not_there(place)
        return
    yield from _unusable(place)
    yield from _room(place)
    if place.open_to_others:
        text = f"Others on this machine can get at {_listed(place.open_to_others)}."
        paths = " ".join(map(quote, place.open_to_others))
        yield Finding(NAME, WARNING, text, f"`chmod go= {paths}`; the next start of the service does that too")


def _which(place: Place) -> Iterator[Finding]:
    if not place.asked:
        return
    if not place.asked.startswith(("/", "~", "\\")) and ":" not in place.asked[:3]:
        text = f"PACKETBUDDY_HOME is {place.asked!r}, which means another folder from each place it is used in."
        yield Finding(NAME, WARNING, text, "Set it to a whole path")
    if place.default_used and place.root != place.default:
        text = f"PACKETBUDDY_HOME leads to {place.root}, and there is a ledger in {place.default} too."
        yield Finding(NAME, NOTE, text, "Unset PACKETBUDDY_HOME to look at that one")


def _not_there(place: Place) -> Finding:
    if place.kind == "missing":
        text = f"There is no {place.root}: nothing has been counted yet, or PACKETBUDDY_HOME is not what it was."
        return Finding(NAME, BROKEN, text, "`pb service start` makes it and begins to count")
    if place.kind == "closed":
        return Finding(NAME, BROKEN, f"{place.root} may not be looked into by this user.", "Run pb as its owner")
    return Finding(NAME, BROKEN, f"{place.root} is not a folder.", "Move it away, then `pb service start`")


def _unusable(place: Place) -> Iterator[Finding]:
    root = place.root
    if place.mount:
        yield Finding(NAME, BROKEN, f"{root} is on a {place.mount}, where a database is not safe.", ELSEWHERE)
    if place.foreign:
        yield Finding(NAME, BROKEN, f"{root} belongs to another user.", "Run pb as its owner, without sudo")
    elif place.read_only:
        remedy = "Mount it for writing (after an error of the disk: look at `dmesg` first)"
        yield Finding(NAME, BROKEN, f"{root} is on a file system that is read-only now.", remedy)
    elif not place.writable:
        yield Finding(NAME, BROKEN, f"{root} cannot be written by this user.", f"`chmod u+rwx {quote(str(root))}`")
    elif place.unwritable:
        paths = " ".join(quote(str(root / name)) for name in place.unwritable)
        text = f"In {root}, {_listed(place.unwritable)} cannot be written by this user."
        yield Finding(NAME, BROKEN, text, f"`chmod u+rw {paths}`, or give them back to their owner")


def _room(place: Place) -> Iterator[Finding]:
    remedy = "Free some space; what is counted meanwhile is kept in memory and written then"
    if place.free_files == 0:
        yield Finding(NAME, BROKEN, f"The file system of {place.root} has no room for another file.", remedy)
    if place.free_bytes is None or place.free_bytes >= LITTLE_ROOM:
        return
    left = short(place.free_bytes, "decimal")
    level = BROKEN if place.free_bytes < NO_ROOM else WARNING
    yield Finding(NAME, level, f"The disk of {place.root} is full: {left} are left.", remedy)


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
