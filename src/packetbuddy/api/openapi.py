"""The OpenAPI document, made of the table of endpoints."""

from collections.abc import Iterable
from typing import Any

import msgspec

from packetbuddy import __version__
from packetbuddy.api.queries import Query
from packetbuddy.api.routes import Endpoint
from packetbuddy.api.shapes import Error

REF = "#/components/schemas/{name}"
Json = dict[str, Any]
PROBLEMS = {
    "400": "Not valid HTTP",
    "403": "Asked by a page of another site",
    "405": "Only GET and HEAD are answered",
    "421": "The Host header names somebody else",
    "422": "The parameters cannot be meant",
    "431": "Address and headers are too long",
    "500": "PacketBuddy made a mistake",
    "503": "No data yet, or it cannot be read now",
}


def document(endpoints: Iterable[Endpoint]) -> Json:
    """OpenAPI 3.1 as plain JSON values."""
    rows = list(endpoints)
    shapes = [Error, *dict.fromkeys(row.answer for row in rows if row.answer is not None)]
    _, components = msgspec.json.schema_components(shapes, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PacketBuddy",
            "version": __version__,
            "summary": "What this computer sent and received, to the byte. Read only, on this machine alone.",
        },
        "servers": [{"url": "/"}],
        "paths": {row.path: {"get": _operation(row)} for row in rows},
        "components": {"schemas": components},
    }


def _operation(row: Endpoint) -> Json:
    schema: Json = {"type": "string"}
    if row.answer is not None and row.media == "application/json":
        schema = {"$ref": REF.format(name=row.answer.__name__)}
    good = {str(status): _good(row, status, schema) for status in row.statuses}
    for media in row.others:
        good["200"]["content"][media] = {"schema": {"type": "string"}}
    return {
        "operationId": row.path.rpartition("/")[2],
        "summary": row.summary,
        "parameters": list(_parameters(row.query)),
        "responses": {**{status: _problem(words) for status, words in PROBLEMS.items()}, **good},
    }


def _good(row: Endpoint, status: int, schema: Json) -> Json:
    """What carries the answer; a refusal may come with the same status."""
    refusal = {"$ref": REF.format(name="Error")}
    return _answer(row.summary, row.media, schema if status == 200 else {"anyOf": [schema, refusal]})


def _problem(words: str) -> Json:
    return _answer(words, "application/json", {"$ref": REF.format(name="Error")})


def _answer(words: str, media: str, schema: Json) -> Json:
    return {"description": words, "content": {media: {"schema": schema}}}


def _parameters(query: type[Query]) -> Iterable[Json]:
    schema = msgspec.json.schema(query)
    fields = schema["$defs"][query.__name__]
    for name, given in fields["properties"].items():
        kinds = [kind for kind in given.get("anyOf", [given]) if kind.get("type") != "null"]
        found = {**kinds[0], **({"default": given["default"]} if given.get("default") is not None else {})}
        words = found.pop("description", "")
        yield {
            "name": name,
            "in": "query",
            "required": name in fields.get("required", ()),
            "description": words,
            "schema": found,
        }
