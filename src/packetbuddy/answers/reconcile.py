"""Our bytes for the ISP's period, and what is known of them that could explain a difference."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta

from packetbuddy.answers.coverage import began_on, coverage
from packetbuddy.answers.localdays import day_start, ordinal_at
from packetbuddy.answers.metered import Metered
from packetbuddy.answers.open import Question, Sight, local, looking
from packetbuddy.answers.plans import first_plan, rhythm_of
from packetbuddy.answers.range import checked, days
from packetbuddy.billing.cycles import cycle_of
from packetbuddy.billing.forecast import LEAST_HOURS
from packetbuddy.billing.habits import expected, learn, missing
from packetbuddy.billing.reconcile import Facts, agrees, reasons
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.slots import slot_of
from packetbuddy.reports.model import Usage
from packetbuddy.reports.reconciling import Compared, Reconciliation
from packetbuddy.reports.words import short_day
from packetbuddy.settings.load import parse
from packetbuddy.storage.amending import CORRECTION
from packetbuddy.storage.reconciling import StoredReading, add_reading, all_readings, remove_reading

LEARNT_DAYS = 84
"""From so many days after counting began it is learnt what the days before may have had."""


def reconcile(question: Question, first: date, last: date, *, isp: str, sizes: tuple[int, int]) -> Compared:
    """Put the ISP's figure beside ours for the days ``first`` … ``last``, and keep the reading.

    ``isp`` is the figure as it was written; ``sizes`` are its bytes, and what they would be in the other kind of unit.

    Raises:
        WrongUsageError: the range cannot be meant, or is not over; today may be its last day.
    """
    checked(first.toordinal(), last.toordinal())
    if last.toordinal() > ordinal_at(question.now_ns, question.zone):
        raise WrongUsageError(f"{last} has not been yet", "Ask for days that have been")
    usage = days(question, first, last).summary
    facts, share = _facts(question, usage, (first, last), sizes)
    wanted = StoredReading(
        0,
        question.now_ns,
        first.isoformat(),
        last.isoformat(),
        question.zone_name,
        isp,
        sizes[0],
        usage.sent,
        usage.received,
        share,
        question.device,
        question.interface,
    )
    stored = add_reading(question.home.ledger, question.home.lock, wanted)
    return Compared(_reading(question, stored), agrees(facts), tuple(reasons(facts)))


def readings(question: Question) -> tuple[Reconciliation, ...]:
    """All that were ever made."""
    return tuple(_reading(question, each) for each in all_readings(question.home.ledger, question.home.lock))


def remove(question: Question, number: int) -> Reconciliation:
    """Forget a reading that was made by mistake; returns it.

    Raises:
        WrongUsageError: there is no such reading.
    """
    stored = remove_reading(question.home.ledger, question.home.lock, number)
    if stored is None:
        raise WrongUsageError(f"there is no reading {number}", "`pb reconcile --list` numbers them")
    return _reading(question, stored)


def _reading(question: Question, stored: StoredReading) -> Reconciliation:
    return Reconciliation(
        stored.number,
        local(question, stored.made_ns),
        date.fromisoformat(stored.first),
        date.fromisoformat(stored.last),
        stored.isp,
        stored.isp_bytes,
        stored.sent,
        stored.received,
        stored.coverage,
        stored.device,
        stored.interface,
    )


def _facts(
    question: Question, usage: Usage, period: tuple[date, date], sizes: tuple[int, int]
) -> tuple[Facts, float | None]:
    """What is known of the period, and how much of it was observed."""
    first, last = period
    with looking(question) as sight:
        facts = Facts(
            sent=usage.sent,
            received=usage.received,
            theirs=sizes[0],
            other_unit=sizes[1],
            unobserved=_unobserved(sight, first, last),
            elsewhere=_elsewhere(sight, first, last) if question.device == "this" else 0,
            shifted=tuple(_shifted(question, first, last)),
            before=_before(sight, first, last),
        )
        zone = question.zone
        return facts, coverage(sight, day_start(first.toordinal(), zone), day_start(last.toordinal() + 1, zone))


def _everything(sight: Sight) -> Metered:
    return Metered(sight, parse({"plan": {"name": "everything"}}).plans[0])


def _unobserved(sight: Sight, first: date, last: date) -> int:
    """Bytes usual in the hours of the period that nobody watched, by the habits of the period itself."""
    past = [day for day in _everything(sight).days(first.toordinal()) if day.day <= last.toordinal()]
    return round(missing(learn(past, last.toordinal()), first.toordinal())) if past else 0


def _before(sight: Sight, first: date, last: date) -> tuple[str, int | None] | None:
    """When counting began, and the bytes usual in the part of the period before it that no import knows."""
    zone, began_ns = sight.question.zone, sight.began_ns
    start, end = (day_start(day, zone) for day in (first.toordinal(), last.toordinal() + 1))
    if began_ns is None or began_ns <= start:
        return None
    began, metered = began_on(sight), _everything(sight)
    words = short_day(date.fromordinal(began))
    past = metered.days(began)[:LEARNT_DAYS]
    if sum(sum(day.seen) for day in past) < LEAST_HOURS:
        return words, None
    habits = learn(past, past[-1].day)
    usual = sum(expected(habits, each.day, each.hours) for each in metered.hours(start, min(began_ns, end)))
    imported = metered.total(first.toordinal(), min(began, last.toordinal() + 1))
    return words, max(0, round(usual) - imported.peak)


def _elsewhere(sight: Sight, first: date, last: date) -> int:
    """Bytes of interfaces that did not count."""
    zone, reader = sight.question.zone, sight.reader
    start, beyond = slot_of(day_start(first.toordinal(), zone)), slot_of(day_start(last.toordinal() + 1, zone))
    names = {each.name for each in reader.interfaces()} - {CORRECTION}
    counted = set(reader.counted_series(lambda _name: True))
    others = tuple(series for name in names for series in reader.series(name) if series not in counted)
    found = reader.total(others, start, beyond)
    return found.rx + found.tx


def _shifted(question: Question, first: date, last: date) -> Iterator[tuple[str, int]]:
    """Our bytes of the same period, cut elsewhere: a day earlier or later, in UTC, by the plan's own cycle."""
    for step, words in ((-1, "begins and ends a day earlier"), (1, "begins and ends a day later")):
        by = timedelta(days=step)
        yield words, days(question, first + by, last + by).summary.total
    if question.zone_name != "UTC":
        utc = question._replace(zone=UTC, zone_name="UTC")
        yield "is cut at midnight UTC", days(utc, first, last).summary.total
    if question.settings.plans:
        cycle = cycle_of(rhythm_of(first_plan(question.settings)), first.toordinal())
        if cycle.beyond is not None and (cycle.first, cycle.beyond - 1) != (first.toordinal(), last.toordinal()):
            whole = days(question, date.fromordinal(cycle.first), date.fromordinal(cycle.beyond - 1))
            yield f"is the plan's cycle, {whole.first} to {whole.last}", whole.summary.total
