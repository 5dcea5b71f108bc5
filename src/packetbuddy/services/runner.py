"""The one place from which service adapters run commands, so that tests can put their own in its place."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Runner(Protocol):
    """Runs commands for a service adapter."""

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], stdin: int, log: Path) -> int:
        """Starts a program that outlives us, in a session of its own; answers its pid. Raises OSError.

        ``stdin`` is handed over as it is; both outputs are appended to ``log``.
        """
        ...


class SystemRunner:
    """The real thing."""

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
