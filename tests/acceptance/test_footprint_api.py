"""Memory of the service while somebody looks and after: promises, so they gate."""

import http.client
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from acceptance.looking import Service, private_kb, resident_kb
from machine.netns import wait_until
from packetbuddy.api.serving import KEEP_ALIVE_SECONDS

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform != "linux", reason="the promise is stated for Linux"),
]
MOST_TOGETHER_KB = 40 * 1024
MOST_ALONE_KB = 20 * 1024
PATHS = (
    "/api/health",
    "/api/today",
    "/api/month",
    "/api/summary",
    "/api/heatmap",
    "/api/interfaces",
    "/api/usage?by=hour",
    "/dashboard",
    "/api/nothing-of-that-name",
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path) as service:
        service.ready()
        yield service


def visit(service: Service, requests: int) -> set[int]:
    """So many requests over one connection; returns the statuses. After a stall it is another one, as it was closed."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    seen, answered = set(), time.monotonic()
    for number in range(requests):
        if time.monotonic() - answered > KEEP_ALIVE_SECONDS / 2:
            connection.close()
        connection.request("GET", PATHS[number % len(PATHS)])
        answer = connection.getresponse()
        answer.read()
        seen.add(answer.status)
        answered = time.monotonic()
    connection.close()
    return seen


@pytest.mark.parametrize(
    ("requests", "ticks", "streams"),
    [pytest.param(2_000, 3, 1), pytest.param(20_000, 3_600, 40, marks=[pytest.mark.long, pytest.mark.timeout(1800)])],
)
def test_memory_while_somebody_looks_and_after(service: Service, requests: int, ticks: int, streams: int) -> None:
    """Monitor and API: 40 MB private after many requests beside streams; the monitor alone again: 20 MB resident."""
    with ExitStack() as stack:
        opened = [stack.enter_context(service.streaming()) for _ in range(streams)]
        with ThreadPoolExecutor(4) as pool:
            seen = set().union(*pool.map(lambda _: visit(service, requests // 4), range(4)))
        assert seen == {200, 404}
        told = 0
        while told < ticks:
            told += sum(stream.recv(65_536).count(b"event: live") for stream in select.select(opened, [], [])[0])
        (api,) = service.apis()
        assert private_kb(service.process.pid) + private_kb(api) <= MOST_TOGETHER_KB
    os.kill(api, signal.SIGTERM)  # as when it was idle for long enough
    wait_until(lambda: not service.apis())
    assert resident_kb(service.process.pid) <= MOST_ALONE_KB
