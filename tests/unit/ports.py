"""Ports for servers of tests."""

import contextlib
import itertools
import os
import random
import socket
from collections.abc import Iterator


def _below_the_outgoing() -> Iterator[int]:
    """Ports from which no system takes one for an outgoing connection; others for each of pytest's workers."""
    first = 11_000 + 1000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for number in itertools.count(random.SystemRandom().randrange(1000)):
        yield first + number % 1000


_PORTS = _below_the_outgoing()


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody has now, and that nobody else is given before it is used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in itertools.islice(_PORTS, 1000):
        with socket.socket(family) as asking, contextlib.suppress(OSError):
            asking.bind((host, port))
            return port
    raise AssertionError("a thousand ports are taken")
