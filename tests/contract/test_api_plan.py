"""``/api/plan``, ``/api/cost`` and groups by cycle: documented shapes, and the same as the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy.cli.main import main as pb

GB = 10**9
DAY = 24 * HOUR
PLANS = """
[[plan]]
name = "Home"
cap = "60 GB"
off_peak = ["01:00-07:00"]
tiers = [{ up_to = "10 GB", rate = 10 }, { rate = 5 }]
rollover = true
[[plan]]
name = "Card"
cap = "2 GB"
cycle = "prepaid"
starts = 2026-11-20
[[plan]]
name = "Later"
cap = "2 GB"
cycle = "prepaid"
starts = 2027-11-20
[[plan]]
name = "Free"
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two gigabytes each noon since 22 October, and four kinds of plans."""
    root = tmp_path_factory.mktemp("home")
    write_ledger(root, [Moved(NOON - day * DAY, GB // 2, 3 * GB // 2) for day in range(32, -1, -1)])
    (root / "config.toml").write_text(PLANS, "utf-8")
    with Served(root) as server:
        yield server


def check(served: Served, path: str) -> Any:
    """The answer, proven to be one that the document announces."""
    answer, document = served.get(path), served.get("/api/openapi.json").json
    announced = document["paths"][path.split("?", maxsplit=1)[0]]["get"]["responses"][str(answer.status)]["content"]
    schema = announced[answer.headers["content-type"]]["schema"]
    jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(answer.json)
    assert answer.status == 200
    return answer.json


def test_every_kind_of_plan_has_its_documented_shape(served: Served) -> None:
    """Monthly with everything, prepaid, not begun, without a cap: in the order of the settings."""
    plans = check(served, "/api/plan")["plans"]
    assert [(plan["name"], plan["state"]) for plan in plans] == [
        ("Home", "fast"),
        ("Card", "over"),
        ("Later", "not_begun"),
        ("Free", "no_cap"),
    ]
    home, card, _, free = plans
    assert home["used_bytes"] == free["used_bytes"] == 46 * GB
    assert home["course"][-1] == {"date": "2026-11-23", "used_bytes": 46 * GB}
    assert card["percent"] == 400.0
    assert home["cycle"]["days_left"] == 8
    assert served.get("/api/plan?interface=eth0").json["plans"][0]["used_bytes"] == 46 * GB
    assert served.get("/api/plan?device=this").json["plans"] == plans
    assert "no device 'attic' is known" in served.get("/api/plan?device=attic").json["error"]["message"]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/api/plan", ["plan"]),
        ("/api/usage?by=cycle", ["usage", "--by", "cycle"]),
        ("/api/usage?by=cycle&top=1", ["usage", "--by", "cycle", "--top", "1"]),
    ],
)
def test_api_and_command_line_say_the_same(
    served: Served, capsys: pytest.CaptureFixture[str], path: str, command: list[str]
) -> None:
    """The body is ``data`` of the command of the same name."""
    answer = check(served, path)
    assert pb([*command, "--json"], served.environment, served.now_ns) == 0
    assert json.loads(capsys.readouterr().out)["data"] == answer


def test_what_the_cycles_cost(served: Served) -> None:
    """By the plan's own tiers, at the flat price, nothing before it begins."""
    costs = {plan["name"]: plan["cycle"] for plan in check(served, "/api/cost")["plans"]}
    assert costs == {
        "Home": {"cost": 280.0, "cost_formatted": "₹280.00"},
        "Card": {"cost": 60.0, "cost_formatted": "₹60.00"},
        "Later": None,
        "Free": {"cost": 345.0, "cost_formatted": "₹345.00"},
    }


def test_without_a_plan(tmp_path: Path) -> None:
    """No plans is an empty list; cycles that nobody defined are the caller's mistake, with what to do."""
    write_ledger(tmp_path / "home", [Moved(NOON - HOUR, 1, 2)])
    with Served(tmp_path / "home") as served:
        assert served.get("/api/plan").json["plans"] == []
        answer = served.get("/api/usage?by=cycle")
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.json["error"]["hint"] == 'set one: pb plan set cap "100 GB"'
