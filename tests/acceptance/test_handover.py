"""The hand-over of the socket between a real monitor and the real API: nobody who looks is lost, no poll is late."""

import os
import random
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from acceptance.looking import Service
from machine.netns import wait_until
from unit.calm import Stopwatch
from unit.doors import Visitors
from unit.ports import free_port
from unit.processes import alive

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, "listening.RETRY_SECONDS=0.5", "listening.QUICK_FOR_SECONDS=0.3") as service:
        service.ready()
        yield service


def change_over(service: Service) -> None:
    """Let the API that serves give the socket back, as when it is idle, and wait until another one serves."""
    before = service.apis()
    os.kill(before[-1], signal.SIGTERM)
    wait_until(lambda: bool(set(service.apis()) - set(before)), 20)


@pytest.mark.parametrize(
    "times", [pytest.param(8), pytest.param(110, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_no_connection_is_lost_around_a_give_back(service: Service, times: int) -> None:
    """New connections at random moments around every give-back are all answered, at most a wake-up later."""
    with service.on_time(), Visitors(lambda: service.get()[0], 3) as visitors:
        wait_until(lambda: visitors.answered > 0)
        for _ in range(times):
            change_over(service)
            seen = visitors.answered
            wait_until(lambda seen=seen: visitors.answered > seen, 20)  # type: ignore[misc]
    assert visitors.failures == []
    assert visitors.answered >= 2 * times
    assert not service.said("failed to start")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_no_connection_is_lost_around_idle_exits(tmp_path: Path) -> None:
    """A hundred APIs leave by their own idle timer; whoever comes at the very moment is answered, like everybody."""
    folders = [tmp_path / str(number) for number in range(10)]
    with ThreadPoolExecutor(len(folders)) as pool:
        looked = list(pool.map(look_around_idle_exits, folders))
    assert sum(each.exits for each in looked) >= 100
    assert sum(each.requests for each in looked) >= 200
    assert [status for each in looked for status in each.statuses if status != 200] == []


class Looked(NamedTuple):
    """What one service had to answer, and how often its API left by itself meanwhile."""

    exits: int
    requests: int
    statuses: frozenset[int]


def look_around_idle_exits(folder: Path, exits: int = 10, idle_seconds: int = 10) -> Looked:
    """Ask, and ask again about when the API that answered leaves, until so many have left."""
    folder.mkdir()
    service, chance = Service(folder), random.Random(folder.name)  # noqa: S311 - no secret
    service.configure(idle_timeout=idle_seconds)
    statuses: list[int] = []
    seen: set[int] = set()
    with service:
        service.ready()
        while len(seen) <= exits:
            statuses.append(service.get("/api/today")[0])
            seen.update(service.apis()[-1:])
            time.sleep(idle_seconds + chance.uniform(-0.05, 0.25))  # the moment itself is what is tested
            statuses += [service.get("/api/today")[0] for _ in range(2)]
            seen.update(service.apis()[-1:])
        assert not service.said("failed to start")
    return Looked(len(seen) - 1, len(statuses), frozenset(statuses))


def test_kills_in_mid_request_cost_nothing(service: Service) -> None:
    """A kill -9 of the API while it streams, over and over: no poll late, and the next request is answered."""
    with service.on_time():
        for _ in range(20):
            with service.streaming():
                os.kill(service.apis()[-1], signal.SIGKILL)
                assert service.get()[0] == 200


def test_the_api_leaves_with_a_killed_monitor(service: Service) -> None:
    """A kill -9 of the monitor while the API streams: the API is gone at once, and a new monitor soon has the port."""
    with service.streaming():
        (api,) = service.apis()
        service.signal(signal.SIGKILL)
        watch = Stopwatch()
        wait_until(lambda: not alive(api))
        assert watch.seconds < 5  # any other reason to leave takes ten seconds
        (service.home / "stderr.log").unlink()
    service.process.wait()
    watch = Stopwatch()
    service.start()
    service.ready()
    assert watch.seconds < 5
    assert service.get()[0] == 200


def test_ctrl_c_stops_everything(service: Service) -> None:
    """SIGINT to the process group: the monitor leaves with 0, the API with it, the port is free."""
    with service.streaming():
        (api,) = service.apis()
        assert os.getpgid(api) != os.getpgid(service.process.pid)
        os.killpg(service.process.pid, signal.SIGINT)
        assert service.process.wait(30) == 0
        watch = Stopwatch()
        wait_until(lambda: not alive(api))  # one that is slow to leave is killed, and not waited for
        assert watch.seconds < 5
        wait_until(lambda: not service.listening())


def test_a_crowd_and_dawdlers_do_not_delay_a_poll(service: Service) -> None:
    """500 connections at once with half a request each: polls on time, newcomers told "busy", then all is as before."""

    def dawdle(number: int) -> socket.socket:
        connection = service.connect()
        connection.sendall(b"GET /api/today HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * (number % 7))
        return connection

    with service.on_time():
        with ExitStack() as crowd:
            with ThreadPoolExecutor(20) as pool:
                for connection in pool.map(dawdle, range(500)):
                    crowd.enter_context(connection)
            assert service.get()[0] in {200, 503}
        wait_until(lambda: service.get()[0] == 200)


def test_another_program_has_the_port(tmp_path: Path) -> None:
    """Counting goes on, the state says degraded with address and key; when the port is freed the dashboard is there."""
    service = Service(tmp_path, "listening.RETRY_SECONDS=0.5", "listening.QUICK_FOR_SECONDS=0.3")
    with socket.create_server(("127.0.0.1", service.port)) as other, service:
        wait_until(lambda: service.said(f"Address already in use: 127.0.0.1:{service.port}"))
        wait_until(lambda: "degraded" in service.problem() and "[api] port" in service.problem())
        with service.on_time():
            pass
        other.close()
        service.ready()
        wait_until(lambda: service.problem() == "")
        assert service.get()[0] == 200


def test_another_port_by_reload(service: Service) -> None:
    """A new port holds after SIGHUP, without a restart; the old one is free, and streams there have ended."""
    old, new = service.port, free_port()
    with service.streaming() as stream:
        service.configure(port=new)
        service.signal(signal.SIGHUP)
        service.ready()
        assert service.get()[0] == 200
        while stream.recv(65_536):
            continue
    service.port = old
    wait_until(lambda: not service.listening())


def test_the_commands_name_the_address(service: Service) -> None:
    """Bare ``pb``, ``pb service status`` and ``pb dashboard`` say the same address, and it answers."""
    url = f"http://127.0.0.1:{service.port}/dashboard"
    for arguments in ([], ["service", "status"], ["dashboard", "--print"]):
        assert url in service.pb(*arguments)
    assert service.get("/dashboard")[0] == 200
