"""What every adapter works with, handed in once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.services.face import Patience
from packetbuddy.services.processes import Processes
from packetbuddy.services.runner import Runner


class Means(NamedTuple):
    """One home of one user on this system.

    ``program`` is the command line that is ``pb``. ``counting`` says whether the monitor does its work; it is asked
    only while a monitor holds the lock.
    """

    home: Path
    program: tuple[str, ...]
    user: str
    user_home: Path
    environment: Mapping[str, str]
    runner: Runner
    counting: Callable[[], bool] = lambda: True
    patience: Patience = Patience()

    @property
    def serve(self) -> tuple[str, ...]:
        """The monitor's command line."""
        return (*self.program, "serve")

    @property
    def processes(self) -> Processes:
        """Who lives in this home."""
        return Processes(self.home, self.counting, self.patience)
