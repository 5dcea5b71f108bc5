"""Snapshots of every page. PACKETBUDDY_WRITE_SNAPSHOTS=1 writes them anew: look at what changed before keeping it."""

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.cli_samples import (
    BOARD,
    DAYS,
    DEVICES,
    GOLDEN,
    GOLDEN_HOW,
    HEALTH,
    HOURS,
    HOW,
    INTERFACES,
    LIVE,
    MONDAY,
    MONTH,
    NEARLY,
    NOW_NS,
    RANGE,
    SICK,
    SPEEDS,
    SUMMARY,
    SYNCED,
    TODAY,
    TOP,
    UNSYNCED,
    WELL,
    WHY,
    WORRIED,
    at,
)
from packetbuddy.cli.paper import TRUE_COLOURS, Paper
from packetbuddy.cli.render import board, charts, details, drawing, live, pages, today, words
from packetbuddy.cli.render.devices import devices_lines, sync_lines
from packetbuddy.cli.render.doctor import doctor_lines
from packetbuddy.cli.render.top import top_lines
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Days, Groups, Health, Period, SyncReport, Usage

SNAPSHOTS = Path(__file__).parent / "cli_snapshots"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
PAPERS = {
    "60": Paper(60),
    "100": Paper(100),
    "40": Paper(40),
    "60-colour": Paper(60, TRUE_COLOURS),
    "60-256": Paper(60, 256),
    "60-16": Paper(60, 16),
    "60-ascii": Paper(60, 0, ascii_only=True),
}
PAGES: dict[str, Callable[[Paper], list[str]]] = {
    "today": lambda paper: today.today_lines(TODAY, HOW, paper),
    "month": lambda paper: pages.days_lines(MONTH, HOW, paper, title=pages.month_title(MONTH), today=MONDAY),
    "range": lambda paper: pages.days_lines(RANGE, HOW, paper, title=pages.range_title(RANGE), today=MONDAY),
    "usage": lambda paper: pages.groups_lines(HOURS, HOW, paper, at(23, 3, 5)),
    "summary": lambda paper: pages.summary_lines(SUMMARY, HOW, paper),
    "live": lambda paper: [live.live_line(LIVE, SPEEDS, HOW, paper), *live.live_lines(LIVE, HOW, paper)],
    "interfaces": lambda paper: details.interfaces_lines(INTERFACES, HOW, paper),
    "why": lambda paper: details.why_lines(WHY, HOW, paper),
    "correct": lambda paper: details.correction_lines(WHY.corrections[0], HOW, paper),
    "doubt": lambda paper: details.doubt_lines(WHY.doubts[0]._replace(state="accepted"), HOW, paper),
    "doctor": lambda paper: doctor_lines(SICK, paper),
    "doctor-well": lambda paper: doctor_lines(WELL, paper),
    "doctor-nearly": lambda paper: doctor_lines(NEARLY, paper),
    "doctor-worried": lambda paper: doctor_lines(WORRIED, paper),
    "devices": lambda paper: devices_lines(DEVICES, HOW, paper, now_ns=NOW_NS),
    "devices-alone": lambda paper: devices_lines(DEVICES[:1], HOW, paper, now_ns=NOW_NS),
    "sync": lambda paper: sync_lines(SYNCED, paper, now_ns=NOW_NS),
    "sync-failing": lambda paper: sync_lines(UNSYNCED, paper, now_ns=NOW_NS),
    "sync-off": lambda paper: sync_lines(SyncReport("off", None, None, None, None, 0), paper, now_ns=NOW_NS),
    "board": lambda paper: board.board_lines(BOARD, HOW, paper, 24),
    "board-small": lambda paper: board.board_lines(BOARD, HOW, paper, 10),
    "top": lambda paper: top_lines(TOP, HOW, paper),
    "overview": lambda paper: live.overview_lines((TODAY, MONTH, LIVE, HEALTH), HOW, paper),
}


