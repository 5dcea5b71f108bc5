"""vnStat 2 databases made from traffic that a test says, with rows kept as long as vnStat keeps them by default."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

TABLES = ("fiveminute", "hour", "day", "month", "year", "top")
STARTS = ("%Y-%m-%d %H:%M:00", "%Y-%m-%d %H:00:00", "%Y-%m-%d", "%Y-%m-01", "%Y-01-01", "%Y-%m-%d")
KEPT = (timedelta(hours=48), timedelta(days=4), timedelta(days=62), timedelta(days=25 * 31), timedelta(days=9999))
TOP_DAYS = 20
Moved = tuple[datetime, int, int]


def rows_of(traffic: Iterable[Moved], table: str, now: datetime) -> dict[str, tuple[int, int]]:
    """What a table holds at that time: the begin of each period as vnStat writes it, and its bytes."""
    number = TABLES.index(table)
    total: dict[str, tuple[int, int]] = {}
    for at, rx, tx in sorted(traffic):
        start = at.replace(minute=at.minute - at.minute % 5) if number == 0 else at
        if start <= now:
            name = start.strftime(STARTS[number])
            before = total.get(name, (0, 0))
            total[name] = before[0] + rx, before[1] + tx
    if table == "top":
        return dict(sorted(total.items(), key=lambda item: -sum(item[1]))[:TOP_DAYS])
    oldest = (now - KEPT[number]).strftime(STARTS[number])
    return {name: moved for name, moved in total.items() if name >= oldest}


def make_vnstat(path: Path, links: Mapping[str, list[Moved]], now: datetime) -> Path:
    """Write the database of a daemon that saw this traffic and saved at that local time."""
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.executescript("""
            CREATE TABLE info (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, value TEXT NOT NULL);
            INSERT INTO info (name, value) VALUES ('dbversion', '1'), ('vnstatversion', '2.10');
            CREATE TABLE interface (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, alias TEXT, active INTEGER,
              created DATE NOT NULL, updated DATE NOT NULL, rxcounter INTEGER NOT NULL, txcounter INTEGER NOT NULL,
              rxtotal INTEGER NOT NULL, txtotal INTEGER NOT NULL);""")
        for table in TABLES:
            base.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, interface INTEGER REFERENCES interface(id), date DATE,"
                " rx INTEGER NOT NULL, tx INTEGER NOT NULL, CONSTRAINT u UNIQUE (interface, date))"
            )
        for number, (name, traffic) in enumerate(links.items(), 1):
            created = min((at for at, _, _ in traffic), default=now)
            base.execute(
                "INSERT INTO interface VALUES (?, ?, NULL, 1, ?, ?, 0, 0, 0, 0)",
                (number, name, created.isoformat(" "), now.isoformat(" ")),
            )
            for table in TABLES:
                base.executemany(
                    f"INSERT INTO {table} (interface, date, rx, tx) VALUES (?, ?, ?, ?)",  # noqa: S608 - our names
                    [(number, start, *moved) for start, moved in rows_of(traffic, table, now).items()],
                )
        base.commit()
    return path


def printed(links: Mapping[str, list[Moved]], now: datetime, *, utc_offset: int | None = 0) -> str:
    """What ``vnstat --json`` says of the same; ``utc_offset``: seconds where it ran, ``None``: says none."""
    return json.dumps(
        {
            "vnstatversion": "2.10",
            "jsonversion": "2",
            "interfaces": [_link(name, traffic, now, utc_offset) for name, traffic in links.items()],
        }
    )


def _link(name: str, traffic: list[Moved], now: datetime, offset: int | None) -> dict[str, object]:
    created = min((at for at, _, _ in traffic), default=now)
    kept = {
        table: [
            {"id": number, **_moment(datetime.fromisoformat(start), offset), "rx": rx, "tx": tx}
            for number, (start, (rx, tx)) in enumerate(rows_of(traffic, table, now).items(), 1)
        ]
        for table in TABLES
    }
    return {
        "name": name,
        "alias": "",
        "created": _moment(created, offset),
        "updated": _moment(now, offset),
        "traffic": {"total": {"rx": 0, "tx": 0}, **kept},
    }


def _moment(at: datetime, offset: int | None) -> dict[str, object]:
    told: dict[str, object] = {
        "date": {"year": at.year, "month": at.month, "day": at.day},
        "time": {"hour": at.hour, "minute": at.minute},
    }
    if offset is not None:
        told["timestamp"] = int((at - datetime(1970, 1, 1)).total_seconds()) - offset  # noqa: DTZ001 - naive
    return told
