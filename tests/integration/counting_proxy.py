"""A TCP proxy on loopback that counts bytes each way, and how often the direction turned: round trips."""

import threading

from integration.proxying import Proxy, Way


class Counter(Proxy):
    """Counts over all its connections together."""

    def __init__(self, port: int) -> None:
        self._counting = threading.Lock()
        self.reset()
        super().__init__(port)

    def reset(self) -> None:
        """Begin to count anew."""
        self.sent = self.received = self.trips = 0
        self._asking = False

    def _hand_on(self, way: Way) -> None:
        while data := way.source.recv(1 << 20):
            with self._counting:
                self.sent += len(data) if way.asking else 0
                self.received += 0 if way.asking else len(data)
                self.trips += way.asking and not self._asking
                self._asking = way.asking
            way.sink.sendall(data)
