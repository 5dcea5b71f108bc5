"""`pb top` beside programs that move known bytes: to whom they are given, and what is said of those with no name."""

import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from acceptance.terminal import Terminal
from machine.netns import Lab, Namespace, Wire, connect_ipv6, requires_netns
from machine.talking import CLIENT, MANY, Client, Server, Top, named
from packetbuddy.answers.top import Conversations
from packetbuddy.probes.linux_talks import LinuxTalks

pytestmark = [pytest.mark.machine, requires_netns]
MEGA = 1_000_000
SOCKETS = 10_000
NOBODY = 65534


def near(told: int, known: int) -> bool:
    """Within 5 %."""
    return abs(told - known) <= known * 0.05


@pytest.mark.parametrize("ipv6", [False, True])
def test_a_transfer_is_its_programs(lab: Lab, tmp_path: pathlib.Path, ipv6: bool) -> None:
    """Two programs at once, each way and both IP versions: each one's bytes are its own, by name and process."""
    host, router = lab.namespace("host", ipv6=ipv6), lab.namespace("router", ipv6=ipv6)
    wire = lab.wire(host, router)
    address = connect_ipv6(wire)[1] if ipv6 else wire.far_address
    down, up = Server(router, 1000, MEGA, address=address), Server(router, MEGA, 1000, address=address)
    with Top(host, tmp_path / "home") as top:
        loader = Client(wire, named(tmp_path, "loader"), CLIENT, address, down.port, 8000, 8 * MEGA, 8, 0.3)
        pusher = Client(wire, named(tmp_path, "pusher"), CLIENT, address, up.port, 4 * MEGA, 4000, 4, 0.3)
        seen: set[tuple[str, tuple[int, ...]]] = set()
        while len(seen) < 2 or not (loader.told() and pusher.told()):
            top.next()
            seen |= {(each["name"], tuple(each["pids"])) for each in top.data["programs"]}
        top.until_still()
        got, given = top.program("loader"), top.program("pusher")
    assert seen == {("loader", (loader.pid,)), ("pusher", (pusher.pid,))}
    assert got is not None
    assert given is not None
    assert near(got["bytes_received"], 8 * MEGA)
    assert near(got["bytes_sent"], 8000)
    assert near(given["bytes_sent"], 4 * MEGA)
    assert near(given["bytes_received"], 4000)
    assert (loader.end(), pusher.end()) == (0, 0)
    assert not (tmp_path / "home").exists()


RESUMING = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as line:
    for pieces in map(int, sys.argv[3:]):
        for _ in range(pieces):
            line.sendall(b"u" * 1000)
            line.recv(1_000_000, socket.MSG_WAITALL)
        print(flush=True)
        sys.stdin.readline()
"""


def test_what_moved_before_is_nobodys_business(wire: Wire, tmp_path: pathlib.Path) -> None:
    """A connection that was there before counts from the first look on."""
    server = Server(wire.router, 1000, MEGA)
    old = Client(wire, named(tmp_path, "older"), RESUMING, wire.far_address, server.port, 5, 40)
    old.wait()
    with Top(wire.host, tmp_path / "home") as top:
        old.go()
        old.wait()
        top.until_still()
        told = top.program("older")
    assert old.end() == 0
    assert told is not None
    assert near(told["bytes_received"], 40 * MEGA)


def test_connections_that_come_and_go_are_told_of(wire: Wire, tmp_path: pathlib.Path) -> None:
    """Those between two looks have no name, but not a byte of them is missing."""
    server = Server(wire.router, 10_000, 20_000)
    with Top(wire.host, tmp_path / "home") as top:
        swift = Client(wire, named(tmp_path, "swift"), MANY, wire.far_address, server.port, 10_000, 0, 100)
        swift.wait()
        top.until_still()
        told, brief, unnamed = top.program("swift"), top.data["brief"], top.data["unnamed"]
    assert swift.end() == 0
    assert not brief["missed"]
    received = brief["bytes_received"] + unnamed["bytes_received"] + (told["bytes_received"] if told else 0)
    sent = brief["bytes_sent"] + unnamed["bytes_sent"] + (told["bytes_sent"] if told else 0)
    assert near(received, 100 * 20_000)
    assert near(sent, 100 * 10_000)
    assert brief["bytes_received"] > 0


SHARING = """
import ctypes, os, socket, sys
line = socket.socket()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(15, sys.argv[3].encode(), 0, 0, 0)
    line.connect((sys.argv[1], int(sys.argv[2])))
    for _ in range(5):
        line.sendall(b"u" * 1000)
        line.recv(1_000_000, socket.MSG_WAITALL)
        __import__("time").sleep(0.3)
    print(flush=True)
    sys.stdin.read()
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(("second", "name"), [("sharer", "sharer"), ("helper", "sharer + helper")])
def test_a_shared_connection_counts_once(wire: Wire, tmp_path: pathlib.Path, second: str, name: str) -> None:
    """Held by two processes its bytes are not doubled: of one name they are one program, of two both are named."""
    server = Server(wire.router, 1000, MEGA)
    with Top(wire.host, tmp_path / "home") as top:
        sharer = Client(wire, named(tmp_path, "sharer"), SHARING, wire.far_address, server.port, second)
        sharer.wait()
        top.until_still()
        programs = top.data["programs"]
    assert [each["name"] for each in programs] == [name]
    assert near(programs[0]["bytes_received"], 5 * MEGA)
    assert len(programs[0]["pids"]) == 2
    assert sharer.pid in programs[0]["pids"]
    assert sharer.end() == 0


