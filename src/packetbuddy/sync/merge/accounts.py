"""Two accounts of one machine count the same bytes: of each day, what one machine can have moved."""

from collections.abc import Iterable, Sequence
from operator import sub

from packetbuddy.metering.quarters import EMPTY, NOTHING, Quarter, UtcDay, day_of


def united(days: Sequence[UtcDay]) -> UtcDay:
    """One day out of the same day of several ledgers of one machine, in whatever order they come.

    The ledger that observed more tells it. Where that one observed nothing, another fills in what it knows exactly;
    never with estimated bytes: those were spread over time that the first may have seen.
    """
    first, *others = sorted(days, key=_weight, reverse=True)
    others = [other for other in others if any(map(any, other[1:]))]
    if not others:
        return first
    quarters = dict(first.held())
    for other in others:
        for number, theirs in other.held():
            quarters[number] = _filled(quarters.get(number, EMPTY), theirs)
    return day_of(first.day, quarters.items())


def correction(whole: UtcDay, parts: Iterable[UtcDay]) -> UtcDay:
    """What has to be added to the parts so that together they are the whole; mostly negative. Peaks need none."""
    columns = list(whole[1:])
    for part in parts:
        columns = [tuple(map(sub, mine, theirs)) for mine, theirs in zip(columns, part[1:], strict=True)]
    return UtcDay(whole.day, *columns)._replace(peak=NOTHING)


def _weight(day: UtcDay) -> tuple[object, ...]:
    return (day.seconds, -sum(day.estimated), sum(day.rx) + sum(day.tx), *day[1:])


def _filled(mine: Quarter, theirs: Quarter) -> Quarter:
    known = mine.observed or mine.rx or mine.tx
    return mine if known or theirs.estimated else theirs
