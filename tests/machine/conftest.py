from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.monitor import Monitor
from machine.netns import Lab, Namespace, Wire
from packetbuddy.probes.linux import LinuxProbe, open_linux


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab("lab") as made:
        yield made


@pytest.fixture
def host(lab: Lab) -> Namespace:
    return lab.namespace("host")


@pytest.fixture
def wire(lab: Lab, host: Namespace) -> Wire:
    return lab.wire(host, lab.namespace("router"))


@pytest.fixture
def monitor(host: Namespace, tmp_path: Path) -> Monitor:
    return Monitor(host, tmp_path)


@pytest.fixture
def probe(host: Namespace) -> Iterator[LinuxProbe]:
    with host.entered():
        made = open_linux()
    assert isinstance(made, LinuxProbe)
    yield made
    made.close()
