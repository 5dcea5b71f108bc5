"""The systemd adapter: a unit of the user's own service manager."""

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Registration, Started, State, Stopped
from packetbuddy.services.locks import wait_until
from packetbuddy.services.means import Means
from packetbuddy.services.processes import on_one_line
from packetbuddy.services.rendering import home_variable, started, template, unit
from packetbuddy.services.runner import Completed
from packetbuddy.services.verbs import Verbs
from packetbuddy.services.writing import leave, read, removed

NAME = "packetbuddy.service"
LINGERING = Path("/var/lib/systemd/linger")
TOOL_SECONDS = 30.0
ALIVE = frozenset({"active", "activating", "reloading"})
BOOT_ADVICE = "to count from boot on: loginctl enable-linger"
_ESCAPED = re.compile(r"[\\%]([\\%\"])")
AGAIN_ADVICE = "`pb service install` makes it start by itself again"


class _Unit(NamedTuple):
    """What systemd says of the unit."""

    active: str
    pid: int
    result: str
    status: str

    @property
    def alive(self) -> bool:
        """It runs, or systemd will start it."""
        return self.active in ALIVE

    @property
    def failure(self) -> str:
        """Why its last run ended, where that was no success."""
        return "" if self.result in {"", "success"} else f"systemd: {self.result}, status {self.status}"


class Systemd(Verbs):
    """The unit of one home; owns no state but the unit file."""

    manager = "systemd"

    def __init__(self, means: Means, *, lingering: Path = LINGERING) -> None:
        """``lingering`` is the folder that holds a file for each user whose services start at boot."""
        super().__init__(means.processes)
        self._means = means
        self._lingering = lingering
        self._environment = spoken_to(means.environment)
        self._file = unit_file(means)

    def usable(self) -> bool:
        """Whether the user's systemd answers, and reads the folder that the unit goes to."""
        found = self._run("show", "--property=UnitPath", "--value")
        return found.code == 0 and str(self._file.parent) in shlex.split(found.out)

    def ours(self) -> bool:
        """Whether the unit that is registered keeps this home."""
        return home_variable(self._means.home) in read(self._file)

    def install(self) -> Registration:
        """Writes and enables the unit. Raises ServiceError."""
        with self._processes.alone():
            self._refuse_to_replace()
            leave(self._file, self._text())
            self._do("daemon-reload")
            self._do("enable", "--quiet", NAME)
        return self.registration()

    def uninstall(self) -> bool:
        """Stops and disables the unit and removes it; also where systemd does not answer any more."""
        with self._processes.alone():
            there = self.ours()
            if there:
                self._run("disable", "--now", "--quiet", NAME)
                removed(self._file.parent / "default.target.wants" / NAME)
                removed(self._file)
                self._run("daemon-reload")
                self._run("reset-failed", NAME)
            return self._processes.end().ran or there

    def registration(self) -> Registration:
        """What is registered, from the files alone."""
        if not self.ours():
            return Registration(self.manager, (), None, auto_start=False, at_boot=None, advice=AGAIN_ADVICE)
        enabled = os.path.lexists(self._file.parent / "default.target.wants" / NAME)
        at_boot = (self._lingering / self._means.user).exists()
        advice = AGAIN_ADVICE if not enabled else "" if at_boot else BOOT_ADVICE
        return Registration(self.manager, (self._file,), started(read(self._file)), enabled, at_boot, advice)

    def state(self) -> State:
        """Who lives now, and what systemd says of the unit."""
        return self._state(self._unit())

    def _start(self) -> Started:
        before, seen = self.state(), self._processes.logged()
        if before.supervisor is not None:  # kept in the background until now: one keeper is enough
            before = before._replace(monitor=None)
            self._processes.end()
        said = "" if before.monitor else self._run("start", NAME, seconds=self._means.patience.start).err
        wait_until(self._settled, seconds=self._means.patience.start)
        found = self._unit()
        otherwise = found.failure or on_one_line(said)
        self._processes.must_count(seen, given_up=not found.alive, otherwise=otherwise)
        return self._processes.started(before, managed=self._state(found).managed)

    def _settled(self) -> bool:
        return self._processes.counts() or not self._unit().alive

    def _stop(self) -> Stopped:
        before = self.state()
        if self.ours():
            self._do("stop", NAME)
        killed = (before.monitor.pid,) if before.monitor and self._unit().result == "timeout" else ()
        rest = self._processes.end()
        return Stopped(ran=rest.ran or before.word != "stopped", killed=killed + rest.killed)

    def _state(self, found: _Unit) -> State:
        state = self._processes.state()
        kept = found.alive and (state.monitor is None or state.monitor.pid == found.pid)
        return state._replace(managed=state.managed or kept, failure=found.failure)

    def _unit(self) -> _Unit:
        asked = "--property=ActiveState,MainPID,Result,ExecMainStatus"
        told = dict(line.partition("=")[::2] for line in self._do("show", asked, NAME).splitlines())
        return _Unit(told["ActiveState"], int(told["MainPID"]), told["Result"], told["ExecMainStatus"])

    def _text(self) -> str:
        words = self._run("--version").out.split()
        version = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
        return unit(template(NAME), self._means.home, self._means.serve, version=version)

    def _refuse_to_replace(self) -> None:
        """A unit that keeps another home, which still is there, is not ours to take."""
        other = other_home(read(self._file))
        if not self.ours() and other is not None and (other / "packetbuddy.db").exists():
            raise ServiceError(
                f"{self._file} keeps another home, {other}",
                f"PACKETBUDDY_HOME={shlex.quote(str(other))} pb service uninstall removes it",
            )

    def _do(self, *words: str) -> str:
        done = self._run(*words)
        if done.code:
            said = on_one_line(done.err or done.out) or f"exit code {done.code}"
            raise ServiceError(f"systemctl --user {words[0]}: {said}")
        return done.out

    def _run(self, *words: str, seconds: float = TOOL_SECONDS) -> Completed:
        command = ("systemctl", "--user", *words)
        return self._means.runner.run(command, environment=self._environment, seconds=seconds)


def unit_file(means: Means) -> Path:
    """Where the user's units are."""
    asked = means.environment.get("XDG_CONFIG_HOME", "")
    config = Path(asked) if asked.startswith("/") else means.user_home / ".config"
    return config / "systemd" / "user" / NAME


def spoken_to(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment in which systemctl finds the user's systemd, also from cron or `su`, where nobody names it."""
    usual = f"/run/user/{os.geteuid()}"
    named = environment.get("XDG_RUNTIME_DIR") or usual
    return {**environment, "XDG_RUNTIME_DIR": named, "LC_ALL": "C", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}


def other_home(text: str) -> Path | None:
    """The home that a unit of ours keeps."""
    begin = 'Environment="PACKETBUDDY_HOME='
    found = next((line for line in text.splitlines() if line.startswith(begin)), None)
    if found is None:
        return None
    written = found.removeprefix(begin).removesuffix('"')
    return Path(_ESCAPED.sub(r"\1", written))
