"""The page that tells what each endpoint takes and answers, made of the API's own structs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from generating.filling import filled
from packetbuddy.api.openapi import document
from packetbuddy.api.routes import ENDPOINTS
from packetbuddy.cli.main import COMMANDS

Json = Mapping[str, Any]


def page() -> str:
    """The text of ``reference/json.md``."""
    told = document(ENDPOINTS)
    shapes = told["components"]["schemas"]
    return filled(
        "json.md",
        endpoints="\n\n".join(_endpoint(path, each["get"]) for path, each in told["paths"].items()),
        shapes="\n\n".join(_shape(name, shapes[name], shapes) for name in sorted(shapes)),
        commands="\n".join(_commands(told["paths"])),
    )


def _endpoint(path: str, told: Json) -> str:
    content = told["responses"]["200"]["content"]
    answers = " or ".join(_type(each["schema"]) if "json" in media else f"`{media}`" for media, each in content.items())
    lines = [f"### `GET {path}`", "", f"{told['summary']}. Answers {answers}."]
    if told["parameters"]:
        lines += ["", "| parameter | type | default | meaning |", "|---|---|---|---|"]
        lines += [_parameter(one) for one in told["parameters"]]
    return "\n".join(lines)


def _parameter(told: Json) -> str:
    default = "required" if told["required"] else _default(told["schema"])
    return f"| `{told['name']}` | {_type(told['schema'])} | {default} | {told['description']} |"


def _default(schema: Json) -> str:
    return f"`{_json(schema['default'])}`" if "default" in schema else ""


def _shape(name: str, schema: Json, shapes: Mapping[str, Json]) -> str:
    fields = schema["properties"]
    base = _base(name, fields, shapes)
    own = {field: told for field, told in fields.items() if base is None or field not in shapes[base]["properties"]}
    words = [f"All of [{base}](#{base.lower()}), and:"] if base else []
    needed = schema.get("required", ())
    rows = [
        f"| `{field}` | {_type(told)} | {'' if field in needed else 'may be missing'} |" for field, told in own.items()
    ]
    return "\n".join(
        [
            f"### {name}",
            "",
            _sentence(schema),
            "",
            *([*words, ""] if words else []),
            "| field | type | |",
            "|---|---|---|",
            *rows,
        ]
    )


def _base(name: str, fields: Json, shapes: Mapping[str, Json]) -> str | None:
    """``Usage``, where all of it is in this one too."""
    usage = shapes["Usage"]["properties"]
    return "Usage" if name != "Usage" and usage.keys() <= fields.keys() else None


def _sentence(schema: Json) -> str:
    return " ".join(str(schema.get("description", "")).split()).replace("``", "`")


def _type(schema: Json) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(f"`{_json(one)}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if schema.get("type") == "object":
        return "object"
    kind = {"integer": "whole number", "number": "number", "string": "text", "boolean": "`true`, `false`"}.get(
        str(schema.get("type")), str(schema.get("type"))
    )
    return {"date": "date", "date-time": "instant"}.get(str(schema.get("format")), kind) + _bounds(schema)


def _bounds(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and high is None:
        return ""
    return f" from {low}" + (f" to {high}" if high is not None else "") if low is not None else f" up to {high}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _commands(paths: Iterable[str]) -> Iterator[str]:
    """Commands whose ``data`` is an endpoint's answer."""
    for path in paths:
        name = path.rpartition("/")[2]
        if name in COMMANDS:
            yield f"| `pb {name} --json` | [`GET {path}`](#get-api{name}) |"
