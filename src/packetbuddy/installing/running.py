"""The one place from which the installer runs programs."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CANNOT_RUN = 127

Command = Sequence[str | Path]


class Said(NamedTuple):
    """A program that ran to its end: its exit code and what it wrote to stdout."""

    code: int
    text: str


def run_into(log: Path, command: Command, environment: Mapping[str, str], holding: tuple[int, ...] = ()) -> int:
    """The exit code of a program whose words all go to the end of the log; 127 where it cannot be started.

    ``holding`` are descriptors that it keeps open, such as that of a lock, also when we are killed.
    """
    with log.open("ab") as output:
        try:
            return subprocess.run(  # noqa: S603 - the installer builds the command itself; no shell reads it
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=holding,
                check=False,
            ).returncode
        except OSError as error:
            output.write(f"{command[0]}: {error.strerror or error}\n".encode())
            return CANNOT_RUN


def run_shown(command: Command, environment: Mapping[str, str]) -> int:
    """The exit code of a program that speaks and listens to the person itself; 127 where it cannot be started."""
    try:
        return subprocess.run(command, env=dict(environment), check=False).returncode  # noqa: S603 - as above
    except OSError:
        return CANNOT_RUN


def run_told(command: Command, environment: Mapping[str, str], tell: Callable[[str], None]) -> int:
    """The exit code of a program whose lines are told as they come; it complains to the person itself."""
    try:
        with subprocess.Popen(  # noqa: S603 - as above
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as process:
            for line in process.stdout or ():
                tell(line.decode("utf-8", "replace").rstrip())
    except OSError:
        return CANNOT_RUN
    return process.returncode


def listen(command: Command, environment: Mapping[str, str] = os.environ, seconds: float | None = None) -> Said:
    """What a program says on stdout, and its exit code; its other words are dropped. One that hangs cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - as above
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Said(CANNOT_RUN, "")
    return Said(done.returncode, done.stdout.decode("utf-8", "replace").strip())
