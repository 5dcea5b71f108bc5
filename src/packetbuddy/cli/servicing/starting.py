"""``pb service start``, ``stop``, ``restart``, ``install``: each ends in the state that it names, and says so."""

from argparse import Namespace
from collections.abc import Iterator
from typing import NamedTuple

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.cli.servicing.keeping import dashboard_of, kept, to_be_kept
from packetbuddy.services.face import Registration, Service, Started, Stopped
from packetbuddy.services.marks import forget_stopped, mark_stopped
from packetbuddy.settings.places import own_folder

BY_HAND = "Nothing starts it again should it end (a `pb serve`?): `pb service restart` changes that."
COUNTED_LATER = "Stopped. Bytes moved meanwhile in the same boot will be counted at the next start."
LEFT_OUT = "Paused. Bytes moved until the next start are left out, as not observed."
NOWHERE = "nowhere: there is no service manager here that PacketBuddy can use"


class Step(NamedTuple):
    """One thing that was done: its line and what of it a program wants to know."""

    line: str
    data: dict[str, object]


def start(context: Context, _options: Namespace) -> Result:
    """Leave a monitor that counts."""
    words = taken_over(context)
    service = kept(context, make_home=True)
    forget_stopped(home_of(context).root)
    return _told(service.start(), words)


def restart(context: Context, _options: Namespace) -> Result:
    """Leave a monitor that began just now."""
    words = taken_over(context)
    service = kept(context, make_home=True)
    forget_stopped(home_of(context).root)
    return _told(service.restart(), words)


def taken_over(context: Context) -> tuple[str, ...]:
    """From a PacketBuddy 1.x in this home, if there is one; what happened, in lines."""
    from packetbuddy.services.predecessor import relieve, told  # noqa: PLC0415 - only before a start

    aside = relieve(home_of(context), own_folder(context.environment))
    return told(aside) if aside else ()


def stop(context: Context, options: Namespace) -> Result:
    """Leave no monitor; with ``--pause`` what moves until the next start is left out."""
    home = home_of(context)
    if not home.root.is_dir():
        return said(f"Not running: there is no {home.root} yet.", data={"state": "stopped", "ran": False})
    mark_stopped(home.root)
    stopped = kept(context).stop()
    paused = options.pause and _pause(context)
    if home.root.is_dir():
        mark_stopped(home.root)  # the last look of a pause is newer than the mark
    lines = [*_killed_words(stopped), LEFT_OUT if paused else COUNTED_LATER if stopped.ran else "It was not running."]
    data = {"state": "stopped", "ran": stopped.ran, "killed": list(stopped.killed), "paused": paused}
    return said(*lines, data=data)


def _pause(context: Context) -> bool:
    from packetbuddy.monitor.pausing import pause  # noqa: PLC0415 - no other command loads the monitor

    return pause(home_of(context))


def _killed_words(stopped: Stopped) -> list[str]:
    if not stopped.killed:
        return []
    pids = ", ".join(str(pid) for pid in stopped.killed)
    return [f"It did not leave by itself and was killed (process {pids})."]


def install(context: Context, options: Namespace) -> Outcome:
    """Register, start, wait until it counts: a line for each step, as it is done."""
    steps = _install(context)
    if not options.json:
        return (said(step.line, data=step.data) for step in steps)
    data: dict[str, object] = {}
    for step in steps:
        data |= step.data
    return said(data=data)


def _install(context: Context) -> Iterator[Step]:
    for line in taken_over(context):
        yield Step(line, {})
    service = to_be_kept(context)
    was_kept = service.state().managed and (service.registration().installed or service.manager == "background")
    registration = service.install()
    yield _registered(registration)
    yield _counting(service, context, anew=not was_kept)
    yield _auto_start(registration)
    url = dashboard_of(context)
    yield Step(f"Dashboard:  {url}", {"dashboard": url})


def _registered(registration: Registration) -> Step:
    where = f"{registration.manager}, {registration.files[0]}" if registration.files else NOWHERE
    data = {"manager": registration.manager, "files": [str(path) for path in registration.files]}
    return Step(f"Registered: {where}", dict(data))


def _counting(service: Service, context: Context, *, anew: bool) -> Step:
    """A monitor that somebody else kept until now is stopped first: never two."""
    forget_stopped(home_of(context).root)
    started = service.restart() if anew else service.start()
    return Step(f"Started:    it counts (process {started.monitor.pid})", {"state": "running", **_data(started)})


def _auto_start(registration: Registration) -> Step:
    word = auto_start_words(registration)
    data: dict[str, object] = {"auto_start": registration.auto_start, "at_boot": registration.at_boot}
    data["advice"] = registration.advice
    return Step(f"Auto-start: {word}", data)


def auto_start_words(registration: Registration) -> str:
    """Whether it starts by itself, when, and what to do to have more."""
    if not registration.auto_start:
        return f"no; {registration.advice}"
    word = "yes, at boot" if registration.at_boot else "yes, when you log in"
    return f"{word}; {registration.advice}" if registration.advice else word


def _told(started: Started, words: tuple[str, ...]) -> Result:
    word = "was counting already" if started.already else "is counting"
    lines = [*words, f"PacketBuddy {word} (process {started.monitor.pid})."]
    if not started.managed:
        lines.append(BY_HAND)
    return said(*lines, data={"state": "running", **_data(started)})


def _data(started: Started) -> dict[str, object]:
    return {"managed": started.managed, "already": started.already, "pid": started.monitor.pid}
