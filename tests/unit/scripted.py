"""A runner for service managers that are not here: it plays the tool's side and notes what was run."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from packetbuddy.services.runner import Completed

FINE = Completed(0, "", "")


class Scripted:
    """``answer`` is the tool: the words after its name in, what it says out."""

    def __init__(self, answer: Callable[[tuple[str, ...]], Completed]) -> None:
        self._answer = answer
        self.ran: list[tuple[str, ...]] = []

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], stdin: int, log: Path) -> int:
        """Nothing is spawned by these adapters."""
        raise AssertionError((command, environment, stdin, log))

    def run(self, command: Sequence[str], *, environment: Mapping[str, str], seconds: float) -> Completed:
        """Note it, and answer."""
        assert seconds > 0
        assert environment is not None
        self.ran.append(tuple(command))
        return self._answer(tuple(command[1:]))

    def verbs(self) -> list[str]:
        """First words of what was run, questions left out."""
        return [words[1] for words in self.ran if words[1] not in {"print", "/query"}]
