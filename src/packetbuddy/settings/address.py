"""PURE: where the API listens, as numbers and in words."""

from typing import NamedTuple

from packetbuddy.settings.model import Api


class Address(NamedTuple):
    """A loopback address and a TCP port; ``str()`` writes it as in a URL."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address_of(api: Api) -> Address:
    """What to bind. ``localhost`` is 127.0.0.1: a name could be made to mean another machine."""
    return Address("127.0.0.1" if api.host == "localhost" else api.host, api.port)


def dashboard_url(address: Address) -> str:
    """What a person opens."""
    return f"http://{address}/dashboard"
