"""The file as a whole: what is read, what is told, what is never raised."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import SettingsError
from packetbuddy.settings.database import database_url, sync_enabled
from packetbuddy.settings.load import LARGEST_FILE, examine, find_key, load, parse, parse_text, read_mapping
from packetbuddy.settings.sample import MEANINGS, default_text
from packetbuddy.settings.showing import effective, json_value, old_keys, show_lines, toml_value
from packetbuddy.settings.table import SECTIONS
from packetbuddy.settings.zones import check_timezone

NAMES = [section.name for section in SECTIONS] + ["database", "nonsense", "port"]
KEYS = [*sorted({key.name for section in SECTIONS for key in section.keys}), "neon_url", "max_retries", "pol_interval"]
SCALARS = st.one_of(
    st.none().map(lambda _: True),
    st.integers(),
    st.integers(min_value=0, max_value=100),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from(["auto", "all", "GB", "weekly", "30 days", "1 GB", "postgres://u:p@h/d", "local", "01:00-02:00"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "up_to", "rate"]), inner, max_size=3)
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), VALUES, max_size=5)
MAPPINGS = st.dictionaries(
    st.sampled_from(NAMES) | st.text(max_size=8), TABLES | st.lists(TABLES, max_size=3) | VALUES, max_size=5
)


def mistake(text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        parse(parse_text(text))
    return str(refused.value)


@given(MAPPINGS)
def test_any_mapping_gives_settings_or_words(mapping: dict[str, Any]) -> None:
    """Whatever TOML can hold, only a SettingsError of one printable line comes out, and usable settings beside it."""
    examined = examine(mapping)
    for found in examined.mistakes:
        assert str(found).isprintable()
        assert len(str(found)) < 400
    assert examined.settings.monitoring.poll_interval >= 0.2
    if examined.mistakes:
        with pytest.raises(SettingsError):
            parse(mapping)
    else:
        assert parse(mapping) == examined.settings
        assert json_value(effective(mapping))


@given(st.text(max_size=200) | st.text(alphabet='[]={}",.\n\\ab10-:x', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A text is a mapping or a SettingsError, never anything else."""
    complaint = "line"
    try:
        parse_text(text)
    except SettingsError as refused:
        complaint = str(refused)
    assert any(word in complaint for word in ("line", "nested", "digits"))


@given(VALUES)
def test_shown_values_are_valid_toml(value: Any) -> None:
    """What `pb config show` prints for a value reads back as that value (times apart, which no key takes)."""
    if any(word in repr(value) for word in ("datetime.datetime", "datetime.time", "nan")):
        return
    try:
        back = parse_text(f"value = {toml_value(value)}")["value"]
    except SettingsError:
        assert "\\ud" in repr(value) or "{" in repr(value)  # a lone surrogate, or an odd key: no TOML holds it bare
        return
    assert back == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("monitorin.x = 1", "unknown section [monitorin]; nearest: [monitoring]"),
        ("port = 1", "port stands outside of any section; nearest: api.port"),
        ("display.unit = 1", "unknown key display.unit; nearest: display.units"),
        ("display.port = 1", "unknown key display.port; nearest: api.port"),
        ("[[plan]]\n[[plan]]\nname = 'b'\ncapp = 1", "unknown key plan[2].capp; nearest: plan[2].cap"),
        ("monitoring = 3", "monitoring is 3; allowed: a table [monitoring] with its keys below it"),
        ("[[api]]", "api is [a table]; allowed: a table [api] with its keys below it"),
        ("monitoring.poll_interval.x = 3", "monitoring.poll_interval is a table; allowed: seconds from 0.2 to 60"),
        ("plan = [3]", "plan is 3; allowed: a table [plan] with its keys below it"),
        (
            "[monitoring]\npoll_interval = 5\nbatch_write_interval = 2",
            "monitoring.batch_write_interval is 2; allowed: at least poll_interval, which is 5",
        ),
        ("[[plan]]\n[[plan]]", 'plan.name is "plan" more than once; allowed: a name of its own for each [[plan]]'),
        (
            "plan.interfaces = 'wlan0'\nplan.devices = 'all'",
            'plan.devices is ["all"]; allowed: only "this" beside interfaces, leave one of them out',
        ),
        ("\n\na = = 1", "line 3, column 5: no valid TOML: invalid value"),
        ("a = 1\na = 2\n", "line 2, column 6: no valid TOML: cannot overwrite a value"),
        ("x = " + "9" * 5000, "holds a number with too many digits"),
        ("x = " + "[" * 5000, "is nested too deeply"),
        (
            f"storage.backups = 0x{'f' * 6000}",
            "storage.backups is a number of more than 38 digits; allowed: a whole number from 0 to 365",
        ),
    ],
)
def test_mistake_is_told_in_one_line(text: str, words: str) -> None:
    """Section, key, what was given, what is allowed or nearest; syntax errors say where."""
    assert mistake(text) == words


