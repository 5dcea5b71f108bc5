"""Time and memory of each export of ten years: ``python scripts/figures_exports.py [--print-only] [--years N]``.

Each export is a process of its own that writes its file as ``pb export --output`` does. Memory is the highest resident
size of the process (the kernel's own high-water mark), less what it had when everything was loaded and nothing was
asked yet. The goal is 60 MB above the start; 3 seconds are aimed at (SPEC 7, 12).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from make_ledger import make

from packetbuddy.settings.places import Home

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "figures" / "exports.md"
MOST_MB = 60
AIM_SECONDS = 3
FORMATS = {
    "CSV": ["--format", "csv"],
    "JSON": ["--format", "json"],
    "Markdown": ["--format", "markdown"],
    "TOON": ["--format", "toon"],
    "TOON, official dialect": ["--format", "toon", "--dialect", "official"],
    "HTML, this year": ["--format", "html"],
}
PROCESS = """
import json, os, sys, time
import packetbuddy.answers.export, packetbuddy.cli.commands.export
from packetbuddy.cli.main import main
def kb(name):
    return int(open("/proc/self/status").read().split(name + ":")[1].split()[0])
start = kb("VmRSS")
began = time.monotonic()
code = main(sys.argv[1:], os.environ, time.time_ns())
print(json.dumps([code, time.monotonic() - began, kb("VmHWM") - start]))
"""


class Figure(NamedTuple):
    """One export: how long it took, how much memory it needed above the start, how large the file is."""

    seconds: float
    extra_mb: float
    size: int


def measured(home: Home, arguments: list[str], folder: Path) -> Figure:
    """Write an export in a process of its own; both caches, the kernel's and ours, are as they are."""
    target = folder / "export"
    command = [sys.executable, "-c", PROCESS, "export", *arguments, "--output", str(target)]
    environment = {**os.environ, "PACKETBUDDY_HOME": str(home.root), "TZ": "Asia/Kolkata"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    code, seconds, extra = json.loads(done.stdout.splitlines()[-1])
    if code:
        raise SystemExit(done.stderr)
    return Figure(seconds, extra / 1024, target.stat().st_size)


def table(rows: dict[str, list[Figure]], about: str) -> str:
    """The figures as a Markdown page."""
    head = ["| export | first s | then s | aim s | memory above the start MB | at most MB | file kB |"]
    lines = ["# What an export of ten years takes", "", about, "", *head, "|---|--:|--:|--:|--:|--:|--:|"]
    for name, figures in rows.items():
        extra = max(each.extra_mb for each in figures)
        then = median(each.seconds for each in figures[1:])
        lines.append(
            f"| {name} | {figures[0].seconds:.2f} | {then:.2f} | {AIM_SECONDS} | {extra:.1f} | {MOST_MB} "
            f"| {figures[0].size / 1000:.0f} |"
        )
    return "\n".join([*lines, "", "Made by `python scripts/figures_exports.py`.", ""])


def main() -> int:
    """Make a ledger, write every export, print, write; fails where one needs more memory than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print-only", action="store_true", help="leave docs/figures/exports.md alone")
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        count = make(home, years=options.years, now_ns=time.time_ns())
        rows = {}
        for name, arguments in FORMATS.items():
            home.cache.unlink(missing_ok=True)
            rows[name] = [measured(home, arguments, Path(folder)) for _ in range(options.rounds)]
    about = (
        f"A ledger of {options.years} years ({count} rows), made by `scripts/make_ledger.py`; each export a process of "
        f"its own. *First* is without the cache of days, *then* the median of {options.rounds - 1} more. Python "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores with a load of "
        f"{os.getloadavg()[0]:.1f} besides, {datetime.now(UTC):%B %Y}."
    )
    text = table(rows, about)
    print(text)
    if not options.print_only:
        TABLE.write_text(text, encoding="utf-8")
    return int(any(each.extra_mb > MOST_MB for figures in rows.values() for each in figures))


if __name__ == "__main__":
    sys.exit(main())
