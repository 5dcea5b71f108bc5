"""What whole processes meet."""

from integration.conftest import server

__all__ = ["server"]
