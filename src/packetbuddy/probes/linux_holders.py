"""Which processes hold a socket, by /proc: those of this user, with root those of everybody."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from packetbuddy.probes.talks import Program

PROC = "/proc"
_BEGAN = 19
"""Where field 22 of /proc/PID/stat, the start time, is behind the name."""


class Holders:
    """Looks through the descriptors of all processes that can be seen."""

    def __init__(self, proc: str = PROC) -> None:
        """``proc`` is where the kernel tells of processes."""
        self._proc = proc

    def find(self, inodes: Collection[int]) -> Mapping[int, tuple[Program, ...]]:
        """The processes that hold each of these sockets, oldest first; several may hold one."""
        wanted = {_target(inode): inode for inode in inodes if inode}
        found: dict[int, list[Program]] = {}
        if wanted:
            for pid in self._processes():
                held = {wanted[target]: number for number, target in self._descriptors(pid) if target in wanted}
                if held and (program := self._program(pid)) is not None:
                    for inode, number in held.items():
                        found.setdefault(inode, []).append(program._replace(descriptor=number))
        return {inode: tuple(sorted(each, key=lambda one: one.began)) for inode, each in found.items()}

    def changed(self, held: Mapping[int, Collection[Program]]) -> set[int]:
        """The sockets that somebody let go of since, or whose holder ended or runs another program."""
        pids = {program.pid for programs in held.values() for program in programs}
        now = {pid: self._program(pid) for pid in pids}
        return {
            inode
            for inode, programs in held.items()
            if any(now[one.pid] != one._replace(descriptor=-1) or not self._holds(one, inode) for one in programs)
        }

    def _holds(self, program: Program, inode: int) -> bool:
        with suppress(OSError):
            return os.readlink(f"{self._proc}/{program.pid}/fd/{program.descriptor}") == _target(inode)  # noqa: PTH115 - same
        return False

    def _processes(self) -> Iterator[int]:
        with os.scandir(self._proc) as entries:
            yield from [int(entry.name) for entry in entries if entry.name.isdecimal()]

    def _descriptors(self, pid: int) -> Iterator[tuple[int, str]]:
        """Each, and where it leads; nothing of a process that ended or is not for us to see."""
        with suppress(OSError), os.scandir(f"{self._proc}/{pid}/fd") as entries:
            for entry in entries:
                with suppress(OSError):  # it was closed meanwhile
                    yield int(entry.name), os.readlink(entry.path)  # noqa: PTH115 - a Path for each would cost more than reading it

    def _program(self, pid: int) -> Program | None:
        """``None`` when it ended meanwhile."""
        try:
            told = Path(self._proc, str(pid), "stat").read_bytes()
        except OSError:
            return None
        name, _, rest = told.partition(b"(")[2].rpartition(b")")
        return Program(pid, int(rest.split()[_BEGAN]), name.decode("utf-8", "backslashreplace"))


def _target(inode: int) -> str:
    """Where a descriptor of the socket leads."""
    return f"socket:[{inode}]"
