"""How the synchronisation stands, by what its last run left in the ledger: nothing is connected to."""

from collections.abc import Iterator

from packetbuddy.answers.members import Member, members_of, sharers
from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import NOTE, WARNING, Finding
from packetbuddy.metering.readings import SECOND
from packetbuddy.settings.database import sync_enabled
from packetbuddy.settings.model import Settings

NAME = "sync"
AGAIN = "`pb sync now` tries it at once; nothing is lost meanwhile"


def check(facts: Facts) -> Iterator[Finding]:
    """What failed last; runs that do not come although the monitor counts; rows that could not be believed."""
    settings, seen = facts.config.checked.settings, facts.ledger and facts.ledger.seen
    if seen and seen.standing is not None:
        yield from _strangers(settings, members_of(seen.standing, seen.machines))
    if not seen or not settings.sync.url or not sync_enabled(settings, {}):
        return
    standing = seen.standing
    if standing is not None and standing.problem:
        words, _, hint = standing.problem.removeprefix("sync: ").partition(". ")
        yield Finding(NAME, WARNING, f"It does not work now: {words}.", hint or AGAIN)
    elif facts.monitor and facts.monitor.held and facts.now_ns - seen.state.started_ns > _patience_ns(facts):
        done_ns = standing.done_ns if standing is not None else None
        if done_ns is None or facts.now_ns - done_ns > _patience_ns(facts):
            yield Finding(NAME, WARNING, "It is on, and has not run for long.", f"{AGAIN}; `pb service logs` says more")
    if seen.refused:
        text = "Some days of other devices could not be believed and are left out."
        yield Finding(NAME, NOTE, text, "`pb devices` says whose, and why")


def _strangers(settings: Settings, known: list[Member]) -> Iterator[Finding]:
    """Devices that a plan names and nobody, or not just one, is called: one that was renamed, mostly."""
    for plan in settings.plans:
        _, strange = sharers(known, plan)
        if strange:
            whom = " and ".join(strange)
            text = f"The plan {plan.name} names {whom}, and no one device is called so: it is left out."
            yield Finding(
                NAME, WARNING, text, f"`pb devices` shows names and ids; `pb plan set --plan {plan.name!r} devices …`"
            )


def _patience_ns(facts: Facts) -> int:
    """Two marks and an hour: pauses after failures are no longer."""
    return round(2 * facts.config.checked.settings.sync.idle_interval + 3600) * SECOND
