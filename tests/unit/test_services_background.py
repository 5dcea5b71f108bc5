"""The background adapter with real processes: a small stand-in plays the monitor."""

import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from packetbuddy.errors import HomeError, ServiceError
from packetbuddy.services.background import Background
from packetbuddy.services.face import Patience, State
from packetbuddy.services.locks import Owner, exclusive, owner, wait_until
from unit.calm import Stopwatch
from unit.processes import state

if sys.platform == "win32":
    pytest.skip("the background adapter is for POSIX", allow_module_level=True)

STAND_IN = """
import fcntl, os, signal, sys, time
lock = open("monitor.lock", "a+")
os.set_inheritable(lock.fileno(), False)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(3)
def leave(*_):
    if "slow" in sys.argv:
        time.sleep(1)
    open("flushed", "w").close()
    sys.exit(0)
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGHUP, lambda *_: open("reloaded", "w").close())
lock.truncate(0)
lock.write(f"{os.getpid()} {time.time()}\\n")
lock.flush()
print("stand-in up, home", os.environ["PACKETBUDDY_HOME"], "session", os.getsid(0), flush=True)
print("stdin", os.readlink("/proc/self/fd/0") if os.path.exists("/proc") else "/dev/null", file=sys.stderr, flush=True)
while "busy" in sys.argv and not os.path.exists("stuck"):
    open("turned", "w").close()
    time.sleep(0.05)
while True:
    time.sleep(60)
"""
QUICK_LOOK = 0.5
REAL_SLEEP = shutil.which("sleep")
IMPATIENT = f"""#!/bin/sh
[ "$1" = 50 ] || exec {REAL_SLEEP} "$1"
{REAL_SLEEP} {QUICK_LOOK}
cd HOME
if [ -e turned ]; then
  rm turned
  for _ in $(seq 600); do [ -e turned ] || [ -e stuck ] || {REAL_SLEEP} 0.05; done
fi
"""
"""A sleep whose 50 seconds are half of one; a stand-in that works, however slowly, has turned meanwhile."""


class Nest:
    """A home and the adapter over it; ``with_command`` makes another adapter over the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "stand_in.py").write_text(STAND_IN)
        self.background = self.with_command(*self.stand_in())

    def stand_in(self, *arguments: str) -> tuple[str, ...]:
        inside = f"import os, sys; os.chdir({str(self.home)!r}); exec(open('stand_in.py').read())"
        return (sys.executable, "-I", "-S", "-c", inside, *arguments)

    def with_command(self, *command: str, counting: Callable[[], bool] = lambda: True) -> Background:
        patience = Patience(start=30, stop=30, kill=30, others=30)
        return Background(self.home, command, patience=patience, counting=counting)

    def log(self) -> str:
        return (self.home / "stderr.log").read_text()

    def await_word(self, word: str) -> None:
        assert wait_until(lambda: self.background.state().word == word, seconds=30), self.background.state()

    def monitor(self) -> Owner:
        found = self.background.state().monitor
        assert found is not None
        return found

    def supervisor(self) -> Owner:
        found = self.background.state().supervisor
        assert found is not None
        return found


@pytest.fixture
def nest(tmp_path: Path) -> Iterator[Nest]:
    home = tmp_path / "a höme with spaces"
    home.mkdir()
    nest = Nest(home)
    yield nest
    if home.exists():
        nest.with_command("true").stop()


@pytest.fixture
def quick_looks(nest: Nest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The supervisor's 50 seconds between two looks are half a second."""
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    (stubs / "sleep").write_text(IMPATIENT.replace("HOME", shlex.quote(str(nest.home))))
    (stubs / "sleep").chmod(0o700)
    monkeypatch.setenv("PATH", f"{stubs}:{os.environ['PATH']}")


