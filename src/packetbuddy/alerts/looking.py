"""One look: which alerts are due now, and what the monitor has to wait for."""

from datetime import timedelta

from packetbuddy.alerts import judging
from packetbuddy.alerts.judging import DayOf, Situation
from packetbuddy.answers.localdays import day_start, ordinal_at
from packetbuddy.answers.open import Question, local
from packetbuddy.answers.plans import plans
from packetbuddy.answers.range import days
from packetbuddy.billing.usual import unusual_from
from packetbuddy.metering.readings import SECOND
from packetbuddy.storage.alerting import Fresh, Register
from packetbuddy.storage.trips import Waits

LONGEST_SECONDS = 6 * 3600
"""So long the monitor waits at most; the forecast moves by itself, too."""
AFTER_MIDNIGHT_SECONDS = 60
USUAL_DAYS = 28


def look(question: Question, register: Register, channels: list[str]) -> Waits:
    """Keep the alerts that are due, and say what to wait for.

    Raises:
        LedgerError: the ledger could not be read or written.
        ProbeError: never; counters that cannot be read are left out.
    """
    now_ns, units = question.now_ns, question.settings.display.units
    at = local(question, now_ns)
    situations = [
        Situation(plan, row, at.hour * 60 + at.minute, units)
        for plan, row in zip(question.settings.plans, plans(question).rows, strict=True)
    ]
    today, told = _today(question), register.told()
    fresh = [alert for now in situations for alert in judging.due(now, told)]
    fresh += judging.unusual(today, told, units)
    register.add(fresh, channels, now_ns)
    return _waits(question, situations, today, told | _keys(fresh))


def _keys(fresh: list[Fresh]) -> frozenset[str]:
    return frozenset(key for alert in fresh for key in (alert.key, *alert.covered))


def _waits(question: Question, situations: list[Situation], today: DayOf, told: frozenset[str]) -> Waits:
    now_ns, zone = question.now_ns, question.zone
    midnight = day_start(ordinal_at(now_ns, zone) + 1, zone) + AFTER_MIDNIGHT_SECONDS * SECOND
    changes = [minutes for now in situations if (minutes := judging.minutes_to_look(now)) is not None]
    edges = [now_ns - now_ns % (60 * SECOND) + minutes * 60 * SECOND for minutes in changes]
    trips = [trip for now in situations for trip in judging.trips(now, told)]
    due = min([now_ns + LONGEST_SECONDS * SECOND, midnight, *edges])
    return Waits(now_ns, due, (*trips, *judging.unusual_trip(today, told)))


def _today(question: Question) -> DayOf:
    """The running day beside the days before it that were observed at all."""
    today = local(question, question.now_ns).date()
    found = days(question, today - timedelta(days=USUAL_DAYS), today).days
    past = [each.usage.total for each in found if each.date < today and each.usage.coverage]
    moved = sum(each.usage.total for each in found if each.date == today)
    return DayOf(today, moved, unusual_from(past))
