"""The seam to macOS over a stand-in for its C library, which writes into real memory, and real sockets."""

import ctypes
import errno
import socket
import time
from typing import Any, ClassVar, cast

import psutil
import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.probes.macos_system import NativeMac


class Library:
    """Stands for libc: one sysctl value, refused with ``error`` where that is set."""

    def __init__(self, value: bytes = b"", error: int = 0) -> None:
        self.value = value
        self.error = error
        self.calls = 0

    def sysctl(self, mib: Any, count: int, buffer: Any, length: Any, *_: object) -> int:
        assert len(mib) == count
        return self._give(buffer, length)

    def sysctlbyname(self, name: bytes, buffer: Any, length: Any, *_: object) -> int:
        assert name == b"kern.bootsessionuuid"
        return self._give(buffer, length)

    def gethostuuid(self, uuid: Any, patience: Any) -> int:
        assert list(patience._obj) == [1, 0]
        uuid.raw = self.value.ljust(16, b"\0")
        return self._fail(self.error) if self.error else 0

    def _give(self, buffer: Any, length: Any) -> int:
        self.calls += 1
        if self.error:
            return self._fail(self.error)
        if len(self.value) > length._obj.value:
            return self._fail(errno.ENOMEM)
        ctypes.memmove(buffer, self.value, len(self.value))
        length._obj.value = len(self.value)
        return 0

    def _fail(self, error: int) -> int:
        ctypes.set_errno(error)
        return -1


def native(library: Library) -> NativeMac:
    return NativeMac(cast("ctypes.CDLL", library))


def test_sysctl_grows_its_buffer() -> None:
    """A value larger than guessed is fetched whole, by doubling, and exactly as long as it is."""
    library = Library(bytes(range(100)))
    assert native(library).sysctl((4, 17, 0, 0, 1, 0), 16) == bytes(range(100))
    assert library.calls == 4


def test_sysctl_tells_absent_from_refused() -> None:
    """No such entry is ``None``; a refusal, and a value that never fits, are errors."""
    assert native(Library(error=errno.ENOENT)).sysctl((4,), 16) is None
    with pytest.raises(ProbeError, match="error 1"):
        native(Library(error=errno.EPERM)).sysctl((4,), 16)
    with pytest.raises(ProbeError, match="never fits"):
        native(Library(bytes(10_000))).sysctl((4,), 1)


def test_identities() -> None:
    """The boot session is text up to its end, the host's UUID 16 bytes; refusals are errors."""
    assert native(Library(b"1234-ABCD\0")).boot_session() == "1234-ABCD"
    assert native(Library(b"\1\2")).host_uuid() == b"\1\2".ljust(16, b"\0")
    with pytest.raises(ProbeError):
        native(Library(error=errno.EPERM)).boot_session()
    with pytest.raises(ProbeError):
        native(Library(error=errno.EWOULDBLOCK)).host_uuid()


def test_names_have_an_index() -> None:
    """Psutil's real interfaces are found under the index that the kernel gives them."""
    found = {named.name: named.identity for named in native(Library()).named_counters()}
    name = next(name for _, name in socket.if_nameindex() if name.startswith("lo"))
    assert found[name] == socket.if_nametoindex(name)


def test_vanished_name_has_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is gone by the time it is looked up has no identity, and the others keep theirs."""
    before = psutil.net_io_counters(pernic=True, nowrap=False)
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: {"gone-0": next(iter(before.values()))})
    assert [found.identity for found in native(Library()).named_counters()] == [None]


def test_failing_psutil_is_a_probe_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What psutil raises is mapped at this edge."""

    def refuse(**_: bool) -> None:
        raise OSError("refused")

    monkeypatch.setattr(psutil, "net_io_counters", refuse)
    monkeypatch.setattr(psutil, "sensors_battery", refuse)
    with pytest.raises(ProbeError):
        native(Library()).named_counters()
    with pytest.raises(ProbeError):
        native(Library()).on_battery()


@pytest.mark.parametrize(("plugged", "expected"), [(True, False), (False, True), (None, None)])
def test_battery(monkeypatch: pytest.MonkeyPatch, plugged: bool | None, expected: bool | None) -> None:
    """On battery is the opposite of plugged in; unknown stays unknown."""

    class Battery:
        power_plugged = plugged

    monkeypatch.setattr(psutil, "sensors_battery", Battery)
    assert native(Library()).on_battery() is expected


def test_no_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Mac without a battery cannot tell."""
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None)
    assert native(Library()).on_battery() is None


def test_clocks_with_and_without_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elapsed is Darwin's CLOCK_MONOTONIC (6), awake its CLOCK_UPTIME_RAW (8); a refusal is an error."""
    monkeypatch.setattr(time, "clock_gettime_ns", {6: 100, 8: 60}.__getitem__)
    wall, elapsed, awake = native(Library()).clocks()
    assert (elapsed, awake) == (100, 60)
    assert abs(wall - time.time_ns()) < 60 * 10**9

    def refuse(_: int) -> None:
        raise OSError(errno.EINVAL, "no such clock")

    monkeypatch.setattr(time, "clock_gettime_ns", refuse)
    with pytest.raises(ProbeError):
        native(Library()).clocks()


def test_messages_are_drained_and_losses_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is read to its end without blocking; after closing there is nothing; closing twice is safe."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with theirs:
        monkeypatch.setattr(socket, "socket", lambda *_: ours)
        system = native(Library())
        assert system.messages() == ()
        assert system.route_socket() == system.route_socket() == ours.fileno()
        theirs.send(b"one")
        theirs.send(b"two")
        assert system.messages() == (b"one", b"two")
        assert system.messages() == ()
        system.close()
        system.close()
        assert system.messages() == ()


def test_lost_messages_are_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the kernel says that it dropped messages, an empty one stands for them."""

    class Overflowing:
        answers: ClassVar[list[bytes | OSError]] = [OSError(errno.ENOBUFS, "dropped"), b"kept", BlockingIOError()]

        def settimeout(self, seconds: float) -> None:
            assert seconds == 0

        def fileno(self) -> int:
            return 9

        def recv(self, _: int) -> bytes:
            answer = self.answers.pop(0)
            if isinstance(answer, bytes):
                return answer
            raise answer

    monkeypatch.setattr(socket, "socket", lambda *_: Overflowing())
    system = native(Library())
    assert system.route_socket() == 9
    assert system.messages() == (b"", b"kept")


def test_refused_socket_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the routing socket is refused there is none, and no error."""

    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", refuse)
    assert native(Library()).route_socket() is None