def test_unknown_name_without_a_near_one_lists_all() -> None:
    """Where nothing is near, everything known is named."""
    assert mistake("qqqq.x = 1").endswith("[storage], [auto_update]")
    assert mistake("storage.zzzz = 1").endswith("allowed: detail_days, backups")


def test_all_mistakes_are_collected_and_the_rest_is_used() -> None:
    """A file with three mistakes yields three lines, and every other key still has its value."""
    examined = examine(parse_text("[api]\nport = 0\nhots = 1\n[monitoring]\npoll_interval = 2\nmax_rate = 1\n"))
    assert len(examined.mistakes) == 3
    assert (examined.settings.api.port, examined.settings.monitoring.poll_interval) == (7373, 2.0)


@pytest.mark.parametrize("text", ["sync.url = 'mysql://u:geheim@h'", "sync.url = 'host=h password=geheim'"])
def test_mistake_never_shows_a_password(text: str) -> None:
    """The line about a wrong URL, also under a wrong key, holds none of it."""
    for wrong in (text, text.replace("url", "enabled").replace("'host=h password=geheim'", "'x://geheim@h'")):
        assert "geheim" not in mistake(wrong)


def test_defaults_are_those_of_a_missing_and_of_a_generated_file(tmp_path: Path) -> None:
    """No file, an empty one and the generated one mean the same; the generated one explains every key once."""
    path = tmp_path / "config.toml"
    missing = load(path)
    path.write_text("\ufeff", encoding="utf-8")
    assert load(path) == missing
    path.write_text(default_text(), encoding="utf-8")
    assert load(path) == missing
    assert "\n# enabled = " in default_text()
    for name in MEANINGS:
        assert default_text().count(f"# {MEANINGS[name]}\n") == 1
    assert set(MEANINGS) == {f"{section.name}.{key.name}" for section in SECTIONS for key in section.keys}


def test_commented_plan_of_the_generated_file_is_valid() -> None:
    """Taking the comment signs from every example line gives valid settings with one plan."""
    lines = default_text().splitlines()
    start = lines.index("# [[plan]]")
    plan = "\n".join(line.removeprefix("# ") for line in lines[start : lines.index("", start)])
    assert parse(parse_text(plan)).plans[0].cap == 100 * 10**9


def test_money_is_exact() -> None:
    """A price stays the decimal number that was written, not its nearest float."""
    assert parse(parse_text("cost.rate_per_gb = 0.1")).cost.rate_per_gb == Decimal("0.1")
    assert str(parse({}).cost.rate_per_gb) == "7.50"
    plan = parse(parse_text("plan = {tiers = [{rate = 0.30}]}")).plans[0]
    assert (plan.tiers[0].rate, plan.overage_rate) == (Decimal("0.30"), None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfea\x00", "is not UTF-8 text (line 1)"),
        (b"a = 1\n# \xe9", "is not UTF-8 text (line 2)"),
        (b"#" * (LARGEST_FILE + 1), "is larger than 1 MiB"),
        (b"a\x00 = 1", "line 1, column 2: no valid TOML"),
        (b"[api]\nport = 'x'", 'api.port is "x"; allowed'),
    ],
)
def test_unusable_file_is_told_with_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    """Every complaint about a file begins with the file's name."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: {words}")


def test_folder_pipe_and_loop_are_no_files(tmp_path: Path) -> None:
    """A folder, a named pipe (which would block for ever) and a circle of links are told, not read."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, words in (("folder", "is not a file"), ("pipe", "is not a file"), ("loop", "cannot be read")):
        with pytest.raises(SettingsError, match=words):
            load(tmp_path / name)


