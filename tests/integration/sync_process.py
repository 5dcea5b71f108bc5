"""Runs of sync as processes of their own, forked from one that has loaded everything: each with its own machine."""

import ctypes
import os
import subprocess
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from packetbuddy.settings.places import Home
from packetbuddy.sync.main import main

CLONE_NEWNS = 0x00020000
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload([__name__, "packetbuddy.sync.run"])


def started(home: Path, url: str, machine_id: Path, told: Path) -> BaseProcess:
    """One run, begun. Another file stands in the place of /etc/machine-id for it alone; its words go to ``told``."""
    process = _FORKING.Process(target=_run, args=(str(home), url, str(machine_id), str(told)))
    process.start()
    return process


def _run(home: str, url: str, machine_id: str, told: str) -> None:
    words = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(words, 2)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", machine_id, "/etc/machine-id"], check=True)
    raise SystemExit(main(Home(Path(home)), {"NEON_DB_URL": url}))