def bare(line: str) -> str:
    return ESCAPES.sub("", line)


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("page", sorted(PAGES))
def test_pages_look_as_they_did(page: str, paper: str) -> None:
    """Every page on every paper is as it was when a person last looked at it."""
    text = "\n".join(PAGES[page](PAPERS[paper])) + "\n"
    file = SNAPSHOTS / f"{page}-{paper}.txt"
    if os.environ.get("PACKETBUDDY_WRITE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("page", sorted(PAGES))
def test_nothing_is_wider_than_the_paper(page: str, paper: str) -> None:
    """No line wraps at the paper's own width, and no line ends in blanks."""
    lines = [bare(line) for line in PAGES[page](PAPERS[paper])]
    assert max(drawing.width(line) for line in lines) <= PAPERS[paper].columns
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("page", sorted(PAGES))
def test_colour_adds_nothing_but_colour(page: str) -> None:
    """Without colours every word and shape is still there: colour never carries meaning alone."""
    assert [bare(line) for line in PAGES[page](PAPERS["60-colour"])] == PAGES[page](PAPERS["60"])
    assert "\x1b" not in "".join(PAGES[page](PAPERS["60"]))


@pytest.mark.parametrize("page", sorted(PAGES))
def test_plain_paper_gets_ascii(page: str) -> None:
    """On paper that holds only ASCII there is nothing else."""
    assert "\n".join(PAGES[page](PAPERS["60-ascii"])).isascii()


def test_the_golden_table_of_today() -> None:
    """The title and the boxed table Type/Amount read exactly so."""
    assert today.today_lines(GOLDEN, GOLDEN_HOW, PAPERS["60"])[:8] == [
        "📊 Today's Usage",
        "┌──────────────┬───────────┐",
        "│ Type         │    Amount │",
        "├──────────────┼───────────┤",
        "│ ↑ Uploaded   │ 120.00 MB │",
        "│ ↓ Downloaded │ 500.00 MB │",
        "│ Total        │ 620.00 MB │",
        "│ Cost         │     ₹4.88 │",
    ]


def test_no_cost_without_a_rate() -> None:
    """A rate of 0 hides cost on every page."""
    free = Presentation()
    lines = today.today_lines(TODAY, free, PAPERS["100"])
    lines += pages.days_lines(MONTH, free, PAPERS["100"], title="", today=MONDAY)
    assert "Cost" not in "".join(lines)
    assert "₹" not in "".join(lines)


def test_the_two_colours_are_the_products() -> None:
    """Download is #4aa3ff and upload #ffb454 where the terminal can show them."""
    text = "\n".join(PAGES["month"](PAPERS["60-colour"]))
    assert "\x1b[38;2;74;163;255m█" in text
    assert "\x1b[38;2;255;180;84m▓" in text


def test_a_future_period_is_answered_in_words() -> None:
    """What has not begun is no row of zeros."""
    lines = pages.days_lines(MONTH, HOW, PAPERS["60"], title="November 2026", today=date(2026, 10, 31))
    assert lines == ["November 2026", "Nothing yet: this has not begun."]


def test_a_period_before_tracking_is_answered_in_words() -> None:
    """No data is not zero bytes."""
    empty = Days(DAYS[0].date, DAYS[1].date, DAYS[:2], Usage())
    lines = pages.days_lines(empty, HOW, PAPERS["60"], title="November 2026", today=MONDAY)
    assert lines == ["November 2026", "Nothing was counted in that time."]
    assert pages.groups_lines(Groups("5min", (), Usage()), HOW, PAPERS["60"], at(23)) == [
        "Usage by 5 minutes",
        "Nothing was counted in that time.",
    ]


def test_unobserved_days_do_not_look_like_quiet_ones() -> None:
    """A day without observation says so; a day observed with no bytes reads 0."""
    rows = [charts.Row("away", Usage(coverage=0.0)), charts.Row("quiet", Usage(coverage=1.0))]
    away, quiet, *rest = charts.chart(rows, charts.Row("Total", Usage(coverage=0.5)), HOW, PAPERS["60"])
    assert away == "away        - ◌ not observed"
    assert quiet == "quiet  0.00 B"
    assert "partly not observed" in rest[-1]


@pytest.mark.parametrize(
    ("by", "label"),
    [
        ("5min", "Mon 2026-11-23 01:00"),
        ("hour", "Mon 2026-11-23 01:00"),
        ("day", "Mon 2026-11-23"),
        ("week", "2026-W48"),
        ("month", "Nov 2026"),
        ("year", "2026"),
    ],
)
def test_groups_are_named_by_their_kind(by: str, label: str) -> None:
    """Each grouping has its own kind of name."""
    group = Groups(by, (Period(at(23, 1), at(23, 2), Usage(1, 1)),), Usage(1, 1))
    assert label in pages.groups_lines(group, HOW, PAPERS["60"], at(24))[1]


def test_the_repeated_hour_is_told_apart() -> None:
    """When the clock goes back the second of two equal hours says so."""
    second = Period(at(23, 1).replace(fold=1), at(23, 2), Usage(1, 1))
    assert "01:00 again" in pages.groups_lines(Groups("hour", (second,), Usage(1, 1)), HOW, PAPERS["60"], at(24))[1]


@pytest.mark.parametrize(
    ("total", "usual", "sentence"),
    [
        (118, 100, "18 % more than usual"),
        (60, 100, "40 % less than usual"),
        (0, 100, "100 % less than usual"),
        (103, 100, "about as usual"),
        (310, 100, "3.1 times the usual"),
        (10**6, 1, "over 100 times the usual"),
    ],
)
def test_today_against_the_usual(total: int, usual: int, sentence: str) -> None:
    """The comparison is in words that fit its size."""
    assert words.against_usual(total, usual) == sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "under 1 %"), (0.42, "42 %"), (0.996, "over 99 %"), (1, "100 %")],
)
def test_percentages_do_not_round_to_all_or_nothing(share: float, text: str) -> None:
    """Something is never 0 %, and less than all is never 100 %."""
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("running", "counting since Fri 20 Nov 2026 08:00"),
        ("stale", "not writing; last written Mon 23 Nov 2026 21:00; `pb service restart` starts it anew"),
        ("stopped", "stopped; last written Mon 23 Nov 2026 21:00; `pb service start` starts it"),
    ],
)
def test_the_overview_says_how_the_service_does(state: str, sentence: str) -> None:
    """Each state of the service is a sentence with what to do."""
    lines = live.overview_lines((TODAY, MONTH, LIVE, HEALTH._replace(state=state)), HOW, PAPERS["100"])
    assert sentence in " ".join(" ".join(lines).split())


