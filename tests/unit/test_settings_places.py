"""The home: where it is, who may read it, and why one is refused."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from packetbuddy.errors import HomeError
from packetbuddy.settings.mounts import unsafe_kind
from packetbuddy.settings.places import Home, ensure, home_from, own_folder

ENSURE = (
    "import sys; from pathlib import Path; from packetbuddy.settings.places import *; ensure(Home(Path(sys.argv[1])))"
)
MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /mnt/nas rw - nfs4 nas:/share rw,vers=4.2
41 22 0:36 / /mnt/c rw - 9p C:\\134 rw,aname=drvfs;path=C:\\134
42 40 0:37 / /mnt/nas/local rw - ext4 /dev/sdb1 rw
43 22 0:38 / /media/my\\040share rw - cifs //nas/x rw
44 22 0:39 / /shared rw master:1 - vboxsf x rw
45 22 0:40 / /p9 rw - 9p hostshare rw,trans=virtio
46 22 0:41 / /over rw - nfs nas:/a rw
47 46 0:42 / /over rw - tmpfs tmpfs rw
short line
"""


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_home_is_the_users_folder_unless_told_otherwise(tmp_path: Path) -> None:
    """PACKETBUDDY_HOME wins; blank counts as not set; ``~`` is the user's folder; relative paths become absolute."""
    assert home_from({}, tmp_path).root == tmp_path / ".packetbuddy"
    assert home_from({"PACKETBUDDY_HOME": " "}, tmp_path).root == tmp_path / ".packetbuddy"
    assert home_from({"PACKETBUDDY_HOME": "/srv/pb"}, tmp_path).root == Path("/srv/pb")
    assert home_from({"PACKETBUDDY_HOME": "~"}, tmp_path).root == tmp_path
    assert home_from({"PACKETBUDDY_HOME": "~/pb"}, tmp_path).root == tmp_path / "pb"
    assert home_from({"PACKETBUDDY_HOME": "pb"}, tmp_path).root == Path.cwd() / "pb"
    assert home_from({}, Path("you")).root == Path.cwd() / "you/.packetbuddy"


@pytest.mark.skipif(os.name != "posix", reason="HOME is POSIX's")
def test_an_empty_home_variable_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not set, empty or no full path: what the account says, never ``/``; where nobody knows one, that is told."""
    import pwd  # noqa: PLC0415 - exists on POSIX only

    account = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    assert own_folder({"HOME": "/home/me"}) == Path("/home/me")
    for environment in ({}, {"HOME": ""}, {"HOME": "me"}, {"HOME": "~"}):
        assert own_folder(environment) == account
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    with pytest.raises(HomeError, match="no home folder is known"):
        own_folder({"HOME": ""})


def test_every_place_lies_in_the_home_and_naming_it_makes_nothing(tmp_path: Path) -> None:
    """All places are distinct paths below the root, and none exists by being asked for."""
    home = Home(tmp_path / "home")
    names = [name for name in vars(Home) if isinstance(vars(Home)[name], property)]
    places = [getattr(home, name) for name in names]
    assert len(set(places)) == len(places) >= 13
    assert all(place.is_relative_to(home.root) for place in places)
    assert not home.root.exists()


def test_new_home_is_private(tmp_path: Path) -> None:
    """Missing folders are made, the home itself for its owner only, whatever the umask; twice is as good as once."""
    home = Home(tmp_path / "a" / "b")
    before = os.umask(0)
    try:
        ensure(home)
        ensure(home)
    finally:
        os.umask(before)
    assert mode_of(home.root) == 0o700


def test_existing_home_is_closed_to_others(tmp_path: Path) -> None:
    """A home that was open (of 1.x, or copied) and its files lose everybody else's rights; the owner's stay."""
    home = Home(tmp_path / "home")
    home.root.mkdir(mode=0o755)
    for path in (home.config, home.ledger, home.device_id, home.root / "packetbuddy.db-wal"):
        path.touch(mode=0o644)
    (home.root / "notes.txt").touch(mode=0o644)
    ensure(home)
    assert mode_of(home.root) == 0o700
    assert {mode_of(path) for path in (home.config, home.ledger, home.root / "packetbuddy.db-wal")} == {0o600}
    assert mode_of(home.root / "notes.txt") == 0o644


def test_what_comes_and_goes_beside_a_database_is_no_trouble(tmp_path: Path) -> None:
    """A 1.x that still runs makes and removes its journal all the time."""
    home = Home(tmp_path / "home")
    ensure(home)
    home.ledger.touch()
    journal, done = home.root / "packetbuddy.db-journal", threading.Event()

    def write() -> None:
        while not done.is_set():
            journal.touch(mode=0o644)
            journal.unlink()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(1000):
            ensure(home)
    finally:
        done.set()
        writing.join()


def test_link_in_the_home_is_left_alone(tmp_path: Path) -> None:
    """A config.toml that links into a folder of dotfiles does not change that file's mode."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (tmp_path / "dotfile").touch(mode=0o644)
    home.config.symlink_to(tmp_path / "dotfile")
    ensure(home)
    assert mode_of(tmp_path / "dotfile") == 0o644


