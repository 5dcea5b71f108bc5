"""Our bytes beside the ISP's: the ratio, and what could be behind the difference, with how much each could explain."""

from collections.abc import Iterator
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
    elsewhere, each with its words. ``before``: when counting began, in words, and the bytes usual in the part of the
    period before that (``None``: nobody can tell); itself ``None`` where all of the period was counted.
    """

    sent: int
    received: int
    theirs: int
    other_unit: int
    unobserved: int = 0
    elsewhere: int = 0
    shifted: tuple[tuple[str, int], ...] = ()
    before: tuple[str, int | None] | None = None

    @property
    def ours(self) -> int:
        """Both directions."""
        return self.sent + self.received

    @property
    def gap(self) -> int:
        """The difference: how many bytes more they have."""
        return self.theirs - self.ours


class Reason(NamedTuple):
    """Something that could be behind the difference; ``explains`` is how many bytes of it, with the difference's sign.

    ``None``: any amount. An ``exact`` one makes just this much, when it is so; another one makes up to this much.
    """

    kind: str
    words: str
    explains: int | None
    exact: bool = False


def ratio(facts: Facts) -> float | None:
    """Our figure as a share of theirs; ``None`` where theirs is nothing."""
    return facts.ours / facts.theirs if facts.theirs else None


def agrees(facts: Facts) -> bool:
    """Whether the two are close enough that nothing needs a reason."""
    return _is_close(facts, abs(facts.gap))


def reasons(facts: Facts) -> list[Reason]:
    """What could be behind the difference, best explanation first; with each less is left than without it.

    First what meets the difference just so, then what may be all of it, then by how much would be left, and at last
    what could be any amount.
    """
    found = [each for each in _candidates(facts) if _helps(facts.gap, each)]
    return sorted(found, key=lambda reason: _rank(facts, reason))


def _helps(gap: int, reason: Reason) -> bool:
    """Whether it goes the difference's own way, and not so far beyond that as much is left the other way."""
    if reason.explains is None:
        return True
    return reason.explains * gap > 0 and not (reason.exact and abs(reason.explains) >= 2 * abs(gap))


def leaves(gap: int, reason: Reason) -> int | None:
    """Bytes of the difference that need another reason, either way; ``None``: that depends."""
    if reason.explains is None:
        return None
    return abs(gap - reason.explains) if reason.exact else max(0, abs(gap) - abs(reason.explains))


def _rank(facts: Facts, reason: Reason) -> tuple[int, int]:
    left = leaves(facts.gap, reason)
    if left is None:
        return 3, 0
    return (2 if not _is_close(facts, left) else 0 if reason.exact else 1), left


def _is_close(facts: Facts, size: int) -> bool:
    return size <= CLOSE * max(facts.theirs, facts.ours)


def _candidates(facts: Facts) -> Iterator[Reason]:
    if facts.before is not None and facts.gap > 0:
        began, usual = facts.before
        yield Reason("began", f"counting began on {began}, and what was before is not in ours", usual)
    yield Reason("unobserved", "time in which nobody counted here", facts.unobserved)
    yield Reason("links", "interfaces of this computer that do not count", facts.elsewhere)
    headers = round(FRAMING * facts.ours) * (1 if facts.gap > 0 else -1)
    yield Reason("framing", "headers that only one side counts", headers)
    yield from _exact(facts)
    if facts.gap > 0:
        yield Reason("device", "a device on the same line that is not tracked", None)
    else:
        yield Reason("local", "traffic that stayed at home (NAS, printer, casting)", None)


def _exact(facts: Facts) -> Iterator[Reason]:
    """What changes the figures by a known amount, or not at all."""
    unit = facts.theirs - facts.other_unit
    yield Reason("unit", "the ISP's unit is of the other kind (GB against GiB)", unit, exact=True)
    yield Reason("direction", "the ISP counts downloads only", -facts.sent, exact=True)
    for words, total in facts.shifted:
        yield Reason("boundary", f"the ISP's period {words}", total - facts.ours, exact=True)
