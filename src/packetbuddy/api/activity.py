"""Whether anybody looks: when the last request was, and which streams are open."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Activity:
    """Owns the time of the last request, the number of those being answered, and the bells of the open streams."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` gives monotonic seconds. Of one event loop."""
        self._clock, self._last, self._open = clock, clock(), 0
        self._bells: set[asyncio.Event] = set()
        self.leaving = False

    @contextmanager
    def looking(self, bell: asyncio.Event | None = None) -> Iterator[None]:
        """Somebody looks meanwhile; a stream gives the bell that wakes it when the server leaves."""
        self._open += 1
        if bell is not None:
            self._bells.add(bell)
        try:
            yield
        finally:
            self._open -= 1
            self._last = self._clock()
            if bell is not None:
                self._bells.discard(bell)

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._bells)

    def idle_seconds(self) -> float:
        """Seconds since anybody looked."""
        return 0.0 if self._open else self._clock() - self._last

    def leave(self) -> None:
        """End every stream; what is answered from now on closes its connection."""
        self.leaving = True
        for bell in self._bells:
            bell.set()
