"""The Home Assistant recipe: its templates find what they name, and its classes hold by Home Assistant's own rules.

The rules are those of https://developers.home-assistant.io/docs/core/entity/sensor/ ("Available device classes",
"Long-term Statistics"), told again here and tried on the examples of that page.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from contract.api_serving import Served
from integration.ledgers import Counting, Machine, at
from packetbuddy.answers.amend import correct, undo_correction
from packetbuddy.answers.open import Question
from packetbuddy.answers.zone import zone_for
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "home-assistant.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
REST = BLOCKS[0]["rest"]
SENSORS = [(each["resource"], sensor) for each in REST for sensor in each["sensor"]]
UNITS = {"data_size": {"B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB"}, "data_rate": {"B/s", "kB/s", "MB/s"}}
CLASSES = {"data_size": {None, "measurement", "total", "total_increasing"}, "data_rate": {None, "measurement"}}
PLAN = '[plan]\ncap = "100 GB"\n'


def grown(values: Sequence[float], state_class: str) -> float:
    """The column ``sum`` of Home Assistant's statistics, without ``last_reset``."""
    total = 0.0
    for before, now in pairwise(values):
        anew = state_class == "total_increasing" and now < before * 0.9
        noise = state_class == "total_increasing" and before * 0.9 <= now < before
        total += now if anew else 0 if noise else now - before
    return total


@pytest.mark.parametrize(
    ("values", "state_class", "sums"),
    [
        ([1000, 1010, 0, 5], "total", -995),
        ([1000, 1010, 0, 5], "total_increasing", 15),
        ([1000, 1010, 5, 10], "total_increasing", 20),
        ([1000, 1010, 1005, 1006], "total_increasing", 11),
    ],
)
def test_the_rules_are_told_as_they_are(values: list[float], state_class: str, sums: float) -> None:
    """The examples of Home Assistant's page come out as it says; the last is its tolerance of a tenth."""
    assert grown(values, state_class) == sums


def test_units_and_classes_are_allowed() -> None:
    """Each sensor has a name of its own, and a unit and a state class that its device class allows."""
    assert len({sensor["unique_id"] for _, sensor in SENSORS}) == len(SENSORS) == 8
    for _, sensor in SENSORS:
        kind = sensor.get("device_class")
        assert kind is None or sensor["unit_of_measurement"] in UNITS[kind]
        assert kind is None or sensor.get("state_class") in CLASSES[kind]
    of = {sensor["unique_id"]: sensor.get("state_class") for _, sensor in SENSORS}
    assert (of["packetbuddy_lifetime_received"], of["packetbuddy_today"]) == ("total", None)


def test_the_meters_take_corrections() -> None:
    """Utility meters stand on the lifetime sensors, and may go down."""
    meters = BLOCKS[1]["utility_meter"].values()
    assert {meter["source"] for meter in meters} == {"sensor.internet_received"}
    assert all(meter["net_consumption"] for meter in meters)


def rendered(sensor: dict[str, Any], key: str, answer: str) -> str:
    """A template as Home Assistant renders it; one that reaches into what is not there fails."""
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True).from_string(sensor[key])
    return template.render(value_json=json.loads(answer))


@pytest.fixture
def machine() -> Machine:
    return Machine(at(2026, 11, 20, 9))


@pytest.fixture
def served(tmp_path: Path, machine: Machine) -> Iterator[Served]:
    """A day with a gigabyte."""
    with Counting(tmp_path, machine) as counting:
        counting.use(at(2026, 11, 20, 12), rx=10**9, tx=10**8)
    (tmp_path / "config.toml").write_text(PLAN)
    with Served(tmp_path, now_ns=machine.wall_ns, zone="UTC") as server:
        yield server


@pytest.mark.parametrize(("resource", "sensor"), SENSORS, ids=[one["unique_id"] for _, one in SENSORS])
def test_every_template_finds_its_value(served: Served, resource: str, sensor: dict[str, Any]) -> None:
    """Asked for real, each sensor is available and shows a value, a number where it has a unit."""
    path = resource.removeprefix("http://127.0.0.1:7373")
    assert path != resource
    answer = served.get(path)
    assert answer.status == 200
    assert rendered(sensor, "availability", answer.body.decode()) == "True"
    value = rendered(sensor, "value_template", answer.body.decode())
    assert float(value) >= 0 if "unit_of_measurement" in sensor else 0 < len(value) <= 255


def test_a_refusal_makes_a_sensor_unavailable(tmp_path: Path) -> None:
    """No data is an answer without the value: unavailable, not zero."""
    with Served(tmp_path) as server:
        for resource, sensor in SENSORS:
            answer = server.get(resource.removeprefix("http://127.0.0.1:7373"))
            counters_alone = resource.endswith("/live")
            assert answer.status == 503 or counters_alone or answer.json["plans"] == []
            assert (rendered(sensor, "availability", answer.body.decode()) == "True") is counters_alone


def test_the_sum_is_what_moved_through_midnight_and_corrections(
    tmp_path: Path, machine: Machine, served: Served
) -> None:
    """By the rules of ``total`` the statistics grow by what moved and was corrected; the other class would not."""
    seen: list[float] = []
    today: list[float] = []

    def ask() -> None:
        served.now_ns = machine.wall_ns
        seen.append(served.get("/api/summary").json["bytes_received"])
        today.append(served.get("/api/today").json["bytes_received"])

    def moves(wall_ns: int, rx: int) -> None:
        with Counting(tmp_path, machine) as counting:
            counting.use(wall_ns, rx=rx)
        ask()

    ask()
    moves(at(2026, 11, 21, 12), 5 * 10**9)
    zone = zone_for("local", {"TZ": "UTC"}, machine.wall_ns)
    question = Question(Home(tmp_path), parse({}), machine.wall_ns, None, zone.rules, zone.name)
    correct(question, date(2026, 11, 20), sent=10**8, received=10**8, reason="the ISP says so")
    ask()
    moves(at(2026, 11, 22, 12), 7 * 10**9)
    undo_correction(question, date(2026, 11, 20))
    ask()
    assert grown(seen, "total") == 12 * 10**9 == seen[-1] - seen[0]
    assert grown(seen, "total_increasing") != 12 * 10**9
    assert grown(today, "total_increasing") != 12 * 10**9