def test_file_of_version_1_is_read_as_it_is() -> None:
    """The sample file of PacketBuddy 1.x and its storage keys are valid, and its database URL counts."""
    old = """
        [monitoring]
        poll_interval = 1
        batch_write_interval = 5
        max_delta_bytes = 1000000000
        [sync]
        enabled = true
        interval = 30
        retry_delay = 5
        max_retries = 3
        [api]
        host = "127.0.0.1"
        port = 7373
        cors_enabled = true
        [database]
        neon_url = "postgresql://u:p@h/d"
        pool_size = 5
        [storage]
        log_retention_days = 30
        [storage.neon]
        max_storage_mb = 450
        [auto_update]
        enabled = true
        check_interval_hours = 6
    """
    mapping = parse_text(old)
    settings = parse(mapping)
    assert (settings.sync.url, settings.sync.interval) == ("postgresql://u:p@h/d", 30.0)
    assert "storage.neon" in old_keys(mapping)
    assert "database.neon_url" not in old_keys(mapping)
    assert 'url = "postgresql://***@h/d"' in "\n".join(show_lines(mapping))
    for empty in ("neon_url = ''", "neon_url = 'nonsense'", "pool_size = 1"):
        assert parse(parse_text(f"[database]\n{empty}")).sync.url is None
    assert parse(parse_text("database = 1")).sync.url is None
    assert parse(parse_text(f"{old}\n[sync.x]".replace("[sync.x]", ""))).sync.enabled is True


def test_database_url_comes_from_the_environment_first() -> None:
    """NEON_DB_URL, then PACKETBUDDY_DB_URL, then the file; blank ones count as not set."""
    settings = parse(parse_text("sync.url = 'postgres://file/d'"))
    both = {"NEON_DB_URL": "postgres://neon/d", "PACKETBUDDY_DB_URL": "postgres://other/d"}
    assert database_url(settings, both) == "postgres://neon/d"
    assert database_url(settings, {**both, "NEON_DB_URL": " "}) == "postgres://other/d"
    assert database_url(settings, {}) == "postgres://file/d"
    assert database_url(parse({}), {}) is None


def test_sync_is_on_when_a_url_is_known_unless_the_file_says_otherwise() -> None:
    """``auto`` follows the URL; true and false always win."""
    url = {"NEON_DB_URL": "postgres://neon/d"}
    assert [sync_enabled(parse({}), known) for known in (url, {})] == [True, False]
    assert not sync_enabled(parse({"sync": {"enabled": False}}), url)
    assert sync_enabled(parse({"sync": {"enabled": True}}), {})


def test_zone_is_known_or_the_nearest_is_told() -> None:
    """A zone's name is checked against this machine's zones; the wrong one gets the nearest, or what is allowed."""
    check_timezone("local")
    check_timezone("Asia/Kolkata")
    with pytest.raises(SettingsError, match='"Asia/Kolkatta"; nearest: Asia/Kolkata'):
        check_timezone("Asia/Kolkatta")
    for nowhere in ("Qqqq", "Asia", "../etc", "x" * 300):
        with pytest.raises(SettingsError, match=r"display\.timezone is"):
            check_timezone(nowhere)


def test_key_is_found_by_its_name() -> None:
    """``section.key`` names a key; a lone section or an unknown key does not."""
    assert find_key("plan.cap").name == "cap"
    for wrong in ("api", "api.", "", "port", "api.port.x", "database.neon_url"):
        with pytest.raises(SettingsError):
            find_key(wrong)


def test_reading_settings_loads_little() -> None:
    """The monitor reads its settings: no decimal, pathlib, difflib, zoneinfo, tomlkit or json may come along."""
    code = (
        "from packetbuddy.settings.load import parse, parse_text; parse(parse_text('cost.rate_per_gb = 7.5'));"
        "print(*sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                         capture_output=True, text=True, check=True)  # fmt: skip
    loaded = set(run.stdout.split())
    assert "tomllib" in loaded
    assert not loaded & {
        "decimal",
        "_decimal",
        "pathlib",
        "urllib",
        "difflib",
        "zoneinfo",
        "tomlkit",
        "json",
        "dataclasses",
    }


def test_reading_a_mapping_keeps_floats_as_written(tmp_path: Path) -> None:
    """Floats keep their text, for money and for editing."""
    path = tmp_path / "config.toml"
    path.write_text("cost.rate_per_gb = 7.10", encoding="utf-8")
    assert toml_value(read_mapping(path)) == "{cost = {rate_per_gb = 7.10}}"
