"""A fleet in one PostgreSQL on this machine: 1,000 devices and a year of each. Writes docs/figures/fleet.md.

``python scripts/figures_fleet.py [DEVICES]``. The history is made by the database itself; the pushes that are timed are
the client's own, one changed day each.
"""

import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from integration.postgres import Server, serving  # noqa: E402 - the tests' own tools
from packetbuddy.metering.quarters import Quarter, UtcDay, day_of  # noqa: E402 - same
from packetbuddy.sync.postgres.remote import Profile, Push, Remote, connected, migrations  # noqa: E402 - same

TODAY, DAYS = 20_780, 365
CONNECTIONS, SECONDS = 8, 30
TARGET = ROOT / "docs" / "figures" / "fleet.md"
DATABASE = "fleet"

HISTORY = """INSERT INTO packetbuddy.days (device, day, revision, rx, tx, estimated, peak, observed,
  quarters_rx, quarters_tx)
SELECT device.id, day, 1, (SELECT sum(each) FROM unnest(rx) AS each), (SELECT sum(each) FROM unnest(tx) AS each), 0,
  (random() * 1e8)::bigint, 86400, rx, tx
FROM packetbuddy.devices AS device, generate_series(%(first)s::integer, %(last)s::integer) AS day,
LATERAL (SELECT array_agg((exp(random() * 16))::bigint) AS rx, array_agg((exp(random() * 13))::bigint) AS tx
  FROM generate_series(1, 96) WHERE device.id IS NOT NULL AND day > 0) AS made
WHERE device.id = ANY(%(ids)s)"""

QUESTIONS = {
    "what changed at a device (nothing)": """SELECT day, revision, quarters_rx FROM packetbuddy.days
        WHERE device = %(id)s AND (revision, day) > (1, 2147483648) ORDER BY revision, day LIMIT 50""",
    "a page of 50 days of a device": """SELECT day, revision, rx, quarters_rx, quarters_tx FROM packetbuddy.days
        WHERE device = %(id)s AND (revision, day) > (0, 0) ORDER BY revision, day LIMIT 50""",
    "a device's year by days": "SELECT day, rx, tx FROM packetbuddy.days WHERE device = %(id)s ORDER BY day",
    "all devices, a day": "SELECT sum(rx), sum(tx) FROM packetbuddy.days WHERE day = %(day)s",
    "all devices, a month by days": """SELECT day, sum(rx), sum(tx) FROM packetbuddy.days
        WHERE day > %(day)s - 30 AND day <= %(day)s GROUP BY day""",
    "who changed within two hours": """SELECT id, revision FROM packetbuddy.devices
        WHERE changed >= clock_timestamp() - interval '2 hours' LIMIT 10000""",
}


class Timed(NamedTuple):
    """Of one question: milliseconds, and whether its plan goes by an index."""

    name: str
    middle: float
    p99: float
    plan: str


def main(devices: int) -> None:
    """Fill, ask, push, and write the page."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        url = server.database(DATABASE)
        ids = [str(uuid4()) for _ in range(devices)]
        filled = _fill(server, url, ids)
        size = int(str(server.execute("SELECT pg_total_relation_size('packetbuddy.days')", DATABASE)[0][0]))
        timed = [_ask(url, name, ids) for name in QUESTIONS]
        rate, waits = _pushes(url, ids)
    TARGET.write_text(_page(devices, filled, size, timed, rate, waits), encoding="utf-8")
    print(TARGET.read_text(encoding="utf-8"))


def _fill(server: Server, url: str, ids: list[str]) -> float:
    began = time.perf_counter()
    with connected(url) as remote:
        remote.prepare(migrations())
        for number, device in enumerate(ids):
            remote.join(Profile(device, f"machine {number}", f"device {number}", "Linux"))
    with psycopg.connect(url, autocommit=True) as connection:
        for first in range(0, len(ids), 50):
            some = [UUID(each) for each in ids[first : first + 50]]
            connection.execute(HISTORY.encode(), {"first": TODAY - DAYS, "last": TODAY - 1, "ids": some})
            print(f"{first + len(some)} devices, {time.perf_counter() - began:.0f} s", flush=True)
    server.execute("UPDATE packetbuddy.devices SET revision = 1", DATABASE)
    server.execute("VACUUM ANALYZE packetbuddy.days", DATABASE)
    return time.perf_counter() - began


def _ask(url: str, name: str, ids: list[str]) -> Timed:
    chance, took = random.Random(1), []  # noqa: S311 - which device is asked for
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for _ in range(100):
            values = {"id": UUID(chance.choice(ids)), "day": TODAY - chance.randint(1, 300)}
            began = time.perf_counter()
            connection.execute(QUESTIONS[name].encode(), values).fetchall()
            took.append((time.perf_counter() - began) * 1000)
        lines = connection.execute(b"EXPLAIN " + QUESTIONS[name].encode(), values).fetchall()
    scans = [str(line[0]).split("(cost")[0].strip(" ->") for line in lines if "Scan" in str(line[0])]
    return Timed(name, median(took), quantiles(took, n=100)[98], "; ".join(scans))


def _pushes(url: str, ids: list[str]) -> tuple[float, list[float]]:
    """Pushes per second, and how long each took in milliseconds: one changed day, as each quarter of an hour."""
    end = time.perf_counter() + SECONDS

    def work(number: int) -> list[float]:
        took, chance = [], random.Random(number)  # noqa: S311 - made-up traffic
        with connected(url) as remote:
            while (began := time.perf_counter()) < end:
                _push(remote, chance.choice(ids[number::CONNECTIONS]), chance)
                took.append((time.perf_counter() - began) * 1000)
        return took

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        took = [each for some in threads.map(work, range(CONNECTIONS)) for each in some]
    return len(took) / SECONDS, took


def _push(remote: Remote, device: str, chance: random.Random) -> None:
    profile = Profile(device, "a machine", "a device", "Linux")
    remote.push(profile, lambda theirs: Push([_day(chance)], (theirs.revision if theirs else 0) + 1, uuid4().hex))


def _day(chance: random.Random) -> UtcDay:
    held = (Quarter(chance.randrange(10**8), chance.randrange(10**6), 0, 10**6, 900) for _ in range(96))
    return day_of(TODAY, enumerate(held, TODAY * 96))


def _page(devices: int, filled: float, size: int, timed: list[Timed], rate: float, waits: list[float]) -> str:
    each, most = size / devices / 1e6, quantiles(waits, n=100)[98]
    lines = [
        f"# A fleet: {devices:,} devices and a year of each in one PostgreSQL",
        "",
        "Made by `scripts/figures_fleet.py`: PostgreSQL 18 with 32 MB of shared buffers, on the same small",
        "machine as the clients (two cores, shared with other work). Traffic in every quarter of an hour. How it grows",
        "from here: [how many devices become one table](../explanation/sync.md).",
        "",
        f"- {devices * DAYS:,} rows, {size / 1e9:.2f} GB with indexes, {each:.2f} MB a device-year;",
        f"  made in {filled:.0f} s.",
        f"- {rate:,.0f} pushes of a changed day a second over {CONNECTIONS} connections, half of them within",
        f"  {median(waits):.0f} ms, 99 of 100 within {most:.0f} ms. Each quarter of an hour these devices need",
        f"  {devices / 900:.1f} a second.",
        "",
        "| question | half within | 99 of 100 within | plan |",
        "|---|---|---|---|",
        *(f"| {one.name} | {one.middle:.1f} ms | {one.p99:.1f} ms | {one.plan} |" for one in timed),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
