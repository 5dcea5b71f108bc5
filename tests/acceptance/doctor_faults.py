"""Ways to hurt an installation for real, each with what the doctor must say. See test_doctor_faults.py."""

import contextlib
import fcntl
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from acceptance.clinic import CONFIG, Clinic
from acceptance.faults_bench import full, nobody_writes, small_disk
from machine.netns import run, wait_until
from packetbuddy.probes.neighbours import counting
from packetbuddy.storage.lock import held
from unit.processes import state

SECRET = "geheim"  # noqa: S105 - the secret that must not be found
URL = f"postgresql://me:{SECRET}@db.example/usage"
FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
HOUR = 3600 * 10**9


class Look(NamedTuple):
    """How the doctor is called on a hurt installation."""

    environment: dict[str, str] = {}  # noqa: RUF012 - never changed
    prefix: tuple[str, ...] = ()
    installed: bool = True


PLAIN = Look()
CHECKOUT = Look(installed=False)
Hurt = Callable[[Clinic, contextlib.ExitStack], Look]


class Fault(NamedTuple):
    """What is done, and the finding: its check, its level, and words of its text and of its remedy."""

    hurt: Hurt
    check: str
    level: str
    text: str
    remedy: str
    also: tuple[str, ...] = ()
    """Checks that say something else of it, rightly."""


# ── the home and its disk ────────────────────────────────────────────────────────────────────────────────────────────


