"""When a service is to be started anew: what the watchdog saw, judged. Pure; its memory between looks is a value."""

from typing import NamedTuple

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 120.0, 3600.0
CALM_SECONDS = 7200.0
"""A restart this long ago is forgotten: what fails now is another trouble."""


class Sight(NamedTuple):
    """One look.

    ``counted`` says whether a monitor ever counted here, ``writes`` whether its last write is recent, ``told`` whether
    it was told to leave, ``kept`` whether something else is about to start it. ``answers`` is about the API: ``None``
    while it sleeps.
    """

    lives: bool
    counted: bool
    writes: bool
    told: bool
    kept: bool
    answers: bool | None


class Memory(NamedTuple):
    """Restarts in a row, and when the last one was, in seconds of the wall clock."""

    restarts: int = 0
    last: float = 0.0


def complaint(sight: Sight) -> str:
    """What is wrong with the service, where a restart would help; empty where nothing is."""
    if not sight.lives:
        dead = sight.counted and not sight.told and not sight.kept
        return "it ended without being told to" if dead else ""
    if not sight.writes:
        return "it lives and does not write"
    return "its API is awake and does not answer" if sight.answers is False else ""


def pause_left(memory: Memory, now: float) -> float:
    """Seconds that a restart has to wait: longer after each that did not help. A clock that was set back waits not."""
    if memory.restarts == 0 or now < memory.last:
        return 0.0
    pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(memory.restarts - 1, 10), LONGEST_PAUSE_SECONDS)
    return max(0.0, memory.last + pause - now)


def restarted(memory: Memory, now: float) -> Memory:
    """After a restart."""
    return Memory(memory.restarts + 1 if _recent(memory, now) else 1, now)


def calm(memory: Memory, now: float) -> Memory:
    """After a look at which all was well."""
    return memory if _recent(memory, now) else Memory()


def _recent(memory: Memory, now: float) -> bool:
    return 0 <= now - memory.last < CALM_SECONDS


def written(memory: Memory) -> str:
    """The memory as a line of a file, in whole seconds that have passed: a restart to come would be no restart."""
    return f"{memory.restarts} {int(memory.last)}\n"


def parsed(text: str) -> Memory:
    """The memory from that line; none from anything else."""
    words = text.split()
    if len(words) == 2 and all(word.isascii() and word.isdigit() for word in words):
        return Memory(int(words[0]), float(words[1]))
    return Memory()
