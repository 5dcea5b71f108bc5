"""Which programs talk now. Frozen; bytes and seconds only. Never stored."""

from datetime import datetime
from typing import NamedTuple


class Moved(NamedTuple):
    """Bytes."""

    sent: int = 0
    received: int = 0

    def __add__(self, other: object) -> "Moved":
        """Both together."""
        if not isinstance(other, Moved):
            return NotImplemented
        return Moved(self.sent + other.sent, self.received + other.received)

    @property
    def total(self) -> int:
        """Both directions."""
        return self.sent + self.received


class Talker(NamedTuple):
    """The processes of one name, or of several that share connections: since the look before, and since the first."""

    name: str
    pids: tuple[int, ...]
    connections: int
    now: Moved
    since: Moved


class Top(NamedTuple):
    """Who talked between two looks ``seconds`` apart, the fastest first.

    ``kinds`` is what of it can be seen ("TCP"). ``unnamed`` moved in connections whose programs cannot be seen (with
    ``everybody``: not even by root), ``brief`` in those that came and went between two looks; ``missed``: there were
    more of these than the system told of. ``links`` is all that the counted interfaces moved, ``None`` where that
    could not be read. ``began`` is when the first look was.
    """

    at: datetime
    began: datetime
    seconds: float
    kinds: str
    everybody: bool
    talkers: tuple[Talker, ...]
    unnamed: Talker
    brief: Talker
    links: Moved | None
    missed: bool
