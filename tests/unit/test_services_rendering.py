"""The texts for service managers: kept as they are in ``service_files``, and read back as their formats are read."""

import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from packetbuddy.errors import ServiceError
from packetbuddy.services.rendering import agent, home_variable, starter, task, template, unit
from packetbuddy.services.systemd import other_home

KEPT = Path(__file__).with_name("service_files")
HOME = Path("/home/anna/.packetbuddy")
PROGRAM = ("/home/anna/.packetbuddy/bin/pb",)
STARTER = Path("/Users/anna/Library/Application Support/PacketBuddy/PacketBuddy")
EVIL = '/home/Jürgen & Söhne/100% <ours> "it\'s" $HOME `x` \\n ;#/.packet buddy'
WINDOWS = (r"C:\Users\Jürgen & Söhne (100%)\.packetbuddy\bin\pb.cmd",)
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def _texts() -> Iterator[tuple[str, str]]:
    for version in (252, 254):
        text = unit(template("packetbuddy.service"), HOME, (*PROGRAM, "serve"), version=version)
        yield f"packetbuddy.service.{version}", text
    yield "PacketBuddy.sh", starter(template("launchd.sh"), HOME, PROGRAM)
    for name in ("com.packetbuddy.plist", "com.packetbuddy.watchdog.plist"):
        yield name, agent(template(name), STARTER)
    for name in ("PacketBuddy.xml", "PacketBuddyWatchdog.xml"):
        yield name, task(template(name), r"PC\anna", (r"C:\Users\anna\.packetbuddy\bin\pb.cmd",))


@pytest.mark.parametrize(("name", "text"), list(_texts()), ids=lambda word: word if len(word) < 40 else "")
def test_text_is_as_it_was(name: str, text: str) -> None:
    """What a service manager is given changes only together with the kept copy, so that a change is seen."""
    assert text == (KEPT / name).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
@pytest.mark.parametrize("folder", ["home", "a höme", '100%n $HOME & <it\'s> "ours" \\t;#'])
@pytest.mark.parametrize("version", [0, 254])
def test_unit_passes_systemds_own_check(tmp_path: Path, folder: str, version: int) -> None:
    """Each path is read back as it was: systemd's check, which looks for the program, has nothing to say.

    An older systemd does say that it does not know the growing pauses, which is why it is not given them.
    """
    home = tmp_path / folder
    program = home / "bin" / "pb"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    file = tmp_path / "packetbuddy.service"
    file.write_text(unit(template("packetbuddy.service"), home, (str(program), "serve"), version=version))
    tool = shutil.which("systemd-analyze")
    assert tool is not None, "install systemd: scripts/test does"
    runtime = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    command = [tool, "verify", "--user", "--man=no", str(file)]
    checked = subprocess.run(command, env=runtime, capture_output=True, text=True, check=False)
    assert checked.returncode == 0
    unknown = [line for line in checked.stderr.splitlines() if "RestartSteps" in line or "RestartMaxDelaySec" in line]
    assert [line for line in checked.stderr.splitlines() if line not in unknown] == []
    assert not unknown or version == 254
    program.unlink()
    checked = subprocess.run(command, env=runtime, capture_output=True, text=True, check=False)
    assert (checked.returncode != 0) == ("'" not in folder), "the check notices a program that is not there"


@pytest.mark.parametrize("home", [str(HOME), EVIL])
def test_whose_unit_it_is_can_be_read_back(home: str) -> None:
    """The home in a unit is found again whatever characters are in it."""
    text = unit(template("packetbuddy.service"), Path(home), ("/bin/pb", "serve"), version=252)
    assert home_variable(Path(home)) in text
    assert other_home(text) == Path(home)
    assert other_home("[Service]\nEnvironment=X=1\n") is None


@pytest.mark.parametrize(
    "home", ["/home/a\nExecStart=/bin/evil", "/home/a ", "/home/a\\", "/home/\udce4", "/x\x00", "/x\u2028"]
)
def test_a_path_that_no_line_can_hold_is_refused(home: str) -> None:
    """A line break in a path can never become a line of the unit; it is refused in words."""
    with pytest.raises(ServiceError, match="cannot be written into"):
        unit(template("packetbuddy.service"), Path(home), ("/bin/pb", "serve"), version=252)


