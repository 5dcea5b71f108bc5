"""Data plans: what the running cycle has used, what came along, and where it is going."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import accumulate, takewhile
from typing import NamedTuple

from packetbuddy.answers.coverage import began_on, coverage
from packetbuddy.answers.devices import SEVERAL
from packetbuddy.answers.localdays import LAST_ORDINAL, Stretches, day_start, ordinal_at
from packetbuddy.answers.localtable import local_table
from packetbuddy.answers.members import Member, members, sharers
from packetbuddy.answers.metered import Metered
from packetbuddy.answers.open import Question, Sight, looking
from packetbuddy.billing.allowance import carried, counted
from packetbuddy.billing.cycles import Cycle, Rhythm, cycle_of, cycles, has_begun
from packetbuddy.billing.forecast import Outlook, outlook
from packetbuddy.billing.habits import Day
from packetbuddy.billing.money import Price
from packetbuddy.billing.tariff import Tariff, Tier, cycle_cost
from packetbuddy.errors import WrongUsageError
from packetbuddy.probes.system import host_name
from packetbuddy.reports.plans import Gauge, PlanRow, Plans
from packetbuddy.settings.model import Plan, Settings
from packetbuddy.storage.far import Sharing

REMEMBERED_DAYS = 84
"""So far back habits are looked for."""
FARTHEST_DAYS = 400
"""So far ahead the end of a prepaid bucket is looked for."""
LITTLE = 0.05
"""So much of a cycle's time may have passed before counting began without a word."""
MOST_CYCLES = 60
"""So many cycles back a rollover is followed; one cycle hides nearly all that was before it."""


class Running(NamedTuple):
    """A plan, its links, and its running cycle in ordinals of local days."""

    plan: Plan
    metered: Metered
    cycle: Cycle
    today: int


def plans(question: Question) -> Plans:
    """Every plan with its forecast."""
    return _answer(question, _row)


def gauges(question: Question) -> Plans:
    """Every plan as far as it is known at a glance, without a forecast: cheaper."""
    return _answer(question, lambda running: PlanRow(_gauge(running)))


def day_beyond(settings: Settings) -> Callable[[int], int]:
    """Gives the ordinal of the day after the cycle of the first plan that holds a day.

    Raises:
        WrongUsageError: there is no plan.
    """
    rhythm = rhythm_of(first_plan(settings))

    def beyond(day: int) -> int:
        found = cycle_of(rhythm, day).beyond
        return LAST_ORDINAL + 1 if found is None else found

    return beyond


def rhythm_of(plan: Plan) -> Rhythm:
    """How a plan repeats."""
    return Rhythm(*plan.cycle)


def first_plan(settings: Settings) -> Plan:
    """The plan whose cycles are meant where none is named.

    Raises:
        WrongUsageError: there is none.
    """
    if not settings.plans:
        raise WrongUsageError("there is no plan, so there are no cycles", 'set one: pb plan set cap "100 GB"')
    return settings.plans[0]


def cycle_days(question: Question, day: date | None = None) -> tuple[date, date]:
    """First and last day of the first plan's cycle that holds a day (today); a bucket without an end ends today.

    Raises:
        WrongUsageError: there is no plan.
    """
    today = ordinal_at(question.now_ns, question.zone)
    cycle = cycle_of(rhythm_of(first_plan(question.settings)), today if day is None else day.toordinal())
    last = max(today, cycle.first) if cycle.beyond is None else cycle.beyond - 1
    return date.fromordinal(cycle.first), date.fromordinal(min(last, LAST_ORDINAL))


def _answer(question: Question, row: Callable[[Running], PlanRow]) -> Plans:
    today = ordinal_at(question.now_ns, question.zone)
    rows: tuple[PlanRow, ...] = ()
    if question.settings.plans:
        with looking(question) as sight:
            rows = tuple(_of_devices(sight, plan, today, row) for plan in question.settings.plans)
    return Plans(date.fromordinal(today), question.zone_name, rows)


