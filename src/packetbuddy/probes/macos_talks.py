"""Conversations of macOS by its own ``nettop``, which tells of each process what it moved so far.

Options as in its manual page: ``-P`` a line a process, ``-n`` no names of hosts, ``-x`` plain numbers, ``-t external``
everything but loopback, ``-L 1`` one sample as comma separated values, ``-J`` these columns. A sample takes some
hundredths of a second; a stream of them would be held back, for nettop buffers what goes into a pipe.
"""

import re
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping

from packetbuddy.errors import ProbeError
from packetbuddy.probes.talks import Program, Talk, Talks

COMMAND = ("/usr/bin/nettop", "-P", "-n", "-x", "-t", "external", "-L", "1", "-J", "bytes_in,bytes_out")
PATIENCE_SECONDS = 10
_ROW = re.compile("(.+)[.]([0-9]+),([0-9]+),([0-9]+),?")


def _run() -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command of the system
            COMMAND, capture_output=True, timeout=PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProbeError(f"nettop did not answer: {error}") from error
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProbeError(f"nettop did not answer: {why[0] if why else f'exit code {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")


class MacTalks:
    """A process is one conversation here: nettop has added up its connections."""

    kinds = "TCP and UDP"
    everybody = True

    def __init__(self, run: Callable[[], str] = _run) -> None:
        """``run`` takes a sample."""
        self._run = run
        self._programs: dict[int, Program] = {}

    def look(self) -> Talks:
        """One sample.

        Raises:
            ProbeError: nettop is not there, or says something else than its manual.
        """
        rows = list(parsed(self._run()))
        self._programs = {program.pid: program for program, _ in rows}
        return Talks(tuple(talk for _, talk in rows))

    def programs(self, handles: Collection[int]) -> Mapping[int, tuple[Program, ...]]:
        """As the last sample named them."""
        return {pid: (self._programs[pid],) for pid in handles if pid in self._programs}

    def changed(self, held: Mapping[int, Collection[Program]]) -> set[int]:
        """A process runs another program by now."""
        return {pid for pid, programs in held.items() if tuple(programs) != (self._programs.get(pid),)}

    def close(self) -> None:
        """Nothing is held."""


def parsed(sample: str) -> Iterator[tuple[Program, Talk]]:
    """The processes of one sample: lines of ``name.pid,bytes_in,bytes_out,`` under a line of titles.

    Raises:
        ProbeError: the titles are others.
    """
    titles, *lines = sample.splitlines() or [""]
    columns = titles.rstrip(",").split(",")
    if columns[-2:] != ["bytes_in", "bytes_out"] or len(columns) < 3:
        raise ProbeError(f"nettop tells something else than was asked for: {titles[:60]!r}")
    for line in lines:
        found = _ROW.fullmatch(line.split(",", len(columns) - 3)[-1])
        if found is not None and "<->" not in found[1]:
            pid, received, sent = map(int, found.groups()[1:])
            yield Program(pid, 0, found[1]), Talk(pid, pid, sent=sent, received=received)