def test_letters_that_only_look_strange_are_taken(tmp_path: Path) -> None:
    """A space that does not break and a family of joined people are names like any other."""
    home = tmp_path / "a\u00a0b 👨\u200d👩\u200d👧"
    assert home_variable(home) in unit(template("packetbuddy.service"), home, ("/bin/pb", "serve"), version=252)


@pytest.mark.parametrize("name", ["com.packetbuddy.plist", "com.packetbuddy.watchdog.plist"])
def test_agents_read_back(name: str) -> None:
    """The agents' own format gives the path back as it was, and the keys that matter have their values."""
    for program in (STARTER, Path(EVIL) / "PacketBuddy"):
        read = plistlib.loads(agent(template(name), program).encode())
        assert read["ProgramArguments"][0] == str(program)
        assert PurePosixPath(read["ProgramArguments"][0]).name == "PacketBuddy"
        assert (read["ProcessType"], read["Umask"]) == ("Background", 0o077)
        if name == "com.packetbuddy.plist":
            assert (read["Label"], read["ProgramArguments"][1:]) == ("com.packetbuddy.daemon", ["serve"])
            assert (read["RunAtLoad"], read["KeepAlive"]) == (True, {"SuccessfulExit": False})
            assert read["ThrottleInterval"] == 30
        else:
            assert (read["Label"], read["ProgramArguments"][1:]) == ("com.packetbuddy.watchdog", ["watchdog", "--once"])
            assert read["StartInterval"] == 300
            assert "KeepAlive" not in read


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_starter_hands_over_home_program_and_arguments(tmp_path: Path) -> None:
    """The script that launchd starts becomes the program, with the home in its environment and the logs as outputs."""
    home = tmp_path / EVIL.replace("/", "|")
    home.mkdir()
    program = home / "pb"
    program.write_text(
        '#!/bin/sh\nprintf "%s|" "$PACKETBUDDY_HOME" "$PACKETBUDDY_KEPT_BY" "$@"; echo trouble >&2; umask\n'
    )
    program.chmod(0o700)
    script = tmp_path / "PacketBuddy"
    script.write_text(starter(template("launchd.sh"), home, (str(program), "a word")))
    (home / "stderr.log").write_text("x" * 2_000_001)
    assert subprocess.run(["/bin/sh", script, "serve"], capture_output=True, check=False).returncode == 0
    assert (home / "stdout.log").read_text() == f"{home}|launchd|a word|serve|0077\n"
    assert (home / "stderr.log").read_text() == "trouble\n"
    assert (home / "stderr.log.1").stat().st_size == 2_000_001


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_starter_of_a_deleted_home_ends_well(tmp_path: Path) -> None:
    """Where the home or the program is gone it ends with 0, which launchd does not answer with another start."""
    script = tmp_path / "PacketBuddy"
    for home in (tmp_path / "gone", tmp_path):
        script.write_text(starter(template("launchd.sh"), home, (str(tmp_path / "no-pb"),)))
        assert subprocess.run(["/bin/sh", script, "serve"], capture_output=True, check=False).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["PacketBuddy"]


