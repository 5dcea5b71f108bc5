"""Editing keeps what a person wrote and never leaves a broken file."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.errors import SettingsError
from packetbuddy.settings.edit import change, set_key, write_text
from packetbuddy.settings.load import find_key, load, parse, parse_text
from packetbuddy.settings.sample import default_text

MINE = """\
# my settings
[monitoring]   # how it looks
poll_interval = 2 # every other second

  [display]
units = "binary"
"""


def edit(text: str, name: str, value: str) -> str:
    return change(text, name, find_key(name), value).text


def test_comments_and_layout_stay() -> None:
    """Setting a key changes its value and nothing else in the file."""
    assert edit(MINE, "monitoring.poll_interval", "5") == MINE.replace("= 2 #", "= 5 #")
    assert edit(MINE, "display.units", "windows") == MINE.replace('"binary"', '"windows"')
    assert edit(MINE, "monitoring.max_rate", "5000").startswith(MINE.split("\n\n", 1)[0])


@pytest.mark.parametrize(
    ("name", "value", "given_back"),
    [
        ("display.units", "binary", "binary"),
        ("display.units", '"binary"', "binary"),
        ("monitoring.interface", "eth0", "eth0"),
        ("monitoring.interface", '["eth0","wl*"]', ["eth0", "wl*"]),
        ("monitoring.poll_interval", " 2.5 ", 2.5),
        ("plan.cap", "100 GB", "100 GB"),
        ("plan.name", "2026", "2026"),
        ("sync.enabled", "auto", "auto"),
        ("sync.enabled", "false", False),
        ("alerts.command", "say 'a\\b' # \"c\"", "say 'a\\b' # \"c\""),
        ("plan.tiers", '[{up_to = "1 GB", rate = 1}]', [{"up_to": "1 GB", "rate": 1}]),
    ],
)
def test_value_is_toml_or_a_bare_word(tmp_path: Path, name: str, value: str, given_back: object) -> None:
    """What is set is what is read back, TOML where the key takes that, else the words themselves."""
    path = tmp_path / "config.toml"
    edited = set_key(path, name, value)
    assert edited.value == given_back
    section, _, key = name.partition(".")
    found = parse_text(path.read_text(encoding="utf-8"))[section]
    table = found[0] if isinstance(found, list) else found
    assert isinstance(table, dict)
    assert table[key] == given_back


def test_a_first_plan_leaves_room_for_others() -> None:
    """A plan that is made by setting one of its keys is written as ``[[plan]]``."""
    text = edit(default_text(), "plan.cap", "5 GB")
    assert '\n[[plan]]\ncap = "5 GB"\n' in text


@given(st.text(max_size=40))
def test_any_text_is_set_exactly_or_refused(value: str) -> None:
    """However strange the words, a plan's name comes back as given, or TOML or the rule refuses it."""
    try:
        edited = change(default_text(), "plan.name", find_key("plan.name"), value)
    except SettingsError:
        return
    assert parse(parse_text(edited.text)).plans[0].name == edited.value
    assert edited.value in (value, parse_value(value))


def parse_value(value: str) -> object:
    try:
        return parse_text(f"value = {value.strip()}").get("value")
    except SettingsError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plan = {cap = '1 GB'}\n",
        "plan = [{cap = '1 GB'}]\n",
        "plan.cap = '1 GB'\n",
        "[plan]\ncap = '1 GB'\n[api]\nport = 1\n",
        "[[plan]]\ncap = '1 GB' # small\n",
        "api.port = 1\nplan.name = 'x'\napi.host = 'localhost'\n",
        "[storage.neon]\nmax_storage_mb = 1\n[plan]\n[storage]\nbackups = 1\n",
        "\ufeff[plan]\r\ncap = '1 GB'\r\n".removeprefix("\ufeff"),
    ],
)
def test_single_plan_is_found_however_it_is_written(text: str) -> None:
    """A table, an inline one, a dotted key, a list of one, or none yet: ``plan.cap`` means that plan."""
    result = edit(edit(text, "plan.cap", "5 GB"), "plan.starts", "7")
    (plan,) = parse(parse_text(result)).plans
    assert (plan.cap, plan.cycle.starts) == (5 * 10**9, 7)
    assert ("# small" in result) == ("# small" in text)