FROM = """
import socket, sys
near, far = sys.argv[1:3]
with socket.create_server((far, 0)) as listener, socket.create_connection(listener.getsockname(), 5, (near, 0)) as line:
    other = listener.accept()[0]
    for _ in range(300):
        line.sendall(b"u" * 10_000)
        other.recv(10_000, socket.MSG_WAITALL)
        __import__("time").sleep(0.005)
    print(flush=True)
    sys.stdin.read()
"""


def test_this_machine_with_itself_is_no_talk(wire: Wire, tmp_path: pathlib.Path) -> None:
    """Over loopback, over its own address, and between two of its own nothing leaves: it is not listed."""
    own, second = wire.near_address, "10.99.0.77"
    wire.host.ip("addr", "add", f"{second}/24", "dev", wire.near)
    pairs = (("127.0.0.1", "127.0.0.1"), (own, own), ("127.0.0.1", own), (second, own))
    with Top(wire.host, tmp_path / "home") as top:
        locals_ = [Client(wire, named(tmp_path, "local"), FROM, near_, far) for near_, far in pairs]
        for local in locals_:
            local.wait()
        top.until_still()
        assert [local.end() for local in locals_] == [0] * len(pairs)
        assert (top.data["programs"], top.data["brief"]["total_bytes"]) == ([], 0)


BECOMING = '''
import os, socket, sys
line = socket.create_connection((sys.argv[1], int(sys.argv[2])))
os.set_inheritable(line.fileno(), True)
for _ in range(4):
    line.sendall(b"u" * 10_000)
    line.recv(1000, socket.MSG_WAITALL)
print(flush=True)
sys.stdin.readline()
code = """
import socket, sys
line = socket.socket(fileno=%d)
line.sendall(b"u" * 50_000)
line.recv(5000, socket.MSG_WAITALL)
print(flush=True)
sys.stdin.read()
"""
os.execv(sys.argv[3], [sys.argv[3], "-I", "-c", code % line.fileno()])
'''


def test_another_program_in_the_same_process_has_its_own_bytes(wire: Wire, tmp_path: pathlib.Path) -> None:
    """What was sent after the process began to run another program is that one's, at the next look."""
    server = Server(wire.router, 10_000, 1000)
    with Top(wire.host, tmp_path / "home") as top:
        second = named(tmp_path, "second")
        first = Client(wire, named(tmp_path, "first"), BECOMING, wire.far_address, server.port, second)
        first.wait()
        top.until_still()  # else what it sent just before would be told as the other's
        first.go()
        first.wait()
        top.until_still()
        told = {each["name"]: each["bytes_sent"] for each in top.data["programs"]}
        assert first.end() == 0
    assert set(told) == {"first", "second"}
    assert near(told["first"], 40_000)
    assert near(told["second"], 50_000)


WAITING = """
import socket, sys
line = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print(flush=True)
sys.stdin.readline()
line.sendall(b"u" * 20_000)
line.recv(2000, socket.MSG_WAITALL)
"""


def test_one_that_waited_and_ends_is_named(wire: Wire, tmp_path: pathlib.Path) -> None:
    """It was there and silent when `pb top` began, moves, and ends before the next look."""
    server = Server(wire.router, 10_000, 1000)
    waiting = Client(wire, named(tmp_path, "waiting"), WAITING, wire.far_address, server.port)
    waiting.wait()
    with Top(wire.host, tmp_path / "home") as top:
        waiting.go()
        assert waiting.end() == 0
        top.until_still()
        told = top.program("waiting")
        assert top.data["unnamed"]["total_bytes"] == 0
    assert told is not None
    assert near(told["bytes_sent"], 20_000)


def test_other_namespaces_are_other_machines(lab: Lab, tmp_path: pathlib.Path) -> None:
    """Only the conversations of the namespace that it runs in, as the counters are only that one's."""
    host, router = lab.namespace("host"), lab.namespace("router")
    wire = lab.wire(host, router)
    server = Server(router, 1000, MEGA)
    with Top(router, tmp_path / "home") as elsewhere, Top(host, tmp_path / "home") as top:
        loader = Client(wire, named(tmp_path, "loader"), CLIENT, wire.far_address, server.port, 9000, 9 * MEGA, 9, 0.1)
        loader.wait()
        top.until_still()
        elsewhere.until_still()
        assert loader.end() == 0
        assert [each["name"] for each in top.data["programs"]] == ["loader"]
        assert "loader" not in {each["name"] for each in elsewhere.data["programs"]}


