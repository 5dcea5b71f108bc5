"""Package indexes as folders, with what an honest and a hostile one may hold: what is found, refused, and never run."""

import hashlib
import os
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from packetbuddy.errors import UpdateError
from packetbuddy.installing.making import _explain
from packetbuddy.services.runner import Completed, SystemRunner
from packetbuddy.updates.index import Index, newest, pinned


class Shelf(NamedTuple):
    """An index: a page a project, a link with a hash a file."""

    folder: Path

    def asks(self, **environment: str) -> Index:
        """As pip would be set by a person who uses it alone."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        address = (self.folder / "simple").as_uri()
        pip = {"PIP_INDEX_URL": address, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
        return Index(self.folder / "work", {**own, **pip, **environment}, SystemRunner())

    def link(self, file: Path, hashed: str | None = None) -> None:
        """List a file, with its hash or another one; none where that is empty."""
        page = self.folder / "simple" / file.name.partition("-")[0] / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if hashed is None else hashed
        mark = f"#sha256={digest}" if digest else ""
        with page.open("a") as lines:
            lines.write(f'<a href="{file.as_uri()}{mark}">{file.name}</a><br>\n')

    def wheel(self, name: str, version: str, *needs: str, told: str = "") -> Path:
        """A package without anything in it; ``told`` is another version than its file's name says."""
        file = self.folder / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        wanted = "".join(f"Requires-Dist: {each}\n" for each in needs)
        parts: Mapping[str, str] = {
            f"{name}/__init__.py": "",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {told or version}\n{wanted}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": "",
        }
        with zipfile.ZipFile(file, "w") as archive:
            for place, text in parts.items():
                archive.writestr(place, text)
        return file


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    for version in ("2.0.0", "2.1.0"):
        made.link(made.wheel("packetbuddy", version, "msgspec"))
    made.link(made.wheel("msgspec", "1.0"))
    return made


def word(asked: object, *arguments: object) -> str:
    try:
        asked(*arguments)  # type: ignore[operator]
    except UpdateError as error:
        return error.word
    return ""


def test_the_newest_release_and_all_that_it_needs_by_their_hashes(shelf: Shelf) -> None:
    """Each file with the hash that the index promised; nothing of the question stays behind."""
    assert newest(shelf.asks()) == "2.1.0"
    lines = pinned(shelf.asks(), "2.1.0")
    assert [line.partition(" ")[0] for line in lines] == ["packetbuddy==2.1.0", "msgspec==1.0"]
    assert all("--hash=sha256:" in line for line in lines)
    assert list((shelf.folder / "work").iterdir()) == []


def test_a_look_runs_nothing_of_a_release(shelf: Shelf, tmp_path: Path) -> None:
    """A source archive has to be run to be asked for its number: it is none of ours, however high that is."""
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom setuptools import setup\nsetup(name='packetbuddy')\n")
    archive = tmp_path / "packetbuddy-9.0.0.tar.gz"
    with tarfile.open(archive, "w:gz") as files:
        files.add(setup, "packetbuddy-9.0.0/setup.py")
    shelf.link(archive)
    assert newest(shelf.asks()) == "2.1.0"
    assert word(pinned, shelf.asks(), "9.0.0") == "no-release"
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_not_what_was_promised_is_refused(shelf: Shelf) -> None:
    """The release's own, or one that it needs."""
    shelf.link(shelf.wheel("packetbuddy", "2.2.0", "tomlkit"))
    shelf.link(shelf.wheel("tomlkit", "1.0"), "0" * 64)
    assert newest(shelf.asks()) == "2.2.0"
    assert word(pinned, shelf.asks(), "2.2.0") == "wrong-hash"
    shelf.link(shelf.wheel("packetbuddy", "2.3.0"), "0" * 64)
    assert word(newest, shelf.asks()) == "wrong-hash"


def test_a_release_whose_number_lies_is_none(shelf: Shelf) -> None:
    """Neither another number than the file's name says, nor one that leads to another folder."""
    for version, told in (("2.2.0", "9.9.9"), ("2.3.0", "../../x")):
        shelf.link(shelf.wheel("packetbuddy", version, told=told))
        assert word(newest, shelf.asks()) in {"no-release", ""}
        assert word(pinned, shelf.asks(), told) == "no-release"


def test_what_cannot_be_installed_is_no_missing_network(shelf: Shelf) -> None:
    """Needs that contradict each other, or that nobody has: said as such; an index that is away is told as that."""
    shelf.link(shelf.wheel("packetbuddy", "2.2.0", "msgspec<1", "msgspec>=1"))
    assert word(pinned, shelf.asks(), "2.2.0") == "no-release"
    shelf.link(shelf.wheel("packetbuddy", "2.3.0", "nosuchthing"))
    assert word(pinned, shelf.asks(), "2.3.0") == "no-release"
    away = shelf.asks(PIP_INDEX_URL="http://me:secret@127.0.0.1:9/simple", PIP_RETRIES="0")
    with pytest.raises(UpdateError) as caught:
        newest(away)
    assert caught.value.word == "unreachable"
    assert "secret" not in f"{caught.value}{caught.value.hint}"


class Saying(SystemRunner):
    """A pip that fails with these words."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self._said = said

    def run(self, command: Sequence[str], *, environment: Mapping[str, str], seconds: float) -> Completed:  # noqa: ARG002 - as a runner is asked
        return Completed(1, "", self._said)


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: 503 Server Error for url: http://me:Secret99@h/simple/packetbuddy/?token=Secret98",
        "ERROR: connection error at /simple/packetbuddy/?token=Secret98",
        "ERROR: nothing fits; Secret99 is wrong",
    ],
)
def test_the_secrets_of_an_indexs_address_are_not_told(shelf: Shelf, said: str) -> None:
    """Neither credentials nor a token in its query, whatever pip says."""
    asks = shelf.asks(PIP_EXTRA_INDEX_URL="http://h/plain http://me:Secret99@h/simple?token=Secret98")
    with pytest.raises(UpdateError) as caught:
        newest(asks._replace(runner=Saying(said)))
    assert "Secret" not in f"{caught.value} {caught.value.hint}"


def test_the_secrets_of_an_indexs_address_are_not_told_by_an_installation(shelf: Shelf, tmp_path: Path) -> None:
    """What pip said last is told, without them."""
    log = tmp_path / "log"
    log.write_text("ERROR: nothing fits at http://me:Secret99@h/simple?token=Secret98\n")
    told = _explain(log, shelf.asks(PIP_INDEX_URL="http://me:Secret99@h/simple?token=Secret98").environment)
    assert "Secret" not in f"{told} {told.hint}"
