import os
import pathlib
import sys

import pytest

from packetbuddy.probes.filesystem import filesystem_of, mounted_type, refusal

MOUNTS = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:30 / /home rw master:1 propagate_from:2 - nfs4 server:/home rw
31 30 0:31 / /home/a\040b\134c rw - xfs /dev/sdb rw
32 27 0:32 / /mnt/c rw - 9p C:\134 rw
33 27 0:33 / /over rw - nfs server:/x rw
34 27 0:34 / /over rw - tmpfs none rw
broken line
35 27 0:35 / /broken rw no-separator ext4
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"/", "ext4"),
        (b"/homestead", "ext4"),
        (b"/home", "nfs4"),
        (b"/home/x/.packetbuddy", "nfs4"),
        (b"/home/a b\\c/deep", "xfs"),
        (b"/home/a b", "nfs4"),
        (b"/mnt/c/Users", "9p"),
        (b"/over/x", "tmpfs"),
        (b"/broken/x", "ext4"),
    ],
)
def test_the_innermost_mount_decides(path: bytes, kind: str) -> None:
    """Whole path components count, escapes are undone, a later mount hides an earlier one at the same place."""
    assert mounted_type(MOUNTS, path) == kind


def test_nothing_mounted_is_unknown() -> None:
    """Without a matching line the type is empty."""
    assert mounted_type(b"", b"/home") == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_the_real_machine(tmp_path: pathlib.Path) -> None:
    """/proc is proc; a path that does not exist yet lies where its parent lies; an unreadable table is unknown."""
    assert filesystem_of("/proc/self") == "proc"
    assert filesystem_of(str(tmp_path / "not" / "yet")) == filesystem_of(str(tmp_path)) != ""
    assert filesystem_of("/", "/nonexistent") == ""
    assert refusal(str(tmp_path)) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "drvfs", "fuse.sshfs", "afs", "ceph"])
def test_network_file_systems_are_refused_in_words(tmp_path: pathlib.Path, kind: str) -> None:
    """The words name the path and the type; links to such a place are followed."""
    place = tmp_path / "mounted"
    place.mkdir()
    (tmp_path / "link").symlink_to(place)
    table = tmp_path / "mountinfo"
    table.write_bytes(
        b"1 0 8:1 / / rw - ext4 /dev/sda rw\n" + b"2 1 0:9 / %s rw - %s x rw\n" % (os.fsencode(place), kind.encode())
    )
    words = refusal(str(tmp_path / "link" / "home"), str(table))
    assert words is not None
    assert str(tmp_path / "link" / "home") in words
    assert kind in words
    assert refusal(str(tmp_path), str(table)) is None


def test_other_systems_refuse_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without mountinfo there is nothing to say."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert refusal("/anything") is None
