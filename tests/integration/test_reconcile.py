"""Our figure beside the ISP's, over real ledgers."""

from datetime import date
from pathlib import Path

import pytest

from integration.ledgers import CABLE, DAY, HOUR, Counting, Machine, asking, at
from packetbuddy.answers.open import Question
from packetbuddy.answers.reconcile import readings, reconcile, remove
from packetbuddy.cli.importing import Wish, apply
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.readings import SECOND
from packetbuddy.settings.load import parse

GB = 10**9
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def reasons(question: Question, theirs: int, first: date = FIRST, last: date = LAST) -> dict[str, int | None]:
    """What each kind explains; of boundaries the words tell them apart."""
    found = reconcile(question, first, last, isp="x GB", sizes=(theirs, theirs))
    return {
        each.words.removeprefix("the ISP's period ") if each.kind == "boundary" else each.kind: each.explains
        for each in found.reasons
    }


@pytest.fixture
def ledger(tmp_path: Path) -> Question:
    """A gigabyte each noon (UTC) of October and one on each side, three at 23:30 on the 31st, seven on the cable."""
    machine = Machine(at(2026, 9, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for day in range(33):
            counting.use(at(2026, 9, 30, 12) + day * DAY * SECOND, rx=GB)
            counting.flush()
            if day == 31:
                counting.use(at(2026, 10, 31, 20), rx=7 * GB // 2, identity=CABLE)
                counting.use(at(2026, 10, 31, 23, 30), rx=3 * GB)
                counting.flush()
    return asking(tmp_path, machine)


def test_what_could_be_behind_it(ledger: Question) -> None:
    """Links that do not count, and other cuts of the period, each with exactly its bytes."""
    found = reasons(ledger, 40 * GB)
    assert found["links"] == 7 * GB // 2
    assert found["device"] is None
    later = reasons(ledger._replace(zone_name="elsewhere"), 30 * GB)
    assert later["begins and ends a day earlier"] == -3 * GB
    assert later["local"] is None


def test_another_zone_and_the_plans_own_cycle(ledger: Question) -> None:
    """Cut at midnight UTC the three gigabytes of the last evening belong to the period; so do two of the cycle's."""
    kolkata = asking(ledger.home.root, Machine(ledger.now_ns), zone="Asia/Kolkata")._replace(probe=ledger.probe)
    assert reasons(kolkata, 40 * GB)["is cut at midnight UTC"] == 3 * GB
    planned = ledger._replace(settings=parse({"plan": {"cycle": "40 days", "starts": "2026-09-25"}}))
    assert reasons(planned, 40 * GB)["is the plan's cycle, 2026-09-25 to 2026-11-03"] == 2 * GB
    same = ledger._replace(settings=parse({"plan": {}}))
    assert not any("cycle" in words for words in reasons(same, 40 * GB))
    bucket = ledger._replace(settings=parse({"plan": {"cycle": "prepaid", "starts": "2026-09-01"}}))
    assert not any("cycle" in words for words in reasons(bucket, 40 * GB))


def test_time_that_nobody_watched(tmp_path: Path) -> None:
    """Two days off, of a machine that runs day and night: their usual bytes could explain what we lack."""
    machine = Machine(at(2026, 10, 1), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        for day in range(20):
            if day == 12:
                counting.flush()
                machine.reboot(2 * DAY)
                counting.look()
            for hour in range(24):
                wall = at(2026, 10, 1, 0, 30) + (day * 24 + hour) * HOUR * SECOND
                if wall > machine.wall_ns + SECOND:
                    counting.use(wall, rx=GB)
        counting.flush()
    question = asking(tmp_path, machine)
    found = reasons(question, 480 * GB, FIRST, date(2026, 10, 20))
    assert found["unobserved"] == pytest.approx(48 * GB, rel=0.05)


def hourly(counting: Counting, days: int) -> None:
    """A gigabyte in each hour from now on."""
    start = counting.machine.wall_ns
    for hour in range(24 * days):
        counting.use(start + (hour * HOUR + 1800) * SECOND, rx=GB)


def test_counting_began_within_the_period(tmp_path: Path) -> None:
    """Ten days before it are time that nobody observed; their usual bytes are a reason, with the day it began."""
    machine = Machine(at(2026, 10, 11), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 21)
    question = asking(tmp_path, machine)
    found = reconcile(question, FIRST, LAST, isp="744 GB", sizes=(744 * GB, 744 * GB))
    assert found.reading.coverage == pytest.approx(21 / 31, abs=0.002)
    best = found.reasons[0]
    assert best.kind == "began"
    assert best.words == "counting began on Sun 11 Oct 2026, and what was before is not in ours"
    assert best.explains == pytest.approx(240 * GB, rel=0.01)
    (kept,) = readings(question)
    assert kept.coverage == found.reading.coverage
    later = reconcile(question, date(2026, 10, 12), LAST, isp="744 GB", sizes=(744 * GB, 744 * GB))
    assert "began" not in {each.kind for each in later.reasons}
    assert later.reading.coverage == pytest.approx(1, abs=0.002)


def test_a_period_before_counting_began(tmp_path: Path) -> None:
    """Nothing of it was observed; it could all be before. Soon after the begin nobody can tell how much."""
    machine = Machine(at(2026, 11, 5), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 1)
        counting.flush()
        early = reconcile(asking(tmp_path, machine), FIRST, LAST, isp="700 GB", sizes=(700 * GB, 700 * GB))
        hourly(counting, 3)
    late = reconcile(asking(tmp_path, machine), FIRST, LAST, isp="700 GB", sizes=(700 * GB, 700 * GB))
    assert early.reading.coverage == late.reading.coverage == 0
    assert [(each.kind, each.explains) for each in early.reasons] == [("began", None), ("device", None)]
    assert late.reasons[0].kind == "began"
    assert late.reasons[0].explains == pytest.approx(744 * GB, rel=0.03)


def test_days_that_were_imported_are_in_ours(tmp_path: Path) -> None:
    """What another program counted before is not missing a second time; observed it was not."""
    machine = Machine(at(2026, 10, 11), uptime=DAY)
    with Counting(tmp_path, machine) as counting:
        hourly(counting, 21)
    source = tmp_path / "before.csv"
    rows = [f"2026-10-{day:02},0,{20 * GB}" for day in range(1, 11)]
    source.write_text("\n".join(["date,bytes_sent,bytes_received", *rows]) + "\n", "utf-8")
    question = asking(tmp_path, machine)
    apply(question, Wish(source, (), zone_given=True))
    found = reconcile(question, FIRST, LAST, isp="744 GB", sizes=(744 * GB, 744 * GB))
    assert found.reading.coverage == pytest.approx(21 / 31, abs=0.002)
    assert found.reading.total == (504 + 200) * GB
    assert found.reasons[0].kind == "began"
    assert found.reasons[0].explains == pytest.approx(40 * GB, rel=0.05)


def test_a_reading_that_was_a_mistake(ledger: Question) -> None:
    """Removed by its number, once; the others stay."""
    reconcile(ledger, date(2026, 10, 1), date(2026, 10, 1), isp="2 GB", sizes=(2 * GB, 2 * GB))
    wrong = reconcile(ledger, date(2026, 10, 2), date(2026, 10, 2), isp="20 GB", sizes=(20 * GB, 20 * GB)).reading
    assert remove(ledger, wrong.number) == wrong
    assert [each.isp for each in readings(ledger)] == ["2 GB"]
    with pytest.raises(WrongUsageError, match="no reading") as refused:
        remove(ledger, wrong.number)
    assert refused.value.hint == "`pb reconcile --list` numbers them"


def test_the_series(ledger: Question) -> None:
    """Every reading is kept as it was, by period; later corrections of the ledger do not change it."""
    reconcile(ledger, date(2026, 10, 10), date(2026, 10, 12), isp="3 GB", sizes=(3 * GB, 3 * GB))
    reconcile(ledger, date(2026, 10, 1), date(2026, 10, 1), isp="2 GB", sizes=(2 * GB, 2 * GB))
    one, other = readings(ledger)
    assert (one.first, one.isp, one.total, one.ratio) == (date(2026, 10, 1), "2 GB", GB, 0.5)
    assert (other.total, other.ratio, other.coverage) == (3 * GB, 1.0, 1.0)


@pytest.mark.parametrize(
    ("first", "last"), [(LAST, FIRST), (date(2027, 1, 1), date(2027, 1, 2)), (FIRST, date(2027, 1, 2))]
)
def test_days_that_cannot_be_meant(ledger: Question, first: date, last: date) -> None:
    """Refused, and nothing is kept."""
    with pytest.raises(WrongUsageError):
        reconcile(ledger, first, last, isp="3 GB", sizes=(3 * GB, 3 * GB))
    assert readings(ledger) == ()
