"""Every format for programs parses back to the days it was made of, whatever devices are called."""

import json as stdlib_json
import tomllib
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from toon_format import decode, encode

from packetbuddy.exports import as_official
from packetbuddy.exports.as_csv import COLUMNS, csv
from packetbuddy.exports.as_json import json
from packetbuddy.exports.as_markdown import markdown, plain
from packetbuddy.exports.as_official import official
from packetbuddy.exports.as_toon import toon
from packetbuddy.exports.formats import KINDS, SERIES, file_name
from packetbuddy.reports.history import History
from packetbuddy.reports.model import Day, Usage
from unit.histories import HOW, ORIGIN, history, year_of_days
from unit.readers import READERS

MANY = settings(max_examples=60, deadline=None)
BYTES = st.one_of(st.integers(0, 1000), st.integers(0, 2**62))
NASTY = (
    *('=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", '"', "a,b", "a\nb\r\nc", "", "true", "1e3"),
    *("</script><script>", "\N{PILE OF POO}", "''' \"\"\"", "\\", "| x | `y` | <b>", "\x00\x1f\x7f", "[meta]", "# no"),
)
NAMES = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.none())


def usages() -> st.SearchStrategy[Usage]:
    coverage = st.one_of(st.just(1.0), st.none(), st.floats(0, 1).map(lambda share: round(share, 6)))
    return st.builds(
        Usage, BYTES, BYTES, st.one_of(st.none(), st.integers(1, 2**50)), coverage, st.sampled_from([0, 7])
    )


