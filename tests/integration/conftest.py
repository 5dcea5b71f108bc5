"""One PostgreSQL for all tests of a worker, started when the first one asks for it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.postgres import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server; its data is in memory where the system has a place for that."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there
    place = str(memory) if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder, serving(Path(folder)) as running:
        yield running
