"""``pb dashboard`` as a process, and where other commands say that the dashboard is."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from contract.cli_samples import HEALTH, HOW, LIVE, MONTH, TODAY
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.live import overview_lines
from unit.ports import free_port

posix_only = pytest.mark.skipif(os.name != "posix", reason="the stand-in for a browser is a shell script")


class Answer(BaseHTTPRequestHandler):
    """Says the same to everything; set by each test."""

    status = 200
    body = b""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where something answers as PacketBuddy does."""
    monkeypatch.setattr(Answer, "body", b'{"status":"ok","hostname":"here"}')
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def pb(folder: Path, port: int, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``pb dashboard`` with a home that names the port, on a system without windows unless told otherwise."""
    (folder / "config.toml").write_text(f"[api]\nport = {port}\n", "utf-8")
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "SSH_CONNECTION"}
    ours = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "packetbuddy", "dashboard", *arguments],
        env={**ours, "PACKETBUDDY_HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_browser_it_prints_the_address(tmp_path: Path, port: int) -> None:
    """One line with what to open; nothing is started."""
    done = pb(tmp_path, port)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"The dashboard is at http://127.0.0.1:{port}/dashboard\n"


def test_through_ssh_it_says_how_to_get_there(tmp_path: Path, port: int) -> None:
    """A browser on the other machine is of no use; the tunnel is told."""
    assert f"ssh -L {port}:127.0.0.1:{port} " in pb(tmp_path, port, SSH_CONNECTION="a b c d").stdout


@posix_only
def test_it_opens_the_browser(tmp_path: Path, port: int) -> None:
    """The browser gets exactly the address."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{tmp_path}/opened\n', "utf-8")
    browser.chmod(0o700)
    done = pb(tmp_path, port, BROWSER=str(browser))
    assert done.stdout == f"Opened http://127.0.0.1:{port}/dashboard\n"
    assert (tmp_path / "opened").read_text("utf-8") == f"http://127.0.0.1:{port}/dashboard"


@pytest.mark.parametrize("option", ["--print", "--json"])
def test_it_opens_nothing_when_asked_to_print(tmp_path: Path, port: int, option: str) -> None:
    """Programs that want the address get no window."""
    done = pb(tmp_path, port, option, BROWSER="/nowhere/browser")
    assert f"http://127.0.0.1:{port}/dashboard" in done.stdout
    if option == "--json":
        assert json.loads(done.stdout)["data"]["opened"] is False


def test_nobody_there(tmp_path: Path) -> None:
    """A service that does not run: one line with what to do."""
    done = pb(tmp_path, free_port())
    assert (done.returncode, done.stdout) == (1, "")
    assert "pb service start" in done.stderr


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>It works!</html>", "another program"),
        (b'["other"]', "another program"),
        (b'{"status":"ok","hostname":"here","started_at":"2026-11-27T08:00:00+00:00"}', "another PacketBuddy"),
        (b'{"error":{"code":"api_unavailable"}}', "pb service logs"),
    ],
)
def test_not_ours(tmp_path: Path, port: int, body: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program, another home's PacketBuddy, or the monitor's 503 is never opened as if it were the dashboard."""
    monkeypatch.setattr(Answer, "body", body)
    done = pb(tmp_path, port, BROWSER="/nowhere/browser")
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr


@pytest.mark.parametrize(("state", "shown"), [("running", True), ("stopped", False), ("stale", False)])
def test_the_overview_shows_it_while_it_is_there(state: str, shown: bool) -> None:
    """Bare ``pb`` names the address only when somebody answers there."""
    answers = (TODAY, MONTH, LIVE, HEALTH._replace(state=state))
    lines = overview_lines(answers, HOW, Paper(80), dashboard="http://127.0.0.1:7373/dashboard")
    assert ("Dashboard   http://127.0.0.1:7373/dashboard" in lines) is shown
