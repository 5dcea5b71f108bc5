"""What ``bash scripts/test`` runs, inside its environment: each check timed, all of them run, one verdict."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PURE = ("metering", "billing", "reports", "exports", "sync/merge")
NO_TESTS_COLLECTED = 5
LINES_OF_A_FAILURE = 12
WAITING = (
    "unit/test_activation",
    "unit/test_services_background",
    "contract/test_api_stream",
    "contract/test_api_crowds",
)
"""Tests that mostly wait for clocks and processes: for the gate, not for every few minutes."""


class Tally(NamedTuple):
    """Tests by outcome; an error counts as a failure."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: object) -> "Tally":
        """Sum, outcome by outcome."""
        return Tally(*map(sum, zip(self, other, strict=True))) if isinstance(other, Tally) else NotImplemented


class Done(NamedTuple):
    """One check that ran."""

    name: str
    seconds: float
    passed: bool


class Run:
    """Owns the list of what has run so far, the tests' tally and what the failed ones said."""

    def __init__(self, reports: Path) -> None:
        self.done: list[Done] = []
        self.tally = Tally()
        self.failures: list[str] = []
        self._reports = reports

    def check(self, name: str, *command: str, fine: Sequence[int] = (0,)) -> None:
        """Run a command, shown as it is; it passes with one of the ``fine`` exit codes."""
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        self.done.append(Done(name, time.monotonic() - began, code in fine))

    def pytest(self, name: str, *arguments: str) -> None:
        """Run tests and count their outcomes."""
        report = self._reports / f"{len(self.done)}.xml"
        self.check(name, str(BIN / "pytest"), "-q", f"--junitxml={report}", *arguments, fine=(0, NO_TESTS_COLLECTED))
        if report.exists():
            suites = ET.parse(report).getroot()  # noqa: S314 - pytest wrote it a moment ago
            self.tally += _outcomes(suites)
            self.failures += _failures(suites)

    def verdict(self) -> int:
        """Print what ran and how long it took; the closing line is the tests' tally. Returns the exit code.

        What failed is told here once more, in short: of a long log often only the end is kept.
        """
        for failure in self.failures:
            print(f"\n{failure}")
        print("\n== summary")
        for name, seconds, passed in self.done:
            print(f"{'ok    ' if passed else 'FAILED'} {seconds:7.1f} s  {name}")
        print(f"       {sum(one.seconds for one in self.done):7.1f} s  together")
        failed = [one.name for one in self.done if not one.passed]
        if self.tally.skipped and _nothing_may_skip():
            failed.append(f"{self.tally.skipped} tests skipped, and in CI on Linux nothing may skip")
        if not self.tally.passed:
            failed.append("no test ran")
        for reason in failed:
            print(f"not good: {reason}")
        print("{} passed, {} failed, {} skipped".format(*self.tally), flush=True)
        return 1 if failed else 0


def main(mode: str) -> int:
    """Run everything of one mode."""
    with TemporaryDirectory() as reports:
        run = Run(Path(reports))
        {"all": everything, "fast": fast, "long": long}[mode](run)
        return run.verdict()


def fast(run: Run) -> None:
    """What a developer runs all the time."""
    lint(run)
    left = [f"--ignore=tests/{path}.py" for path in WAITING]
    run.pytest("unit and contract tests", "-n", "2", "-m", "not long", *left, "tests/unit", "tests/contract")


def everything(run: Run) -> None:
    """The gate."""
    lint(run)
    run.check("types", str(BIN / "mypy"))
    run.check("style's figures and rooms", sys.executable, str(ROOT / "scripts" / "figures_style.py"), "--print-only")
    run.check("forget old coverage", str(BIN / "coverage"), "erase")
    run.pytest("tests", "-n", "4", "--dist", "worksteal", "-m", "not long", "--cov", "--cov-report=", "tests")
    pure = ",".join(f"*/packetbuddy/{room}/*" for room in PURE)
    run.check("coverage of the pure rooms", *_coverage(100), f"--include={pure}")
    run.check("coverage of the whole", *_coverage(90))


def long(run: Run) -> None:
    """Endurance, mutation and figures."""
    run.pytest("endurance", "-m", "long", "tests")
    run.check("mutation", sys.executable, str(ROOT / "scripts" / "mutate.py"))
    for script in _figures():
        run.check(f"figures: {script.stem}", sys.executable, str(script))


def lint(run: Run) -> None:
    """Format and lint."""
    run.check("format", str(BIN / "ruff"), "format", "--check", "--quiet", ".")
    run.check("lint", str(BIN / "ruff"), "check", "--quiet", ".")


def _figures() -> Iterator[Path]:
    """Each of them prints its progress and writes its own table under docs/figures."""
    return iter(sorted((ROOT / "scripts").glob("figures_*.py")))


def _coverage(percent: int) -> tuple[str, ...]:
    return (str(BIN / "coverage"), "report", f"--fail-under={percent}")


def _outcomes(suites: ET.Element) -> Tally:
    def count(name: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites.iter("testsuite"))

    failed, skipped = count("failures") + count("errors"), count("skipped")
    return Tally(count("tests") - failed - skipped, failed, skipped)


def _failures(suites: ET.Element) -> Iterator[str]:
    """Each failed test's name, with the lines that say what was wrong, or the last ones where none does."""
    for case in suites.iter("testcase"):
        for told in (*case.iter("failure"), *case.iter("error")):
            lines = (told.text or "").splitlines()
            wrong = [line for line in lines if line.startswith(("E ", ">"))] or lines
            where = [line for line in lines if line.startswith("tests/")]
            yield "\n".join(
                [f"-- {case.get('classname')}::{case.get('name')}", *where[-3:], *wrong[-LINES_OF_A_FAILURE:]]
            )


def _nothing_may_skip() -> bool:
    return sys.platform == "linux" and os.environ.get("CI", "").lower() in {"1", "true"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
