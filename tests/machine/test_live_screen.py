"""``pb live`` beside a counting monitor and known traffic, in a network namespace."""

import pathlib
import re

import pytest

from acceptance.terminal import Terminal
from machine.monitor import Chatter, Monitor
from machine.netns import Namespace, Wire, requires_netns

pytestmark = [pytest.mark.machine, requires_netns]
BARS = re.compile("[▁▂▃▄▅▆▇█]+")


def test_traffic_is_seen_as_it_moves(host: Namespace, wire: Wire, tmp_path: pathlib.Path) -> None:
    """Nothing moves: an empty graph. Then bars rise at its right, on the link that carries them, and today grows."""
    monitor = Monitor(host, tmp_path)
    monitor.start()
    with Terminal(monitor.home.root, columns=60) as terminal:
        terminal.run("live", start=host.start).shows("Link        eth0", "counting since", "Today")

        def graph() -> list[str]:
            return [line.partition("│")[2] for line in terminal.text().splitlines() if "│" in line]

        terminal.until(lambda: not any(map(BARS.search, graph())))
        before = terminal.text()
        with Chatter(wire):
            terminal.until(lambda: any(line.endswith("█") for line in graph()))
            rows = [line for line in terminal.text().splitlines() if line.startswith("Today")]
            assert rows
            terminal.until(lambda: [line for line in terminal.text().splitlines() if line.startswith("Today")] != rows)
        assert terminal.text() != before
        terminal.press(b"q")
        assert terminal.ends() == 0
        assert terminal.as_before()
    assert monitor.stop() == 0
