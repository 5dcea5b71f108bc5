"""What the kernel's sock_diag, /proc and nettop say, byte by byte."""

import errno
import os
import socket
import struct
from pathlib import Path

import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.probes.linux_addresses import OwnAddresses, mapped
from packetbuddy.probes.linux_holders import Holders
from packetbuddy.probes.linux_talks import INFO, LinuxTalks, talk_of
from packetbuddy.probes.macos_talks import COMMAND, MacTalks, parsed
from packetbuddy.probes.netlink import NetlinkRefusedError
from packetbuddy.probes.talks import Program, Talk
from unit.netlink_bytes import Kernel, attribute, done, message

BY_FAMILY = 20
ELSEWHERE = {socket.AF_INET: ("10.0.0.1", "10.0.0.2"), socket.AF_INET6: ("fd00::1", "fd00::2")}


def about(
    family: socket.AddressFamily = socket.AF_INET,
    source: str = "10.0.0.1",
    target: str = "10.0.0.2",
    *,
    cookie: int = 7,
    inode: int = 99,
    info: bytes | None = None,
) -> bytes:
    """inet_diag_msg with tcp_info: 1000 bytes acknowledged, 2000 received."""
    addresses = b"".join(socket.inet_pton(family, each).ljust(16, b"\0") for each in (source, target))
    head = struct.pack("=BBBB", family, 1, 0, 0) + struct.pack("!HH", 40000, 443) + addresses
    head += struct.pack("=IQIIIII", 0, cookie, 0, 0, 0, 1000, inode)
    figures = bytes(120) + struct.pack("=QQ", 1000, 2000) + bytes(100) if info is None else info
    return head + attribute(1, b"x" * 20) + attribute(INFO, figures)


def read(body: bytes) -> Talk | None:
    return talk_of(body)


@pytest.mark.parametrize("family", ELSEWHERE)
def test_a_conversation_is_read(family: socket.AddressFamily) -> None:
    """Identity, the handle for /proc, and both figures, of either IP version."""
    assert read(about(family, *ELSEWHERE[family], cookie=1 << 40)) == Talk(1 << 40, 99, 1000, 2000)


@pytest.mark.parametrize(
    ("family", "source", "target"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "10.0.0.1", "127.9.9.9"),
        (socket.AF_INET, "192.168.1.5", "192.168.1.5"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "fd00::1", "fd00::1"),
        (socket.AF_INET6, "::ffff:127.0.0.1", "::ffff:127.0.0.2"),
        (socket.AF_INET, "127.0.0.1", "10.99.0.1"),
        (socket.AF_INET6, "::1", "fd00::1"),
        (socket.AF_INET6, "::ffff:127.0.0.1", "::ffff:10.99.0.1"),
        (socket.AF_INET, "10.99.0.77", "192.168.1.5"),
        (socket.AF_INET6, "::ffff:10.99.0.77", "::ffff:192.168.1.5"),
        (socket.AF_INET6, "fd00::2", "fd00::5"),
    ],
)
def test_this_machine_with_itself_is_none(family: socket.AddressFamily, source: str, target: str) -> None:
    """Loopback at either end, mapped or not, and the machine's own addresses, the same or two of them."""
    own = frozenset({mapped(socket.inet_aton("192.168.1.5")), socket.inet_pton(socket.AF_INET6, "fd00::5")})
    assert talk_of(about(family, source, target), own) is None


def test_an_old_kernel_tells_nothing() -> None:
    """A tcp_info that ends before the figures is no conversation of zero bytes."""
    assert read(about(info=bytes(104))) is None
    assert read(about()[:72]) is None


def test_broken_messages_are_refused() -> None:
    """One that ends in its middle, and an attribute that is longer than its room."""
    with pytest.raises(ProbeError, match="cut short"):
        read(about()[:50])
    with pytest.raises(ProbeError, match="broken attribute"):
        read(about()[:-8])


class Ear:
    """A socket that hears what the test says."""

    def __init__(self, *heard: bytes | int) -> None:
        self._heard = list(heard)

    def recv(self, _room: int) -> bytes:
        if not self._heard:
            raise BlockingIOError
        one = self._heard.pop(0)
        if isinstance(one, int):
            raise OSError(one, os.strerror(one))
        return one

    def close(self) -> None:
        """Nothing is held."""


