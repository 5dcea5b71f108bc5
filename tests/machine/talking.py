"""Programs with known names that move known bytes, and `pb top` beside them, in network namespaces."""

import contextlib
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import Any, Self

from machine.netns import Namespace, Wire

CLIENT = """
import socket, sys, time
address, port, up, down, pieces, pause = sys.argv[1], *map(int, sys.argv[2:6]), float(sys.argv[6])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.socket(family) as line:
    line.connect((address, port))
    for _ in range(pieces):
        line.sendall(b"u" * (up // pieces))
        wanted = down // pieces
        while wanted:
            wanted -= len(line.recv(min(wanted, 65536)))
        time.sleep(pause)
    print(flush=True)
    sys.stdin.read()
"""
"""Moves ``up`` and ``down`` bytes in so many pieces, with a pause after each."""
MANY = """
import socket, sys
address, port, up, down, connections = sys.argv[1], *map(int, sys.argv[2:6])
for _ in range(connections):
    with socket.create_connection((address, port)) as line:
        line.sendall(b"u" * up)
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass
print(flush=True)
"""
"""As many connections one after the other, each of ``up`` bytes; the server answers with its own."""


class Server:
    """Answers every ``up`` bytes with ``down`` bytes, in the namespace at the other end; also after the end of file."""

    def __init__(self, space: Namespace, up: int, down: int, *, address: str = "") -> None:
        self._up, self._down = up, down
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = space.socket(socket.SOCK_STREAM, family=family, bind=address or "0.0.0.0")  # noqa: S104 - its own namespace
        self._listener.listen(512)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # the namespace closes it
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            seen = 0
            while data := line.recv(65536):
                seen += len(data)
                while seen >= self._up:
                    seen -= self._up
                    line.sendall(b"d" * self._down)


def named(folder: pathlib.Path, name: str) -> str:
    """An interpreter that the kernel knows by this name."""
    link = folder / name
    if not link.exists():
        link.symlink_to(os.path.realpath(sys.executable))
    return str(link)


class Client:
    """A program inside the host. It says a line when it has moved all, and keeps what it has open until :meth:`end`."""

    def __init__(self, wire: Wire, command: str, code: str, *arguments: object) -> None:
        words = [command, "-I", "-c", code, *map(str, arguments)]
        self._child = wire.host.start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._ears, self._mouth = self._child.stdin, self._child.stdout

    @property
    def pid(self) -> int:
        """Its process."""
        return self._child.pid

    def told(self) -> bool:
        """Whether its next line is there."""
        return bool(select.select([self._mouth], [], [], 0)[0])

    def wait(self) -> None:
        """Read its next line."""
        assert self._mouth.readline() == b"\n"

    def go(self) -> None:
        """What it waits for before it goes on."""
        self._ears.write(b"\n")
        self._ears.flush()

    def end(self) -> int:
        """Let it go; returns its exit code."""
        self._ears.close()
        return self._child.wait(60)


class Top:
    """``pb top --json`` as it goes on; each line is awaited."""

    def __init__(self, space: Namespace, home: pathlib.Path) -> None:
        environment = {**os.environ, "PACKETBUDDY_HOME": str(home)}
        command = [sys.executable, "-m", "packetbuddy", "top", "--json"]
        self._child = space.start(command, env=environment, stdout=subprocess.PIPE)
        self.data: dict[str, Any] = self.next()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()

    def next(self) -> dict[str, Any]:
        """The next measurement."""
        assert self._child.stdout is not None
        self.data = json.loads(self._child.stdout.readline())["data"]
        return self.data

    def program(self, name: str) -> dict[str, Any] | None:
        """What the last measurement says of a program."""
        return next((each for each in self.data["programs"] if each["name"] == name), None)

    def until_still(self, looks: int = 2) -> None:
        """Return when so many measurements in a row, of those made from now on, saw nothing move."""
        asked, still = datetime.now(UTC), 0
        while datetime.fromisoformat(self.next()["at"]) <= asked:
            continue
        for _ in range(120):
            groups = [*self.next()["programs"], self.data["unnamed"], self.data["brief"]]
            still = 0 if any(each["total_bytes_per_second"] for each in groups) else still + 1
            if still >= looks:
                return
        raise AssertionError(f"it never became still: {self.data}")
