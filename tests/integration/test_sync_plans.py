"""One cap for a household: a plan that several devices share counts all their bytes, and says whose they were."""

from pathlib import Path

import pytest

from integration.ledgers import HOUR, Counting
from integration.postgres import Server
from integration.sync_world import BEGIN, Named, Place, settle
from integration.test_sync_meeting import GIGA, place
from packetbuddy.answers.open import Question
from packetbuddy.answers.plans import plans
from packetbuddy.probes.system import host_name
from packetbuddy.reports.plans import PlanRow
from packetbuddy.settings.load import parse

NOW = BEGIN + 26 * HOUR * GIGA


@pytest.fixture(scope="module")
def family(server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[Place]:
    """Three devices that met: 2, 20 and 200 bytes and a few up."""
    url, root = server.database("household"), tmp_path_factory.mktemp("household")
    places = [place(root, name, rx=amount) for name, amount in (("one", 1), ("two", 10), ("three", 100))]
    settle(places, url)
    return places


def asked(one: Place, devices: str, heard: list[str] | None = None) -> PlanRow:
    """The plan as this device sees it."""
    plan = {"cap": "1 kB", "devices": devices.split("+"), "cycle": "monthly"}
    question: Question = one.asking()._replace(settings=parse({"plan": [plan]}), now_ns=NOW)
    told = [] if heard is None else heard
    return plans(question._replace(tell=told.append)).rows[0]


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


KNOWN = "Known: this, all, one, two, three"


@pytest.mark.parametrize(
    ("devices", "used", "told"),
    [
        ("this+tow+two", 26, f"plan 'plan': no device 'tow' is known, so it is left out. {KNOWN}"),
        ("tow", 4, f"plan 'plan': no device 'tow' is known, so this device's usage counts instead. {KNOWN}"),
    ],
)
def test_a_device_that_is_not_known_is_told(devices: str, used: int, told: str, family: list[Place]) -> None:
    """A misspelt sharer is named in one line with what would be right, and the plan goes on with the others."""
    heard: list[str] = []
    assert asked(family[0], devices, heard).gauge.used == used
    assert heard == [told]


def test_before_anybody_met(tmp_path: Path) -> None:
    """A plan for all, or for this machine by its name, is this device's own until another one comes."""
    alone = Place(tmp_path / "alone", "alone", Named(BEGIN))
    with Counting(alone.home.root, alone.machine) as counting:
        counting.tick(rx=3, tx=1)
    for devices in ("all", "this", host_name()):
        heard: list[str] = []
        row = asked(alone, devices, heard)
        assert (row.gauge.used, row.shares, heard) == (4, (), [])
