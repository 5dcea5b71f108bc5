"""The first half of setup, straight from a clone or an unpacked archive: nothing but Python's own library is here yet.

A version becomes current in one step and only when it is whole, so any interruption leaves either the old or the new
one. The folder is not needed afterwards.
"""

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from packetbuddy.errors import HomeError, InstallError, LockHeldError, PacketBuddyError
from packetbuddy.installing.account import check_account
from packetbuddy.installing.interpreter import check
from packetbuddy.installing.launcher import SETUP, write_launcher
from packetbuddy.installing.making import Making, make
from packetbuddy.installing.naming import version_name
from packetbuddy.installing.onpath import put_on_path
from packetbuddy.installing.origin import observed, write_origin
from packetbuddy.installing.running import listen, run_shown, run_told
from packetbuddy.installing.versions import (
    begin_change,
    end_change,
    is_whole,
    make_current,
    name_for,
    point,
    python_of,
    remove_others,
    unfinished_from,
)
from packetbuddy.installing.words import hush, is_interactive, prepare_streams, say
from packetbuddy.settings.places import Home, ensure, home_from, own_folder
from packetbuddy.settings.pointers import PREVIOUS, TRIAL, current, number, pointed
from packetbuddy.storage.lock import Lock, held, owner

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
USAGE = f"usage: {SETUP} [--yes]\n  --yes  ask nothing: no data plan, and cloud sync where NEON_DB_URL is set"


class Setup(NamedTuple):
    """What one run of setup knows: the code's folder, the home, the person's own folder, whether to ask."""

    root: Path
    home: Home
    user_home: Path
    environment: Mapping[str, str]
    asks: bool


class Change(NamedTuple):
    """Which version served before, which one is current now, and whether what runs may be of another one."""

    before: str
    now: str
    changed: bool


