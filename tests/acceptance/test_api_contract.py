"""Schemathesis reads the OpenAPI document and asks everything it allows, and much that it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger

pytestmark = pytest.mark.acceptance

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.timeout(900)
def test_no_undocumented_answer_to_anything(tmp_path: Path) -> None:
    """No 5xx but documented ones, no status, content type or shape that the document does not announce."""
    write_ledger(tmp_path / "home", [Moved(NOON - HOUR, 1, 2)])
    with Served(tmp_path / "home") as served:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{served.port}/api/openapi.json"),
            *("--exclude-path", "/api/stream", "--exclude-path", "/api/health", "--exclude-path", "/api/live"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--workers", "2"),
            *("--no-color", "--request-timeout", "15", "--generation-database", "none", "--seed", "1"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
