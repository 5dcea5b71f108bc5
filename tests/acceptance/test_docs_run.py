"""The documents' shell samples, run by a reader who set PacketBuddy up and has a history and a wire."""

import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acceptance.newcomers import BASE_PYTHON, Newcomer, arriving
from acceptance.samples import ROOT, Sample, samples
from integration.postgres import OWNER, Server, binaries, serving
from machine.netns import requires_netns

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]
INTERRUPTED = 130
ANSWERED = "answered: "
PAGES = sorted({str(sample.page.relative_to(ROOT)) for sample in samples() if sample.runs})
DATABASE = re.compile(r"postgresql://\S+@host/database")
THEIRS = ("pause-downloads", "your-model")
"""Programs of the reader's own, which the samples call."""
FIRST = datetime(2026, 9, 1, tzinfo=UTC).date()
"""Before the periods that the samples ask for."""


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """Where the documents say ``host``; a socket's path must be short."""
    with tempfile.TemporaryDirectory(prefix="pb-") as folder, serving(Path(folder)) as server:
        server.database("household")
        yield server


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, wheels: Path, version: Path) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("reader")
    programs = folder / "programs"
    programs.mkdir()
    for name in THEIRS:
        (programs / name).write_text("#!/bin/sh\ncat >/dev/null\n")
        (programs / name).chmod(0o700)
    home = folder / "Jürgen Groß"
    path = f"{home}/.local/bin:{programs}:{binaries()}:{BASE_PYTHON / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
    with arriving(folder, wheels, extra={"PATH": path}) as person:
        person.has(version)
        prepare(person)
        yield person


def prepare(person: Newcomer) -> None:
    """Set up, with a history, a folder for copies, and a backup of a day that the samples name."""
    person.setup()
    person.wire.download(100, 1000)
    (person.clone / "history.csv").write_text("\n".join(history()) + "\n")
    pb = str(person.launcher)
    person.run(pb, "import", str(person.clone / "history.csv"), "--apply")
    for folder in ("Documents", ".packetbuddy/backups"):
        (person.home / folder).mkdir(mode=0o700, exist_ok=True)
    person.run(pb, "backup", str(person.home / ".packetbuddy/backups/packetbuddy-2026-11-25.db"))


def history() -> Iterator[str]:
    """Our own CSV: a gigabyte down and a tenth of it up, each day until yesterday."""
    yield "date,bytes_sent,bytes_received,total_bytes,peak_speed,coverage,estimated_bytes"
    day, today = FIRST, datetime.now(UTC).date()
    while day < today - timedelta(days=1):
        yield f"{day},100000000,1000000000,1100000000,5000000,1,0"
        day += timedelta(days=1)


@pytest.mark.parametrize("page", PAGES)
def test_samples_run(page: str, reader: Newcomer, database: Server) -> None:
    """Each does what it should without a complaint, in the order of the page, from settings as setup leaves them."""
    (reader.home / ".packetbuddy/config.toml").unlink(missing_ok=True)
    for sample in [sample for sample in samples() if sample.runs and sample.page == ROOT / page]:
        try_out(there(sample, database), reader)
    reader.run(str(reader.launcher), "service", "start")


def there(sample: Sample, database: Server) -> Sample:
    """The same at a real database, over its socket: a namespace of its own has no way to its port."""
    url = f"postgresql://{OWNER}@/household?host={database.folder}&port={database.port}"
    text, mark = (DATABASE.sub(url, words) for words in (sample.text, sample.mark))
    return sample._replace(text=text, mark=mark)


def try_out(sample: Sample, reader: Newcomer) -> None:
    answer = f"{sample.mark.removeprefix(ANSWERED)}\n" if sample.mark.startswith(ANSWERED) else ""
    until = ["timeout", "--preserve-status", "--signal=INT", "4"] if sample.mark == "until Ctrl-C" else []
    script = f"cd '{reader.clone}'\n{sample.text}"
    command = [
        *until,
        "bash",
        "-euo",
        "pipefail",
        "-c",
        f"trap 'exit {INTERRUPTED}' INT\n{script}" if until else script,
    ]
    try:
        reader.run(*command, code=INTERRUPTED if until else 0, answer=answer)
    except AssertionError as error:
        raise AssertionError(f"{sample.place}\n{sample.text}\n{error}") from error
