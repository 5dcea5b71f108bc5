"""All checks over all facts."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from packetbuddy.doctor.checks import (
    backups,
    clock,
    counters,
    launcher,
    ledger,
    monitor,
    place,
    port,
    python,
    service,
    settings,
    sync,
    updates,
    uplinks,
)
from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import BROKEN, LEVELS, WARNING, Finding
from packetbuddy.errors import HomeError
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.uplinks import Decision
from packetbuddy.reports.quantities import short
from packetbuddy.services.choosing import INSTALL_ADVICE

Check = Callable[[Facts], Iterable[Finding]]
CHECKS: dict[str, Check] = {
    module.NAME: module.check
    for module in (
        python, place, settings, monitor, ledger, counters, uplinks, clock, port,
        service, launcher, updates, backups, sync,
    )
}  # fmt: skip
"""In the order in which a person would look."""


WITHOUT_HOME = (python.NAME, place.NAME, settings.NAME, clock.NAME)
"""What can be looked at where there is no home, or somebody else's."""


class Diagnosis(NamedTuple):
    """What was looked at and what was found, the worst first."""

    looked_at: tuple[str, ...]
    findings: tuple[Finding, ...]
    seen: tuple[str, ...]
    """A few sentences about what is there, for a person who wants to be sure."""
    links: tuple[Decision, ...]
    """The topology as it was judged: every interface, whether it counts, and why."""

    @property
    def state(self) -> str:
        """``broken``, ``warning`` or ``well``; notes are no illness."""
        levels = {each.level for each in self.findings}
        return next((level for level in (BROKEN, WARNING) if level in levels), "well")


def diagnose(facts: Facts) -> Diagnosis:
    """Judge everything."""
    found = [finding for check in CHECKS.values() for finding in check(facts)]
    return Diagnosis(
        tuple(CHECKS) if facts.ledger else WITHOUT_HOME,
        tuple(sorted(found, key=lambda each: LEVELS.index(each.level))),
        tuple(_seen(facts)),
        facts.network.choice.decisions if facts.network else (),
    )


def homeless(error: HomeError) -> Diagnosis:
    """Where not even the home's name can be found out."""
    return Diagnosis((place.NAME,), (Finding(place.NAME, BROKEN, f"{error}.", error.hint),), (), ())


def _seen(facts: Facts) -> Iterator[str]:
    """What counts and when was written last, how large the ledger is, and what nobody can change."""
    if facts.network and facts.ledger and facts.ledger.seen and facts.monitor and facts.monitor.held:
        names = sorted(each.name for each in facts.network.choice.decisions if each.counted)
        ago = max(0, facts.now_ns - facts.ledger.seen.state.heartbeat_ns) // SECOND
        yield f"Counting on {', '.join(names) or 'no link now'}; last written {ago} s ago."
    if facts.ledger and facts.ledger.seen:
        size = short(facts.ledger.size + facts.ledger.log_size, facts.config.checked.settings.display.units)
        late = facts.ledger.seen.unfinished
        rest = "was too large to be looked through whole; the daily upkeep does that" if late else "is whole"
        yield f"The ledger has {size} and {rest}."
    registration = facts.service.registration if facts.service else None
    if registration and registration.manager == "background" and registration.advice not in {"", INSTALL_ADVICE}:
        yield f"No service manager starts it by itself here: {registration.advice}."
