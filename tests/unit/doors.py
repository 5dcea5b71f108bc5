"""A door with stand-ins behind it, minded by a thread as the monitor's loop minds it between its polls."""

import contextlib
import http.client
import json
import random
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from machine.netns import wait_until
from packetbuddy.monitor.activation import Activation
from packetbuddy.monitor.door import Door
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.tuning import Tuning
from unit.calm import Stopwatch
from unit.ports import free_port

STANDIN = Path(__file__).with_name("standin_api.py")


class House:
    """A home with settings, a log, and the behaviour of its stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.configure()
        self.behave()
        self.tuning = Tuning(folder / "config.toml")
        self.log = Log(folder / "stderr.log")
        self.command: tuple[str, ...] = (sys.executable, "-I", "-S", str(STANDIN), str(folder / "behaviour.json"))

    def configure(self, **settings: object) -> None:
        """Write ``[api]``."""
        whole = {"host": "127.0.0.1", "port": self.port, **settings}
        lines = [f"{key} = {json.dumps(value)}" for key, value in whole.items()]
        self._write("config.toml", "\n".join(["[api]", *lines, ""]))

    def behave(self, **behaviour: Any) -> None:
        """What stand-ins that start from now on do."""
        self._write("behaviour.json", json.dumps(behaviour))

    def _write(self, name: str, text: str) -> None:
        """Nobody who reads meanwhile finds half of it."""
        whole = self.folder / f"{name}.new"
        whole.write_text(text, "utf-8")
        whole.replace(self.folder / name)

    def words(self, word: str) -> list[str]:
        """Log lines that hold a word."""
        log = self.folder / "stderr.log"
        return [line for line in log.read_text("utf-8").splitlines() if word in line] if log.exists() else []

    @contextlib.contextmanager
    def open(self) -> Iterator[tuple[Activation, "Minder"]]:
        """The door, minded and listening; closed in the end."""
        door = Activation(self.log, self.tuning, self.command)
        with contextlib.closing(door), Minder(door) as minder:
            wait_until(lambda: bool(self.words("the dashboard is at")))
            yield door, minder

    def ask(self, path: str = "/pid", *, port: int = 0, seconds: float = 10) -> str:
        """The body of an answer with status 200 on a connection of its own."""
        status, body = self.request(path, port=port, seconds=seconds)
        assert status == 200, body
        return body

    def request(self, path: str = "/pid", *, port: int = 0, seconds: float = 10) -> tuple[int, str]:
        """Status and body."""
        connection = http.client.HTTPConnection(self.tuning.settings.api.host, port or self.port, timeout=seconds)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


class Minder:
    """Owns the thread; remembers the longest that the door kept it from its other work."""

    def __init__(self, door: Door) -> None:
        self.longest = 0.0
        self._door = door
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._mind)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _mind(self) -> None:
        while not self._over.is_set():
            ready = select.select(self._door.descriptors(), [], [], min(self._door.patience(), 0.05))[0]
            watch = Stopwatch()
            self._door.mind(ready)
            self.longest = max(self.longest, watch.seconds)


class Visitors:
    """Threads that ask, on new connections, until the ``with`` ends; ``ask`` returns a status; failures are kept."""

    def __init__(self, ask: Callable[[], int], number: int) -> None:
        self.answered = 0
        self.failures: list[str] = []
        self._ask = ask
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(seed,)) for seed in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _visit(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - when to knock
        while not self._over.wait(dice.random() * 0.2):
            try:
                status = self._ask()
            except OSError as error:
                self.failures.append(repr(error))
            else:
                if status == 200:
                    self.answered += 1
                else:
                    self.failures.append(str(status))
