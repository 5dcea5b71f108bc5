"""Which service manager keeps the monitor on this system: chosen once."""

import os
import sys
from collections.abc import Callable, Mapping

from packetbuddy.services.face import Service
from packetbuddy.services.means import Means
from packetbuddy.services.program import program_for
from packetbuddy.services.runner import Runner, SystemRunner
from packetbuddy.settings.places import Home, own_folder

INSTALL_ADVICE = "`pb service install` makes it start by itself when you log in"
NO_MANAGER_ADVICE = "after a reboot, run `pb service start`"


def service_for(
    home: Home,
    environment: Mapping[str, str],
    *,
    counting: Callable[[], bool] = lambda: True,
    runner: Runner | None = None,
) -> Service:
    """What keeps this home now: the manager that it is registered with, else the background.

    Nothing is written or started. ``counting`` says whether the monitor does its work; a start waits for it. Only what
    `pb service install` registered is kept by a service manager: a monitor of another home, or of a test, never takes
    its place there.
    """
    means = _means(home, environment, counting, runner or SystemRunner())
    if sys.platform == "win32":
        return _task_scheduler(means)
    found = _manager(means)
    if found is not None and found.ours() and found.usable():
        return found
    return _background(means, can_install=found.usable if found is not None else lambda: False)


def installer_for(
    home: Home,
    environment: Mapping[str, str],
    *,
    counting: Callable[[], bool] = lambda: True,
    runner: Runner | None = None,
) -> Service:
    """Where `pb service install` registers: a user systemd that answers, launchd, Task Scheduler, else background."""
    means = _means(home, environment, counting, runner or SystemRunner())
    if sys.platform == "win32":
        return _task_scheduler(means)
    found = _manager(means)
    return found if found is not None and found.usable() else _background(means, can_install=lambda: False)


def registered_with(home: Home, environment: Mapping[str, str], *, runner: Runner | None = None) -> Service:
    """What has to forget this home at an uninstall, whether it answers now or not."""
    means = _means(home, environment, lambda: True, runner or SystemRunner())
    if sys.platform == "win32":
        return _task_scheduler(means)
    found = _manager(means)
    return found if found is not None and found.ours() else _background(means, can_install=lambda: False)


def _means(home: Home, environment: Mapping[str, str], counting: Callable[[], bool], runner: Runner) -> Means:
    program = program_for(home, environment)
    return Means(home.root, program, _user(environment), own_folder(environment), environment, runner, counting)


def _user(environment: Mapping[str, str]) -> str:
    if sys.platform == "win32":
        return environment.get("USERNAME", "")
    import pwd  # noqa: PLC0415 - exists on POSIX only

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container's bare number
        return str(os.geteuid())


if sys.platform == "win32":

    def _task_scheduler(means: Means) -> Service:
        from packetbuddy.services.task_scheduler import TaskScheduler  # noqa: PLC0415 - Windows only

        return TaskScheduler(means)
else:
    from packetbuddy.services.background import Background
    from packetbuddy.services.launchd import Launchd
    from packetbuddy.services.systemd import Systemd

    def _manager(means: Means) -> Systemd | Launchd | None:
        if sys.platform == "darwin":
            return Launchd(means, uid=os.geteuid())
        return Systemd(means) if sys.platform.startswith("linux") else None

    def _background(means: Means, *, can_install: Callable[[], bool]) -> Service:
        def advice() -> str:
            return INSTALL_ADVICE if can_install() else NO_MANAGER_ADVICE

        return Background(
            means.home,
            means.serve,
            counting=means.counting,
            runner=means.runner,
            patience=means.patience,
            advice=advice,
        )
