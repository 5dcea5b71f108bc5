"""The dashboard in a real Chromium over the real API: every section shows the ledger's true figures."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Route

import packetbuddy
from acceptance.browser import Browser, Seen, requires_browser
from acceptance.faking import requires_faketime
from acceptance.story import CABLE, PEAK, Served, Story
from packetbuddy.billing.money import Price, cost_of, money, rate_text
from packetbuddy.cli.render.places import form_for
from packetbuddy.reports.quantities import amount, rough, speed
from packetbuddy.settings.load import parse
from unit.calm import Stopwatch

pytestmark = [pytest.mark.acceptance, requires_browser, requires_faketime]

STORY = Story(datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 18, 14, tzinfo=UTC))
NOW = "2026-03-18 14:20:00"
TODAY = STORY.sums("2026-03-18")
MONTH = STORY.sums("2026-03")
EVER = STORY.sums()
TO = "\N{EN DASH}"
PRICE = Price(Decimal("7.50"), "INR", "GB")
DASHBOARD = Path(packetbuddy.__file__).parent / "api" / "dashboard"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("story") / "home", NOW).write(STORY).counting() as served:
        yield served


@pytest.fixture
def fresh(browser: Browser, served: Served) -> Iterator[Seen]:
    """A dashboard of the test's own; by its end it must not have complained, nor asked anybody else."""
    yield from opened(browser, served)


@pytest.fixture(scope="module")
def seen(browser: Browser, served: Served) -> Iterator[Seen]:
    """The same for all tests that only look."""
    yield from opened(browser, served)


def opened(browser: Browser, served: Served) -> Iterator[Seen]:
    with browser.page(served.address) as seen:
        yield seen
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith((served.address, "data:"))] == []


def written(count: int) -> str:
    return amount(count, "decimal")


def priced(count: int) -> str:
    return money(cost_of(count, PRICE), "INR", form_for("en_GB"))


def bars(seen: Seen, chart: str = "month-chart") -> list[str]:
    """What the bars of a chart say of themselves."""
    labels = seen.page.locator(f"#{chart} button").evaluate_all("all => all.map(each => each.ariaLabel)")
    return [str(label) for label in labels]


def test_today(seen: Seen) -> None:
    """Today shows the ledger's directions, total, cost, distribution, and what a usual day has by now."""
    assert seen.text("today-total") == written(TODAY.total)
    assert seen.text("today-down") == written(TODAY.received)
    assert seen.text("today-up") == written(TODAY.sent)
    assert seen.text("today-cost") == priced(TODAY.total)
    assert seen.text("today-date") == "Wed 18 Mar"
    share = round(100 * TODAY.received / TODAY.total)
    assert seen.page.locator("#ring").get_attribute("aria-label") == f"{share} % downloaded, {100 - share} % uploaded"
    usual = 612_000_037  # the median of the Wednesdays before, until 14:20
    assert f"A usual Wednesday has {rough(usual, 'decimal')} by now" in seen.text("today-note")