ALL = {
    "Task": {"RegistrationInfo", "Triggers", "Principals", "Settings", "Data", "Actions"},
    "RegistrationInfo": {
        "URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description", "Documentation",
    },
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {
        "AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries", "AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName",
        "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter", "IdleSettings",
        "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle",
    },
    "IdleSettings": {"Duration", "WaitTimeout", "StopOnIdleEnd", "RestartOnIdle"},
    "RestartOnFailure": {"Interval", "Count"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}  # fmt: skip
"""Elements whose children may stand in any order, each at most once (``xs:all``)."""
TRIGGER = ("Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit")
SEQUENCE = {
    "Triggers": ("LogonTrigger", "TimeTrigger"),
    "LogonTrigger": (*TRIGGER, "UserId", "Delay"),
    "TimeTrigger": (*TRIGGER, "RandomDelay"),
    "Repetition": ("Interval", "Duration", "StopAtDurationEnd"),
    "Principals": ("Principal",),
    "Actions": ("Exec",),
}
"""Elements whose children have one order (``xs:sequence``)."""
DURATION, FLAG = r"P(T(\d+H)?(\d+M)?(\d+S)?)", "true|false"
VALUES = {
    "Enabled": FLAG, "Hidden": FLAG, "WakeToRun": FLAG, "StopOnIdleEnd": FLAG, "RestartOnIdle": FLAG,
    "DisallowStartIfOnBatteries": FLAG, "StopIfGoingOnBatteries": FLAG, "AllowHardTerminate": FLAG,
    "StartWhenAvailable": FLAG, "RunOnlyIfNetworkAvailable": FLAG, "AllowStartOnDemand": FLAG, "RunOnlyIfIdle": FLAG,
    "StopAtDurationEnd": FLAG, "Interval": DURATION, "ExecutionTimeLimit": DURATION, "Count": r"[1-9]\d?\d?",
    "Priority": r"\d|10", "StartBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "RunLevel": "LeastPrivilege|HighestAvailable",
    "LogonType": "S4U|Password|InteractiveToken|InteractiveTokenOrPassword",
    "MultipleInstancesPolicy": "Parallel|IgnoreNew|Queue", "Command": ".+", "Arguments": ".+", "UserId": ".+",
    "Source": ".*", "Description": ".*",
}  # fmt: skip


def _check(element: ET.Element) -> None:
    name, children = element.tag.removeprefix(NAMESPACE), [child.tag.removeprefix(NAMESPACE) for child in element]
    if name in ALL:
        assert set(children) <= ALL[name], name
        assert len(children) == len(set(children)), name
    elif name in SEQUENCE:
        assert children == sorted(children, key=SEQUENCE[name].index), name
    else:
        assert children == [], name
        assert re.fullmatch(VALUES[name], element.text or ""), (name, element.text)
    for child in element:
        _check(child)


@pytest.mark.parametrize("name", ["PacketBuddy.xml", "PacketBuddyWatchdog.xml"])
def test_tasks_keep_to_the_schema(name: str) -> None:
    """Written as UTF-16 with its mark, a task reads back with the schema's elements, orders and values."""
    for program in (WINDOWS, (r"C:\Program Files\pb.exe",)):
        content = task(template(name), r"PC\Jürgen & <x>", program).encode("utf-16")
        assert content[:2] in {b"\xff\xfe", b"\xfe\xff"}
        root = ET.fromstring(content)  # noqa: S314 - rendered a line above
        assert root.tag == f"{NAMESPACE}Task"
        _check(root)
        assert root.findtext(f".//{NAMESPACE}Principal/{NAMESPACE}UserId") == r"PC\Jürgen & <x>"
        arguments = root.findtext(f".//{NAMESPACE}Arguments")
        assert arguments is not None
        assert program[0] in arguments
        words = shlex.split(arguments.replace("\\", "/"))
        assert words[:2] == ["--headless", program[0].replace("\\", "/")]
        assert root.get("version") == "1.2"
        context = root.find(f".//{NAMESPACE}Actions")
        principal = root.find(f".//{NAMESPACE}Principal")
        assert context is not None
        assert principal is not None
        assert context.get("Context") == principal.get("id")


def test_the_task_is_not_hurt_by_the_defaults() -> None:
    """Battery, time limit, missed starts, several instances, rights: each default that would hurt is set otherwise."""
    root = ET.fromstring(task(template("PacketBuddy.xml"), "anna", WINDOWS).encode("utf-16"))  # noqa: S314 - same
    settings = {child.tag.removeprefix(NAMESPACE): child.text for child in root.iter()}
    wanted = {
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "ExecutionTimeLimit": "PT0S",
        "StartWhenAvailable": "true",
        "MultipleInstancesPolicy": "IgnoreNew",
        "RunLevel": "LeastPrivilege",
        "Count": "10",
    }
    assert {name: settings[name] for name in wanted} == wanted


def test_placeholders_in_values_are_left_alone() -> None:
    """A home whose name looks like a placeholder is written as it is."""
    text = unit(template("packetbuddy.service"), Path("/home/@COMMAND@"), ("/bin/pb", "serve"), version=252)
    assert 'Environment="PACKETBUDDY_HOME=/home/@COMMAND@"' in text
