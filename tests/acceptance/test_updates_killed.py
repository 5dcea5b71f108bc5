"""An updater that is killed leaves a whole version behind, old or new, and the ledger as it was."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from acceptance.releases import CONFIG, Person, following
from machine.monitor import moved
from machine.netns import requires_netns, wait_until
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL, pointed
from packetbuddy.storage.lock import held
from packetbuddy.updates.state import change

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]
QUIET = f"{CONFIG}[auto_update]\nenabled = false\n"


@pytest.mark.parametrize(
    ("made", "ready"),
    [
        pytest.param(3, 7, marks=pytest.mark.timeout(900)),
        pytest.param(15, 35, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_whenever_it_is_killed_the_next_start_runs_a_whole_version(
    tmp_path: Path, wheels: Path, made: int, ready: int
) -> None:
    """Done-when 3: ``kill -9`` of the updater, alone or with all its children, at random points of an update.

    To make a version is most of the time; so most updates find one that is made, and are killed in all that follows.
    """
    with following(tmp_path, wheels, QUIET) as person:
        person.newcomer.setup()
        person.source.release("2.1.0")
        longest = {word: _whole_update(person, word) for word in ("--force", "--json")}
        chance = random.Random(made)  # noqa: S311 - points in time
        for number, word in enumerate(["--force"] * made + ["--json"] * ready):
            _back(person)
            _killed(person, word, chance.uniform(0, longest[word]), whole_group=number % 4 != 0)
            _counts(person)
        _whole_update(person, "--json")
        _counts(person)


def _back(person: Person) -> None:
    """2.0.0 is there, and nobody remembers to have gone back from anything."""
    home = Home(person.home)
    if pointed(home, TRIAL) or person.current() != "2.0.0":
        person.newcomer.run(str(person.newcomer.launcher), "update", "--rollback")
    change(home, lambda now: now._replace(lost={}))


def _whole_update(person: Person, word: str) -> float:
    """Seconds that one takes when nobody disturbs it."""
    _back(person)
    began = time.monotonic()
    person.newcomer.run(str(person.newcomer.launcher), "update", word)
    return time.monotonic() - began


def _killed(person: Person, word: str, after: float, *, whole_group: bool) -> None:
    """An update that is ended in the middle; who still writes for it is waited for."""
    newcomer = person.newcomer
    process = subprocess.Popen(
        newcomer.command(str(newcomer.launcher), "update", word),
        env=newcomer.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(after)
    with suppress(ProcessLookupError):
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not held(person.home / "setup.lock"), 120)


def _counts(person: Person) -> None:
    """The next start counts, once, and every byte so far."""
    newcomer, wire = person.newcomer, person.newcomer.wire
    newcomer.run(str(newcomer.launcher), "service", "restart")
    wire.download(5)
    wire.upload(3)
    assert newcomer.counts_once(), person.story()
    expected = moved(wire.host.counters(wire.near))
    assert newcomer.today() == (expected.tx, expected.rx), person.story()
