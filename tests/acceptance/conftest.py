"""What whole processes meet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.browser import Browser, Seen
from acceptance.newcomers import Newcomer, arriving, fetch_wheels
from acceptance.story import Served
from integration.conftest import server

__all__ = ["newcomer", "server", "version", "wheels"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file of tests; Playwright keeps an event loop running that others would meet."""
    with Browser() as browser:
        yield browser


@pytest.fixture
def seen(browser: Browser, served: Served) -> Iterator[Seen]:
    """A fresh dashboard of what the file serves, which has nothing to complain of."""
    with browser.page(served.address) as seen:
        yield seen
        assert seen.complaints == []


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that setup would download: the namespaces have no way out."""
    return fetch_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def newcomer(tmp_path: Path, wheels: Path) -> Iterator[Newcomer]:
    with arriving(tmp_path, wheels) as person:
        yield person


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """A version that setup made, for tests of what comes after that: to make one takes half a minute."""
    with arriving(tmp_path_factory.mktemp("version"), wheels) as person:
        person.setup()
    versions = person.home / ".packetbuddy/versions"
    return versions / (versions / "current").readlink()