def test_start_is_idempotent_and_stop_lets_the_monitor_flush(nest: Nest) -> None:
    """However often it is started there is one monitor, which is told to leave and does its last work."""
    first = nest.background.start()
    again = nest.background.start()
    assert (first.managed, first.already) == (True, False)
    assert (again.managed, again.already, again.monitor) == (True, True, first.monitor)
    assert first.monitor.since == pytest.approx(time.time(), abs=60)
    assert nest.background.stop() == (True, ())
    assert nest.background.state() == State(None)
    assert (nest.home / "flushed").exists()
    assert nest.background.stop() == (False, ())


def test_a_start_while_the_monitor_is_leaving_starts_another(nest: Nest) -> None:
    """Whoever told it to stop may have been killed before it was gone: the start is not lost."""
    slow = nest.stand_in("slow")
    first = nest.with_command(*slow).start().monitor
    os.kill(nest.supervisor().pid, signal.SIGTERM)
    second = nest.with_command(*slow, counting=lambda: nest.background.state().monitor != first).start()
    assert (second.monitor.pid != first.pid, second.managed) == (True, True)


def test_monitor_is_detached(nest: Nest) -> None:
    """The monitor knows its home, has a session apart from ours, reads /dev/null and appends to the log files."""
    (nest.home / "stdout.log").write_text("before\n")
    nest.background.start()
    assert wait_until(lambda: "stdin" in nest.log(), seconds=30)
    said = (nest.home / "stdout.log").read_text()
    assert said.startswith(f"before\nstand-in up, home {nest.home} session {nest.supervisor().pid}")
    assert "stdin /dev/null" in nest.log()
    assert nest.supervisor().pid != os.getsid(0)


def test_killed_monitor_comes_back(nest: Nest) -> None:
    """After kill -9 of the monitor the supervisor starts another one and says why."""
    old = nest.background.start().monitor
    os.kill(old.pid, signal.SIGKILL)
    assert wait_until(lambda: nest.background.state().monitor not in {None, old}, seconds=30)
    assert nest.background.state().word == "running"
    assert "ended with code 137" in nest.log()


def test_start_cuts_the_pause_between_two_tries_short(nest: Nest) -> None:
    """Asked to start while the supervisor waits, it tries at once; there is still one supervisor."""
    flag = nest.home / "may-run"
    inside = f'[ -e {str(flag)!r} ] || exit 1; exec "$@"'
    crashing = nest.with_command("/bin/sh", "-c", inside, "sh", *nest.stand_in())
    with pytest.raises(ServiceError, match="no counting within") as failure:
        Background(nest.home, crashing._command, patience=Patience(start=0.3)).start()
    assert "service stop" in failure.value.hint
    nest.await_word("restarting")
    supervisor = nest.supervisor()
    assert wait_until(lambda: "again in 8 s" in nest.log(), seconds=30)
    flag.touch()
    watch = Stopwatch()
    assert crashing.start().managed
    assert watch.seconds < 7
    assert nest.supervisor() == supervisor


def test_stop_during_a_pause_is_immediate(nest: Nest) -> None:
    """A supervisor that waits for its next try leaves when told, not after the pause."""
    crashing = nest.with_command("/bin/sh", "-c", "exit 1")
    with pytest.raises(ServiceError):
        Background(nest.home, crashing._command, patience=Patience(start=1.2)).start()
    watch = Stopwatch()
    assert crashing.stop() == (True, ())
    assert watch.seconds < 1


@pytest.mark.parametrize(
    ("code", "why"),
    [(0, "nothing left to do"), (3, "another monitor owns this ledger"), (78, "cannot be used"), (127, "is gone")],
)
def test_final_codes_end_the_supervisor(nest: Nest, code: int, why: str) -> None:
    """After codes where another try cannot help the supervisor ends with a word; start says the reason."""
    inside = f"echo the-reason >&2; exit {code}"
    with pytest.raises(ServiceError, match=r"did not start: the-reason$"):
        nest.with_command("/bin/sh", "-c", inside).start()
    assert why in nest.log()
    assert nest.background.state() == State(None)


