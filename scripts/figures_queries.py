"""How long the answers take on ten years of data: ``python scripts/figures_queries.py [--print-only] [--rounds N]``.

Each answer is asked as a command asks it: ledger, cache and counters opened, one consistent look, everything closed.
The goals are 10 ms at the 99th percentile with warm files, and 250 ms once after the zone was changed (SPEC 12).
"""

import argparse
import os
import platform
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zoneinfo import ZoneInfo

from make_ledger import make

from packetbuddy.answers.open import Question
from packetbuddy.answers.usage import days, groups, summary, today
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "figures" / "queries.md"
SETTINGS = parse({})
WARM_MS, ONCE_MS = 10, 250
BEYOND = "usage: top 20 of all 3650 days"
"""More groups than the goal speaks of; shown for comparison."""
Ask = Callable[[Question], object]


class Spent(NamedTuple):
    """Milliseconds of one answer: of the processor, and by the clock."""

    cpu: float
    wall: float


class Figure(NamedTuple):
    """Milliseconds of one question; ``cpu`` is the median of the process's own time."""

    name: str
    cpu: float
    p50: float
    p99: float
    goal: int | None


def question(home: Home, zone: str) -> Question:
    """As a command asks now."""
    return Question(home, SETTINGS, time.time_ns(), None, ZoneInfo(zone), zone)


def asked(day: date) -> dict[str, Ask]:
    """The questions of SPEC 12, by name."""
    month = day.replace(day=1)

    def grouped(by: str, length: int) -> Ask:
        return lambda q: groups(q, by=by, first=day - timedelta(days=length - 1), last=day, top=None)

    return {
        "today": today,
        "month": lambda q: days(q, month, day),
        "a month five years ago": lambda q: days(q, month - timedelta(days=1826), month - timedelta(days=1796)),
        "range of 366 days": lambda q: days(q, day - timedelta(days=365), day),
        "usage: 288 five-minute groups": grouped("5min", 1),
        "usage: 384 hours": grouped("hour", 16),
        "usage: 400 days": grouped("day", 400),
        "usage: 400 weeks": grouped("week", 2800),
        "usage: 120 months": grouped("month", 3650),
        "usage: all years": lambda q: groups(q, by="year", first=None, last=None, top=None),
        BEYOND: lambda q: groups(q, by="day", first=None, last=None, top=20),
        "summary": summary,
    }


def measured(home: Home, rounds: int) -> list[Figure]:
    """Ask everything, warm, in turns; then what is asked first after each change of the zone."""
    day = datetime.now(UTC).date()
    taken: dict[str, list[Spent]] = {name: [] for name in asked(day)}
    for turn in range(rounds + 1):
        for name, ask in asked(day).items():
            spent = _milliseconds(lambda ask=ask: ask(question(home, "Asia/Kolkata")))  # type: ignore[misc]
            if turn:  # the first turn warms the files
                taken[name].append(spent)
    figures = [_figure(name, spent, None if name == BEYOND else WARM_MS) for name, spent in taken.items()]
    zones = ("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo")
    once = [_milliseconds(lambda zone=zone: summary(question(home, zone))) for zone in zones]  # type: ignore[misc]
    return [*figures, _figure("summary, once after a zone change", once, ONCE_MS)]


def _milliseconds(ask: Callable[[], object]) -> Spent:
    cpu, wall = time.process_time(), time.perf_counter()
    ask()
    return Spent((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


def _figure(name: str, spent: list[Spent], goal: int | None) -> Figure:
    cuts = quantiles([each.wall for each in spent], n=100, method="inclusive")
    return Figure(name, median(each.cpu for each in spent), cuts[49], cuts[98], goal)


def table(figures: list[Figure], about: str) -> str:
    """The figures as a Markdown page."""
    head = ["| question | own time ms | p50 ms | p99 ms | goal p99 |", "|---|--:|--:|--:|--:|"]
    lines = ["# How long answers take", "", about, "", *head]
    lines += [f"| {name} | {cpu:.1f} | {p50:.1f} | {p99:.1f} | {goal or ''} |" for name, cpu, p50, p99, goal in figures]
    return "\n".join([*lines, "", "Made by `python scripts/figures_queries.py`.", ""])


def main() -> None:
    """Make a ledger, ask, print, write: figures to report, not a gate, because machines are noisy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print-only", action="store_true", help="leave docs/figures/queries.md alone")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        rows = make(home, years=options.years, now_ns=time.time_ns())
        figures = measured(home, options.rounds)
        size = home.ledger.stat().st_size / 1e6
    about = (
        f"A ledger of {options.years} years ({rows} rows, {size:.0f} MB), made by `scripts/make_ledger.py`; each "
        f"question asked {options.rounds} times in turn, opening and closing everything, with warm files. Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores with a load of {os.getloadavg()[0]:.1f} besides; own time is the median of the CPU's."
    )
    text = table(figures, about)
    print(text)
    if not options.print_only:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
