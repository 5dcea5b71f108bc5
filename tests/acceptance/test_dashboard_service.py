"""The dashboard over the whole service in a network namespace: real traffic, the kernel's own counters beside it."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.browser import CHROMIUM, Browser, Seen, requires_browser
from machine.monitor import Chatter, Monitor
from machine.netns import Lab, Namespace, Wire, requires_netns
from packetbuddy.reports.quantities import amount

pytestmark = [pytest.mark.machine, pytest.mark.acceptance, requires_netns, requires_browser]

ADDRESS = "http://127.0.0.1:7373"
FAST = """() => {
  const text = document.getElementById("live-down").innerText;
  return text.includes("MB") && text;
}"""
"""What is shown changes each second: what was waited for is what is judged."""
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Lab("dash") as lab:
        yield lab.wire(lab.namespace("host"), lab.namespace("router"))


@pytest.fixture
def monitor(wire: Wire, tmp_path: Path) -> Monitor:
    return Monitor(wire.host, tmp_path)


@pytest.fixture
def browser(wire: Wire, tmp_path: Path) -> Iterator[Browser]:
    with Browser(_inside(wire.host, tmp_path)) as browser:
        yield browser


def _inside(space: Namespace, folder: Path) -> Path:
    """A program that starts Chromium in a namespace."""
    launcher = folder / "chromium"
    launcher.write_text(f'#!/bin/sh\nexec ip netns exec {space.name} {CHROMIUM} "$@"\n', "utf-8")
    launcher.chmod(0o700)
    return launcher


def size(words: str) -> float:
    """Bytes of "8.61 MB/s"."""
    number, unit = words.removesuffix("/s").split()
    return float(number) * UNITS[unit]


def test_figures_follow_the_kernel(wire: Wire, monitor: Monitor, browser: Browser) -> None:
    """What moves is in Today within seconds, to the byte the kernel counted, and Live sees it moving."""
    monitor.start()
    wire.download(50, 1000)
    with browser.page(ADDRESS, timezone_id="UTC") as seen:
        host = socket.gethostname() or os.uname().nodename
        assert seen.text("device") == host
        seen.page.wait_for_function("() => document.getElementById('live-down').innerText === '0 B/s'")
        with Chatter(wire, down=8000):  # 2 MB/s at most
            speed = seen.page.wait_for_function(FAST).json_value()
        assert 0.5e6 < size(speed) < 5e6
        now = wire.host.settle("eth0")
        seen.shows("today-total", amount(now.rx_bytes + now.tx_bytes, "decimal"))
        assert seen.text("today-down") == amount(now.rx_bytes, "decimal")
        assert seen.text("lifetime-total") == seen.text("today-total")
        assert seen.text("month-total").startswith(seen.text("today-total"))
        assert _foreign(seen) == []


ASK = "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())"


def test_page_interface_and_command_say_the_same_on_another_port(
    wire: Wire, monitor: Monitor, browser: Browser
) -> None:
    """For one ledger and instant the API, ``pb --json`` and the page show the same figures; here on another port."""
    with monitor.home.config.open("a", encoding="utf-8") as config:
        config.write('[api]\nport = 7474\n[cost]\nrate_per_gb = 123456\ncurrency = "USD"\n')
    monitor.start()
    wire.download(1500, 1000)
    wire.upload(700, 900)
    wire.host.settle("eth0")
    monitor.written()
    address = "http://127.0.0.1:7474"
    for command in ("today", "summary", "month"):
        said, asked = (
            monitor.pb(command),
            json.loads(wire.host.run(sys.executable, "-c", ASK, f"{address}/api/{command}")),
        )
        for figures in (said, asked):  # the share of time goes on with the clock
            for usage in (figures, figures.get("summary", {}), *figures.get("days", [])):
                usage.pop("coverage", None)
            figures.pop("last_update", None)
        assert said == asked, command
    today = monitor.pb("today")
    with browser.page(address, timezone_id="UTC", locale="en-US") as seen:
        seen.shows("today-total", today["human_readable"]["total"])
        assert seen.text("today-down") == today["human_readable"]["received"]
        assert seen.text("today-up") == today["human_readable"]["sent"]
        assert seen.text("today-cost") == today["cost"]["total"]["cost_formatted"]
        assert seen.text("lifetime-total") == seen.text("today-total")


def test_the_service_stops_and_starts_under_an_open_page(wire: Wire, monitor: Monitor, browser: Browser) -> None:
    """A stopped service is said, its return shows the figures again, and what moved meanwhile is in them."""
    monitor.start()
    with browser.page(ADDRESS, timezone_id="UTC") as seen:
        assert monitor.stop() == 0
        seen.page.locator("#away").wait_for(state="visible")
        wire.download(700, 1000)
        monitor.start()
        seen.page.locator("#away").wait_for(state="hidden")
        now = wire.host.settle("eth0")
        seen.shows("today-total", amount(now.rx_bytes + now.tx_bytes, "decimal"))
        seen.page.wait_for_function("() => document.getElementById('health-words').innerText.startsWith('counting')")


def _foreign(seen: Seen) -> list[str]:
    return [url for url in seen.requests if not url.startswith((ADDRESS, "data:"))]