def no_home(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.root.rename(clinic.user / "moved")
    return CHECKOUT


def file_for_a_home(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.root.rename(clinic.user / "moved")
    clinic.home.root.write_text("not a folder", "utf-8")
    return CHECKOUT


def read_only_disk(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    root = str(clinic.home.root)
    run("mount", "--bind", root, root)
    undo.callback(run, "umount", "-l", root)
    run("mount", "-o", "remount,bind,ro", root)
    return PLAIN


def full_disk(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    other = clinic.user / "small"
    other.mkdir(mode=0o700)
    undo.enter_context(small_disk(other))
    undo.enter_context(full(other))
    return Look({"PACKETBUDDY_HOME": str(other)})


def other_owner(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    os.chown(clinic.home.root, 65534, 65534)
    return PLAIN


def other_owner_closed(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """Somebody else's home, closed to others as it should be."""
    clinic.counted_once()
    os.chown(clinic.home.root, 65534, 65534)
    return Look(prefix=_WITHOUT_POWERS, installed=False)


def closed_home(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    """Nor may this user look at what stands in its place."""
    clinic.counted_once()
    os.chown(clinic.user, 65534, 65534)
    undo.callback(os.chown, clinic.user, 0, 0)
    clinic.user.chmod(0o700)
    return Look({"HOME": "/root", "PACKETBUDDY_HOME": str(clinic.home.root)}, _WITHOUT_POWERS, installed=False)


def not_writable(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.home.root.chmod(0o500)
    return Look(prefix=_WITHOUT_POWERS, installed=False)


def ledger_not_writable(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.home.ledger.chmod(0o400)
    return Look(prefix=_WITHOUT_POWERS, installed=False)


def open_to_others(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.root.chmod(0o755)
    clinic.home.config.chmod(0o644)
    return PLAIN


def relative_home(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    return Look({"PACKETBUDDY_HOME": clinic.home.root.name})


def two_homes(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    (clinic.user / "other").mkdir(mode=0o700)
    return Look({"PACKETBUDDY_HOME": str(clinic.user / "other")})


_WITHOUT_POWERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root, as far as it owns a file, and no more: rights hold for it as for everybody."""

# ── settings, environment, clock ─────────────────────────────────────────────────────────────────────────────────────


def mistyped_key(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config("[monitoring]\npol_interval = 2\n")
    return PLAIN


def no_toml(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config("[monitoring\n")
    return PLAIN


def unknown_zone(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config('[display]\ntimezone = "Mars/Phobos"\n')
    return PLAIN


def nonsense_tz(_clinic: Clinic, _: contextlib.ExitStack) -> Look:
    return Look({"TZ": "Mars/Phobos"})


def broken_localtime(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    script = """cp -a /etc "$1" && rm -f "$1/localtime" && echo no rules >"$1/localtime" && mount --bind "$1" /etc &&
        shift && unset TZ && exec "$@" """
    return Look(prefix=("unshare", "-m", "sh", "-c", script, "sh", str(clinic.user / "etc")))


def old_clock(_clinic: Clinic, _: contextlib.ExitStack) -> Look:
    return Look({"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": "-5000d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})


def url_of_a_shell(_clinic: Clinic, _: contextlib.ExitStack) -> Look:
    return Look({"NEON_DB_URL": URL})


def two_urls(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config(f'{CONFIG}[sync]\nurl = "{URL}2"\n')
    return Look({"NEON_DB_URL": URL})


def sync_without_url(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config(f"{CONFIG}[sync]\nenabled = true\n")
    return PLAIN


def database_away(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.write_config(f'{CONFIG}[sync]\nurl = "postgresql://me:{SECRET}@127.0.0.1:1/x"\n')
    assert clinic.pb("sync", "now").returncode == 1
    return PLAIN


# ── the monitor and its lock ─────────────────────────────────────────────────────────────────────────────────────────


def stopped(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    return PLAIN


def by_hand(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.serve()
    wait_until(lambda: bool(clinic.listening()), 20)
    return PLAIN


def hanging(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    clinic.start()
    freeze(clinic, undo)
    clinic.tamper("UPDATE state SET heartbeat_ns = heartbeat_ns - ?", HOUR)
    return PLAIN


def clock_set_back(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    clinic.start()
    freeze(clinic, undo)
    clinic.tamper("UPDATE state SET heartbeat_ns = heartbeat_ns + ?", HOUR)
    return PLAIN


def two_monitors(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    """The first one hangs, its lock is deleted, another one is started: as long as it hangs there are two."""
    clinic.start()
    freeze(clinic, undo)
    clinic.home.lock.unlink()
    child = clinic.space.start(
        [str(clinic.home.launcher), "serve"], env=clinic.environment(), stderr=subprocess.DEVNULL
    )
    wait_until(lambda: clinic.home.lock.exists() and clinic.home.lock.read_bytes().startswith(b"%d " % child.pid), 20)
    undo.callback(child.wait)
    undo.callback(child.kill)
    return PLAIN


def strange_lock(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    descriptor = os.open(clinic.home.lock, os.O_RDONLY)
    undo.callback(os.close, descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return PLAIN


def failing(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """The supervisor lives, and each monitor that it starts ends at once."""
    clinic.start()
    (clinic.packages / "packetbuddy").mkdir()
    (clinic.packages / "packetbuddy" / "__init__.py").write_text("raise SystemExit(1)", "utf-8")
    os.kill(clinic.pid(), signal.SIGKILL)
    wait_until(lambda: "ended with code 1 " in clinic.home.stderr_log.read_text("utf-8"), 20)
    return CHECKOUT


def older_service(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    clinic.start()
    freeze(clinic, undo)
    clinic.tamper("UPDATE state SET version = '1.9.9'")
    return PLAIN


def freeze(clinic: Clinic, undo: contextlib.ExitStack) -> None:
    """The monitor stands still until the test is over, and not in the middle of a write: others may write then."""
    pid = clinic.pid()
    with nobody_writes(clinic.home.ledger):
        os.kill(pid, signal.SIGSTOP)
        undo.callback(_thaw, pid)
        wait_until(lambda: state(pid) == "T")


def _thaw(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


# ── the ledger and its backups ───────────────────────────────────────────────────────────────────────────────────────


def damaged(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    with clinic.home.ledger.open("r+b") as file:
        file.seek(2048)
        file.write(b"\xff" * 8192)
    return PLAIN


def no_database(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.ledger.write_bytes(b"this is no database, and it never was one. " * 100)
    clinic.home.ledger.chmod(0o600)
    return PLAIN


def of_1x(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    with contextlib.closing(sqlite3.connect(clinic.home.ledger)) as connection:
        connection.execute("CREATE TABLE usage_logs (id INTEGER)")
    clinic.home.ledger.chmod(0o600)
    return PLAIN


def newer(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.tamper("PRAGMA user_version = 99")
    return PLAIN


def folder_for_a_ledger(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.ledger.mkdir(mode=0o700)
    return PLAIN


def log_without_index(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """As a copy that left out the file that needs no copying."""
    clinic.start()
    crash(clinic)
    clinic.home.ledger.with_name("packetbuddy.db-shm").unlink()
    return PLAIN


def unequal_totals(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.tamper("UPDATE days SET rx = rx + 1 WHERE counted = 1 AND interface > 1")
    return PLAIN


def unbalanced(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.tamper("UPDATE baselines SET booked_rx = booked_rx + 4096 WHERE name = 'eth0'")
    return PLAIN


def doubts(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    clinic.tamper(
        "INSERT INTO doubts (interface, counted, rx, tx, start_ns, end_ns, ceiling, state, epoch)"
        " SELECT 'eth0', 1, ?, 0, heartbeat_ns - 1000000000, heartbeat_ns, 1000000000, 'open', 0 FROM state",
        5 * 10**12,
    )
    return PLAIN


def damaged_backup(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    backup = make_backup(clinic, 0)
    with backup.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(8192))
    return PLAIN


def old_backup(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.counted_once()
    make_backup(clinic, 9)
    clinic.tamper("UPDATE state SET started_ns = heartbeat_ns - ?", 8 * 24 * HOUR)
    return PLAIN


def make_backup(clinic: Clinic, days_ago: int) -> pathlib.Path:
    """What the upkeep does, under the name of an earlier day."""
    home = str(clinic.home.root)
    command = [sys.executable, "-P", "-m", "packetbuddy.upkeep", home]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
    (made,) = clinic.home.backups.glob("packetbuddy-*.db")
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    return made.rename(made.with_name(f"packetbuddy-{day}.db"))


def crash(clinic: Clinic) -> None:
    """Supervisor, monitor and what they started die at once, as in a power cut."""
    os.killpg(int(clinic.home.supervisor_pid.read_text("ascii")), signal.SIGKILL)
    wait_until(lambda: not held(clinic.home.lock))


# ── counters and links ───────────────────────────────────────────────────────────────────────────────────────────────


def stuck(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """By what the ledger remembers, a thousand packets have come since and not a byte."""
    clinic.counted_once()
    clinic.tamper("UPDATE baselines SET rx_packets = rx_packets - 1000 WHERE name = 'eth0'")
    return PLAIN


def elsewhere(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    clinic.start()
    host, clinic.space = clinic.space, clinic.lab.namespace("elsewhere")
    undo.callback(setattr, clinic, "space", host)
    return PLAIN


def missing_link(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.write_config(f'{CONFIG}interface = "eth1"\n')
    return PLAIN


def offline(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.space.ip("route", "del", "default")
    return PLAIN


def guessed(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """A bridge with two ports that may both lead out."""
    clinic.lab.wire(clinic.space, clinic.lab.namespace("second"), near="eth1", default=False)
    for command in ("link add br0 type bridge", "link set br0 up", "addr add 10.99.0.2/24 dev br0"):
        clinic.space.ip(*command.split())
    for port in ("eth0", "eth1"):
        clinic.space.ip("link", "set", port, "master", "br0")
    clinic.space.ip("route", "del", "default")
    clinic.space.ip("route", "add", "default", "via", "10.99.0.1", "dev", "br0")
    return PLAIN


def no_netlink(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """A sandbox that refuses netlink, by seccomp."""
    from machine.test_probe_linux_process import SECCOMP  # noqa: PLC0415 - only here

    script = clinic.user / "sandbox.py"
    script.write_text(f"{SECCOMP}\nimport os\nos.execvp(sys.argv[4], sys.argv[4:])\n", "utf-8")
    return Look(prefix=(sys.executable, str(script), "0", "1", "16"))


# ── the port ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def taken_port(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    listener = clinic.space.socket(socket.SOCK_STREAM, bind="127.0.0.1", port=7373)
    listener.listen(1)
    done = clinic.pb("service", "start")
    assert done.returncode == 0
    wait_until(lambda: "another [api] port" in str(clinic.query("SELECT problem FROM state")), 20)
    return PLAIN


def another_packetbuddy(clinic: Clinic, undo: contextlib.ExitStack) -> Look:
    other = clinic.user / "other"
    other.mkdir(mode=0o700)
    child = clinic.serve(PACKETBUDDY_HOME=str(other))
    undo.callback(child.wait)
    undo.callback(child.terminate)
    wait_until(lambda: bool(clinic.listening()), 20)
    assert clinic.pb("service", "start").returncode == 0
    assert len(counting()) >= 2
    return PLAIN


# ── what is installed ────────────────────────────────────────────────────────────────────────────────────────────────


def missing_library(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    (clinic.packages / "starlette.py").write_text("raise ImportError('half of it is missing')", "utf-8")
    return PLAIN


def no_byte_code(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """As where the installed files may not be written and were never compiled."""
    return Look({"PYTHONPYCACHEPREFIX": str(clinic.user), "PYTHONDONTWRITEBYTECODE": "1"}, installed=False)


def lost_version(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.version.rename(clinic.home.versions / "renamed")
    return CHECKOUT


def lost_python(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """The system's Python was removed by an upgrade."""
    (clinic.version / "bin" / "python").unlink()
    (clinic.version / "bin" / "python").symlink_to("/usr/bin/python3.9-that-was-removed")
    return CHECKOUT


def other_python(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    """The system's Python became another one, whose libraries are looked for in another folder."""
    folder = clinic.packages.parent
    folder.rename(folder.with_name("python3.9"))
    return CHECKOUT


def closed_launcher(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.launcher.chmod(0o600)
    return CHECKOUT


def lost_launcher(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.home.launcher.unlink()
    return CHECKOUT


def dead_link(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    clinic.link.unlink()
    clinic.link.symlink_to(clinic.user / "old" / ".packetbuddy" / "bin" / "pb")
    return PLAIN


def link_elsewhere(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    other = clinic.user / "old" / ".packetbuddy" / "bin" / "pb"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\n", "utf-8")
    other.chmod(0o700)
    clinic.link.unlink()
    clinic.link.symlink_to(other)
    return PLAIN


def off_path(_clinic: Clinic, _: contextlib.ExitStack) -> Look:
    return Look({"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})


def other_pb(clinic: Clinic, _: contextlib.ExitStack) -> Look:
    folder = clinic.user / "tools"
    folder.mkdir()
    (folder / "pb").write_text("#!/bin/sh\n", "utf-8")
    (folder / "pb").chmod(0o700)
    return Look({"PATH": f"{folder}:{clinic.environment()['PATH']}"})


FAULTS: dict[str, Fault] = {
    "no home": Fault(no_home, "home", "broken", "There is no ", "`pb service start`"),
    "a file for a home": Fault(file_for_a_home, "home", "broken", "is not a folder", "Move it away"),
    "a read-only disk": Fault(read_only_disk, "home", "broken", "read-only now", "Mount it for writing"),
    "a full disk": Fault(full_disk, "home", "broken", "is full: 0 B are left", "Free some space"),
    "another owner": Fault(other_owner, "home", "broken", "belongs to another user", "without sudo"),
    "a closed home of another": Fault(other_owner_closed, "home", "broken", "belongs to another user", "its owner"),
    "a home in a closed folder": Fault(closed_home, "home", "broken", "may not be looked into", "its owner"),
    "no right to write": Fault(not_writable, "home", "broken", "cannot be written by this user", "chmod u+rwx"),
    "a ledger that cannot be written": Fault(
        ledger_not_writable, "home", "broken", "packetbuddy.db cannot be written", "chmod u+rw"
    ),
    "open to others": Fault(open_to_others, "home", "warning", "Others on this machine", "chmod go="),
    "a relative home": Fault(relative_home, "home", "warning", "another folder from each place", "whole path"),
    "two homes": Fault(two_homes, "home", "note", "there is a ledger in", "Unset PACKETBUDDY_HOME"),
    "a mistyped key": Fault(mistyped_key, "settings", "broken", "pol_interval", "pb config set"),
    "no TOML": Fault(no_toml, "settings", "broken", "no valid TOML", "config.toml"),
    "an unknown zone": Fault(unknown_zone, "settings", "broken", "Mars/Phobos", "pb config set"),
    "a nonsense TZ": Fault(nonsense_tz, "zone", "warning", "'Mars/Phobos', which names no time zone", "Unset TZ"),
    "a broken zone file": Fault(broken_localtime, "zone", "warning", "/etc/localtime holds no rules", "set-timezone"),
    "an old clock": Fault(old_clock, "clock", "broken", "before this version of PacketBuddy existed", "set-ntp"),
    "a URL of the shell": Fault(url_of_a_shell, "settings", "warning", "NEON_DB_URL is set here", "`[sync]`, `url`"),
    "two URLs": Fault(two_urls, "settings", "warning", "another database than the settings", "unset NEON_DB_URL"),
    "sync without a URL": Fault(sync_without_url, "settings", "warning", "no database URL is known", "`url`"),
    "a database that is away": Fault(database_away, "sync", "warning", "nobody listens at 127.0.0.1", "tried again"),
    "stopped": Fault(stopped, "monitor", "broken", "is not running", "`pb service start`"),
    "started by hand": Fault(by_hand, "monitor", "note", "was started by hand", "`pb service restart`"),
    "a hanging monitor": Fault(hanging, "monitor", "broken", "has not written since", "`pb service restart`"),
    "a clock set back": Fault(clock_set_back, "monitor", "warning", "in the future", "Set the clock right"),
    "two monitors": Fault(two_monitors, "monitor", "broken", "too, without holding its lock", "`kill ", ("port",)),
    "a strange lock": Fault(strange_lock, "monitor", "broken", "did not sign it", "`fuser "),
    "a failing monitor": Fault(failing, "monitor", "broken", "keeps failing", "`pb service logs`", ("launcher",)),
    "an older service": Fault(older_service, "monitor", "note", "still runs version 1.9.9", "`pb service restart`"),
    "a damaged ledger": Fault(damaged, "ledger", "broken", "is damaged", "the newest backup that verifies"),
    "no database": Fault(no_database, "ledger", "broken", "is not a database", "the newest backup that verifies"),
    "a ledger of 1.x": Fault(of_1x, "ledger", "broken", "belongs to PacketBuddy 1.x", "away"),
    "a newer ledger": Fault(newer, "ledger", "broken", "written by a newer PacketBuddy", "Update PacketBuddy"),
    "a folder for a ledger": Fault(folder_for_a_ledger, "ledger", "broken", "is not a file", "away"),
    "a log without its index": Fault(log_without_index, "ledger", "warning", "was not closed", "`pb service start`"),
    "unequal totals": Fault(unequal_totals, "ledger", "warning", "The totals of 1 day differ", "daily upkeep"),
    "unbalanced books": Fault(unbalanced, "ledger", "broken", "eth0: -4096 bytes in, 0 out", "report"),
    "open doubts": Fault(doubts, "doubts", "warning", "not counted: 5.00 TB", "--accept 1"),
    "a damaged backup": Fault(damaged_backup, "backups", "warning", "is damaged", "Delete it"),
    "an old backup": Fault(old_backup, "backups", "warning", "in the last 9 days is in no backup", "pb service logs"),
    "stuck counters": Fault(stuck, "counters", "broken", "received on eth0 stand still", "driver"),
    "another namespace": Fault(elsewhere, "counters", "warning", "another network namespace", "the same one"),
    "netlink refused": Fault(no_netlink, "counters", "note", "netlink is refused", "AF_NETLINK"),
    "a missing link": Fault(
        missing_link, "links", "warning", "'eth1', which is not there", "monitoring.interface eth0"
    ),
    "offline": Fault(offline, "links", "note", "no default route leads out", "Connect to the internet"),
    "a guess": Fault(guessed, "links", "note", "br0 (bridge) counts", "pb config set monitoring.interface"),
    "a taken port": Fault(taken_port, "port", "broken", "127.0.0.1:7373 is in use by ", "api.port 7374"),
    "another PacketBuddy": Fault(another_packetbuddy, "port", "broken", "by another PacketBuddy", "api.port 7374"),
    "a missing library": Fault(missing_library, "python", "broken", "cannot load starlette", "setup"),
    "no byte code": Fault(no_byte_code, "python", "note", "holds no byte code", "compileall"),
    "a lost version": Fault(lost_version, "launcher", "broken", "leads nowhere", "Run setup again"),
    "a lost Python": Fault(lost_python, "launcher", "broken", "does not run PacketBuddy", "Run setup again"),
    "another Python": Fault(other_python, "launcher", "broken", "does not run PacketBuddy", "Run setup again"),
    "a closed launcher": Fault(closed_launcher, "launcher", "broken", "cannot be run", "Run setup again"),
    "a lost launcher": Fault(lost_launcher, "launcher", "broken", "is gone", "Run setup again"),
    "a dead link": Fault(dead_link, "launcher", "warning", "which is gone", "Run setup again"),
    "a link elsewhere": Fault(link_elsewhere, "launcher", "warning", "not to ", "`ln -sfn "),
    "pb not on PATH": Fault(off_path, "launcher", "note", "does not find pb", "export PATH"),
    "another pb": Fault(other_pb, "launcher", "note", "tools/pb, not that of this installation", "first on PATH"),
}