def main(root: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Install the code below ``root``, start it, and return the exit code."""
    prepare_streams()
    if {"--help", "-h"} & set(arguments):
        print(USAGE)  # noqa: T201 - setup speaks
        return DONE
    if not {"--yes", "-y"} >= set(arguments):
        print(USAGE, file=sys.stderr)  # noqa: T201 - same
        return WRONG_USAGE
    try:
        set_up(_prepared(root, environment, asks=not arguments and is_interactive()))
    except PacketBuddyError as error:
        _complain(error)
        return FAILED
    except OSError as error:  # the disk is full, or nobody reads on
        _complain(InstallError(f"{error.filename or 'output'}: {error.strerror or error}", "run it again"))
        hush()
        return FAILED
    except KeyboardInterrupt:
        print("\nsetup: interrupted; nothing is half done, run it again", file=sys.stderr)  # noqa: T201 - same
        return INTERRUPTED
    return DONE


def set_up(setup: Setup) -> None:
    """Every step, one line each.

    Raises:
        PacketBuddyError: a step failed; what ran before runs on.
    """
    say("Python", f"{sys.version.split()[0]} ({sys.executable})")
    with _alone(setup.home) as lock:
        change = _install(setup, lock)
        new_ledger = not setup.home.ledger.exists()
        _settle(setup, change)
        _serve(setup, change)
        remove_others(setup.home, *_kept(setup.home, change))
    say("Ledger", f"{setup.home.ledger} ({'new' if new_ledger else 'kept'})")
    command = put_on_path(setup.home, setup.user_home, setup.environment)
    say("Command", *command.words)
    _show(setup, command.command)


def _prepared(root: Path, environment: Mapping[str, str], *, asks: bool) -> Setup:
    """Look at everything before anything is written, then make the home."""
    os.umask(0o077)
    check()
    user_home = own_folder(environment)
    home = home_from(environment, user_home)
    if warning := check_account(environment, user_home):
        say("Account", warning)
    ensure(home)
    own = {"HOME": str(user_home)} if os.name == "posix" else {}  # where it was empty, the tools would write to /
    return Setup(root, home, user_home, {**environment, **own, "PACKETBUDDY_HOME": str(home.root)}, asks)


@contextmanager
def _alone(home: Home) -> Generator[Lock, None, None]:
    """Nobody else sets this home up meanwhile."""
    lock = Lock(home.root / "setup.lock")
    try:
        lock.acquire()
    except LockHeldError as error:
        raise InstallError(f"another setup or update is at work in {home.root}", "wait until it is done") from error
    except OSError as error:
        raise HomeError(f"cannot write {lock.path}: {error.strerror or error}") from error
    try:
        yield lock
    finally:
        lock.release()


def _install(setup: Setup, lock: Lock) -> Change:
    """Leave a whole version of this code and let the launcher start it."""
    home = setup.home
    home.versions.mkdir(mode=0o700, exist_ok=True)
    log = home.root / "setup.log"
    log.unlink(missing_ok=True)  # whatever it is: a link is not followed, a named pipe not waited for
    log.touch(mode=0o600, exist_ok=False)
    name = name_for(home, version_name(setup.root))
    if is_whole(home.versions / name):
        say("Version", f"Already installed: {name}")
    else:
        say("Version", f"{name}: installing (a minute at most) ...")
        make(home.versions / name, Making(setup.root, setup.environment, log, lock.lent()))
        say("", "installed")
    write_origin(home.versions / name, observed(setup.root))
    write_launcher(home)
    change = change_to(home, name)
    if number(change.before) not in {"", number(name)}:  # a clone may well be older than what updates have brought
        say("", f"{number(change.before)} was installed until now")
    return change


def change_to(home: Home, name: str) -> Change:
    """Let the launcher start it, and remember what served before: if we are killed, and for whoever goes back."""
    unfinished = unfinished_from(home)
    before = unfinished or current(home)
    change = Change(before, name, bool(unfinished or pointed(home, TRIAL)) or before != name)
    if change.changed:
        begin_change(home, before)
    if before not in {"", name} and is_whole(home.versions / before):
        point(home, PREVIOUS, before)
    make_current(home, name)
    return change


def _settle(setup: Setup, change: Change) -> None:
    """The settings and the questions, by the version that was just installed."""
    python = str(python_of(setup.home.versions / change.now))
    ask = ["--ask"] if setup.asks else []
    code = run_shown([python, "-I", "-m", "packetbuddy.installing", str(setup.home.root), *ask], setup.environment)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code:
        raise InstallError("the settings could not be made (see above)")


def _serve(setup: Setup, change: Change) -> None:
    """Register and start the service; where the new version does not count, the one before is started again."""
    home = setup.home
    if _serves(setup, changed=change.changed):
        end_change(home)
        return
    more = f"more: {quote(str(home.launcher))} service logs"
    if change.before in {"", change.now} or not is_whole(home.versions / change.before):
        raise InstallError("PacketBuddy is installed, but does not count yet (see above)", more)
    make_current(home, change.before)
    _pb(setup, "restart")
    end_change(home)
    raise InstallError(f"{change.now} does not count (see above); back to {change.before}", more)


def _serves(setup: Setup, *, changed: bool) -> bool:
    """A monitor that lived through the registration is of the version before where that changed."""
    before, held_back = _monitor(setup.home), list[str]()

    def tell(line: str) -> None:
        if held_back or line.startswith("Started:"):
            held_back.append(line)  # who counts in the end is not known yet
        else:
            _say(line)

    served = _pb(setup, "install", "--yes", tell=tell)
    if served and changed and before and _monitor(setup.home) == before:
        served = _pb(setup, "restart", tell=lambda _: None)
        now = _monitor(setup.home)
        held_back = [line.replace(f"process {before}", f"process {now}") for line in held_back]
    for line in held_back if served else ():
        _say(line)
    return served


def _monitor(home: Home) -> int | None:
    return owner(home.lock) if held(home.lock) else None


def _say(line: str) -> None:
    """Of the dashboard is told when it answers."""
    if not line.startswith("Dashboard:"):
        print(line, flush=True)  # noqa: T201 - setup speaks


def _pb(setup: Setup, *words: str, tell: Callable[[str], None] = _say) -> bool:
    """Whether ``pb service`` did it; it tells its steps itself."""
    return run_told([str(setup.home.launcher), "service", *words], setup.environment, tell) == 0


def _kept(home: Home, change: Change) -> set[str]:
    """What runs, and what one can go back to."""
    names = {change.before, change.now, pointed(home, PREVIOUS)} - {""}
    return {name for name in names if is_whole(home.versions / name)}


def _show(setup: Setup, command: str) -> None:
    """The dashboard's address once it answers, and what to look at."""
    answer = listen([setup.home.launcher, "dashboard", "--print"], setup.environment)
    if answer.code == 0:
        say("Dashboard", *answer.text.removeprefix("The dashboard is at ").splitlines())
    else:
        say("Dashboard", f"not to be had yet; `{command} dashboard` says why")
    say("Look", f"{command} today; {command} service status")


def _complain(error: PacketBuddyError) -> None:
    print(f"setup: {error}", file=sys.stderr)  # noqa: T201 - setup speaks
    if error.hint:
        print(f"       {error.hint}", file=sys.stderr)  # noqa: T201 - same