def test_lifetime_and_quick_stats(seen: Seen) -> None:
    """Lifetime and quick stats are the ledger's sums, days, peak and points."""
    days = len({hour.at.date() for hour in STORY.hours()})
    assert seen.text("lifetime-total") == written(EVER.total)
    assert seen.text("lifetime-down") == written(EVER.received)
    assert seen.text("lifetime-up") == written(EVER.sent)
    assert seen.text("lifetime-cost") == priced(EVER.total)
    assert seen.text("lifetime-average") == written(EVER.total // days)
    assert seen.text("lifetime-note") == f"over {days} days with data"
    assert seen.text("lifetime-since") == "since 10 January 2026"
    assert seen.text("quick-peak") == speed(PEAK, "decimal", "bytes")
    assert seen.text("quick-peak-at") == "14 Feb, 20:00"
    assert seen.text("quick-devices") == "1"
    assert seen.text("quick-points") == f"{len({hour.at for hour in STORY.hours()}):,}"
    assert seen.text("quick-update").startswith("14:20:")
    assert seen.text("health-words").startswith("counting since 10 Jan 2026 · 97.")


def test_month_and_its_table_agree_with_today(seen: Seen) -> None:
    """Every bar and every row of the month is its day's sum, and today's bar is the Today card to the byte."""
    labels = bars(seen)
    assert len(labels) == 31
    for day in (1, 7, 9, 17, 18):
        sums = STORY.sums(f"2026-03-{day:02}")
        assert f"{written(sums.total)} · {priced(sums.total)}" in labels[day - 1]
        assert f"↓ {written(sums.received)} downloaded, ↑ {written(sums.sent)} uploaded" in labels[day - 1]
    assert labels[17].startswith(f"Wed 18 Mar, so far, {seen.text('today-total')}")
    assert labels[18] == "Thu 19 Mar, not yet"
    assert seen.text("month-title") == "March 2026"
    assert seen.text("month-total") == f"{written(MONTH.total)} · {priced(MONTH.total)}"
    seen.page.locator("details.tables").first.evaluate("details => { details.open = true }")
    rows = [re.split(r"\t+", row) for row in seen.page.locator("#month-table tbody tr").all_inner_texts()]
    assert len(rows) == 18
    assert [cell.strip() for cell in rows[17]][:5] == [
        "Wed 18 Mar", written(TODAY.received), written(TODAY.sent), written(TODAY.total), priced(TODAY.total),
    ]  # fmt: skip


def test_honest_marks_occur_only_where_they_are_needed(fresh: Seen) -> None:
    """Unobserved and estimated time is said by the bar and explained in the legend; a month without has no legend."""
    labels = bars(fresh)
    assert labels[4] == "Thu 5 Mar, not observed"
    assert "50 % of the time not observed" in labels[6]
    assert "19.00 MB at estimated times" in labels[8]
    assert fresh.text("month-legend") == "↓ download ↑ upload today, so far time estimated not observed"
    fresh.page.get_by_role("button", name="Previous month").click()
    fresh.shows("month-title", "February 2026")
    assert fresh.text("month-legend") == "↓ download ↑ upload"


def test_months_can_be_turned_as_far_as_there_is_data(fresh: Seen) -> None:
    """Previous and next lead through the months with data and no further; each shows its own sum."""
    before, after = (fresh.page.get_by_role("button", name=f"{which} month") for which in ("Previous", "Next"))
    assert after.is_disabled()
    before.click()
    fresh.shows("month-total", f"{written(STORY.sums('2026-02').total)} · {priced(STORY.sums('2026-02').total)}")
    before.click()
    fresh.shows("month-title", "January 2026")
    assert before.is_disabled()
    assert bars(fresh)[8] == "Fri 9 Jan, before counting began"
    after.click()
    after.click()
    fresh.shows("month-title", "March 2026")


def test_two_quick_steps_are_two(fresh: Seen) -> None:
    """Whoever turns on before a slow month is there gets the month after it, and none beyond the ends."""

    def late(route: Route) -> None:
        fresh.page.wait_for_timeout(300)
        route.continue_()

    fresh.page.route("**/api/month*", late)
    before, after = (fresh.page.get_by_role("button", name=f"{which} month") for which in ("Previous", "Next"))
    for _ in range(2):
        before.evaluate("button => button.click()")
    fresh.shows("month-title", "January 2026")
    for _ in range(4):
        after.evaluate("button => button.click()")
    fresh.shows("month-title", "March 2026")
    fresh.page.unroute_all(behavior="wait")


def test_a_day_opens_its_hours(fresh: Seen) -> None:
    """A click on a day shows its 24 hours, each the ledger's; today has a running hour and hours to come."""
    fresh.page.locator("#month-chart button").nth(9).click()
    fresh.shows("hours-title", "Tuesday 10 March")
    labels = bars(fresh, "hours-chart")
    assert len(labels) == 24
    for hour in STORY.hours():
        if hour.at.isoformat().startswith("2026-03-10") and hour.at.hour != 10:
            assert labels[hour.at.hour].startswith(f"{hour.at:%H}:00 {TO} {(hour.at.hour + 1) % 24:02}:00, ")
            assert f", {written(hour.total)} · " in labels[hour.at.hour]
    fresh.page.locator("#month-chart button").nth(17).click()
    fresh.shows("hours-title", "Wednesday 18 March")
    assert fresh.text("hours-total") == written(TODAY.total)
    labels = bars(fresh, "hours-chart")
    assert labels[14].startswith(f"14:00 {TO} 15:00, so far")
    assert labels[15] == f"15:00 {TO} 16:00, not yet"
    fresh.page.get_by_role("button", name="Close").click()
    fresh.page.locator("#hours").wait_for(state="hidden")


def test_hover_tells_the_details(seen: Seen) -> None:
    """Pointing at a bar or at an hour of the week says its figures, and leaving takes them away."""
    seen.page.locator("#month-chart button").nth(9).hover()
    tip = seen.page.locator("#tip")
    sums = STORY.sums("2026-03-10")
    assert tip.inner_text().split("\n\n")[:2] == ["Tue 10 Mar", f"{written(sums.total)} · {priced(sums.total)}"]
    seen.page.locator("#today-total").hover()
    tip.wait_for(state="hidden")
    weeks = [hour for hour in STORY.hours() if hour.at.weekday() == 5 and hour.at.hour == 20]
    seen.page.locator("#heat tbody tr").nth(5).locator("td").nth(20).hover()
    assert tip.inner_text().split("\n\n") == [f"Saturday, 20:00 {TO} 21:00", written(sum(hour.total for hour in weeks))]


def test_when_names_the_busiest_hour(seen: Seen) -> None:
    """The heat map has a cell for every hour of the week and names the busiest."""
    assert seen.page.locator("#heat [role=gridcell]").count() == 7 * 24
    sums: dict[tuple[int, int], int] = {}
    for hour in STORY.hours():
        key = (hour.at.weekday(), hour.at.hour)
        sums[key] = sums.get(key, 0) + hour.total
    weekday, at = max(sums, key=lambda key: sums[key])
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assert seen.text("when-answer") == f"Mostly {names[weekday]}, {at:02}:00 {TO} {at + 1:02}:00"


def test_links_say_what_counts_and_filter_the_page(fresh: Seen) -> None:
    """Each link has its bytes and its reason; choosing one shows only its figures, everywhere, and back again."""
    cable = STORY.sums(series=CABLE)
    item = fresh.page.locator("#linklist li", has_text=re.compile("^lan0"))
    assert written(cable.total) in item.inner_text()
    assert "not there now" in item.inner_text()
    fresh.page.locator("#link").select_option("lan0")
    fresh.shows("lifetime-total", written(cable.total))
    assert fresh.text("live-down") == TO
    assert fresh.text("today-total") == written(STORY.sums("2026-03-18", CABLE).total)
    march = STORY.sums("2026-03", CABLE).total
    assert fresh.text("month-total") == f"{written(march)} · {priced(march)}"
    fresh.page.locator("#link").select_option("")
    fresh.shows("lifetime-total", written(EVER.total))


def test_reload_keeps_the_peak(fresh: Seen) -> None:
    """The peak is the recorded one: a reload changes nothing."""
    peak = f"peak {speed(PEAK, 'decimal', 'bytes')} · 14 Feb, 20:00"
    assert fresh.text("live-peak") == peak
    fresh.page.reload()
    fresh.shows("live-peak", peak)


def test_live_moves_each_second(seen: Seen) -> None:
    """The rolling minute gains a bar each second, also while nothing moves on the counted link."""
    seen.shows("live-down", "0 B/s")
    seen.page.wait_for_function("() => document.getElementById('minute').ariaLabel.includes('download up to 0 B/s')")
    watch = Stopwatch()
    _known, *fresh = seen.page.evaluate(
        """() => new Promise(done => {
          const source = new EventSource("/api/stream");
          const events = [];
          source.addEventListener("live", ({ data }) => {
            events.push(JSON.parse(data));
            if (events.length === 4) { source.close(); done(events); }
          });
        })"""
    )
    assert watch.seconds < 5
    first, _second, third = (datetime.fromisoformat(each["at"]) for each in fresh)
    assert (third - first).total_seconds() + watch.stalled > 1


def test_the_page_says_how_to_set_a_plan_and_where_settings_live(seen: Seen) -> None:
    """Without a plan there is an inviting card with an example that our own settings accept."""
    example = seen.page.locator("#plan-example").inner_text()
    assert [plan.name for plan in parse(tomllib.loads(example)).plans] == ["Home"]
    assert "config.toml" in seen.page.locator("footer").inner_text()


def test_quantities_are_written_as_the_service_writes_them(seen: Seen) -> None:
    """The page's own formatter gives, for any size, exactly the words of the service's."""
    counts = [0, 1, 999, 1000, 999_994, 999_995, 9_995, 9_996_000, 12_345_678, 2**53 - 1]
    counts += [step * 10**power + 5 for power in range(2, 15) for step in (1, 3, 9)]
    samples = {
        units: {"total_bytes": 1_500_000, "human_readable": {"total": amount(1_500_000, units)}}
        for units in ("decimal", "binary", "windows")
    }
    script = """async ([counts, samples]) => {
      const it = await import("/dashboard/js/quantities.js?apart");
      const all = {};
      for (const units of ["decimal", "binary", "windows"]) {
        for (const style of ["bytes", "bits"]) {
          it.learnUnits([samples[units]]);
          it.learnSpeed(style === "bits" ? "0 bit/s" : "0 B/s");
          all[`${units} ${style}`] = counts.map(each => [it.amount(each), it.rough(each), it.speed(each)]);
        }
      }
      return all;
    }"""
    for key, rows in seen.page.evaluate(script, [counts, samples]).items():
        units, style = key.split()
        assert rows == [[amount(n, units), rough(n, units), speed(n, units, style)] for n in counts]


@pytest.mark.parametrize("place", ["en-IN", "de-DE", "es-ES", "sv-SE", "en-CA"])
def test_costs_are_written_as_the_readers_place_writes_them(browser: Browser, served: Served, place: str) -> None:
    """Costs that the page adds up have the service's coins, and the point, groups and symbol of the reader's place."""
    counts = [0, 1, 10**6, 10**9, 123_456_789_012, 987_654_321_098_765]
    script = """async ([counts, written, rate, currency]) => {
      const it = await import("/dashboard/js/money.js?apart");
      const total = { cost: 1234.5, cost_formatted: written };
      it.learnPrice({ total, rate_per_gb: rate, currency });
      return [...counts.map(it.costOf), it.priced(total), it.rateWords()];
    }"""
    form = form_for(place.replace("-", "_"))
    with browser.page(served.address, locale=place) as seen:
        for currency in ("EUR", "JPY", "CHF", "KWD", "INR" if place == "en-IN" else "EUR"):
            price = Price(Decimal("7.125"), currency, "GB")
            shown = seen.page.evaluate(script, [counts, money(Decimal(1), currency), 7.125, currency])
            wanted = [money(cost_of(count, price), currency, form) for count in counts]
            wanted += [money(Decimal("1234.5"), currency, form), rate_text(price, form).replace(" per ", "/")]
            assert [_bare(text) for text in shown] == [_bare(text) for text in wanted]
        amount = seen.text("today-cost").replace("INR", "₹")
        assert _bare(amount) == _bare(money(cost_of(TODAY.total, PRICE), "INR", form))


def _bare(text: str) -> str:
    """Without spaces, and with one sign for the yen."""
    return "".join(text.replace("JPY", "¥").replace("JP¥", "¥").split())


def test_the_files_are_small_and_need_nobody_else() -> None:
    """JS and CSS stay within 350 KB, each module of ours under 200 lines, without a word of inline script or style."""
    ours = [*DASHBOARD.glob("js/*.js"), *DASHBOARD.glob("css/*.css")]
    assert sum(file.stat().st_size for file in [*ours, DASHBOARD / "vendor" / "chart.umd.js"]) <= 350 * 1024
    assert max(len(file.read_text("utf-8").splitlines()) for file in DASHBOARD.glob("js/*.js")) < 200
    page = (DASHBOARD / "index.html").read_text("utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", page)
    assert "MIT License" in (DASHBOARD / "vendor" / "chart.LICENSE.txt").read_text("utf-8")
    assert not [file.name for file in ours if "://" in file.read_text("utf-8").replace("http://www.w3.org/", "")]


def test_the_scale_stays_in_a_narrow_window(browser: Browser, served: Served) -> None:
    """The bars are turned to the running day, the figures beside them stay where they are, level with their lines."""
    with browser.page(served.address, width=360) as seen:
        axis = seen.page.locator("#month-chart .axis")
        told = axis.locator("span").all_inner_texts()
        assert told[0] == "0"
        assert all(words.endswith(" GB") for words in told[1:])
        turned = seen.page.evaluate("document.getElementById('month-bars').scrollLeft")
        bars, scale = seen.page.locator("#month-bars").bounding_box(), axis.bounding_box()
        assert bars is not None
        assert scale is not None
        assert turned > 0
        assert scale["x"] == pytest.approx(bars["x"], abs=1)
        assert seen.complaints == []
