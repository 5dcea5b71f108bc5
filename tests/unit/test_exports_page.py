"""The year as a page: what it tells, in every state of a year, and that nothing in it can be anything but text."""

import re
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packetbuddy.exports import drawing, story
from packetbuddy.exports.as_html import html
from packetbuddy.exports.template import Markup, fill, parts
from packetbuddy.exports.things import amounts_to, rounded, stacked
from packetbuddy.reports.history import Wrapup
from packetbuddy.reports.model import Cell, Day, Usage
from unit.histories import HOW, ORIGIN, stretch, wrapup, year_of_days

LARGEST = 300_000
FULL = wrapup(year_of_days(365), before=stretch(year_of_days(365, first=date(2025, 1, 1), size=0.5)))
VOID = {"meta", "rect", "line", "circle", "path"}
ORDER = ("what", "days", "month", "day", "hours", "split", "records", "cost", "observed")


class Outline(HTMLParser):
    """What a browser would see: elements, attributes, words, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words += data


def page(story_: Wrapup) -> Outline:
    text = "".join(html(story_, HOW))
    assert len(text.encode()) < LARGEST
    return Outline(text)


def chapters(found: Outline) -> list[str]:
    return [value or "" for name, value in found.attributes if name == "aria-labelledby"]


def test_the_story_is_told_in_order() -> None:
    """One number, what that is, the days, the month, the evening, the hours, both ways, records, cost, observation."""
    found = page(FULL)
    assert tuple(chapters(found)) == ORDER
    assert "2026 in data" in found.words
    assert "a day as in 2025" in found.words
    assert "study-laptop" in found.words


def test_it_needs_nobody() -> None:
    """No script, no address of anything, no inline style; its own policy allows its style sheet alone."""
    text = "".join(html(FULL, HOW))
    found = Outline(text)
    assert {"script", "link", "img", "iframe", "object", "form"} & set(found.names) == set()
    assert {"href", "src", "style", "onclick", "xlink:href"} & {name for name, _ in found.attributes} == set()
    assert re.findall(r"https?://|url\((?!#guess\))|@import", text) == []
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}" in text


def test_every_day_of_the_year_is_there() -> None:
    """A cell for each day, 366 in a leap year, with its figures in words; the table has a row per month."""
    days = year_of_days(366, first=date(2028, 1, 1))
    text = "".join(html(wrapup(days, year=2028), HOW))
    assert len(set(re.findall(r"<title>\w{3} (\d+ \w{3} 2028)", text))) == 366
    assert text.count("<tr>") == 13


@pytest.mark.parametrize(
    ("days", "running", "told"),
    [
        ([], False, ()),
        ([Day(date(2026, 5, 1) + timedelta(n), Usage(coverage=1.0)) for n in range(12)], True, ("days", "observed")),
        ([Day(date(2026, 5, 1), Usage())], True, ("days",)),
        (year_of_days(3, first=date(2026, 11, 21), doubtful=0), True, tuple(each for each in ORDER if each != "month")),
        (year_of_days(365, size=1e6), False, ORDER),
        (year_of_days(365, size=1e-9), False, ORDER),
        (year_of_days(200, doubtful=0.9), True, ORDER),
    ],
)
def test_every_kind_of_year_is_told(days: list[Day], running: bool, told: tuple[str, ...]) -> None:
    """Nothing, silence, three days, petabytes, bytes and half-observed years: what has nothing to tell is left out."""
    found = page(wrapup(days, running=running))
    assert tuple(chapters(found)) == told
    assert ("so far" in found.words) == running
    assert ("No data" in found.words) == (not days)


def test_without_a_price_there_is_no_cost() -> None:
    """A rate of 0 hides cost."""
    assert "cost" not in chapters(Outline("".join(html(FULL, HOW.free))))


def test_redacted_it_names_no_machine() -> None:
    """Without the name, and with one link only, the page says just that."""
    text = "".join(html(FULL._replace(origin=ORIGIN._replace(device=None, interface="wlan0")), HOW))
    assert "study-laptop" not in text
    assert "PacketBuddy · only wlan0" in text


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_names_are_text_and_nothing_else(name: str) -> None:
    """Whatever a device is called, the page has the same elements, and reads as it."""
    plain = Outline("".join(html(FULL._replace(origin=ORIGIN._replace(device="x")), HOW)))
    found = Outline("".join(html(FULL._replace(origin=ORIGIN._replace(device=f"<{name}</script>")), HOW)))
    assert found.names == plain.names
    assert len(found.attributes) == len(plain.attributes)


def test_only_rendered_parts_are_inserted_as_they_are() -> None:
    """Every value is escaped, quotes too; what was rendered is not escaped again."""
    assert fill("head", words='<b>"&') == '<th scope="col">&lt;b&gt;&quot;&amp;</th>'
    assert fill("row", cells=fill("cell", words="1 %")) == "<tr><td>1\N{NO-BREAK SPACE}%</td></tr>"
    assert isinstance(fill("row", cells="x"), Markup)
    with pytest.raises(KeyError):
        fill("row")
    assert "page" in parts()


@pytest.mark.parametrize(
    ("count", "figure", "words"),
    [
        (0, "0 pages of a novel", ""),
        (5_000, "2.5 pages of a novel", ""),
        (40_000_000, "13 photos from a phone", ""),
        (5 * 10**9, "69 hours of music", ""),
        (200 * 10**9, "67 hours of film in HD", ""),
        (1_280 * 10**9, "430 hours of film in HD", "18 days without a pause"),
        (10**15, "330,000 hours of film in HD", "38 years without a pause"),
        (10**18, "330 million hours of film in HD", "38,000 years without a pause"),
        (10**22, "3,300 billion hours of film in HD", "380 million years without a pause"),
    ],
)
def test_bytes_in_things_people_know(count: int, figure: str, words: str) -> None:
    """The largest thing of which there are some, with the two digits that such a comparison can promise."""
    assert amounts_to(count) == (figure, words)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (10**6, None),
        (10**7, ("2.2 cm of floppy disks", "a stack 1.5 times as high as a matchbox")),
        (10**9, ("2.2 m of floppy disks", "a stack as high as a door")),
        (7 * 10**9, ("16 m of floppy disks", "a stack 1.3 times as high as a house of four floors")),
        (10**12, ("26 cm of DVDs", "a stack 2.6 times as high as a coffee mug")),
        (10**16, ("2.6 km of DVDs", "a stack 3.1 times as high as the Burj Khalifa")),
        (10**19, ("2,600 km of DVDs", "a stack 6.4 times as high as the way up to the Space Station")),
    ],
)
def test_bytes_as_a_stack(count: int, told: tuple[str, str] | None) -> None:
    """Floppy disks or DVDs, one above the other, beside what is about as high."""
    assert stacked(count) == told


@given(st.floats(1, 1e15))
def test_rounding_keeps_two_digits(number: float) -> None:
    """What is read is within five percent of what is."""
    words = rounded(number).replace(",", "")
    scale = {"million": 10**6, "billion": 10**9}.get(words.partition(" ")[2], 1)
    assert float(words.partition(" ")[0]) * scale == pytest.approx(number, rel=0.051)


def on(*totals: int, coverage: float | None = 1.0) -> list[Day]:
    first = date(2026, 1, 1)
    return [Day(first + timedelta(n), Usage(0, total, None, coverage)) for n, total in enumerate(totals)]


def test_streaks() -> None:
    """The longest run, the first of equals, none where it never holds."""
    days = on(1, 0, 5, 6, 0, 7, 8)
    found = story.streak(days, lambda usage: usage.total > 0)
    assert found == (2, date(2026, 1, 3), date(2026, 1, 4))
    assert story.streak(days, lambda usage: usage.total > 8) is None
    assert story.streak([], lambda _usage: True) is None


def test_records_are_of_whole_days() -> None:
    """The quietest day was watched in full and is over; no day uploaded most where nothing went out."""
    days = [*on(5, 3, coverage=0.5), *on(7)]
    assert story.quietest(wrapup(days)) == days[2]
    assert story.quietest(wrapup(days, running=True)) is None
    assert story.most_uploaded(days) is None
    assert story.best_month(wrapup([])) is None
    assert story.observed([*days, *on(0, coverage=0.0), *on(0, coverage=None)]) == (1, 2, 2)


@pytest.mark.parametrize(
    ("sent", "received", "name", "words"),
    [
        (1, 99, "A reader", "For every byte sent, 99 came in."),
        (10, 59, "A watcher", "For every byte sent, 5.9 came in."),
        (30, 70, "Give and take", "For every byte sent, 2.3 came in."),
        (50, 50, "In balance", "For every byte sent, 1.0 came in."),
        (90, 10, "A giver", "For every byte that came in, 9.0 went out."),
    ],
)
def test_habits(sent: int, received: int, name: str, words: str) -> None:
    """Both ways have a name and a ratio."""
    assert story.habit(Usage(sent, received))[0] == name
    assert story.for_each(Usage(sent, received)) == words


def test_records_need_something_to_record() -> None:
    """Without speeds, uploads and whole days there are no such records, but the streaks."""
    found = page(wrapup(on(5, 6, 7, coverage=0.5)))
    assert "Longest streak" in found.words
    assert {"Fastest moment", "Most uploaded", "Quietest day"} & set(re.findall(r"[A-Z]\w+ \w+", found.words)) == set()


def test_years_beside_each_other() -> None:
    """An average day of one beside one of the other: fair also where a year was counted in part."""
    assert story.against(102, 100, 2025) == "about as much a day as in 2025"
    assert story.against(150, 100, 2025) == "50 % more a day than in 2025"
    assert story.against(50, 100, 2025) == "50 % less a day than in 2025"
    assert story.against(450, 100, 2025) == "4.5 times as much a day as in 2025"


def test_a_few_days_are_no_year_to_compare_with() -> None:
    """The year before is told beside this one only where it has four weeks or more."""
    days = year_of_days(60)
    for count, told in ((27, False), (28, True)):
        before = stretch(year_of_days(count, first=date(2025, 12, 1)))
        assert ("in 2025" in page(wrapup(days, before=before)).words) is told


def test_hours_have_a_name() -> None:
    """The part of the day with the most bytes names its person; the fullest hour is told."""
    cells = [Cell(day, hour, int(hour == 3 and day == 5)) for day in range(7) for hour in range(24)]
    assert story.part_of_day(cells) == ("Night owl", "midnight and 6:00", "100 %")
    assert story.fullest_hour(cells) == "Saturday, 3:00 to 4:00"


def guessed(*totals: int, coverage: float | None = None) -> list[Day]:
    """Days whose bytes have no known hours, as an import of days brings them."""
    return [
        each._replace(usage=each.usage._replace(estimated=each.usage.total, peak=5))
        for each in on(*totals, coverage=coverage)
    ]


def test_hours_that_nobody_knows_are_not_told() -> None:
    """A year out of days alone has no hours, no evening and no minute of its record; nothing of it was observed."""
    found = page(wrapup(guessed(5000, 7000, 6000)))
    assert "Your hours" not in found.words
    assert "The day that stood out" in found.words
    assert "The hours of that day are not known." in found.words
    assert "Fullest" not in found.words
    assert "21:05" not in found.words
    assert "How much was observed" in found.words
    assert "comes from other files" in found.words


def test_observation_is_told_since_it_began() -> None:
    """What was taken over for the days before is not said to have been observed."""
    days = [*guessed(5000, 7000), *(day._replace(date=day.date + timedelta(2)) for day in on(5, 6))]
    began = days[2].date
    assert f"100\N{NO-BREAK SPACE}% since {began.day} {began:%B}" in page(wrapup(days)).words
    assert "100\N{NO-BREAK SPACE}% of the time" in page(wrapup(on(5, 6))).words


@pytest.mark.parametrize(
    ("top", "units", "step"),
    [(0, "decimal", 0), (3, "decimal", 1), (130 * 10**9, "decimal", 50 * 10**9), (5 * 2**30, "binary", 2 * 2**30)],
)
def test_axes_are_round(top: int, units: str, step: int) -> None:
    """At most three lines, at round amounts of the reader's units."""
    assert drawing._step(top, units) == step


def test_something_is_never_drawn_as_nothing() -> None:
    """A byte beside a terabyte is still to be seen, in bars and in shades; hatched where its time is estimated."""
    rows = [drawing.Bar("a", "a", Usage(1, 0)), drawing.Bar("b", "b", Usage(0, 10**12, None, 1.0, 10**12))]
    text = drawing.bars(rows, 200, "decimal")
    assert 'height="1.5"' in text
    assert "faint" in text
    assert drawing.shades([]).kind(0) == "l0"
    assert drawing.shades([10**12] * 50).kind(1) == "l1"