def test_a_monitor_that_makes_way_is_followed_at_once(nest: Nest) -> None:
    """Code 75 is no crash: no pause, unless it came so soon that it might go on like that for ever."""
    inside = f'[ -e again ] && exec "$@"; {REAL_SLEEP} 2; touch again; exit 75'
    nest.with_command("/bin/sh", "-c", f"cd {shlex.quote(str(nest.home))}; {inside}", "sh", *nest.stand_in()).start()
    assert "makes way for another version" in nest.log()
    assert "starting it again in" not in nest.log()
    nest.background.stop()
    hasty = nest.with_command("/bin/sh", "-c", "exit 75")
    with pytest.raises(ServiceError):
        Background(nest.home, hasty._command, patience=Patience(start=0.5)).start()
    told = re.compile(r"with code 75 after \d+ s; starting it again in 1 s")
    assert wait_until(lambda: told.search(nest.log()) is not None, seconds=30)


def test_backoff_doubles_up_to_a_minute_and_starts_anew_after_a_good_run(nest: Nest, tmp_path: Path) -> None:
    """Pauses are 1, 2, 4 … 60, 60 s; a run of a minute brings the pause back to 1 s."""
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    # The tenth run lasts a minute by this clock; the twelfth ends well.
    pauses = str(tmp_path / "pauses")
    (stubs / "sleep").write_text(f'#!/bin/sh\n[ "$1" != 50 ] || exec {REAL_SLEEP} 50\necho "$1" >>{pauses!r}\n')
    runs, clock = tmp_path / "runs", tmp_path / "clock"
    clock.write_text("1000\n")
    (stubs / "date").write_text(f'#!/bin/sh\nread now <{str(clock)!r}; echo "$now"\n')
    (stubs / "monitor").write_text(
        f"#!/bin/sh\necho x >>{str(runs)!r}\nset -- $(cat {str(runs)!r})\n"
        f"[ $# != 10 ] || echo 1060 >{str(clock)!r}\n[ $# -lt 12 ] || exit 0\nexit 1\n"
    )
    for stub in stubs.iterdir():
        stub.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{stubs}:{os.environ['PATH']}")
        with pytest.raises(ServiceError, match="did not start"):
            nest.with_command(str(stubs / "monitor")).start()
    assert (tmp_path / "pauses").read_text().split() == ["1", "2", "4", "8", "16", "32", "60", "60", "60", "1", "2"]


