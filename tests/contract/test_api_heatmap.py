"""The heat map remembers past days, and is right all the same."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from contract.api_serving import HOUR, NOON, ZONE, Moved, write_ledger
from packetbuddy.answers.amend import correct
from packetbuddy.answers.heatmap import MOST_REMEMBERED, Memory, heatmap
from packetbuddy.answers.open import Question
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

DAY = 24 * HOUR
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 23)


def question(root: Path, *, zone: str = ZONE, now_ns: int = NOON) -> Question:
    """Asked now."""
    return Question(Home(root), parse({}), now_ns, None, ZoneInfo(zone), zone)


def test_remembered_days_are_read_again_when_they_change(tmp_path: Path) -> None:
    """A correction of a past day is in the next answer; the same answer comes with and without a memory."""
    write_ledger(tmp_path, [Moved(NOON - 9 * DAY, 10, 20), Moved(NOON - HOUR, 1, 2)])
    memory: Memory = {}
    for _ in range(2):
        assert heatmap(question(tmp_path), FIRST, LAST, memory) == heatmap(question(tmp_path), FIRST, LAST)
    correct(question(tmp_path), date(2026, 11, 14), sent=100, received=200, reason="a test")
    after = heatmap(question(tmp_path), FIRST, LAST, memory)
    assert after == heatmap(question(tmp_path), FIRST, LAST)
    assert sum(cell.total for cell in after.cells) == 303


def test_new_traffic_of_today_is_there_at_once(tmp_path: Path) -> None:
    """What was remembered never hides what was written since."""
    memory: Memory = {}
    write_ledger(tmp_path, [Moved(NOON - 9 * DAY, 10, 20)], NOON - HOUR)
    heatmap(question(tmp_path), FIRST, LAST, memory)
    write_ledger(tmp_path / "more", [Moved(NOON - 9 * DAY, 10, 20), Moved(NOON - HOUR // 2, 5, 5)])
    for name in ("packetbuddy.db", "packetbuddy.db-wal", "packetbuddy.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
        if (tmp_path / "more" / name).exists():
            (tmp_path / "more" / name).rename(tmp_path / name)
    assert sum(cell.total for cell in heatmap(question(tmp_path), FIRST, LAST, memory).cells) == 40


def test_zones_and_days_are_remembered_apart_and_not_for_ever(tmp_path: Path) -> None:
    """Another zone or another range has its own answer; the memory stays small."""
    write_ledger(tmp_path, [Moved(NOON - 9 * DAY, 10, 20), Moved(NOON - HOUR, 1, 2)])
    memory: Memory = {}
    for zone in (ZONE, "America/New_York", "UTC"):
        asked = question(tmp_path, zone=zone)
        assert heatmap(asked, FIRST, LAST, memory) == heatmap(asked, FIRST, LAST)
    for days in range(2 * MOST_REMEMBERED):
        first = FIRST + timedelta(days=days)
        assert heatmap(question(tmp_path), first, LAST, memory) == heatmap(question(tmp_path), first, LAST)
    assert len(memory) <= MOST_REMEMBERED
