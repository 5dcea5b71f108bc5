"""`pb config`: what it prints, what it exits with, what it never shows."""

import contextlib
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from contract.asking import Ask, asker
from packetbuddy.settings.showing import toml_value
from packetbuddy.settings.table import SECTIONS

SECRET = "geheim"  # noqa: S105 - the secret that must not be found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return asker("config", home, capsys, now_ns=0)


def write(home: Path, text: str) -> Path:
    home.mkdir(mode=0o700, exist_ok=True)
    path = home / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_looking_writes_nothing(ask: Ask, home: Path) -> None:
    """show, get, check and path answer with defaults and leave no trace."""
    for words in ((), ("show",), ("get", "api.port"), ("check",), ("path",)):
        assert ask(*words).code == 0
    assert not home.exists()


def test_show_names_every_key_with_its_default(ask: Ask) -> None:
    """Without a file each key stands there with its default, marked as one; bare `pb config` is the same."""
    shown = ask("show").out
    assert ask().out == shown
    for key in (key for section in SECTIONS if section.name != "plan" for key in section.keys):
        line = f"# {key.name} = none" if key.default is None else f"{key.name} = {toml_value(key.default)}"
        assert any(found.split("  ")[0].rstrip() == line for found in shown.splitlines()), line


def test_show_marks_what_is_default(ask: Ask, home: Path) -> None:
    """What the file says stands bare, the rest is marked; the JSON body holds the same values."""
    write(home, "[api]\nport = 8080\n[[plan]]\nname = 'a'\nstarts = 5\n[[plan]]\nname = 'b'\n")
    shown = ask("show").out.splitlines()
    assert "port = 8080" in shown
    assert shown.count("[[plan]]") == 2
    assert next(line for line in shown if line.startswith("host")).endswith("# default")
    data = ask("show", "--json").data
    assert data["exists"] is True
    assert data["settings"]["api"]["port"] == 8080
    assert data["settings"]["cost"]["rate_per_gb"] == 7.5
    assert [plan["name"] for plan in data["settings"]["plan"]] == ["a", "b"]


def test_get_is_bare_for_scripts(ask: Ask, home: Path) -> None:
    """One value, texts without quotes, nothing else on stdout; sections and plans list theirs."""
    write(home, "[plan]\ncap = '1 GB'\ncycle = '30 days'\nstarts = 2026-11-01\n")
    assert ask("get", "cost.currency").out == "INR\n"
    assert ask("get", "cost.rate_per_gb").out == "7.50\n"
    assert ask("get", "sync.url").out == "none\n"
    assert ask("get", "sync.url", "--json").data == {"key": "sync.url", "value": None}
    assert ask("get", "alerts.notify").out == '["desktop"]\n'
    assert ask("get", "plan.cap").out == "1 GB\n"
    assert ask("get", "plan.starts", "--json").data["value"] == ["2026-11-01"]
    assert ask("get", "storage").out == "storage.detail_days = 90\nstorage.backups = 7\n"


def test_set_then_get(ask: Ask, home: Path) -> None:
    """What was set is what is in force, in a private file in a private home, comments and all."""
    assert ask("set", "display.units", "binary").out == 'display.units = "binary"\n'
    assert ask("set", "plan.cap", "100", "GB").out == 'plan.cap = "100 GB"\n'
    assert ask("set", "monitoring.interface", '["eth0","wl*"]', "--json").data["value"] == ["eth0", "wl*"]
    assert ask("get", "display.units").out == "binary\n"
    assert ask("get", "plan.cap").out == "100 GB\n"
    text = (home / "config.toml").read_text(encoding="utf-8")
    assert "# seconds between looks at the counters" in text
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("set", "api.port", "0"), 1, "api.port is 0; allowed: a whole number from 1 to 65535; nothing was written"),
        (("set", "api.port", "-1"), 1, "api.port is -1; allowed"),
        (("set", "display.timezone", "Asia/Kolkatta"), 1, "nearest: Asia/Kolkata"),
        (("set", "display.timezone", "5"), 1, "display.timezone is 5; allowed"),
        (("set", "display.unit", "binary"), 2, "unknown key display.unit; nearest: display.units"),
        (("set",), 2, "it is `pb config set KEY [VALUE]`"),
        (("get", "port"), 2, "nearest: api.port"),
        (("get",), 2, "it is `pb config get KEY`"),
        (("get", "api.port", "api.host"), 2, "it is `pb config get KEY`"),
        (("path", "x"), 2, "it is `pb config path`"),
        (("sett",), 2, "'set'"),
    ],
)
def test_refusal_is_one_line_and_writes_nothing(
    ask: Ask, home: Path, words: tuple[str, ...], code: int, complaint: str
) -> None:
    """Wrong usage exits with 2, a refused value with 1; one line on stderr says why; no file appears."""
    answer = ask(*words)
    assert (answer.code, answer.out) == (code, "")
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
    assert not (home / "config.toml").exists()


