"""A file that says that the API is awake, for those who would wake it by asking."""

import contextlib
import os

from packetbuddy.settings.places import Home


def tell_awake(home: Home) -> None:
    """Write our process number down; on a disk that cannot be written nobody learns of it."""
    with contextlib.suppress(OSError):
        home.api_pid.write_text(f"{os.getpid()}\n", encoding="ascii")


def tell_asleep(home: Home) -> None:
    """Take it back, unless another API has come meanwhile."""
    with contextlib.suppress(OSError):
        if home.api_pid.read_text(encoding="ascii", errors="replace").split() == [str(os.getpid())]:
            home.api_pid.unlink()
