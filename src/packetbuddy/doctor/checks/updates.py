"""Whether it keeps itself up to date, and what came of the last time."""

from collections.abc import Iterator

from packetbuddy.answers.updating import Updating
from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import NOTE, WARNING, Finding
from packetbuddy.metering.readings import SECOND

NAME = "updates"
LOGS = "`pb service logs` tells more"
SILENT_DAYS, DAY_SECONDS = 7, 86_400
WATCH_SECONDS = 3600
"""A trial takes minutes."""
FINE = frozenset({"", "update", "newest", "ahead", "on-trial", "unreachable", "checkout", "lost"})
"""Words of a check that are no hindrance, or are told otherwise."""
SUSPICIOUS = frozenset({"moved", "unsigned", "wrong-signer", "wrong-hash", "no-hash"})
"""Somebody may have tampered with the source."""


def check(facts: Facts) -> Iterator[Finding]:
    """The last update, the trial, then what keeps the next one away."""
    if facts.updates is None:
        return
    now = facts.updates.told
    yield from _last(now)
    if facts.updates.waits:
        yield from _trial(facts, now, watched=facts.updates.watched)
    if facts.config.checked.settings.auto_update.enabled:
        yield from _look(facts, now)


def _last(now: Updating) -> Iterator[Finding]:
    last = now.last
    if last is None:
        return
    if last.result == "reverted":
        text = f"Version {last.new} did not hold, and {last.old} goes on: {last.why}."
        yield Finding(NAME, NOTE, text, f"Nothing: the next release is followed; {LOGS}")
    elif last.result == "failed" and now.word != "newest":
        text = f"Version {last.new} was not installed: {last.why.rstrip('.')}."
        yield Finding(NAME, WARNING, text, "`pb update` tries it again; update.log in the home tells more")


def _trial(facts: Facts, now: Updating, *, watched: bool) -> Iterator[Finding]:
    version = now.last.new if now.last else "another version"
    if not now.begun:
        yield Finding(NAME, NOTE, f"Version {version} is installed and waits.", "`pb service restart` starts it")
    elif not watched and facts.now_ns / SECOND - now.begun > WATCH_SECONDS:
        text = f"Version {version} is on trial, and nobody watches whether it counts."
        yield Finding(NAME, WARNING, text, "`pb service restart` lets it begin anew")


def _look(facts: Facts, now: Updating) -> Iterator[Finding]:
    days = (facts.now_ns // SECOND - (now.checked_at or 0)) // DAY_SECONDS
    if now.word == "unreachable" and days >= SILENT_DAYS:
        since = f"for {days:.0f} days" if now.checked_at else "yet"
        text = f"Nobody could be asked for a newer version {since}: {now.told}."
        yield Finding(NAME, WARNING, text, "`pb update --check-only` asks again")
    elif now.word == "update" and not facts.config.checked.settings.auto_update.auto_apply:
        yield Finding(NAME, NOTE, f"Version {now.available} is available.", "`pb update` installs it")
    elif now.word not in FINE:
        level = WARNING if now.word in SUSPICIOUS else NOTE
        yield Finding(NAME, level, f"No update is installed by itself: {now.told}.", "docs/how-to/update.md says more")
