"""Setup from wherever a person put it, and what becomes of an installation when the world around it changes."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.newcomers import Newcomer, arriving, copy_code
from machine.netns import requires_netns, wait_until

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]


def _unpacked(folder: Path, name: str) -> Path:
    """An archive as a browser saves and unpacks it: no history, nothing executable."""
    copy_code(folder / "code")
    archive = shutil.make_archive(str(folder / "code"), "zip", folder / "code")
    shutil.rmtree(folder / "code")
    shutil.unpack_archive(archive, folder / name)
    return folder / name


def test_an_archive_that_moves_and_goes(newcomer: Newcomer, version: Path, tmp_path: Path) -> None:
    """From an unpacked ZIP; it moves, is deleted; the interpreter and files go: all is well, or it says how to be."""
    wire, versions = newcomer.wire, newcomer.home / ".packetbuddy/versions"
    person = newcomer._replace(clone=_unpacked(tmp_path, "packetbuddy-main (1) & Söhne"))
    person.has(version)
    assert "http://127.0.0.1:7373/dashboard" in person.setup()
    assert "<title>" in person.page("/dashboard")
    assert '"status":"ok"' in person.page("/api/health")
    expected = (wire.upload(20), wire.download(30))

    person = person._replace(clone=person.clone.rename(tmp_path / "moved"))
    assert "Already installed" in person.setup()
    shutil.rmtree(person.clone)
    assert person.today() == expected
    assert person.counts_once()

    first = (versions / "current").readlink()
    for link in (versions / first / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/usr/bin/python3.0")
    shutil.rmtree(versions / first / "lib")
    told = person.run(str(person.launcher), "today", code=127)
    assert "Python that PacketBuddy was installed with is gone" in told
    assert "bash service/linux/setup.sh" in told
    expected = (expected[0] + wire.upload(5), expected[1])

    person = person._replace(clone=_unpacked(tmp_path, "again"))
    person.setup()
    assert person.today() == expected
    assert person.counts_once()
    assert not (versions / first).exists()


UID = 47_373


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other accounts may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="pb-account-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_fresh_account_without_root(place: Path, wheels: Path) -> None:
    """An account that is nobody else's, a clone it may not write: it counts, with the database of NEON_DB_URL."""
    wheels = shutil.copytree(wheels, place / "wheels")
    wheels.chmod(0o755)
    # The tests' own Python may lie in root's folder: this account finds it, and the library it is linked to, elsewhere.
    bind = 'mount --bind "$0" /mnt && exec setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"'
    become = ("bash", "-c", bind, sys.base_prefix, str(UID))
    secret = "postgresql://me:sesame@127.0.0.1:1/db"  # noqa: S105 - nobody's
    extra = {"NEON_DB_URL": secret, "LD_LIBRARY_PATH": "/mnt/lib"}
    with arriving(place, wheels, become=become, python=Path("/mnt"), extra=extra) as person:
        os.chown(person.home, UID, UID)
        said = person.setup()
        assert "NEON_DB_URL is copied into config.toml" in said
        assert "nobody listens at 127.0.0.1; the URL is kept for later" in said
        assert "sesame" not in said
        expected = (person.wire.upload(10), person.wire.download(10))
        wait_until(lambda: person.today() == expected)
        assert person.counts_once()
        assert {path.stat().st_uid for path in (person.home / ".packetbuddy").iterdir()} == {UID}
        assert '"status":"ok"' in person.page("/api/health")
