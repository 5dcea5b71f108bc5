"""The whole life of the service under a real systemd of a user."""

import contextlib
import pathlib
import shlex
import sqlite3
import sys
from collections.abc import Iterator

import pytest

from machine.monitor import delete_at_once
from machine.netns import wait_until
from machine.user_systemd import UserSystemd, drop_in, requires_user_systemd, user_systemd

pytestmark = [pytest.mark.machine, requires_user_systemd]


@pytest.fixture
def manager(tmp_path: pathlib.Path) -> Iterator[UserSystemd]:
    with user_systemd(tmp_path) as manager:
        yield manager


def status(manager: UserSystemd) -> dict[str, object]:
    """``pb service status``."""
    return manager.json("service", "status")


def pid_of(manager: UserSystemd) -> int:
    """The monitor's process number, 0 without one."""
    return int(str(status(manager)["pid"] or 0))


def test_install_counts_and_uninstall_leaves_no_trace(manager: UserSystemd) -> None:
    """Install registers, enables and starts; again changes nothing; uninstall keeps the data and nothing else."""
    said = manager.pb("service", "install")
    assert [line.split(":")[0] for line in said.splitlines()] == ["Registered", "Started", "Auto-start", "Dashboard"]
    assert "loginctl enable-linger" in said
    assert (manager.show("ActiveState"), manager.show("UnitFileState")) == ("active", "enabled")
    first = status(manager)
    assert (first["state"], first["manager"], first["managed"], first["auto_start"]) == (
        "running",
        "systemd",
        True,
        True,
    )
    assert str(first["pid"]) == manager.show("MainPID")
    again = manager.json("service", "install")
    assert (again["already"], again["pid"]) == (True, first["pid"])
    assert "stopped and removed" in manager.pb("service", "uninstall")
    assert (manager.show("LoadState"), manager.show("ActiveState")) == ("not-found", "inactive")
    assert [path.name for path in (manager.user_home / ".config/systemd/user").rglob("packetbuddy*")] == []
    assert (manager.home / "packetbuddy.db").exists()
    assert "No service was installed" in manager.pb("service", "uninstall")


def test_stop_start_restart(manager: UserSystemd) -> None:
    """Each verb ends in its state and can be said again; a stopped service stays stopped and registered."""
    manager.pb("service", "install")
    pid = pid_of(manager)
    assert manager.json("service", "restart")["pid"] != pid
    assert manager.json("service", "stop") == {"state": "stopped", "ran": True, "killed": [], "paused": False}
    assert manager.json("service", "stop")["ran"] is False
    stopped = status(manager)
    assert (stopped["state"], stopped["installed"], stopped["auto_start"]) == ("stopped", True, True)
    started = manager.json("service", "start")
    assert (started["already"], started["managed"]) == (False, True)
    assert manager.json("service", "start")["already"] is True


def test_killed_it_comes_back(manager: UserSystemd) -> None:
    """After kill -9 systemd starts it again within ten seconds."""
    manager.pb("service", "install")
    pid = pid_of(manager)
    manager.signal("KILL", pid)
    wait_until(lambda: pid_of(manager) not in {0, pid})
    assert manager.show("NRestarts") == "1"


def test_a_hang_is_healed_by_the_watchdog(manager: UserSystemd) -> None:
    """A halted monitor sends no sign of life, so systemd ends it and starts another one."""
    manager.pb("service", "install")
    drop_in(manager, ["WatchdogSec=5"])
    pid = int(str(manager.json("service", "restart")["pid"]))
    manager.signal("STOP", pid)
    wait_until(lambda: pid_of(manager) not in {0, pid}, 60)
    assert int(manager.show("NRestarts")) >= 1


def test_the_background_hands_over(manager: UserSystemd) -> None:
    """A monitor kept in the background is stopped when systemd takes over, supervisor and all: never two."""
    before = manager.json("service", "start")
    assert status(manager)["manager"] == "background"
    after = manager.json("service", "install")
    assert after["pid"] != before["pid"]
    now = status(manager)
    assert (now["manager"], now["managed"], now["pid"]) == ("systemd", True, after["pid"])
    assert manager.run("pgrep", "-f", "supervisor.sh").stdout == ""
    assert len(manager.run("pgrep", "-f", "packetbuddy serve").stdout.split()) == 1


def test_a_final_failure_is_not_tried_again(manager: UserSystemd) -> None:
    """A foreign ledger ends with 78: one start, no loop; install and status both say why."""
    manager.home.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(manager.home / "packetbuddy.db")) as foreign:
        foreign.execute("CREATE TABLE usage_logs (bytes_sent INTEGER)")
    failed = manager.run(sys.executable, "-P", "-m", "packetbuddy", "service", "install")
    assert failed.returncode == 1
    assert "packetbuddy.db" in failed.stderr
    assert (manager.show("ActiveState"), manager.show("NRestarts")) == ("failed", "0")
    assert "packetbuddy.db" in str(status(manager)["last_failure"])


