import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.cli_samples import (
    GOLDEN,
    GOLDEN_HOW,
    HEALTH,
    HOURS,
    HOW,
    INTERFACES,
    LIVE,
    MONTH,
    RANGE,
    SUMMARY,
    TODAY,
    WHY,
    at,
)
from packetbuddy.reports.bodies import (
    Body,
    Presentation,
    correction_body,
    groups_body,
    health_body,
    interfaces_body,
    live_body,
    month_body,
    range_body,
    summary_body,
    today_body,
    usage_body,
    why_body,
)
from packetbuddy.reports.model import Summary, Usage

USAGE_KEYS = {
    "bytes_sent",
    "bytes_received",
    "total_bytes",
    "human_readable",
    "cost",
    "peak_speed",
    "coverage",
    "estimated_bytes",
}
BODIES: dict[str, Body] = {
    "today": today_body(TODAY, HOW),
    "month": month_body(MONTH, HOW),
    "range": range_body(RANGE, HOW),
    "usage": groups_body(HOURS, HOW),
    "summary": summary_body(SUMMARY, HOW),
    "live": live_body(LIVE, HOW),
    "interfaces": interfaces_body(INTERFACES),
    "why": why_body(WHY, HOW),
    "health": health_body(HEALTH),
}


def as_read(body: Body) -> Any:
    """The body as a reader of the JSON gets it."""
    return json.loads(json.dumps(body, allow_nan=False))


def test_the_golden_body_of_today() -> None:
    """With windows units the published figures read exactly so, at the top level of today's body."""
    body = as_read(today_body(GOLDEN, GOLDEN_HOW))
    assert body["bytes_sent"] == 125829120
    assert body["bytes_received"] == 524288000
    assert body["total_bytes"] == 650117120
    assert body["human_readable"] == {"sent": "120.00 MB", "received": "500.00 MB", "total": "620.00 MB"}
    assert body["cost"] == {
        "total": {"cost": 4.88, "cost_formatted": "₹4.88"},
        "upload": {"cost": 0.94, "cost_formatted": "₹0.94"},
        "download": {"cost": 3.93, "cost_formatted": "₹3.93"},
        "rate_per_gb": 7.5,
        "currency": "INR",
    }
    assert body["peak_speed"] is None
    assert body["coverage"] is None
    assert body["estimated_bytes"] == 0


@pytest.mark.parametrize("name", sorted(BODIES))
def test_every_body_is_plain_json(name: str) -> None:
    """A body holds nothing but what JSON has: it comes back as it went."""
    assert as_read(BODIES[name]) == BODIES[name]


def test_today_has_its_own_fields() -> None:
    """Today's body is a usage with date, timezone and the usual bytes."""
    body = today_body(TODAY, HOW)
    assert set(body) == USAGE_KEYS | {"date", "timezone", "usual_bytes"}
    assert (body["date"], body["timezone"], body["usual_bytes"]) == ("2026-11-23", "Asia/Kolkata", 2_900_000_000)


def test_a_rate_of_zero_hides_cost_everywhere() -> None:
    """Without a price no body of any kind has the word cost in it."""
    free = Presentation()
    bodies = [today_body(TODAY, free), month_body(MONTH, free), groups_body(HOURS, free), summary_body(SUMMARY, free)]
    assert "cost" not in json.dumps([*bodies, why_body(WHY, free), range_body(RANGE, free)])


def test_month_and_range_have_a_row_per_day() -> None:
    """Each day is a usage with its date; month and range differ in how they name their ends."""
    month, ranged = as_read(month_body(MONTH, HOW)), as_read(range_body(RANGE, HOW))
    assert [day["date"] for day in month["days"]] == [f"2026-11-{day:02}" for day in range(1, 31)]
    assert set(month["days"][0]) == USAGE_KEYS | {"date"}
    assert set(month) == {"month", "days", "summary"}
    assert month["month"] == "2026-11"
    assert set(ranged) == {"from", "to", "days", "summary"}
    assert (ranged["from"], ranged["to"]) == ("2026-10-31", "2026-11-05")


