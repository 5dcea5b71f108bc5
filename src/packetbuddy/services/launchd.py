"""The launchd adapter: two agents of the user, the monitor and a watchdog that looks now and then."""

import contextlib
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Registration, Started, State, Stopped
from packetbuddy.services.locks import wait_until
from packetbuddy.services.means import Means
from packetbuddy.services.processes import on_one_line
from packetbuddy.services.rendering import agent, starter, template
from packetbuddy.services.runner import Completed
from packetbuddy.services.verbs import Verbs
from packetbuddy.services.writing import leave, read, removed

DAEMON, WATCHDOG = "com.packetbuddy.daemon", "com.packetbuddy.watchdog"
TOOL_SECONDS = 30.0
NEVER = "(never exited)"
ADVICE = "`pb service install` makes it start by itself"
_FIELD = re.compile(r"^\t(state|pid|last exit code) = (.*)$", re.MULTILINE)


class _Agent(NamedTuple):
    """What launchd says of an agent; ``last`` is the exit code of its last run, empty where there was none."""

    loaded: bool
    pid: int
    last: str


class Launchd(Verbs):
    """The agents of one home; owns no state but their files and the program that they start."""

    manager = "launchd"

    def __init__(self, means: Means, *, uid: int) -> None:
        """``uid`` names the domain of the user who is logged in."""
        library = means.user_home / "Library"
        super().__init__(means.processes)
        self._means = means
        self._domain = f"gui/{uid}"
        self._starter = library / "Application Support" / "PacketBuddy" / "PacketBuddy"
        self._daemon = library / "LaunchAgents" / "com.packetbuddy.plist"
        self._watchdog = library / "LaunchAgents" / "com.packetbuddy.watchdog.plist"

    def usable(self) -> bool:
        """Whether the user is logged in to a session that keeps agents."""
        return self._run("print", self._domain).code == 0

    def ours(self) -> bool:
        """Whether what is registered keeps this home."""
        return self._daemon.exists() and _home_line(self._means.home) in read(self._starter).splitlines()

    def install(self) -> Registration:
        """Writes the agents; launchd starts them at the next login, `start` at once. Raises ServiceError."""
        with self._processes.alone():
            self._refuse_to_replace()
            texts = self._texts()
            if any(read(path) != text for path, text in texts.items()):
                self._unload()  # launchd keeps to what it has read
            for path, text in texts.items():
                leave(path, text, mode=0o755 if path == self._starter else 0o644)
            for label in (DAEMON, WATCHDOG):
                self._run("enable", f"{self._domain}/{label}")
        return self.registration()

    def uninstall(self) -> bool:
        """Unloads the agents and removes their files."""
        with self._processes.alone():
            there = self.ours()
            if there:
                self._unload()
                for path in (self._daemon, self._watchdog, self._starter):
                    removed(path)
                with contextlib.suppress(OSError):  # somebody's file is in it
                    self._starter.parent.rmdir()
            return self._processes.end().ran or there

    def registration(self) -> Registration:
        """What is registered, from the files alone."""
        files = (self._daemon, self._watchdog, self._starter) if self.ours() else ()
        advice = "" if files else ADVICE
        return Registration(self.manager, files, self._starter if files else None, bool(files), None, advice)

    def state(self) -> State:
        """Who lives now, and what launchd says of the agent."""
        found, state = self._agent(), self._processes.state()
        kept = found.pid == state.monitor.pid if state.monitor else found.pid > 0 or found.last not in {"", "0"}
        failure = "" if found.last in {"", "0"} else f"launchd: exit code {found.last}"
        return state._replace(managed=state.managed or (found.loaded and kept), failure=failure)

    def _start(self) -> Started:
        before, seen = self.state(), self._processes.logged()
        if before.supervisor is not None:
            before = before._replace(monitor=None)
            self._processes.end()
        if before.monitor is None:
            self._load(self._daemon, DAEMON)
            self._do("kickstart", f"{self._domain}/{DAEMON}")
        self._load(self._watchdog, WATCHDOG)
        wait_until(self._processes.counts, seconds=self._means.patience.start)
        now = self.state()
        self._processes.must_count(seen, given_up=now.word == "stopped", otherwise=now.failure)
        return self._processes.started(before, managed=now.managed)

    def _stop(self) -> Stopped:
        before = self.state()
        self._unload()
        rest = self._processes.end()
        return Stopped(ran=rest.ran or before.word != "stopped", killed=rest.killed)

    def _load(self, path: Path, label: str) -> None:
        if not self._agent(label).loaded:
            self._do("bootstrap", self._domain, str(path))

    def _unload(self) -> None:
        """Also waits: launchd answers before the process is gone."""
        for label in (WATCHDOG, DAEMON):
            if self._agent(label).loaded:
                self._run("bootout", f"{self._domain}/{label}")
                if not wait_until(lambda: not self._agent(label).loaded, seconds=self._means.patience.stop):  # noqa: B023 - called within the turn
                    raise ServiceError(f"launchctl bootout {self._domain}/{label}: it does not go")

    def _agent(self, label: str = DAEMON) -> _Agent:
        done = self._run("print", f"{self._domain}/{label}")
        if done.code:
            return _Agent(loaded=False, pid=0, last="")
        fields = dict(_FIELD.findall(done.out))
        last = fields.get("last exit code", NEVER)
        return _Agent(loaded=True, pid=int(fields.get("pid", "0")), last="" if last == NEVER else last.split(":")[0])

    def _texts(self) -> dict[Path, str]:
        return {
            self._starter: starter(template("launchd.sh"), self._means.home, self._means.program),
            self._daemon: agent(template("com.packetbuddy.plist"), self._starter),
            self._watchdog: agent(template("com.packetbuddy.watchdog.plist"), self._starter),
        }

    def _refuse_to_replace(self) -> None:
        lines = read(self._starter).splitlines()
        line = next((line for line in lines if line.startswith("home=")), "home=")
        other = "".join(shlex.split(line.removeprefix("home=")))
        if other and not self.ours() and (Path(other) / "packetbuddy.db").exists():
            raise ServiceError(
                f"{self._starter} keeps another home, {other}",
                f"PACKETBUDDY_HOME={other} pb service uninstall removes it",
            )

    def _do(self, *words: str) -> None:
        done = self._run(*words)
        if done.code:
            said = on_one_line(done.err or done.out) or f"exit code {done.code}"
            raise ServiceError(f"launchctl {' '.join(words)}: {said}")

    def _run(self, *words: str) -> Completed:
        command = ("launchctl", *words)
        return self._means.runner.run(command, environment=self._means.environment, seconds=TOOL_SECONDS)


def _home_line(home: Path) -> str:
    return f"home={shlex.quote(str(home))}"
