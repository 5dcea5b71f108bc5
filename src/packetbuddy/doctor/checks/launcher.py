"""The installed code and the ways into it: what an upgrade, a move or a removed Python leaves behind."""

from collections.abc import Iterator
from pathlib import Path

from packetbuddy.doctor.facts import Facts, Launcher, Place
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding

NAME = "launcher"
SETUP = "Run setup again: it repairs that and loses nothing"


def check(facts: Facts) -> Iterator[Finding]:
    """Launcher, current version and interpreter; then what a terminal finds."""
    launcher = facts.launcher
    if launcher is None:
        return
    yield from _installed(launcher)
    yield from _link(launcher, facts.place)
    if launcher.launcher_state == "fine" and launcher.link_state != "broken":
        yield from _terminal(launcher)


def _installed(launcher: Launcher) -> Iterator[Finding]:
    if launcher.launcher_state == "broken":
        yield Finding(NAME, BROKEN, f"{launcher.launcher} cannot be run.", SETUP)
    if launcher.current_state == "fine" and launcher.launcher_state == "absent":
        yield Finding(NAME, BROKEN, f"{launcher.launcher}, which services and links start, is gone.", SETUP)
    if launcher.current_state == "broken" or (
        launcher.current_state == "absent" and launcher.launcher_state != "absent"
    ):
        text = f"{launcher.current} leads nowhere, so the installed version cannot be found."
        yield Finding(NAME, BROKEN, text, SETUP)
    if launcher.interpreter_state == "broken":
        text = f"{launcher.interpreter} does not run PacketBuddy: the Python of its installation is gone or changed."
        yield Finding(NAME, BROKEN, text, SETUP)


def _link(launcher: Launcher, place: Place) -> Iterator[Finding]:
    target = launcher.link_target
    if target is None or not (target == launcher.launcher or _is_launcher(target)):
        return
    if target == launcher.launcher and (launcher.launcher_state == "broken" or launcher.current_state == "fine"):
        return
    if launcher.link_state == "broken":
        yield Finding(NAME, WARNING, f"{launcher.link} leads to {target}, which is gone.", SETUP)
    elif launcher.launcher_state == "fine" and target.parent.parent != place.root:
        text = f"{launcher.link} leads to {target}, not to {launcher.launcher} of this home."
        yield Finding(NAME, WARNING, text, f"`ln -sfn {launcher.launcher} {launcher.link}` changes that")


def _is_launcher(target: Path) -> bool:
    """Whether this looks like the launcher of some home, and not like another program's pb."""
    return target.parts[-2:] == ("bin", "pb") and target.parent.parent.name == ".packetbuddy"


def _terminal(launcher: Launcher) -> Iterator[Finding]:
    found = launcher.first_on_path
    if found is None:
        text = f"A terminal does not find pb: {launcher.link.parent} is not on its PATH."
        yield Finding(NAME, NOTE, text, f'`export PATH="{launcher.link.parent}:$PATH"` in your profile changes that')
    elif not launcher.first_is_ours and found != launcher.link:
        text = f"A terminal's pb is {found}, not that of this installation."
        yield Finding(NAME, NOTE, text, f"Put {launcher.link.parent} first on PATH, or call {launcher.launcher}")
