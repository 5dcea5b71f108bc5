"""Which alerts are due, and what must happen before another can be."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from packetbuddy.alerts.judging import DayOf, Situation, due, minutes_to_look, trips, unusual, unusual_trip
from packetbuddy.billing.forecast import Forecast
from packetbuddy.reports.plans import Gauge, PlanRow
from packetbuddy.settings.load import parse
from packetbuddy.storage.trips import Trip

GB = 10**9
FIRST, TODAY, LAST = date(2026, 11, 1), date(2026, 11, 16), date(2026, 11, 30)
GAUGE = Gauge("Home", 100 * GB, 0, FIRST, LAST, True, 0.5, 15, 0, 0, 1.0, None, TODAY)
SLOW, QUICK = Forecast(60 * GB, 70 * GB, 80 * GB), Forecast(101 * GB, 120 * GB, 140 * GB)
COURSE = tuple((date(2026, 11, day), day * GB) for day in (1, 2, 3))


def at(
    used: int, forecast: Forecast | None = None, *, minute: int = 720, gauge: Gauge = GAUGE, **plan: Any
) -> Situation:
    """The plan with so much used, at noon."""
    (settings,) = parse({"plan": {"name": "Home", "cap": "100 GB", **plan}}).plans
    return Situation(settings, PlanRow(gauge._replace(used=used), forecast), minute, "decimal")


def changes_of(*given: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return given


@dataclass
class Ledger:
    """Remembers what was told, as the real one does."""

    told: set[str]

    def tell(self, now: Situation) -> list[str]:
        """Titles of what is due now."""
        fresh = list(due(now, self.told))
        self.told |= {key for alert in fresh for key in (alert.key, *alert.covered)}
        return [alert.title for alert in fresh]


def test_each_percentage_once() -> None:
    """Told at exactly its byte, and never again while the cycle lasts, whatever the usage does then."""
    ledger = Ledger(set())
    steps = [49 * GB, 50 * GB - 1, 50 * GB, 51 * GB, 49 * GB, 50 * GB, 79 * GB, 80 * GB, 99 * GB, 100 * GB, 130 * GB]
    told = [title for used in steps for title in ledger.tell(at(used))]
    assert told == ["Home: 50 % used", "Home: 80 % used", "Home: 100 % used"]


@example([100 * GB, 150 * GB], {1, 101})  # beyond the cap twice, and each time the forecast goes without saying
@given(st.lists(st.integers(0, 200 * GB), max_size=12), st.sets(st.integers(1, 150), min_size=1, max_size=5))
def test_no_key_twice(steps: list[int], percents: set[int]) -> None:
    """In any course of usage no key is due twice, and in the end all percentages that were reached are told."""
    ledger, given_keys = Ledger(set()), []
    for used in steps:
        now = at(used, alerts=sorted(percents))
        fresh = list(due(now, ledger.told))
        assert len(fresh) <= 1
        given_keys += [key for alert in fresh for key in (alert.key, *alert.covered)]
        ledger.tell(now)
    assert len(given_keys) == len(set(given_keys))
    assert len(given_keys) >= sum(max(steps, default=0) * 100 >= 100 * GB * percent for percent in percents)


def test_several_at_once_are_one_message() -> None:
    """A jump over 50 and 80 tells the higher one, and the lower one is told with it."""
    ledger = Ledger(set())
    assert ledger.tell(at(85 * GB)) == ["Home: 85 % used"]
    assert ledger.tell(at(86 * GB)) == []
    assert ledger.tell(at(100 * GB)) == ["Home: 100 % used"]


def test_the_forecast_that_crosses_the_cap() -> None:
    """Told once, when it first does; falling back and crossing again is no news; a percentage tells it along."""
    ledger = Ledger(set())
    assert ledger.tell(at(30 * GB, SLOW)) == []
    assert ledger.tell(at(31 * GB, QUICK)) == ["Home: heading for 120 %"]
    assert ledger.tell(at(32 * GB, SLOW)) == ledger.tell(at(33 * GB, QUICK)) == []
    unsure = Forecast(90 * GB, 120 * GB, 150 * GB)
    young = at(10 * GB, unsure)
    assert Ledger(set()).tell(young._replace(row=young.row._replace(course=COURSE[:2]))) == []
    assert Ledger(set()).tell(young._replace(row=young.row._replace(course=COURSE))) == ["Home: heading for 120 %"]
    together = Ledger(set())
    assert together.tell(at(50 * GB, QUICK)) == ["Home: 50 % used"]
    assert together.tell(at(51 * GB, QUICK)) == []


def test_the_message_says_what_to_do() -> None:
    """What is used, what is left of the time, where it goes, and how much a day is fine."""
    now = at(50 * GB, QUICK)._replace()
    row = now.row._replace(reached=date(2026, 11, 25))
    (alert,) = due(now._replace(row=row), set())
    assert alert.message == (
        "50.0 GB of 100 GB used, 15 days left. At this rate 120 % by Mon 30 Nov, used up on Wed 25 Nov."
        " Stay under 3.3 GB a day."
    )


def test_a_changed_plan_is_another_one() -> None:
    """Cap, cycle, windows, rollover, links: each arms everything again; other percentages and prices do not."""
    ledger = Ledger(set())
    ledger.tell(at(60 * GB))
    for changes in changes_of(
        {"cap": "110 GB"}, {"starts": 2}, {"off_peak": ["01:00-02:00"]}, {"rollover": True}, {"interfaces": "eth0"},
        {"already_used": "1 GB"}, {"name": "Other"}, {"off_peak_counts": 0.5},
    ):  # fmt: skip
        assert Ledger(set(ledger.told)).tell(at(60 * GB, **changes)) != [], changes
    for changes in changes_of({"alerts": [50, 90]}, {"overage_rate": 5}, {"tiers": [{"rate": 3}]}):
        assert Ledger(set(ledger.told)).tell(at(60 * GB, **changes)) == [], changes
    next_cycle = GAUGE._replace(start=date(2026, 12, 1), end=date(2026, 12, 31))
    assert ledger.tell(at(60 * GB, gauge=next_cycle)) == ["Home: 60 % used"]


def test_nothing_to_tell() -> None:
    """Without a cap, before a bucket's day, or without percentages nothing is due and nothing is waited for."""
    for now in (
        at(60 * GB, gauge=GAUGE._replace(cap=None)),
        at(60 * GB, gauge=GAUGE._replace(begun=False)),
        at(60 * GB, alerts=[]),
    ):
        assert list(due(now, set())) == []
        assert list(trips(now, set())) == []


