"""A newcomer on a fresh machine: one command, and every byte of a real interface is there."""

import shutil
from pathlib import Path

import pytest

from acceptance.newcomers import Newcomer, change_both
from machine.netns import requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]


def _plus(before: tuple[int, int], sent: int = 0, received: int = 0) -> tuple[int, int]:
    return before[0] + sent, before[1] + received


def test_one_command_counts_every_byte(newcomer: Newcomer) -> None:
    """Done-when 1: setup leaves a running monitor; traffic is told at once, stored soon, and never twice."""
    wire = newcomer.wire
    wire.download(50)  # before PacketBuddy came: not its business
    home = newcomer.home / ".packetbuddy"
    home.mkdir()
    (home / "config.toml").write_text("[monitoring]\nbatch_write_interval = 3\n")
    said = newcomer.setup()
    assert "it counts (process" in said
    assert newcomer.today() == (0, 0)
    shutil.rmtree(newcomer.clone / "src")  # the clone is not needed any more

    expected = (wire.upload(300), wire.download(700))
    wire.host.settle(wire.near)
    assert newcomer.today() == expected
    wait_until(lambda: newcomer.stored() == expected)

    newcomer.pb("service", "stop")
    assert newcomer.monitors() == newcomer.supervisors() == []
    assert newcomer.today() == newcomer.stored() == expected
    expected = _plus(expected, sent=wire.upload(40), received=wire.download(60))
    assert newcomer.today() == expected
    newcomer.pb("service", "start")
    assert newcomer.today() == expected
    newcomer.pb("service", "restart")
    assert newcomer.today() == expected


def test_setup_again_repairs_and_loses_nothing(newcomer: Newcomer, version: Path) -> None:
    """Run again, after a new version, after a bad one: one monitor, one supervisor, every byte once."""
    wire, home = newcomer.wire, newcomer.home / ".packetbuddy"
    newcomer.has(version)
    newcomer.setup()
    first = (home / "versions/current").readlink()
    expected = (wire.upload(10), wire.download(20))

    before = newcomer.monitors()
    assert "Already installed" in newcomer.setup()
    assert ((home / "versions/current").readlink(), newcomer.monitors()) == (first, before)
    expected = _plus(expected, received=wire.download(30))

    with (newcomer.clone / "src/packetbuddy/__init__.py").open("a") as module:
        module.write('"""A newer version of the code."""\n')
    newcomer.setup()
    second = (home / "versions/current").readlink()
    assert second != first
    newcomer.setup()
    assert (home / "versions/previous" / "bin/python").exists(), "what `pb update --rollback` would go to is gone"
    expected = _plus(expected, sent=wire.upload(30))

    change_both(newcomer.clone, home / "versions" / second, "monitor/main.py", "\nraise SystemExit(78)\n")
    assert "does not count" in newcomer.setup(code=1)
    expected = _plus(expected, received=wire.download(5))

    assert newcomer.today() == expected
    assert len(newcomer.monitors()) == len(newcomer.supervisors()) == 1
    assert newcomer.pb("service", "status")["state"] == "running"
    assert (home.stat().st_mode & 0o777, (home / "config.toml").stat().st_mode & 0o777) == (0o700, 0o600)
