"""What holds for all tests."""

import os
import sys
import time
from collections.abc import Iterator

import hypothesis
import pytest

if sys.platform != "win32":  # it is about noon: no day ends in a test, neither ours nor a program's that we start
    os.environ["TZ"] = f"Etc/GMT{time.gmtime().tm_hour - 12:+d}"
    time.tzset()

if hypothesis.settings.get_current_profile_name() == "default":
    # How long an example takes says how busy the machine is; what hangs ends with pytest's own time-out.
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """What a program's own start sets for its process is not handed to the next test."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)
