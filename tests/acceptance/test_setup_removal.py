"""How PacketBuddy goes: with its data left, with all of it, and when somebody just deletes the folder."""

import os
import shutil
from pathlib import Path

import pytest

from acceptance.newcomers import Newcomer
from machine.netns import requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]


def _left(person: Newcomer) -> list[str]:
    """What is in this person's folder, pip's cache apart."""
    found = [Path(folder) / name for folder, _, names in os.walk(person.home) for name in names]
    return sorted(str(path.relative_to(person.home)) for path in found if ".cache" not in path.parts)


def test_three_ways_to_go(newcomer: Newcomer, version: Path) -> None:
    """Uninstalled, the data stay and can be read; setup counts on; purged or deleted, nothing is left, nothing runs."""
    person, wire, home = newcomer, newcomer.wire, newcomer.home / ".packetbuddy"
    person.has(version)
    person.setup()
    expected = (wire.upload(30), wire.download(40))
    person.pb("service", "uninstall")
    assert person.monitors() == person.supervisors() == []
    assert person.today() == person.stored() == expected

    person.setup()
    expected = (expected[0] + wire.upload(1), expected[1])
    assert person.today() == expected
    assert "--yes says that this is meant" in person.run(
        str(person.launcher), "service", "uninstall", "--purge", code=2
    )
    assert person.counts_once()
    assert f"Deleted: {home}" in person.run(str(person.launcher), "service", "uninstall", "--purge", "--yes")
    assert _left(person) == []
    assert person.monitors() == person.supervisors() == []

    person.has(version)
    person.setup()
    assert person.today() == (0, 0)
    person.pb("config", "set", "monitoring.batch_write_interval", "1")
    person.pb("service", "restart")
    wait_until(lambda: _deleted(home))
    # Where that took some seconds, its settings were gone before the rest: it writes, and sees it, each 30 s then.
    wait_until(lambda: person.monitors() == person.supervisors() == [], 90)
    assert not home.exists()


def _deleted(folder: Path) -> bool:
    """As `rm -r`, said again where the monitor wrote a file meanwhile."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
