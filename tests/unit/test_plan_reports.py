"""How a plan stands, in states, words and JSON."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from packetbuddy.billing.forecast import Forecast
from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.planbodies import plans_body
from packetbuddy.reports.plans import Gauge, PlanRow, Plans, UnknownLink
from packetbuddy.reports.planwords import (
    advice_words,
    day_words,
    forecast_words,
    left_words,
    meaning,
    percent_words,
    used_words,
)

GB = 10**9
HOME = Gauge(
    name="Home",
    cap=100 * GB,
    carried=0,
    start=date(2026, 11, 1),
    end=date(2026, 11, 30),
    begun=True,
    passed=0.75,
    days_left=8,
    used=76 * GB,
    used_today=3 * GB,
    coverage=0.97,
    cost=Decimal("570.00"),
    today=date(2026, 11, 23),
)
FAST = PlanRow(HOME, Forecast(98 * GB, 106 * GB, 114 * GB), date(2026, 11, 29), ((date(2026, 11, 1), 3 * GB),))
SLOW = PlanRow(HOME, Forecast(80 * GB, 90 * GB, 99 * GB))
OVER = PlanRow(HOME._replace(used=103 * GB), FAST.forecast)
LATE = HOME._replace(counted_since=date(2026, 11, 20))
NOWHERE = HOME._replace(used=0, unknown=(UnknownLink("wlan9", "wlan0"),), known=False)
BUCKET = PlanRow(HOME._replace(end=None, passed=None, days_left=None), None, date(2026, 12, 12), foreseen=True)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (FAST, "fast"),
        (SLOW, "on_pace"),
        (SLOW._replace(forecast=Forecast(90 * GB, 100 * GB, 110 * GB)), "on_pace"),
        (OVER, "over"),
        (PlanRow(HOME._replace(used=100 * GB)), "over"),
        (PlanRow(HOME._replace(used=100 * GB, carried=1)), "early"),
        (PlanRow(HOME), "early"),
        (PlanRow(HOME._replace(cap=None), FAST.forecast), "no_cap"),
        (PlanRow(HOME._replace(begun=False)), "not_begun"),
        (BUCKET, "running"),
        (PlanRow(BUCKET.gauge), "early"),
        (PlanRow(BUCKET.gauge._replace(used=200 * GB)), "over"),
        (SLOW._replace(gauge=LATE), "on_pace"),
        (SLOW._replace(gauge=LATE, forecast=Forecast(80 * GB, 90 * GB, 100 * GB + 1)), "early"),
        (FAST._replace(gauge=LATE), "fast"),
        (SLOW._replace(forecast=Forecast(80 * GB, 90 * GB, 130 * GB)), "on_pace"),
        (PlanRow(NOWHERE), "unknown"),
        (PlanRow(NOWHERE._replace(begun=False)), "unknown"),
    ],
)
def test_states(row: PlanRow, state: str) -> None:
    """From the last byte of the allowance on nothing is left; an expected end just at the cap is on pace."""
    assert row.state == state


def test_what_is_left() -> None:
    """What came along belongs to the allowance; the advice shares what is left, today among it, never below 0."""
    gauge = HOME._replace(carried=20 * GB)
    assert (gauge.allowance, gauge.left, gauge.percent) == (120 * GB, 44 * GB, 63.3)
    assert gauge.advice == (44 + 3) * GB // 8
    assert OVER.gauge.advice == 0
    free = HOME._replace(cap=None)
    assert (free.allowance, free.left, free.percent, free.advice) == (None, None, None, None)
    assert HOME._replace(begun=False).advice is None
    assert BUCKET.gauge.advice is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (FAST, "At this rate 106 % by Mon 30 Nov, used up on Sun 29 Nov. Stay under 3.4 GB a day."),
        (SLOW, "At this rate 90 % by Mon 30 Nov. Stay under 3.4 GB a day."),
        (OVER, "Nothing is left: 3.00 GB beyond it. A new cycle begins after Mon 30 Nov."),
        (PlanRow(HOME._replace(used=100 * GB)), "Nothing is left. A new cycle begins after Mon 30 Nov."),
        (PlanRow(BUCKET.gauge._replace(used=101 * GB)), "Nothing is left: 1.00 GB beyond it."),
        (PlanRow(HOME), "Too early for a forecast. Stay under 3.4 GB a day."),
        (PlanRow(HOME._replace(days_left=1)), "Too early for a forecast. Stay under 27 GB today."),
        (PlanRow(HOME._replace(cap=None), FAST.forecast), ""),
        (PlanRow(HOME._replace(begun=False)), "Begins on Sun 1 Nov."),
        (BUCKET, "At this rate it lasts until Sat 12 Dec 2026."),
        (
            SLOW._replace(gauge=LATE),
            (
                "At this rate 90 % by Mon 30 Nov. Stay under 3.4 GB a day."
                " Counting began on Fri 20 Nov: `pb plan set already_used SIZE` adds what was used until then."
            ),
        ),
        (PlanRow(NOWHERE), "No interface wlan9 is known: did you mean wlan0?"),
        (
            PlanRow(NOWHERE._replace(unknown=(UnknownLink("ww*", None),))),
            "No interface ww* is known: `pb interfaces` shows all.",
        ),
        (
            PlanRow(OVER.gauge._replace(unknown=(UnknownLink("ww*", None),))),
            (
                "Nothing is left: 3.00 GB beyond it. A new cycle begins after Mon 30 Nov."
                " No interface ww* is known: `pb interfaces` shows all."
            ),
        ),
        (
            PlanRow(HOME._replace(end=date(2036, 11, 11), days_left=3642)),
            "Too early for a forecast. Stay under 7.4 MB a day.",
        ),
        (
            PlanRow(
                HOME._replace(end=date(2036, 11, 11), days_left=3642), Forecast(1, 5 * 10**16, 10**17), date(2027, 1, 3)
            ),
            "At this rate 50,000,000 % by Tue 11 Nov 2036, used up on Sun 3 Jan. Stay under 7.4 MB a day.",
        ),
        (BUCKET._replace(reached=None), "At this rate it lasts for a year or more."),
        (PlanRow(BUCKET.gauge), "Too early for a forecast."),
        (
            PlanRow(BUCKET.gauge._replace(unknown_devices=("attik",))),
            "Too early for a forecast. No one device is called attik, so it is left out: `pb devices` shows all.",
        ),
    ],
)
def test_what_it_means(row: PlanRow, words: str) -> None:
    """One or two sentences that say what to do, for every state."""
    assert meaning(row, "decimal") == words


def test_nothing_is_left_of_what_nobody_knows() -> None:
    """An interface that does not exist has used nothing that anybody could tell: no share, nothing left, no advice."""
    assert (NOWHERE.percent, NOWHERE.left, NOWHERE.advice, NOWHERE.allowance) == (None, None, None, 100 * GB)


@pytest.mark.parametrize(
    ("percent", "words"),
    [(0, "0 %"), (0.1, "0.1 %"), (76.4, "76.4 %"), (100.0, "100 %"), (999.9, "999.9 %"), (1000.4, "1,000 %"),
     (4.9e11, "490,000,000,000 %")],
)  # fmt: skip
def test_shares_in_words(percent: float, words: str) -> None:
    """A decimal where it is one and still matters, thousands apart, and no exponents."""
    assert percent_words(percent) == words


def test_days_in_words() -> None:
    """The year is said of days that are far away."""
    today = date(2026, 11, 23)
    days = (date(2026, 12, 1), date(2027, 5, 22), date(2027, 5, 23), date(2026, 5, 26))
    assert [day_words(day, today) for day in days] == ["Tue 1 Dec", "Sat 22 May", "Sun 23 May 2027", "Tue 26 May 2026"]


def test_the_parts_in_words() -> None:
    """Used of what, days left, the forecast with how often its range holds; nothing where there is nothing to say."""
    assert used_words(HOME, "decimal") == "76.0 GB of 100 GB"
    assert used_words(HOME._replace(cap=None), "decimal") == "76.0 GB"
    assert [left_words(HOME._replace(days_left=days)) for days in (8, 2, 1, None)] == [
        "8 days left", "2 days left", "last day", "",
    ]  # fmt: skip
    assert forecast_words(FAST, "decimal") == "106 GB (98 GB to 114 GB in 8 of 10 cases)"
    assert forecast_words(PlanRow(HOME), "decimal") == ""
    assert advice_words(OVER.gauge, "decimal") == ""


def test_the_body() -> None:
    """Everything for programs and for people; what is not known is null, and cost where it is hidden."""
    how = Presentation(rate=Decimal("7.50"))
    body = plans_body(Plans(date(2026, 11, 23), "Asia/Kolkata", (FAST, BUCKET)), how)
    assert body["date"] == "2026-11-23"
    assert body["timezone"] == "Asia/Kolkata"
    fast, bucket = _plans(body)
    assert fast == {
        "name": "Home",
        "state": "fast",
        "cap_bytes": 100 * GB,
        "carried_bytes": 0,
        "allowance_bytes": 100 * GB,
        "cycle": {"start": "2026-11-01", "end": "2026-11-30", "days_left": 8, "passed": 0.75},
        "used_bytes": 76 * GB,
        "used_today_bytes": 3 * GB,
        "already_used_bytes": 0,
        "left_bytes": 24 * GB,
        "percent": 76.0,
        "forecast": {"low": 98 * GB, "expected": 106 * GB, "high": 114 * GB},
        "used_up_on": "2026-11-29",
        "course": [{"date": "2026-11-01", "used_bytes": 3 * GB}],
        "advice_bytes_per_day": 3_375_000_000,
        "shares": [],
        "counted_since": None,
        "unknown_interfaces": [],
        "unknown_devices": [],
        "coverage": 0.97,
        "cost": {"cost": 570.0, "cost_formatted": "₹570.00"},
        "human_readable": {
            "used": "76.00 GB",
            "left": "24.00 GB",
            "allowance": "100.00 GB",
            "advice": "3.38 GB",
            "forecast": "106.00 GB",
        },
        "meaning": meaning(FAST, "decimal"),
    }
    assert bucket["cycle"] == {"start": "2026-11-01", "end": None, "days_left": None, "passed": None}
    assert bucket["forecast"] is None
    assert bucket["human_readable"]["forecast"] is None
    empty = plans_body(Plans(date(2026, 11, 23), "UTC", (PlanRow(HOME._replace(cost=None, coverage=None)),)), how)
    (plan,) = _plans(empty)
    assert (plan["cost"], plan["coverage"], plan["used_up_on"]) == (None, None, None)


def _plans(body: Body) -> list[dict[str, Any]]:
    found = body["plans"]
    assert isinstance(found, list)
    return found
