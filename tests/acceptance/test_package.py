"""The published files: reproducible, complete, and enough wherever they are installed."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest

from acceptance.newcomers import ROOT
from acceptance.packages import Place, Published, build, publish, unpack
from machine.netns import requires_netns, wait_until
from packetbuddy import __version__
from unit.ports import free_port

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]
PACKAGE = ROOT / "src/packetbuddy"
SHARED = {
    "man/man1/pb.1",
    "bash-completion/completions/pb",
    "zsh/site-functions/_pb",
    "fish/vendor_completions.d/pb.fish",
}
"""What goes to where a system looks for it, beside ``bin``."""
QUICK = ("test_dashboard_service.py", "test_dashboard_exports.py", "test_faults_settings.py", "test_notify.py")
"""What the gate lets the wheel go through; ``scripts/test long`` all that needs no source tree."""
OF_A_CLONE = ("test_newcomer.py", "test_package.py", "*setup*", "*updates*", "test_docs*", "test_api_contract.py")
"""Setup, updates and documents need a clone; the last one's tool is not in the empty environment."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, wheels: Path, published: Published) -> Place:
    """An environment that pip made, with the wheel and what it asked for."""
    return Place(tmp_path_factory.mktemp("person"), wheels, "pip").install(published.wheel)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_the_same_code_makes_the_same_files(tmp_path: Path, published: Published) -> None:
    """Built anew elsewhere, from files of another age and mode: the same archive and wheel, to the bit.

    A wheel of the tree is the wheel of the archive.
    """
    code = unpack(published.archive, tmp_path / "code")
    for path in code.rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(path.stat().st_mode & 0o700)
    for target, before in zip(("sdist", "wheel"), published, strict=True):
        (tmp_path / target).mkdir()
        assert digest(build(code, target, tmp_path / target)) == digest(before)
    (tmp_path / "tree").mkdir()
    assert digest(build(published.archive.parent / "code", "wheel", tmp_path / "tree")) == digest(published.wheel)


def test_everything_is_inside(published: Published) -> None:
    """The wheel holds each file of the package, both licences and nothing else; the archive what a developer needs."""
    source = {str(path.relative_to(ROOT / "src")) for path in PACKAGE.rglob("*") if path.is_file()}
    source = {name for name in source if "__pycache__" not in name}
    with zipfile.ZipFile(published.wheel) as held:
        names = set(held.namelist())
        metadata = held.read(f"packetbuddy-{__version__}.dist-info/METADATA").decode()
    assert {name for name in names if name.startswith("packetbuddy/")} == source
    assert "packetbuddy/py.typed" in names
    assert {name.partition(".data/data/share/")[2] for name in names} - {""} == SHARED
    licences = [name for name in names if "/licenses/" in name]
    assert len(licences) == metadata.count("\nLicense-File: ") == 2
    assert "\nLicense-Expression: MIT\n" in metadata
    with tarfile.open(published.archive) as held_source:
        inside = {name.partition("/")[2] for name in held_source.getnames()}
    assert {"LICENSE", "README.md", "scripts/test", "service/linux/setup.sh", "tests/conftest.py"} <= inside
    assert {f"src/{name}" for name in source} <= inside
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")} <= inside


@pytest.mark.parametrize("tool", ["pip", "pipx", "uv"])
def test_an_installation_is_whole(tool: str, plain: Place, published: Published, tmp_path: Path) -> None:
    """By pip, pipx and uv alike: it counts, serves every file that its pages name, and writes the year as a page."""
    place = plain if tool == "pip" else Place(tmp_path, plain.wheels, tool).install(published.wheel)
    assert place.run(place.pb, "--version") == f"PacketBuddy {__version__}\n"
    with serving(place) as address:
        for page in ("/dashboard", "/api/docs"):
            assert files_of(address, page) != []
        assert place.run(place.pb, "export", "--format", "html", "--output", "-").startswith("<!doctype html>")


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """The service of an installation, counting; yields its address."""
    home, port = place.home / "packets", free_port()
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(f"[api]\nport = {port}\n")
    process = subprocess.Popen([place.pb, "serve"], env=place.environment(), cwd=place.home, stdout=subprocess.DEVNULL)
    try:
        wait_until((home / "packetbuddy.db").exists, 30)
        wait_until(lambda: says(place), 30)
        wait_until(lambda: listens(port), 30)  # it counts first
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(30) == 0 or os.name == "nt"  # where a program can only be ended


def says(place: Place) -> bool:
    done = subprocess.run([place.pb, "today"], env=place.environment(), capture_output=True, check=False)
    return done.returncode == 0


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def files_of(address: str, page: str) -> list[str]:
    """What a page loads; each of it is there."""
    names = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', fetched(address + page))
    assert [name for name in names if not fetched(urljoin(address + page, name))] == []
    return names


def fetched(address: str) -> str:
    with urlopen(address, timeout=20) as answer:  # noqa: S310 - our own address
        return str(answer.read().decode())


class Run(NamedTuple):
    """How the acceptance tests ended that ran on an installed wheel."""

    code: int
    told: str


INSIDE = """
import sys
sys.path.append(sys.argv[1])  # the tests' tools; what they start does not see them
import pytest
sys.exit(pytest.main(sys.argv[2:]))
"""


def on_the_wheel(folder: Path, python: Path, *arguments: str) -> Run:
    """The acceptance tests where nothing else of the project is: their processes have what the wheel asked for."""
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    tools = next(path for path in sys.path if path.endswith("site-packages"))
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "PYTHON"))}
    command: list[str | Path] = [
        python,
        "-c",
        INSIDE,
        tools,
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not long",
        *arguments,
    ]
    done = subprocess.run(command, cwd=folder, env=bare, capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout + done.stderr)


@pytest.mark.machine
@requires_netns
def test_the_wheel_passes_acceptance_tests(tmp_path: Path, plain: Place) -> None:
    """Installed in an empty environment, without the source tree: the quick ones, for the gate."""
    run = on_the_wheel(tmp_path, plain.bin / "python", *(f"tests/acceptance/{name}" for name in QUICK))
    assert run.code == 0, run.told


@pytest.mark.long
@pytest.mark.machine
@pytest.mark.timeout(3600)
@requires_netns
def test_the_wheel_passes_all_acceptance_tests(tmp_path: Path, plain: Place) -> None:
    """The same with all of them that are not about a clone."""
    ignored = [f"--ignore-glob=*/acceptance/{name}" for name in OF_A_CLONE]
    run = on_the_wheel(tmp_path, plain.bin / "python", *ignored, "tests/acceptance")
    assert run.code == 0, run.told