def test_a_deleted_home_leaves_no_crash_loop(manager: UserSystemd) -> None:
    """When the home goes the monitor leaves; systemd does not start it again, and a later start is skipped in peace."""
    (manager.home).mkdir(mode=0o700)
    (manager.home / "config.toml").write_text("[monitoring]\nbatch_write_interval = 1\n")
    manager.pb("service", "install")
    delete_at_once(manager.home)
    wait_until(lambda: manager.show("ActiveState") == "inactive")
    manager.done("systemctl", "--user", "start", "packetbuddy.service")
    assert (manager.show("ActiveState"), manager.show("ConditionResult")) == ("inactive", "no")
    assert manager.show("NRestarts") == "0"
    assert not manager.home.exists()
    manager.pb("service", "uninstall")
    assert manager.show("LoadState") == "not-found"


def test_counting_is_possible_in_the_sandbox(manager: UserSystemd) -> None:
    """Inside the unit netlink works, so the log has no complaint of a sandbox; new files are private."""
    manager.pb("service", "install")
    log = (manager.home / "stderr.log").read_text()
    assert "is counting" in log
    assert "netlink is refused" not in log
    assert manager.show("NoNewPrivileges") == "yes"
    limits = manager.done("cat", f"/proc/{pid_of(manager)}/status")
    assert "NoNewPrivs:\t1" in limits
    assert "Seccomp:\t2" in limits
    assert {path.stat().st_mode & 0o077 for path in manager.home.iterdir()} == {0}


def test_a_home_of_any_name(manager: UserSystemd) -> None:
    """A launcher in a folder whose name is full of what systemd reads otherwise is started, with its home."""
    manager.environment["PACKETBUDDY_HOME"] = str(manager.user_home / '100%n $HOME & <Anna\'s> "own" \\t;#')
    launcher = manager.home / "bin" / "pb"
    launcher.parent.mkdir(parents=True, mode=0o700)
    launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m packetbuddy "$@"\n')
    launcher.chmod(0o700)
    manager.pb("service", "install")
    now = status(manager)
    assert (now["state"], now["manager"], now["home"]) == ("running", "systemd", str(manager.home))
    assert "bin/pb" in manager.show("ExecStart")


def test_lingering_is_told(manager: UserSystemd) -> None:
    """With lingering on, status says that it starts at boot and has no advice."""
    manager.pb("service", "install")
    assert status(manager)["at_boot"] is False
    manager.done("mkdir", "-p", "/run/linger")
    manager.done("mount", "-t", "tmpfs", "tmpfs", "/var/lib/systemd")
    manager.done("mkdir", "/var/lib/systemd/linger")
    manager.done("touch", "/var/lib/systemd/linger/root")
    lingering = status(manager)
    assert (lingering["at_boot"], lingering["advice"]) == (True, "")


def test_another_home_is_not_put_out_of_its_place(manager: UserSystemd) -> None:
    """A unit that keeps another home with a ledger is left as it is; the error says how to remove it."""
    manager.pb("service", "install")
    other = str(manager.user_home / "other")
    refused = manager.run(sys.executable, "-P", "-m", "packetbuddy", "service", "install", PACKETBUDDY_HOME=other)
    assert refused.returncode == 1
    assert "keeps another home" in refused.stderr
    assert str(manager.home) in refused.stderr
    assert status(manager)["state"] == "running"


def test_without_a_bus_it_is_the_background(manager: UserSystemd) -> None:
    """Where the user's systemd cannot be reached the background is used, and uninstall still removes the unit."""
    manager.pb("service", "install")
    manager.pb("service", "stop")
    away = {"XDG_RUNTIME_DIR": "/run/nowhere"}
    command = (sys.executable, "-P", "-m", "packetbuddy", "service")
    assert '"manager": "background"' in manager.run(*command, "status", "--json", **away).stdout
    assert manager.run(*command, "uninstall", **away).returncode == 0
    assert not (manager.user_home / ".config/systemd/user/packetbuddy.service").exists()


def test_the_unit_passes_systemds_own_check(manager: UserSystemd) -> None:
    """``systemd-analyze verify --user`` has nothing to say about the installed unit."""
    manager.pb("service", "install")
    unit = manager.user_home / ".config/systemd/user/packetbuddy.service"
    checked = manager.run("systemd-analyze", "verify", "--user", str(unit))
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert unit.stat().st_mode & 0o777 == 0o644
    assert (unit.parent / "default.target.wants" / unit.name).is_symlink()
