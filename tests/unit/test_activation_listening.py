"""The listening socket: which address, what happens while another program has it, and how it moves."""

import contextlib
import math
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packetbuddy.monitor.listening import QUICK_FOR_SECONDS, RETRY_SECONDS, Listener
from packetbuddy.monitor.log import Log
from packetbuddy.settings.address import Address, address_of, dashboard_url
from packetbuddy.settings.load import parse
from unit.ports import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the monitor listens on POSIX only")
LATER = QUICK_FOR_SECONDS + 1


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    opened = Listener(Log(tmp_path / "log"))
    yield opened
    opened.close()


@contextlib.contextmanager
def taken() -> Iterator[Address]:
    """An address on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield Address("127.0.0.1", int(other.getsockname()[1]))


def answers(address: Address) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:7373/dashboard"),
        ("localhost", "http://127.0.0.1:7373/dashboard"),
        ("127.1.2.3", "http://127.1.2.3:7373/dashboard"),
        ("::1", "http://[::1]:7373/dashboard"),
    ],
)
def test_the_address_in_words(host: str, url: str) -> None:
    """Every host that the settings allow makes a URL that a browser understands."""
    assert dashboard_url(address_of(parse({"api": {"host": host}}).api)) == url


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_listens_on_loopback_alone(listener: Listener, host: str) -> None:
    """Bound to the one address that was asked for, with room for many who wait."""
    assert listener.heed(Address(host, port := free_port(host)), 0.0)
    assert listener.socket is not None
    assert listener.socket.getsockname()[:2] == (host, port)
    assert (listener.problem, listener.due) == (None, math.inf)
    assert answers(Address(host, port))


def test_a_taken_port_is_no_news_at_first(listener: Listener) -> None:
    """The API of a monitor that just died may hold it for a moment: tried ten times a second, nothing is told."""
    with taken() as address:
        assert not listener.heed(address, 0.0)
        assert listener.problem is None
        assert listener.due <= 0.1
    assert listener.heed(address, 0.2)


def test_a_taken_port_is_told_once_and_tried_again(listener: Listener, tmp_path: Path) -> None:
    """The problem names address and key, the log has one line however often it is tried; freed, it is ours."""
    with taken() as address:
        listener.heed(address, 0.0)
        for turn in range(3):
            now = LATER + turn * RETRY_SECONDS
            assert not listener.heed(address, now)
            assert listener.due == now + RETRY_SECONDS
        assert f"Address already in use: {address}" in str(listener.problem)
        assert "degraded" in str(listener.problem)
        assert "[api] port" in str(listener.problem)
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert not listener.heed(address, now + 1)
    assert listener.heed(address, listener.due)
    assert listener.problem is None


def test_a_move_to_a_taken_port_costs_nothing(listener: Listener) -> None:
    """The old place answers until the new one can be had, and longer when the wish is taken back."""
    old = Address("127.0.0.1", free_port())
    listener.heed(old, 0.0)
    with taken() as wanted:
        listener.heed(wanted, 10.0)
        assert not listener.heed(wanted, 10.0 + LATER)
        assert f"stays at {old}" in str(listener.problem)
        assert answers(old)
    assert listener.heed(wanted, listener.due)
    assert not answers(old)
    assert not listener.heed(wanted, 100.0)


def test_a_wish_taken_back_ends_the_problem(listener: Listener) -> None:
    """Setting the port back to where we are is no move and nothing is degraded any more."""
    old = Address("127.0.0.1", free_port())
    listener.heed(old, 0.0)
    with taken() as wanted:
        listener.heed(wanted, 10.0)
        listener.heed(wanted, 10.0 + LATER)
        assert not listener.heed(old, 20.0)
        assert (listener.problem, listener.due) == (None, math.inf)
        assert answers(old)


def test_an_address_that_is_not_there_is_a_problem_in_words(listener: Listener) -> None:
    """A machine without that address goes on counting."""
    nowhere = Address("203.0.113.1", 7373)
    listener.heed(nowhere, 0.0)
    assert not listener.heed(nowhere, LATER)
    assert "203.0.113.1:7373" in str(listener.problem)