def test_a_failing_program_is_no_tight_loop_without_a_path(nest: Nest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment whose PATH leads nowhere does not take the pauses between two tries away."""
    monkeypatch.setenv("PATH", "/nonexistent")
    failing = Background(nest.home, ("/bin/sh", "-c", "echo tried; exit 1"), patience=Patience(start=0.1))
    began = time.monotonic()
    with pytest.raises(ServiceError):
        failing.start()
    assert wait_until(lambda: "starting it again in 2 s" in nest.log(), seconds=30)
    assert time.monotonic() - began >= 1
    failing.stop()
    tries, pauses = (nest.home / "stdout.log").read_text().count("tried"), nest.log().count("starting it again in")
    assert pauses <= tries <= pauses + 1
    assert "not found" not in nest.log()


@pytest.mark.parametrize("name", ["stderr.log", "stdout.log", "supervisor.pid", "monitor.lock"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_no_file_in_a_files_place_is_told(nest: Nest, name: str, make: Callable[[Path], None]) -> None:
    """A named pipe or a folder there holds nobody up, is told by its name, and nothing is started."""
    make(nest.home / name)
    with pytest.raises(HomeError, match=f"{name} is not a file"):
        nest.background.start()
    (nest.home / name).rmdir() if make is os.mkdir else (nest.home / name).unlink()
    assert nest.background.state().word == "stopped"


def test_killed_supervisor_never_makes_two_monitors(nest: Nest) -> None:
    """The orphan goes on counting and is told apart; start leaves it, restart puts one monitor under supervision."""
    orphan = nest.background.start().monitor
    os.kill(nest.supervisor().pid, signal.SIGKILL)
    nest.await_word("unmanaged")
    again = nest.background.start()
    assert (again.monitor, again.managed, again.already) == (orphan, False, True)
    fresh = nest.background.restart()
    assert (fresh.managed, fresh.already) == (True, False)
    assert fresh.monitor.pid != orphan.pid
    assert owner(nest.home / "monitor.lock") == fresh.monitor


def test_monitor_started_by_hand_is_found_and_stopped(nest: Nest) -> None:
    """A monitor without a supervisor is known by its lock; stop ends it."""
    by_hand = os.posix_spawn(sys.executable, nest.stand_in(), {**os.environ, "PACKETBUDDY_HOME": "x"})
    nest.await_word("unmanaged")
    assert nest.monitor().pid == by_hand
    assert nest.background.stop() == (True, ())
    assert os.waitpid(by_hand, 0) == (by_hand, 0)


def test_two_starts_at_once_make_one_monitor(nest: Nest) -> None:
    """Of starts at the same moment one does it and the others find it done."""
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: nest.with_command(*nest.stand_in()).start(), range(4)))
    assert len({one.monitor for one in started}) == 1
    assert sorted(one.already for one in started) == [False, True, True, True]


def test_left_behind_and_reused_pids_are_not_believed(nest: Nest) -> None:
    """Lock files that nobody holds mean nothing, though the pid in them is alive (ours); nothing is killed."""
    for name in ("monitor.lock", "supervisor.pid"):
        (nest.home / name).write_text(f"{os.getpid()} 17.0\n")
    assert nest.background.state() == State(None)
    assert nest.background.stop() == (False, ())
    assert nest.background.start().already is False


@pytest.mark.parametrize("content", ["", "x y\n", "-\n", f"{10**30}\n", f"{2**22 + 1} 1\n"])
def test_absurd_lock_files_mean_nobody(tmp_path: Path, content: str) -> None:
    """Empty, torn, absurd or dead pids are nobody, also under a lock."""
    path = tmp_path / "lock"
    path.write_text(content)
    with exclusive(path, seconds=1):
        assert owner(path) is None


def test_deaf_monitor_is_killed_and_named(nest: Nest) -> None:
    """What ignores TERM is killed after the patience, supervisor and monitor, and their pids are told."""
    deaf = nest.with_command(*nest.stand_in("deaf"))
    monitor = deaf.start().monitor
    supervisor = nest.supervisor()
    quick = Background(nest.home, (), patience=Patience(stop=0.3))
    assert quick.stop() == (True, (supervisor.pid, monitor.pid))
    assert nest.background.state() == State(None)


def test_hup_reaches_the_monitor(nest: Nest) -> None:
    """A HUP to the supervisor is passed on and ends neither of them."""
    monitor = nest.background.start().monitor
    os.kill(nest.supervisor().pid, signal.SIGHUP)
    assert wait_until((nest.home / "reloaded").exists, seconds=30)
    assert (nest.monitor(), nest.background.state().word) == (monitor, "running")


def test_deleted_home_leaves_no_service_behind(nest: Nest) -> None:
    """When the home is gone the supervisor leaves as soon as its monitor does, and starts nothing."""
    monitor = nest.background.start().monitor
    supervisor = nest.supervisor()
    shutil.rmtree(nest.home)
    os.kill(monitor.pid, signal.SIGKILL)
    assert wait_until(lambda: _is_gone(supervisor.pid), seconds=30)
    assert not nest.home.exists()


def test_a_monitor_that_does_not_count_is_no_success(nest: Nest) -> None:
    """Start succeeds by what the monitor does, not by its being there."""
    lazy = Background(nest.home, nest.stand_in(), counting=lambda: False, patience=Patience(start=0.5))
    with pytest.raises(ServiceError, match="no counting within"):
        lazy.start()


def test_unusable_home_is_told(nest: Nest) -> None:
    """A home that is not a folder is a HomeError, not a traceback."""
    with pytest.raises(HomeError, match="cannot write"):
        Background(nest.home / "none", ("true",)).start()


def test_waiting_for_another_command_ends(nest: Nest) -> None:
    """A second `pb service` waits for the first, and says so when that takes too long."""
    with (
        exclusive(nest.home / "service.lock", seconds=1),
        pytest.raises(ServiceError, match="another `pb service` command"),
    ):
        Background(nest.home, ("true",), patience=Patience(others=0.1)).start()


@pytest.mark.usefixtures("quick_looks")
def test_a_halted_monitor_is_ended_and_started_again(nest: Nest) -> None:
    """SIGSTOP is noticed at the second look; another monitor counts, and the log says why."""
    halted = nest.background.start().monitor
    os.kill(halted.pid, signal.SIGSTOP)
    assert wait_until(lambda: nest.background.state().monitor not in {None, halted}, seconds=30)
    assert "the monitor hangs" in nest.log()


@pytest.mark.usefixtures("quick_looks")
def test_a_monitor_that_hangs_is_ended_one_that_works_is_not(nest: Nest) -> None:
    """Only a loop that does not turn at all any more, four looks long, is taken for a hang."""
    nest.with_command(*nest.stand_in("busy")).start()
    working = nest.monitor()
    time.sleep(9 * QUICK_LOOK)  # that nothing happens has no condition to await
    assert nest.monitor() == working
    (nest.home / "stuck").touch()
    assert wait_until(lambda: nest.background.state().monitor not in {None, working}, seconds=30)
    assert "the monitor hangs" in nest.log()


def test_a_halted_monitor_can_be_stopped_well(nest: Nest) -> None:
    """Stop wakes a halted monitor, so that it does its last work instead of being killed."""
    os.kill(nest.background.start().monitor.pid, signal.SIGSTOP)
    assert nest.background.stop() == (True, ())
    assert (nest.home / "flushed").exists()


def test_a_program_that_fails_for_ever_does_not_fill_the_disk(nest: Nest) -> None:
    """Before each try a log beyond two megabytes is set aside, also where no monitor ever comes to do it."""
    for name in ("stderr.log", "stdout.log"):
        (nest.home / name).write_text("x" * 2_000_001)
    with pytest.raises(ServiceError):
        nest.with_command("/bin/sh", "-c", "exit 78").start()
    for name in ("stderr.log", "stdout.log"):
        assert (nest.home / name).stat().st_size < 1000
        assert (nest.home / f"{name}.1").stat().st_size == 2_000_001


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs /proc")
def test_the_supervisor_and_its_helpers_are_tiny(nest: Nest) -> None:
    """The memory that supervisor, watcher and the watcher's sleep have for themselves is under 2 MB together."""
    nest.background.start()
    family = _family(nest)
    assert sum(_private_kb(pid) for pid in family) <= 2048


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_supervisor_is_tiny_and_sleeps(nest: Nest) -> None:
    """The supervisor fits in 2 MB and does nothing at all while its monitor runs."""
    if Path("/bin/sh").resolve().name not in {"dash", "busybox"}:
        pytest.skip("the shell here is not dash; its size is not ours")
    nest.background.start()
    supervisor = nest.supervisor()
    _family(nest)
    assert _status(supervisor.pid)["VmRSS"] <= 2048
    before = _status(supervisor.pid)["voluntary_ctxt_switches"]
    time.sleep(1.0)  # the absence of activity has no condition to await
    assert _status(supervisor.pid)["voluntary_ctxt_switches"] - before <= 1


def _family(nest: Nest) -> list[int]:
    """Supervisor, watcher and its sleep, once they are what they will be."""
    supervisor, monitor = nest.supervisor().pid, nest.monitor().pid
    names: list[str] = []

    def rests() -> bool:
        watchers = [pid for pid in _children(supervisor) if pid != monitor]
        family[1:] = [*watchers, *(pid for watcher in watchers for pid in _children(watcher))]
        names[:] = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in family]
        return names[1:] == ["sh", "sleep"] and state(supervisor) == "S"

    family = [supervisor]
    assert wait_until(rests, seconds=30), names
    return family


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _private_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _status(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = (line.split() for line in lines)
    return {field[0].rstrip(":"): int(field[1]) for field in fields if len(field) > 1 and field[1].isdigit()}


def _is_gone(pid: int) -> bool:
    """Dead, or a zombie of this test process."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return not Path(f"/proc/{pid}").exists()
