"""A file whose time says that somebody looks at a live page: then other devices' figures are wanted more often."""

import contextlib

from packetbuddy.settings.places import Home


def tell_looking(home: Home) -> None:
    """Say it; on a disk that cannot be written nobody learns of it."""
    with contextlib.suppress(OSError):
        home.looking.touch(mode=0o600)
