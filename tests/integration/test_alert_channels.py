"""The ways to a person: real programs, a real web server, and what each outcome means."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from machine.netns import wait_until
from packetbuddy.alerts import channels
from packetbuddy.alerts.channels import FAILED, SENT, UNKNOWN, Channel, Outcome, channels_of, send
from packetbuddy.alerts.trial import Tried, try_channels
from packetbuddy.settings.load import parse

DESKTOP = Channel("desktop", "desktop")


class Server(http.server.ThreadingHTTPServer):
    """Keeps what it gets, answers with ``status``, or not at all while ``silent``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[Any] = []
        self.status = 200
        self.silent = False
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """As apprise wants it, with a password."""
        return f"json://me:hush@127.0.0.1:{self.server_address[1]}/hook"


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if self.server.silent:
            self.server.over.wait(20)
            return
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def script(folder: Path, name: str, text: str) -> Mapping[str, str]:
    """An environment in which this program is found."""
    (folder / name).write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    (folder / name).chmod(0o700)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TOLD": str(folder / "told")}


def told(folder: Path) -> list[str]:
    return (folder / "told").read_text("utf-8").splitlines()


def test_the_channels_of_the_settings() -> None:
    """Desktop, URLs and the command, each once; shown without secrets, told apart in the ledger."""
    settings = parse({"alerts": {"notify": ["desktop", "ntfy://me:hush@host/topic", "desktop"], "command": "tell me"}})
    found = channels_of(settings.alerts)
    assert [channel.kind for channel in found] == ["desktop", "url", "command"]
    assert [channel.shown for channel in found] == ["desktop", "ntfy://***", "command"]
    assert len({channel.fingerprint for channel in found}) == 3
    assert all(len(channel.fingerprint) == 16 for channel in found)
    assert channels_of(parse({"alerts": {"notify": []}}).alerts) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is for notify-send")
