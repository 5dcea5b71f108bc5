"""Ten years leave in any format without ever being in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is read from /proc")
def test_ten_years_stay_small_in_memory() -> None:
    """Each export of a ledger of ten years needs at most 60 MB above the start, without the cache and with it."""
    command = [sys.executable, str(ROOT / "scripts" / "figures_exports.py"), "--print-only", "--rounds", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| 60 |") == 6
