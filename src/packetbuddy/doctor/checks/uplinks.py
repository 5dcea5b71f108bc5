"""Which links count, and how certain that is."""

from collections.abc import Iterator

from packetbuddy.doctor.checks.counters import is_elsewhere
from packetbuddy.doctor.facts import Facts, Network
from packetbuddy.doctor.findings import NOTE, WARNING, Finding
from packetbuddy.metering.readings import Reading
from packetbuddy.metering.uplinks import Decision, nearest

NAME = "links"
NAMED = '`pb config set monitoring.interface NAME` says which one it is; "auto" takes that back'


def check(facts: Facts) -> Iterator[Finding]:
    """Named links that are not there, none that counts, uncertain ones; each with what was seen."""
    network = facts.network
    if network is None or network.reading is None or is_elsewhere(facts):
        return
    for name in network.choice.missing:
        yield _missing(name, network.reading)
    if network.reading.routes is None:
        text = f"The routes of this machine cannot be read, so all running hardware counts: {_seen(network)}."
        yield Finding(NAME, WARNING, text, NAMED)
        return
    if not network.choice.counted and not network.choice.missing:
        text = f"No link counts now, as no default route leads out (offline): {_seen(network)}."
        yield Finding(NAME, NOTE, text, f"Connect to the internet; if this machine is, {NAMED}")
    for decision in network.choice.decisions:
        if decision.counted and decision.uncertain:
            text = f"{_told(decision)}: that is a guess. Seen: {_seen(network)}."
            yield Finding(NAME, NOTE, text, NAMED)


def _missing(name: str, reading: Reading) -> Finding:
    names = sorted(link.name for link in reading.links)
    close = nearest(name, names)
    here = ", ".join(names) or "none"
    hint = f"`pb config set monitoring.interface {close}`, or" if close else "Plug it in, or"
    text = (
        f"`[monitoring] interface` names {name!r}, which is not there, so nothing is counted for it; here are: {here}."
    )
    return Finding(NAME, WARNING, text, f"{hint} `pb config set monitoring.interface auto`")


def _seen(network: Network) -> str:
    """The topology in a line: what counts first."""
    ordered = sorted(network.choice.decisions, key=lambda one: (not one.counted, one.name))
    return "; ".join(map(_told, ordered)) or "no interfaces"


def _told(decision: Decision) -> str:
    return f"{decision.name} ({decision.kind}) {'counts' if decision.counted else 'does not'}, {decision.reason}"
