"""Our bytes beside the ISP's: the ratio, and what could be behind the difference, with how much each could explain."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

FRAMING = 0.03
"""Headers that one side counts and the other does not: Ethernet's are 1 % of full packets, 3 % of small ones."""
CLOSE = 0.02
"""Within so much of each other the two agree."""


class Facts(NamedTuple):
    """What is known of the ISP's period.

    ``sent`` and ``received`` are ours, ``theirs`` the ISP's bytes with its unit as it was written, powers of 1000 or
    1024; ``other_unit`` is what it would be in the other kind. ``unobserved``: bytes usual in the time that nobody
    watched. ``elsewhere``: bytes of interfaces that did not count. ``shifted``: our bytes, had the period been cut
    elsewhere, each with its words.
    """

    sent: int
    received: int
    theirs: int
    other_unit: int
    unobserved: int = 0
    elsewhere: int = 0
    shifted: tuple[tuple[str, int], ...] = ()

    @property
    def ours(self) -> int:
        """Both directions."""
        return self.sent + self.received


class Reason(NamedTuple):
    """Something that could be behind the difference; ``explains`` is how many bytes of it, with the difference's sign.

    ``None``: any amount.
    """

    kind: str
    words: str
    explains: int | None


def ratio(facts: Facts) -> float | None:
    """Our figure as a share of theirs; ``None`` where theirs is nothing."""
    return facts.ours / facts.theirs if facts.theirs else None


def agrees(facts: Facts) -> bool:
    """Whether the two are close enough that nothing needs a reason."""
    return abs(facts.theirs - facts.ours) <= CLOSE * max(facts.theirs, facts.ours)


def reasons(facts: Facts) -> list[Reason]:
    """What could be behind the difference, best explanation first; each goes the difference's own way."""
    gap = facts.theirs - facts.ours
    found = [reason for reason in _candidates(facts) if reason.explains is None or reason.explains * gap > 0]
    return sorted(found, key=lambda reason: _left(gap, reason))


def _left(gap: int, reason: Reason) -> tuple[bool, int]:
    return reason.explains is None, abs(gap - (reason.explains or 0))


def _candidates(facts: Facts) -> Iterator[Reason]:
    gap = facts.theirs - facts.ours
    yield Reason("unit", "the ISP's unit is of the other kind (GB against GiB)", facts.theirs - facts.other_unit)
    yield Reason("unobserved", "time in which nobody counted here", facts.unobserved)
    yield Reason("direction", "the ISP counts downloads only", -facts.sent)
    yield Reason("links", "interfaces of this computer that do not count", facts.elsewhere)
    yield Reason("framing", "headers that only one side counts", round(FRAMING * facts.ours) * (1 if gap > 0 else -1))
    yield from _boundaries(facts.shifted, facts.ours)
    if gap > 0:
        yield Reason("device", "a device on the same line that is not tracked", None)
    else:
        yield Reason("local", "traffic that stayed at home (NAS, printer, casting)", None)


def _boundaries(shifted: Sequence[tuple[str, int]], ours: int) -> Iterator[Reason]:
    for words, total in shifted:
        yield Reason("boundary", f"the ISP's period {words}", total - ours)
