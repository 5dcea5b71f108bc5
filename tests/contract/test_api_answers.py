"""Every endpoint: its documented shape, the same figures as the command line, the golden answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from contract.api_serving import HOUR, NOON, Answer, Moved, Served, write_ledger
from packetbuddy.api.routes import ENDPOINTS
from packetbuddy.cli.main import main as pb
from unit.calm import Stopwatch

DAY = 24 * HOUR
MOVES = [
    Moved(NOON - 9 * DAY, 10_000, 90_000),
    Moved(NOON - 7 * DAY - 3 * HOUR, 7, 5),
    Moved(NOON - DAY, 1_000_000, 2_000_000),
    Moved(NOON - 2 * HOUR, 125_829_120, 524_288_000),
]
ASKED = {
    "/api/range": "?from=2026-11-01&to=2026-11-23",
    "/api/usage": "?by=hour",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A ledger of four bursts of traffic."""
    root = tmp_path_factory.mktemp("home")
    write_ledger(root, MOVES)
    with Served(root) as server:
        yield server


@pytest.fixture(scope="module")
def document(served: Served) -> Any:
    """The OpenAPI document."""
    return served.get("/api/openapi.json").json


def check(document: Any, answer: Answer, path: str) -> None:
    """The answer is one that the document announces."""
    announced = document["paths"][path]["get"]["responses"][str(answer.status)]["content"]
    schema = announced[answer.headers["content-type"]]["schema"]
    jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(answer.json)


@pytest.mark.parametrize("path", [row.path for row in ENDPOINTS if row.media == "application/json"])
def test_every_answer_has_its_documented_shape(served: Served, document: Any, path: str) -> None:
    """What is sent is what the OpenAPI document says, for each endpoint; so is a refusal."""
    check(document, served.get(path + ASKED.get(path, "")), path)
    check(document, served.get(path + "?nonsense=1"), path)


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/api/today", ["today"]),
        ("/api/month", ["month"]),
        ("/api/month?month=2026-10", ["month", "2026-10"]),
        ("/api/range?from=2026-11-10&to=2026-11-23", ["range", "--from", "2026-11-10", "--to", "2026-11-23"]),
        ("/api/usage?by=hour", ["usage", "--by", "hour"]),
        ("/api/usage?by=day&top=2", ["usage", "--by", "day", "--top", "2"]),
        ("/api/usage?by=month&from=2026-01-01", ["usage", "--by", "month", "--from", "2026-01-01"]),
        ("/api/usage", ["usage"]),
        ("/api/summary", ["summary"]),
        ("/api/interfaces", ["interfaces"]),
        ("/api/today?interface=eth0", ["today", "--interface", "eth0"]),
    ],
)
def test_api_and_command_line_say_the_same(
    served: Served, capsys: pytest.CaptureFixture[str], path: str, command: list[str]
) -> None:
    """For one ledger and instant the body is that of ``pb … --json``, key by key."""
    assert pb([*command, "--json"], served.environment, served.now_ns) == 0
    assert served.get(path).json == json.loads(capsys.readouterr().out)["data"]


def test_golden_answer_of_windows_units(tmp_path: Path) -> None:
    """SPEC 5's golden figures, at the top level of /api/today."""
    write_ledger(tmp_path, [Moved(NOON - HOUR, 125_829_120, 524_288_000)])
    (tmp_path / "config.toml").write_text('[display]\nunits = "windows"\n[cost]\nrate_per_gb = 7.50\n')
    with Served(tmp_path) as server:
        body = server.get("/api/today").json
    assert (body["bytes_sent"], body["bytes_received"]) == (125_829_120, 524_288_000)
    assert body["human_readable"] == {"sent": "120.00 MB", "received": "500.00 MB", "total": "620.00 MB"}
    assert body["cost"]["total"]["cost_formatted"] == "₹4.88"
    assert (body["date"], body["timezone"]) == ("2026-11-23", "Asia/Kolkata")


def test_heatmap_holds_every_byte_at_its_hour(served: Served) -> None:
    """168 cells in order; each burst is at its local weekday and hour, and the sum is that of the range."""
    body = served.get("/api/heatmap").json
    assert [cell[:2] for cell in body["cells"]] == [[day, hour] for day in range(7) for hour in range(24)]
    assert (body["from"], body["to"]) == ("2026-09-01", "2026-11-23")
    by_hour = {(day, hour): count for day, hour, count in body["cells"] if count}
    assert by_hour == {(5, 11): 100_000, (0, 8): 12, (6, 11): 3_000_000, (0, 9): 650_117_120}


def test_heatmap_of_one_interface_and_some_days(served: Served) -> None:
    """``interface``, ``from`` and ``to`` narrow it down."""
    body = served.get("/api/heatmap?interface=eth0&from=2026-11-22&to=2026-11-22").json
    assert {(day, hour): count for day, hour, count in body["cells"] if count} == {(6, 11): 3_000_000}