def _of_devices(sight: Sight, plan: Plan, today: int, row: Callable[[Running], PlanRow]) -> PlanRow:
    """A plan as those devices use it that share it, and each one's part; asked for a device, that one's alone."""
    sharing, strange = _sharers(sight, plan) if sight.question.device == "this" else ([], [])
    if all(member.this for member in sharing):
        found = row(_running(sight, plan, today))
    else:
        found = _shared(sight.question, plan, sharing, today, row)
    if strange and not sharing:
        nothing = found.gauge._replace(used=0, used_today=0, cost=None, counted_since=None, known=False)
        found = PlanRow(nothing)
    return found._replace(gauge=found.gauge._replace(unknown_devices=tuple(strange)))


def _shared(
    question: Question, plan: Plan, sharing: list[Member], today: int, row: Callable[[Running], PlanRow]
) -> PlanRow:
    with looking(question._replace(device=SEVERAL.join(each.id for each in sharing))) as together:
        found = row(_running(together, plan, today))
    if not found.gauge.begun:
        return found
    return found._replace(shares=tuple(_share(question, plan, each, today) for each in sharing))


def _sharers(sight: Sight, plan: Plan) -> tuple[list[Member], list[str]]:
    """The devices that share a plan, and the names of those that are not known, or not told apart."""
    if plan.devices == ("this",):
        return [], []
    known = members(Sharing(sight.reader)) or [Member(this=True, id="", name=host_name(), devices=())]
    return sharers(known, plan)


def _share(question: Question, plan: Plan, member: Member, today: int) -> tuple[str, int]:
    """What one device used of the running cycle."""
    with looking(question._replace(device=member.id, tell=lambda _words: None)) as sight:
        running = _running(sight, plan, today)
        beyond = today + 1 if running.cycle.beyond is None else running.cycle.beyond
        return member.name, _counted(running, running.cycle.first, beyond)


def _running(sight: Sight, plan: Plan, today: int) -> Running:
    return Running(plan, Metered(sight, plan), cycle_of(rhythm_of(plan), today), today)


def _row(running: Running) -> PlanRow:
    gauge = _gauge(running)
    if not gauge.begun or not gauge.known:
        return PlanRow(gauge)
    past = running.metered.days(max(running.today - REMEMBERED_DAYS, 1))
    course, found = _course(running, past, gauge.used), _outlook(running, past, gauge)
    if found is None:
        return PlanRow(gauge, course=course)
    reached = None if found.reached is None or not gauge.left else date.fromordinal(found.reached)
    return PlanRow(gauge, None if gauge.end is None else found.forecast, reached, course, foreseen=True)


def _course(running: Running, past: list[Day], used: int) -> tuple[tuple[date, int], ...]:
    """What was used up to the end of each day of the cycle; the last is what is used now."""
    of_cycle = [day for day in past if day.day >= running.cycle.first]
    totals = list(accumulate((sum(day.moved) for day in reversed(of_cycle)), initial=0.0))
    still = [used - round(later) for later in totals[:-1]]
    return tuple((date.fromordinal(day.day), amount) for day, amount in zip(of_cycle, reversed(still), strict=True))


def _gauge(running: Running) -> Gauge:
    plan, cycle, today = running.plan, running.cycle, running.today
    begun = has_begun(rhythm_of(plan), today)
    used = _used(running, cycle) if begun else 0
    along = _along(running) if begun and plan.rollover and plan.cap is not None else 0
    first = cycle.first if begun else cycle.beyond or today
    ends = begun and cycle.beyond is not None
    return Gauge(
        name=plan.name,
        cap=plan.cap,
        carried=along,
        start=date.fromordinal(first),
        end=date.fromordinal(min(cycle.beyond - 1, LAST_ORDINAL)) if ends and cycle.beyond else None,
        begun=begun,
        passed=_passed(running) if ends else None,
        days_left=cycle.beyond - today if ends and cycle.beyond else None,
        used=used,
        used_today=_counted(running, today, today + 1) if begun else 0,
        coverage=coverage(running.metered.sight, *_ends(running)) if begun else None,
        cost=_cost(running, used, along) if begun else None,
        today=date.fromordinal(today),
        already_used=_before(running, cycle) if begun else 0,
        counted_since=_counted_since(running) if begun else None,
        unknown=running.metered.unknown,
        known=len(running.metered.unknown) < len(plan.interfaces or "*"),
    )


def _counted(running: Running, first: int, beyond: int) -> int:
    return counted(running.metered.total(first, beyond), running.plan.off_peak_counts)