def test_several_plans_are_not_guessed_at() -> None:
    """With two plans nothing is set."""
    with pytest.raises(SettingsError, match="there are 2 plans"):
        edit("[[plan]]\nname = 'a'\n[[plan]]\nname = 'b'\n", "plan.cap", "5 GB")


@pytest.mark.parametrize(
    ("before", "name", "value", "words"),
    [
        ("[api\n", "api.port", "1", "no valid TOML"),
        ("[api]\nhots = 1\n", "api.port", "1", "unknown key api.hots"),
        ("", "api.port", "0", "api.port is 0"),
        ("", "api.port", "1\nhost = 'localhost'", "api.port is "),
        ("[monitoring]\npoll_interval = 20\n", "monitoring.batch_write_interval", "10", "at least poll_interval"),
        ("", "plan.cycle", "30 days", "plan.starts is 1"),
        ("monitoring = 3\n", "api.port", "1", "monitoring is 3"),
        ("api = 3\n", "api.port", "1", "api is 3"),
        ("plan = 3\n", "plan.cap", "1 GB", "plan is 3"),
        ("", "plan.devices", "[]", "plan.devices is []"),
        ("", "plan.interfaces", "[1]", "plan.interfaces is [1]"),
    ],
)
def test_nothing_invalid_is_written(tmp_path: Path, before: str, name: str, value: str, words: str) -> None:
    """A broken file, a refused value or a contradiction leaves the file as it was, byte for byte."""
    path = tmp_path / "config.toml"
    path.write_text(before or "# mine\n", encoding="utf-8")
    content = path.read_bytes()
    with pytest.raises(SettingsError) as refused:
        set_key(path, name, value)
    assert words in str(refused.value)
    assert str(refused.value).endswith("nothing was written")
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["config.toml"]  # noqa: PTH208 - nothing else may be left there


def test_wrong_value_in_the_file_can_be_set_right(tmp_path: Path) -> None:
    """The key with the mistake itself can be set: that repairs the file."""
    path = tmp_path / "config.toml"
    path.write_text("[api]\nport = 0 # oops\n", encoding="utf-8")
    set_key(path, "api.port", "7000")
    assert path.read_text(encoding="utf-8") == "[api]\nport = 7000 # oops\n"


def test_new_file_is_commented_private_and_differs_in_one_line(tmp_path: Path) -> None:
    """Without a file, the generated one is written with the key set, mode 0600."""
    path = tmp_path / "config.toml"
    set_key(path, "storage.backups", "3")
    assert path.read_text(encoding="utf-8") == default_text().replace("backups = 7", "backups = 3")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_links_target_is_written(tmp_path: Path) -> None:
    """A config.toml kept elsewhere stays a link; its target, and only that, changes."""
    (tmp_path / "dotfiles").mkdir()
    target, link = tmp_path / "dotfiles" / "pb.toml", tmp_path / "config.toml"
    target.write_text(MINE, encoding="utf-8")
    link.symlink_to("dotfiles/pb.toml")
    set_key(link, "monitoring.poll_interval", "5")
    assert link.is_symlink()
    assert load(target).monitoring.poll_interval == 5.0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    """A file with CR LF keeps it, and reads the same."""
    path = tmp_path / "config.toml"
    path.write_bytes(MINE.replace("\n", "\r\n").encode())
    set_key(path, "display.units", "windows")
    assert path.read_bytes() == MINE.replace("binary", "windows").replace("\n", "\r\n").encode()


def test_unwritable_place_is_told(tmp_path: Path) -> None:
    """A folder that is not there, or a target that is a folder, is told with the file's name; nothing is left over."""
    with pytest.raises(SettingsError, match="cannot be written: No such file"):
        write_text(tmp_path / "none" / "config.toml", "")
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be written: Is a directory"):
        write_text(tmp_path / "config.toml", "")
    assert os.listdir(tmp_path) == ["config.toml"]  # noqa: PTH208 - nothing else may be left there


def test_file_too_deep_to_edit_is_told() -> None:
    """What only a machine would write, nested deeper than the editor can follow, is refused, not crashed on."""
    text = f"[storage.neon]\nx = {'[' * 300}{']' * 300}\n"
    assert parse(parse_text(text)).storage.backups == 7
    with pytest.raises(SettingsError, match="cannot be edited"):
        edit(text, "storage.backups", "3")
