"""What the loop knows of the API: a door that it minds between two polls."""

from collections.abc import Sequence
from typing import Protocol


class Door(Protocol):
    """Opened by the first :meth:`mind`; nothing here ever waits, so no poll is late because somebody looks."""

    @property
    def problem(self) -> str | None:
        """Why nobody can look now, for the state row; ``None`` when all is well."""
        ...

    def descriptors(self) -> list[int]:
        """What to wait for, besides everything else, until the next :meth:`mind`."""
        ...

    def patience(self) -> float:
        """Seconds after which :meth:`mind` has something to do even if no descriptor is ready; may be infinite."""
        ...

    def mind(self, ready: Sequence[int]) -> None:
        """Do what is due; ``ready`` holds the readable descriptors, its own among others."""
        ...

    def close(self) -> None:
        """Free the port and let every child leave; safe to call twice."""
        ...