@contextmanager
def as_nobody(host: Namespace) -> Iterator[None]:
    """In a child process: another user, who may be looked at by that user."""
    with host.entered():
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        import ctypes  # noqa: PLC0415 - only here

        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
        yield


def test_without_root_only_ones_own_are_named(wire: Wire, tmp_path: pathlib.Path) -> None:
    """Another user's bytes are seen and have no name; one's own have."""
    server = Server(wire.router, 1000, MEGA)
    read, write = os.pipe()
    if (child := os.fork()) == 0:  # pragma: no cover - coverage does not follow a change of the user
        try:
            with as_nobody(wire.host), closing(LinuxTalks()) as probe:
                talks = Conversations(probe)
                mine = socket.create_connection((wire.far_address, server.port))
                os.write(write, b"!")
                mine.sendall(b"u" * 1000)
                wanted = MEGA
                while wanted:
                    wanted -= len(mine.recv(min(wanted, 65536)))
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    talkers, unnamed, *_ = talks.look()
                    if talkers and unnamed.since.received >= 3 * MEGA:
                        break
                told = [(each.pids, each.since.received) for each in talkers]
                os.write(write, json.dumps([told, unnamed.since.received, probe.everybody, os.getpid()]).encode())
        finally:
            os._exit(0)
    assert os.read(read, 1) == b"!"
    loader = Client(wire, named(tmp_path, "loader"), CLIENT, wire.far_address, server.port, 3000, 3 * MEGA, 3, 0.1)
    told, unnamed, everybody, pid = json.loads(os.read(read, 65536))
    os.waitpid(child, 0)
    assert loader.end() == 0
    os.close(read)
    os.close(write)
    assert told == [[[pid], MEGA]]
    assert near(unnamed, 3 * MEGA)
    assert not everybody


KEEPING = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
with socket.create_server((sys.argv[1], 0), backlog=4096) as listener:
    print(listener.getsockname()[1], flush=True)
    kept = []
    while True:
        kept.append(listener.accept()[0])
"""


def spent(look: Callable[[], object]) -> float:
    """Seconds of this process."""
    began = time.process_time()
    look()
    return time.process_time() - began


def test_ten_thousand_connections_are_cheap(wire: Wire) -> None:
    """A look at 10,000 idle connections asks nobody whose they are, and costs less than half of one that does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SOCKETS + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"at most {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    keeper = wire.router.start([sys.executable, "-I", "-c", KEEPING, wire.far_address], stdout=subprocess.PIPE)
    assert keeper.stdout is not None
    server = (wire.far_address, int(keeper.stdout.readline()))
    ends: list[socket.socket] = []
    try:
        with wire.host.entered():
            probe = LinuxTalks()
            ends.extend(socket.create_connection(server) for _ in range(SOCKETS))
            first = spent(lambda: Conversations(probe))
            talks = Conversations(probe)
        assert min(spent(talks.look) for _ in range(5)) < first / 2
        ends[0].sendall(b"u" * 5000)
        talkers = talks.look()[0]
        assert [(each.pids, each.since.sent) for each in talkers] == [((os.getpid(),), 5000)]
        probe.close()
    finally:
        for end in ends:
            end.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_page_of_programs(wire: Wire, tmp_path: pathlib.Path) -> None:
    """On a terminal: the program, its speed, what the links moved, and how to quit; the terminal is as it was then."""
    server = Server(wire.router, 1000, MEGA)
    with Terminal(tmp_path / "home") as terminal:
        terminal.run("top", start=wire.host.start).shows("Programs that talk now", "TCP, sampled", "q quits")
        Client(wire, named(tmp_path, "loader"), CLIENT, wire.far_address, server.port, 90_000, 90 * MEGA, 90, 0.5)
        terminal.shows("loader", "MB/s", "[all links]")
        terminal.resize(40, 8)
        terminal.until(lambda: "Since start" not in terminal.text() and "loader" in terminal.text())
        terminal.press(b"q")
        assert terminal.ends() == 0
        assert not terminal.on_page


def test_a_pipe_gets_a_block_a_second(wire: Wire, tmp_path: pathlib.Path) -> None:
    """Plain lines, and a reader that has enough ends it, quietly."""
    environment = {**os.environ, "PACKETBUDDY_HOME": str(tmp_path / "home")}
    child = wire.host.start(
        [sys.executable, "-m", "packetbuddy", "top"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    lines = [child.stdout.readline().decode() for _ in range(4)]
    child.stdout.close()
    assert child.wait(20) == 0
    assert child.stderr.read() == b""
    assert lines[0].startswith("Programs that talk now")
    assert "\x1b" not in "".join(lines)
