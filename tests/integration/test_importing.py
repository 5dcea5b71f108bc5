"""Imports into a real ledger: exact, once only, nothing of ours changed, and taken back to the byte."""

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.ledgers import Counting, Machine, asking, at, cold, sound
from integration.predecessor_making import DayRow, Log, make_predecessor
from integration.storage_making import dump
from integration.vnstat_making import Moved, make_vnstat, printed, rows_of
from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, summary
from packetbuddy.answers.why import why
from packetbuddy.cli.importing import Plan, Wish, apply, preview
from packetbuddy.errors import ImportFileError, LedgerBusyError, LedgerMissingError, WrongUsageError
from packetbuddy.imports import former
from packetbuddy.imports.figures import Figure
from packetbuddy.metering.slots import slot_of
from packetbuddy.reports.model import Usage
from packetbuddy.storage.importing import Origin, importing
from packetbuddy.storage.tending import tending

ZONE = "Europe/Berlin"
BEGAN = (2026, 11, 20, 14, 2, 30)
"""When our own counting began, local time."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which PacketBuddy has counted since that afternoon: 1 kB down and 0.1 kB up each hour."""
    made = Machine(at(*BEGAN, zone=ZONE))
    with Counting(tmp_path, made) as counting:
        for hour in range(1, 30):
            counting.use(at(*BEGAN, zone=ZONE) + hour * 3600 * 10**9, rx=1000, tx=100)
    return made


@pytest.fixture
def question(tmp_path: Path, machine: Machine) -> Question:
    return asking(tmp_path, machine, zone=ZONE)


def wish(file: Path, *links: str) -> Wish:
    return Wish(file, links, zone_given=False)


def by_day(question: Question, first: date, last: date) -> dict[date, tuple[int, int]]:
    """Bytes received and sent of each day that has any."""
    found = days(question, first, last).days
    return {day.date: (day.usage.received, day.usage.sent) for day in found if day.usage.total}


def traffic(first: datetime, last: datetime, seed: int = 1, step: int = 47) -> list[Moved]:
    """Some minutes of traffic between two local times."""
    chance = random.Random(seed)  # noqa: S311 - any traffic will do
    count = int((last - first).total_seconds()) // 60 // step
    return [
        (first + timedelta(minutes=step * number), chance.randrange(10**6), chance.randrange(10**5))
        for number in range(count)
    ]


LONG = traffic(datetime(2025, 5, 3), datetime(2026, 11, 20, 14))  # noqa: DTZ001 - naive, as in files
SAVED = datetime(2026, 11, 20, 13, 58)  # noqa: DTZ001 - naive


def test_a_vnstat_database_with_rows_of_every_age(tmp_path: Path, question: Question) -> None:
    """Its own totals by year and month, and by day and hour where those rows are kept, come out to the byte."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    before = by_day(question, date(2025, 1, 1), date(2026, 11, 21))
    plan = apply(question, wish(file))
    assert (plan.received, plan.sent) == (plan.new_received, plan.new_sent)
    after = by_day(question, date(2025, 1, 1), date(2026, 11, 21))
    gained = Counter({day: after[day][0] - before.get(day, (0, 0))[0] for day in after})
    for table, form in (("day", "%Y-%m-%d"), ("top", "%Y-%m-%d"), ("month", "%Y-%m-01"), ("year", "%Y-01-01")):
        found: Counter[str] = Counter()
        for day, received in gained.items():
            found[day.strftime(form)] += received
        told = rows_of(LONG, table, SAVED)
        assert {start: found[start] for start in told} == {start: rx for start, (rx, _) in told.items()}
    with cold(question):
        assert by_day(question, date(2025, 1, 1), date(2026, 11, 21)) == after
    assert sound(tmp_path)


def test_importing_twice_adds_nothing(tmp_path: Path, question: Question) -> None:
    """The second time nothing is new and no row of the ledger changes."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    assert apply(question, wish(file)).number == 1
    before = dump(question.home.ledger)
    again = apply(question, wish(file))
    assert (again.number, again.new_received, again.new_sent) == (None, 0, 0)
    assert dump(question.home.ledger) == before


