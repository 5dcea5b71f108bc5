"""``/metrics``: who gets which text, what the figures are, and what happens where there are none."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema_rs
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families as parsed_plain

from contract.api_serving import HOUR, NOON, ZONE, Answer, Moved, Served, write_ledger
from integration.scraping import parsed
from packetbuddy.api import pulse
from packetbuddy.api.scraping import spoken
from packetbuddy.errors import ProbeError
from packetbuddy.exports.openmetrics import families
from packetbuddy.probes.face import Probe
from packetbuddy.reports.metrics import Metrics
from packetbuddy.reports.model import Usage
from packetbuddy.reports.plans import NO_PLANS

DAY = 24 * HOUR
MOVES = [Moved(NOON - 9 * DAY, 10_000, 90_000), Moved(NOON - 2 * HOUR, 125_829_120, 524_288_000)]
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
"""As Prometheus 3 asks; with native histograms it puts the following before it."""
PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
    "escaping=allow-utf-8;q=0.6,"
)
PROMETHEUS_2 = "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MODERN, OLDER = "application/openmetrics-text", "text/plain"
PLAN = '[[plan]]\nname = "ho\\\\me \\"x\\""\ncap = "100 GB"\nstarts = 1\n[[plan]]\nname = "ü"\n'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two bursts of traffic, two plans."""
    root = tmp_path_factory.mktemp("home")
    write_ledger(root, MOVES)
    (root / "config.toml").write_text(PLAN, encoding="utf-8")
    with Served(root) as server:
        yield server


@pytest.mark.parametrize(
    ("accept", "media", "version"),
    [
        (PROMETHEUS, MODERN, "1.0.0"),
        (PROTOBUF + PROMETHEUS, MODERN, "1.0.0"),
        (PROMETHEUS_2, MODERN, "0.0.1"),
        ("", MODERN, "1.0.0"),
        ("*/*", MODERN, "1.0.0"),
        ("application/*", MODERN, "1.0.0"),
        ("Application/OpenMetrics-Text; Version=1.0.0; Charset=utf-8", MODERN, "1.0.0"),
        ('application/openmetrics-text; version="1.0.0"; charset="utf-8"', MODERN, "1.0.0"),
        ('text/plain; version="0.0.4"; q=0.5', OLDER, "0.0.4"),
        ("application/openmetrics-text;q=0.3,text/plain;q=0.2", MODERN, "1.0.0"),
        ("application/openmetrics-text,text/html", MODERN, "1.0.0"),
        ("application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.3", OLDER, "0.0.4"),
        ("application/openmetrics-text;q=0,*/*", OLDER, "0.0.4"),
        ("application/openmetrics-text;version=2.0.0,text/plain;version=0.0.4;q=0.5", OLDER, "0.0.4"),
        ("text/plain", OLDER, "0.0.4"),
        ("text/plain;version=1.0.0", OLDER, "1.0.0"),
        ("text/*", OLDER, "0.0.4"),
        (FIREFOX, OLDER, "0.0.4"),
        ("image/png", OLDER, "0.0.4"),
        ("application/openmetrics-text;q=much,text/plain;q=0.1", OLDER, "0.0.4"),
        ("application/openmetrics-text;q=nan,text/plain;q=0.1", OLDER, "0.0.4"),
        (",;,;q=;=,", MODERN, "1.0.0"),
    ],
)
def test_each_gets_the_text_it_understands(accept: str, media: str, version: str) -> None:
    """The weights of the Accept header decide; OpenMetrics where it does not matter; a browser gets text."""
    assert spoken(accept) == (media, version)


def test_the_headers_say_which_text_it_is(served: Served) -> None:
    """The media type as the scraper calls it; nobody keeps an answer, or gives one text to who asked for the other."""
    for accept, media in ((PROMETHEUS, f"{MODERN}; version=1.0.0"), ("text/plain", f"{OLDER}; version=0.0.4")):
        answer = served.get("/metrics", {"Accept": accept})
        assert answer.headers["content-type"] == f"{media}; charset=utf-8"
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept", "no-store")
    assert served.get("/metrics", method="HEAD").body == b""
    assert served.get("/metrics?x=1").status == 422
    assert served.get("/metrics", {"Host": "evil.example"}).status == 421


def values(family: Metric) -> dict[tuple[str, ...], float]:
    """Values by what the labels say, a ledger's name left out."""
    return {
        tuple(value for name, value in sorted(one.labels.items()) if name != "ledger"): one.value
        for one in family.samples
        if not one.name.endswith("_created")
    }


def test_the_figures_are_those_of_the_other_answers(served: Served) -> None:
    """Lifetime, today and plans are what the API tells, to the byte; counters hold what the meter booked."""
    found = parsed(served.get("/metrics").body.decode())
    summary, today = served.get("/api/summary").json, served.get("/api/today").json
    plan, other = served.get("/api/plan").json["plans"]
    both = {("received",): summary["bytes_received"], ("sent",): summary["bytes_sent"]}
    assert values(found["packetbuddy_lifetime_bytes"]) == values(found["packetbuddy_usage_bytes"]) == both
    each = {("yes", direction, "eth0"): value for (direction,), value in both.items()}
    assert values(found["packetbuddy_interface_bytes"]) == each
    assert values(found["packetbuddy_today_bytes"]) == {
        ("received",): today["bytes_received"],
        ("sent",): today["bytes_sent"],
    }
    assert values(found["packetbuddy_coverage_ratio"]) == {
        ("today",): today["coverage"],
        ("lifetime",): summary["coverage"],
    }
    name = plan["name"]
    assert name == 'ho\\me "x"'
    for metric, key in (("cap", "cap"), ("used", "used"), ("left", "left"), ("allowance", "allowance")):
        assert values(found[f"packetbuddy_plan_{metric}_bytes"])[(name,)] == plan[f"{key}_bytes"]
    assert values(found["packetbuddy_plan_cap_bytes"]) == {(name,): 100 * 10**9}
    assert values(found["packetbuddy_plan_advice_bytes"])[(name,)] == plan["advice_bytes_per_day"]
    midnight = datetime(2026, 12, 1, tzinfo=ZoneInfo(ZONE)).timestamp()
    assert values(found["packetbuddy_plan_end_timestamp_seconds"]) == {(name,): midnight, ("ü",): midnight}
    forecast = {(bound, name): value for bound, value in plan["forecast"].items()}
    assert {
        key: one for key, one in values(found["packetbuddy_plan_forecast_bytes"]).items() if name in key
    } == forecast
    states = values(found["packetbuddy_plan_state"])
    assert {key for key, value in states.items() if value} == {(plan["state"], name), (other["state"], "ü")}


