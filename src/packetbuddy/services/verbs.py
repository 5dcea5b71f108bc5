"""Start, stop and restart, the same in every adapter: one at a time in a home, whoever asks."""

from abc import ABC, abstractmethod

from packetbuddy.services.face import Started, Stopped
from packetbuddy.services.processes import Processes


class Verbs(ABC):
    """Holds the home's lock around what an adapter does; owns who lives there."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def start(self) -> Started:
        """Leaves one that counts. Raises ServiceError with the monitor's or manager's last words, or HomeError."""
        with self._processes.alone():
            return self._start()

    def stop(self) -> Stopped:
        """Leaves nothing that runs, nor anything that would start it before the next login. Raises ServiceError."""
        with self._processes.alone():
            return self._stop()

    def restart(self) -> Started:
        """Stops whatever runs, by whomever started, and starts anew under this manager."""
        with self._processes.alone():
            self._stop()
            return self._start()

    @abstractmethod
    def _start(self) -> Started: ...

    @abstractmethod
    def _stop(self) -> Stopped: ...
