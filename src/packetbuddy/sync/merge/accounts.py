"""Two accounts of one machine count the same bytes: of each day, what one machine can have moved."""

from collections.abc import Iterable, Sequence

from packetbuddy.metering.quarters import Quarter, UtcDay, day_of


def united(days: Sequence[UtcDay]) -> UtcDay:
    """One day out of the same day of several ledgers of one machine, in whatever order they come.

    The ledger that observed more tells it. Where that one observed nothing, another fills in what it knows exactly;
    never with estimated bytes: those were spread over time that the first may have seen.
    """
    first, *others = sorted(days, key=_weight, reverse=True)
    quarters = list(first.quarters())
    for other in others:
        quarters = [_filled(mine, theirs) for mine, theirs in zip(quarters, other.quarters(), strict=True)]
    return day_of(first.day, quarters)


def correction(whole: UtcDay, parts: Iterable[UtcDay]) -> UtcDay:
    """What has to be added to the parts so that together they are the whole; mostly negative. Peaks need none."""
    quarters = list(whole.quarters())
    for part in parts:
        quarters = [_less(mine, theirs) for mine, theirs in zip(quarters, part.quarters(), strict=True)]
    return day_of(whole.day, [quarter._replace(peak=0) for quarter in quarters])


def _weight(day: UtcDay) -> tuple[object, ...]:
    return (day.seconds, -sum(day.estimated), sum(day.rx) + sum(day.tx), *day[1:])


def _filled(mine: Quarter, theirs: Quarter) -> Quarter:
    known = mine.observed or mine.rx or mine.tx
    return mine if known or theirs.estimated else theirs


def _less(mine: Quarter, theirs: Quarter) -> Quarter:
    return Quarter(*(one - other for one, other in zip(mine, theirs, strict=True)))
