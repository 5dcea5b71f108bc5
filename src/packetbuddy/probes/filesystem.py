"""Which file system a folder lies on, and whether a ledger may live there.

SQLite's write-ahead log needs shared memory and locks that network file systems do not give (sqlite.org/wal.html).
"""

import os
import re
import sys

from packetbuddy.probes.linux_files import read_whole

# fmt: off
_NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "afs", "auristorfs", "ceph", "coda", "lustre",
    "beegfs", "orangefs", "pvfs2", "gpfs", "ncpfs", "gfs2", "ocfs2", "vboxsf", "prl_fs", "davfs", "glusterfs",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.ceph",
    "fuse.ceph-fuse", "fuse.davfs", "fuse.curlftpfs", "fuse.juicefs", "fuse.mfsmount", "fuse.seaweedfs",
    "fuse.smbnetfs", "fuse.vmhgfs-fuse",
))
# fmt: on
_OCTAL = re.compile(rb"\\([0-7]{3})")


def filesystem_of(path: str, mountinfo: str = "/proc/self/mountinfo") -> str:
    """The type of the file system that a path, or its nearest existing parent, lies on; empty where unknown."""
    told = read_whole(mountinfo)
    return "" if told is None else mounted_type(told, os.fsencode(os.path.realpath(path)))


def refusal(path: str, mountinfo: str = "/proc/self/mountinfo") -> str | None:
    """Words for a person why a ledger must not live at the path; ``None`` where it may, and on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    kind = filesystem_of(path, mountinfo)
    if kind not in _NETWORK:
        return None
    return f"{path} is on a network or shared file system ({kind}), where the ledger could be damaged"


def mounted_type(mountinfo: bytes, path: bytes) -> str:
    """The type of the innermost mount above an absolute path, from the text of proc_pid_mountinfo(5)."""
    longest, kind = -1, ""
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ")
        if not separator or len(fields) < 5:
            continue
        point = _OCTAL.sub(_byte, fields[4]).rstrip(b"/")
        # A later line hides an earlier one at the same place.
        if len(point) >= longest and (path == point or path.startswith(point + b"/")):
            longest, kind = len(point), after.split(b" ")[0].decode("ascii", "replace")
    return kind


def _byte(escaped: re.Match[bytes]) -> bytes:
    return bytes((int(escaped[1], 8) & 0xFF,))
