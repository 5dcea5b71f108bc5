"""A TCP proxy that cuts a connection after so many messages in one direction: at each statement, before or after it."""

from integration.proxying import Proxy, Way


class Cutter(Proxy):
    """Cuts all that is open when the limit of one direction is reached; the limits are none at first."""

    def __init__(self, port: int) -> None:
        self.cut_after()
        super().__init__(port)

    def cut_after(self, *, asked: int | None = None, told: int | None = None) -> None:
        """Cut as soon as so many messages were asked (the last is not handed on) or told; ``None``: never."""
        self._left = {True: asked, False: told}

    def _hand_on(self, way: Way) -> None:
        while data := way.source.recv(1 << 20):
            left = self._left[way.asking]
            if left is not None:
                self._left[way.asking] = left - 1
                if left <= 0:
                    break
            way.sink.sendall(data)
        self.cut()
