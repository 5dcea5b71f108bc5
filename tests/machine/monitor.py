"""A real monitor process in a network namespace, and what it says: the helper of the tests that compare to the byte.

::

    monitor = Monitor(host, tmp_path)            # a home of its own, 0.2 s polls, a write each second
    monitor.start()                              # returns when the first look is in the ledger
    ...
    assert monitor.shown() == expected           # `pb today --json`, run inside the namespace: pending included
    monitor.stop()
    assert monitor.committed() == expected       # straight from SQLite
    monitor.audit()

Every wait is for a condition: nothing sleeps and hopes.
"""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from machine.netns import Namespace, Traffic, wait_until
from packetbuddy.storage.connection import SERIES_BITS_UNUSED  # placeholder