def test_speeds_are_measured_and_the_monitor_is_told_of(served: Served) -> None:
    """The speed now has no ledger in it; a monitor that stopped is 0, and when it last wrote is an instant."""
    found = parsed(served.get("/metrics").body.decode())
    assert all(value >= 0 for value in values(found["packetbuddy_speed_bytes_per_second"]).values())
    assert values(found["packetbuddy_monitor_up"]) == {(): 0}
    assert values(found["packetbuddy_last_write_timestamp_seconds"]) == {(): NOON / 10**9}
    assert values(found["packetbuddy_build"]) == {("2.0.0",): 1}
    assert values(found["packetbuddy_open_doubts"]) == {(): 0}


def test_the_older_text_holds_the_same(served: Served) -> None:
    """The same figures for those who do not know OpenMetrics."""
    found = parsed(served.get("/metrics").body.decode())
    older = {one.name: one for one in parsed_plain(served.get("/metrics", {"Accept": "text/plain"}).body.decode())}
    assert values(older["packetbuddy_usage_bytes"]) == values(found["packetbuddy_usage_bytes"])
    assert values(older["packetbuddy_plan_used_bytes"]) == values(found["packetbuddy_plan_used_bytes"])


def test_no_data_and_unreadable_are_no_metrics(tmp_path: Path) -> None:
    """A scrape fails, with the reason: zeros would be a lie, and a fall."""
    with Served(tmp_path) as server:
        assert_refused(server.get("/metrics"), "no_data")
        (tmp_path / "packetbuddy.db").write_bytes(b"not a database, certainly not" * 100)
        assert_refused(server.get("/metrics"), "ledger")


def assert_refused(answer: Answer, code: str) -> None:
    assert (answer.status, answer.code) == (503, code)


def test_what_is_sent_is_announced(served: Served) -> None:
    """The document knows the address, both texts, and the refusals."""
    document: Any = served.get("/api/openapi.json").json
    announced = document["paths"]["/metrics"]["get"]["responses"]
    assert sorted(announced["200"]["content"]) == [MODERN, OLDER]
    refusal = served.get("/metrics?x=1")
    schema = announced["422"]["content"]["application/json"]["schema"]
    jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(refusal.json)


def names() -> set[str]:
    """Every name there is, as queries use it."""
    metrics = Metrics("", False, 0, "", None, (), Usage(), Usage(), 0, NO_PLANS, ())
    suffix = {"counter": "_total", "info": "_info"}
    return {family.name + suffix.get(family.kind, "") for family in families(metrics, ())}


DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_reference_names_every_metric() -> None:
    """Each has its row in docs/reference/metrics.md, and no row is of one that is not there."""
    page = (DOCS / "reference" / "metrics.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(packetbuddy_[a-z_]+)` ", page, re.MULTILINE)) == names()


def test_the_grafana_dashboard_uses_what_there_is() -> None:
    """Every name in its queries is one that /metrics exports, with labels that it has; each panel has a query."""
    board = json.loads((DOCS / "how-to" / "grafana" / "packetbuddy.json").read_text("utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    queries += [variable["query"]["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    assert all(panel.get("targets") for panel in board["panels"] if panel["type"] != "row")
    used = {name for query in queries for name in re.findall(r"packetbuddy_\w+", query)}
    assert used
    assert used - names() == set()
    labels = {
        label
        for query in queries
        for group in re.findall(r"\{([^}]*)\}|(?:by|without) ?\(([^)]*)\)", query)
        for label in re.findall(r"(\w+) ?(?:[=!]|,|$)", "".join(group))
    }
    known = {"direction", "interface", "counted", "ledger", "plan", "bound", "period", "version", "instance", "job"}
    assert labels - known - {"packetbuddy_plan_state"} == set()


def test_how_to_pages_name_only_metrics_that_there_are() -> None:
    """Sample queries and alerts of the pages use exported names."""
    pages = [DOCS / "how-to" / "grafana.md", DOCS / "reference" / "metrics.md"]
    used = {name for page in pages for name in re.findall(r"packetbuddy_[a-z_]+", page.read_text("utf-8"))}
    known = names() | {name.removesuffix("_total") + "_created" for name in names()}
    assert used - known == set()


def test_without_counters_there_are_no_speeds(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be measured is left out; what is written is told all the same."""

    def refused() -> Probe:
        raise ProbeError("netlink is refused here")

    monkeypatch.setattr(pulse, "open_probe", refused)
    found = parsed(served.get("/metrics").body.decode())
    assert "packetbuddy_speed_bytes_per_second" not in found
    assert values(found["packetbuddy_usage_bytes"])
