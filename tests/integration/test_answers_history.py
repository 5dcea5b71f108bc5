"""The report of the exports: the same figures as every other answer, cut where it should be, as of one instant."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from integration.ledgers import CABLE, Counting, Machine, asking, at, cold
from packetbuddy.answers.export import exported, order
from packetbuddy.answers.heatmap import heatmap
from packetbuddy.answers.history import Bounds, Maker, history, wrapup, year_bounds
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary
from packetbuddy.errors import LedgerMissingError, WrongUsageError
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History
from packetbuddy.reports.model import Day
from unit.readers import READERS

MAKER = Maker("study-laptop", "2.0.0")
HOW = Presentation()
EVERYTHING = Bounds()
FIRST, LAST = date(2025, 12, 29), date(2026, 2, 3)


def winter(root: Path) -> Machine:
    """Five weeks over New Year: some traffic each evening, a week without a monitor, something still pending."""
    machine = Machine(at(2025, 12, 29, 6))
    with Counting(root, machine) as counting:
        for day in range(18):
            evening = at(2025, 12, 29, 20) + day * 86_400 * 10**9
            counting.use(evening, rx=10**9 + day, tx=10**8)
    machine.run_until(at(2026, 1, 22, 9))
    machine.reboot()
    with Counting(root, machine) as counting:
        counting.use(at(2026, 1, 23, 8), rx=7 * 10**9, tx=5, identity=CABLE)
        counting.use(at(2026, 2, 1, 23), rx=9 * 10**9, tx=10**9)
    machine.run_until(at(2026, 2, 3, 12))
    machine.move(1234, 56)
    return machine


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Question:
    root = tmp_path_factory.mktemp("winter")
    return asking(root, winter(root), zone="Asia/Kolkata")


def whole(question: Question, bounds: Bounds = EVERYTHING) -> History:
    """The report with its days read, so that it can be looked at when it is closed."""
    with history(question, bounds, MAKER) as report:
        rows = tuple(report.days())
        assert tuple(report.days()) == rows
    return report._replace(days=lambda: iter(rows))


def test_it_says_what_all_others_say(question: Question) -> None:
    """Days, total, months, years and records are those of range, summary and usage, what is pending included."""
    report, ever = whole(question), summary(question)
    assert tuple(report.days()) == days(question, FIRST, LAST).days
    assert report.total.usage == ever.usage
    assert (report.total.first, report.total.tracked) == (ever.first_day, ever.days_tracked)
    assert (report.records.peak, report.records.peak_at) == (ever.usage.peak, ever.peak_at)
    by_month = groups(question, by="month", first=FIRST, last=LAST, top=None).groups
    assert [month.usage for month in report.months] == [group.usage for group in by_month]
    assert [year.first.year for year in report.years] == [2025, 2026]
    assert sum(year.usage.total for year in report.years) == ever.usage.total
    assert report.records.busiest == max(report.days(), key=lambda day: day.usage.total)
    assert report.length == (LAST - FIRST).days + 1


def test_without_the_cache_it_is_the_same(question: Question) -> None:
    """The cache makes it quick and changes nothing."""
    warm = whole(question)
    with cold(question) as same:
        found = whole(same)
    assert found._replace(days=warm.days) == warm
    assert list(found.days()) == list(warm.days())


@pytest.mark.parametrize(
    ("bounds", "first", "last"),
    [
        (Bounds(date(2026, 1, 5)), date(2026, 1, 5), LAST),
        (Bounds(last=date(2026, 1, 5)), FIRST, date(2026, 1, 5)),
        (Bounds(date(1970, 1, 1), date(2999, 12, 31)), FIRST, LAST),
        (year_bounds(2025), FIRST, date(2025, 12, 31)),
        (Bounds(date(2026, 1, 17), date(2026, 1, 18)), date(2026, 1, 17), date(2026, 1, 18)),
    ],
)
def test_ranges_are_cut_to_what_was_tracked(question: Question, bounds: Bounds, first: date, last: date) -> None:
    """Asked for more, the report begins with the first tracked day and ends today; unobserved days inside are told."""
    report = whole(question, bounds)
    assert (report.total.first, report.total.last) == (first, last)
    assert [day.date for day in report.days()] == [first + timedelta(n) for n in range((last - first).days + 1)]
    assert tuple(report.days()) == days(question, first, last).days


@pytest.mark.parametrize(
    "bounds", [year_bounds(2020), year_bounds(2030), Bounds(date(2027, 1, 1)), Bounds(last=date(1990, 1, 1))]
)
def test_where_nothing_was_tracked_there_is_nothing(question: Question, bounds: Bounds) -> None:
    """Before and after, the report is empty and says for when."""
    report = whole(question, bounds)
    assert (list(report.days()), report.months, report.years, report.length) == ([], (), (), 0)
    assert report.total.usage.total == 0
    assert bounds.first in {None, report.total.first}
    assert bounds.last in {None, report.total.last}
    assert report.total.first <= report.total.last


def test_one_interface(question: Question) -> None:
    """Of one interface the report begins with the day on which it first moved; one that never did has no days."""
    report = whole(question._replace(interface="eth0"))
    assert report.origin.interface == "eth0"
    assert (report.total.first, report.total.usage.total) == (date(2026, 1, 23), 7 * 10**9 + 5)


def test_an_interface_that_never_moved_has_no_days(tmp_path: Path) -> None:
    """It is known, and there is nothing to tell of it."""
    machine = Machine(at(2026, 3, 1))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 3, 2), rx=5)
    assert list(whole(asking(tmp_path, machine, interface="eth0")).days()) == []


def test_the_year_is_told_as_the_other_answers_tell_it(question: Question) -> None:
    """Days, months, hours of the week, the busiest day's hours and the year before add up with everything else."""
    told = wrapup(question, 2026, MAKER)
    first = date(2026, 1, 1)
    assert (told.year, told.running) == (2026, True)
    assert told.days == days(question, first, LAST).days
    assert told.total.usage == days(question, first, LAST).summary
    timed = told.total.usage.total - told.total.usage.estimated
    assert 0 < sum(cell.total for cell in told.hours) == timed < told.total.usage.total
    assert told.hours == heatmap(question, first, LAST).cells
    assert told.records.busiest is not None
    assert told.records.busiest.date == date(2026, 2, 2)  # 23:00 UTC is the next day in India
    assert sum(hour.usage.total for hour in told.evening) == told.records.busiest.usage.total
    assert len(told.evening) == 24
    assert told.before is not None
    assert told.before.usage == days(question, FIRST, date(2025, 12, 31)).summary