def hearing(*heard: bytes | int) -> LinuxTalks:
    probe = LinuxTalks()
    probe._ended.close()
    probe._ended = Ear(*heard)  # type: ignore[assignment] # as much of a socket as is used
    return probe


linux_only = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux")


@linux_only
def test_ends_are_heard_and_losses_told() -> None:
    """Notices one after the other; no room for more is told as such; other messages and loopback are passed over."""
    probe = hearing(
        message(BY_FAMILY, about(cookie=1, inode=0)),
        errno.ENOBUFS,
        message(BY_FAMILY, about(cookie=2, target="10.0.0.1")),
        message(2, bytes(20)),
        b"short",
        message(BY_FAMILY, about(cookie=3, inode=0)),
    )
    talks = probe.look()
    assert (talks.ended, talks.lost) == ((Talk(1, 0, 1000, 2000), Talk(3, 0, 1000, 2000)), True)
    probe.close()


def test_own_addresses_are_read() -> None:
    """Of both families; of a link between two the near end; an answer with holes takes nothing away."""

    def address(*given: tuple[int, str]) -> bytes:
        family = socket.AF_INET6 if ":" in given[0][1] else socket.AF_INET
        held = b"".join(attribute(kind, socket.inet_pton(family, text)) for kind, text in given)
        return message(20, struct.pack("=BBBBI", family, 24, 0, 0, 2) + held)

    first = address((1, "10.0.0.9"), (2, "10.0.0.1")) + address((1, "fd00::1")) + done()
    second = message(20, struct.pack("=BBBBI", 2, 24, 0, 0, 2) + attribute(1, b"\x0a\0\0\2"), sequence=2, flags=0x12)
    with Kernel([first, second + done(2)]) as kernel:
        addresses = OwnAddresses(kernel.connect)
        own = {mapped(b"\x0a\0\0\1"), socket.inet_pton(socket.AF_INET6, "fd00::1")}
        assert addresses.now() == own
        assert addresses.now() == own | {mapped(b"\x0a\0\0\2")}
        addresses.close()


@linux_only
def test_a_socket_that_works_no_more_is_an_error() -> None:
    """Not an endless wait."""
    probe = hearing(errno.EBADF)
    with pytest.raises(ProbeError, match="hearing of sockets"):
        probe.look()
    probe.close()


@linux_only
def test_a_sandbox_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where netlink is forbidden the reason is said."""

    def forbidden(*_: object) -> socket.socket:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", forbidden)
    with pytest.raises(NetlinkRefusedError, match="not permitted"):
        LinuxTalks()


def stat(pid: int, name: bytes, began: int) -> bytes:
    fields = b" ".join([b"S", *[b"0"] * 18, str(began).encode(), b"9"])
    return str(pid).encode() + b" (" + name + b") " + fields + b"\n"


def process(proc: Path, pid: int, name: bytes, began: int, *targets: str) -> None:
    """As /proc tells of one."""
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "stat").write_bytes(stat(pid, name, began))
    for number, target in enumerate(targets):
        (folder / "fd" / str(number)).symlink_to(target)


def test_holders_are_found_in_proc(tmp_path: Path) -> None:
    """Oldest first; a name may hold brackets, blanks and bytes that are no text; others are passed over."""
    process(tmp_path, 20, b"a) (b \xff", 500, "socket:[7]", "/dev/null", "socket:[8]")
    process(tmp_path, 30, b"older", 400, "socket:[7]", "pipe:[7]")
    process(tmp_path, 40, b"other", 300, "socket:[9]", "socket:[70]")
    (tmp_path / "self").mkdir()
    (tmp_path / "50").mkdir()
    found = Holders(str(tmp_path)).find([7, 8, 0, 12345])
    odd = Program(20, 500, "a) (b \\xff", 0)
    assert found == {7: (Program(30, 400, "older", 0), odd), 8: (odd._replace(descriptor=2),)}


def test_one_that_ends_meanwhile_is_left_out(tmp_path: Path) -> None:
    """Its descriptors were seen, and its name is gone."""
    process(tmp_path, 20, b"gone", 1, "socket:[7]")
    (tmp_path / "20" / "stat").unlink()
    assert Holders(str(tmp_path)).find([7]) == {}
    assert Holders(str(tmp_path / "nowhere")).find([]) == {}


def test_what_changed_is_told_without_a_walk(tmp_path: Path) -> None:
    """Another program in the same process, one that let go, ended, or whose number is another's now; others are not."""
    for pid in (20, 30, 40, 50, 60):
        process(tmp_path, pid, b"before", pid, f"socket:[{pid}]")
    holders = Holders(str(tmp_path))
    held = holders.find([20, 30, 40, 50, 60])
    assert holders.changed(held) == set()
    for pid, name, began in ((20, b"after", 20), (50, b"before", 51)):
        (tmp_path / str(pid) / "stat").write_bytes(stat(pid, name, began))
    (tmp_path / "30" / "fd" / "0").unlink()
    (tmp_path / "40" / "stat").unlink()
    assert holders.changed(held) == {20, 30, 40, 50}


