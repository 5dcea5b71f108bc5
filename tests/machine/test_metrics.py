"""``/metrics`` of a whole service in a network namespace, scraped over HTTP, beside the kernel's own counters."""

import http.client
import os
import pathlib
import socket

import pytest

from integration.scraping import Scraper
from machine.monitor import Monitor
from machine.netns import Lab, Namespace, requires_netns, wait_until

pytestmark = [pytest.mark.machine, requires_netns]
PORT = 7373
"""Of the namespace alone."""
HOSTILE = b'a"\\n\xff\xc3\xbc{,'
"""A quote, a backslash, a byte that is no UTF-8, one letter that is; the kernel forbids blanks, slashes and colons."""


def scraped(space: Namespace) -> str:
    """One scrape from inside, as Prometheus asks."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=15)
    connection.sock = space.socket(socket.SOCK_STREAM)
    connection.sock.settimeout(15)
    connection.sock.connect(("127.0.0.1", PORT))
    connection.request("GET", "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, body
    return body


def test_a_hostile_name_is_scraped_to_the_byte(lab: Lab, tmp_path: pathlib.Path) -> None:
    """An interface whose name fights every quoting is one label; the counters are the kernel's, through a kill."""
    host, router = lab.namespace("host"), lab.namespace("router")
    wire = lab.wire(host, router, near=os.fsdecode(HOSTILE))
    before = host.settle(wire.near)
    monitor = Monitor(host, tmp_path)
    monitor.start()
    scraper = Scraper()

    def booked() -> dict[str, float]:
        try:
            text = scraped(host)
        except OSError:  # nobody listens yet, or the one before was asked in its last moment
            return {}
        family = scraper.take(text).get("packetbuddy_interface_bytes")
        if family is None:
            return {}
        totals = [one for one in family.samples if one.name.endswith("_total") and one.labels["counted"] == "yes"]
        assert {one.labels["interface"] for one in totals} == {'a"\\n\\xff\u00fc{,'}
        return {one.labels["direction"]: one.value for one in totals}

    wire.upload(200, 1000)
    wire.download(100, 1200)
    moved = host.settle(wire.near).since(before)
    expected = {"received": moved.rx_bytes, "sent": moved.tx_bytes}
    wait_until(lambda: booked() == expected, 20)
    monitor.kill()
    wire.upload(50, 1000)
    monitor.start()
    moved = host.settle(wire.near).since(before)
    wait_until(lambda: booked() == {"received": moved.rx_bytes, "sent": moved.tx_bytes}, 20)
    assert scraper.fallen == []
    assert monitor.stop() == 0
