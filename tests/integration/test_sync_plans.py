"""One cap for a household: a plan that several devices share counts all their bytes, and says whose they were."""

from pathlib import Path

import pytest

from integration.ledgers import HOUR, Counting
from integration.postgres import Server
from integration.sync_world import BEGIN, Named, Place, settle
from integration.test_sync_meeting import GIGA, place
from packetbuddy.answers.open import Question, looking
from packetbuddy.answers.plans import plans
from packetbuddy.answers.roster import devices
from packetbuddy.probes.system import host_name
from packetbuddy.reports.plans import PlanRow
from packetbuddy.reports.planwords import meaning
from packetbuddy.settings.load import parse

NOW = BEGIN + 26 * HOUR * GIGA


@pytest.fixture(scope="module")
def family(server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[Place]:
    """Three devices that met: 2, 20 and 200 bytes and a few up."""
    url, root = server.database("household"), tmp_path_factory.mktemp("household")
    places = [place(root, name, rx=amount) for name, amount in (("one", 1), ("two", 10), ("three", 100))]
    settle(places, url)
    return places


def asked(one: Place, sharers: str) -> PlanRow:
    """The plan as this device sees it."""
    plan = {"cap": "1 kB", "devices": sharers.split("+"), "cycle": "monthly"}
    question: Question = one.asking()._replace(settings=parse({"plan": [plan]}), now_ns=NOW)
    return plans(question).rows[0]


@pytest.mark.parametrize(
    ("devices", "used", "shares"),
    [
        ("this", 4, ()),
        ("all", 228, (("one", 4), ("two", 22), ("three", 202))),
        ("this+two", 26, (("one", 4), ("two", 22))),
        ("three+two", 224, (("three", 202), ("two", 22))),
        ("this+one+two", 26, (("one", 4), ("two", 22))),
        ("two", 22, (("two", 22),)),
        ("one", 4, ()),
    ],
)
def test_a_shared_cap(devices: str, used: int, shares: tuple[tuple[str, int], ...], family: list[Place]) -> None:
    """Used is what all sharers used, each once; the shares add up to it; the forecast is of all of them."""
    row = asked(family[0], devices)
    assert (row.gauge.used, row.shares) == (used, shares)
    assert row.course[-1][1] == used


def test_every_device_sees_the_same(family: list[Place]) -> None:
    """Whoever asks: the same used bytes and the same shares."""
    rows = [asked(one, "all") for one in family]
    assert {row.gauge.used for row in rows} == {228}
    assert {frozenset(row.shares) for row in rows} == {frozenset(rows[0].shares)}


@pytest.mark.parametrize(
    ("devices", "used", "state"), [("this+tow+two", 26, "on_pace"), ("tow", 0, "unknown"), ("tow+twoo", 0, "unknown")]
)
def test_a_device_that_is_not_known_is_told(devices: str, used: int, state: str, family: list[Place]) -> None:
    """A misspelt sharer is named, and the plan goes on with the others; where there are none, nobody knows."""
    row = asked(family[0], devices)
    assert (row.gauge.used, row.state) == (used, state)
    assert row.gauge.unknown_devices == tuple(name for name in devices.split("+") if name not in {"this", "two"})
    assert "No one device is called tow, so it is left out" in meaning(row, "decimal")


def test_a_home_that_was_moved_is_shared_without_what_was_before(server: Server, tmp_path: Path) -> None:
    """Its history is the old computer's: shares add up, and by its name a device is what everybody takes it for."""
    url = server.database("moved")
    old, other = place(tmp_path, "old", rx=7), place(tmp_path, "other", rx=100)
    settle([old, other], url)
    machine = Named(old.machine.wall_ns)
    machine.identity = "another machine"
    new = old.copy(tmp_path / "new", machine)
    for amount, one in enumerate((old, new, other), start=1):
        with Counting(one.home.root, one.machine) as counting:
            counting.use(one.machine.wall_ns + HOUR * GIGA, rx=amount * 1000, tx=0)
    settle([old, new, other], url)
    for one in (old, new, other):
        row = asked(one, "all")
        assert (len(row.shares), sum(used for _, used in row.shares)) == (3, row.gauge.used)
        own = devices(one.asking(), None)[0]
        with looking(one.asking(own.id)) as sight:
            total = sight.reader.lifetime(None)
        assert total.rx + total.tx == own.usage.total
    assert devices(new.asking(), None)[0].usage.total < sum(new.lifetime())


def test_before_anybody_met(tmp_path: Path) -> None:
    """A plan for all, or for this machine by its name, is this device's own until another one comes."""
    alone = Place(tmp_path / "alone", "alone", Named(BEGIN))
    with Counting(alone.home.root, alone.machine) as counting:
        counting.tick(rx=3, tx=1)
    for sharers in ("all", "this", host_name()):
        row = asked(alone, sharers)
        assert (row.gauge.used, row.shares, row.gauge.unknown_devices) == (4, (), ())
