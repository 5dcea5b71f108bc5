"""The launchd adapter against a launchctl that is played: what it runs, and what it makes of the answers."""

import os
import plistlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Patience, State
from packetbuddy.services.launchd import Launchd
from packetbuddy.services.locks import wait_until
from packetbuddy.services.means import Means
from packetbuddy.services.runner import Completed
from unit.scripted import FINE, Scripted
from unit.test_services_background import STAND_IN

if sys.platform == "win32":
    pytest.skip("the stand-in is for POSIX", allow_module_level=True)

DOMAIN = "gui/501"
NOT_FOUND = Completed(113, "", "Could not find service in domain for user gui: 501\n")


class Mac:
    """launchctl with its memory: which agents are loaded; a kickstart starts the stand-in for a monitor."""

    def __init__(self, folder: Path) -> None:
        self.user_home = folder / "Änna's"
        self.home = self.user_home / ".packetbuddy"
        self.home.mkdir(parents=True)
        (self.home / "stand_in.py").write_text(STAND_IN)
        self.loaded: dict[str, str] = {}
        self.child: subprocess.Popen[bytes] | None = None
        self.last = "(never exited)"
        self.session, self.works = True, True
        self.runner = Scripted(self.answer)
        patience = Patience(start=5, stop=3, kill=3, others=5)
        program = (str(self.home / "bin" / "pb"),)
        means = Means(self.home, program, "anna", self.user_home, os.environ, self.runner, lambda: True, patience)
        self.launchd = Launchd(means, uid=501)

    def answer(self, words: tuple[str, ...]) -> Completed:
        label = words[-1].rpartition("/")[2]
        if words == ("print", DOMAIN):
            return FINE if self.session else NOT_FOUND
        if words[0] == "print":
            return self.told(label)
        if words[0] == "bootstrap":
            label = str(plistlib.loads(Path(words[2]).read_bytes())["Label"])
            if label in self.loaded:
                return Completed(5, "", "Bootstrap failed: 5: Input/output error\n")
            self.loaded[label] = words[2]
        if words[0] == "kickstart":
            return self.kickstart()
        if words[0] == "bootout":
            self.bootout(label)
        return FINE

    def told(self, label: str) -> Completed:
        if label not in self.loaded:
            return NOT_FOUND
        alive = self.child is not None and self.child.poll() is None and label.endswith("daemon")
        pid = f"\tpid = {self.child.pid}\n" if alive and self.child else ""
        state = "running" if alive else "not running"
        return Completed(0, f"{DOMAIN}/{label} = {{\n\tstate = {state}\n{pid}\tlast exit code = {self.last}\n}}\n", "")

    def kickstart(self) -> Completed:
        if not self.works:
            with (self.home / "stderr.log").open("a") as log:
                log.write("2026-11-27T00:00:00Z error the ledger is of wood\n")
            self.last = "78: EX_CONFIG"
            return FINE
        inside = f"import os; os.chdir({str(self.home)!r}); exec(open('stand_in.py').read())"
        environment = {**os.environ, "PACKETBUDDY_HOME": "x"}
        self.child = subprocess.Popen([sys.executable, "-I", "-S", "-c", inside], env=environment)
        return FINE

    def bootout(self, label: str) -> None:
        self.loaded.pop(label, None)
        if label.endswith("daemon") and self.child is not None:
            self.child.terminate()
            self.child.wait()

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.user_home / "Library").rglob("*") if path.is_file())


@pytest.fixture
def mac(tmp_path: Path) -> Iterator[Mac]:
    mac = Mac(tmp_path)
    yield mac
    if mac.child is not None:
        mac.child.kill()
        mac.child.wait()


def test_install_writes_the_agents_and_starts_nothing(mac: Mac) -> None:
    """Three files, of which one can be run; nothing is loaded yet; a second time nothing changes."""
    registration = mac.launchd.install()
    assert mac.files() == ["PacketBuddy", "com.packetbuddy.plist", "com.packetbuddy.watchdog.plist"]
    assert registration.auto_start
    assert registration.program is not None
    assert registration.program.name == "PacketBuddy"
    assert os.access(registration.program, os.X_OK)
    agent = plistlib.loads(registration.files[0].read_bytes())
    assert agent["ProgramArguments"] == [str(registration.program), "serve"]
    assert (mac.runner.verbs(), mac.loaded) == (["enable", "enable"], {})
    assert mac.launchd.install() == registration