SAMPLE = """,bytes_in,bytes_out,
launchd.1,0,0,
mDNSResponder.412,93214,48721,
Google Chrome H.99991,104857600,1048576,
com.apple.WebKi.5023,2048,512,
A, Comma.Name.17,50,70,
curl.1234,120,4096,
"""
"""The shape that the manual's options give: a line of titles, then name and number of a process, in, out."""


def test_a_sample_of_nettop_is_read() -> None:
    """Names with blanks, points and commas; received is in, sent is out; the number is the identity."""
    assert list(parsed(SAMPLE)) == [
        (Program(1, 0, "launchd"), Talk(1, 1, 0, 0)),
        (Program(412, 0, "mDNSResponder"), Talk(412, 412, 48721, 93214)),
        (Program(99991, 0, "Google Chrome H"), Talk(99991, 99991, 1048576, 104857600)),
        (Program(5023, 0, "com.apple.WebKi"), Talk(5023, 5023, 512, 2048)),
        (Program(17, 0, "A, Comma.Name"), Talk(17, 17, 70, 50)),
        (Program(1234, 0, "curl"), Talk(1234, 1234, 4096, 120)),
    ]


def test_a_sample_with_times_is_read_too() -> None:
    """Some versions put the time before the name."""
    sample = "time,,bytes_in,bytes_out,\n12:00:01.000,A, B.10,200,300,\n"
    assert list(parsed(sample)) == [(Program(10, 0, "A, B"), Talk(10, 10, 300, 200))]


@pytest.mark.parametrize("sample", ["", "nonsense\n", ",bytes_out,bytes_in,\nx.1,2,3,\n", "bytes_in,bytes_out\n"])
def test_something_else_is_refused(sample: str) -> None:
    """Other titles mean other columns: no figure is guessed."""
    with pytest.raises(ProbeError, match="something else"):
        list(parsed(sample))


def test_lines_that_are_no_process_are_passed_over() -> None:
    """A connection's line, a broken one, a negative figure."""
    sample = ",bytes_in,bytes_out,\ntcp4 10.0.0.2:5000<->1.2.3.4:443,120,4096,\nx.y,1,2,\nx.1,-1,2,\n.5,1,2,\n\n"
    sample += "tcp6 fe80::1.5000<->fe80::2.443,1,2,\n"
    assert list(parsed(sample)) == []


def test_macos_names_its_processes() -> None:
    """Each process is one conversation with itself as its holder; of the last sample alone."""
    samples = [SAMPLE, ",bytes_in,bytes_out,\ncurl.1234,220,4096,\n"]
    probe = MacTalks(lambda: samples.pop(0))
    assert len(probe.look().going) == 6
    held = probe.programs([412, 5, 1234])
    assert held == {412: (Program(412, 0, "mDNSResponder"),), 1234: (Program(1234, 0, "curl"),)}
    assert probe.look().going == (Talk(1234, 1234, 4096, 220),)
    assert probe.changed(held) == {412}
    assert probe.programs([412, 1234]) == {1234: (Program(1234, 0, "curl"),)}
    assert (probe.kinds, probe.everybody) == ("TCP and UDP", True)
    probe.close()


def test_without_nettop_the_reason_is_said() -> None:
    """Not here, as on this Linux: one line."""
    assert COMMAND[0] == "/usr/bin/nettop"
    if not Path(COMMAND[0]).exists():
        with pytest.raises(ProbeError, match="nettop did not answer"):
            MacTalks().look()
