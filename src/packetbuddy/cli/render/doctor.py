"""What the doctor found, as lines: the verdict first, then each finding with its remedy below it."""

from collections.abc import Sequence

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import fitted, marks, paint, plain, wrapped
from packetbuddy.doctor.diagnosis import Diagnosis
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding

ROLES = {BROKEN: "bad", WARNING: "warning", NOTE: "soft", "well": "good"}
LEVEL_COLUMNS = 9
"""Of the word that stands before a finding."""


def doctor_lines(found: Diagnosis, paper: Paper) -> list[str]:
    """All of it. Where all is well, that and what was seen; else what was seen is no comfort and stays out."""
    sign = marks(paper)
    mark = paint(paper, sign.no if found.state == BROKEN else sign.yes, ROLES[found.state])
    first, *rest = (paint(paper, each, "strong") for each in wrapped(_verdict(found), paper.columns - 2))
    head = [f"{mark} {first}", *(f"  {each}" for each in rest)]
    lines = [line for each in found.findings for line in _finding(each, paper)]
    if found.state != "well":
        return head + lines
    return [*head, *(line for each in found.seen for line in wrapped(plain(each, paper), paper.columns)), *lines]


def _verdict(found: Diagnosis) -> str:
    broken, warnings = (_count(found.findings, level) for level in (BROKEN, WARNING))
    if broken:
        return f"{_things(broken)} {'is' if broken == 1 else 'are'} broken."
    if warnings:
        return f"Nothing is broken; {_things(warnings).lower()} {'wants' if warnings == 1 else 'want'} attention."
    return "All is well."


def _count(findings: Sequence[Finding], level: str) -> int:
    return sum(each.level == level for each in findings)


def _things(count: int) -> str:
    return "One thing" if count == 1 else f"{count} things"


def _finding(finding: Finding, paper: Paper) -> list[str]:
    """The level as a word, what is wrong, and below it what to do."""
    room, indent = paper.columns - LEVEL_COLUMNS, " " * LEVEL_COLUMNS
    first, *rest = wrapped(plain(f"{finding.check}: {finding.text}", paper), room)
    level = paint(paper, fitted(finding.level, LEVEL_COLUMNS), ROLES[finding.level])
    return ["", level + first, *(indent + each for each in [*rest, *_remedy(finding, paper, room)])]


def _remedy(finding: Finding, paper: Paper, room: int) -> list[str]:
    """An arrow, and the words beside it."""
    arrow = "-> " if paper.ascii_only else "→ "
    first, *rest = wrapped(plain(finding.remedy, paper), room - len(arrow))
    return [arrow + first, *(" " * len(arrow) + each for each in rest)]
