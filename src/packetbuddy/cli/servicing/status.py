"""``pb service status``: how it goes, in a few lines."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from packetbuddy.answers.updating import Updating, last_words, updating
from packetbuddy.answers.zone import Zone
from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, clean, wrapped
from packetbuddy.cli.render.words import moment, percent
from packetbuddy.cli.result import Result
from packetbuddy.cli.servicing.keeping import dashboard_of, examined, health_of, kept, zone_of
from packetbuddy.cli.servicing.starting import BY_HAND, auto_start_words
from packetbuddy.errors import PacketBuddyError
from packetbuddy.reports.model import Health
from packetbuddy.services.face import Registration, State
from packetbuddy.services.logs import last_failure

HEADS = {
    "running": "PacketBuddy is counting (process {pid}).",
    "stale": "PacketBuddy runs (process {pid}), but does not write to its ledger.",
    "restarting": "PacketBuddy keeps failing and is started again from time to time.",
    "stopped": "PacketBuddy is not running. `pb service start` starts it.",
    "paused": "PacketBuddy is paused: what moves now is left out. `pb service start` ends that.",
}
NAMES = 12
"""Columns of the names before the words."""


class Seen(NamedTuple):
    """Everything that is told, gathered once."""

    word: str
    state: State
    registration: Registration
    health: Health | None
    zone: Zone
    coverage: float | None
    failure: str
    updating: Updating
    mistakes: tuple[str, ...]


def status(context: Context, _options: Namespace) -> Result:
    """Look, and tell."""
    seen = _seen(context)
    home, url = str(home_of(context).root), dashboard_of(context)
    data = {**_data(seen), "dashboard": url, "home": home}
    return Result(data, lambda paper: _lines(seen, paper, home=home, url=url))


def _seen(context: Context) -> Seen:
    home, service, zone = home_of(context), kept(context), zone_of(context)
    state, health = service.state(), health_of(context)
    word = _word(state, health)
    return Seen(
        word=word,
        state=state,
        registration=service.registration(),
        health=health,
        zone=zone,
        coverage=_coverage(context, zone) if health else None,
        failure="" if word in {"running", "paused"} else last_failure(home.stderr_log) or state.failure,
        updating=updating(home.root),
        mistakes=tuple(f"{home.config}: {mistake}" for mistake in examined(home).mistakes),
    )


def _word(state: State, health: Health | None) -> str:
    """One of :data:`HEADS`."""
    if state.word == "stopped" and health is not None and health.paused:
        return "paused"
    if state.monitor is None:
        return state.word
    return "running" if health and health.state == "running" else "stale"


def _coverage(context: Context, zone: Zone) -> float | None:
    """How much of today was observed."""
    from packetbuddy.answers.open import Question  # noqa: PLC0415 - only where there is a ledger
    from packetbuddy.answers.usage import today  # noqa: PLC0415 - same

    home = home_of(context)
    question = Question(home, examined(home).settings, context.now_ns, None, zone.rules, zone.name)
    try:
        return today(question).usage.coverage
    except PacketBuddyError:
        return None


def _data(seen: Seen) -> dict[str, object]:
    monitor, health, registration = seen.state.monitor, seen.health, seen.registration
    return {
        "state": seen.word,
        "manager": registration.manager,
        "managed": seen.state.managed,
        "installed": registration.installed,
        "auto_start": registration.auto_start,
        "at_boot": registration.at_boot,
        "advice": registration.advice,
        "pid": monitor.pid if monitor else None,
        "since": _iso(_since(seen)),
        "version": health.version if health else None,
        "last_write": _iso(health.last_write if health else None),
        "coverage_today": seen.coverage,
        "problem": health.problem if health else None,
        "last_failure": seen.failure or None,
        "config_mistakes": list(seen.mistakes),
        "update": update_data(seen.updating, seen.zone),
    }


def update_data(now: Updating, zone: Zone) -> dict[str, object]:
    """What updates say of themselves."""
    last = now.last
    told = None
    if last is not None:
        told = {
            "at": _iso(_at(last.at, zone)),
            "from": last.old,
            "to": last.new,
            "result": last.result,
            "why": last.why,
        }
    return {
        "state": now.word or None,
        "told": now.told or None,
        "available": now.available or None,
        "checked_at": _iso(_at(now.checked_at, zone)),
        "source": now.source or None,
        "last": told,
    }


def _at(seconds: float | None, zone: Zone) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, zone.rules or UTC)


def _since(seen: Seen) -> datetime | None:
    monitor = seen.state.monitor
    return datetime.fromtimestamp(monitor.since, seen.zone.rules or UTC) if monitor and monitor.since else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _lines(seen: Seen, paper: Paper, *, home: str, url: str) -> list[str]:
    pid = seen.state.monitor.pid if seen.state.monitor else 0
    lines = wrapped(HEADS[seen.word].format(pid=pid), paper.columns)
    if pid and not seen.state.managed:
        lines += wrapped(BY_HAND, paper.columns)
    rows = {**_rows(seen), "Dashboard": url if seen.word == "running" else "", "Home": home}
    told = [(name, clean(words)) for name, words in rows.items() if words]
    return lines + aligned([*told, *_mistakes(seen)], NAMES, paper)


def _rows(seen: Seen) -> Mapping[str, str]:
    health, since = seen.health, _since(seen)
    last = health.last_write if health else None
    return {
        "Since": moment(since) if since else "",
        "Last write": moment(last) if last else "none yet",
        "Today": f"{percent(seen.coverage)} observed" if seen.coverage is not None else "",
        "Version": (health.version if health else None) or "",
        "Updates": _update_words(seen),
        "Last update": _last_update_words(seen),
        "Problem": (health.problem if health else None) or "",
        "Last error": seen.failure,
        "Kept by": seen.registration.manager,
        "Auto-start": auto_start_words(seen.registration),
    }


def _update_words(seen: Seen) -> str:
    """The last check and its time; of one that reached nobody the time when somebody was reached."""
    now, checked = seen.updating, _at(seen.updating.checked_at, seen.zone)
    word = "last reached" if now.word == "unreachable" else "checked"
    when = f" ({word} {moment(checked)})" if checked else ""
    return f"{now.told}{when}" if now.told else ""


def _last_update_words(seen: Seen) -> str:
    last = seen.updating.last
    at = _at(last.at, seen.zone) if last else None
    return f"{last_words(last)} ({moment(at)})" if last and at else ""


def _mistakes(seen: Seen) -> Iterator[tuple[str, str]]:
    return (("Settings", clean(mistake)) for mistake in seen.mistakes)
