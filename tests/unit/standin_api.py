"""A stand-in for the API process: speaks the protocol of the hand-over and answers a few paths with plain text.

``standin_api.py BEHAVIOUR.json [--listen HOST:PORT]``; the file may say ``{"idle": 0.2, "fail": true, "hang": true,
"drain": 0.5, "until": "/a/file"}``: leave after so many idle seconds, exit at once with 7, never accept; after giving
back and the last answer leave so much later, and not before there is this file.

``/pid`` process number · ``/fds`` open descriptors · ``/group`` process group · ``/idle`` its ``idle`` · ``/slow``
answers after 0.4 s · ``/hold`` never answers · ``/die`` exits with 9.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

over = threading.Event()


def main(arguments: list[str]) -> None:
    """Serve until idle, told to leave, or cut off."""
    behaviour = json.loads(Path(arguments[0]).read_text("utf-8"))
    if behaviour.get("fail"):
        sys.exit(7)
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    threading.Thread(target=cut_off, daemon=True).start()
    if behaviour.get("hang"):
        time.sleep(600)
    answering = serve(listening(arguments[1:]), behaviour)
    os.close(1)
    for one in answering:
        one.join()
    deadline = time.monotonic() + behaviour.get("drain", 0.5)
    until = Path(behaviour.get("until", "/"))
    while time.monotonic() < deadline or not until.exists():
        time.sleep(0.05)


def cut_off() -> None:
    """The life-line: its end is the end."""
    while os.read(0, 1):
        continue
    os._exit(0)


def listening(arguments: list[str]) -> socket.socket:
    """The socket that was handed over, or one of its own."""
    if not arguments:
        return socket.socket(fileno=3)
    host, _, port = arguments[1].rpartition(":")
    return socket.create_server((host, int(port)))


def serve(listener: socket.socket, behaviour: dict[str, Any]) -> list[threading.Thread]:
    """Accept until nobody came for ``idle`` seconds; returns what answers."""
    answering = []
    last = time.monotonic()
    while not over.is_set() and time.monotonic() - last < behaviour.get("idle", 60):
        if not select.select([listener], [], [], 0.02)[0]:
            continue
        last = time.monotonic()
        try:
            connection = listener.accept()[0]
        except BlockingIOError:
            continue
        connection.setblocking(True)
        answering.append(threading.Thread(target=answer, args=(connection, behaviour), daemon=True))
        answering[-1].start()
    listener.close()
    return answering


def answer(connection: socket.socket, behaviour: dict[str, Any]) -> None:
    """One request, one answer, closed."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        more = connection.recv(4096)
        if not more:
            return
        asked += more
    body = said(asked.split(b" ")[1].decode(), behaviour).encode()
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    connection.close()


def said(path: str, behaviour: dict[str, Any]) -> str:
    """The answer's body."""
    if path == "/die":
        os._exit(9)
    time.sleep({"/slow": 0.4, "/hold": 600}.get(path, 0))
    facts = {
        "/fds": lambda: ",".join(
            sorted(path.name for path in Path("/proc/self/fd").iterdir() if is_open(int(path.name)))
        ),
        "/group": lambda: str(os.getpgid(0)),
        "/idle": lambda: str(behaviour.get("idle", "")),
    }
    return facts.get(path, lambda: str(os.getpid()))()


def is_open(descriptor: int) -> bool:
    """Whether it is still open after the listing: the one of the listing itself is not."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


main(sys.argv[1:])