def test_folder_of_other_things_keeps_its_mode(tmp_path: Path) -> None:
    """A home pointed at a folder in use, or at a shared one with the sticky bit, is not closed to its other users."""
    used, shared = tmp_path / "used", tmp_path / "shared"
    used.mkdir()
    (used / "thesis.tex").touch()
    shared.mkdir()
    for folder, mode in ((used, 0o755), (shared, 0o1777)):
        folder.chmod(mode)
        ensure(Home(folder))
        assert mode_of(folder) == mode


@pytest.mark.parametrize("below", ["", "/deeper"])
def test_file_in_place_of_the_home_is_told(tmp_path: Path, below: str) -> None:
    """A file where the home or a folder above it should be is refused in words."""
    (tmp_path / "file").touch()
    with pytest.raises(HomeError, match="is not a folder") as refused:
        ensure(Home(Path(f"{tmp_path}/file{below}")))
    assert "PACKETBUDDY_HOME" in refused.value.hint


def test_impossible_name_is_told(tmp_path: Path) -> None:
    """Any other complaint of the system is passed on in one line."""
    with pytest.raises(HomeError, match="cannot be used: File name too long"):
        ensure(Home(tmp_path / ("x" * 300)))


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[0m", "\udcfc", "\u2028"])
def test_a_name_that_no_line_can_hold_is_told(tmp_path: Path, name: str) -> None:
    """A home that no service file, launcher or log could name is refused before anything is in it."""
    with pytest.raises(HomeError, match="cannot be written into a text file"):
        ensure(Home(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", ["home", "home/deeper"])
def test_home_of_another_user_is_told(name: str) -> None:
    """Without permission to make or write the home, the message says so."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "home").mkdir(mode=0o755)
        other = ["setpriv", "--reuid=65534", "--clear-groups"]
        command = [*other, sys.executable, "-c", ENSURE, f"{folder}/{name}"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"HomeError: {folder}/{name} cannot be " in run.stderr
    assert ": permission denied." in run.stderr


@pytest.mark.parametrize("name", ["home", "home/deeper"])
def test_read_only_home_is_told(tmp_path: Path, name: str) -> None:
    """On a read-only file system the message says read-only, not permission (in a mount namespace of its own)."""
    script = (
        f"mount -t tmpfs none {tmp_path} && mkdir -m 700 {tmp_path}/home && mount -o remount,ro {tmp_path} &&"
        f" exec {sys.executable} -c '{ENSURE}' {tmp_path}/{name}"
    )
    run = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert f"HomeError: {tmp_path}/{name} is on a read-only file system." in run.stderr


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/home/you/.packetbuddy", ""),
        ("/mnt/nas/you", "network file system (nfs4)"),
        ("/mnt/nas", "network file system (nfs4)"),
        ("/mnt/nasty", ""),
        ("/mnt/nas/local/you", ""),
        ("/mnt/c/Users/you", "Windows drive mounted into WSL (drvfs)"),
        ("/media/my share/x", "network file system (cifs)"),
        ("/shared/x", "folder shared by the virtual machine's host (vboxsf)"),
        ("/p9/x", ""),
        ("/over/x", ""),
    ],
)
def test_unsafe_mount_is_recognised(path: str, words: str) -> None:
    """The deepest and last mount over a path decides; names with spaces and lookalikes are told apart."""
    assert unsafe_kind(path, MOUNTS) == words


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may write everywhere")
def test_a_home_that_another_user_owns_is_refused(tmp_path: Path) -> None:
    """Root does not count into a folder whose owner could put links in the place of its files."""
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(HomeError, match="belongs to another user"):
        ensure(Home(tmp_path))
