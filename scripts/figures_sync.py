"""What synchronising costs: bytes on the wire, round trips, database size, memory. Writes docs/figures/sync.md.

Bytes are counted by a proxy on loopback, without encryption and with it (through PgBouncer with a test authority).
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from integration.bouncing import NAME, authority, bouncing  # noqa: E402 - the tests' own tools
from integration.counting_proxy import Counter  # noqa: E402 - same
from integration.ledgers import HOUR, Counting  # noqa: E402 - same
from integration.postgres import OWNER, Server, serving  # noqa: E402 - same
from integration.sync_world import BEGIN, Named, Place  # noqa: E402 - same

YEAR_DAYS = 365
TARGET = ROOT / "docs" / "figures" / "sync.md"


class Cost(NamedTuple):
    """Of one run."""

    name: str
    sent: int
    received: int
    trips: int
    seconds: float

    def row(self, encrypted: "Cost") -> str:
        """A row of the table."""
        both = encrypted.sent + encrypted.received
        return (
            f"| {self.name} | {self.sent:,} | {self.received:,} | {self.trips} | {both:,} | {encrypted.trips}"
            f" | {self.seconds * 1000:.0f} ms |"
        )


def main() -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory, tempfile.TemporaryDirectory() as disk:
        folder = Path(memory)
        (folder / "pg").mkdir()
        authority(folder / "tls")
        with serving(folder / "pg") as server, bouncing(server, folder / "tls", encrypted=True) as bouncer:
            plain = _costs(server, server.port, folder / "plain", "plain", "")
            ca = folder / "tls" / "ca.pem"
            tls = f"?hostaddr=127.0.0.1&sslrootcert={ca}"
            encrypted = _costs(server, bouncer, folder / "tls-homes", "encrypted", tls)
            size, rows = _device_year(server, Path(disk))
        TARGET.write_text(_page(plain, encrypted, size, rows, _memory()), encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


def _costs(server: Server, port: int, folder: Path, database: str, options: str) -> list[Cost]:
    folder.mkdir()
    server.database(database)
    with Counter(port) as counter:
        host = NAME if options else "127.0.0.1"
        url = f"postgresql://{OWNER}@{host}:{counter.port}/{database}{options}"
        one, other = _place(folder, "one"), _place(folder, "other")
        _measured(counter, "", one, url)
        year = [_measured(counter, "a year, the first time", _busy(folder, "busy"), url)]
        one.sync_at(url)
        found = [_measured(counter, "nothing to say", one, url)]
        _used(one)
        found.append(_measured(counter, "one slot of this device", one, url))
        _used(other)
        other.sync_at(url)
        found.append(_measured(counter, "one slot of another device", one, url))
        return [*found, *year]


def _measured(counter: Counter, name: str, place: Place, url: str) -> Cost:
    counter.reset()
    began = time.perf_counter()
    place.sync_at(url)
    seconds = time.perf_counter() - began
    return Cost(name, counter.sent, counter.received, counter.trips, seconds)


def _place(folder: Path, name: str) -> Place:
    machine = Named(BEGIN)
    machine.identity = f"machine of {name}"
    place = Place(folder / name, name, machine)
    _used(place)
    return place


def _used(place: Place) -> None:
    with Counting(place.home.root, place.machine) as counting:
        counting.tick(rx=1_000_000, tx=50_000)


def _busy(folder: Path, name: str) -> Place:
    """A device that moved something in each quarter of an hour of a year."""
    place, chance = _place(folder, name), random.Random(1)  # noqa: S311 - made-up traffic
    with Counting(place.home.root, place.machine) as counting:
        for _ in range(YEAR_DAYS * 96):
            place.machine.run(HOUR / 4 - 1)
            counting.tick(rx=int(chance.lognormvariate(15, 2)), tx=int(chance.lognormvariate(12, 2)))
    return place


def _device_year(server: Server, folder: Path) -> tuple[int, int]:
    """Bytes in the database of a year with traffic in every quarter of an hour, indexes included, and its rows."""
    url = server.database("year")
    _busy(folder, "year").sync_at(url)
    server.execute("VACUUM ANALYZE packetbuddy.days", "year")
    rows = int(str(server.execute("SELECT count(*) FROM packetbuddy.days", "year")[0][0]))
    return int(str(server.execute("SELECT pg_total_relation_size('packetbuddy.days')", "year")[0][0])), rows


def _memory() -> int:
    """Resident KiB of a run that has the driver loaded."""
    code = "import packetbuddy.sync.postgres.remote, packetbuddy.sync.run; print(open('/proc/self/status').read())"
    status = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return int(status.split("VmRSS:")[1].split()[0])


def _page(plain: list[Cost], encrypted: list[Cost], size: int, rows: int, memory: int) -> str:
    idle = encrypted[0].sent + encrypted[0].received
    lines = [
        "# What synchronising costs",
        "",
        f"Made by `scripts/figures_sync.py` on Python {sys.version.split()[0]}, PostgreSQL 18 on the same machine;",
        "bytes of TCP payload, handshakes included.",
        "",
        "| a run with … | sent, plain | received, plain | round trips | bytes with TLS | round trips | took, plain |",
        "|---|---|---|---|---|---|---|",
        *(one.row(other) for one, other in zip(plain, encrypted, strict=True)),
        "",
        f"An idle run each 900 seconds with TLS is {idle / 30:,.0f} bytes per 30 seconds (the promise: about 1 KB).",
        "",
        f"A device-year with traffic in every quarter of an hour ({rows} rows) takes {size / 1e6:.2f} MB of the",
        "database with its indexes (the promise: 1.5 MB).",
        "",
        f"A run has the driver in {memory / 1024:.0f} MB of memory of its own and is gone when it is done;",
        "the monitor never loads it.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
