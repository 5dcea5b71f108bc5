import ctypes
import hashlib
import itertools
import pathlib
import subprocess
import sys
import time
from typing import ClassVar

import pytest

from packetbuddy.metering.readings import SECOND, Boot
from packetbuddy.probes.linux_files import read_number, read_text, read_whole
from packetbuddy.probes.linux_machine import (
    Clocks,
    boot_identity,
    clock_is_synchronized,
    machine_identity,
    namespace_identity,
    namespace_inode,
    on_battery,
)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")


def test_boot_identity_is_certain_where_it_is_told(tmp_path: pathlib.Path) -> None:
    """The kernel's random name, without its line end; where it is hidden the boot is uncertain, not invented."""
    assert boot_identity(str(tmp_path)) == Boot("", certain=False)
    told = tmp_path / "sys/kernel/random/boot_id"
    told.parent.mkdir(parents=True)
    told.write_text("7c2cb8f2-0a35\n", "ascii")
    assert boot_identity(str(tmp_path)) == Boot("7c2cb8f2-0a35", certain=True)


def test_machine_identity_is_a_keyed_hash(tmp_path: pathlib.Path) -> None:
    """It is the documented BLAKE2b, so it can be computed elsewhere; the machine-id itself is not in it."""
    (tmp_path / "machine-id").write_text("0123456789abcdef0123456789abcdef\n", "ascii")
    told = machine_identity(str(tmp_path), "/nonexistent")
    expected = hashlib.blake2b(
        b"0123456789abcdef0123456789abcdef", key=b"packetbuddy machine identity", digest_size=16
    ).hexdigest()
    assert told == expected
    assert machine_identity("/nonexistent", str(tmp_path)) == expected


def test_the_same_hash_where_the_small_module_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    """Python without ``_blake2`` takes the public name: the same digest, so the same machine."""
    (tmp_path / "machine-id").write_text("0123456789abcdef0123456789abcdef\n", "ascii")
    expected = machine_identity(str(tmp_path))
    monkeypatch.setitem(sys.modules, "_blake2", None)
    assert machine_identity(str(tmp_path)) == expected


@pytest.mark.parametrize("content", [None, "", "\n", "uninitialized\n"])
def test_a_machine_without_an_identity_has_none(tmp_path: pathlib.Path, content: str | None) -> None:
    """Missing, empty and not yet initialised all read as none: two such machines must not look like one."""
    if content is not None:
        (tmp_path / "machine-id").write_text(content, "ascii")
    assert machine_identity(str(tmp_path), str(tmp_path)) == ""


@linux_only
def test_machine_identity_needs_no_openssl() -> None:
    """Asking for it leaves hashlib unloaded, which would cost the monitor 3.7 MB."""
    code = (
        "import sys; from packetbuddy.probes.linux_machine import machine_identity; machine_identity()\n"
        "sys.exit(any(name in sys.modules for name in ('hashlib', '_hashlib', 'ctypes', 'psutil', 'pathlib')))"
    )
    subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path}; {code}"], check=True)


def test_synchronisation_is_asked_seldom() -> None:
    """Once at first, then after ten seconds, and at once when the wall clock stepped by more than a second."""
    asked = itertools.count(1)
    answers: list[bool | None] = []

    def ask() -> bool:
        return next(asked) % 2 == 0

    clocks = Clocks(ask)
    moments = [(0, 0), (9, 9), (10, 10), (11, 11), (20, 12), (22, 13.5), (0, 14), (1, 15), (11, 25)]
    for wall, elapsed in moments:
        answers.append(clocks.at(int(wall * SECOND), int(elapsed * SECOND), 0).synchronized)
    assert answers == [False, False, True, True, False, False, True, True, False]


def test_an_instant_holds_the_three_clocks() -> None:
    """Wall, elapsed and awake are passed on as they were read."""
    assert Clocks(lambda: None).at(3, 2, 1) == (3, 2, 1, None)


@linux_only
def test_now_is_now() -> None:
    """The clocks are the kernel's: between readings of our own, elapsed not behind awake, none standing still."""
    clocks = Clocks()
    before, first, second, after = time.time_ns(), clocks.now(), clocks.now(), time.time_ns()
    assert before <= first.wall_ns <= second.wall_ns <= after
    assert first.elapsed_ns < second.elapsed_ns
    assert first.awake_ns < second.awake_ns
    assert first.awake_ns - first.elapsed_ns < SECOND


