"""``pb service install``, ``uninstall``, ``status`` and ``watchdog`` where no service manager is: the background."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from packetbuddy.cli.context import Context
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.servicing.watching import heal, look
from packetbuddy.services.locks import owner, wait_until
from packetbuddy.services.watching import Sight
from unit.ports import free_port

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="the background adapter is for POSIX"),
]


class Desk(NamedTuple):
    """A person's account: a home folder in which PacketBuddy has its own."""

    person: Path

    @property
    def home(self) -> Path:
        return self.person / ".packetbuddy"

    @property
    def environment(self) -> dict[str, str]:
        more = {"HOME": str(self.person), "XDG_RUNTIME_DIR": "/nowhere", "COLUMNS": "60", "TZ": "Asia/Kolkata"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PACKETBUDDY_"))}
        return {**kept, **more}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run ``pb``."""
        command = [sys.executable, "-P", "-m", "packetbuddy", *arguments]
        environment = {**self.environment, **more}
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )

    def pb(self, *arguments: str) -> str:
        """Run ``pb``, which must succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str) -> dict[str, Any]:
        """The data of a command that must succeed, one value on one line."""
        said = self.pb(*arguments, "--json")
        assert said.count("\n") == 1
        return dict(json.loads(said)["data"])

    def context(self) -> Context:
        """What a command of this person knows, now."""
        environment = {**self.environment, "PACKETBUDDY_HOME": str(self.home)}
        return Context(environment, time.time_ns(), Paper())

    @property
    def address(self) -> str:
        """Of the dashboard and the API."""
        port = (self.home / "config.toml").read_text("utf-8").partition("port = ")[2].split()[0]
        return f"http://127.0.0.1:{port}"

    def pid(self) -> int:
        """The monitor's number, 0 without one."""
        found = owner(self.home / "monitor.lock")
        return found.pid if found else 0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "Änna")
    desk.person.mkdir()
    (desk.person / ".packetbuddy").mkdir(mode=0o700)
    pace = "[monitoring]\nbatch_write_interval = 1\n"
    (desk.home / "config.toml").write_text(f"{pace}[api]\nport = {free_port()}\n")
    yield desk
    desk.pb("service", "stop")
    assert desk.pid() == 0


def test_install_tells_each_step(desk: Desk) -> None:
    """Four lines: where it is registered, that it counts, whether it starts by itself, where the dashboard is."""
    lines = desk.pb("service", "install").splitlines()
    assert [line.split(":")[0] for line in lines] == ["Registered", "Started", "Auto-start", "Dashboard"]
    assert "nowhere" in lines[0]
    assert "after a reboot, run `pb service start`" in lines[2]
    assert lines[3].endswith(f"{desk.address}/dashboard")
    counting = desk.pid()
    told = desk.json("service", "install", "--yes")
    assert (told["already"], desk.pid()) == (True, counting)
    assert (told["manager"], told["files"], told["state"], told["pid"]) == ("background", [], "running", desk.pid())


def test_status_fits_a_narrow_terminal_and_has_the_persons_times(desk: Desk) -> None:
    """No line but a path is longer than 60 columns; times are in the person's zone, without ISO strings."""
    stopped = desk.pb("service", "status")
    desk.pb("service", "install")
    counting = desk.pb("service", "status")
    (desk.home / "config.toml").write_text("[api]\nport = 'seven'\n")
    broken = desk.pb("service", "status")
    for said in (stopped, counting, broken):
        assert [line for line in said.splitlines() if len(line) > 60 and str(desk.person) not in line] == []
        assert not re.search(r"\dT\d\d:", said)
    assert re.search(r"^Since +\w{3} \d+ \w{3} \d{4} \d\d:\d\d$", counting, re.MULTILINE)
    assert re.search(r"^Today +.* observed$", counting, re.MULTILINE)
    assert "port" in broken
    assert desk.json("service", "status")["since"].endswith("+05:30")


def test_the_reason_of_a_failed_start_is_in_status(desk: Desk) -> None:
    """A ledger of another program: start fails with the reason, and status knows it until a start goes well."""
    foreign = sqlite3.connect(desk.home / "packetbuddy.db")
    foreign.execute("CREATE TABLE usage_logs (bytes_sent INTEGER)")
    foreign.close()
    failed = desk.run("service", "start")
    assert failed.returncode == 1
    reason = str(desk.json("service", "status")["last_failure"])
    assert "packetbuddy.db" in reason
    assert "Last error" in desk.pb("service", "status")
    (desk.home / "packetbuddy.db").unlink()
    desk.pb("service", "start")
    assert desk.json("service", "status")["last_failure"] is None
    desk.pb("service", "stop")
    assert desk.json("service", "status")["last_failure"] is None


def test_uninstall_keeps_the_data_and_purge_leaves_nothing(desk: Desk) -> None:
    """Uninstall stops it and keeps the home; purge wants a yes, and then takes the home and the link, nothing else."""
    desk.pb("service", "install")
    link = desk.person / ".local" / "bin" / "pb"
    link.parent.mkdir(parents=True)
    link.symlink_to(desk.home / "bin" / "pb")
    assert "Kept" in desk.pb("service", "uninstall")
    assert (desk.pid(), (desk.home / "packetbuddy.db").exists()) == (0, True)
    desk.pb("service", "start")
    refused = desk.run("service", "uninstall", "--purge")
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert desk.pid() != 0
    assert "Deleted" in desk.pb("service", "uninstall", "--purge", "--yes")
    assert sorted(path.name for path in desk.person.rglob("*") if not path.is_dir() or path.is_symlink()) == []
    assert not desk.home.exists()
    assert "No service was installed" in desk.pb("service", "uninstall", "--purge", "--yes")