def _used(running: Running, cycle: Cycle) -> int:
    beyond = running.today + 1 if cycle.beyond is None else cycle.beyond
    return _counted(running, cycle.first, beyond) + _before(running, cycle)


def _before(running: Running, cycle: Cycle) -> int:
    """``already_used`` belongs to the cycle, or bucket, in which counting began."""
    began = began_on(running.metered.sight)
    return running.plan.already_used if cycle_of(rhythm_of(running.plan), began) == cycle else 0


def _counted_since(running: Running) -> date | None:
    """The day in the running cycle on which counting began, where neither the user nor an import tells of before."""
    sight, cycle = running.metered.sight, running.cycle
    start, began = _ends(running)[0], began_on(sight)
    if sight.began_ns is None or running.plan.already_used:
        return None
    if sight.began_ns - start <= LITTLE * (sight.question.now_ns - start):
        return None
    return None if any(running.metered.total(cycle.first, began)) else date.fromordinal(began)


def _along(running: Running) -> int:
    """What comes along from the cycles before, as far back as each was counted, or imported, from its begin on."""
    plan, sight = running.plan, running.metered.sight
    spans = Stretches(sight.reader.import_spans() if sight.question.device == "this" else [])
    began = began_on(sight)
    first = began if spans.first is None else min(began, ordinal_at(spans.first, sight.question.zone))
    past = [each for each in cycles(rhythm_of(plan), first, running.today) if each.first < running.cycle.first]
    known = list(takewhile(lambda each: _is_known(running, each, spans), reversed(past[-MOST_CYCLES:])))
    return carried(plan.cap or 0, _totals(running, known[::-1]))


def _is_known(running: Running, cycle: Cycle, spans: Stretches) -> bool:
    """Whether hardly any of a past cycle lies before counting began and is answered for by no import."""
    sight = running.metered.sight
    zone, began = sight.question.zone, began_on(sight)
    if cycle.first >= began or (running.plan.already_used and cycle_of(rhythm_of(running.plan), began) == cycle):
        return True
    start, end = day_start(cycle.first, zone), day_start(cycle.beyond or running.today, zone)
    until = end if sight.began_ns is None else min(end, sight.began_ns)
    return until - start - spans.within(start, until) <= LITTLE * (end - start)


def _totals(running: Running, past: list[Cycle]) -> list[int]:
    """What past cycles used: out of the cached days where those hold just that, else out of the slots."""
    plan, sight = running.plan, running.metered.sight
    if plan.interfaces is not None or plan.off_peak or sight.question.interface is not None:
        return [_used(running, each) for each in past]
    with local_table(sight, 1, LAST_ORDINAL) as table:
        tallies = [table.tally(each.first, (each.beyond or running.today) - 1) for each in past]
    return [tally.rx + tally.tx + _before(running, each) for each, tally in zip(past, tallies, strict=True)]


def _ends(running: Running) -> tuple[int, int]:
    """First instant of the running cycle, and of the next."""
    zone, cycle = running.metered.sight.question.zone, running.cycle
    beyond = running.today + FARTHEST_DAYS if cycle.beyond is None else cycle.beyond
    return day_start(cycle.first, zone), day_start(beyond, zone)


def _passed(running: Running) -> float:
    start, end = _ends(running)
    return (running.metered.sight.question.now_ns - start) / (end - start)


def _cost(running: Running, used: int, along: int) -> Decimal | None:
    plan, cost = running.plan, running.metered.sight.question.settings.cost
    if not cost.rate_per_gb:
        return None
    price = Price(cost.rate_per_gb, cost.currency, cost.unit)
    tiers = tuple(Tier(tier.up_to, tier.rate) for tier in plan.tiers)
    included = None if plan.cap is None else plan.cap + along
    return cycle_cost(used, Tariff(price, tiers, included, plan.overage_rate))


def _outlook(running: Running, past: list[Day], gauge: Gauge) -> Outlook | None:
    metered, (start, end) = running.metered, _ends(running)
    began_ns, now_ns = metered.sight.began_ns, metered.sight.question.now_ns
    before = () if gauge.counted_since is None or began_ns is None else tuple(metered.hours(start, began_ns))
    return outlook(
        past,
        list(metered.hours(now_ns, end)),
        used=gauge.used,
        limit=gauge.allowance,
        since=running.cycle.first,
        before=before,
    )
