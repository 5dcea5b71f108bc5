"""Another wall clock for a process, through libfaketime.

The library is preloaded directly: the ``faketime`` command stays in front of what it starts and takes its signals.
"""

import os
from pathlib import Path

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

requires_faketime = pytest.mark.skipif(
    not LIBRARIES and not os.environ.get("CI"), reason="needs libfaketime (Debian: faketime)"
)


def preloaded(**settings: str) -> dict[str, str]:
    """The environment that fakes, with libfaketime's own settings added."""
    return {"LD_PRELOAD": str(LIBRARIES[0]), **settings}
