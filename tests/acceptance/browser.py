"""A real Chromium for tests: pages that remember every request they made and every complaint on their console.

::

    with Browser() as browser:
        with browser.page(served.address, width=360) as seen:
            seen.page.get_by_role("button", name="Previous month").click()
        assert seen.complaints == []
"""

import os
import pathlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""No question to a name server either: in a namespace it would be traffic of the browser's own."""
OUTLINED = """node => [node, node.parentElement].some(each => getComputedStyle(each).outlineStyle !== "none")"""

requires_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="needs a Chromium on this machine"
)


class Seen(NamedTuple):
    """A page and what it did: addresses it asked for, and errors and warnings of its console."""

    page: Page
    requests: list[str]
    complaints: list[str]

    def text(self, identity: str) -> str:
        """The visible words of the element with this id, on one line."""
        return " ".join(self.page.locator(f"#{identity}").inner_text().split())

    def shows(self, identity: str, words: str, seconds: float = 10.0) -> None:
        """Wait until the element with this id reads exactly so."""
        self.page.wait_for_function(
            "([id, words]) => document.getElementById(id).innerText.replace(/\\s+/g, ' ').trim() === words",
            arg=[identity, words],
            timeout=seconds * 1000,
        )

    def hide(self, *, hidden: bool) -> None:
        """Make the page believe that its tab went to the background, or came back."""
        self.page.evaluate(
            """hidden => {
              Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    def focused(self) -> str:
        """What has the keyboard: its id, label or words."""
        return str(
            self.page.evaluate(
                "(({ id, ariaLabel, value, textContent }) => id || ariaLabel || value || textContent.trim())"
                "(document.activeElement)"
            )
        )


class Browser:
    """Owns one Chromium; ``launcher`` is a program to start it with, for another network namespace."""

    def __init__(self, launcher: pathlib.Path | None = None) -> None:
        self._driver = sync_playwright().start()
        self._browser = self._driver.chromium.launch(executable_path=str(launcher or CHROMIUM), args=FLAGS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._driver.stop()

    @contextmanager
    def page(self, address: str, *, theme: str | None = None, **options: Any) -> Iterator[Seen]:
        """A fresh dashboard at an address, closed at the end; it has shown its first figures."""
        script = None if theme is None else f"localStorage.setItem('packetbuddy.theme', '{theme}')"
        with self.visit(f"{address}/dashboard", script=script, **options) as seen:
            seen.page.wait_for_selector("html[data-state=ready]")
            yield seen

    @contextmanager
    def visit(self, url: str, *, width: int = 1440, script: str | None = None, **options: Any) -> Iterator[Seen]:
        """Any page, loaded and closed at the end; ``script`` runs before its own."""
        shape = {"viewport": {"width": width, "height": 900}, "locale": "en-GB", "timezone_id": "Asia/Kolkata"}
        context = self._browser.new_context(**{**shape, **options})
        if script is not None:
            context.add_init_script(script)
        page = context.new_page()
        seen = Seen(page, [], [])
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.complaints.append(message.text) if _bad(message.type) else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        try:
            page.goto(url)
            yield seen
        finally:
            context.close()


def _bad(kind: str) -> bool:
    return kind in {"error", "warning"}