def test_life_of_the_service(mac: Mac) -> None:
    """Start loads and kicks, again is nothing, stop unloads both agents, restart does both; each state is told."""
    mac.launchd.install()
    assert mac.launchd.state() == State(None)
    started = mac.launchd.start()
    assert (started.managed, started.already) == (True, False)
    assert set(mac.loaded) == {"com.packetbuddy.daemon", "com.packetbuddy.watchdog"}
    assert mac.launchd.start().already
    assert mac.runner.verbs().count("kickstart") == 1
    again = mac.launchd.restart()
    assert again.monitor.pid != started.monitor.pid
    assert mac.launchd.state().word == "running"
    assert mac.launchd.stop() == (True, ())
    assert (mac.launchd.state().word, mac.loaded) == ("stopped", {})
    assert mac.launchd.stop() == (False, ())


def test_uninstall_leaves_nothing(mac: Mac) -> None:
    """All three files and their folder go; a second time there is nothing to remove."""
    mac.launchd.install()
    mac.launchd.start()
    assert mac.launchd.uninstall()
    assert (mac.files(), mac.loaded, mac.launchd.state()) == ([], {}, State(None))
    assert not (mac.user_home / "Library/Application Support/PacketBuddy").exists()
    assert not mac.launchd.uninstall()
    assert not mac.launchd.registration().installed


def test_a_changed_agent_is_read_anew(mac: Mac) -> None:
    """Where install writes something else than launchd has read, the loaded agents are unloaded first."""
    mac.launchd.install()
    mac.launchd.start()
    plist = mac.launchd.registration().files[0]
    plist.write_text(plist.read_text().replace("30", "31"))
    mac.launchd.install()
    assert mac.loaded == {}
    assert mac.launchd.start().managed


def test_a_start_that_fails_says_why(mac: Mac) -> None:
    """The monitor's last words are the error; state tells the exit code that launchd saw."""
    mac.launchd.install()
    mac.works = False
    mac.launchd._means = mac.launchd._means._replace(patience=Patience(start=0.2))
    with pytest.raises(ServiceError, match="the ledger is of wood"):
        mac.launchd.start()
    assert mac.launchd.state().failure == "launchd: exit code 78"


def test_a_monitor_started_by_hand_is_not_doubled(mac: Mac) -> None:
    """Start leaves a monitor that launchd does not keep; restart puts launchd's in its place."""
    mac.launchd.install()
    mac.kickstart()
    by_hand = mac.child
    assert by_hand is not None
    assert wait_until(lambda: mac.launchd.state().monitor is not None, seconds=30)
    started = mac.launchd.start()
    assert (started.already, started.managed) == (True, False)
    assert mac.launchd.restart().managed
    by_hand.wait(30)


def test_another_home_keeps_its_place(mac: Mac) -> None:
    """Agents that keep another home with a ledger are left as they are."""
    other = Mac(mac.user_home / "x")
    other.launchd._means = other.launchd._means._replace(user_home=mac.user_home)
    there = Launchd(other.launchd._means, uid=501)
    there.install()
    (other.home / "packetbuddy.db").touch()
    assert not mac.launchd.ours()
    with pytest.raises(ServiceError, match="keeps another home"):
        mac.launchd.install()
    (other.home / "packetbuddy.db").unlink()
    mac.launchd.install()
    assert mac.launchd.ours()


def test_usable_only_with_a_session(mac: Mac) -> None:
    """Through ssh to a Mac that nobody is logged in to there is no domain, so no agents."""
    assert mac.launchd.usable()
    mac.session = False
    assert not mac.launchd.usable()


def test_what_the_tool_refuses_is_told(mac: Mac) -> None:
    """A failing launchctl is one ServiceError with its own words."""
    mac.launchd.install()
    mac.runner._answer = lambda words: NOT_FOUND if words[0] == "print" else Completed(5, "", "Input/output\nerror\n")
    with pytest.raises(ServiceError, match=r"launchctl bootstrap .*: Input/output error$"):
        mac.launchd.start()
