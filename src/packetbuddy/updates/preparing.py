"""A release becomes a version in a place of its own; what runs is not touched."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import InstallError, UpdateError
from packetbuddy.installing.making import Making, make, make_of
from packetbuddy.installing.naming import version_name
from packetbuddy.installing.origin import Origin, write_origin
from packetbuddy.installing.versions import free_name, make_current, name_for
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import current
from packetbuddy.updates import git, signing
from packetbuddy.updates.index import Index, pinned
from packetbuddy.updates.running import is_ours
from packetbuddy.updates.state import work_folder

NEEDED_BYTES = 200_000_000
"""An environment and what pip needs to make it."""


class Workshop(NamedTuple):
    """Where versions are made. ``holding`` is the lock's descriptor; ``anew``: also what is there already."""

    home: Home
    environment: Mapping[str, str]
    holding: tuple[int, ...] = ()
    anew: bool = False

    def name(self, base: str) -> str:
        """The name of the version to make, or of a whole one that needs no making."""
        self.home.versions.mkdir(mode=0o700, exist_ok=True)
        return free_name(self.home, base) if self.anew else name_for(self.home, base)

    def making(self, root: Path) -> Making:
        """What the installer needs to know; its log begins anew."""
        log = self.home.root / "update.log"
        log.write_bytes(b"")
        return Making(root, self.environment, log, self.holding)


def check_space(home: Home) -> None:
    """See that there is room for a version, and for a copy of the ledger with its log.

    Raises:
        UpdateError: there is not.
    """
    ledger = home.ledger.stat().st_size if home.ledger.exists() else 0
    needed, free = NEEDED_BYTES + 2 * ledger, shutil.disk_usage(home.root).free
    if free < needed:
        words = f"an update needs {needed // 1_000_000} MB, and {home.root} has {free // 1_000_000} MB left"
        raise UpdateError("no-space", words, "free some space")


class Release(NamedTuple):
    """A version, the object that its tag names, and who has to have signed that."""

    version: str
    thing: str
    signer: str | None = None


def from_repository(shop: Workshop, source: git.Repository, release: Release) -> str:
    """Make the version that a tag holds; returns its name.

    Raises:
        UpdateError, InstallError: it cannot be made; nothing is current that was not.
    """
    version, thing, signer = release
    tag, code = f"v{version}", work_folder(shop.home) / "code"
    if signer:
        signing.check(source, tag, thing, signer)
    commit = git.commit_of(source, thing)
    try:
        git.extract(source, thing, code)
        base = _base(code, tag)
        if base.rpartition("-")[0] != version:
            raise UpdateError("broken", f"the tag {tag} holds {base.rpartition('-')[0]}")
        name = shop.name(base)
        folder = shop.home.versions / name
        if not folder.exists():
            make(folder, shop.making(code))
        write_origin(folder, Origin("git", source.url, commit))
    finally:
        shutil.rmtree(code, ignore_errors=True)
    return name


def _base(code: Path, tag: str) -> str:
    try:
        return version_name(code)
    except InstallError as error:
        raise UpdateError("broken", f"the tag {tag} holds no PacketBuddy") from error


def from_index(shop: Workshop, index: Index, version: str) -> str:
    """Make the version that the index has; only files with the promised hashes are taken. Returns its name.

    Raises:
        UpdateError, InstallError: it cannot be made; nothing is current that was not.
    """
    lines = pinned(index, version)
    ours = next((line for line in lines if line.startswith(f"packetbuddy=={version} ")), "")
    if not ours:
        raise UpdateError("broken", f"the index offers {version} and gives another one")
    name = shop.name(f"{version}-{ours.rpartition(':')[2][:8]}")
    folder = shop.home.versions / name
    if not folder.exists():
        pins = index.folder / "pins.txt"
        pins.write_text("\n".join([*lines, ""]), "utf-8")
        make_of(folder, shop.making(folder), "--no-deps", "--require-hashes", "-r", str(pins))
    write_origin(folder, Origin("index"))
    return name


def adopt(home: Home, version: str) -> None:
    """See that what runs is what the launcher would go back to, also where it lies in somebody's own environment.

    Raises:
        InstallError: the home cannot be written.
    """
    running = Path(sys.prefix)
    if is_ours(home):
        if current(home) != running.name:
            make_current(home, running.name)
        return
    name = f"{version}-own"
    link = home.versions / name
    try:
        home.versions.mkdir(mode=0o700, exist_ok=True)
        if link.resolve() != running.resolve():
            link.unlink(missing_ok=True)
            _link(link, running)
    except OSError as error:
        raise InstallError(f"cannot write {link}: {error.strerror or error}") from error
    make_current(home, name)


def _link(link: Path, target: Path) -> None:
    if sys.platform == "win32":
        from _winapi import CreateJunction  # noqa: PLC0415 - Windows only; a link needs a privilege there

        CreateJunction(str(target), str(link))
    else:
        link.symlink_to(target)
