"""The dashboard while something changes under it: problems, settings, links, months, a service away."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acceptance.browser import Browser, requires_browser
from acceptance.faking import requires_faketime
from acceptance.story import Served, Story
from packetbuddy.reports.quantities import amount, rough

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

STORY = Story(datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
NOW = "2026-03-18 14:20:00"
PROBLEM = "The counters of wlan0 could not be read."
OVERLAP = """([one, other]) => {
  const [a, b] = [one, other].map(id => document.getElementById(id).getBoundingClientRect());
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}"""
MANY_LINKS = """async () => {
  const { showLinks } = await import("/dashboard/js/links.js");
  const link = (index, counted) =>
    ({ name: `net${index}`, counted, present: true, counted_bytes: counted ? 1e6 : 0, reason: "", uncertain: false });
  showLinks({ links: [...Array(9).keys()].map(index => link(index, index < 6)), link: null, blank: false });
}"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "home", NOW).write(STORY).counting() as served:
        yield served


def test_a_problem_while_counting_is_said_in_words(browser: Browser, served: Served) -> None:
    """A monitor that counts in spite of a problem is "counting", and the reason can be read on the page."""
    with closing(sqlite3.connect(served.home.ledger)) as connection, connection:
        connection.execute("UPDATE state SET problem = ?", (PROBLEM,))
    with browser.page(served.address) as seen:
        assert seen.text("health-words") == "counting, with a problem"
        assert seen.page.locator("#health-dot").get_attribute("data-state") == "warn"
        assert seen.page.get_by_role("status").filter(has_text=PROBLEM).is_visible()
        assert seen.text("trouble") == PROBLEM


def test_changed_settings_change_all_words_together(browser: Browser, served: Served) -> None:
    """Hiding cost and choosing other units reaches every card of an open page within seconds, in one step."""
    with browser.page(served.address) as seen:
        seen.shows("live-down", "0 B/s")
        served.configure('units = "windows"\n[cost]\nrate_per_gb = 0\n')
        seen.shows("today-total", amount(STORY.sums("2026-03-18").total, "windows"), 20)  # all is asked anew after 30 s
        assert seen.text("month-total") == amount(STORY.sums("2026-03").total, "windows")
        assert seen.text("lifetime-total") == amount(STORY.sums().total, "windows")
        usual = seen.page.request.get(f"{served.address}/api/today").json()["usual_bytes"]
        assert f" {rough(usual, 'windows')} by now" in seen.text("today-note")
        assert amount(STORY.sums(series=2).total, "windows") in seen.text("linklist")
        for part in ("today-cost-part", "lifetime-cost-part"):
            assert not seen.page.locator(f"#{part}").is_visible()


def test_a_link_that_is_gone_has_no_graph(browser: Browser, served: Served) -> None:
    """Choosing a link that is not there takes the other link's last minute away."""
    with browser.page(served.address) as seen:
        seen.page.wait_for_function("() => document.getElementById('minute').ariaLabel.includes('download up to')")
        seen.page.locator("#link").select_option("lan0")
        seen.shows("lifetime-total", amount(STORY.sums(series=2).total, "decimal"))
        label = "Speed over the last minute: not known"
        assert seen.page.locator("#minute").get_attribute("aria-label") == label
        assert seen.text("live-down") == "\N{EN DASH}"


def test_all_counted_links_are_listed(browser: Browser, served: Served) -> None:
    """However many links count, each is in the list; only what does not count is folded away."""
    with browser.page(served.address) as seen:
        served.stop()  # or its next answer would show this machine's links again
        seen.page.locator("#away").wait_for(state="visible")
        seen.page.evaluate(MANY_LINKS)
        seen.page.wait_for_function("() => document.querySelectorAll('#linklist li').length === 6")
        assert seen.text("more-links-words") == "3 more, not counted"


def test_a_second_outage_is_said_as_fast_as_the_first(browser: Browser, served: Served) -> None:
    """Just after a long outage the next loss is noticed at once, not after the patience of the last."""
    away = "#away"
    with browser.page(served.address) as seen:
        seen.shows("live-down", "0 B/s")
        served.stop()
        seen.page.locator(away).wait_for(state="visible")
        for _ in range(4):  # the patience is its longest then: the next question comes after 12 s or more
            seen.page.wait_for_event("requestfailed", lambda asked: asked.url.endswith("/api/health"))
        served.start()
        seen.page.locator(away).wait_for(state="hidden")
        seen.shows("live-down", "0 B/s")
        served.stop()
        seen.page.locator(away).wait_for(state="visible", timeout=10_000)


def test_the_keyboard_stays_at_the_last_month(browser: Browser, served: Served) -> None:
    """At the first month with data the button says that it can do no more, and keeps the focus."""
    with browser.page(served.address) as seen:
        seen.page.locator("#month-before").focus()
        for month in ("February 2026", "January 2026"):
            seen.page.keyboard.press("Enter")
            seen.shows("month-title", month)
        assert seen.page.locator("#month-before").get_attribute("aria-disabled") == "true"
        assert seen.focused() == "month-before"
        seen.page.keyboard.press("Enter")
        assert seen.text("month-title") == "January 2026"


@pytest.mark.parametrize("bar", [9, 17])
def test_the_hover_box_covers_no_total_and_leaves_with_the_month(browser: Browser, served: Served, bar: int) -> None:
    """The details of a day are beside its bar, and gone when another month is shown."""
    with browser.page(served.address) as seen:
        seen.page.locator("#month-chart button").nth(bar).hover()
        assert seen.page.locator("#tip").is_visible()
        assert not seen.page.evaluate(OVERLAP, ["tip", "month-total"])
        seen.page.mouse.move(1, 1)  # away, or the pointer hovers over the other month's bar
        seen.page.locator("#month-chart button").nth(bar).dispatch_event("pointerover")
        assert seen.page.locator("#tip").is_visible()
        seen.page.locator("#month-before").dispatch_event("click")
        seen.page.locator("#tip").wait_for(state="hidden")


@pytest.mark.parametrize("width", [360, 1024])
def test_long_costs_fit(browser: Browser, served: Served, width: int) -> None:
    """A cost of eight digits before the point stays within its card."""
    served.configure('[cost]\nrate_per_gb = 1000000\ncurrency = "IDR"\n')
    with browser.page(served.address, width=width) as seen:
        assert len(seen.text("lifetime-cost")) > 12
        assert seen.text("today-rate").endswith("1,000,000.00/GB")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        cards = (
            "[...document.querySelectorAll('.lifetime, .today')].every(each => each.scrollWidth <= each.clientWidth)"
        )
        assert seen.page.evaluate(cards)
