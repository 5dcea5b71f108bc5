"""An update under a real systemd of a user: the monitor makes way, systemd starts it anew, the trial is confirmed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.quick_versions import code, make
from machine.netns import wait_until
from machine.user_systemd import UserSystemd, drop_in, requires_user_systemd, user_systemd
from packetbuddy.answers.updating import updating
from packetbuddy.installing.launcher import write_launcher
from packetbuddy.installing.versions import make_current, point
from packetbuddy.settings.places import Home, ensure
from packetbuddy.settings.pointers import TRIAL, current
from packetbuddy.updates.state import begins

pytestmark = [pytest.mark.machine, requires_user_systemd]
ROOT = Path(__file__).resolve().parents[2]
CONFIG = "[monitoring]\npoll_interval = 0.2\nbatch_write_interval = 1\n"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[UserSystemd]:
    with user_systemd(tmp_path) as made:
        yield made


def test_systemd_starts_the_version_that_waits(manager: UserSystemd, tmp_path: Path) -> None:
    """Exit code 75 is answered with a start; its guard runs in the unit's own group, and confirms it."""
    home = Home(manager.home)
    ensure(home)
    home.config.write_text(CONFIG)
    make(home, "2.0.0-old", ROOT)
    make(home, "2.1.0-new", code(tmp_path / "newer", "2.1.0"))
    make_current(home, "2.0.0-old")
    write_launcher(home)
    manager.pb("service", "install")
    drop_in(manager, ['Environment="PACKETBUDDY_TEST_HASTE=first=1 every=1 confirm=2"'])
    manager.pb("service", "restart")
    begins(home, "2.0.0", "2.1.0", "waiting")
    point(home, TRIAL, "2.1.0-new")
    wait_until(lambda: current(home) == "2.1.0-new", 60)
    wait_until(lambda: updating(home.root).word == "newest")
    assert manager.show("NRestarts") == "1"
    assert manager.show("ActiveState") == "active"
    assert manager.json("service", "status")["version"] == "2.1.0"
