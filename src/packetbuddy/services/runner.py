"""The one place from which service adapters run commands, so that tests can put their own in its place."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

TIMED_OUT = -1
NOT_FOUND = 127
"""As a shell says it."""


class Completed(NamedTuple):
    """A command that ran to its end: exit code, what it printed, what it complained about."""

    code: int
    out: str
    err: str


class Runner(Protocol):
    """Runs commands for a service adapter."""

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], stdin: int, log: Path) -> int:
        """Starts a program that outlives us, in a session of its own; answers its pid. Raises OSError.

        ``stdin`` is handed over as it is; both outputs are appended to ``log``.
        """
        ...

    def run(self, command: Sequence[str], *, environment: Mapping[str, str], seconds: float) -> Completed:
        """Runs a tool to its end. Never raises: a tool that is not there is 127, one that takes too long is -1."""
        ...


class SystemRunner:
    """The real thing. ``holding`` are descriptors that what it runs keeps open, such as that of a lock."""

    def __init__(self, holding: tuple[int, ...] = ()) -> None:
        self._holding = holding

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], stdin: int, log: Path) -> int:
        """See :class:`Runner`."""
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - the adapter builds the command itself; no shell reads it
                command,
                env=dict(environment),
                stdin=stdin,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
            )
        # It is meant to outlive us; without this Popen would warn that it was never waited for.
        process.returncode = 0
        return process.pid

    def run(self, command: Sequence[str], *, environment: Mapping[str, str], seconds: float) -> Completed:
        """See :class:`Runner`."""
        try:
            done = subprocess.run(  # noqa: S603 - the adapter builds the command itself; no shell reads it
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
                pass_fds=self._holding,
            )
        except subprocess.TimeoutExpired:
            return Completed(TIMED_OUT, "", f"no answer within {seconds:g} s")
        except OSError as error:
            return Completed(NOT_FOUND, "", error.strerror or str(error))
        return Completed(done.returncode, done.stdout, done.stderr)
