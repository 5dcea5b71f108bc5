"""PgBouncer in front of the tests' PostgreSQL, in transaction mode, encrypted or not; and a test authority."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from integration.postgres import OWNER, Server, somebody
from unit.ports import free_port

NAME = "db.test"
"""The name that the certificate is for. It is nobody's: connections give the address beside it."""


def program() -> str | None:
    """Where PgBouncer is; Debian keeps it beside the path of ordinary users."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


def authority(folder: Path) -> Path:
    """A certificate for :data:`NAME` with its key, signed by an authority of the test; returns the authority's file."""
    folder.mkdir(parents=True, exist_ok=True)

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority")
    run("req", *key[:3], "-keyout", "server.key", "-out", "server.csr", "-subj", f"/CN={NAME}")
    (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n", encoding="ascii")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    run("x509", "-req", "-in", "server.csr", *signing, "-out", "server.pem")
    return folder / "ca.pem"


@contextlib.contextmanager
def bouncing(server: Server, folder: Path, *, encrypted: bool) -> Iterator[int]:
    """A pooler's port; two server connections for everybody, so that transactions of many devices share them."""
    found = program()
    assert found is not None
    port = free_port()
    tls = ["client_tls_sslmode = require", f"client_tls_key_file = {folder}/server.key"]
    tls += [f"client_tls_cert_file = {folder}/server.pem"]
    lines = [
        "[databases]",
        f"* = host=127.0.0.1 port={server.port} user={OWNER}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "auth_type = any",
        "pool_mode = transaction",
        "default_pool_size = 2",
        "unix_socket_dir =",
        *(tls if encrypted else []),
    ]
    config = folder / f"bouncer-{port}.ini"
    config.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with (folder / "bouncer.log").open("ab") as log:
        command = [*somebody(), found, str(config)]
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(port, process, encrypted=encrypted)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], *, encrypted: bool) -> None:
    mode = "require" if encrypted else "disable"
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{port}/postgres?sslmode={mode}").close()
        except psycopg.OperationalError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
