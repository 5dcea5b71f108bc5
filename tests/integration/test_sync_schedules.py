"""Whatever happens in whatever order, in the end ledgers, rows and combined views are equal to the byte."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.postgres import Server
from integration.sync_schedules import Schedule

SCHEDULES, AT_ONCE = 500, 20
LENGTH = 4


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the system has one: hundreds of ledgers, each durable at every step."""
    place = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there
    folder = Path(tempfile.mkdtemp(dir=place)) if place.is_dir() else tmp_path
    yield folder
    shutil.rmtree(folder)


def play(seeds: range, length: int, server: Server, memory: Path) -> None:
    """One story after the other; a failure names its number."""
    database = "schedules"
    if not server.execute(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):  # noqa: S608 - our own name
        server.database(database)
    for seed in seeds:
        root = memory / str(seed)
        root.mkdir()
        try:
            Schedule(seed, root, server, database).play(length)
        except AssertionError as error:
            raise AssertionError(f"schedule {seed}: {error}") from error
        shutil.rmtree(root)


@pytest.mark.parametrize("first", range(0, SCHEDULES, AT_ONCE))
def test_in_the_end_everything_is_equal(first: int, server: Server, memory: Path) -> None:
    """Traffic, offline months, reboots, runs cut at any message or two at once, restored backups, copies, accounts."""
    play(range(first, first + AT_ONCE), LENGTH, server, memory)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_long_stories_end_equal_too(server: Server, memory: Path) -> None:
    """Two hundred schedules, four times as long."""
    play(range(10_000, 10_200), 4 * LENGTH, server, memory)
