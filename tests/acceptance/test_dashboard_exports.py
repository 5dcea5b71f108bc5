"""The year wrap-up in one click, and the other exports, on the dashboard in a real Chromium."""

import csv
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acceptance.browser import Seen, requires_browser
from acceptance.faking import requires_faketime
from acceptance.story import Served, Story
from packetbuddy.reports.quantities import amount

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

STORY = Story(datetime(2025, 11, 10, tzinfo=UTC), datetime(2026, 1, 18, 14, tzinfo=UTC))
NOW = "2026-01-18 14:20:00"
EVER = STORY.sums()
CABLE_NAME = "lan0"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("story") / "home", NOW).write(STORY).counting() as served:
        yield served


def taken(seen: Seen, name: str, *, key: str | None = None) -> tuple[str, str]:
    """Name and text of the file that a link gives, by mouse or by key."""
    link = seen.page.get_by_role("link", name=name, exact=True)
    with seen.page.expect_download() as waiting:
        if key is None:
            link.click()
        else:
            link.focus()
            seen.page.keyboard.press(key)
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text("utf-8")


def test_the_wrap_up_comes_with_one_click_and_by_keyboard(seen: Seen) -> None:
    """In January the button makes the page of the year that is over; Enter does what the mouse does."""
    name, text = taken(seen, "Make 2025 wrap-up")
    assert name == "packetbuddy-2025.html"
    assert "<h1>2025 in data</h1>" in text
    assert taken(seen, "Make 2025 wrap-up", key="Enter")[0] == name


def test_every_format_is_one_click_away(seen: Seen) -> None:
    """CSV, JSON, Markdown and TOON hold the ledger's true sums."""
    rows = list(csv.DictReader(taken(seen, "CSV")[1].splitlines()))
    assert sum(int(row["total_bytes"]) for row in rows) == EVER.total
    assert json.loads(taken(seen, "JSON")[1])["totals"]["total_bytes"] == EVER.total
    assert tomllib.loads(taken(seen, "TOON")[1])["totals"]["total_bytes"] == EVER.total
    assert taken(seen, "Markdown")[1].startswith("# Internet usage, 10 November 2025 to 18 January 2026")


def test_the_card_says_what_the_files_hold_and_follows_the_link(seen: Seen) -> None:
    """Days and bytes are the ledger's; with one link chosen, the files are of that link."""
    assert amount(EVER.total, "decimal") in seen.text("take-note")
    seen.page.locator("#link").select_option(CABLE_NAME)
    seen.page.wait_for_function("() => document.querySelector('#take-files a').href.includes('interface=')")
    report = json.loads(taken(seen, "JSON")[1])
    assert report["meta"]["interface"] == CABLE_NAME
    assert report["totals"]["total_bytes"] < EVER.total
