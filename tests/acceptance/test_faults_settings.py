"""Settings that make no sense, a sandbox that refuses netlink, a system without an answer: in words, and counting."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.faults_bench import Bench, bench_in
from machine.netns import requires_netns, run, wait_until
from machine.test_probe_linux_process import SECCOMP
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.load import load, parse
from packetbuddy.settings.model import Settings
from packetbuddy.settings.table import SECTIONS

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]

ABSURD = "{ absurd = [1, -0.0, false] }"
KEYS = [(section.name, key.name) for section in SECTIONS for key in section.keys]
SERVE = "from packetbuddy.cli.main import run\nsys.argv = ['pb', 'serve']\nrun()\n"
NO_PSUTIL = "sys.modules['psutil'] = None\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path) as made:
        yield made


def everything_absurd() -> str:
    """A config.toml in which every key of every section has a value that makes no sense."""
    parts = []
    for section in SECTIONS:
        parts.append(f"[{section.name}]")
        parts += [f"{key.name} = {ABSURD}" for key in section.keys]
    return "\n".join(parts)


@pytest.mark.parametrize(("section", "key"), KEYS, ids=[f"{section}.{key}" for section, key in KEYS])
def test_each_key(tmp_path: Path, section: str, key: str) -> None:
    """An absurd value of any key is told with the key's name; all else in the file holds, this key's default too."""
    path = tmp_path / "config.toml"
    other = "cost" if section == "monitoring" else "monitoring"
    good = 'unit = "GiB"' if other == "cost" else "poll_interval = 7"
    path.write_text(f"[{other}]\n{good}\n[{section}]\n{key} = {ABSURD}\n", "utf-8")
    tuning = Tuning(path)
    assert tuning.problem is not None
    assert key in tuning.problem
    assert str(path) in tuning.problem
    expected = parse({other: {"unit": "GiB"} if other == "cost" else {"poll_interval": 7}})
    assert tuning.settings._replace(plans=()) == expected
    path.write_text(f"[{other}]\n{good}\n", "utf-8")
    tuning.refresh(force=True)
    assert tuning.settings == expected
    assert not tuning.problem


@pytest.mark.parametrize(("age_s", "taken"), [(0, False), (0.4, False), (0.6, True), (3600, True), (-3600, True)])
def test_a_file_that_is_being_written_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age_s: float, taken: bool
) -> None:
    """What changed this moment may be half of it: it is left for the next look, unless the clock was set back since."""
    path = tmp_path / "config.toml"
    path.write_text("[monitoring]\npoll_interval = 7\n", "utf-8")
    os.utime(path, (0, 0))  # two writes within one tick of the file system's clock, of one size, are one file to it
    tuning = Tuning(path)
    path.write_text("[monitoring]\npoll_interval = 8\n", "utf-8")
    now_ns = path.stat().st_mtime_ns + int(age_s * 10**9)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns)
    assert tuning.refresh() is taken
    assert tuning.settings.monitoring.poll_interval == (8 if taken else 7)
    assert tuning.refresh(force=True) is not taken


def test_a_file_that_is_gone_for_a_moment_is_no_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed and written anew, as some editors do: the defaults hold once it was missed for a while, or when asked."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    path = tmp_path / "config.toml"
    path.write_text("[monitoring]\npoll_interval = 7\n", "utf-8")
    tuning = Tuning(path)
    path.rename(tmp_path / "aside")
    assert not tuning.refresh()
    (tmp_path / "aside").rename(path)
    clock[0] = 30.0
    assert not tuning.refresh()
    path.unlink()
    for clock[0] in (60.0, 60.1, 60.4):
        assert not tuning.refresh()
    assert tuning.settings.monitoring.poll_interval == 7
    clock[0] = 60.5
    assert tuning.refresh()
    assert tuning.settings == parse({})
    assert not tuning.refresh()
    path.write_text("[monitoring]\npoll_interval = 8\n", "utf-8")
    assert tuning.refresh(force=True)
    path.unlink()
    assert tuning.refresh(force=True)
    assert tuning.settings == parse({})


@pytest.mark.parametrize("content", [None, "[monitoring]\npoll_interval = 9\n"])
def test_a_file_that_changes_while_it_is_read_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """What was read is nobody's wish if the file went, or another came, since it was looked at."""
    path = tmp_path / "config.toml"
    path.write_text("[monitoring]\npoll_interval = 7\n", "utf-8")
    tuning = Tuning(path)
    path.write_text("[monitoring]\npoll_interval = 8\n", "utf-8")
    os.utime(path, (0, 0))

    def interrupted(read: Path) -> Settings:
        path.unlink()
        found = load(read)
        if content is not None:
            path.write_text(content, "utf-8")
            os.utime(path, (1, 1))
        return found

    with monkeypatch.context() as patching:
        patching.setattr("packetbuddy.monitor.tuning.load", interrupted)
        assert not tuning.refresh()
    assert tuning.settings.monitoring.poll_interval == 7
    if content is not None:
        assert tuning.refresh()
        assert tuning.settings.monitoring.poll_interval == 9


