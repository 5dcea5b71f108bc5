"""Lines on standard error, which the monitor sends to the log. Nothing that a request said is written there."""

import sys
import time
import traceback


def line(level: str, words: str) -> None:
    """Write one line."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        sys.stderr.write(f"{stamp} {level} api: {words}\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads; answering goes on
        return


def mistake(error: BaseException) -> None:
    """A mistake of ours: what and where, without values."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {last[0].name}, line {last[0].lineno} of {last[0].filename}" if last else ""
    line("error", f"internal error: {type(error).__name__}{place}")
