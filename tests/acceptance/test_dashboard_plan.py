"""The plan's card in a real Chromium: no plan, a fresh cycle, on pace, too fast, over, prepaid, several."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types

from acceptance.browser import Browser, Seen, requires_browser
from acceptance.faking import requires_faketime
from acceptance.story import Served, Story
from packetbuddy.reports.quantities import amount

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

STORY = Story(datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
NOW = "2026-03-18 14:20:00"
SERIOUS = {"serious", "critical"}
PICTURES = os.environ.get("PACKETBUDDY_TEST_PICTURES")
"""A folder that gets a picture of each state, for a person to look at."""


class Case(NamedTuple):
    """Settings, and what the card must say."""

    name: str
    config: str
    state: str
    when: str


CASES = (
    Case("fresh", '[[plan]]\nname = "Fibre"\ncap = "30 GB"\nstarts = 18\n', "on pace", "31 days left"),
    Case("on_pace", '[[plan]]\nname = "Home"\ncap = "40 GB"\n', "on pace", "14 days left"),
    Case("fast", '[[plan]]\nname = "Home"\ncap = "20 GB"\n', "too fast", "14 days left"),
    Case("over", '[[plan]]\nname = "Home"\ncap = "10 GB"\noverage_rate = 12\n', "used up", "14 days left"),
    Case(
        "prepaid", '[[plan]]\nname = "Card"\ncap = "12 GB"\ncycle = "prepaid"\nstarts = 2026-03-10\n', "running",
        "since 10 Mar 2026",
    ),
    Case("no_cap", '[[plan]]\nname = "Office"\n', "no cap", "14 days left"),
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("plan") / "home", NOW).write(STORY).counting() as served:
        yield served


def configure(served: Served, config: str) -> None:
    """The settings of the story and these plans, as of now."""
    base = served.home.config.read_text("utf-8").split("# plans\n")[0]
    served.home.config.write_text(f"{base}# plans\n{config}", "utf-8")


def picture(seen: Seen, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(exist_ok=True)
        seen.page.locator("#plan").screenshot(path=f"{PICTURES}/{name}.png")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_the_card_says(browser: Browser, served: Served, case: Case, theme: str) -> None:
    """Each state in words beside its colour, the days left, figures of the service, and nothing serious for axe."""
    configure(served, case.config)
    with browser.page(served.address, theme=theme) as seen:
        seen.page.locator("#plan-figures").wait_for(state="visible")
        picture(seen, f"{case.name}-{theme}")
        assert seen.text("plan-state") == case.state
        assert seen.text("plan-when") == case.when
        told = seen.page.evaluate("fetch('/api/plan').then(answer => answer.json())")["plans"][0]
        assert seen.text("plan-note") == told["meaning"]
        assert seen.text("plan-used") == amount(told["used_bytes"], "decimal")
        shown = "left" if told["left_bytes"] is not None else "used"
        assert seen.text("plan-left") == told["human_readable"][shown]
        assert seen.page.locator("#gauge").is_visible() == (told["percent"] is not None)
        assert seen.page.locator("#course path.used").count() == 1
        assert seen.page.locator("#course path.range").count() == (told["forecast"] is not None)
        assert not seen.page.locator("#plan-invite").is_visible()
        found = Axe().run(seen.page).response["violations"]
        assert [json.dumps(each["id"]) for each in found if each["impact"] in SERIOUS] == []
        assert seen.complaints == []


@pytest.mark.parametrize("width", [360, 1440])
def test_without_a_plan_it_invites(browser: Browser, served: Served, width: int) -> None:
    """No plan, no figures: an example to copy, on every width; and back again while the page is open."""
    configure(served, "")
    with browser.page(served.address, width=width) as seen:
        picture(seen, f"none-{width}")
        assert seen.page.locator("#plan-invite").is_visible()
        assert not seen.page.locator("#plan-figures").is_visible()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 3840])
def test_it_fits_every_width(browser: Browser, served: Served, width: int) -> None:
    """Nothing of the card is wider than the window, and nothing is cut off."""
    configure(served, CASES[2].config)
    with browser.page(served.address, width=width) as seen:
        seen.page.locator("#plan-figures").wait_for(state="visible")
        picture(seen, f"fast-{width}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        wide = "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.id)"
        assert seen.page.locator("#plan-figures div").evaluate_all(wide) == []


def test_several_plans_are_picked_from(browser: Browser, served: Served) -> None:
    """With two plans there is a choice; picking the other one shows it, also by keyboard, and it stays picked."""
    configure(
        served,
        '[[plan]]\nname = "Home"\ncap = "40 GB"\ninterfaces = "wlan0"\n'
        '[[plan]]\nname = "Cable"\ncap = "9 GB"\ninterfaces = ["lan*"]\n',
    )
    with browser.page(served.address) as seen:
        seen.page.locator("#plan-pick").wait_for(state="visible")
        first = seen.text("plan-used")
        seen.page.locator("#plan-pick").select_option("Cable")
        cable = sum(hour.total for hour in STORY.hours(2) if hour.at.month == 3)
        seen.shows("plan-used", amount(cable, "decimal"))
        assert first != seen.text("plan-used")
        picture(seen, "several")
