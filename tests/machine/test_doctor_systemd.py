"""What `pb doctor` says of the registration, under a real systemd of a user."""

import contextlib
import json
import pathlib
import sqlite3
import sys
from collections.abc import Iterator

import pytest

from machine.netns import wait_until
from machine.user_systemd import UserSystemd, requires_user_systemd, user_systemd
from unit.ports import free_port

pytestmark = [pytest.mark.machine, requires_user_systemd]


@pytest.fixture
def manager(tmp_path: pathlib.Path) -> Iterator[UserSystemd]:
    with user_systemd(tmp_path) as manager:
        manager.home.mkdir(mode=0o700)
        (manager.home / "config.toml").write_text(f"[api]\nport = {free_port()}\n")  # others of us use the usual one
        yield manager


def said(manager: UserSystemd, check: str = "service", **more: str) -> list[tuple[str, str, str]]:
    """Level, text and remedy of each finding of a check."""
    done = manager.run(sys.executable, "-P", "-m", "packetbuddy", "doctor", "--json", **more)
    assert done.stderr == ""
    found = json.loads(done.stdout)["data"]["findings"]
    return [(each["level"], each["text"], each["remedy"]) for each in found if each["check"] == check]


def unit(manager: UserSystemd) -> pathlib.Path:
    return manager.user_home / ".config/systemd/user/packetbuddy.service"


def test_a_registered_service_is_fine_but_for_lingering(manager: UserSystemd) -> None:
    """It starts at login, not at boot: a note with the command; nothing else, and nothing about the monitor."""
    manager.pb("service", "install")
    ((level, text, remedy),) = said(manager)
    assert (level, "when you log in" in text, "loginctl enable-linger" in remedy) == ("note", True, True)
    assert said(manager, "monitor") == []


def test_what_is_not_registered_can_be(manager: UserSystemd) -> None:
    """A service in the background where a service manager would keep it: a note with the command."""
    manager.pb("service", "start")
    ((level, text, remedy),) = said(manager)
    assert (level, "after a reboot" in text, "`pb service install`" in remedy) == ("note", True, True)
    manager.pb("service", "stop")


def test_a_service_that_is_switched_off(manager: UserSystemd) -> None:
    """Disabled behind our back: it does not start at login."""
    manager.pb("service", "install")
    manager.done("systemctl", "--user", "disable", "packetbuddy.service")
    ((level, text, remedy),) = said(manager)
    assert (level, "by itself at login" in text, "`pb service install`" in remedy) == ("warning", True, True)


def test_a_unit_that_starts_what_is_gone(manager: UserSystemd) -> None:
    """An upgrade or a move took the program away that the unit names."""
    manager.pb("service", "install")
    text = unit(manager).read_text("utf-8")
    unit(manager).write_text(text.replace(f'ExecStart="{sys.executable}"', 'ExecStart="/old/bin/pb"'), "utf-8")
    broken = [each for each in said(manager) if each[0] == "broken"]
    assert len(broken) == 1
    assert "start /old/bin/pb, which is not there" in broken[0][1]
    assert "`pb service install`" in broken[0][2]


def test_a_session_without_systemd(manager: UserSystemd) -> None:
    """Registered, and asked from where it does not answer (`su`, cron): that is said, not that nothing is."""
    manager.pb("service", "install")
    found = said(manager, XDG_RUNTIME_DIR="/nonexistent")
    assert [level for level, _, _ in found] == ["warning", "note"]
    assert "which does not answer in this session" in found[0][1]


def test_a_service_that_systemd_gave_up(manager: UserSystemd) -> None:
    """The ledger is replaced by another program's: nobody counts, and the reason that was logged last is told."""
    manager.pb("service", "install")
    manager.pb("service", "stop")
    ledger = manager.home / "packetbuddy.db"
    ledger.unlink()
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    manager.run("systemctl", "--user", "start", "packetbuddy.service")
    wait_until(lambda: manager.show("ActiveState") == "failed", 30)
    ((level, text, _),) = said(manager, "monitor")
    assert (level, "Nobody counts" in text) == ("broken", True)
    assert "status 78" in text or "belongs to another program" in text
    assert [each[0] for each in said(manager, "ledger")] == ["broken"]