def test_years_without_anything(question: Question) -> None:
    """A year of nothing has no days, no evening and no year before it; the year after a told one has one."""
    nothing = wrapup(question, 2020, MAKER)
    assert (nothing.days, nothing.evening, nothing.before, nothing.running) == ((), (), None, False)
    assert sum(cell.total for cell in nothing.hours) == 0
    assert wrapup(question, 2025, MAKER).before is None
    assert wrapup(question, 2027, MAKER).before is not None


def test_in_january_the_year_that_is_over_is_told(question: Question, tmp_path: Path) -> None:
    """From February on it is this year's story; in January the last one's, unless nothing moved in it."""
    january = question._replace(now_ns=at(2026, 1, 31, 12))
    assert wrapup(question, None, MAKER).year == 2026
    assert wrapup(january, None, MAKER).year == 2025
    machine = Machine(at(2026, 1, 2))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 1, 3), rx=5)
    assert wrapup(asking(tmp_path, machine), None, MAKER).year == 2026


def test_no_ledger_is_no_data(tmp_path: Path) -> None:
    """Where nothing is counted yet, that is said instead of an empty file."""
    with pytest.raises(LedgerMissingError), history(asking(tmp_path, Machine(at(2026, 1, 1))), Bounds(), MAKER):
        pass


def test_names_of_any_bytes_become_text(question: Question) -> None:
    """A machine's name that is no text can be written into any file."""
    with history(question, Bounds(), Maker("a\udcffb", "2")) as report:
        assert report.origin.device == "a?b"


@pytest.mark.parametrize(
    ("format_", "dialect", "bounds", "year"),
    [
        ("csv", "official", Bounds(), None),
        ("csv", None, Bounds(date(2026, 1, 1)), 2026),
        ("html", None, Bounds(last=date(2026, 1, 1)), None),
    ],
)
def test_what_cannot_be_meant_is_refused(format_: str, dialect: str | None, bounds: Bounds, year: int | None) -> None:
    """A dialect of another format, a year and dates at once, dates for the story of a year."""
    with pytest.raises(WrongUsageError):
        order(format_, dialect=dialect, bounds=bounds, year=year)


@pytest.mark.parametrize("format_", ["csv", "json", "markdown", "toon"])
def test_progress_rises_to_the_end(tmp_path: Path, format_: str) -> None:
    """While a long one is written, it says how far it is, never back and never beyond the end."""
    machine = Machine(at(2026, 1, 1))
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 7, 1), rx=5)
    heard: list[float] = []
    wanted = order(format_, dialect=None, bounds=Bounds(), year=None)
    with exported(asking(tmp_path, machine), HOW, wanted, MAKER, heard.append) as export:
        assert "".join(export.pieces)
    assert heard == sorted(heard)
    assert 0 < heard[0] < 0.5 < heard[-1] <= 1


@pytest.mark.parametrize("name", READERS)
def test_a_day_that_the_zone_skipped_stays_skipped(tmp_path: Path, name: str) -> None:
    """Samoa had no 30 December 2011: every file has the other days, and parses back to what the range says."""
    machine = Machine(at(2011, 12, 28, 12, zone="Pacific/Apia"))
    with Counting(tmp_path, machine) as counting:
        for day in (28, 29, 31):
            counting.use(at(2011, 12, day, 20, zone="Pacific/Apia"), rx=10**9 + day, tx=day)
    question = asking(tmp_path, machine, zone="Pacific/Apia")
    format_, dialect = ("toon", "official") if name == "official" else (name, None)
    wanted = order(format_, dialect=dialect, bounds=EVERYTHING, year=None)
    with exported(question, HOW, wanted, MAKER) as export:
        found = READERS[name]("".join(export.pieces))
    assert [day.date.day for day in found] == [28, 29, 31]
    rows = days(question, date(2011, 12, 28), date(2011, 12, 31)).days
    assert found == [Day(day.date, day.usage._replace(coverage=round(day.usage.coverage or 0, 6))) for day in rows]
