"""First paint of the dashboard after idle, and the size of its files; writes docs/figures/dashboard.md.

``python scripts/figures_dashboard.py [--rounds 10] [--print-only]``
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from acceptance.browser import Browser  # noqa: E402 - the tests' folder is no package
from machine.netns import wait_until  # noqa: E402 - same

FIGURES = ROOT / "docs" / "figures" / "dashboard.md"
FILES = ROOT / "src" / "packetbuddy" / "api" / "dashboard"
PORT = 17_391
PAINT = """() => new Promise(done => {
  const found = () => performance.getEntriesByName("first-contentful-paint")[0];
  const look = () => found() ? done(found().startTime) : setTimeout(look, 10);
  look();
})"""


def paints(rounds: int) -> list[float]:
    """Milliseconds from the request to the first contentful paint; each time the API's process is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        (home / "config.toml").write_text(f"[api]\nport = {PORT}\n[auto_update]\nenabled = false\n", "utf-8")
        environment = {**os.environ, "PACKETBUDDY_HOME": str(home)}
        command = [sys.executable, "-m", "packetbuddy", "serve"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as monitor:
            try:
                wait_until((home / "packetbuddy.db-wal").exists)
                with Browser() as browser:
                    return [_paint(browser, monitor.pid) for _ in range(rounds)]
            finally:
                monitor.send_signal(signal.SIGTERM)


def _paint(browser: Browser, monitor: int) -> float:
    for child in _children(monitor):
        os.kill(child, signal.SIGTERM)
    wait_until(lambda: not _children(monitor))
    with browser.page(f"http://127.0.0.1:{PORT}") as seen:
        return float(seen.page.evaluate(PAINT))


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def page(times: list[float]) -> str:
    """The figures as Markdown."""
    size = sum(path.stat().st_size for path in FILES.rglob("*") if path.suffix in {".js", ".css"})
    return (
        "# Dashboard\n\n"
        f"Measured by `python scripts/figures_dashboard.py`, {len(times)} times, the API's process asleep before.\n\n"
        f"- From the request to the first contentful paint: median {statistics.median(times):.0f} ms, "
        f"slowest {max(times):.0f} ms (promise: 1 s).\n"
        f"- JavaScript and CSS, Chart.js included: {size / 1000:.0f} kB (promise: 350 KB).\n"
    )


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    text = page(paints(options.rounds))
    print(text)
    if not options.print_only:
        FIGURES.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
