"""The facts of a healthy installation, to be changed one by one."""

from datetime import UTC
from pathlib import Path
from typing import Any

from packetbuddy.answers.updating import Last, Updating
from packetbuddy.doctor.facts import (
    Backups,
    Clock,
    Config,
    Facts,
    Launcher,
    Ledger,
    Monitor,
    Network,
    Place,
    Port,
    Python,
    Service,
    Updates,
    Urls,
)
from packetbuddy.metering.books import Baseline, Books, Look
from packetbuddy.metering.readings import SECOND, Boot, Counters, Instant, Link, Reading, Route
from packetbuddy.metering.readings import Facts as LinkFacts
from packetbuddy.metering.uplinks import resolve
from packetbuddy.probes.neighbours import Listener
from packetbuddy.services.face import Registration
from packetbuddy.settings.address import Address
from packetbuddy.settings.checking import Checked
from packetbuddy.settings.load import parse
from packetbuddy.storage.examining import Examined
from packetbuddy.storage.reader import State

NOW = 1_795_500_000 * SECOND
DAY = 86_400 * SECOND
HOME = Path("/home/ada/.packetbuddy")
INSTANT = Instant(NOW, 5000 * SECOND, 5000 * SECOND, True)
ETH0 = Link(2, "eth0", Counters(9_000_000, 500_000, 9000, 5000), LinkFacts("hardware"))
ROUTE = Route(4, 0, 0, 2, gateway=True)
PID = 77


def reading(*links: Link, routes: tuple[Route, ...] | None = (ROUTE,)) -> Reading:
    return Reading(INSTANT, Boot("b1", certain=True), "n1", "m1", links or (ETH0,), routes)


def network(*links: Link, routes: tuple[Route, ...] | None = (ROUTE,), names: tuple[str, ...] | None = None) -> Network:
    seen = reading(*links, routes=routes)
    return Network(seen, "", plain=True, choice=resolve(seen.links, seen.routes, names))


def books(counters: Counters = ETH0.counters, namespace: str = "n1") -> Books:
    """The last write, with these counters of eth0."""
    made = Books()
    made.boot, made.at = "b1", INSTANT
    place = ("b1", namespace)
    made.looks[place] = Look(INSTANT, complete=True)
    made.baselines[place] = {2: Baseline("eth0", counters, 0, 0, counted=True, recorded=True)}
    return made


STATE = State(
    alive=True,
    lineage="l",
    revision=5,
    heartbeat_ns=NOW - 20 * SECOND,
    started_ns=NOW - 10 * DAY,
    stopped_ns=None,
    version="2.0.0",
    poll_ns=SECOND,
    write_ns=30 * SECOND,
    problem=None,
)
SEEN = Examined(STATE, books(), (), NOW - 10 * DAY, None, (), (), ())
REGISTERED = Registration("systemd", (Path("/unit"),), HOME / "bin/pb", auto_start=True, at_boot=True, advice="")

HEALTHY = Facts(
    now_ns=NOW,
    version="2.0.0",
    zone=UTC,
    python=Python((3, 11, 7), (3, 40, 1), "/usr/bin/python3", Path("/lib/packetbuddy"), (), uncompiled=False),
    place=Place(HOME, "folder", "", HOME, default_used=True, free_bytes=10**10, free_files=10**6),
    config=Config(HOME / "config.toml", Checked(parse({}), (), ()), Urls((), in_file=False, same=True)),
    clock=Clock(NOW, synchronized=True, zone_complaint="", localtime_broken=False),
    ledger=Ledger(HOME / "packetbuddy.db", None, SEEN, 5_000_000, 100_000),
    backups=Backups(HOME / "backups/packetbuddy-2026-11-23.db", whole=True),
    network=network(),
    monitor=Monitor(held=True, signed=PID, signed_lives=True, others=(), managed=True, failure="", last_words=""),
    port=Port(Address("127.0.0.1", 7373), (Listener(PID, 1, "python3", ours=True),)),
    service=Service(REGISTERED, "", answers=True, program_there=True),
    launcher=Launcher(
        launcher=HOME / "bin/pb",
        launcher_state="fine",
        current=HOME / "versions/current",
        current_state="fine",
        interpreter=HOME / "versions/current/bin/python",
        interpreter_state="fine",
        link=Path("/home/ada/.local/bin/pb"),
        link_target=HOME / "bin/pb",
        link_state="fine",
        first_on_path=Path("/home/ada/.local/bin/pb"),
        first_is_ours=True,
    ),
    updates=Updates(Updating(NOW / SECOND - 3600, "newest", "it is so"), waits=False, watched=False),
)
LAST = Last(NOW / SECOND - 3600, "2.0.0", "2.1.0", "confirmed", "")


def but(part: str, **changes: Any) -> Facts:
    """Healthy but for these values of one part."""
    return HEALTHY._replace(**{part: getattr(HEALTHY, part)._replace(**changes)})


def seen(**changes: Any) -> Facts:
    """Healthy but for this in the ledger."""
    return but("ledger", seen=SEEN._replace(**changes))


def state(**changes: Any) -> Facts:
    """Healthy but for this in the heartbeat."""
    return seen(state=STATE._replace(**changes))


def updates(facts: Facts = HEALTHY, *, waits: bool = False, watched: bool = False, **changes: Any) -> Facts:
    """These facts but for this in what updates left."""
    assert HEALTHY.updates is not None
    told = HEALTHY.updates.told._replace(**changes)
    return facts._replace(updates=Updates(told, waits=waits, watched=watched))


def settings(mapping: dict[str, Any], **urls: Any) -> Facts:
    """Healthy, with these settings and these sources of a URL."""
    checked = Checked(parse(mapping), (), ())
    return but("config", checked=checked, urls=Urls((), in_file=False, same=True)._replace(**urls))
