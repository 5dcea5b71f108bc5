"""What the system's service manager knows of us."""

from collections.abc import Iterator

from packetbuddy.doctor.facts import Facts, Service
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.services.choosing import INSTALL_ADVICE
from packetbuddy.services.face import Registration

NAME = "service"
AGAIN = "`pb service install` registers it anew"


def check(facts: Facts) -> Iterator[Finding]:
    """Not registered, registered with a program that is gone or another's, not started at login or at boot."""
    service = facts.service
    if service is None:
        return
    if service.registration is None:
        yield Finding(NAME, NOTE, f"{service.problem.rstrip('.')}.", "`pb serve` counts in the foreground")
        return
    registration = service.registration
    if registration.installed:
        yield from _program(facts, service, registration)
    if registration.installed and not service.answers:
        text = f"The service is registered with {registration.manager}, which does not answer in this session."
        remedy = "Log in as this user rather than by `su` or `sudo`; until then `pb service start` keeps it too"
        yield Finding(NAME, WARNING, text, remedy)
    yield from _start(registration)


def _program(facts: Facts, service: Service, registration: Registration) -> Iterator[Finding]:
    launcher = facts.launcher
    if not service.program_there:
        what = registration.program or "nothing that can be made out"
        text = f"The service is registered to start {what}, which is not there or cannot be run."
        yield Finding(NAME, BROKEN, text, f"Run setup again, or {AGAIN}")
    elif launcher is not None and launcher.launcher_state == "fine" and registration.program != launcher.launcher:
        text = f"The service is registered to start {registration.program}, not {launcher.launcher} of this home."
        yield Finding(NAME, WARNING, text, AGAIN)


def _start(registration: Registration) -> Iterator[Finding]:
    advice = registration.advice or AGAIN
    if registration.manager == "background":
        if registration.advice == INSTALL_ADVICE:  # without a manager nothing can be done: `pb service status` says so
            yield Finding(NAME, NOTE, "Nothing starts the service after a reboot.", advice)
    elif not registration.installed:
        yield Finding(NAME, WARNING, "The service is not registered, so nothing starts it after a reboot.", advice)
    elif not registration.auto_start:
        yield Finding(NAME, WARNING, "The service does not start by itself at login.", advice)
    elif registration.at_boot is False:
        text = "The service starts when you log in, not when the machine starts: what moves in between is not counted."
        yield Finding(NAME, NOTE, text, advice)
