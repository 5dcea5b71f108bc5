"""From a query to a body: what each endpoint asks :mod:`packetbuddy.answers`. Run in a thread; may block.

Long lists are iterators, so that a long answer never holds all its rows as objects.
"""

from datetime import date, datetime, timedelta

from packetbuddy import __version__
from packetbuddy.answers import heatmap as heatmaps
from packetbuddy.answers import interfaces as links
from packetbuddy.answers import roster
from packetbuddy.answers import usage as usages
from packetbuddy.answers.cost import costs
from packetbuddy.answers.open import Question, local
from packetbuddy.answers.plans import plans
from packetbuddy.answers.updating import Last, last_words, updating
from packetbuddy.answers.vitals import Vitals, vitals
from packetbuddy.api.desk import Desk
from packetbuddy.api.problems import invalid
from packetbuddy.api.queries import (
    EARLIEST,
    SHORTEST_DAYS,
    DeviceQuery,
    HeatmapQuery,
    InterfaceQuery,
    MonthQuery,
    Query,
    RangeQuery,
    UsageQuery,
    check_days,
    check_length,
    month_days,
)
from packetbuddy.probes.system import system_name
from packetbuddy.reports import bodies, devicebodies, planbodies
from packetbuddy.reports.bodies import Body

HEATMAP_DAYS = 84


def today(desk: Desk, query: DeviceQuery) -> Body:
    """The running day."""
    asking = desk.ask(query.interface, query.device)
    return bodies.today_body(usages.today(asking.question), asking.how)


def month(desk: Desk, query: MonthQuery) -> Body:
    """The days of a month."""
    asking = desk.ask(query.interface, query.device)
    first, last = month_days(query.month or f"{_day(asking.question):%Y-%m}")
    return bodies.month_body(usages.days(asking.question, first, last), asking.how)


def days(desk: Desk, query: RangeQuery) -> Body:
    """Any days."""
    check_days(query.first, query.last)
    check_length(query.first, query.last)
    asking = desk.ask(query.interface, query.device)
    answer = usages.days(asking.question, query.first, query.last)
    rows = (bodies.day_body(each, asking.how) for each in answer.days)
    return bodies.range_body(answer._replace(days=()), asking.how) | {"days": rows}


def usage(desk: Desk, query: UsageQuery) -> Body:
    """Groups of local time."""
    asking = desk.ask(query.interface, query.device)
    now = _day(asking.question)
    last = query.last or (now if query.first is None else max(now, query.first))
    check_days(query.first or last, last)
    _check_groups(query, last)
    answer = usages.groups(asking.question, by=query.by, first=query.first, last=query.last, top=query.top)
    rows = (bodies.period_body(each, asking.how) for each in answer.groups)
    return bodies.groups_body(answer._replace(groups=()), asking.how) | {"groups": rows}


def summary(desk: Desk, query: DeviceQuery) -> Body:
    """Everything."""
    asking = desk.ask(query.interface, query.device)
    return bodies.summary_body(usages.summary(asking.question), asking.how)


def interfaces(desk: Desk, query: InterfaceQuery) -> Body:
    """Every interface."""
    return bodies.interfaces_body(links.interfaces(desk.ask(query.interface).question))


def devices(desk: Desk, _query: Query) -> Body:
    """Every device."""
    asking = desk.ask()
    return devicebodies.devices_body(roster.devices(asking.question, _device(desk)), asking.how)


def heatmap(desk: Desk, query: HeatmapQuery) -> Body:
    """Hours of weekdays."""
    asking = desk.ask(query.interface, query.device)
    last = query.last or max(_day(asking.question), query.first or date.min)
    check_days(query.first or last, last)
    first = query.first or max(EARLIEST, last - timedelta(days=HEATMAP_DAYS - 1))
    return bodies.heatmap_body(heatmaps.heatmap(asking.question, first, last, desk.hours))


def plan(desk: Desk, query: DeviceQuery) -> Body:
    """Data plans."""
    asking = desk.ask(query.interface, query.device)
    return planbodies.plans_body(plans(asking.question), asking.how)


def cost(desk: Desk, query: DeviceQuery) -> Body:
    """Money."""
    asking = desk.ask(query.interface, query.device)
    return bodies.costs_body(costs(asking.question), asking.how)


def health(desk: Desk, _query: Query) -> Body:
    """The service's own state."""
    question, mistake = desk.ask().question, desk.mistake
    found = _current(vitals(question), str(desk.facts.home.config), mistake)
    return {
        "status": "ok" if _well(found, str(desk.facts.home.config)) else "degraded",
        "hostname": desk.facts.hostname,
        "version": __version__,
        "device_id": _device(desk),
        "os": system_name(),
        "started_at": _iso(found.started_at),
        "monitor": {
            "state": found.state,
            "last_reading": _iso(found.last_reading),
            "last_write": _iso(found.last_write),
            "interfaces": list(found.interfaces),
            "problem": found.problem,
        },
        "sync": devicebodies.sync_body(roster.sync_report(question, desk.facts.environment)),
        "storage": {"state": found.storage, "problem": found.storage_problem, "size_bytes": _size(desk)},
        "config": {"problem": mistake},
        "update": _update(question),
    }


def _update(question: Question) -> Body:
    now = updating(question.home.root)
    return {
        "state": now.word or None,
        "told": now.told or None,
        "available": now.available or None,
        "checked_at": _iso(_at(question, now.checked_at)),
        "last": _last_update(question, now.last) if now.last else None,
    }


def _last_update(question: Question, last: Last) -> Body:
    what = {"at": _iso(_at(question, last.at)), "from": last.old, "to": last.new}
    return {**what, "result": last.result, "words": last_words(last)}


def _at(question: Question, seconds: float | None) -> datetime | None:
    return None if seconds is None else local(question, int(seconds * 1e9))


def _current(found: Vitals, config: str, mistake: str | None) -> Vitals:
    """A mistake that was repaired stays in the heartbeat until the next write; it is over nevertheless."""
    return found._replace(problem=None) if mistake is None and _of_settings(found, config) else found


def _well(found: Vitals, config: str) -> bool:
    """A mistake in the settings alone degrades nothing: the last good ones hold."""
    return found.state == "running" and (found.problem is None or _of_settings(found, config))


def _of_settings(found: Vitals, config: str) -> bool:
    """Only what is wrong in the file names the file."""
    return config in (found.problem or "")


def _device(desk: Desk) -> str | None:
    try:
        return desk.facts.home.device_id.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _size(desk: Desk) -> int:
    try:
        return desk.facts.home.ledger.stat().st_size
    except OSError:
        return 0


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _day(question: Question) -> date:
    return local(question, question.now_ns).date()


def _check_groups(query: UsageQuery, last: date) -> None:
    """More groups than anybody reads would only cost memory."""
    most = SHORTEST_DAYS.get(query.by)
    if most is not None and query.top is None and query.first is not None and (last - query.first).days >= most:
        raise invalid(f"by={query.by} answers at most {most} days", "Ask for fewer days, for longer groups, or top")
