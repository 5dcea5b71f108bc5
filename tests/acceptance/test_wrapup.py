"""The year wrap-up in a real Chromium: every kind of year, both themes, on paper; it asks nobody."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types
from playwright.sync_api import Browser, Page, sync_playwright

from acceptance.browser import CHROMIUM, FLAGS, requires_browser
from packetbuddy.exports.as_html import html
from packetbuddy.reports.history import Wrapup
from packetbuddy.reports.model import Day, Usage
from unit.histories import HOW, ORIGIN, stretch, wrapup, year_of_days

pytestmark = [pytest.mark.acceptance, requires_browser]

BEFORE = stretch(year_of_days(365, first=date(2025, 1, 1), seed=3))
HOSTILE = '</style><script>document.title = "ours"</script><img src="http://example.invalid/x" onerror="throw 1">'
YEARS = {
    "full": wrapup(year_of_days(365), before=BEFORE),
    "leap": wrapup(year_of_days(366, first=date(2028, 1, 1)), year=2028),
    "running": wrapup(year_of_days(264, first=date(2026, 3, 4)), running=True),
    "three": wrapup(year_of_days(3, first=date(2026, 11, 21), doubtful=0), running=True),
    "zero": wrapup([Day(date(2026, 5, 1) + timedelta(n), Usage(coverage=1.0)) for n in range(12)], running=True),
    "none": wrapup([], year=2020),
    "huge": wrapup(year_of_days(365, size=1e6)),
    "doubtful": wrapup(year_of_days(365, doubtful=0.8)),
    "redacted": wrapup(year_of_days(365), origin=ORIGIN._replace(device=None)),
    "hostile": wrapup(year_of_days(40), origin=ORIGIN._replace(device=HOSTILE)),
}
WIDTHS = (320, 360, 760, 1440, 3840)
SEEN_ALWAYS = {("full", "dark"), ("full", "light"), ("doubtful", "light"), ("zero", "dark"), ("hostile", "dark")}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
BOXES = """all => all.map(each => each.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(chromium: Browser, folder: Path, story: Wrapup, **options: Any) -> Iterator[Page]:
    """The page from a file, as a friend opens it; it asked for nothing but itself and complained of nothing."""
    file = folder / "year.html"
    file.write_text("".join(html(story, HOW)), "utf-8")
    context = chromium.new_context(**{"viewport": {"width": 760, "height": 900}, **options})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto(file.as_uri())
        yield page
        assert (asked, complaints) == ([file.as_uri()], [])
    finally:
        context.close()


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        pytest.param(name, theme, marks=() if (name, theme) in SEEN_ALWAYS else pytest.mark.long)
        for name in YEARS
        for theme in ("dark", "light")
    ],
)
def test_axe_finds_nothing(chromium: Browser, tmp_path: Path, name: str, theme: Any) -> None:
    """Every kind of year, in both themes: no accessibility finding at all, contrast included."""
    with opened(chromium, tmp_path, YEARS[name], color_scheme=theme, bypass_csp=True) as page:
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:150]) for each in found] == []


def test_it_fits_every_width(chromium: Browser, tmp_path: Path) -> None:
    """From 320 px to 4K nothing is wider than the window and no chapter has collapsed, whatever the year."""
    for story in YEARS.values():
        with opened(chromium, tmp_path, story) as page:
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                boxes = page.locator(".card, .card > *, figure, .facts > *").evaluate_all(BOXES)
                assert [box for box in boxes if box[0] < 0 or box[1] > width + 0.5 or box[2] < 10] == []


def test_it_reads_the_same_without_script(chromium: Browser, tmp_path: Path) -> None:
    """With scripts switched off not a word is missing."""
    words = []
    for allowed in (True, False):
        with opened(chromium, tmp_path, YEARS["full"], java_script_enabled=allowed) as page:
            words.append(page.locator("body").inner_text())
    assert words[0] == words[1]


def test_a_hostile_name_is_only_a_name(chromium: Browser, tmp_path: Path) -> None:
    """A device called like a script is shown as that, runs nothing and asks nobody."""
    with opened(chromium, tmp_path, YEARS["hostile"]) as page:
        assert page.title() == "2026 in data"
        assert HOSTILE in page.locator(".brand").inner_text()


def test_what_the_pictures_say_is_in_words_too(chromium: Browser, tmp_path: Path) -> None:
    """A screen reader hears each chapter's title and each drawing's meaning; the months are a table."""
    with opened(chromium, tmp_path, YEARS["full"]) as page:
        titles = page.get_by_role("heading").all_inner_texts()
        assert titles[:3] == ["2026 in data", "That is about", "Every day of it"]
        assert page.get_by_role("img", name="January:").count() == 1
        assert page.get_by_role("img").count() == 12 + 4
        page.get_by_text("The months as a table").press("Enter")
        assert page.get_by_role("row").count() == 13


def test_dark_and_light_are_the_readers_choice(chromium: Browser, tmp_path: Path) -> None:
    """The page follows the system's theme; on paper it is always light."""
    colours = {}
    for name, options in {"dark": {"color_scheme": "dark"}, "light": {"color_scheme": "light"}}.items():
        with opened(chromium, tmp_path, YEARS["full"], **options) as page:
            colours[name] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            page.emulate_media(media="print")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert colours == {"dark": "rgb(13, 17, 23)", "light": "rgb(243, 245, 248)"}


@pytest.mark.parametrize(("name", "pages"), [("full", 3), ("three", 3), ("zero", 1), ("none", 1), ("huge", 3)])
def test_it_prints_on_a4(chromium: Browser, tmp_path: Path, name: str, pages: int) -> None:
    """A year is three pages at most, and no chapter is cut between two of them."""
    with opened(chromium, tmp_path, YEARS[name]) as page:
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.count(b"/Type /Page\n") <= pages
        assert b"/MediaBox [0 0 594.95" in printed or b"/MediaBox [0 0 595" in printed
        page.emulate_media(media="print")
        cut = "all => all.every(each => getComputedStyle(each).breakInside === 'avoid')"
        assert page.locator(".card").evaluate_all(cut)


def test_its_policy_allows_nothing_else(chromium: Browser, tmp_path: Path) -> None:
    """Even code that got in could not run, load or send anything: the page forbids it by itself."""
    with opened(chromium, tmp_path, YEARS["full"], bypass_csp=False) as page:
        policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert json.dumps(policy).count("unsafe") == 0
