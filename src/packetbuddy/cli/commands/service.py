"""``pb service``: the background monitor, started, stopped and looked at."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packetbuddy.answers.zone import Zone, zone_for
from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.render.drawing import clean
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.errors import LedgerError, ServiceError, SettingsError, WrongUsageError
from packetbuddy.reports.model import Health
from packetbuddy.settings.address import address_of, dashboard_url
from packetbuddy.settings.load import Examined, examine, parse, read_mapping
from packetbuddy.settings.places import Home, ensure

if TYPE_CHECKING:
    from packetbuddy.services.background import Background
    from packetbuddy.services.face import Started
    from packetbuddy.services.logs import Tail

VERBS = ("start", "stop", "restart", "status", "logs")
LINES = 50
BY_HAND = "It was started by hand, so nothing restarts it: `pb service restart` changes that."
NO_AUTO_START = "Auto-start: no. After a reboot, `pb service start` starts it again."


def arguments(parser: Parser) -> None:
    """``pb service VERB``."""
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    parser.add_argument("-n", type=int, metavar="N", help=f"logs: how many lines (default {LINES})")
    parser.add_argument("-f", action="store_true", help="logs: go on with new lines until Ctrl-C")


def run(context: Context, options: Namespace) -> Outcome:
    """Do what the verb says."""
    if options.verb != "logs" and (options.f or options.n is not None):
        raise WrongUsageError("-n and -f belong to `pb service logs`")
    if options.verb == "logs":
        return _logs(home_of(context), options)
    if os.name != "posix":
        raise ServiceError("there is no background service on this system yet", "`pb serve` counts in the foreground")
    return {"start": _start, "stop": _stop, "restart": _restart, "status": _status}[options.verb](context)


def _start(context: Context) -> Result:
    return _started(_background(context, make_home=True).start())


def _restart(context: Context) -> Result:
    return _started(_background(context, make_home=True).restart())


def _started(started: "Started") -> Result:
    pid = started.monitor.pid
    word = "was counting already" if started.already else "is counting"
    lines = [f"PacketBuddy {word} (process {pid})."]
    if not started.managed:
        lines.append(BY_HAND)
    data = {"state": "running", "managed": started.managed, "already": started.already, "pid": pid}
    return said(*lines, data=data)


def _stop(context: Context) -> Result:
    home = home_of(context)
    if not home.root.is_dir():
        return said(f"Not running: there is no {home.root} yet.", data={"state": "stopped", "ran": False})
    stopped = _background(context).stop()
    lines = ["Stopped. Bytes moved meanwhile in the same boot will be counted at the next start."]
    if not stopped.ran:
        lines = ["It was not running."]
    elif stopped.killed:
        pids = ", ".join(str(pid) for pid in stopped.killed)
        lines.insert(0, f"It did not leave by itself and was killed (process {pids}).")
    return said(*lines, data={"state": "stopped", "ran": stopped.ran, "killed": list(stopped.killed)})


def _background(context: Context, *, make_home: bool = False) -> "Background":
    from packetbuddy.services.background import Background  # noqa: PLC0415 - POSIX only

    home = home_of(context)
    if make_home:
        ensure(home)
    return Background(home.root, _command(home), counting=lambda: _is_counting(context))


def _command(home: Home) -> tuple[str, ...]:
    """The installed launcher, which knows the current version, else the code that runs now (a checkout)."""
    if os.access(home.launcher, os.X_OK):
        return (str(home.launcher), "serve")
    return (sys.executable, "-P", "-m", "packetbuddy", "serve")


def _is_counting(context: Context) -> bool:
    health = _health(context)
    return health is not None and health.state == "running"


def _health(context: Context) -> Health | None:
    """What the ledger says of its monitor; ``None`` where there is no ledger or it cannot be read."""
    from packetbuddy.answers.health import health  # noqa: PLC0415 - `pb service logs` needs no ledger
    from packetbuddy.answers.open import Question  # noqa: PLC0415 - same

    home = home_of(context)
    settings, zone = _examined(home).settings, _zone(context)
    try:
        return health(Question(home, settings, context.now_ns, None, zone.rules, zone.name))
    except LedgerError:
        return None


def _zone(context: Context) -> Zone:
    asked = _examined(home_of(context)).settings.display.timezone
    try:
        return zone_for(asked, context.environment, context.now_ns)
    except SettingsError:
        return zone_for("local", context.environment, context.now_ns)


def _examined(home: Home) -> Examined:
    """The settings as far as they can be read: status must answer also while config.toml is broken."""
    try:
        return examine(read_mapping(home.config))
    except SettingsError as error:
        return Examined(parse({}), (error,))


def _status(context: Context) -> Result:
    home, zone = home_of(context), _zone(context)
    state, health = _background(context).state(), _health(context)
    monitor, mistakes = state.monitor, [f"{home.config}: {mistake}" for mistake in _examined(home).mistakes]
    data = {
        "state": _word(state.word, health),
        "manager": "background",
        "managed": state.supervisor is not None,
        "auto_start": False,
        "pid": monitor.pid if monitor else None,
        "since": _iso(datetime.fromtimestamp(monitor.since, UTC), zone) if monitor and monitor.since else None,
        "version": health.version if health else None,
        "last_write": _iso(health.last_write, zone) if health else None,
        "problem": health.problem if health else None,
        "config_mistakes": mistakes,
        "dashboard": dashboard_url(address_of(_examined(home).settings.api)),
        "home": str(home.root),
    }
    return said(*_status_lines(data), *(f"Settings: {mistake}" for mistake in mistakes), data=data)


def _word(processes: str, health: Health | None) -> str:
    """``running``, ``stale`` (it lives and does not write), ``restarting`` (between two tries) or ``stopped``."""
    if processes not in {"running", "unmanaged"}:
        return processes
    return "running" if health and health.state == "running" else "stale"


def _iso(at: datetime | None, zone: Zone) -> str | None:
    return at.astimezone(zone.rules).isoformat(timespec="seconds") if at else None


def _status_lines(data: Mapping[str, object]) -> list[str]:
    pid, since, last = data["pid"], data["since"], data["last_write"]
    heads = {
        "running": f"PacketBuddy is counting (process {pid}, since {since}).",
        "stale": f"PacketBuddy runs (process {pid}, since {since}), but does not write to its ledger.",
        "restarting": "PacketBuddy keeps failing and is started again from time to time: see `pb service logs`.",
        "stopped": "PacketBuddy is not running. `pb service start` starts it.",
    }
    lines = [heads[str(data["state"])]]
    if pid and not data["managed"]:
        lines.append(BY_HAND)
    lines.append(f"Last write: {last or 'none yet'}")
    if data["version"]:
        lines.append(f"Version: {data['version']}")
    if data["problem"]:
        lines.append(f"Problem: {data['problem']}")
    if data["state"] == "running":
        lines.append(f"Dashboard: {data['dashboard']}")
    return [*lines, NO_AUTO_START, f"Home: {data['home']}"]


def _logs(home: Home, options: Namespace) -> Outcome:
    from packetbuddy.services.logs import tail  # noqa: PLC0415 - only here

    count = LINES if options.n is None else options.n
    if count < 0:
        raise WrongUsageError(f"-n cannot be {count}", "give how many lines to show, 0 or more")
    found = tail(home.stderr_log, count=count)
    if options.f:
        return _followed(home, found)
    if not found.lines and not home.stderr_log.exists():
        return said(f"Nothing has been logged yet ({home.stderr_log}).", data={"lines": []})
    return _shown(found.lines)


def _followed(home: Home, found: "Tail") -> Iterator[Result]:
    from packetbuddy.services.logs import follow  # noqa: PLC0415 - only here

    yield _shown(found.lines)
    for lines in follow(home.stderr_log, found.end):
        yield _shown(lines)


def _shown(lines: Sequence[str]) -> Result:
    return said(*(clean(line) for line in lines), data={"lines": list(lines)})
