"""The Task Scheduler adapter: two tasks of the user, the monitor at logon and a watchdog that looks now and then."""

from pathlib import Path

from packetbuddy.errors import ServiceError
from packetbuddy.services.face import Registration, Started, State, Stopped
from packetbuddy.services.locks import wait_until
from packetbuddy.services.means import Means
from packetbuddy.services.processes import on_one_line
from packetbuddy.services.rendering import task, template
from packetbuddy.services.runner import Completed
from packetbuddy.services.verbs import Verbs
from packetbuddy.services.writing import leave, removed

TASK, WATCHDOG = "PacketBuddy", "PacketBuddyWatchdog"
TOOL_SECONDS = 60.0
ADVICE = "`pb service install` makes it start when you log in"


class TaskScheduler(Verbs):
    """The tasks of one home. Owns no state but their texts, which stay in the home and tell whose the tasks are.

    schtasks speaks the language of the system, so nothing but its exit codes is read; who lives is told by the locks.
    """

    manager = "task-scheduler"

    def __init__(self, means: Means) -> None:
        super().__init__(means.processes)
        self._means = means
        self._files = {name: means.home / "bin" / f"{name}.xml" for name in (TASK, WATCHDOG)}

    def ours(self) -> bool:
        """Whether the task is registered, and by this home."""
        return self._files[TASK].exists() and self._run("/query", "/tn", TASK).code == 0

    def install(self) -> Registration:
        """Registers both tasks, replacing those of before. Raises ServiceError."""
        with self._processes.alone():
            for name, path in self._files.items():
                leave(path, self._text(name), encoding="utf-16")
                self._do("/create", "/f", "/tn", name, "/xml", str(path))
        return self.registration()

    def uninstall(self) -> bool:
        """Ends and deletes both tasks."""
        with self._processes.alone():
            there = self.ours()
            for name, path in self._files.items():
                if there:
                    self._run("/end", "/tn", name)
                    self._run("/delete", "/f", "/tn", name)
                removed(path)
            return self._processes.end().ran or there

    def registration(self) -> Registration:
        """What is registered."""
        if not self.ours():
            return Registration(self.manager, (), None, auto_start=False, at_boot=None, advice=ADVICE)
        program = Path(self._means.program[0])
        return Registration(self.manager, tuple(self._files.values()), program, True, None, "")  # noqa: FBT003 - positional values of a tuple

    def state(self) -> State:
        """Who lives now; what is registered is kept by its watchdog."""
        state = self._processes.state()
        return state._replace(managed=state.monitor is not None and self.ours())

    def _start(self) -> Started:
        if not self.ours():
            raise ServiceError("it is not installed here", "`pb service install` registers and starts it")
        before, seen = self.state(), self._processes.logged()
        if before.monitor is None:
            self._do("/run", "/tn", TASK)
        wait_until(self._processes.counts, seconds=self._means.patience.start)
        now = self.state()
        self._processes.must_count(seen, given_up=now.monitor is None)
        return self._processes.started(before, managed=now.managed)

    def _stop(self) -> Stopped:
        before = self.state()
        if self.ours():
            self._run("/end", "/tn", TASK)
        rest = self._processes.end()
        return Stopped(ran=rest.ran or before.word != "stopped", killed=())

    def _text(self, name: str) -> str:
        user = "\\".join(filter(None, (self._means.environment.get("USERDOMAIN", ""), self._means.user)))
        return task(template(f"{name}.xml"), user, self._means.program)

    def _do(self, *words: str) -> None:
        done = self._run(*words)
        if done.code:
            said = on_one_line(done.err or done.out) or f"exit code {done.code}"
            raise ServiceError(f"schtasks {words[0]} {self._name(words)}: {said}")

    def _name(self, words: tuple[str, ...]) -> str:
        return words[words.index("/tn") + 1]

    def _run(self, *words: str) -> Completed:
        command = ("schtasks.exe", *words)
        return self._means.runner.run(command, environment=self._means.environment, seconds=TOOL_SECONDS)
