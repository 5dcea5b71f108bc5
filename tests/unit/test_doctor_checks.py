"""The doctor's rules on facts, those included that no test can make true of this machine."""

from pathlib import Path
from typing import Any

import pytest

from packetbuddy.doctor.diagnosis import CHECKS, Diagnosis, diagnose, homeless
from packetbuddy.doctor.facts import Backups, Facts, Network, Service
from packetbuddy.doctor.findings import LEVELS, Finding
from packetbuddy.errors import (
    HomeError,
    LedgerBusyError,
    LedgerDamagedError,
    LedgerError,
    LedgerMissingError,
    LedgerReadOnlyError,
)
from packetbuddy.metering.readings import SECOND, Counters, Link
from packetbuddy.metering.readings import Facts as LinkFacts
from packetbuddy.metering.uplinks import Choice
from packetbuddy.probes.neighbours import Counting, Listener
from packetbuddy.services.choosing import INSTALL_ADVICE
from packetbuddy.settings.checking import Checked
from packetbuddy.settings.load import parse
from packetbuddy.storage.far import OWN, Device, Standing
from packetbuddy.storage.reader import Doubted
from unit.doctor_facts import (
    DAY,
    ETH0,
    HEALTHY,
    HOME,
    LAST,
    NOW,
    PID,
    REGISTERED,
    ROUTE,
    books,
    but,
    network,
    seen,
    settings,
    state,
    updates,
)

PATH = HEALTHY.config.path


def device(number: int, name: str) -> Device:
    return Device(number, f"{number}b", f"machine {number}", name, "Linux", 0, NOW, None, "", 0, 0, 0, "")


HOUSEHOLD: dict[str, Any] = {
    "standing": Standing("1f3a", "m", name="hall", done_ns=NOW),
    "machines": {
        OWN: [],
        **{-number: [device(number, name)] for number, name in ((2, "kitchen"), (3, "twin"), (4, "twin"))},
    },
}


def unreadable(problem: LedgerError, *, alive: bool = True) -> Facts:
    facts = but("ledger", problem=problem, seen=None)
    return facts._replace(monitor=facts.monitor._replace(held=alive)) if facts.monitor else facts


def doubt(number: int) -> Doubted:
    return Doubted(number, "eth0", 10**12, 5, NOW - DAY, NOW, 10**9, "open")


def moved(rx: int, tx: int, rx_packets: int, tx_packets: int) -> Facts:
    """Healthy, with these counters now, after those of the last write."""
    return HEALTHY._replace(network=network(ETH0._replace(counters=Counters(rx, tx, rx_packets, tx_packets))))


def narrow() -> Facts:
    return HEALTHY._replace(network=network(ETH0._replace(facts=LinkFacts("hardware", counter_bits=32))))


def nobody(**changes: Any) -> Facts:
    """Healthy, but no monitor."""
    return but("monitor", held=False, **changes)._replace(port=but("port", listeners=()).port)


SYNCED = {"sync": {"url": "postgresql://h/d"}}


def synced(standing: Standing | None, mapping: dict[str, Any] = SYNCED) -> Facts:
    """Healthy, with sync on and this of its last run."""
    return seen(standing=standing)._replace(config=settings(mapping, in_file=True).config)


def registered(**changes: Any) -> Facts:
    return but("service", registration=REGISTERED._replace(**changes))


