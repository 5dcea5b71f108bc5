"""The Task Scheduler adapter against a schtasks that is played: what it runs and what it makes of exit codes."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Patience
from packetbuddy.services.means import Means
from packetbuddy.services.runner import Completed
from packetbuddy.services.task_scheduler import TaskScheduler
from unit.scripted import FINE, Scripted
from unit.test_services_background import STAND_IN

if sys.platform == "win32":
    pytest.skip("the stand-in is for POSIX", allow_module_level=True)

UNKNOWN = Completed(1, "", "FEHLER: Das System kann die angegebene Datei nicht finden.\n")


class Windows:
    """schtasks with its memory: task → its XML; a run starts the stand-in for a monitor."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "Jürgen & Söhne" / ".packetbuddy"
        self.home.mkdir(parents=True)
        (self.home / "stand_in.py").write_text(STAND_IN)
        self.tasks: dict[str, str] = {}
        self.children: list[subprocess.Popen[bytes]] = []
        self.runner = Scripted(self.answer)
        environment = {**os.environ, "USERDOMAIN": "PC"}
        patience = Patience(start=5, stop=3, kill=3, others=5)
        program = (r"C:\Users\Jürgen & Söhne\.packetbuddy\bin\pb.cmd",)
        means = Means(self.home, program, "Jürgen", folder, environment, self.runner, lambda: True, patience)
        self.scheduler = TaskScheduler(means)

    def answer(self, words: tuple[str, ...]) -> Completed:
        name = words[words.index("/tn") + 1]
        if words[0] == "/create":
            self.tasks[name] = Path(words[-1]).read_text(encoding="utf-16")
        elif name not in self.tasks:
            return UNKNOWN
        elif words[0] == "/run":
            inside = f"import os; os.chdir({str(self.home)!r}); exec(open('stand_in.py').read())"
            command = [sys.executable, "-I", "-S", "-c", inside]
            self.children.append(subprocess.Popen(command, env={**os.environ, "PACKETBUDDY_HOME": "x"}))
            # Windows has no zombies, whose numbers still live.
            threading.Thread(target=self.children[-1].wait, daemon=True).start()
        elif words[0] == "/delete":
            del self.tasks[name]
        return FINE

    def reap(self) -> None:
        """The stand-ins are children of this test."""
        for child in self.children:
            child.wait(30)


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    windows = Windows(tmp_path)
    yield windows
    for child in windows.children:
        child.kill()
        child.wait()


def test_install_registers_both_tasks(windows: Windows) -> None:
    """Both tasks are given to schtasks as UTF-16, for this user; nothing is started; again replaces them."""
    registration = windows.scheduler.install()
    assert (registration.auto_start, registration.installed) == (True, True)
    assert sorted(windows.tasks) == ["PacketBuddy", "PacketBuddyWatchdog"]
    for text in windows.tasks.values():
        assert r"<UserId>PC\Jürgen</UserId>" in text
        assert r"--headless &quot;C:\Users" in text or r'--headless "C:\Users' in text
    assert windows.runner.verbs() == ["/create", "/create"]
    assert all(words[0] == "schtasks.exe" for words in windows.runner.ran)
    assert windows.scheduler.install() == registration


def test_life_of_the_service(windows: Windows) -> None:
    """Start runs the task, again is nothing, stop ends whatever lives, restart does both."""
    windows.scheduler.install()
    started = windows.scheduler.start()
    assert (started.managed, started.already) == (True, False)
    assert windows.scheduler.start().already
    assert windows.runner.verbs().count("/run") == 1
    assert windows.scheduler.restart().monitor.pid != started.monitor.pid
    assert windows.scheduler.state().word == "running"
    assert windows.scheduler.stop().ran
    windows.reap()
    assert windows.scheduler.state().word == "stopped"
    assert not windows.scheduler.stop().ran


def test_uninstall_leaves_nothing(windows: Windows) -> None:
    """Both tasks go, whatever runs is ended; a second time there is nothing to remove."""
    windows.scheduler.install()
    windows.scheduler.start()
    assert windows.scheduler.uninstall()
    windows.reap()
    assert (windows.tasks, list((windows.home / "bin").iterdir())) == ({}, [])
    assert not windows.scheduler.uninstall()
    assert not windows.scheduler.registration().installed


def test_what_is_not_installed_is_not_started(windows: Windows) -> None:
    """Without a task there is nothing to run: that is said, with what to do."""
    with pytest.raises(ServiceError, match="not installed") as failure:
        windows.scheduler.start()
    assert "pb service install" in failure.value.hint


def test_another_homes_task_is_not_ours(windows: Windows, tmp_path: Path) -> None:
    """A task of the same name that another home registered is neither ended nor deleted by an uninstall."""
    Windows(tmp_path / "other")
    windows.tasks["PacketBuddy"] = "another home's"
    assert not windows.scheduler.registration().installed
    assert not windows.scheduler.uninstall()
    assert windows.tasks == {"PacketBuddy": "another home's"}


def test_what_the_tool_refuses_is_told(windows: Windows) -> None:
    """A failing schtasks is one ServiceError with its own words, in whatever language."""
    windows.runner._answer = lambda _words: Completed(1, "", "FEHLER: Zugriff verweigert\r\n")
    with pytest.raises(ServiceError, match=r"schtasks /create PacketBuddy: FEHLER: Zugriff verweigert$"):
        windows.scheduler.install()
