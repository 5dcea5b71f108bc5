"""What an import file turns out to be."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from packetbuddy.errors import ImportFileError
from packetbuddy.imports.figures import Cell
from packetbuddy.imports.times import Zoned
from packetbuddy.metering.stretches import Stretch


class Asked(NamedTuple):
    """What the person wants of a file: how to read its times, which links of it (none: those that count here).

    ``zone_given``: the zone was named for this file, so that it goes before what the file seems to say.
    """

    zoned: Zoned
    zone_name: str
    zone_given: bool
    links: tuple[str, ...]
    counted: frozenset[str]


class Source(NamedTuple):
    """A recognised file: its kind and what it tells about itself, in words, and its cells.

    ``cells`` is asked with the time that is accounted for already, so that what a file knows to the second is cut
    there; reading goes on while they are taken, and may fail with ImportFileError.
    """

    kind: str
    about: str
    cells: Callable[[Sequence[Stretch]], Iterator[Cell]]


def choose(names: Sequence[str], asked: Asked) -> tuple[str, ...]:
    """The links to take of those in a file: the ones asked for, else the only one, else those that count here.

    Raises:
        ImportFileError: that does not say which.
    """
    known = ", ".join(sorted(names)[:20]) or "none"
    if missing := [name for name in asked.links if name not in names]:
        raise ImportFileError(f"the file has no interface {missing[0]!r}", f"It has: {known}")
    chosen = asked.links or (tuple(names) if len(names) == 1 else tuple(sorted(asked.counted & set(names))))
    if not chosen:
        raise ImportFileError("which interfaces count is not clear", f"Choose with --interface NAME, of: {known}")
    return chosen
