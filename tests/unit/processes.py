"""What the kernel says of a process."""

from pathlib import Path


def state(pid: int) -> str:
    """Its letter of proc_pid_stat(5): S sleeps, T is stopped, Z ended and is not collected; "" where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether it lives; a zombie does not."""
    return state(pid) not in {"", "Z"}
