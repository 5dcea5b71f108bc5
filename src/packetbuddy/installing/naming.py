"""What a folder of code is called once it is installed: its version and eight digits that stand for the code itself."""

import hashlib
import re
from pathlib import Path

from packetbuddy.errors import InstallError

_VERSION = re.compile(r'^__version__ = "([A-Za-z0-9.+]+)"$', re.MULTILINE)


def version_name(root: Path) -> str:
    """The name of a clone's or an unpacked archive's code; the same code has the same name, whatever its folder.

    Raises:
        InstallError: the folder does not hold PacketBuddy, or cannot be read.
    """
    package = root / "src" / "packetbuddy"
    try:
        version = _VERSION.search((package / "__init__.py").read_text(encoding="utf-8"))
        digest = _digest(root, [root / "pyproject.toml", *sorted(package.rglob("*"))])
    except (OSError, UnicodeDecodeError) as error:
        raise InstallError(f"{root} is not a whole PacketBuddy folder ({error})", "get it again") from error
    if version is None:
        raise InstallError(f"{root} is not a PacketBuddy folder")
    return f"{version[1]}-{digest[:8]}"


def _digest(root: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(b"%s\0%d\0" % (path.relative_to(root).as_posix().encode(), len(content)))
            digest.update(content)
    return digest.hexdigest()