def test_the_overview_without_history() -> None:
    """The first minute has no usual day and no times, and shows problems."""
    health = Health("running", None, None, None, "the disk is full")
    lines = live.overview_lines((TODAY._replace(usual_bytes=None), MONTH, LIVE, health), Presentation(), PAPERS["60"])
    assert lines[0] == "Today       3.42 GB"
    assert lines[-2:] == ["Service     counting", "○ the disk is full"]
    stopped = live.overview_lines((TODAY, MONTH, LIVE, Health("stopped", None, None, None, None)), HOW, PAPERS["60"])
    assert "stopped; `pb service start` starts it" in stopped[-1]


def test_live_without_interfaces_says_so() -> None:
    """Where nothing counts the speed is explained, not just 0."""
    assert "pb interfaces" in "".join(live.live_lines(LIVE._replace(interfaces=()), HOW, PAPERS["60"]))


def test_why_of_a_quiet_day_has_no_empty_sections() -> None:
    """Sections without content are left out."""
    quiet = WHY._replace(interfaces=(), events=(), gaps=(), doubts=(), corrections=(), pending_bytes=0)
    assert "" not in details.why_lines(quiet, HOW, PAPERS["60"])


def test_no_interfaces_is_a_sentence() -> None:
    """A machine without interfaces gets words."""
    assert details.interfaces_lines((), HOW, PAPERS["60"]) == ["No interfaces were found."]


def test_a_rejected_doubt_and_an_undone_correction() -> None:
    """What was decided is said."""
    rejected = details.doubt_lines(WHY.doubts[0]._replace(state="rejected"), HOW, PAPERS["100"])
    assert " ".join(rejected).endswith("It does not count.")
    undone = " ".join(details.correction_lines(WHY.corrections[1], HOW, PAPERS["100"]))
    assert "undone Mon 23 Nov 2026 11:00" in undone
    assert "--undo" not in undone


