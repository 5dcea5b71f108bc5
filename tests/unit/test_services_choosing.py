"""Which adapter keeps a home, and which command line is ``pb``."""

import sys
from pathlib import Path

import pytest

from packetbuddy.services.choosing import installer_for, program_for, registered_with, service_for
from packetbuddy.services.runner import Completed
from packetbuddy.services.systemd import Systemd
from packetbuddy.settings.places import Home
from unit.scripted import Scripted

if not sys.platform.startswith("linux"):
    pytest.skip("the choice between systemd and background is Linux's", allow_module_level=True)


class Account:
    """A user of a Linux system whose systemd is played."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / ".packetbuddy")
        self.home.root.mkdir()
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        self.units = folder / ".config" / "systemd" / "user"
        self.answers = True
        self.runner = Scripted(self.answer)

    def answer(self, words: tuple[str, ...]) -> Completed:
        if not self.answers:
            return Completed(1, "", "Failed to connect to bus: No medium found")
        if "--property=UnitPath" in words:
            return Completed(0, f'/etc/systemd/user "{self.units}" /usr/lib/systemd/user\n', "")
        if words[1] == "show":
            return Completed(0, "ActiveState=inactive\nMainPID=0\nResult=success\nExecMainStatus=0\n", "")
        return Completed(0, "systemd 252 (252.38-1)\n" if words[1] == "--version" else "", "")

    def kept_by(self) -> str:
        return service_for(self.home, self.environment, runner=self.runner).manager

    def installer(self) -> str:
        return installer_for(self.home, self.environment, runner=self.runner).manager


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def test_only_what_was_installed_is_kept_by_a_manager(account: Account) -> None:
    """A usable systemd is where install goes, but start uses the background until then, and again after uninstall."""
    assert (account.kept_by(), account.installer()) == ("background", "systemd")
    assert account.runner.verbs() == ["--user"]
    installer = installer_for(account.home, account.environment, runner=account.runner)
    assert installer.install().installed
    assert account.kept_by() == "systemd"
    assert installer.uninstall()
    assert account.kept_by() == "background"


def test_without_an_answer_it_is_the_background(account: Account) -> None:
    """A systemd that does not answer keeps nothing; an uninstall still finds what it had registered."""
    installer_for(account.home, account.environment, runner=account.runner).install()
    account.answers = False
    assert (account.kept_by(), account.installer()) == ("background", "background")
    forgetting = registered_with(account.home, account.environment, runner=account.runner)
    assert isinstance(forgetting, Systemd)
    assert forgetting.uninstall()
    assert list(account.units.rglob("packetbuddy*")) == []


def test_units_where_systemd_does_not_look_are_of_no_use(account: Account) -> None:
    """XDG_CONFIG_HOME is respected; a folder that the user's systemd does not read is no place to register in."""
    account.environment["XDG_CONFIG_HOME"] = f"{account.environment['HOME']}/elsewhere"
    assert account.installer() == "background"
    account.units = account.units.parents[2] / "elsewhere" / "systemd" / "user"
    assert account.installer() == "systemd"
    account.environment["XDG_CONFIG_HOME"] = "relative/is/ignored"
    assert account.installer() == "background"


def test_the_background_says_what_to_do(account: Account) -> None:
    """Where a manager could keep it, install is advised; where none is, to start it after a reboot."""
    service = service_for(account.home, account.environment, runner=account.runner)
    assert "pb service install" in service.registration().advice
    account.answers = False
    advice = service_for(account.home, account.environment, runner=account.runner).registration().advice
    assert "reboot" in advice


def test_the_launcher_is_pb(account: Account) -> None:
    """An installed launcher comes first, whatever else is on PATH."""
    account.home.launcher.parent.mkdir()
    account.home.launcher.write_text("#!/bin/sh\n")
    assert program_for(account.home, account.environment)[1:] == ("-P", "-m", "packetbuddy")
    account.home.launcher.chmod(0o700)
    assert program_for(account.home, account.environment) == (str(account.home.launcher),)


def test_a_shim_of_pipx_or_uv_is_pb(account: Account, tmp_path: Path) -> None:
    """A link on PATH into the environment that runs now is used as it is named, for it outlives the environment."""
    shims = tmp_path / "shims"
    shims.mkdir()
    account.environment["PATH"] = f"{shims}:/bin"
    (shims / "pb").symlink_to(Path(sys.prefix) / "bin" / "pb")
    assert program_for(account.home, account.environment) == (str(shims / "pb"),)
    (shims / "pb").unlink()
    (shims / "pb").symlink_to("/bin/true")
    assert program_for(account.home, account.environment)[0] == sys.executable
    account.environment["PATH"] = f"{sys.prefix}/bin"
    assert program_for(account.home, account.environment)[0] == sys.executable
