"""The dashboard with three devices, one of them long offline, in a real Chromium."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types

from acceptance.browser import Browser, Seen, requires_browser
from acceptance.faking import requires_faketime
from acceptance.story import Served, Story
from integration.ledgers import HOUR, Counting, at
from integration.postgres import Server
from integration.sync_world import Named, Place
from packetbuddy.reports.quantities import amount as amount_in
from packetbuddy.settings.places import Home
from packetbuddy.sync.identity import Facts, identify
from packetbuddy.sync.local import Local
from packetbuddy.sync.postgres.remote import connected
from packetbuddy.sync.run import synchronise

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

STORY = Story(datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
NOW = "2026-03-18 14:20:00"
MINE = STORY.sums()
HEARD = {"laptop": "2026-03-18T14:12:00Z", "attic": "2026-03-06T08:00:00Z"}


def amount(count: int) -> str:
    """As the page writes it."""
    return amount_in(count, "decimal")


def neighbour(root: Path, name: str, days: int, chance: random.Random) -> tuple[Place, int]:
    """A device that moved something every few hours from February on, and how much in all."""
    machine = Named(at(2026, 2, 10))
    machine.identity = f"machine of {name}"
    place = Place(root / name, name, machine)
    with Counting(place.home.root, machine) as counting:
        for _ in range(days * 4):
            machine.run(6 * HOUR)
            counting.look()
            counting.tick(rx=chance.randint(10**7, 4 * 10**8), tx=chance.randint(10**6, 6 * 10**7))
    return place, machine.moved


@pytest.fixture(scope="module")
def moved(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Bytes of each neighbour; their rows are in the database."""
    url, chance, root = server.database("family"), random.Random(1), tmp_path_factory.mktemp("family")  # noqa: S311 - any traffic will do
    found = {}
    for name, days in (("laptop", 36), ("attic", 24)):
        place, found[name] = neighbour(root, name, days, chance)
        place.sync_at(url)
    for name, seen in HEARD.items():
        server.execute(
            f"UPDATE packetbuddy.devices SET seen = '{seen}', os = 'Windows' WHERE name = '{name}'",  # noqa: S608 - ours
            "family",
        )
    return found


@pytest.fixture(scope="module")
def served(server: Server, moved: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The story's home, which has met its neighbours once."""
    assert moved
    home = tmp_path_factory.mktemp("mine") / "home"
    served = Served(home, NOW).write(STORY)
    local = Local(Home(home))
    facts = Facts("a machine of its own", "kitchen", "Linux", int(STORY.last.timestamp()) * 10**9)
    with connected(server.url("family")) as remote:
        identify(local, facts)
        synchronise(local, remote, facts)
    with served.counting() as running:
        yield running


def pick(seen: Seen, label: str) -> None:
    """Choose whose figures are shown."""
    seen.page.get_by_label("Device").select_option(label=label)


LISTED = """async seen => {
  const { serviceNow } = await import("/dashboard/js/api.js");
  const { changed } = await import("/dashboard/js/store.js");
  changed("data");
  const rows = [...document.querySelectorAll("#devicelist li")].map(each => each.innerText);
  return [Math.floor((serviceNow() - Date.parse(seen)) / 60_000), rows];
}"""
"""How many minutes ago that was, and the list as it is shown in the same moment: the service's clock goes on."""


def test_every_device_is_listed_with_its_age(seen: Seen, moved: dict[str, int]) -> None:
    """Three devices: what each moved in all, this one first, the long offline one with how old its figures are."""
    minutes, listed = seen.page.evaluate(LISTED, HEARD["laptop"])
    assert minutes >= 8
    assert [" ".join(text.split()) for text in listed] == [
        f"kitchen {amount(MINE.total)} Linux · this device",
        f"laptop {amount(moved['laptop'])} Windows · heard of {minutes} minutes ago",
        f"attic {amount(moved['attic'])} Windows · figures 12 days old",
    ]
    assert seen.page.get_by_label("Device").locator("option").all_inner_texts() == [
        "kitchen", "all devices", "laptop", "attic",
    ]  # fmt: skip


def test_the_picker_shows_another_device(seen: Seen, moved: dict[str, int]) -> None:
    """All cards follow; old figures are said to be old; links, which are not shared, cannot be picked meanwhile."""
    pick(seen, "attic")
    seen.shows("lifetime-total", amount(moved["attic"]))
    assert seen.text("ages") == "The figures of attic are 12 days old."
    assert not seen.page.locator("#link").is_visible()
    assert seen.text("live-peak") == "the speed of this device"
    pick(seen, "kitchen")
    seen.shows("lifetime-total", amount(MINE.total))
    assert not seen.page.locator("#ages").is_visible()
    assert seen.page.locator("#link").is_visible()


def test_all_devices_are_one_figure(seen: Seen, moved: dict[str, int]) -> None:
    """Together: lifetime, month and the note about the one that is late."""
    pick(seen, "all devices")
    seen.shows("lifetime-total", amount(MINE.total + sum(moved.values())))
    assert seen.text("ages") == "The figures of attic are 12 days old."
    seen.page.get_by_role("button", name="Previous month").click()
    seen.shows("month-title", "February 2026")
    assert seen.page.locator("#month-chart canvas").is_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_it_fits_and_is_accessible(width: int, browser: Browser, served: Served) -> None:
    """With the picker and the list of devices nothing sticks out, and axe finds nothing serious."""
    with browser.page(served.address, width=width) as seen:
        pick(seen, "all devices")
        seen.page.wait_for_selector("#ages:not([hidden])")
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(seen.page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []


def test_a_device_that_is_forgotten_leaves_the_page(seen: Seen) -> None:
    """A device that is not known any more is answered with this one's figures, not with an error."""
    status = seen.page.evaluate("async () => (await fetch('/api/today?device=nobody')).status")
    assert status == 422
    seen.complaints.clear()
