"""Recognising file systems on which SQLite's locks and shared memory cannot be trusted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre", "davfs", "beegfs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs", "fuse.davfs2", "fuse.gvfsd-fuse"}
)
_SHARED = frozenset({"vboxsf", "vmhgfs", "fuse.vmhgfs-fuse", "prl_fs"})


def foreign_mount(path: Path) -> str:
    r"""What kind of unsafe mount a path lies on, in words; empty where it is local or cannot be told.

    Linux reads ``/proc/self/mountinfo``; Windows knows ``\\server\share`` by its shape; macOS is not looked at.
    """
    if sys.platform == "win32":
        return "network share" if str(path).startswith("\\\\") else ""
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return unsafe_kind(os.path.realpath(path), table)


def unsafe_kind(path: str, mountinfo: str) -> str:
    """Look an absolute path up in the text of ``mountinfo`` (proc_pid_mountinfo(5)); the last deepest mount wins."""
    best, found = "", ""
    for line in mountinfo.splitlines():
        point, kind, options = _fields(line)
        if point and len(point) >= len(best) and (path + "/").startswith(point.rstrip("/") + "/"):
            best, found = point, _kind(kind, options)
    return found


def _fields(line: str) -> tuple[str, str, str]:
    before, _, after = line.partition(" - ")
    head, tail = before.split(" "), after.split(" ")
    if len(head) < 5 or len(tail) < 3:
        return "", "", ""
    point = head[4]
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, char)
    return point, tail[0], tail[2]


def _kind(kind: str, options: str) -> str:
    if kind == "drvfs" or (kind == "9p" and "drvfs" in options):
        return "Windows drive mounted into WSL (drvfs)"
    if kind in _NETWORK:
        return f"network file system ({kind})"
    return f"folder shared by the virtual machine's host ({kind})" if kind in _SHARED else ""
