"""Backtest of the forecast: ``python scripts/figures_forecast.py [--tuning]`` writes docs/figures/forecast.md.

Made-up households of different habits live through whole months; on several days of each month the forecast is asked
for, from what was known then, and compared with what the month had used in the end, beside the plain
``used / elapsed * length``. The households of ``--tuning``, which writes nothing, are others: with them the constants
in billing/forecast.py and billing/habits.py were chosen.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

from packetbuddy.billing.cycles import Cycle, Rhythm, cycle_of
from packetbuddy.billing.forecast import HOLDS, Ahead, outlook
from packetbuddy.billing.habits import Day

FIGURE = Path(__file__).resolve().parent.parent / "docs/figures/forecast.md"
BEGINS = date(2026, 1, 5).toordinal()
DAYS = 250
ASKED = (2, 4, 7, 11, 15, 19, 23, 27)
"""Days after a cycle's begin on which the forecast is asked for, at noon."""
REMEMBERED = 84
"""Days of history that are looked at, as in the product."""
HOMES = 12
MB, GB = 10**6, 10**9

Habit = Callable[[random.Random, int, int], tuple[float, float]]
"""Day and hour → bytes of the hour, and how much of it was observed."""


def family(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """Always on; evenings of films, longer ones at the weekend."""
    weekend = day % 7 in {6, 0}
    films = 1.2 * GB if 18 <= hour < 23 and dice.random() < (0.6 if weekend else 0.35) else 0
    return (films + 60 * MB * (hour >= 7)) * dice.lognormvariate(0, 0.6), 1


def office(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """On from eight to six on working days, off otherwise."""
    if day % 7 in {6, 0} or not 8 <= hour < 18:
        return 0, 0
    return 180 * MB * dice.lognormvariate(0, 0.8), 1


def laptop(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """Opened on most evenings and now and then, shut down in between."""
    of_day = random.Random(day * 7919)  # noqa: S311 - a household, not a secret
    on = of_day.random() < 0.75 and of_day.randrange(16, 21) <= hour < 23
    return (300 * MB * dice.lognormvariate(0, 1), 1) if on or dice.random() < 0.04 else (0, 0)


def gamer(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """Little all week, and a game of fifty gigabytes every other week, mostly on a Friday or a Saturday."""
    game = 45 * GB * dice.random() if day % 7 in {5, 6} and hour == 20 and dice.random() < 0.3 else 0
    return game + 30 * MB * dice.lognormvariate(0, 0.7), 1


def backup(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """A backup at three each night, the large one on Sundays; quiet else."""
    nightly = (9 * GB if day % 7 == 0 else 1.5 * GB) if hour == 3 else 0
    return nightly * dice.lognormvariate(0, 0.25) + 20 * MB, 1


def growing(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """A household that uses a fifth more each month."""
    return 120 * MB * 1.2 ** ((day - BEGINS) / 30) * dice.lognormvariate(0, 0.9) * (hour >= 6), 1


def traveller(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """Away for a week of five, with everything switched off."""
    away = (day - BEGINS) // 7 % 5 == 3
    return (0, 0) if away else (250 * MB * dice.lognormvariate(0, 0.9) * (7 <= hour < 24), 1)


def patchy(dice: random.Random, day: int, hour: int) -> tuple[float, float]:
    """The family, whose counting fails for two days at a time, one in eight."""
    moved, _ = family(dice, day, hour)
    return (0, 0) if random.Random(day // 2).random() < 0.12 else (moved, 1)  # noqa: S311 - same


HABITS: tuple[Habit, ...] = (family, office, laptop, gamer, backup, growing, traveller, patchy)


class Asked(NamedTuple):
    """One forecast and what came of it: relative errors of ours and of the plain one, and whether the range held."""

    ours: float
    plain: float
    held: bool
    after: int


def lived(habit: Habit, seed: int) -> list[Day]:
    """The days of one household."""
    dice = random.Random(f"{habit.__name__} {seed}")  # noqa: S311 - same
    size = dice.lognormvariate(0, 0.5)
    days = []
    for day in range(BEGINS, BEGINS + DAYS):
        hours = [habit(dice, day, hour) for hour in range(24)]
        moved = tuple(float(int(amount * size)) for amount, _ in hours)
        days.append(Day(day, moved, tuple(float(seen) for _, seen in hours), (1.0,) * 24))
    return days


def backtest(days: list[Day]) -> Iterator[Asked]:
    """All whole cycles after the first one, each asked several times."""
    rhythm = Rhythm("monthly", None, 1)
    cycle = cycle_of(rhythm, days[0].day)
    while cycle.beyond is not None and cycle_of(rhythm, cycle.beyond).beyond <= days[-1].day:  # type: ignore[operator]
        cycle = cycle_of(rhythm, cycle.beyond)
        whole = sum(sum(_of(days, day).moved) for day in range(cycle.first, cycle.beyond or 0))
        for after in ASKED:
            yield _ask(days, cycle, cycle.first + after, whole)


def _of(days: list[Day], day: int) -> Day:
    return days[day - days[0].day]


def _ask(days: list[Day], cycle: Cycle, today: int, whole: float) -> Asked:
    now, beyond = _of(days, today), cycle.beyond or 0
    cut = [now._replace(moved=_half(now.moved), seen=_half(now.seen), passed=_half(now.passed))]
    past = [day for day in days if today - REMEMBERED <= day.day < today] + cut
    ahead = [Ahead(today, (0.0,) * 12 + (1.0,) * 12), *(Ahead(day, (1.0,) * 24) for day in range(today + 1, beyond))]
    used = int(sum(sum(day.moved) for day in past if day.day >= cycle.first))
    found = outlook(past, ahead, used=used, limit=None, since=cycle.first)
    if found is None:
        raise ValueError("a month is enough for a forecast")
    plain = used / (today - cycle.first + 0.5) * (beyond - cycle.first)
    low, ours, high = found.forecast
    return Asked(abs(ours - whole) / whole, abs(plain - whole) / whole, low <= whole <= high, today - cycle.first)


def _half(hours: tuple[float, ...]) -> tuple[float, ...]:
    return hours[:12] + (0.0,) * 12


def row(name: str, asked: list[Asked]) -> str:
    """A line of the table."""
    ours, plain = median(one.ours for one in asked), median(one.plain for one in asked)
    held = sum(one.held for one in asked) / len(asked)
    return f"| {name} | {len(asked)} | {ours:.1%} | {plain:.1%} | {held:.0%} |"


def table(found: dict[str, list[Asked]]) -> str:
    """Everything, by habit and by how far the cycle had gone."""
    everything = [one for asked in found.values() for one in asked]
    head = ["asked | median error | of used / elapsed * length | in the range |", "---|---|---|---|"]
    return "\n".join(
        [
            "# Backtest of the forecast",
            "",
            "Made by `python scripts/figures_forecast.py`: made-up households, not those the constants come from,",
            f"whole months, asked at noon. The range says that it holds in {HOLDS:.0%} of all cases.",
            "",
            f"| household | {head[0]}",
            f"|---|{head[1]}",
            *(row(HABITS_WORDS[name], asked) for name, asked in found.items()),
            row("**all**", everything),
            "",
            f"| days into the month | {head[0]}",
            f"|---|{head[1]}",
            *(row(str(after), [one for one in everything if one.after == after]) for after in ASKED),
            "",
        ]
    )


HABITS_WORDS = {habit.__name__: f"{habit.__name__}: {(habit.__doc__ or '').rstrip('.')}" for habit in HABITS}


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description="Backtest of the forecast.")
    parser.add_argument("--tuning", action="store_true", help="the households to choose constants on; writes nothing")
    tuning = parser.parse_args().tuning
    seeds = range(1000, 1000 + HOMES) if tuning else range(HOMES)
    found = {habit.__name__: [one for seed in seeds for one in backtest(lived(habit, seed))] for habit in HABITS}
    text = table(found)
    print(text)
    if not tuning:
        FIGURE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