def test_the_same_history_again_later(tmp_path: Path, question: Question) -> None:
    """What a tool knew a month ago and what it knows today, by then in coarser rows, make what it says today."""
    early = datetime(2026, 10, 14, 9, 33)  # noqa: DTZ001 - naive
    for now in (early, SAVED):
        file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, now)
        apply(question, wish(file))
    after = by_day(question, date(2025, 1, 1), date(2026, 11, 19))
    for start, (rx, tx) in rows_of(LONG, "day", SAVED).items():
        if start < "2026-11-20":
            assert after[date.fromisoformat(start)] == (rx, tx)
    for start, (rx, tx) in rows_of(LONG, "month", SAVED).items():
        if start < "2026-11":
            of_month = [moved for day, moved in after.items() if f"{day:%Y-%m-01}" == start]
            assert (sum(each[0] for each in of_month), sum(each[1] for each in of_month)) == (rx, tx)


def test_beside_us_nothing_is_doubled(tmp_path: Path, question: Question) -> None:
    """A tool that went on beside us: before we began all of it, afterwards what we counted and nothing else."""
    beside = [(datetime(2026, 11, 20, 14, 3) + timedelta(hours=hour), 1000, 100) for hour in range(1, 29)]  # noqa: DTZ001 - naive
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG + beside}, datetime(2026, 11, 21, 19))  # noqa: DTZ001 - naive
    ours = summary(question).usage
    apply(question, wish(file))
    together = summary(question).usage
    assert together.received - ours.received == sum(rx for _, rx, _ in LONG)
    assert together.sent - ours.sent == sum(tx for _, _, tx in LONG)


def test_the_json_says_the_same_as_the_database(tmp_path: Path, question: Question) -> None:
    """Either file brings the same bytes to the same slots, and after one the other brings nothing."""
    base = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    text = tmp_path / "vnstat.json"
    text.write_text(printed({"wlan0": LONG}, SAVED, utc_offset=3600), encoding="utf-8")
    one, other = preview(question, wish(base)), preview(question, wish(text))
    assert (one.new_received, one.new_sent, one.days) == (other.new_received, other.new_sent, other.days)
    apply(question, wish(text))
    assert preview(question, wish(base)).new_received == 0


def test_which_links_are_taken(tmp_path: Path, question: Question) -> None:
    """The ones that count here; else those that were named; both together, each byte once."""
    other = traffic(datetime(2026, 9, 1), datetime(2026, 11, 1), seed=2)  # noqa: DTZ001 - naive
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG, "eth0": other, "docker0": other}, SAVED)
    assert preview(question, wish(file)).received == sum(rx for _, rx, _ in LONG)
    assert preview(question, wish(file, "eth0")).received == sum(rx for _, rx, _ in other)
    both = preview(question, wish(file, "eth0", "wlan0"))
    assert both.received == sum(rx for _, rx, _ in LONG + other)
    strange = make_vnstat(tmp_path / "other.db", {"en0": LONG, "en1": other}, SAVED)
    with pytest.raises(ImportFileError, match="not clear") as told:
        preview(question, wish(strange))
    assert "en0, en1" in told.value.hint
    with pytest.raises(ImportFileError, match="no interface 'en9'"):
        preview(question, wish(strange, "en9"))


def test_times_of_another_zone(tmp_path: Path, question: Question) -> None:
    """A JSON that was printed elsewhere is refused until its zone is named; one that says no instants is believed."""
    text = tmp_path / "vnstat.json"
    text.write_text(printed({"wlan0": LONG}, SAVED, utc_offset=19_800), encoding="utf-8")
    with pytest.raises(ImportFileError, match=r"4\.5 h east of yours"):
        preview(question, wish(text))
    assert preview(question, Wish(text, (), zone_given=True)).received
    text.write_text(printed({"wlan0": LONG}, SAVED, utc_offset=None), encoding="utf-8")
    assert preview(question, wish(text)).received