def test_no_password_is_ever_shown(ask: Ask, home: Path) -> None:
    """Neither show, get, set nor check, as text or JSON, lets a secret out; the file has it."""
    path = write(
        home,
        f"""
        [sync]
        url = "postgresql://u:{SECRET}@h/d?password={SECRET}"
        [alerts]
        notify = ["tgram://{SECRET}/chat", "desktop"]
        command = "curl -d x https://u:{SECRET}@h/hook"
        [auto_update]
        source = "https://{SECRET}@example.org/x.git"
        """,
    )
    for words in (
        ("show",),
        ("check",),
        ("get", "sync.url"),
        ("get", "sync"),
        ("get", "alerts"),
        ("get", "auto_update"),
    ):
        for answer in (ask(*words), ask(*words, "--json")):
            assert answer.code == 0
            assert SECRET not in answer.out + answer.err
    assert ask("get", "sync.url").out == "postgresql://***@h/d?password=***\n"
    for value in (f"postgres://u:{SECRET}@h2/d", f"mysql://u:{SECRET}@h", f"{SECRET}@h"):
        answer = ask("set", "sync.url", value)
        assert SECRET not in answer.out + answer.err
    assert f"postgres://u:{SECRET}@h2/d" in path.read_text(encoding="utf-8")


def test_a_secret_need_not_be_typed_where_it_stays(ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe's first line is the value; one that came as an argument is told to be in the shell's history."""
    url = f"postgresql://u:{SECRET}@h/d"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{url}\n"))
    answer = ask("set", "sync.url")
    assert (answer.code, answer.out, answer.err) == (0, 'sync.url = "postgresql://***@h/d"\n', "")
    assert url in (home / "config.toml").read_text(encoding="utf-8")
    answer = ask("set", "sync.url", url)
    assert answer.err == "Shells keep what is typed: `pb config set sync.url` without a value asks for it unseen.\n"
    answer = ask("set", "sync.url")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no value for sync.url" in answer.err
    assert ask("set", "alerts.notify", "desktop").err == ""


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is POSIX's")
@pytest.mark.parametrize(
    ("key", "value", "seen"), [("sync.url", f"postgres://u:{SECRET}@h", False), ("api.port", "8080", True)]
)
def test_a_person_is_asked(home: Path, key: str, value: str, seen: bool) -> None:
    """On a terminal, unseen where the value may hold a secret."""
    import pty  # noqa: PLC0415 - POSIX's

    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "packetbuddy", "config", "set", key]
    running = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "PACKETBUDDY_HOME": str(home)},
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    while not shown.endswith(f"{key} = ".encode()):
        shown += os.read(master, 1)
    os.write(master, f"{value}\n".encode())
    assert running.wait(20) == 0
    with contextlib.suppress(OSError):
        while more := os.read(master, 4096):
            shown += more
    os.close(master)
    assert (value.encode() in shown) == seen
    assert (SECRET.encode() in shown) is False
    assert value in (home / "config.toml").read_text(encoding="utf-8")


def test_check_lists_every_mistake(ask: Ask, home: Path) -> None:
    """Each mistake is one line with the file's name, the exit code is 1, and JSON says the same."""
    path = write(home, "[api]\nport = 0\nhots = 1\n[displai]\n")
    answer = ask("check")
    assert answer.code == 1
    assert answer.out.splitlines() == [
        f"{path}: unknown section [displai]; nearest: [display]",
        f"{path}: unknown key api.hots; nearest: api.host",
        f"{path}: api.port is 0; allowed: a whole number from 1 to 65535",
    ]
    data = ask("check", "--json").data
    assert (data["valid"], len(data["mistakes"])) == (False, 3)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[api\n", "line 1, column 5: no valid TOML"),
        ("[display]\ntimezone = 'Asia/Kolkatta'\n", 'display.timezone is "Asia/Kolkatta"; nearest: Asia/Kolkata'),
    ],
)
def test_check_finds_what_one_key_alone_does_not_tell(ask: Ask, home: Path, text: str, line: str) -> None:
    """Broken TOML and unknown zones are mistakes as well."""
    write(home, text)
    answer = ask("check")
    assert answer.code == 1
    assert line in answer.out


def test_check_looks_at_the_environment(ask: Ask) -> None:
    """A database URL in the environment that cannot be one is told, without showing it."""
    answer = ask("check", NEON_DB_URL=f"mysql://u:{SECRET}@h")
    assert answer.code == 1
    assert answer.out.startswith("NEON_DB_URL is ***; allowed: a URL such as")
    assert ask("check", NEON_DB_URL=f"postgres://u:{SECRET}@h/d").code == 0


def test_check_notes_are_no_mistakes(ask: Ask, home: Path) -> None:
    """Old keys and a file that others can read are worth a note, not a failure."""
    write(home, "[database]\npool_size = 5\n").chmod(0o644)
    answer = ask("check")
    assert answer.code == 0
    assert "Note: database.pool_size is of PacketBuddy 1.x and has no effect" in answer.out
    assert "chmod 600" in answer.out


def test_broken_file_is_told_by_every_verb_but_path(ask: Ask, home: Path) -> None:
    """Show and get name file, key and rule; path works however broken the file is."""
    path = write(home, "[api]\nport = 0\n")
    for words in (("show",), ("get", "api.host")):
        answer = ask(*words)
        assert answer.code == 1
        assert answer.err.startswith(f"pb: {path}: api.port is 0; allowed: ")
    assert ask("path").out == f"{path}\n"
    assert ask("path", "--json").data == {"path": str(path), "exists": True}


def test_folder_in_place_of_the_file(ask: Ask, home: Path) -> None:
    """A folder called config.toml is told by every verb that reads."""
    (home / "config.toml").mkdir(parents=True)
    for words in (("show",), ("get", "api.port"), ("set", "api.port", "1")):
        answer = ask(*words)
        assert (answer.code, "config.toml: is not a file" in answer.err) == (1, True)
    assert "is not a file" in ask("check").out