@pytest.mark.parametrize(("answer", "purged"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_purge_asks_at_a_terminal(desk: Desk, answer: str, *, purged: bool) -> None:
    """At a terminal it asks; only a yes deletes, and a no changes nothing at all, not even what runs."""
    desk.pb("service", "start")
    pid = desk.pid()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "packetbuddy", "service", "uninstall", "--purge"]
    with subprocess.Popen(command, env=desk.environment, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        os.write(ours, answer.encode())
        said = _read_all(ours)
        assert child.wait(30) == 0
    os.close(ours)
    assert "(y/n) [n]:" in said
    assert desk.home.exists() is not purged
    assert desk.pid() == (0 if purged else pid)


def _read_all(descriptor: int) -> str:
    said = b""
    while True:
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # the other side is closed
            return said.decode()
        if not piece:
            return said.decode()
        said += piece


def test_purge_refuses_what_is_no_home(desk: Desk) -> None:
    """The person's own folder is never taken for a home, nor is one without anything of PacketBuddy's."""
    (desk.person / "thesis").write_text("years")
    for folder in (desk.person, desk.person / "thesis-folder"):
        folder.mkdir(exist_ok=True)
        refused = desk.run("service", "uninstall", "--purge", "--yes", PACKETBUDDY_HOME=str(folder))
        assert refused.returncode == 1
        assert "not deleted" in refused.stderr
    assert (desk.person / "thesis").read_text() == "years"


def test_options_belong_to_their_verbs(desk: Desk) -> None:
    """An option that a verb does not take is wrong usage, and nothing is done."""
    for words in (("start", "--purge"), ("stop", "--yes"), ("uninstall", "--pause"), ("status", "-f")):
        assert desk.run("service", *words).returncode == 2
    assert desk.pid() == 0


def test_the_watchdog_heals_a_halted_monitor(desk: Desk) -> None:
    """SIGSTOP: once it has not written for long, a confirmed look restarts it and logs why; then all is well."""
    desk.pb("service", "start")
    supervisor = owner(desk.home / "supervisor.pid")
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)  # nobody but the watchdog is left to heal
    halted = desk.pid()
    os.kill(halted, signal.SIGSTOP)
    assert wait_until(lambda: look(desk.context()) == Sight(True, True, False, False, False, None), seconds=30)
    assert heal(desk.context(), lambda: look(desk.context())._replace(writes=True)).action == "none"
    assert desk.pid() == halted
    done = heal(desk.context(), lambda: look(desk.context()))
    assert (done.action, desk.pid() not in {0, halted}) == ("restarted", True)
    assert "watchdog: it lives and does not write" in (desk.home / "stderr.log").read_text()
    assert heal(desk.context(), lambda: look(desk.context())).action == "none"
    os.kill(desk.pid(), signal.SIGSTOP)
    assert wait_until(lambda: not look(desk.context()).writes, seconds=30)
    assert heal(desk.context(), lambda: look(desk.context())).action == "waits"
    os.kill(desk.pid(), signal.SIGCONT)


def test_the_watchdog_does_not_fight_a_person(desk: Desk) -> None:
    """Stopped, never started or uninstalled: left alone. Killed with its supervisor: started again."""
    assert desk.json("watchdog", "--once") == {"action": "none", "reason": None}
    desk.pb("service", "start")
    supervisor = owner(desk.home / "supervisor.pid")
    assert supervisor is not None
    for pid in (supervisor.pid, desk.pid()):
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: (desk.pid(), owner(desk.home / "supervisor.pid")) == (0, None), seconds=30)
    assert heal(desk.context(), lambda: look(desk.context())).action == "restarted"
    assert desk.pid() != 0
    desk.pb("service", "stop")
    assert look(desk.context()).told
    assert heal(desk.context(), lambda: look(desk.context())).action == "none"
    desk.pb("service", "start")
    desk.pb("service", "stop", "--pause")
    assert look(desk.context()).told
    assert desk.pid() == 0


def test_the_watchdog_asks_the_api_only_while_it_is_awake(desk: Desk) -> None:
    """An API that sleeps is not woken by a look; one that is awake is asked, and one that hangs is noticed."""
    desk.pb("service", "start")
    assert look(desk.context()).answers is None
    assert not (desk.home / "api.pid").exists()
    with urllib.request.urlopen(f"{desk.address}/api/health", timeout=30) as answer:  # noqa: S310 - our own address
        assert answer.status == 200
    assert wait_until(lambda: look(desk.context()).answers is True, seconds=30)
    api = int((desk.home / "api.pid").read_text())
    os.kill(api, signal.SIGSTOP)
    assert look(desk.context()).answers is False
    os.kill(api, signal.SIGCONT)
    os.kill(api, signal.SIGTERM)
    assert wait_until(lambda: not (desk.home / "api.pid").exists(), seconds=30)
    assert look(desk.context()).answers is None


def test_logs_hold_no_secret(desk: Desk) -> None:
    """A database password in the settings is in no log and no answer of any verb, not even where it is a mistake."""
    secret = "hunter2-hunter2"  # noqa: S105 - the test's own
    config = desk.home / "config.toml"
    config.write_text(config.read_text() + f'[sync]\nurl = "postgresql://anna:{secret}@db.example/x y"\n')
    said = [desk.run("service", verb) for verb in ("install", "status", "restart", "stop", "uninstall")]
    assert [done for done in said if secret in done.stdout + done.stderr] == []
    assert [path for path in desk.home.glob("*.log*") if secret in path.read_text()] == []