def test_groups_have_ends_with_offsets() -> None:
    """A group says where it starts and ends, with the zone's offset."""
    body = as_read(groups_body(HOURS, HOW))
    assert body["by"] == "hour"
    assert body["groups"][1]["start"] == "2026-11-23T01:00:00+05:30"
    assert body["groups"][1]["end"] == "2026-11-23T02:00:00+05:30"
    assert set(body["groups"][0]) == USAGE_KEYS | {"start", "end"}


def test_summary_tells_about_the_tracking() -> None:
    """The summary's own fields; what is not known is null, not zero or absent."""
    body = summary_body(SUMMARY, HOW)
    extra = {"first_day", "days_tracked", "average_daily_bytes", "peak_speed_at", "data_points", "last_update"}
    assert set(body) == USAGE_KEYS | extra | {"active_devices", "observed_since"}
    nothing = summary_body(Summary(Usage(), None, 0, 0, None, 0, None, 0), HOW)
    assert nothing["first_day"] is None
    assert nothing["observed_since"] is None
    assert nothing["peak_speed_at"] is None
    assert nothing["last_update"] is None


def test_live_has_whole_bytes_and_words() -> None:
    """Speeds are whole bytes per second, together and for each interface, and words in the reader's style."""
    body = as_read(live_body(LIVE, HOW._replace(speed="bits")))
    assert body["bytes_sent_per_second"] == 412_000
    assert body["bytes_received_per_second"] == 8_610_000
    assert body["total_bytes_per_second"] == 9_022_000
    assert body["human_readable"] == {"sent": "3.30 Mbit/s", "received": "68.9 Mbit/s", "total": "72.2 Mbit/s"}
    assert body["interfaces"][0]["name"] == "eth0"
    assert body["measured_seconds"] == 1.0


def test_interfaces_say_why() -> None:
    """Every interface has its decision and the reason."""
    row = as_read(interfaces_body(INTERFACES))["interfaces"][0]
    assert row == {
        "name": "eth0",
        "kind": "hardware",
        "present": True,
        "counted": True,
        "reason": "carries the default route",
        "uncertain": False,
        "bytes_sent": 10**9,
        "bytes_received": 9 * 10**9,
        "counted_bytes": 10**10,
    }


def test_why_holds_everything_about_the_day() -> None:
    """Events, gaps, doubts, corrections and imports are all there, with their states."""
    body = as_read(why_body(WHY, HOW))
    own = {"date", "timezone", "pending_bytes", "interfaces", "events", "gaps", "doubts", "corrections", "imports"}
    assert set(body) == USAGE_KEYS | own
    assert body["doubts"][0]["state"] == "open"
    assert body["gaps"][0] == {"start": "2026-11-23T01:00:00+05:30", "end": "2026-11-23T01:30:00+05:30"}
    assert [each["undone_at"] for each in body["corrections"]] == [None, "2026-11-23T11:00:00+05:30"]
    assert correction_body(WHY.corrections[0])["bytes_sent"] == -5_000_000


@given(
    st.integers(0, 2**70),
    st.integers(0, 2**70),
    st.one_of(st.none(), st.floats(0, 1)),
    st.decimals(0, 1000, places=3),
)
def test_any_usage_has_a_body(sent: int, received: int, coverage: float | None, rate: Decimal) -> None:
    """Whatever is counted can be shown: exact bytes, a share between 0 and 1, finite money."""
    body = as_read(usage_body(Usage(sent, received, None, coverage), Presentation(rate=rate)))
    assert body["total_bytes"] == body["bytes_sent"] + body["bytes_received"] == sent + received
    assert body["coverage"] is None or 0 <= body["coverage"] <= 1


@given(st.dates(min_value=date(1, 1, 1)))
def test_months_are_named_with_four_digits(day: date) -> None:
    """A month is always written YYYY-MM."""
    body = month_body(MONTH._replace(first=day), HOW)
    assert str(body["month"]) == day.isoformat()[:7]


def test_instants_keep_the_zone() -> None:
    """The same instant reads in the answer's zone."""
    assert datetime.fromisoformat(str(health_body(HEALTH)["started_at"])) == at(20, 8)
