"""What the machine tests of the Linux probe ask of it."""

import pathlib
import select

from packetbuddy.metering.readings import Link, Reading
from packetbuddy.probes.linux import LinuxProbe


def by_name(reading: Reading) -> dict[str, Link]:
    assert len({link.identity for link in reading.links}) == len(reading.links)
    return {link.name: link for link in reading.links}


def wakes(probe: LinuxProbe, seconds: float = 0) -> bool:
    descriptor = probe.changes()
    assert descriptor is not None
    return bool(select.select([descriptor], [], [], seconds)[0])


def rest(probe: LinuxProbe) -> None:
    """Look until it is silent: the kernel tells of a link's carrier by and by, within a second after it came up."""
    probe.look()
    while wakes(probe, 1.5):
        probe.look()


def routes(probe: LinuxProbe) -> set[tuple[int, int, int]]:
    """Family, prefix length and link of every route, fresh."""
    found = probe.look().routes
    assert found is not None
    return {(route.family, route.length, route.link) for route in found}


def open_descriptors() -> set[str]:
    return {path.name for path in pathlib.Path("/proc/self/fd").iterdir()}