def test_a_former_database(tmp_path: Path, question: Question) -> None:
    """Logs to the second in which we began, days where logs are gone, months where days are gone."""
    began = datetime(*BEGAN)  # noqa: DTZ001 - naive
    logs = [Log(began - timedelta(seconds=number * 7 + 1, microseconds=5), 10, 90) for number in range(5000)]
    of_day: Counter[date] = Counter(log.at.date() for log in logs)
    rows = [
        DayRow(day, 10 * count + 3, 90 * count + 4, 5_000_000) for day, count in of_day.items() if day < began.date()
    ]
    rows += [DayRow(began.date(), 10 * of_day[began.date()], 90 * of_day[began.date()], 6_000_000)]
    rows += [DayRow(date(2026, 10, 20) + timedelta(days=number), 1000, 2000, 777) for number in range(20)]
    months = [("2026-10", 12 * 1000 + 555, 12 * 2000 + 777)]
    file = make_predecessor(tmp_path / "old.db", logs, rows, months)
    ours = by_day(question, date(2026, 10, 1), date(2026, 11, 21))
    plan = apply(question, wish(file))
    after = by_day(question, date(2026, 10, 1), date(2026, 11, 21))
    for row in rows:
        already = ours.get(row.day, (0, 0))
        assert after[row.day] == (row.received + already[0], row.sent + already[1])
    october = [after[day] for day in after if day.month == 10]
    assert tuple(map(sum, zip(*october, strict=True))) == (12 * 2000 + 777, 12 * 1000 + 555)
    assert plan.sent == sum(row.sent for row in rows) + 555
    assert summary(question).usage.peak == 6_000_000
    assert sound(tmp_path)


def test_the_second_in_which_we_began(tmp_path: Path, question: Question) -> None:
    """1.x's last logs share a slot with our first bytes: all of theirs, all of ours."""
    began = datetime(*BEGAN)  # noqa: DTZ001 - naive
    with Counting(tmp_path, Machine(question.now_ns + 10**9)) as counting:
        counting.look()
    logs = [Log(began - timedelta(seconds=number), 1, 2) for number in range(1, 100)]
    file = make_predecessor(tmp_path / "old.db", logs, [DayRow(began.date(), 99, 198)])
    ours = by_day(question, began.date(), began.date())[began.date()]
    apply(question, wish(file))
    assert by_day(question, began.date(), began.date())[began.date()] == (ours[0] + 198, ours[1] + 99)


def test_a_day_row_below_its_logs_is_the_truth(tmp_path: Path, question: Question) -> None:
    """The day gets what its row says, not what its logs add up to."""
    noon = datetime(2026, 11, 3, 12)  # noqa: DTZ001 - naive
    file = make_predecessor(tmp_path / "old.db", [Log(noon, 1000, 1000)], [DayRow(noon.date(), 5, 7)])
    apply(question, wish(file))
    assert by_day(question, noon.date(), noon.date()) == {noon.date(): (7, 5)}


