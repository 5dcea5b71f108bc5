import os
import pathlib
import select
import sys
from collections.abc import Mapping

import pytest

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Boot, Counters, Facts, Instant, Reading, Route
from packetbuddy.probes.fake import FakeProbe
from packetbuddy.probes.fallback import FallbackProbe, Places, consistent, if_indexes, load_psutil
from packetbuddy.probes.fallback_guess import guess_facts, kind_from_name
from packetbuddy.probes.fallback_routes import parse_ipv4, parse_ipv6, read_routes

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")

IPV4 = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t01FEA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t00FEA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
tun0\t00000080\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0
*\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
eth0\t0000000B\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
eth0\t0000000C\t00000000\t0000\t0\t0\t0\t000000FF\t0\t0\t0
gone\t00000000\t01FEA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\tzz\t01FEA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\tshort
"""
ZERO = "0" * 32
IPV6 = f"""{ZERO} 00 {ZERO} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
20010db8000000000000000000000000 20 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0
{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo
fe80000000000000000000000000000a 80 {ZERO} 00 {ZERO} 00000000 00000002 00000000 80200001     eth0
fe800000000000000000000000000000 80 {ZERO} 00 {ZERO} 00000000 00000002 00000000 80300001     eth0
ff000000000000000000000000000000 08 {ZERO} 00 {ZERO} 00000100 00000002 00000000 00000001     eth0
{ZERO} 00 {ZERO} 00 {ZERO} 00000400 00000001 00000000 00000003     gone
{ZERO} xx {ZERO} 00 {ZERO} 00000400 00000001 00000000 00000003     eth0
short
"""
INDEXES = {"lo": 1, "eth0": 2, "tun0": 5}
EXPECTED4 = [
    Route(4, 0, 0, 2, gateway=True, metric=100),
    Route(4, 0xC0A8FE00, 24, 2, gateway=False, metric=100),
    Route(4, 0x80000000, 1, 5, gateway=False),
]
EXPECTED6 = [
    Route(6, 0, 0, 2, gateway=True, metric=1024),
    Route(6, 0x20010DB8 << 96, 32, 2, gateway=False, metric=256),
]


@pytest.mark.skipif(sys.byteorder != "little", reason="the recorded table is of a little-endian machine")
def test_ipv4_routes_of_proc() -> None:
    """Addresses are turned from memory order; rejecting, down, unknown and unreadable lines are left out."""
    assert list(parse_ipv4(IPV4, INDEXES)) == EXPECTED4


def test_ipv6_routes_of_proc() -> None:
    """Local, anycast, multicast, rejecting, unknown and unreadable lines are left out."""
    assert list(parse_ipv6(IPV6, INDEXES)) == EXPECTED6


@pytest.mark.skipif(sys.byteorder != "little", reason="the recorded table is of a little-endian machine")
def test_one_table_is_enough_and_none_is_unknown(tmp_path: pathlib.Path) -> None:
    """A machine without IPv6 has IPv4 routes; where neither table can be read the routes are None, not empty."""
    assert read_routes(str(tmp_path), INDEXES) is None
    (tmp_path / "net").mkdir()
    (tmp_path / "net/ipv6_route").write_text("", "ascii")
    assert read_routes(str(tmp_path), INDEXES) == ()
    (tmp_path / "net/route").write_text(IPV4, "ascii")
    (tmp_path / "net/ipv6_route").unlink()
    assert read_routes(str(tmp_path), INDEXES) == tuple(EXPECTED4)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lo", "loopback"),
        ("eth0", "hardware"),
        ("enp3s0", "hardware"),
        ("wlan0", "hardware"),
        ("wwan0", "hardware"),
        ("usb0", "hardware"),
        ("tun0", "tunnel"),
        ("wg0", "tunnel"),
        ("tailscale0", "tunnel"),
        ("docker0", "bridge"),
        ("br-1234", "bridge"),
        ("virbr0", "bridge"),
        ("veth12ab", "veth"),
        ("bond0", "bond"),
        ("ppp0", "ppp"),
        ("eth0.100", "vlan"),
        ("ifb0", "virtual"),
        ("whatever", "virtual"),
    ],
)
def test_kinds_by_name_where_nothing_better_is_known(name: str, kind: str) -> None:
    """Without a sysfs that agrees the usual names decide."""
    assert kind_from_name(name) == kind
    assert guess_facts(name, {name: 7}, "/nonexistent") == Facts(kind)


def tree(root: pathlib.Path, name: str, files: Mapping[str, object]) -> str:
    for key, value in files.items():
        (root / name / key).parent.mkdir(parents=True, exist_ok=True)
        (root / name / key).write_text(f"{value}\n", "ascii")
    return str(root)


UP = {"ifindex": 2, "iflink": 2, "type": 1, "operstate": "up", "carrier": 1}


@pytest.mark.parametrize(
    ("name", "files", "facts"),
    [
        ("eth0", UP | {"device/vendor": 1, "speed": 1000}, Facts("hardware", bytes_per_second=125_000_000)),
        ("eth0", UP | {"device/vendor": 1, "speed": -1}, Facts("hardware")),
        ("wlan0", UP | {"device/vendor": 1, "uevent": "DEVTYPE=wlan"}, Facts("hardware")),
        ("eth0", UP | {"device/vendor": 1, "carrier": 0}, Facts("hardware", running=False)),
        ("eth0", UP | {"device/vendor": 1, "operstate": "down"}, Facts("hardware", running=False)),
        ("eth0", UP | {"device/vendor": 1, "master/ifindex": 9}, Facts("hardware", master=9)),
        ("eth0", UP | {"iflink": 33}, Facts("veth", lower_elsewhere=True)),
        ("veth1", UP | {"iflink": 3}, Facts("veth", lower=3)),
        ("macvlan0", UP | {"iflink": 3}, Facts("macvlan", lower=3)),
        ("lan.7", UP | {"iflink": 3, "uevent": "DEVTYPE=vlan"}, Facts("vlan", lower=3)),
        ("x", UP | {"uevent": "INTERFACE=x\nDEVTYPE=bridge"}, Facts("bridge")),
        ("x", UP | {"uevent": "DEVTYPE=wireguard", "type": 65534}, Facts("tunnel")),
        ("x", UP | {"tun_flags": "0x1001", "type": 65534, "operstate": "unknown"}, Facts("tunnel")),
        ("x", UP | {"type": 512}, Facts("ppp")),
        ("lo", UP | {"type": 772, "operstate": "unknown"}, Facts("loopback")),
        ("eth7", UP, Facts("veth", lower_elsewhere=True)),
        ("ifb0", UP, Facts("virtual")),
        ("tun0", UP | {"ifindex": 99, "iflink": 99, "device/vendor": 1}, Facts("tunnel")),
    ],
)
def test_facts_from_a_sysfs_that_agrees(
    tmp_path: pathlib.Path, name: str, files: Mapping[str, object], facts: Facts
) -> None:
    """Devices, declared types and links below are believed where the index is ours, and not otherwise."""
    assert guess_facts(name, {name: 2, "eth3": 3}, tree(tmp_path, name, files)) == facts


def test_names_and_indexes_are_asked_until_they_agree() -> None:
    """An interface replaced between the two questions never lends its index to the other's counters."""
    one, two = Counters(1, 1, 1, 1), Counters(2, 2, 2, 2)
    told = iter(({"eth0": one}, {"eth0": two}, {"eth0": two}))
    indexes = iter(({"eth0": 4}, {"eth0": 5}, {"eth0": 5}))
    assert consistent(lambda: next(told), lambda _: next(indexes)) == ({"eth0": 5}, {"eth0": two}, True)


def test_names_that_never_agree_are_not_complete() -> None:
    """After a few tries the list is given without the doubtful ones, and says that it is not complete."""
    counters = {"eth0": Counters(1, 1, 1, 1), "gone": Counters(2, 2, 2, 2)}
    indexes, told, complete = consistent(lambda: counters, lambda _: {"eth0": 4})
    assert (indexes, list(told), complete) == ({"eth0": 4}, ["eth0"], False)


def test_an_index_of_a_name_that_is_gone_is_left_out() -> None:
    """if_nametoindex of an unknown name is no error."""
    assert if_indexes({"no-such-link": Counters(0, 0, 0, 0)}) == {}


def test_missing_psutil_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where psutil cannot be imported the error names it and the command that installs it."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ProbeError, match="psutil") as caught:
        load_psutil()
    assert "pip install" in caught.value.hint


@linux_only
def test_the_fallback_reads_what_proc_says() -> None:
    """Names, identities and counters are those of /proc/net/dev, whose counters only grow."""

    def proc() -> dict[str, int]:
        lines = pathlib.Path("/proc/net/dev").read_text("ascii").splitlines()[2:]
        return {name.strip(): int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}

    probe = FallbackProbe()
    before, reading, after = proc(), probe.look(), proc()
    probe.close()
    assert reading.complete
    assert {one.name for one in reading.links} == set(before)
    for one in reading.links:
        assert before[one.name] <= one.counters.rx_bytes <= after[one.name]
    lo = next(one for one in reading.links if one.name == "lo")
    assert (lo.identity, lo.facts.kind) == (1, "loopback")
    assert reading.namespace
    assert reading.boot.certain
    assert probe.changes() is None
    assert probe.on_battery() in {True, False, None}


@linux_only
def test_routes_are_kept_for_some_seconds(tmp_path: pathlib.Path) -> None:
    """Between refreshes nothing but counters is read: a table that changed in the meantime is seen later."""
    (tmp_path / "net").mkdir()
    table = tmp_path / "net/ipv6_route"
    table.write_text("", "ascii")
    probe = FallbackProbe(Places(proc=str(tmp_path)))
    assert probe.look().routes == ()
    table.unlink()
    assert probe.look().routes == ()
    probe._next_ns = 0
    assert probe.look().routes is None


@linux_only
def test_unreadable_counters_are_a_probe_error(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """Where even psutil cannot read, that is said: never an empty list."""
    probe = FallbackProbe()
    monkeypatch.setattr("psutil.PROCFS_PATH", str(tmp_path))
    with pytest.raises(ProbeError, match="psutil cannot read"):
        probe.look()


def reading(namespace: str) -> Reading:
    return Reading(Instant(1, 1, 1, None), Boot("b", certain=True), namespace, "", (), ())


def test_the_fake_shows_its_readings_in_order() -> None:
    """One after the other, then the last again; errors are raised in their turn; what is shown later wins."""
    fake = FakeProbe([reading("a"), ProbeError("no answer"), reading("b")], battery=True)
    assert fake.look().namespace == "a"
    with pytest.raises(ProbeError, match="no answer"):
        fake.look()
    assert [fake.look().namespace for _ in range(3)] == ["b"] * 3
    fake.show(reading("c"))
    assert fake.look().namespace == "c"
    assert (fake.on_battery(), fake.looks) == (True, 6)


def test_an_empty_fake_says_so() -> None:
    """A look without any reading is an error, not a reading of nothing."""
    with pytest.raises(ProbeError, match="no reading"):
        FakeProbe().look()


def test_the_fakes_changes_are_a_real_descriptor() -> None:
    """Readable after ``announce`` and until the next look, like a notification socket; given back by ``close``."""
    fake = FakeProbe([reading("a")])
    descriptor = fake.changes()
    assert descriptor is not None
    assert fake.changes() == descriptor
    assert select.select([descriptor], [], [], 0)[0] == []
    fake.announce()
    assert select.select([descriptor], [], [], 0)[0] == [descriptor]
    fake.look()
    assert select.select([descriptor], [], [], 0)[0] == []
    fake.look()
    fake.close()
    fake.close()
    assert fake.changes() is None
    fake.announce()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