def test_the_desktop(tmp_path: Path) -> None:
    """notify-send gets title and message as they are, whatever is in them; the way to the desktop is found."""
    environment = script(tmp_path, "notify-send", 'printf "%s|" "$@" > $TOLD; echo $DBUS_SESSION_BUS_ADDRESS >> $TOLD')
    bus = tmp_path / "bus"
    bus.touch()
    without = {name: value for name, value in environment.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    assert send(
        DESKTOP, '-50 % "used"', "$(rm -rf) `x`; 'y'", {**without, "XDG_RUNTIME_DIR": str(tmp_path)}
    ) == Outcome(SENT)
    (line,) = told(tmp_path)
    assert line.endswith(f"--|-50 % \"used\"|$(rm -rf) `x`; 'y'|unix:path={bus}")
    send(DESKTOP, "t", "m", {**without, "DBUS_SESSION_BUS_ADDRESS": "mine"})
    assert told(tmp_path)[0].endswith("|mine")
    send(DESKTOP, "t", "m", {**without, "XDG_RUNTIME_DIR": str(tmp_path / "nowhere")})
    assert told(tmp_path)[0].endswith("|m|")


def test_the_commands_of_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS: words are arguments of the script, never part of it. Windows: they go by the environment."""
    monkeypatch.setattr(sys, "platform", "darwin")
    mac = channels._desktop('ti"tle', "mess'age", {})
    assert mac[0] == "/usr/bin/osascript"
    assert mac[-2:] == ['ti"tle', "mess'age"]
    assert [word for word in mac[1:-2] if word != "-e"] == [
        "on run words",
        "display notification (item 2 of words) with title (item 1 of words)",
        "end run",
    ]
    monkeypatch.setattr(sys, "platform", "win32")
    windows = channels._desktop("title", "message", {})
    assert windows[0] == "powershell.exe"
    toast = Path(windows[-1]).read_text("utf-8")
    assert "title" not in windows
    assert "$env:PACKETBUDDY_TITLE" in toast
    assert "SecurityElement]::Escape($env:PACKETBUDDY_MESSAGE)" in toast


def test_a_command(tmp_path: Path) -> None:
    """Its own words, then the message in one; title and message also in the environment; no shell in between."""
    environment = script(tmp_path, "tell", 'printf "%s|" "$@" "$PACKETBUDDY_TITLE" "$PACKETBUDDY_MESSAGE" > $TOLD')
    command = Channel("command", "tell --to 'a friend'")
    assert send(command, "Home", "$HOME is *full*", environment) == Outcome(SENT)
    assert told(tmp_path) == ["--to|a friend|Home. $HOME is *full*|Home|$HOME is *full*|"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("echo first >&2; echo cannot reach smtp://me:hush@host >&2; exit 3", "cannot reach smtp://***"),
        ("exit 3", "exit code 3"),
    ],
)
def test_a_command_that_fails(tmp_path: Path, text: str, outcome: str) -> None:
    """A failure is one for sure; its last line is kept, without secrets."""
    assert send(Channel("command", "tell"), "t", "m", script(tmp_path, "tell", text)) == Outcome(FAILED, outcome)


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    """Nothing was started, so nothing was told."""
    environment = {**os.environ, "PATH": str(tmp_path)}
    missing = send(Channel("command", "no-such-program now"), "t", "m", environment)
    assert missing == Outcome(FAILED, "no-such-program cannot be started: No such file or directory")
    odd = send(Channel("command", "TOKEN=hush tell"), "t", "m", environment)
    assert odd == Outcome(FAILED, "*** cannot be started: No such file or directory")


def test_a_command_that_says_its_password(tmp_path: Path) -> None:
    """What it was given is left out of what it said."""
    environment = script(tmp_path, "tell", 'echo "wrong: $2 (of $1)" >&2; exit 1')
    outcome = send(Channel("command", "tell --key hush-hush"), "t", "m", environment)
    assert outcome == Outcome(FAILED, "wrong: *** (of ***)")


def test_a_command_that_hangs_or_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether it did its work: not told again."""
    with monkeypatch.context() as short:
        short.setattr(channels, "SECONDS", 0.3)
        hung = send(Channel("command", "tell"), "t", "m", script(tmp_path, "tell", "exec sleep 20"))
    assert hung == Outcome(UNKNOWN, "no answer within 0 seconds")
    killed = send(Channel("command", "tell"), "t", "m", script(tmp_path, "tell", "kill -9 $$"))
    assert killed == Outcome(UNKNOWN, "it was ended by signal 9")


def test_a_webhook(server: Server) -> None:
    """Title and message arrive at the URL, once."""
    assert send(Channel("url", server.url), "Home", "50 % used", os.environ) == Outcome(SENT)
    (got,) = server.got
    assert (got["title"], got["message"]) == ("Home", "50 % used")


def test_a_webhook_that_refuses(server: Server) -> None:
    """An error status is a failure."""
    server.status = 500
    refused = send(Channel("url", server.url), "t", "m", os.environ)
    assert refused == Outcome(FAILED, "it was refused there with error 500")
    assert len(server.got) == 1


def test_a_webhook_that_never_answers(server: Server) -> None:
    """It has the message and says nothing: that is no failure, for it would be told twice."""
    server.silent = True
    outcome = send(Channel("url", f"{server.url}?rto=0.3"), "t", "m", os.environ)
    assert outcome == Outcome(UNKNOWN, "nobody said that it arrived")
    wait_until(lambda: bool(server.got))  # its thread may still read
    assert len(server.got) == 1


def test_a_courier_that_is_too_slow_to_send(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything went out, running out of time is a failure, which is tried again; afterwards nobody knows."""
    monkeypatch.setattr(channels, "SECONDS", 0.1)
    monkeypatch.setattr(channels, "_courier", lambda: ["sleep", "60"])
    early = send(Channel("url", server.url), "t", "m", os.environ)
    assert early == Outcome(FAILED, "it was not ready to send within 0 seconds")
    assert server.got == []
    monkeypatch.setattr(channels, "SECONDS", 2.0)
    monkeypatch.setattr(channels, "_courier", lambda: ["sh", "-c", "echo sending; exec sleep 60"])
    late = send(Channel("url", server.url), "t", "m", os.environ)
    assert late == Outcome(UNKNOWN, "no answer within 2 seconds")


def test_a_courier_that_begins_to_send_unseen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it said while nobody looked counts too: it may have arrived, so it is not told a second time."""
    monkeypatch.setattr(channels, "SECONDS", 0.2)
    busy = threading.Event()
    communicate = subprocess.Popen.communicate

    def starved(process: Any, given: Any = None, timeout: float | None = None) -> Any:
        """A look that comes back only after the courier has begun, and finds the deadline over."""
        if timeout == channels.SECONDS:
            process.stdin.write(given)
            process.stdin.close()
            process.stdin = None
            while not (tmp_path / "begun").exists():
                busy.wait(0.01)
            raise subprocess.TimeoutExpired(process.args, timeout)
        return communicate(process, given, timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", starved)
    said = f"echo sending; : > '{tmp_path}/begun'; exec sleep 60"
    monkeypatch.setattr(channels, "_courier", lambda: ["sh", "-c", said])
    outcome = send(Channel("url", "json://127.0.0.1/"), "t", "m", os.environ)
    assert outcome == Outcome(UNKNOWN, "no answer within 0 seconds")


def test_nobody_there(server: Server) -> None:
    """A refused connection is a failure, and so is a URL that nobody knows."""
    port = server.server_address[1]
    server.server_close()
    refused = send(Channel("url", f"json://127.0.0.1:{port}/"), "t", "m", os.environ)
    assert refused == Outcome(FAILED, "it cannot be reached, or does not answer")
    unknown = send(Channel("url", "nosuch://user:hush@host"), "t", "m", os.environ)
    assert unknown == Outcome(FAILED, "apprise does not know such a notification URL")


def test_the_url_is_in_no_process_list(server: Server) -> None:
    """The courier gets it by a pipe; and a service that is told to stop lets it finish."""
    server.silent = True
    command = channels._courier()
    order = json.dumps({"url": server.url, "title": "t", "message": "m"}).encode()
    with subprocess.Popen(command, stdin=subprocess.PIPE) as courier:
        assert courier.stdin is not None
        courier.stdin.write(order)
        courier.stdin.close()
        wait_until(lambda: bool(server.got))
        assert b"hush" not in Path(f"/proc/{courier.pid}/cmdline").read_bytes()
        courier.send_signal(signal.SIGTERM)
        server.silent = False
        server.over.set()
        assert courier.wait(20) in {0, channels.NOT_KNOWN}


def test_trying_all_channels(tmp_path: Path) -> None:
    """A test message to each; what became of it, without secrets."""
    environment = script(tmp_path, "tell", "exit 0")
    alerts = parse({"alerts": {"notify": ["nosuch://me:hush@host"], "command": "tell"}}).alerts
    assert try_channels(alerts, environment) == [
        Tried("nosuch://***", "apprise does not know such a notification URL"),
        Tried("command", None),
    ]