def test_logs_of_a_clock_that_was_put_back() -> None:
    """Bytes of both passes are there, in order of time."""
    slot = 300 * 10**9
    logs = [Figure(at, at, 1, 1) for at in (5 * slot, 6 * slot, 3 * slot, 7 * slot)]
    found = list(former._logged(logs, []))
    assert [(each.start_ns // slot, each.rx) for each in found] == [(5, 1), (6, 2), (7, 1)]


def test_csv_and_json_of_ours(tmp_path: Path, question: Question) -> None:
    """The days of either come out as they are; columns may be in any order, and days without usage say nothing."""
    table = tmp_path / "export.csv"
    table.write_text(
        "\ufeffdate,bytes_sent,bytes_received,total_bytes,peak_speed,coverage,estimated_bytes\r\n"
        "2026-01-02,5,7,12,1000,0.5,0\r\n2026-01-03,0,0,0,,,0\r\n2026-01-01,1,2,3,,,0\r\n",
        encoding="utf-8",
    )
    body = tmp_path / "export.json"
    told = [{"date": "2026-02-02", "bytes_sent": 8, "bytes_received": 9, "peak_speed": None, "human_readable": {}}]
    body.write_text(json.dumps({"schema": 1, "command": "month", "data": {"days": told}}), encoding="utf-8")
    apply(question, wish(table))
    apply(question, wish(body))
    found = by_day(question, date(2026, 1, 1), date(2026, 2, 28))
    assert found == {date(2026, 1, 1): (2, 1), date(2026, 1, 2): (7, 5), date(2026, 2, 2): (9, 8)}
    assert days(question, date(2026, 1, 2), date(2026, 1, 2)).days[0].usage == Usage(5, 7, 1000, None, 12)


def test_a_preview_changes_nothing(tmp_path: Path, question: Question) -> None:
    """Not a byte of the ledger, and no file beside it."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    content, names = question.home.ledger.read_bytes(), sorted(path.name for path in tmp_path.iterdir())
    plan = preview(question, wish(file))
    assert plan.new_received == sum(rx for _, rx, _ in LONG)
    assert question.home.ledger.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_undone_to_the_byte(tmp_path: Path, question: Question) -> None:
    """An import that is taken back, also after compaction, leaves every answer as before, and can be made again."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    span = date(2025, 1, 1), date(2026, 11, 21)
    before = by_day(question, *span), summary(question)
    apply(question, wish(file))
    after = by_day(question, *span)
    home = question.home
    with tending(home.ledger, home.lock) as tender:
        tender.compact(slot_of(question.now_ns))
    assert by_day(question, *span) == after
    with importing(home.ledger, home.lock) as importer:
        assert importer.undo(1, at_ns=question.now_ns).undone_ns == question.now_ns
    assert (by_day(question, *span), summary(question).usage) == (before[0], before[1].usage)
    assert summary(question).days_tracked == before[1].days_tracked
    assert sound(tmp_path)
    assert apply(question, wish(file)).number == 2
    assert by_day(question, *span) == after
    for number, words in ((1, "undone already"), (9, "no import number 9")):
        with importing(home.ledger, home.lock) as importer, pytest.raises(WrongUsageError, match=words):
            importer.undo(number, at_ns=0)


def test_why_tells_where_it_came_from(tmp_path: Path, question: Question) -> None:
    """A day's imported bytes are told with their file, and its times are estimates where only a day was known."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    apply(question, wish(file))
    answer = why(question, date(2026, 10, 10))
    (row,) = answer.imports
    assert (row.number, row.file, row.about, row.zone) == (1, "vnstat.db", "vnStat 2.10, wlan0", ZONE)
    assert row.sent + row.received == answer.usage.total == answer.usage.estimated
    assert [each.reason for each in answer.interfaces] == ["taken over from a file"]
    assert answer.usage.coverage is None


def test_two_at_the_same_moment(tmp_path: Path, question: Question) -> None:
    """An import that was planned before another one is made does not go on."""
    home = question.home
    with importing(home.ledger, home.lock) as importer:
        planned = importer.changes()
        importer.stage([(1, 5, 5, 0, 0)])
        apply(question, wish(make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)))
        before = dump(home.ledger)
        with pytest.raises(LedgerBusyError, match="another import"):
            importer.commit(Origin("x", "x", "x", "UTC"), planned=planned, at_ns=0)
    assert dump(home.ledger) == before


def test_nothing_counted_yet(tmp_path: Path) -> None:
    """Without a ledger there is nothing to import into, and none is made."""
    question = asking(tmp_path, Machine(at(2026, 1, 1)))
    for do in (preview, apply):
        with pytest.raises(LedgerMissingError):
            do(question, wish(tmp_path / "vnstat.db"))
    assert list(tmp_path.iterdir()) == []


def test_counters_that_cannot_be_read(tmp_path: Path, machine: Machine) -> None:
    """Then time since the last write is left alone: what moved in it is still in the counters."""
    machine.run(3600)
    question = asking(tmp_path, machine, zone=ZONE, failing="no")
    recent = [(datetime(2026, 11, 21, 19, 30), 5, 5)]  # noqa: DTZ001 - naive
    assert preview(question, wish(make_vnstat(tmp_path / "v.db", {"wlan0": recent}, recent[0][0]))).new_received == 0


def test_a_gap_of_ours_is_filled(tmp_path: Path, machine: Machine) -> None:
    """Time in which we did not observe, a reboot ago, takes what another tool saw then."""
    machine.reboot(off_seconds=7200)
    with Counting(tmp_path, machine) as counting:
        counting.look()
    question = asking(tmp_path, machine, zone=ZONE)
    seen = [(datetime(2026, 11, 21, 20, 0), 123, 45)]  # noqa: DTZ001 - naive
    plan = apply(question, wish(make_vnstat(tmp_path / "v.db", {"wlan0": seen}, datetime(2026, 11, 21, 20, 5))))  # noqa: DTZ001 - naive
    assert (plan.new_received, plan.new_sent) == (123, 45)


TWO = st.lists(
    st.tuples(st.integers(0, 40 * 288 - 1), st.integers(1, 10**6), st.integers(1, 10**5)), min_size=1, max_size=30
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moved=TWO, order=st.permutations(["vnstat.db", "old.db", "days.csv"]), times=st.integers(1, 2))
def test_any_files_in_any_order_never_exceed_the_largest(
    tmp_path_factory: pytest.TempPathFactory, moved: list[tuple[int, int, int]], order: list[str], times: int
) -> None:
    """Three tools that saw the same traffic: whatever comes first and how often, each day reads what they say."""
    folder = tmp_path_factory.mktemp("any")
    first = datetime(2026, 10, 1)  # noqa: DTZ001 - naive
    seen = sorted((first + timedelta(minutes=5 * slot), rx, tx) for slot, rx, tx in moved)
    _three_files(folder, seen)
    machine = Machine(at(*BEGAN, zone=ZONE))
    with Counting(folder, machine) as counting:
        counting.look()
    question = asking(folder, machine, zone=ZONE)
    for name in itertools.chain.from_iterable([order] * times):
        apply(question, wish(folder / name))
    told = rows_of(seen, "day", SAVED)
    assert by_day(question, date(2026, 9, 1), date(2026, 11, 21)) == {
        date.fromisoformat(start): amounts for start, amounts in told.items()
    }


def _three_files(folder: Path, seen: list[Moved]) -> None:
    """The same traffic as vnStat, 1.x and our own export tell it."""
    told = rows_of(seen, "day", SAVED)
    make_vnstat(folder / "vnstat.db", {"wlan0": seen}, SAVED)
    logs = [Log(at_, tx, rx) for at_, rx, tx in seen if at_.day % 2]  # the other days' logs are gone
    make_predecessor(
        folder / "old.db", logs, [DayRow(date.fromisoformat(start), tx, rx) for start, (rx, tx) in told.items()]
    )
    lines: Iterator[str] = (f"{start},{tx},{rx}" for start, (rx, tx) in told.items())
    (folder / "days.csv").write_text("\n".join(["date,bytes_sent,bytes_received", *lines]), encoding="utf-8")


def test_a_plan_is_what_its_application_does(tmp_path: Path, question: Question) -> None:
    """Preview and application tell the same, but for the number."""
    file = make_vnstat(tmp_path / "vnstat.db", {"wlan0": LONG}, SAVED)
    plan: Plan = preview(question, wish(file))
    assert apply(question, wish(file)) == plan._replace(number=1)
