import os
import pathlib
import resource
import subprocess
import sys
import time

import pytest

from machine.netns import Lab, Namespace, Wire, requires_netns, run
from machine.probing import by_name, open_descriptors
from packetbuddy.probes.linux import LinuxProbe, open_linux

pytestmark = [pytest.mark.machine, requires_netns]


def test_everything_is_given_back(host: Namespace) -> None:
    """Opening, looking and closing leaves no descriptor behind; closing twice is fine."""
    before = open_descriptors()
    with host.entered():
        probe = open_linux()
    probe.look()
    assert probe.on_battery() in {True, False, None}
    probe.close()
    probe.close()
    assert open_descriptors() == before


@pytest.mark.usefixtures("wire")
def test_a_look_is_cheap(host: Namespace, probe: LinuxProbe) -> None:
    """Two thousand looks at an ordinary machine's interfaces use well below half a millisecond each, no memory."""
    host.ip("link", "add", "br0", "type", "bridge")
    host.ip("link", "add", "x0", "type", "ifb")
    for _ in range(10):
        probe.look()
    memory, times = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for _ in range(5):
        before = time.thread_time()
        for _ in range(400):
            probe.look()
        times.append(time.thread_time() - before)
    assert min(times) / 400 < 0.0005
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 1024


LOOK = """
import sys
from packetbuddy.probes import open_probe
probe = open_probe()
reading = probe.look()
print(type(probe).__name__, "psutil" in sys.modules, reading.routes is not None)
for link in reading.links:
    print(link.name, link.identity, link.facts.kind, *link.counters[:2], link.facts.bytes_per_second)
probe.close()
"""


@pytest.mark.usefixtures("wire")
def test_psutil_is_not_loaded_where_netlink_works(host: Namespace) -> None:
    """A process of its own: the probe of ``open_probe`` is the netlink one and leaves psutil alone."""
    first, *links = host.run(sys.executable, "-W", "error", "-c", LOOK).splitlines()
    assert first == "LinuxProbe False True"
    assert [line.split()[0] for line in links] == ["lo", "eth0"]


def test_an_unprivileged_namespace_works() -> None:
    """Inside ``unshare -Urn`` /sys shows the host's interfaces and netlink its own: only its own ``lo`` is told."""
    told = run("unshare", "-Urn", sys.executable, "-W", "error", "-c", LOOK).splitlines()
    assert told == ["LinuxProbe False True", "lo 1 loopback 0 0 None"]


SECCOMP = """
import ctypes, platform, struct, sys
calls = {"x86_64": (41, 49, 44), "aarch64": (198, 200, 206)}[platform.machine()]
number, code, family = calls[int(sys.argv[1])], int(sys.argv[2]), int(sys.argv[3])
load, equal, give = 0x20, 0x15, 0x06
steps = [(load, 0, 0, 0), (equal, 0, 3 if family else 1, number)]
steps += [(load, 0, 0, 16), (equal, 0, 1, family)] if family else []
steps += [(give, 0, 0, 0x00050000 | code), (give, 0, 0, 0x7FFF0000)]
program = b"".join(struct.pack("=HBBI", *step) for step in steps)
held = ctypes.create_string_buffer(program)
filter = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(held)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filter, 0, 0) == 0, ctypes.get_errno()
"""


@pytest.mark.parametrize(
    ("call", "code", "family"),
    [("0", "1", "16"), ("0", "97", "16"), ("1", "13", "0"), ("2", "1", "0")],
    ids=["socket-EPERM", "socket-EAFNOSUPPORT", "bind-EACCES", "dump-EPERM"],
)
def test_refused_netlink_falls_back_to_psutil(host: Namespace, wire: Wire, call: str, code: str, family: str) -> None:
    """Under a seccomp filter on socket, bind or the question the same face shows the same totals and identities."""
    wire.upload(20)
    wire.download(30)
    first, *links = host.run(sys.executable, "-W", "error", "-c", SECCOMP + LOOK, call, code, family).splitlines()
    assert first == "FallbackProbe True True"
    told = {name: rest for name, *rest in (line.split() for line in links)}
    kernel = host.counters("eth0")
    assert told["eth0"] == [str(host.index("eth0")), "veth", str(kernel.rx_bytes), str(kernel.tx_bytes), "None"]
    assert told["lo"][:2] == ["1", "loopback"]


def test_hardware_is_hardware() -> None:
    """On this machine every interface with a device behind it is told to be hardware."""
    probe = open_linux()
    links = by_name(probe.look())
    probe.close()
    for name, link in links.items():
        folder = pathlib.Path("/sys/class/net", name)
        if (folder / "device").exists() and (folder / "ifindex").read_text("ascii").strip() == str(link.identity):
            assert link.facts.kind == "hardware"


def test_the_lab_leaves_nothing_behind() -> None:
    """Namespaces and processes of a lab end with it, also when the test inside fails."""

    def fail() -> None:
        with Lab("gone") as lab:
            space = lab.namespace("box")
            started.append(space.start(["sleep", "60"]))
            raise RuntimeError("a failing test")

    started: list[subprocess.Popen[bytes]] = []
    with pytest.raises(RuntimeError, match="a failing test"):
        fail()
    assert started[0].poll() is not None
    assert f"pb-gone-{os.getpid()}-" not in run("ip", "netns")
