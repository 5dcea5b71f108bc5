"""Today and the summary; with days and groups, everything about usage by time that anybody asks for."""

from datetime import date, datetime

from packetbuddy.answers.groups import groups
from packetbuddy.answers.localdays import LAST_ORDINAL, Stretches, day_start, ordinal_at
from packetbuddy.answers.localtable import LocalTable, local_table
from packetbuddy.answers.members import members
from packetbuddy.answers.open import Question, Sight, added, local, looking, total_of, usage_of
from packetbuddy.answers.range import days
from packetbuddy.answers.tracked import first_tracked, peak_at, tracked
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of
from packetbuddy.reports.model import Summary, Today
from packetbuddy.storage.cache import Tally
from packetbuddy.storage.far import Sharing

__all__ = ["days", "groups", "summary", "today"]

USUAL_WEEKS = 8
USUAL_LEAST = 3
"""So many same weekdays must have been observed before one is called usual."""
ACTIVE_NS = 24 * 3600 * SECOND


def today(question: Question) -> Today:
    """The running local day, to the second."""
    zone, now = question.zone, question.now_ns
    with looking(question) as sight:
        day = ordinal_at(now, zone)
        start, end = day_start(day, zone), day_start(day + 1, zone)
        seen = Stretches(sight.observed(day_start(max(1, day - 7 * USUAL_WEEKS), zone), now))
        usage = usage_of(sight.between(slot_of(start), slot_of(end)), sight.share(seen.within(start, now), start, now))
        mine = Today(date.fromordinal(day), question.zone_name, usage, _usual(sight, seen, day))
        several = _several(sight)
    return mine._replace(all_devices=today(_of_all(question)).usage) if several else mine


def summary(question: Question) -> Summary:
    """Everything since tracking began."""
    with looking(question) as sight, local_table(sight, 1, LAST_ORDINAL) as table:
        tally = table.tally(1, LAST_ORDINAL)
        total = added(sight.reader.lifetime(question.interface), total_of(sight.moved.values()))
        first = first_tracked(sight, table)
        tracked = _tracked(sight, table, first)
        heartbeat = sight.state.heartbeat_ns
        mine = Summary(
            usage=usage_of(total, _coverage(sight, tally)),
            first_day=None if first is None else date.fromordinal(first),
            days_tracked=tracked,
            average_daily_bytes=(total.rx + total.tx) // max(1, tracked),
            peak_at=_peak_at(sight, table),
            data_points=tally.points,
            last_update=local(question, heartbeat),
            active_devices=int(sight.state.alive or question.now_ns - heartbeat < ACTIVE_NS) + others_seen(sight),
            observed_since=None if sight.began_ns is None else local(question, sight.began_ns).date(),
        )
        several = _several(sight)
    return mine._replace(all_devices=summary(_of_all(question)).usage) if several else mine


def _several(sight: Sight) -> bool:
    """Whether the answer about this device has one about all beside it."""
    question = sight.question
    return question.device == "this" and question.interface is None and len(members(Sharing(sight.reader))) > 1


def _of_all(question: Question) -> Question:
    return question._replace(device="all", tell=_silent)


def _silent(_words: str) -> None:
    """What is left out is said once, by the answer about this device."""


def others_seen(sight: Sight) -> int:
    """How many other devices were heard of within a day."""
    others = [member.seen_ns for member in members(Sharing(sight.reader)) if not member.this]
    return sum(seen is not None and sight.question.now_ns - seen < ACTIVE_NS for seen in others)


def _tracked(sight: Sight, table: LocalTable, first: int | None) -> int:
    """Days with data or observation from the first one on, today among them; of a link that never moved, none."""
    if first is None:
        return int(sight.question.interface is None)
    return tracked(sight, table, first, LAST_ORDINAL)


def _coverage(sight: Sight, tally: Tally) -> float | None:
    began = sight.began_ns
    return None if began is None else sight.share(tally.observed_ns, began, sight.question.now_ns)


def _usual(sight: Sight, seen: Stretches, day: int) -> int | None:
    """Median of the same weekday's usage by this time of day, over the last weeks that were observed for the most."""
    zone = sight.question.zone
    passed_ns = sight.question.now_ns - day_start(day, zone)
    totals = []
    for week in range(1, min(USUAL_WEEKS, (day - 1) // 7) + 1):
        start = day_start(day - 7 * week, zone)
        if passed_ns and seen.within(start, start + passed_ns) > passed_ns // 2:
            total = sight.reader.total(sight.series, slot_of(start), slot_of(start + passed_ns))
            totals.append(total.rx + total.tx)
    if len(totals) < USUAL_LEAST:
        return None
    totals.sort()
    return (totals[(len(totals) - 1) // 2] + totals[len(totals) // 2]) // 2  # importing statistics takes 10 ms


def _peak_at(sight: Sight, table: LocalTable) -> datetime | None:
    row = table.fastest()
    return None if row is None or not row.peak else peak_at(sight, row.day)
