"""A copy that pip installed into a person's own environment follows the package index that it came from."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from acceptance.newcomers import ROOT, Newcomer
from acceptance.releases import CONFIG, HASTE, Person, author
from machine.monitor import Chatter, moved
from machine.netns import Lab, requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]
PATIENCE = 240.0


class Index(NamedTuple):
    """A package index as a folder: a page a project, a link with a hash a file."""

    folder: Path
    code: Path

    def publish(self, version: str, digest: str = "") -> None:
        """Build a release of this code and put it there, with the hash that it has or with another one."""
        module = self.code / "src/packetbuddy/__init__.py"
        module.write_text(re.sub(r'(?<=__version__ = ")[^"]+', version, module.read_text()))
        target = self.folder / "files"
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
        subprocess.run(command, cwd=self.code, check=True, capture_output=True)
        self.link(target / f"packetbuddy-{version}-py3-none-any.whl", digest)

    def link(self, file: Path, digest: str = "") -> None:
        """List a file with the hash that it has, or with another one."""
        project = re.sub(r"[-_.]+", "-", file.name.split("-")[0]).lower()
        page = self.folder / "simple" / project / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        digest = digest or hashlib.sha256(file.read_bytes()).hexdigest()
        with page.open("a") as lines:
            lines.write(f'<a href="{file.as_uri()}#sha256={digest}">{file.name}</a><br>\n')


def index(folder: Path, wheels: Path) -> Index:
    """An index with everything that PacketBuddy needs, and its first release."""
    made = Index(folder / "index", folder / "code")
    made.code.mkdir()
    shutil.copytree(ROOT / "src", made.code / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, made.code / name)
    for wheel in wheels.glob("*.whl"):
        made.link(wheel)
    made.publish("2.0.0")
    return made


@contextmanager
def installed(folder: Path, source: Index) -> Iterator[tuple[Person, Path]]:
    """A person who did ``pip install packetbuddy`` in an environment; yields it and its ``pb``."""
    home = folder / "home"
    (home / ".packetbuddy").mkdir(parents=True, mode=0o700)
    (home / ".packetbuddy/config.toml").write_text(CONFIG)
    address = (source.folder / "simple").as_uri()
    extra = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": address, "PACKETBUDDY_TEST_HASTE": HASTE}
    with Lab("index") as lab:
        wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        newcomer = Newcomer(wire, home, folder, folder, extra=extra)
        newcomer.run("python3", "-m", "venv", str(home / "own"))
        newcomer.run(str(home / "own/bin/pip"), "install", "-q", "--disable-pip-version-check", "packetbuddy")
        pb = home / "own/bin/pb"
        try:
            yield Person(newcomer, author(folder / "nobody")), pb
        finally:
            newcomer.run(str(pb), "service", "stop")
            assert newcomer.monitors() == []


def test_a_pip_installation_follows_its_index_and_goes_back(tmp_path: Path, wheels: Path) -> None:
    """Done-when 2: it follows by itself, its files are untouched, a file with another hash is refused, and back."""
    source = index(tmp_path, wheels)
    with installed(tmp_path, source) as (person, pb):
        newcomer, own = person.newcomer, pb.parent.parent
        before = files(own)
        newcomer.run(str(pb), "service", "start")
        with Chatter(newcomer.wire) as chatter:
            chatter.going()
            source.publish("2.1.0")
            wait_until(lambda: person.came_to("2.1.0", "confirmed"), PATIENCE)
            chatter.going()
            assert newcomer.run(str(pb), "--version") == "PacketBuddy 2.1.0\n"
            assert files(own) == before
            source.publish("2.2.0", hashlib.sha256(b"something else").hexdigest())
            wait_until(lambda: person.updating().word == "wrong-hash", PATIENCE)
            newcomer.run(str(pb), "update", "--rollback")
            assert newcomer.run(str(pb), "--version") == "PacketBuddy 2.0.0\n"
        expected = moved(newcomer.wire.host.settle(newcomer.wire.near))
        assert newcomer.counts_once(), person.story()
        wait_until(lambda: newcomer.stored() == (expected.tx, expected.rx))
        assert "rolled_back" in (person.home / "update.json").read_text()


def files(folder: Path) -> dict[str, int]:
    """Each file of an environment that pip wrote, and when."""
    return {
        str(path): os.stat(path).st_mtime_ns  # noqa: PTH116 - links are followed
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }
