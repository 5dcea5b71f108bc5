import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from packetbuddy.answers import zone as zone_module
from packetbuddy.answers.windows_zones import IANA
from packetbuddy.answers.zone import complaint, is_broken, zone_for
from packetbuddy.errors import SettingsError

NOW = 1_795_430_000 * 10**9
ZONEINFO = Path("/usr/share/zoneinfo")
needs_files = pytest.mark.skipif(not (ZONEINFO / "Asia/Kolkata").exists(), reason="this system has no zone files")
WINTER, SUMMER = datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC)


def hours(found: zone_module.Zone, at: datetime) -> float:
    offset = at.astimezone(found.rules).utcoffset()
    assert offset is not None
    return offset / timedelta(hours=1)


def test_a_named_zone_follows_its_rules() -> None:
    """A zone of the settings is used whatever the environment says, with its daylight saving."""
    found = zone_for("America/New_York", {"TZ": "Asia/Kolkata"}, NOW)
    assert found.name == "America/New_York"
    assert (hours(found, WINTER), hours(found, SUMMER)) == (-5, -4)


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "", "Asia", "a\0b"])
def test_an_unknown_zone_is_a_mistake_in_the_settings(name: str) -> None:
    """A zone that is no zone is told with the key, never taken for UTC."""
    with pytest.raises(SettingsError, match=r"display.timezone"):
        zone_for(name, {}, NOW)


@pytest.mark.parametrize(
    ("told", "name", "winter", "summer"),
    [
        ("Asia/Kolkata", "Asia/Kolkata", 5.5, 5.5),
        (":Australia/Lord_Howe", "Australia/Lord_Howe", 11, 10.5),
        ("EST5EDT", "EST5EDT", -5, -4),
        ("UTC", "UTC", 0, 0),
        ("", "UTC", 0, 0),
    ],
)
def test_local_follows_tz(told: str, name: str, winter: float, summer: float) -> None:
    """TZ names the local zone, also with a colon, as a POSIX name, and empty (which means UTC)."""
    found = zone_for("local", {"TZ": told}, NOW)
    assert found.name == name
    assert (hours(found, WINTER), hours(found, SUMMER)) == (winter, summer)


@needs_files
def test_local_follows_a_path_in_tz() -> None:
    """TZ may be the path of a rules file."""
    assert zone_for("local", {"TZ": f":{ZONEINFO}/Asia/Kathmandu"}, NOW).name == "Asia/Kathmandu"


@needs_files
def test_local_follows_the_symlink(tmp_path: Path) -> None:
    """Without TZ the name is where /etc/localtime leads."""
    link = tmp_path / "localtime"
    link.symlink_to(ZONEINFO / "America/New_York")
    found = zone_for("local", {}, NOW, str(link))
    assert found.name in {"America/New_York", "US/Eastern"}
    assert (hours(found, WINTER), hours(found, SUMMER)) == (-5, -4)


@needs_files
def test_local_reads_a_copied_file(tmp_path: Path) -> None:
    """A copy of the rules has no name, but its daylight saving is right."""
    copy = tmp_path / "localtime"
    shutil.copyfile(ZONEINFO / "America/New_York", copy)
    found = zone_for("local", {}, NOW, str(copy))
    assert (found.name, hours(found, WINTER), hours(found, SUMMER)) == ("local", -5, -4)


@pytest.mark.skipif(sys.platform == "win32", reason="the C library's zone is set by TZ on POSIX")
@pytest.mark.parametrize(("posix", "name"), [("XXX-5:45", "UTC+05:45"), ("XXX3:30", "UTC-03:30"), ("XXX0", "UTC")])
def test_the_last_resort_is_the_c_librarys_offset(posix: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no rules can be found, the offset of now is used and named as what it is."""
    monkeypatch.setenv("TZ", posix)
    time.tzset()
    try:
        assert zone_for("local", {"TZ": posix}, NOW).name == name
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("told", ["Mars/Phobos", ":Mars/Phobos", "/etc/passwd", "nonsense", "Asia", "5"])
def test_a_tz_that_is_no_zone_is_told(told: str) -> None:
    """What the C library silently takes for UTC has words."""
    assert complaint({"TZ": told}).startswith(f"TZ is {told!r}, which names no time zone")


@pytest.mark.parametrize(
    "told", ["", ":", "UTC", "Asia/Kolkata", ":Asia/Kolkata", "EST5EDT", "XXX-5:45", "<+0545>-5:45"]
)
def test_a_tz_that_is_a_zone_is_not(told: str) -> None:
    """Names, POSIX rules and the empty one, which means UTC, are no nonsense; nor is no TZ at all."""
    assert complaint({"TZ": told}) == ""
    assert complaint({}) == ""


def test_what_a_tz_holds_cannot_steer_a_terminal() -> None:
    """Only a printable part of it is shown."""
    assert complaint({"TZ": "\x1b[31m" + "x" * 500}).isprintable()
    assert len(complaint({"TZ": "\x1b[31m" + "x" * 500})) < 200


def test_a_zone_file_without_rules_is_broken(tmp_path: Path) -> None:
    """A file that is no zone file is; none at all, which means UTC, is not."""
    (tmp_path / "localtime").write_bytes(b"no rules")
    assert is_broken(str(tmp_path / "localtime"))
    assert not is_broken(str(tmp_path / "none"))
    assert not is_broken("/usr/share/zoneinfo/Asia/Tokyo")


def test_a_broken_rules_file_is_not_the_end(tmp_path: Path) -> None:
    """A file that holds no rules leads to the last resort."""
    broken = tmp_path / "localtime"
    broken.write_bytes(b"no rules")
    assert zone_for("local", {}, NOW, str(broken)).name.startswith("UTC")


@pytest.mark.parametrize("path", ["/usr/share/zoneinfo/posix/Asia/Tokyo", "/usr/share/zoneinfo/right/Asia/Tokyo"])
def test_flavours_of_zone_files_have_the_same_name(path: str) -> None:
    """The posix and right trees hold the same zones."""
    assert zone_module._zone_part(path) == "Asia/Tokyo"


def test_every_windows_zone_is_known_here() -> None:
    """Each IANA name in the Windows table exists."""
    known = available_timezones()
    assert {name for name in IANA.values() if name not in known} == set()
    assert ZoneInfo(IANA["India Standard Time"]).key == "Asia/Kolkata"