def test_names_cannot_steer_the_terminal() -> None:
    """Control characters in a name or reason reach no terminal."""
    assert "\x1b" not in "".join(details.interfaces_lines(INTERFACES, HOW, PAPERS["60"]))
    assert "\x1b" not in "".join(devices_lines(DEVICES, HOW, PAPERS["60"], now_ns=NOW_NS))


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [("abc", 5, "abc  "), ("abcdef", 4, "abc~"), ("日本語", 5, "日本…"), ("été", 2, "é…"), ("a", 0, "")],
)
def test_text_is_fitted_to_columns(text: str, columns: int, expected: str) -> None:
    """Padding and cutting count columns, not characters."""
    assert drawing.fitted(text, columns) == expected.ljust(columns - drawing.width(expected) + len(expected))
    assert drawing.width(drawing.fitted(text, columns)) == columns


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0, 1), st.integers(1, 50))
def test_bars_share_their_cells(sent: int, received: int, share: float, cells: int) -> None:
    """A bar has exactly its cells, none negative; with room for two, each direction that moved is visible."""
    usage = Usage(sent, received, estimated=int((sent + received) * share))
    down, down_guessed, up, up_guessed = charts.bar_cells(usage, cells)
    assert min(down, down_guessed, up, up_guessed) >= 0
    assert down + down_guessed + up + up_guessed == cells
    if cells > 1:
        assert bool(up + up_guessed) >= bool(sent)
        assert bool(down + down_guessed) >= bool(received)
    assert bool(down_guessed + up_guessed) == bool(usage.estimated)


@given(st.lists(st.floats(0, 1e12), max_size=80), st.integers(-5, 60))
def test_sparklines_fit(values: list[float], columns: int) -> None:
    """A sparkline has a mark per value, as many as fit, and any values can be drawn."""
    line = charts.sparkline(values, columns, PAPERS["60"])
    assert len(line) == min(len(values), max(0, columns))


def test_a_bar_without_room_is_left_out() -> None:
    """On very narrow paper figures go before bars, and the running day keeps its mark."""
    rows = [charts.Row("a" * 20, Usage(5, 5), running=True), charts.Row("b", Usage(5, 5))]
    lines = charts.chart(rows, charts.Row("Total", Usage(10, 10)), HOW, Paper(34))
    assert lines[0].endswith("10.00 B   …")
    assert lines[1].endswith("10.00 B")


@pytest.mark.parametrize(
    ("usage", "sentence"),
    [(Usage(coverage=1.0), "Nothing has moved yet today."), (Usage(), "Nothing was observed yet today")],
)
def test_an_empty_day_says_what_it_means(usage: Usage, sentence: str) -> None:
    """No bytes is a sentence: nothing moved, or nothing was watching; and no comparison with the usual day."""
    text = "\n".join(today.today_lines(TODAY._replace(usage=usage), HOW, PAPERS["100"]))
    assert sentence in text
    assert "usual" not in text


def test_charts_without_bars_have_no_legend() -> None:
    """The legend explains only what occurs."""
    lines = charts.chart([charts.Row("a", Usage(coverage=1.0))], charts.Row("Total", Usage()), HOW, PAPERS["60"])
    assert len(lines) == 3


def test_groups_begin_and_end_with_data() -> None:
    """Hours that have not been, or were before tracking, are no rows; those between are."""
    around = [Period(at(23, hour), at(23, hour + 1), Usage(1, 1) if hour in {3, 5} else Usage()) for hour in range(9)]
    lines = pages.groups_lines(Groups("hour", tuple(around), Usage(2, 2)), HOW, PAPERS["60"], at(24))
    assert [line.split()[2] for line in lines[1:4]] == ["03:00", "04:00", "05:00"]
    assert lines[4].startswith("─")


def test_a_summary_without_extremes() -> None:
    """What is not known about the tracking is left out, not shown as zero."""
    bare_summary = SUMMARY._replace(usage=Usage(1, 1), first_day=None, peak_at=None, last_update=None)
    text = "\n".join(pages.summary_lines(bare_summary, HOW, PAPERS["60"]))
    assert text.startswith("Since the beginning")
    assert not any(word in text for word in ("Peak", "Observed", "Last update", "estimated"))