def test_what_is_waited_for() -> None:
    """The bytes to the next percentage; after the last one nothing; links of the plan."""
    assert list(trips(at(60 * GB), set())) == [Trip((), 20 * GB)]
    assert list(trips(at(100 * GB, alerts=[50, 100]), set())) == []
    assert list(trips(at(10 * GB, interfaces="wwan*"), set())) == [Trip(("wwan*",), 40 * GB)]


def test_the_forecast_is_waited_for() -> None:
    """A quarter of its distance from the cap, at least a hundredth of the cap; not any more once it was told."""
    assert list(trips(at(10 * GB, SLOW), set())) == [Trip((), 30 * GB // 4)]
    close = Forecast(90 * GB, 99 * GB, 110 * GB)
    assert list(trips(at(10 * GB, close), set())) == [Trip((), GB)]
    told = {key for alert in due(at(10 * GB, QUICK), set()) for key in (alert.key, *alert.covered)}
    assert list(trips(at(10 * GB, close), told)) == [Trip((), 40 * GB)]


def test_off_peak_bytes_are_waited_for_longer() -> None:
    """At night, when a byte counts half, twice as many are needed; when it counts nothing, none will do."""
    half: dict[str, Any] = {"off_peak": ["01:00-07:00"], "off_peak_counts": 0.5}
    assert list(trips(at(60 * GB, minute=120, **half), set())) == [Trip((), 40 * GB)]
    assert list(trips(at(60 * GB, minute=600, **half), set())) == [Trip((), 20 * GB)]
    assert list(trips(at(60 * GB, minute=120, off_peak=["01:00-07:00"]), set())) == []
    assert minutes_to_look(at(60 * GB, minute=120, **half)) == 300
    assert minutes_to_look(at(60 * GB)) is None


@given(st.integers(0, 150 * GB), st.integers(0, 1439), st.sampled_from([0.0, 0.25, 1.0]))
def test_a_trip_never_comes_late(used: int, minute: int, counts: float) -> None:
    """Before so many bytes more nothing can become due, whatever of them counts."""
    now = at(used, minute=minute, off_peak=["22:00-06:00"], off_peak_counts=counts)
    told = {key for alert in due(now, set()) for key in (alert.key, *alert.covered)}
    for trip in trips(now, told):
        weight = counts if minute >= 22 * 60 or minute < 6 * 60 else 1
        later = at(
            used + int((trip.size - 1) * weight), minute=minute, off_peak=["22:00-06:00"], off_peak_counts=counts
        )
        assert list(due(later, told)) == []


def test_an_unusual_day() -> None:
    """Told once for its day; what is waited for is what lacks to it."""
    day = DayOf(date(2026, 11, 23), 5 * GB, 6 * GB)
    assert list(unusual(day, set(), "decimal")) == []
    assert list(unusual_trip(day, set())) == [Trip((), GB)]
    big = day._replace(moved=6 * GB)
    (alert,) = unusual(big, set(), "decimal")
    assert alert.message == "Already 6.00 GB today, far more than on any day lately. See: pb why today"
    assert [*unusual(big, {alert.key}, "decimal"), *unusual_trip(big, {alert.key})] == []
    assert list(unusual(big._replace(day=date(2026, 11, 24)), {alert.key}, "decimal")) != []
    unknown = day._replace(unusual_from=None)
    assert [*unusual(unknown, set(), "decimal"), *unusual_trip(unknown, set())] == []
