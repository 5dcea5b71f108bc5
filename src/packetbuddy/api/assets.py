"""Static files of the package: the dashboard and the docs page. Names are looked up, never resolved."""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from packetbuddy.api.problems import Problem, ProblemError

HERE = Path(__file__).parent
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DEEPEST = 4


class Folder:
    """The files below one folder of the package, by their names; ``index.html`` is the folder itself."""

    def __init__(self, name: str) -> None:
        """Name the folder; nothing is opened."""
        self._root = HERE / name

    async def answer(self, request: Request) -> Response:
        """Answer with a file, or 304 where the reader has it."""
        path = self._find(request.path_params.get("name", "") or "index.html")
        found = path.stat()
        tag = f'"{found.st_size:x}-{found.st_mtime_ns:x}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(path.read_bytes(), headers={**headers, "content-type": TYPES[path.suffix]})

    def _find(self, name: str) -> Path:
        parts = name.split("/")
        plain = len(parts) <= _DEEPEST and all(_NAME.fullmatch(part) for part in parts)
        path = self._root.joinpath(*parts) if plain else self._root
        if path.suffix not in TYPES or not path.is_file():
            raise ProblemError(Problem(404, "not_found", "there is no such file", "The dashboard is at /dashboard"))
        return path