@pytest.mark.parametrize("content", [everything_absurd().encode(), b"[monit", b"\xff\xfe", None])
def test_at_the_start(bench: Bench, content: bytes | None) -> None:
    """Absurd in every key, no TOML, no text, no file at all but a folder.

    It says so once and counts by the defaults.
    """
    bench.home.config.unlink()
    if content is None:
        bench.home.config.mkdir()
    else:
        bench.home.config.write_bytes(content)
    bench.monitor.start()
    assert bench.told("the defaults hold for what is wrong in the settings") == 1
    assert bench.told("config.toml") == 1
    bench.traffic()
    assert bench.monitor.stop() == 0
    state = bench.monitor.query("SELECT problem, poll_ns, write_ns FROM state")[0]
    assert (state["poll_ns"], state["write_ns"]) == (10**9, 30 * 10**9)
    assert "config.toml" in state["problem"]
    assert bench.monitor.committed() == bench.moved()
    bench.monitor.audit()


def test_in_the_middle(bench: Bench) -> None:
    """Each mistake is told once and the last good settings hold; mended, the new ones do; not a byte is missed."""
    good = bench.home.config.read_text("utf-8")
    bench.monitor.start()
    for number, content in enumerate((everything_absurd(), "[monitoring", good + "\npoll_intervall = 3\n")):
        fresh = bench.home.config.with_suffix(".new")
        fresh.write_text(content, "utf-8")
        fresh.replace(bench.home.config)  # in one step: a file that is just being written is an empty one for a moment
        bench.traffic()
        bench.monitor.child.send_signal(signal.SIGHUP)
        wait_until(lambda so_far=number: bench.told("keeping the last good settings") == so_far + 1)  # type: ignore[misc]
    bench.monitor.written()
    assert bench.told("keeping the last good settings") == 3
    assert bench.told("nearest: monitoring.poll_interval") == 1
    state = bench.monitor.query("SELECT problem, poll_ns, write_ns FROM state")[0]
    assert (state["poll_ns"], state["write_ns"]) == (200_000_000, 10**9)
    assert "poll_intervall" in state["problem"]
    with bench.frozen():  # one that misses it for long takes the defaults
        bench.home.config.unlink()
        bench.home.config.mkdir()
    bench.monitor.child.send_signal(signal.SIGHUP)
    wait_until(lambda: bench.told("is not a file") == 1)
    assert bench.told("settings read again") == 0
    with bench.frozen():
        bench.home.config.rmdir()
        bench.home.config.write_text(good.replace("0.2", "0.3"), "utf-8")
    bench.heard("settings read again")
    bench.traffic()
    bench.agrees()
    assert bench.monitor.query("SELECT problem, poll_ns FROM state") == [{"problem": None, "poll_ns": 300_000_000}]


def serve(bench: Bench, code: str) -> None:
    """Start the monitor in a process that runs this first."""
    with bench.monitor.errors.open("ab") as errors:
        command = [sys.executable, "-c", f"import sys\n{code}{SERVE}", "0", "1", "16"]
        bench.monitor._child = bench.host.start(
            command, env=bench.monitor._environment, stdout=errors, stderr=errors, stdin=errors
        )


def test_netlink_refused(bench: Bench) -> None:
    """Where the sandbox refuses netlink it says so in one line and counts the same bytes from what is left."""
    serve(bench, SECCOMP)
    wait_until(lambda: bench.monitor.state() is not None, 20)
    bench.monitor.written()
    bench.traffic(2)
    bench.monitor.written()
    assert bench.told("netlink is refused here") == 1
    assert bench.monitor.stop() == 0
    assert bench.monitor.committed() == bench.moved()
    bench.traffic()
    bench.monitor.start()
    bench.agrees()


def test_no_way_to_read_the_counters(bench: Bench) -> None:
    """Neither netlink nor psutil: one line, and exit code 1, so that the supervisor tries again."""
    serve(bench, SECCOMP + NO_PSUTIL)
    assert bench.monitor.child.wait(20) == 1
    said = [line for line in bench.monitor.errors.read_text("utf-8").splitlines() if "psutil" in line]
    assert len(said) == 1
    assert "Traceback" not in bench.monitor.errors.read_text("utf-8")


def test_a_home_that_is_no_folder(bench: Bench) -> None:
    """A file in the home's place: 78 and a line on standard error that names it."""
    run("rm", "-r", str(bench.home.root))
    bench.home.root.write_text("in the way")
    assert bench.refused(78).startswith(f"error {bench.home.root} is not a folder.")


@pytest.mark.parametrize("place", ["monitor.lock", "packetbuddy.db", "stderr.log"])
def test_a_folder_in_the_way(bench: Bench, place: str) -> None:
    """Where a file of ours is a folder: 78 and a line for what is needed, counting for the log, which is not."""
    (bench.home.root / place).mkdir()
    if place == "stderr.log":
        bench.monitor.start()
        bench.traffic()
        bench.agrees()
    else:
        assert place in bench.refused(78)
