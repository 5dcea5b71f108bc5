"""The text that Prometheus and its kin read: OpenMetrics 1.0, and the older text format 0.0.4. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "info", "stateset"]
Dialect = Literal["openmetrics", "plain"]
Labels = tuple[tuple[str, str], ...]
PLAIN_KINDS = {"counter": "counter", "gauge": "gauge", "info": "gauge", "stateset": "gauge"}
SUFFIXES = {"counter": "_total", "gauge": "", "info": "_info", "stateset": ""}


class Sample(NamedTuple):
    """One value and what it is of. ``created``: when a counter began, UTC seconds since 1970."""

    labels: Labels
    value: float
    created: float | None = None


class Family(NamedTuple):
    """Samples of one name. ``name`` has no suffix and ends with the ``unit`` where it has one; ``help`` is one line."""

    name: str
    kind: Kind
    unit: str
    help: str
    samples: Sequence[Sample]


def text(families: Sequence[Family], dialect: Dialect) -> str:
    """All of them; families without samples are left out."""
    lines = [line for family in families if family.samples for line in _family(family, dialect)]
    return "".join(f"{line}\n" for line in [*lines, *(["# EOF"] if dialect == "openmetrics" else [])])


def label_text(value: str) -> str:
    """A label's value as UTF-8 can hold it: what is no text becomes its number."""
    return value.encode("utf-8", "backslashreplace").decode()


def _family(family: Family, dialect: Dialect) -> Iterator[str]:
    modern = dialect == "openmetrics"
    sample = family.name + SUFFIXES[family.kind]
    name = family.name if modern else sample
    yield f"# TYPE {name} {family.kind if modern else PLAIN_KINDS[family.kind]}"
    if modern and family.unit:
        yield f"# UNIT {name} {family.unit}"
    yield f"# HELP {name} {family.help}"
    for each in family.samples:
        yield f"{sample}{_labels(each.labels)} {_number(each.value)}"
        if modern and each.created is not None:
            yield f"{family.name}_created{_labels(each.labels)} {_number(each.created)}"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(label_text(value))}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    """Whole numbers to the last digit."""
    return str(int(value)) if value == int(value) else repr(float(value))