class Timex(ctypes.Structure):
    """The beginning of struct timex as adjtimex(2) draws it; the rest is only room."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 400),
    ]


@linux_only
def test_the_kernel_says_whether_its_clock_is_kept() -> None:
    """The answer is the STA_UNSYNC bit of a struct timex written out field by field."""
    timex = Timex()
    if ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) < 0:
        assert clock_is_synchronized() is None
    else:
        assert clock_is_synchronized() is not bool(timex.status & 0x40)


@linux_only
@pytest.mark.parametrize(
    ("state", "status", "answer"), [(0, 0x1, True), (5, 0x1, False), (0, 0x40, False), (-1, 0, None)]
)
def test_states_of_the_clock(monkeypatch: pytest.MonkeyPatch, state: int, status: int, answer: bool | None) -> None:
    """TIME_ERROR or STA_UNSYNC mean "not kept"; a refused call means "cannot say"."""

    class Libc:
        def adjtimex(self, timex: ctypes.Array[ctypes.c_char]) -> int:
            Timex.from_buffer(timex).status = status
            return state

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Libc())
    assert clock_is_synchronized() is answer


@linux_only
def test_a_clock_that_loses_its_service_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is found once and asked again: each answer is the kernel's of that moment, and nothing is ever set."""
    statuses, modes, made = iter((0x1, 0x40, 0x1)), [], []

    class Libc:
        def __init__(self, _: None) -> None:
            made.append(self)

        def adjtimex(self, timex: ctypes.Array[ctypes.c_char]) -> int:
            told = Timex.from_buffer(timex)
            modes.append(told.modes)
            told.status = next(statuses)
            return 0

    monkeypatch.setattr(ctypes, "CDLL", Libc)
    clocks = Clocks()
    assert [clocks.at(0, passed * SECOND, 0).synchronized for passed in (0, 10, 20)] == [True, False, True]
    assert (modes, len(made)) == ([0, 0, 0], 1)


def test_a_system_without_adjtimex_cannot_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library without the call is "cannot say"."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert clock_is_synchronized() is None


@linux_only
def test_namespaces_have_a_name() -> None:
    """A cookie where the kernel has them, an inode otherwise, nothing where /proc is hidden; the same every time."""
    name = namespace_identity()
    assert name == namespace_identity()
    assert name.split(":")[0] in {"cookie", "inode"}
    assert namespace_inode().startswith("inode:")
    assert namespace_inode("/nonexistent") == ""


@linux_only
def test_a_kernel_without_cookies_shows_the_inode(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown socket option (older than 5.14) falls back to the inode."""
    monkeypatch.setattr("packetbuddy.probes.linux_machine._SO_NETNS_COOKIE", 9999)
    assert namespace_identity() == namespace_inode()


Supply = dict[str, object]
BATTERY: Supply = {"type": "Battery", "status": "Discharging"}
MAINS_OFF: Supply = {"type": "Mains", "online": 0}
MAINS_ON: Supply = {"type": "Mains", "online": 1}
USB_OFF: Supply = {"type": "USB", "online": 0}
USB_ON: Supply = {"type": "USB", "online": 1}
MOUSE: Supply = {"type": "Battery", "scope": "Device", "status": "Discharging"}


@pytest.mark.parametrize(
    ("supplies", "answer"),
    [
        ([], None),
        ([MAINS_ON], None),
        ([MOUSE], None),
        ([MOUSE, MAINS_ON], None),
        ([BATTERY, MAINS_OFF], True),
        ([BATTERY, MAINS_ON], False),
        ([BATTERY, MAINS_OFF, USB_OFF], True),
        ([BATTERY, MAINS_OFF, USB_ON], False),
        ([BATTERY], True),
        ([BATTERY | {"scope": "System"}, MAINS_OFF], True),
        ([BATTERY | {"status": "Charging"}, MAINS_ON], False),
        ([BATTERY | {"status": "Full"}], False),
        ([BATTERY | {"status": "Unknown"}, BATTERY, MAINS_OFF], True),
        ([{"type": "Battery"}], False),
    ],
)
def test_power(tmp_path: pathlib.Path, supplies: list[Supply], answer: bool | None) -> None:
    """On battery: a battery of the machine itself discharges and no supply is online; without a battery, unknown."""
    for number, supply in enumerate(supplies):
        (tmp_path / f"supply{number}").mkdir()
        for key, value in supply.items():
            (tmp_path / f"supply{number}" / key).write_text(f"{value}\n", "ascii")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert on_battery(str(tmp_path)) is answer


def test_a_machine_without_power_supplies_cannot_tell() -> None:
    """No such folder (a container, a virtual machine) is "cannot tell"."""
    assert on_battery("/nonexistent") is None


def test_small_reads(tmp_path: pathlib.Path) -> None:
    """Whole files of any size; what cannot be read, is a folder or no number, is None."""
    large = tmp_path / "large"
    large.write_bytes(b"x" * 200_000)
    assert read_whole(str(large)) == b"x" * 200_000
    assert read_whole(str(tmp_path)) is None
    assert read_text(str(tmp_path / "absent")) is None
    assert read_text("bad\0name") is None
    assert read_number(str(large)) is None
    assert read_number(str(tmp_path / "absent")) is None