def test_costs_are_those_of_the_usages(served: Served) -> None:
    """Today's, the month's and the lifetime's cost are the ones that their own endpoints tell."""
    body = served.get("/api/cost").json
    assert body["today"] == served.get("/api/today").json["cost"]
    assert body["month"] == served.get("/api/month").json["summary"]["cost"]
    assert body["lifetime"] == served.get("/api/summary").json["cost"]
    assert (body["rate_per_gb"], body["currency"], body["unit"]) == (7.5, "INR", "GB")


def test_without_a_price_cost_is_nowhere(tmp_path: Path) -> None:
    """A rate of 0 hides cost everywhere."""
    write_ledger(tmp_path, MOVES)
    (tmp_path / "config.toml").write_text("[cost]\nrate_per_gb = 0\n")
    with Served(tmp_path) as server:
        assert "cost" not in server.get("/api/today").json
        body = server.get("/api/cost").json
    assert (body["today"], body["month"], body["lifetime"]) == (None, None, None)


def test_settings_are_read_again_and_a_mistake_keeps_the_last_good_ones(tmp_path: Path) -> None:
    """An edited file holds for the next request; a broken one changes nothing and is told by /api/health."""
    write_ledger(tmp_path, MOVES)
    config = tmp_path / "config.toml"
    with Served(tmp_path) as server:
        assert server.get("/api/today").json["timezone"] == "Asia/Kolkata"
        config.write_text('[display]\ntimezone = "UTC"\n')
        assert server.get("/api/today").json["timezone"] == "UTC"
        for wrong in ('[display]\ntimezone = "Mars/Olympus"\n', "[display]\ntimezon = 3\n", "= ="):
            config.write_text(wrong)
            assert server.get("/api/today").json["timezone"] == "UTC"
            assert str(config) in server.get("/api/health").json["config"]["problem"]
        config.unlink()
        assert server.get("/api/today").json["timezone"] == "Asia/Kolkata"
        assert server.get("/api/health").json["config"]["problem"] is None


def test_started_with_a_broken_file_the_defaults_hold_for_what_is_wrong(tmp_path: Path) -> None:
    """What is right in the file holds, what is wrong has its default."""
    write_ledger(tmp_path, MOVES)
    (tmp_path / "config.toml").write_text('[cost]\ncurrency = "EUR"\nrate_per_gb = "much"\n')
    with Served(tmp_path) as server:
        assert server.get("/api/today").json["cost"]["currency"] == "EUR"
        (tmp_path / "config.toml").write_bytes(b"\xff")
        assert server.get("/api/today").json["cost"]["currency"] == "EUR"
    with Served(tmp_path) as server:
        assert server.get("/api/today").json["cost"]["currency"] == "INR"


def test_no_ledger_is_no_data_and_not_zero(tmp_path: Path) -> None:
    """Before the first figures every endpoint says so with a word of its own; a program can tell it from an error."""
    with Served(tmp_path) as server:
        for path in ("/api/today", "/api/month", "/api/summary", "/api/heatmap", "/api/cost", "/api/interfaces"):
            answer = server.get(path)
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "no_data", "2")
        health = server.get("/api/health")
    assert (health.status, health.json["storage"]["state"], health.json["monitor"]["state"]) == (
        503,
        "no_data",
        "stopped",
    )


def test_an_unreadable_ledger_is_told_in_words(tmp_path: Path) -> None:
    """A broken database is an error with a hint, never "no usage"."""
    (tmp_path / "packetbuddy.db").write_bytes(b"not a database, certainly not" * 100)
    with Served(tmp_path) as server:
        answer, health = server.get("/api/today"), server.get("/api/health")
    assert (answer.status, answer.code) == (503, "ledger")
    assert "not a database" in answer.json["error"]["message"]
    assert health.json["storage"]["state"] == "unreadable"


def test_an_unknown_interface_is_the_callers_mistake(served: Served) -> None:
    """422 with the known names."""
    answer = served.get("/api/today?interface=eth7")
    assert (answer.status, answer.code) == (422, "invalid")
    assert "eth0" in answer.json["error"]["hint"]
    assert served.get("/api/live?interface=eth7").status == 422
    assert served.get("/api/stream?interface=eth7").status == 422


def test_the_reference_mentions_every_endpoint_and_parameter() -> None:
    """docs/reference/api.md has a part for each endpoint, which names each of its parameters."""
    reference = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text("utf-8")
    parts = {part.split("`")[0]: part for part in reference.split("## `GET ")[1:]}
    for row in ENDPOINTS:
        for name in (field.encode_name for field in msgspec.structs.fields(row.query)):
            assert f"`{name}`" in parts[row.path] or name == "interface"
    assert set(parts) == {row.path for row in ENDPOINTS} | {"/api/openapi.json"}


def test_live_measures_about_a_second(served: Served) -> None:
    """Speeds come from two looks about a second apart, also for several who ask at once."""
    watch = Stopwatch()
    body = served.get("/api/live").json
    assert 0.5 < body["measured_seconds"] < 5 + watch.stalled
    assert body["total_bytes_per_second"] >= 0