CASES: dict[str, tuple[Facts, str, str, str]] = {
    "old Python": (but("python", version=(3, 10, 4)), "python", "broken", "is Python 3.10.4; PacketBuddy needs 3.11"),
    "old SQLite": (but("python", sqlite=(3, 34, 1)), "python", "broken", "SQLite 3.34.1; the ledger needs 3.37.0"),
    "network mount": (but("place", mount="network file system (nfs4)"), "home", "broken", "(nfs4), where a database"),
    "closed home": (but("place", kind="closed"), "home", "broken", "may not be looked into"),
    "no inodes": (but("place", free_files=0), "home", "broken", "no room for another file"),
    "little room": (but("place", free_bytes=20_000_000), "home", "warning", "20.0 MB are left"),
    "one file closed": (but("place", unwritable=("a", "b")), "home", "broken", "a and b cannot be written"),
    "a Windows path": (but("place", asked="C:\\pb", root=HOME), "", "", ""),
    "1.x keys": (
        but("config", checked=Checked(parse({}), (), ("database.pool is of 1.x",))), "settings", "note", "is of 1.x",
    ),
    "sync refused": (
        synced(Standing("d", "m", problem="sync: the database refuses user or password. check the URL")),
        "sync", "warning", "It does not work now: the database refuses user or password.",
    ),
    "sync without advice": (synced(Standing("d", "m", problem="sync: too slow")), "sync", "warning", "now: too slow."),
    "sync that is well": (synced(Standing("d", "m", done_ns=NOW - 900 * SECOND)), "", "", ""),
    "sync that never ran": (synced(None), "sync", "warning", "has not run for long"),
    "sync that stopped": (synced(Standing("d", "m", done_ns=NOW - DAY)), "sync", "warning", "has not run for long"),
    "sync off with a problem": (
        synced(Standing("d", "m", problem="x"), {"sync": {"url": "postgresql://h/d", "enabled": False}}), "", "", "",
    ),
    "odd rows": (
        seen(standing=Standing("d", "m", done_ns=NOW), refused=3)._replace(config=settings(SYNCED).config),
        "sync", "note", "Some days of other devices could not be believed",
    ),
    "a sharer that nobody is": (
        seen(**HOUSEHOLD)._replace(
            config=settings({"plan": {"name": "Home", "devices": ["this", "Kitchen", "attic"]}}).config
        ),
        "sync", "warning", "The plan Home names attic, and no one device is called so",
    ),
    "a sharer that two are": (
        seen(**HOUSEHOLD)._replace(config=settings({"plan": {"name": "Home", "devices": ["this", "TWIN"]}}).config),
        "sync", "warning", "The plan Home names TWIN, and no one device is called so",
    ),
    "sharers that are known": (
        seen(**HOUSEHOLD)._replace(
            config=settings({"plan": {"devices": ["all"]}}).config
        ),
        "", "", "",
    ),
    "sharers that are known by name and id": (
        seen(**HOUSEHOLD)._replace(config=settings({"plan": {"devices": ["2b", "1f3a", "KITCHEN"]}}).config),
        "", "", "",
    ),
    "tomorrow's bytes": (seen(last_day=NOW // DAY + 1), "ledger", "note", "days that have not come, up to "),
    "today's bytes": (seen(last_day=NOW // DAY), "", "", ""),
    "sync off": (settings({"sync": {"enabled": False}}, variables=("NEON_DB_URL",)), "", "", ""),
    "read-only ledger": (unreadable(LedgerReadOnlyError("x is shut", "do it")), "ledger", "broken", "is shut"),
    "no hint": (unreadable(LedgerError("x cannot be used")), "ledger", "broken", "cannot be used"),
    "busy ledger": (unreadable(LedgerBusyError("x is locked", "try again")), "ledger", "warning", "is locked"),
    "starting": (unreadable(LedgerMissingError("none")), "ledger", "warning", "nothing is written to"),
    "damaged": (unreadable(LedgerDamagedError("x is damaged")), "ledger", "broken", "x is damaged"),
    "a complaint": (seen(damage="*** in database main ***\nTree 5: bad"), "ledger", "broken", "damaged: Tree 5: bad"),
    "many days": (seen(unequal_days=(20000, 20001, 20002, 20003)), "ledger", "warning", "of 4 days differ"),
    "a large log": (but("ledger", log_size=10**8), "ledger", "warning", "write-ahead log has grown to 100 MB"),
    "a large ledger": (but("ledger", size=2 * 10**9), "ledger", "note", "has 2.00 GB"),
    "two doubts": (seen(doubts=(doubt(4), doubt(5))), "doubts", "warning", "2 changes were too large"),
    "nobody signed": (but("monitor", signed=None, signed_lives=False), "monitor", "broken", "it names nobody"),
    "a manager's word": (nobody(failure="status 218"), "monitor", "broken", "said last: status 218"),
    "its last words": (
        nobody(managed=False, last_words="error x"), "monitor", "broken", "said last: error x",
    ),
    "another monitor": (
        but("monitor", others=(Counting(5, "", "/"),)), "monitor", "broken", "Process 5 counts into",
    ),
    "its own complaint": (state(problem="cannot write."), "monitor", "warning", "says: cannot write."),
    "late": (state(heartbeat_ns=NOW - 101 * SECOND), "monitor", "broken", "has not written since"),
    "just in time": (state(heartbeat_ns=NOW - 99 * SECOND), "", "", ""),
    "counters unreadable": (
        HEALTHY._replace(network=Network(None, "denied", plain=False, choice=Choice(frozenset(), (), ()))),
        "counters", "broken", "cannot be read: denied.",
    ),
    "32 bits": (narrow(), "counters", "note", "counters of eth0 have 32 bits"),
    "sent stuck": (moved(9_000_500, 500_000, 9005, 5200), "counters", "broken", "bytes sent on eth0 stand still"),
    "never received": (
        seen(books=books(Counters(0, 500_000, 20, 5000)))._replace(
            network=network(ETH0._replace(counters=Counters(0, 600_000, 110, 5000)))
        ),
        "counters", "broken", "bytes received on eth0 stand still",
    ),
    "a quiet link": (moved(9_000_000, 500_000, 9099, 5000), "", "", ""),
    "no packet counters": (
        HEALTHY._replace(network=network(ETH0._replace(counters=Counters(9_000_000, 500_000, None, None)))), "", "", "",
    ),
    "no routes": (HEALTHY._replace(network=network(routes=None)), "links", "warning", "routes of this machine cannot"),
    "nothing like it": (
        HEALTHY._replace(network=network(names=("wwan0qmi",))), "links", "warning", "'wwan0qmi', which is not there",
    ),
    "nobody listens": (but("port", listeners=()), "port", "broken", "Nothing listens at 127.0.0.1:7373"),
    "just started": (state(started_ns=NOW - SECOND)._replace(port=but("port", listeners=()).port), "", "", ""),
    "listens elsewhere": (but("port", listeners=None), "", "", ""),
    "its API listens": (but("port", listeners=(Listener(99, PID, "python3", ours=True),)), "", "", ""),
    "somebody's port": (
        but("port", listeners=(Listener(None, None, "", ours=False),)), "port", "broken", "a program of another user",
    ),
    "a nameless port": (
        but("port", listeners=(Listener(9, None, "", ours=False),)), "port", "broken", "by another program (process 9)",
    ),
    "no manager": (
        HEALTHY._replace(service=Service(None, "no background service here", answers=False, program_there=False)),
        "service", "note", "no background service",
    ),
    "not registered": (registered(files=()), "service", "warning", "is not registered"),
    "not at login": (registered(auto_start=False, advice="do this"), "service", "warning", "by itself at login"),
    "not at boot": (registered(at_boot=False, advice="linger"), "service", "note", "when you log in"),
    "program gone": (but("service", program_there=False), "service", "broken", "which is not there"),
    "another program": (registered(program=Path("/opt/pb")), "service", "warning", "start /opt/pb, not"),
    "nothing registered": (
        registered(manager="background", files=(), auto_start=False, advice=INSTALL_ADVICE),
        "service",
        "note",
        "after a reboot",
    ),
    "unanswered": (but("service", answers=False), "service", "warning", "systemd, which does not answer"),
    "a background": (registered(manager="background", files=(), auto_start=False, advice="by hand"), "", "", ""),
    "no backup ever": (HEALTHY._replace(backups=Backups(None, None)), "backups", "warning", "in the last 9 days"),
    "backups off": (
        settings({"storage": {"backups": 0}})._replace(backups=Backups(None, None)), "", "", "",
    ),
    "backups unseen": (HEALTHY._replace(backups=None), "", "", ""),
    "an unjudged backup": (but("backups", whole=None), "", "", ""),
    "just switched on": (
        state(started_ns=NOW - 60 * SECOND)._replace(backups=Backups(None, None)), "", "", "",
    ),
    "never looked": (updates(checked_at=None, word=""), "", "", ""),
    "a bad release": (
        updates(last=LAST._replace(result="reverted", why="it ended")), "updates", "note", "2.1.0 did not hold",
    ),
    "not installed": (
        updates(word="update", last=LAST._replace(result="failed", why="no room")), "updates", "warning", "no room",
    ),
    "installed since": (updates(last=LAST._replace(result="failed")), "", "", ""),
    "waiting": (updates(waits=True, last=LAST._replace(result="waiting")), "updates", "note", "is installed and waits"),
    "on trial": (updates(waits=True, watched=True, begun=NOW / SECOND - 9999), "", "", ""),
    "just on trial": (updates(waits=True, begun=NOW / SECOND - 60), "", "", ""),
    "unwatched": (updates(waits=True, begun=NOW / SECOND - 9999), "updates", "warning", "nobody watches"),
    "offline": (updates(word="unreachable"), "", "", ""),
    "long offline": (
        updates(word="unreachable", checked_at=NOW / SECOND - 8 * 86_400), "updates", "warning", "for 8 days: it is",
    ),
    "always offline": (updates(word="unreachable", checked_at=None), "updates", "warning", "version yet: it is"),
    "updates off": (updates(settings({"auto_update": {"enabled": False}}), word="no-source"), "", "", ""),
    "only told": (
        updates(settings({"auto_update": {"auto_apply": False}}), word="update", available="2.1.0"),
        "updates", "note", "2.1.0 is available",
    ),
    "to be installed": (updates(word="update", available="2.1.0"), "", "", ""),
    "a ZIP": (updates(word="no-source"), "updates", "note", "it is so"),
    "tampered with": (updates(word="wrong-signer"), "updates", "warning", "it is so"),
    "pipx": (
        but(
            "launcher", launcher_state="absent", current_state="absent", interpreter_state="absent",
            link_target=Path("/home/ada/.local/pipx/venvs/packetbuddy/bin/pb"), first_is_ours=False,
        ),
        "", "", "",
    ),
}  # fmt: skip
"""Facts, and the one finding they give; an empty check: none."""


@pytest.mark.parametrize("name", CASES)
def test_facts_give_just_their_finding(name: str) -> None:
    """Each change of a healthy installation gives its finding and no other; what is no fault gives none."""
    facts, check, level, words = CASES[name]
    found = [(each.check, each.level) for each in diagnose(facts).findings]
    assert found == ([(check, level)] if check else [])
    assert words in "".join(each.text for each in diagnose(facts).findings)


@pytest.mark.parametrize("name", CASES)
def test_every_finding_is_a_sentence_with_a_remedy(name: str) -> None:
    """Text ends as a sentence, the remedy is there and no sentence of its own, the level is one of three."""
    for each in diagnose(CASES[name][0]).findings:
        assert each.text.endswith(".")
        assert not each.text.endswith("..")
        assert each.remedy
        assert each.level in LEVELS


def test_the_worst_comes_first_and_names_the_state() -> None:
    """Findings are in the order of their levels; notes alone leave the state well."""
    facts = but("place", free_files=0, open_to_others=("/x",))._replace(
        clock=HEALTHY.clock._replace(synchronized=False)
    )
    found = diagnose(facts)
    assert [each.level for each in found.findings] == ["broken", "warning", "note"]
    assert found.state == "broken"
    assert diagnose(but("clock", synchronized=False)).state == "well"
    assert diagnose(but("place", open_to_others=("/x",))).state == "warning"
    assert diagnose(HEALTHY).state == "well"


def test_without_a_ledger_only_what_can_be_looked_at_is_named() -> None:
    """A home that is not there leaves four checks, and one finding."""
    bare = HEALTHY._replace(
        place=HEALTHY.place._replace(kind="missing"),
        ledger=None, backups=None, network=None, monitor=None, port=None, service=None, launcher=None, updates=None,
    )  # fmt: skip
    found = diagnose(bare)
    assert found.looked_at == ("python", "home", "settings", "clock")
    assert [each.check for each in found.findings] == ["home"]
    assert set(diagnose(HEALTHY).looked_at) == set(CHECKS)


def test_a_home_without_a_name_is_the_finding() -> None:
    """The error's own words and hint."""
    found = homeless(HomeError("no home folder is known", "Set it"))
    assert found.findings == (Finding("home", "broken", "no home folder is known.", "Set it"),)
    assert isinstance(found, Diagnosis)


def test_what_is_seen_is_told_once() -> None:
    """Links, age of the last write, size with its log; where the audit was cut short, that; what nobody can change."""
    assert diagnose(HEALTHY).seen == (
        "Counting on eth0; last written 20 s ago.",
        "The ledger has 5.10 MB and is whole.",
    )
    assert "looked through whole" in diagnose(seen(unfinished=("totals",))).seen[1]
    offline = HEALTHY._replace(network=network(routes=()))
    assert diagnose(offline).seen[0] == "Counting on no link now; last written 20 s ago."
    background = registered(manager="background", files=(), auto_start=False, advice="start it by hand")
    assert diagnose(background).seen[-1] == "No service manager starts it by itself here: start it by hand."


def test_problems_that_other_checks_tell_are_told_once() -> None:
    """The monitor's own words about settings, links and port stay out where a check says them better."""
    mistaken = state(problem=f"{PATH}: api.port is 0")
    said = mistaken._replace(
        config=HEALTHY.config._replace(checked=Checked(parse({}), (f"{PATH}: api.port is 0",), ()))
    )
    assert [each.check for each in diagnose(mistaken).findings] == ["monitor"]
    assert [each.check for each in diagnose(said).findings] == ["settings"]
    missing = state(problem="degraded: [monitoring] interface 'eth9' is not there")
    gone = missing._replace(network=network(names=("eth9",)))
    assert [each.check for each in diagnose(gone).findings] == ["links"]


def test_another_namespace_silences_what_cannot_be_judged_from_here() -> None:
    """Links and port of another namespace than the monitor's say nothing about it."""
    facts = seen(books=books(namespace="n2"))._replace(
        network=network(Link(1, "lo", ETH0.counters, LinkFacts("loopback")), routes=()),
        port=but("port", listeners=()).port,
    )
    assert [(each.check, each.level) for each in diagnose(facts).findings] == [("counters", "warning")]
    assert ROUTE.link == 2
