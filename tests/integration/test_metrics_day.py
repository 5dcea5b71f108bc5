"""A day of a real computer under a scraper: resets, restarts, sleeps and a clock that is set."""

from datetime import UTC
from pathlib import Path

import pytest

from integration.ledgers import CABLE, HOUR, MINUTE, WIFI, Counting, Machine, at
from integration.scraping import Scraper, parsed
from packetbuddy.answers.metrics import Outlooks, metrics
from packetbuddy.answers.open import Question
from packetbuddy.exports.exposition import text
from packetbuddy.exports.openmetrics import families
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock

MORNING = at(2026, 11, 23, 0)


class Day:
    """A computer and a scraper that looks whenever it may; owns the sums of what moved."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.root, self.machine, self.scraper = root, machine, Scraper()
        self.moved = [0, 0]

    def scrape(self) -> dict[str, dict[str, float]]:
        """The samples of each name by their labels."""
        question = Question(Home(self.root), parse({}), self.machine.wall_ns, None, UTC, "UTC")
        found = self.scraper.take(text(families(metrics(question, Outlooks()), ()), "openmetrics"))
        each = (sample for family in found.values() for sample in family.samples)
        names: dict[str, dict[str, float]] = {}
        for sample in each:
            words = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()) if name != "ledger")
            names.setdefault(sample.name, {})[words] = sample.value
        return names

    def hours(self, counting: Counting, count: float, *, identity: int = WIFI) -> None:
        """So many hours with some traffic, written and scraped every half minute of use and every few minutes."""
        for number in range(int(count * 12)):
            self.machine.run(5 * MINUTE - 2)
            counting.look()
            rx, tx = 1000 + number, 300
            counting.tick(rx, tx, identity)
            self.moved[0] += rx
            self.moved[1] += tx
            counting.flush()
            self.scrape()


def test_a_day(tmp_path: Path) -> None:
    """Through all of it the counters rise by what moved and by nothing else, and no scrape finds one lower."""
    machine = Machine(MORNING)
    day = Day(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        day.hours(counting, 6)
        machine.bytes[WIFI] = [0, 0]  # the driver was loaded anew
        day.hours(counting, 1)
        machine.sleep(2 * HOUR)
        day.hours(counting, 1)
        machine.uplink = CABLE
        day.hours(counting, 1, identity=CABLE)
    machine.run(MINUTE)
    with Counting(tmp_path, machine) as counting:  # an update
        day.hours(counting, 1, identity=CABLE)
        machine.set_clock(-1800)
        day.hours(counting, 1, identity=CABLE)
        machine.set_clock(1800)
        day.hours(counting, 1, identity=CABLE)
    machine.reboot()
    with Counting(tmp_path, machine) as counting:
        day.hours(counting, 2, identity=CABLE)
        names = day.scrape()
        assert day.scraper.fallen == []
        usage = names["packetbuddy_usage_bytes_total"]
        assert usage == {"direction=received": day.moved[0], "direction=sent": day.moved[1]}
        assert names["packetbuddy_monitor_up"] == {"": 1}
        assert names["packetbuddy_today_bytes"] == usage
        assert 0.8 < names["packetbuddy_coverage_ratio"]["period=lifetime"] < 1
    assert day.scrape()["packetbuddy_monitor_up"] == {"": 0}


def test_just_started_is_fully_observed(tmp_path: Path) -> None:
    """While the monitor writes, what came after its last write is not unobserved: coverage is as of that write."""
    machine = Machine(MORNING)
    day = Day(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        counting.tick(5, 7)
        counting.flush()
        machine.run(29)
        assert day.scrape()["packetbuddy_coverage_ratio"]["period=today"] == 1
    machine.run(HOUR)
    assert day.scrape()["packetbuddy_coverage_ratio"]["period=today"] < 0.02


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_is_set_ends_no_counter(tmp_path: Path, hours: int) -> None:
    """A computer without a clock of its own begins in another time; found set, its rows move, its counters go on."""
    machine = Machine(MORNING + hours * HOUR * 10**9, synchronized=False)
    day = Day(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        day.hours(counting, 1)
        before = set(day.scraper.last)
        machine.set_clock(-hours * HOUR)
        machine.synchronized = True
        day.hours(counting, 1)
        assert set(day.scraper.last) == before
        assert day.scrape()["packetbuddy_usage_bytes_total"]["direction=received"] == day.moved[0]


def test_the_lock_decides_whether_it_counts(tmp_path: Path) -> None:
    """A monitor that lives but does not write is not up."""
    machine = Machine(MORNING)
    day = Day(tmp_path, machine)
    with Counting(tmp_path, machine) as counting:
        counting.tick(1, 1)
    lock = Lock(Home(tmp_path).lock)
    lock.acquire()
    try:
        assert day.scrape()["packetbuddy_monitor_up"] == {"": 1}
        machine.run(HOUR)
        assert day.scrape()["packetbuddy_monitor_up"] == {"": 0}
    finally:
        lock.release()


def test_what_is_not_openmetrics_is_refused_by_the_parser() -> None:
    """The parser of these tests does object."""
    with pytest.raises(ValueError, match="EOF"):
        parsed("a_total 1\n")


def test_a_forecast_is_told_again_for_some_minutes(tmp_path: Path) -> None:
    """What is used is as of the last write; the forecast is made anew after five minutes, or for other plans."""
    machine, outlooks = Machine(MORNING - 3 * 24 * HOUR * 10**9), Outlooks()
    with Counting(tmp_path, machine) as counting:
        for hour in range(72):
            counting.use(machine.wall_ns + HOUR * 10**9, rx=10**6 * (1 + hour % 7))

    def told(cap: str = "100 GB") -> tuple[int, int | None]:
        settings = parse({"plan": {"cap": cap}})
        question = Question(Home(tmp_path), settings, machine.wall_ns, None, UTC, "UTC")
        row = metrics(question, outlooks).plans.rows[0]
        return row.gauge.used, row.forecast and row.forecast.expected

    used, expected = told()
    assert expected is not None
    machine.run(MINUTE)
    with Counting(tmp_path, machine) as counting:
        counting.tick(10**9, 0)
    assert told() == (used + 10**9, expected)
    assert told("50 GB")[1] != expected
    machine.run(5 * MINUTE)
    assert told()[1] not in {None, expected}
