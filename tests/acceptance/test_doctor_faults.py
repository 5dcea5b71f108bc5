"""`pb doctor` finds every fault that is injected for real, each with a remedy of its own.

- The home: it is not there; it is a file; its disk is read-only; full; it belongs to somebody else, also closed to this
  user, also out of sight; it cannot be written; is open to others; PACKETBUDDY_HOME is relative; leads beside
  another ledger.
- The settings: a mistyped key; no TOML; an unknown zone; a database URL that only the shell has; another one than the
  file's; sync without one, and with a database that is away.
- The clock: TZ that is no zone; a zone file that holds none; a date before this program existed.
- The monitor: stopped; started by hand; hanging; its writes in the future; two of them; a lock that somebody else
  holds; one that keeps failing; an older version.
- The ledger: damaged; no database; of 1.x; newer; a folder; a log without its index; totals that differ; books that do
  not balance; open doubts; a damaged backup; an old one.
- Counters and links: receive stuck while packets move; another network namespace; netlink refused; a named link that is
  missing; offline; a guess.
- The port: taken by another program; by another PacketBuddy.
- The installation: a library that does not load; no byte code; a version, a Python, a launcher that is gone, changed or
  closed; a link in ~/.local/bin that is dead or leads elsewhere; no pb, or another one, on PATH.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.clinic import Clinic, clinic_in
from acceptance.doctor_faults import FAKETIME, FAULTS, SECRET
from machine.netns import requires_netns

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]
NOT_STARTED = {"monitor": "is not running", "ledger": "Nothing has been counted yet"}
"""What is also true where a fault needs nobody who counts."""


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with clinic_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_found_with_its_remedy(name: str, clinic: Clinic) -> None:
    """One finding names the fault at its level and says what to do; nothing else is said but that nobody counts."""
    if name == "an old clock" and not FAKETIME and not os.environ.get("CI"):
        pytest.skip("needs libfaketime (Debian: faketime)")
    fault = FAULTS[name]
    with contextlib.ExitStack() as undo:
        look = fault.hurt(clinic, undo)
        found = clinic.doctor(*look.prefix, installed=look.installed, **look.environment)
    finding = found.one(fault.check, fault.level, fault.text)
    assert fault.remedy in finding["remedy"]
    assert SECRET not in found.out
    assert found.code == (1 if found.data["state"] == "broken" else 0)
    others = [each for each in found.findings if each not in (finding, *filter(_just_not_started, found.findings))]
    assert [each for each in others if each["check"] not in fault.also] == []


def _just_not_started(finding: dict[str, str]) -> bool:
    return NOT_STARTED.get(finding["check"], "?") in finding["text"]
