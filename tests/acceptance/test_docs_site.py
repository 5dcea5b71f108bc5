"""The documents as a site: built offline without a warning, and complete in a browser that reaches nobody."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from acceptance.browser import Browser, requires_browser
from acceptance.samples import ROOT

TOOL = Path(sys.executable).with_name("mkdocs")
pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(
        not TOOL.exists() and not os.environ.get("CI"), reason="mkdocs is not here: scripts/test has it"
    ),
]
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "src"), ("iframe", "src")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built where there is no network."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [str(TOOL), "build", "--strict", "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(folder)]
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("unshare"):
        command = ["unshare", "--net", *command]
    # Material tells at each build how long it will be cared for: no fault of the documents.
    told = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("INFO")] == []
    return folder


class Tags(HTMLParser):
    """What a page loads and where it leads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.names: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort the attributes that name something."""
        for name, value in attrs:
            if (tag, name) in LOADED and value:
                self.loads.append(value)
            elif (tag, name) == ("a", "href") and value:
                self.leads.append(value)
            elif name == "id" and value:
                self.names.add(value)


def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(site: Path) -> None:
    """Of the built pages: each link's file and heading is there; scripts, styles, fonts and pictures are local."""
    pages = {page: Tags(page) for page in sorted(site.rglob("*.html"))}
    assert len(pages) > 30
    foreign = {load for tags in pages.values() for load in tags.loads if urlsplit(load).netloc}
    assert foreign == set()
    dead = [
        f"{page.relative_to(site)}: {link}"
        for page, tags in pages.items()
        if page.name != "404.html"  # its links begin at the root of whatever serves it
        for link in tags.leads
        if not _leads(page, link, pages)
    ]
    assert dead == []


def _leads(page: Path, link: str, pages: dict[Path, Tags]) -> bool:
    parts = urlsplit(link)
    if parts.scheme in {"http", "https"}:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    target = target / "index.html" if target.is_dir() else target
    return target.exists() and (not parts.fragment or target not in pages or parts.fragment in pages[target].names)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@requires_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_works_with_the_cable_pulled(scheme: str, address: str) -> None:
    """A page with pictures shows them, asks nobody but its server, complains of nothing; search finds."""
    with Browser() as browser, browser.visit(f"{address}/explanation/accounting.html", color_scheme=scheme) as seen:
        seen.page.wait_for_load_state("networkidle")
        shown = "() => [...document.images].every(image => image.complete && image.naturalWidth > 0)"
        seen.page.wait_for_function(shown)
        seen.page.keyboard.press("/")
        seen.page.keyboard.type("phantom")
        seen.page.get_by_role("link", name="How a byte is counted").first.wait_for()
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))] == []


@requires_browser
def test_search_finds_in_a_folder(site: Path) -> None:
    """The pages opened as files, without any server: search works, and nobody is asked for anything."""
    page = (site / "explanation" / "accounting.html").as_uri()
    with Browser() as browser, browser.visit(page) as seen:
        seen.page.wait_for_load_state("networkidle")
        seen.page.keyboard.press("/")
        seen.page.keyboard.type("phantom")
        seen.page.locator(".md-search-result__link", has_text="How a byte is counted").first.wait_for()
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
