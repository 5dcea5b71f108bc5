"""The dashboard through time and trouble: midnight, a hidden tab, a service that is away, a first minute, people."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types

from acceptance.browser import OUTLINED, Browser, Seen, requires_browser
from acceptance.faking import WallClock, requires_faketime
from acceptance.story import Served, Story
from packetbuddy.answers.updating import Last, Updating
from packetbuddy.answers.updating import written as written_down
from packetbuddy.billing.money import Price, cost_of, money
from packetbuddy.reports.quantities import amount

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

AWAY = "PacketBuddy is not answering. Counting may go on; this page reconnects by itself."
NOTHING = "\N{EN DASH}"
SERIOUS = {"serious", "critical"}
WIDTHS = (360, 768, 1440, 3840)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    story = Story(datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    with Served(tmp_path_factory.mktemp("states") / "home", "2026-03-18 14:20:00").write(story).counting() as served:
        yield served


def written(count: int) -> str:
    return amount(count, "decimal")


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    """The service's, for who has to be ready before a midnight however long that takes."""
    return WallClock(tmp_path)


def test_midnight_at_a_months_end_under_an_open_page(browser: Browser, tmp_path: Path, clock: WallClock) -> None:
    """At the service's midnight Today starts anew, the month turns with it, and the old day keeps its figures."""
    story = Story(datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 31, 23, tzinfo=UTC))
    clock.show(datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
    with (
        Served(tmp_path / "home", clock).write(story).counting() as served,
        browser.page(served.address) as seen,
    ):
        assert seen.text("today-date") == "Tue 31 Mar"
        assert seen.text("today-total") == written(story.sums("2026-03-31").total)
        clock.show(datetime(2026, 3, 31, 23, 59, 57, tzinfo=UTC))
        seen.shows("today-date", "Wed 1 Apr", 20)
        seen.shows("month-title", "April 2026")
        assert seen.text("today-total") == "0.00 B"
        assert seen.text("lifetime-total") == written(story.sums().total)
        seen.page.get_by_role("button", name="Previous month").click()
        seen.shows("month-title", "March 2026")
        label = seen.page.locator("#month-chart button").nth(30).get_attribute("aria-label")
        assert label is not None
        assert label.startswith(f"Tue 31 Mar, {written(story.sums('2026-03-31').total)}")
        assert seen.complaints == []


def test_midnight_leaves_an_older_month_in_peace(browser: Browser, tmp_path: Path, clock: WallClock) -> None:
    """Who reads another month at midnight goes on reading it, and finds the new day when coming back."""
    story = Story(datetime(2026, 2, 25, tzinfo=UTC), datetime(2026, 3, 17, 23, tzinfo=UTC))
    clock.show(datetime(2026, 3, 17, 23, 30, tzinfo=UTC))
    with (
        Served(tmp_path / "home", clock).write(story).counting() as served,
        browser.page(served.address) as seen,
    ):
        seen.page.get_by_role("button", name="Previous month").click()
        seen.shows("month-title", "February 2026")
        clock.show(datetime(2026, 3, 17, 23, 59, 57, tzinfo=UTC))
        seen.shows("today-date", "Wed 18 Mar", 20)
        assert seen.text("month-title") == "February 2026"
        seen.page.get_by_role("button", name="Next month").click()
        seen.shows("month-title", "March 2026")
        labels = seen.page.locator("#month-chart button").evaluate_all("all => all.map(each => each.ariaLabel)")
        assert labels[16].startswith(f"Tue 17 Mar, {written(story.sums('2026-03-17').total)}")
        assert labels[17].startswith("Wed 18 Mar, so far")


def test_the_first_day_agrees_with_itself(browser: Browser, tmp_path: Path) -> None:
    """On the first day today, the month and the lifetime are one number."""
    story = Story(datetime(2026, 3, 18, 9, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    with (
        Served(tmp_path / "home", "2026-03-18 14:20:00").write(story).counting() as served,
        browser.page(served.address) as seen,
    ):
        total = written(story.sums().total)
        assert seen.text("today-total") == seen.text("lifetime-total") == total
        assert seen.text("month-total").startswith(f"{total} · ")
        assert seen.text("today-note").startswith("What is usual shows after three weeks of counting.")


def test_units_are_those_of_the_settings(browser: Browser, tmp_path: Path) -> None:
    """With other units in the settings every figure of the page is in them, those it adds up itself too."""
    story = Story(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    served = Served(tmp_path / "home", "2026-03-18 14:20:00").write(story)
    served.configure('units = "windows"\nspeed = "bits"\n[cost]\nrate_per_gb = 2\ncurrency = "USD"\nunit = "GiB"\n')
    with served.counting(), browser.page(served.address, locale="en-US") as seen:
        seen.shows("live-down", "0 bit/s")
        total = story.sums().total
        assert seen.text("today-total") == amount(story.sums("2026-03-18").total, "windows")
        assert seen.text("lifetime-total") == amount(total, "windows")
        cost = money(cost_of(total, Price(Decimal(2), "USD", "GiB")), "USD")
        assert seen.text("month-total") == f"{amount(total, 'windows')} · {cost}"
        assert seen.text("quick-peak").endswith(" Mbit/s")


def test_the_first_minute_is_friendly_and_passes_by_itself(browser: Browser, tmp_path: Path) -> None:
    """Before there are figures the page says so, shows no zeros as data, and fills itself when they come."""
    served = Served(tmp_path / "home", "2026-03-18 14:20:00").configure("").counting()
    with served, browser.page(served.address) as seen:
        assert seen.text("welcome") == "Counting. The first figures appear in a few seconds."
        assert not seen.page.locator("#today-figures").is_visible()
        assert seen.text("lifetime-total") == NOTHING
        assert not seen.page.locator("#away").is_visible()
        story = Story(datetime(2026, 3, 18, 9, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
        served.write(story)
        seen.shows("today-total", written(story.sums().total), 20)
        assert not seen.page.locator("#welcome").is_visible()


def test_where_nobody_counts_the_page_does_not_say_counting(browser: Browser, tmp_path: Path) -> None:
    """Without a ledger and without a monitor the page says so, and how to start."""
    with (
        Served(tmp_path / "home", "2026-03-18 14:20:00").configure("") as served,
        browser.page(served.address) as seen,
    ):
        assert seen.text("welcome") == "Nothing is counted yet. Start counting with: pb service start"
        assert seen.text("health-words") == "not counting"


def test_a_hidden_tab_stops_the_stream_and_coming_back_revives(browser: Browser, tmp_path: Path) -> None:
    """Hiding the tab ends the stream and all questions; showing it again brings everything up to date."""
    story = Story(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    with (
        Served(tmp_path / "home", "2026-03-18 14:20:00").write(story).counting() as served,
        browser.page(served.address) as seen,
    ):
        seen.shows("live-down", "0 B/s")
        with seen.page.expect_event("requestfailed", lambda request: request.url.endswith("/api/stream")):
            seen.hide(hidden=True)
        asked = len(seen.requests)
        served.stop()
        served.at = "2026-03-19 08:00:00"
        served.start()
        seen.page.wait_for_timeout(1500)
        assert len(seen.requests) == asked, "a hidden tab asks for nothing"
        seen.hide(hidden=False)
        seen.shows("today-date", "Thu 19 Mar")
        seen.shows("live-down", "0 B/s")
        assert not seen.page.locator("#away").is_visible()


@pytest.mark.long
def test_a_hidden_tab_lets_the_api_leave(browser: Browser, tmp_path: Path) -> None:
    """With the only tab hidden nobody looks, and the API leaves after its idle time."""
    story = Story(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    served = Served(tmp_path / "home", "2026-03-18 14:20:00").write(story).configure("[api]\nidle_timeout = 10\n")
    with served.counting(), browser.page(served.address) as seen:
        seen.shows("live-down", "0 B/s")
        seen.hide(hidden=True)
        assert served.process is not None
        assert served.process.wait(30) == 0


def test_a_service_that_is_away_is_said_and_recovered_from(browser: Browser, tmp_path: Path) -> None:
    """The page says that nobody answers, asks again with growing patience, and recovers by itself."""
    story = Story(datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    with (
        Served(tmp_path / "home", "2026-03-18 14:20:00").write(story).counting() as served,
        browser.page(served.address) as seen,
    ):
        seen.shows("live-down", "0 B/s")
        served.stop()
        seen.page.locator("#away").wait_for(state="visible")
        assert seen.text("away") == seen.page.locator("#said").text_content() == AWAY
        assert seen.text("live-down") == NOTHING
        assert seen.text("health-words") == "not answering"
        assert seen.text("today-total") == written(story.sums("2026-03-18").total)
        asked = len(seen.requests)
        seen.page.wait_for_timeout(3000)
        assert len(seen.requests) - asked <= 5, "patience grows"
        served.start()
        seen.page.locator("#away").wait_for(state="hidden")
        seen.shows("live-down", "0 B/s")
        assert {words for words in seen.complaints if "ERR_" not in words} == set()


def test_themes(browser: Browser, served: Served) -> None:
    """Dark is the default whatever the system likes; the choice is remembered; "system" follows the system."""
    with browser.page(served.address, color_scheme="light") as seen:
        theme = seen.page.locator("html")
        assert theme.get_attribute("data-theme") == "dark"
        seen.page.get_by_title("Light").click()
        assert theme.get_attribute("data-theme") == "light"
        seen.page.reload()
        assert theme.get_attribute("data-theme") == "light"
        seen.page.get_by_title("As the system").click()
        seen.page.emulate_media(color_scheme="dark")
        seen.page.wait_for_selector("html[data-theme=dark]")
        seen.page.emulate_media(color_scheme="light")
        seen.page.wait_for_selector("html[data-theme=light]")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious(browser: Browser, served: Served, theme: str) -> None:
    """axe-core finds no serious or critical issue, with the hours of a day, the tables and the hover box open."""
    with browser.page(served.address, theme=theme) as seen:
        seen.page.locator("#month-chart button").nth(9).click()
        seen.shows("hours-title", "Tuesday 10 March")
        seen.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
        found = Axe().run(seen.page).response["violations"]
        assert [_short(each) for each in found if each["impact"] in SERIOUS] == []


def _short(violation: dict[str, Any]) -> str:
    return json.dumps([violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]])


def test_everything_by_keyboard(browser: Browser, served: Served) -> None:
    """Tab reaches every control with a visible focus; arrows and Enter open a day, and closing it gives focus back."""
    with browser.page(served.address) as seen:
        walked = list(_walk(seen, 16))
        for control in ("link", "dark", "month-before", "As a table", "plan-copy"):
            assert control in walked
        assert any(name.startswith("Wed 18 Mar, so far") for name in walked)
        assert any(name.startswith("Monday, 00:00") for name in walked)
        seen.page.locator("#month-chart button[data-running]").focus()
        seen.page.keyboard.press("ArrowLeft")
        assert seen.focused().startswith("Tue 17 Mar")
        assert "Tue 17 Mar" in seen.page.locator("#tip").inner_text()
        seen.page.keyboard.press("Enter")
        seen.shows("hours-title", "Tuesday 17 March")
        seen.page.locator("#hours-close").focus()
        seen.page.keyboard.press("Enter")
        seen.page.locator("#hours").wait_for(state="hidden")
        assert seen.focused().startswith("Tue 17 Mar")


def _walk(seen: Seen, stops: int) -> Iterator[str]:
    for _ in range(stops):
        seen.page.keyboard.press("Tab")
        focus = seen.page.evaluate_handle("document.activeElement")
        yield seen.focused()
        if focus.evaluate("node => node === document.body"):
            return
        assert focus.evaluate(OUTLINED), f"{seen.focused()} has no visible focus"


def test_layout_at_every_width(browser: Browser, served: Served) -> None:
    """From 360 px to 4K nothing is wider than the window, loading moves nothing, and the column stays readable."""
    for width in WIDTHS:
        with browser.page(served.address, width=width) as seen:
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
            assert seen.page.evaluate("document.querySelector('main').clientWidth") <= 2400
            assert seen.page.evaluate(_SHIFTS) < 0.05


_SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(each => { sum += each.value; }))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 50));
})"""


def test_the_page_tells_what_updates_do(browser: Browser, tmp_path: Path) -> None:
    """A version that is available or waits stands in the header, what the last update did in the last line."""
    story = Story(datetime(2026, 3, 17, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
    began = datetime(2026, 3, 18, 9, 30, tzinfo=UTC).timestamp()
    last = Last(began, "1.9.0", "2.0.0", "confirmed", "")
    found = Updating(began, "update", "2.1.0 is available", "2.1.0", "there", last)
    home = tmp_path / "home"
    with Served(home, "2026-03-18 14:20:00").write(story).counting() as served:
        with browser.page(served.address) as seen:
            assert not seen.page.locator("#update").is_visible()
        (home / "update.json").write_text(written_down(found))
        with browser.page(served.address) as seen:
            seen.shows("update", "2.1.0 is available")
            assert "last update: 1.9.0 became 2.0.0 (" in seen.text("version")
        (home / "versions").mkdir()
        (home / "versions/trial").symlink_to("2.1.0-x")
        waiting = found._replace(last=Last(began, "2.0.0", "2.1.0", "waiting", ""))
        (home / "update.json").write_text(written_down(waiting))
        with browser.page(served.address) as seen:
            seen.shows("update", "2.1.0 is installed and waits for the next start")
