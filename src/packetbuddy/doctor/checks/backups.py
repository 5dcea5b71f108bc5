"""The daily backups: there, young, and whole."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import WARNING, Finding
from packetbuddy.metering.readings import SECOND

NAME = "backups"
MOST_DAYS = 3
DAY_NS = 86_400 * SECOND
UPKEEP_NS = 3600 * SECOND
"""After such a time of running the day's upkeep must have been."""


def check(facts: Facts) -> Iterator[Finding]:
    """None for days though the monitor runs, or a newest one that could not be restored."""
    backups = facts.backups
    if backups is None or facts.config.checked.settings.storage.backups == 0:
        return
    if backups.newest is not None and backups.whole is False:
        text = f"The newest backup, {backups.newest}, is damaged."
        yield Finding(NAME, WARNING, text, "Delete it; the daily upkeep makes another, and older ones are kept")
    days = _days_without(facts, backups.newest)
    if days > MOST_DAYS:
        text = f"What was counted in the last {days} days is in no backup."
        remedy = (
            "`pb service logs` says what the daily upkeep complained of; it tries again as long as the service runs"
        )
        yield Finding(NAME, WARNING, text, remedy)


def _days_without(facts: Facts, newest: Path | None) -> int:
    """Days from the newest backup, or the beginning, to the last write; 0 where the upkeep has had no time for one."""
    seen = facts.ledger.seen if facts.ledger else None
    if seen is None or seen.state.heartbeat_ns - seen.state.started_ns < UPKEEP_NS:
        return 0
    if newest is None:
        return 0 if seen.began_ns is None else (seen.state.heartbeat_ns - seen.began_ns) // DAY_NS
    day = date.fromisoformat(newest.stem.removeprefix("packetbuddy-"))
    return (datetime.fromtimestamp(seen.state.heartbeat_ns // SECOND, UTC).date() - day).days
