"""One monitor per ledger: a lock that the kernel takes back when its owner dies."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from packetbuddy.errors import LedgerError, LedgerFullError, LedgerReadOnlyError, LockHeldError

PATIENCE_SECONDS = 0.5
"""A reader that asks whether the lock is free holds it for a moment."""
_READERS_SECONDS = 5.0
"""A reader is done long before."""
PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Nobody's link is followed, and a named pipe in a file's place holds nobody up."""


class Lock:
    """Owns the lock file's descriptor while the lock is held."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Take the lock, within so many seconds, and write our pid into the file.

        Raises:
            LockHeldError: another monitor has it.
            OSError: the file cannot be opened.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | PLAIN, 0o600)
        deadline = time.monotonic() + seconds
        while not take(descriptor):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise LockHeldError(
                    f"another PacketBuddy monitor is running (pid {owner(self.path) or 'unknown'})",
                    "see: pb service status",
                )
            time.sleep(0.02)
        self._descriptor = descriptor
        _sign(descriptor)

    def ours(self) -> bool:
        """Whether the path still leads to the file that we hold; where somebody deleted it, it is locked anew.

        False means that somebody made another lock, or took it: another monitor may write to the ledger.
        """
        if self._descriptor is None:
            return False
        try:
            there, here = os.stat(self.path, follow_symlinks=False), os.fstat(self._descriptor)  # noqa: PTH116 - beside its twin
        except FileNotFoundError:
            return self._again(self._descriptor)
        except OSError:  # a disk that does not answer has not been given to another monitor
            return True
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def _again(self, before: int) -> bool:
        try:
            self.acquire()
        except (LockHeldError, OSError):
            self._descriptor = before
            return False
        os.close(before)
        return True

    def lent(self) -> tuple[int, ...]:
        """The descriptors with which a child holds the lock as well, also when we are gone; none on Windows."""
        return () if self._descriptor is None or sys.platform == "win32" else (self._descriptor,)

    def release(self) -> None:
        """Give the lock back; safe to call twice. The file stays, so that nobody locks a deleted one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def held(path: Path) -> bool:
    """Whether a living monitor holds the lock now."""
    try:
        descriptor = os.open(path, (os.O_RDWR if sys.platform == "win32" else os.O_RDONLY) | PLAIN)
    except OSError:
        return False
    try:
        return not take(descriptor, shared=True)
    finally:
        os.close(descriptor)


@contextmanager
def hold_readers(lock: Path) -> Iterator[None]:
    """Hold off readers that take a ledger without a monitor for one that does not change, while it is written to.

    Closing the last connection folds the log into the file; who read it as unchanging then would read nonsense.

    Raises:
        LedgerFullError: there is no room for the file that says so.
        LedgerReadOnlyError: the folder cannot be written.
    """
    try:
        descriptor = os.open(_writing(lock), os.O_RDWR | os.O_CREAT | PLAIN, 0o600)
    except OSError as exc:
        full = exc.errno in {errno.ENOSPC, errno.EDQUOT}
        raise (LedgerFullError if full else LedgerReadOnlyError)(
            f"{lock.parent} cannot be written: {exc.strerror}"
        ) from exc
    try:
        deadline = time.monotonic() + _READERS_SECONDS
        while not take(descriptor) and time.monotonic() < deadline:
            time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def outwait_readers(lock: Path) -> None:
    """Let those finish who took the ledger for unchanging before its monitor came; the caller holds the lock."""
    with suppress(LedgerError), hold_readers(lock):  # where that file cannot be made, no reader holds it either
        return


@contextmanager
def quiet(lock: Path) -> Iterator[bool]:
    """Whether nobody writes without being the monitor; inside, nobody begins to."""
    try:
        descriptor = os.open(_writing(lock), (os.O_RDWR if sys.platform == "win32" else os.O_RDONLY) | PLAIN)
    except OSError:  # nobody ever did
        yield True
        return
    try:
        yield take(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _writing(lock: Path) -> Path:
    return lock.with_name("writing.lock")


def owner(path: Path) -> int | None:
    """The pid that the file names; it means something only while the lock is held."""
    try:
        descriptor = os.open(path, os.O_RDONLY | PLAIN)
    except OSError:
        return None
    try:
        return int(os.read(descriptor, 100).split()[0])
    except (OSError, ValueError, IndexError):
        return None
    finally:
        os.close(descriptor)


def _sign(descriptor: int) -> None:
    """Write who we are over what stands there: on a full disk that block is all there is."""
    words = f"{os.getpid()} {int(time.time())}\n".encode()
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, words)
        os.ftruncate(descriptor, len(words))
    except OSError:  # the lock holds without the words
        return


def take(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock on an open file if nobody holds it.

    ``shared`` is for those who only ask, so that two who ask don't take each other for a monitor.
    """
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        try:
            os.lseek(descriptor, 4096, os.SEEK_SET)  # beyond the text, which others must be able to read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
