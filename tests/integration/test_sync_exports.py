"""``pb export`` and ``GET /api/export`` of other devices and of all together."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.api_serving import Served
from integration.ledgers import HOUR
from integration.postgres import Server
from integration.sync_world import BEGIN, settle
from integration.test_sync_meeting import GIGA, place
from packetbuddy.cli.main import main as pb

NOW = BEGIN + 26 * HOUR * GIGA
FORMATS = ("csv", "json", "html", "markdown", "toon")
Output = pytest.CaptureFixture[bytes]


@pytest.fixture(scope="module")
def served(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The API of the first of three devices that met: 2, 20 and 200 bytes down, 2 up each."""
    url, root = server.database("exports"), tmp_path_factory.mktemp("exports")
    places = [place(root, name, rx=amount) for name, amount in (("kitchen", 1), ("laptop", 10), ("attic", 100))]
    settle(places, url)
    with Served(places[0].home.root, now_ns=NOW, zone="UTC") as api:
        yield api


def written(served: Served, capsysbinary: Output, *arguments: str) -> bytes:
    """What the command writes."""
    assert pb(["export", "--output", "-", *arguments], served.environment, NOW) == 0
    return capsysbinary.readouterr().out


@pytest.mark.parametrize("device", ["all", "laptop"])
@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_bytes_everywhere(served: Served, capsysbinary: Output, format_: str, device: str) -> None:
    """For one instant the API's file of these devices is the command's, to the byte."""
    answer = served.get(f"/api/export?format={format_}&device={device}")
    assert answer.status == 200
    assert written(served, capsysbinary, "--format", format_, "--device", device) == answer.body


@pytest.mark.parametrize(
    ("device", "name", "received"),
    [("this", "kitchen", 2), ("laptop", "laptop", 20), ("Attic", "attic", 200), ("all", "all devices", 222)],
)
def test_it_says_whose_it_is(served: Served, capsysbinary: Output, device: str, name: str, received: int) -> None:
    """Bytes and name are those of the device that was asked for, and equal what the summary says."""
    body = json.loads(written(served, capsysbinary, "--device", device))
    assert (body["meta"]["device"], body["totals"]["bytes_received"]) == (name, received)
    assert sum(day["bytes_received"] for day in body["days"]) == received
    summary = served.get(f"/api/summary?device={device}").json
    assert (summary["bytes_received"], summary["bytes_sent"]) == (received, body["totals"]["bytes_sent"])


@pytest.mark.parametrize("format_", FORMATS)
def test_redacted_files_name_no_device(served: Served, capsysbinary: Output, format_: str) -> None:
    """``--redact`` leaves out whichever device's name; that all are meant is no name."""
    options = ("--format", format_, "--redact", "--device")
    assert b"laptop" not in written(served, capsysbinary, *options, "laptop")
    told = b"all devices" in written(served, capsysbinary, *options, "all").lower()
    assert told == (format_ != "csv")


def test_an_unknown_device_is_one_line(served: Served, capsysbinary: Output, tmp_path: Path) -> None:
    """The command says which devices there are and writes nothing; so does the API."""
    target = tmp_path / "x.json"
    assert pb(["export", "--device", "attik", "--output", str(target)], served.environment, NOW) == 2
    told = capsysbinary.readouterr()
    assert (told.out, told.err.count(b"\n"), target.exists()) == (b"", 1, False)
    assert b"no device 'attik' is known" in told.err
    answer = served.get("/api/summary?device=attic%0athis")
    assert (answer.status, "cannot be a device" in answer.json["error"]["message"]) == (422, True)
    answer = served.get("/api/export?device=attik")
    assert answer.status == 422
    assert answer.json["error"]["hint"] == "Known: this, all, kitchen, laptop, attic"
    answer = served.get("/api/export?device=all&interface=wlan0")
    assert (answer.status, "not their links" in answer.json["error"]["message"]) == (422, True)
