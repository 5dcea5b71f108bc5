"""How long setup takes, step by step, on a warm pip cache; writes docs/figures/setup.md.

``python scripts/figures_setup.py [--runs 5] [--print-only]``. Each run installs into a fresh home of one account whose
pip cache an earlier, uncounted run has filled; then setup runs again there. A monitor on a free port is started and
stopped each time.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from unit.ports import free_port  # noqa: E402 - the folder is no package

FIGURES = ROOT / "docs" / "figures" / "setup.md"
SETUP = ROOT / "service/linux/setup.sh"


class Run(NamedTuple):
    """Seconds of a whole setup, of processors in it, of its steps, and what the version takes on disk in MB."""

    whole: float
    processor: float
    steps: dict[str, float]
    size: float


def account(folder: Path) -> dict[str, str]:
    """The environment of somebody who just logged in, in this folder."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.endswith("_PROXY")}
    python = Path(sys.base_prefix) / "bin"
    return {**kept, "HOME": str(folder), "PATH": f"{python}:/usr/sbin:/usr/bin:/sbin:/bin"}


def set_up(environment: dict[str, str]) -> tuple[float, dict[str, float]]:
    """Run setup; seconds of it all, and how long each line took to come after the one before."""
    began = last = time.perf_counter()
    took: dict[str, float] = {}
    command = ["bash", str(SETUP), "--yes"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            now = time.perf_counter()
            took[line.strip().partition(":")[0]] = now - last
            last = now
    if process.returncode:
        raise SystemExit("setup failed")
    return time.perf_counter() - began, took


def measure(folder: Path, environment: dict[str, str]) -> tuple[Run, float]:
    """A fresh home, then setup again in it."""
    home = folder / ".packetbuddy"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(f"[api]\nport = {free_port()}\n", "utf-8")
    before = os.times()
    whole, took = set_up(environment)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    again, _ = set_up(environment)
    size = sum(path.lstat().st_size for path in (home / "versions").rglob("*") if path.is_file()) / 1e6
    subprocess.run([home / "bin/pb", "service", "stop"], env=environment, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(home)
    steps = {"environment and packages": took["installed"], "settings": took["Settings"]}
    steps |= {"monitor, until it counts": took["Started"], "dashboard, until it answers": took["Dashboard"]}
    return Run(whole, processor, steps, size), again


def page(runs: list[Run], again: list[float]) -> str:
    """The page's text."""
    rows = [f"| {name} | {spread([run.steps[name] for run in runs])} |" for name in runs[0].steps]
    lines = [
        "# Setup",
        "",
        f"Measured by `python scripts/figures_setup.py`, {len(runs)} times, with a warm pip cache.",
        "",
        "| what | seconds, median (slowest) |",
        "|---|---|",
        f"| **the first time, all of it** | {spread([run.whole for run in runs])} |",
        f"| of that, processor time | {spread([run.processor for run in runs])} |",
        *rows,
        f"| **again, nothing to repair** | {spread(again)} |",
        "",
        f"Load of the {os.cpu_count()} processors in the end: {os.getloadavg()[1]:.1f} (average of five minutes).",
        "",
        f"A version takes {runs[0].size:.0f} MB on disk; the one before is kept.",
        "",
    ]
    return "\n".join(lines)


def spread(times: list[float]) -> str:
    """Median and worst."""
    return f"{statistics.median(times):.1f} ({max(times):.1f})"


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pb-setup-") as name:
        folder = Path(name)
        environment = account(folder)
        measure(folder, environment)
        results = [measure(folder, environment) for _ in range(options.runs)]
    text = page([run for run, _ in results], [again for _, again in results])
    print(text)
    if not options.print_only:
        FIGURES.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