@st.composite
def ledgers(draw: st.DrawFn) -> list[Day]:
    """Some days in a row; now and then the zone skipped one of them."""
    first = draw(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
    found = draw(st.lists(usages(), max_size=70))
    skipped = draw(st.integers(1, 200))
    dates = (first + timedelta(place) for place in range(len(found) + 1) if place != skipped)
    return [Day(day, usage) for day, usage in zip(dates, found, strict=False)]


def reported(days: list[Day], name: str | None = "study-laptop") -> History:
    return history(days, ORIGIN._replace(device=name, interface=name))


@pytest.mark.parametrize("name", READERS)
@MANY
@given(days=ledgers(), device=NAMES)
def test_the_days_come_back(name: str, days: list[Day], device: str | None) -> None:
    """For arbitrary days and names, what was written parses to exactly those days."""
    text = "".join(SERIES[name].pieces(reported(days, device), HOW))
    assert READERS[name](text) == days


@MANY
@given(device=NAMES)
@example(device="=1+1")
def test_names_come_back_where_they_are_told(device: str | None) -> None:
    """A name with anything in it is the same name in JSON and TOON; left out, it is nowhere."""
    report = reported(year_of_days(3), device)
    assert stdlib_json.loads("".join(json(report, HOW)))["meta"]["device"] == device
    assert decode("".join(official(report, HOW)))["meta"]["device"] == device
    assert tomllib.loads("".join(toon(report, HOW)))["meta"].get("device") == device


@MANY
@given(days=ledgers(), device=NAMES)
def test_csv_is_dates_and_numbers_only(days: list[Day], device: str | None) -> None:
    """RFC 4180, and no cell that a spreadsheet could take for a formula: no name ever gets in."""
    text = "".join(csv(reported(days, device), HOW))
    lines = text.split("\r\n")
    assert (lines[0], lines[-1]) == (",".join(COLUMNS), "")
    assert all(set(line) <= set("0123456789-.,") and line[0].isdigit() for line in lines[1:-1])
    assert {line.count(",") for line in lines[:-1]} == {len(COLUMNS) - 1}


@MANY
@given(name=NAMES.filter(lambda name: name is not None))
def test_markdown_takes_names_for_text(name: str) -> None:
    """A name stays on one line, and everything in it that Markdown could read as a sign is escaped."""
    written = plain(name)
    assert written.isprintable()
    assert all(before == "\\" for before, sign in pairwise(written) if sign in "|<`*_[")


def test_markdown_tells_people() -> None:
    """Title, the whole, years, months with cost, a table of days per month; estimated and unobserved time is marked."""
    days = year_of_days(70, first=date(2025, 12, 1), doubtful=0.2)
    text = "".join(markdown(history(days), HOW))
    assert text.startswith(
        "# Internet usage, 1 December 2025 to 8 February 2026\n\nDevice study-laptop · All counted links"
    )
    for title in (
        "\n## Years\n",
        "\n## Months\n",
        "\n### December 2025\n",
        "\n### February 2026\n",
        "estimated time.\n",
    ):
        assert title in text
    assert text.count("\n| Mon ") == sum(day.date.weekday() == 0 for day in days)
    assert "| Cost |" in text
    assert "Cost" not in "".join(markdown(history(days), HOW.free))
    one = "".join(markdown(reported(days[:1]), HOW))
    assert one.startswith("# Internet usage, 1 December 2025\n")
    assert "## Years" not in one
    assert "Nothing was counted" in "".join(markdown(history([]), HOW))


def test_markdown_of_days_that_nobody_knows() -> None:
    """Where there is neither a speed nor time that has passed, there is a dash and no record."""
    text = "".join(markdown(reported([Day(date(2026, 1, 1), Usage())], None), HOW.free))
    assert "| Thu 1 | 0 B | 0 B | 0 B | - | - |" in text
    assert "Fastest:" not in text
    assert "Busiest" not in text


def test_toon_has_its_sections_and_keys() -> None:
    """The sections and keys that people and models rely on; words have one decimal."""
    days = year_of_days(60, first=date(2025, 12, 1))
    found = tomllib.loads("".join(toon(history(days), HOW)))
    assert list(found) == [
        *("meta", "tracking", "totals", "year_2025", "year_2026", "records", "averages", "monthly", "daily")
    ]
    assert set(found["totals"]) == {"bytes_sent", "bytes_received", "total_bytes", "human", "cost"}
    assert set(found["year_2026"]) == {"bytes_sent", "bytes_received", "total_bytes", "human", "days"}
    assert set(found["totals"]["human"]) == {"sent", "received", "total"}
    assert found["totals"]["human"]["total"].partition(" ")[0][-2] == "."
    assert {"peak_speed_bps", "peak_speed_human", "peak_day"} <= set(found["records"])
    assert found["monthly"]["first"] == "2025-12"
    assert found["tracking"]["first_day"] == date(2025, 12, 1)


def test_toon_leaves_out_what_is_not_known() -> None:
    """Without a price no cost, without traffic no records, without days nothing but the sections."""
    silent = tomllib.loads("".join(toon(history([Day(date(2026, 1, 1), Usage(coverage=1.0))]), HOW.free)))
    assert silent["records"] == {}
    assert "cost" not in silent["totals"]
    assert "rate" not in silent["meta"]
    empty = tomllib.loads("".join(toon(history([]), HOW)))
    assert "first_day" not in empty["tracking"]
    assert empty["daily"] == {"bytes_sent": [], "bytes_received": [], "peak_speed_bps": []}


def test_json_has_everything_with_words() -> None:
    """Totals, averages, peaks, years, months and days, each with words beside the bytes; cost where sums are."""
    days = year_of_days(40, first=date(2025, 12, 10))
    found = stdlib_json.loads("".join(json(history(days), HOW)))
    assert list(found) == ["meta", "tracking", "totals", "averages", "peaks", "years", "months", "days"]
    assert found["totals"]["cost"]["currency"] == "INR"
    assert [each["year"] for each in found["years"]] == [2025, 2026]
    assert [each["month"] for each in found["months"]] == ["2025-12", "2026-01"]
    assert found["peaks"]["busiest_day"]["total_bytes"] == max(day.usage.total for day in days)
    assert all(set(day["human_readable"]) == {"sent", "received", "total"} for day in found["days"])
    assert stdlib_json.loads("".join(json(history([]), HOW)))["tracking"]["first_day"] is None


@pytest.mark.parametrize("count", [0, 1, 2, 366, 367, 800])
def test_official_pieces_are_one_document(count: int) -> None:
    """Encoded piece by piece it is, to the byte, what the library makes of all of it at once."""
    report = history(year_of_days(count))
    text = "".join(official(report, HOW))
    whole = {**as_official._head(report, HOW), "daily": list(map(as_official._day, report.days()))}
    assert text == encode(whole) + "\n"


def test_files_have_names_of_their_days() -> None:
    """A file says which days it holds, and its ending what it is."""
    assert file_name(history(year_of_days(3)), "csv") == "packetbuddy-2026-01-01-to-2026-01-03.csv"
    assert file_name(history(year_of_days(1)), KINDS["markdown"].suffix) == "packetbuddy-2026-01-01.md"
