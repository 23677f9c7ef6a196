"""Sends the examples of the OpenAPI document as the page /docs does, whose script finds the ids for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from crud.describe.openapi import document
from tests.conftest import Caller

EXAMPLE_ID = "x7Kq2mB9fRw"
VERBS = ("get", "post", "patch", "delete")
Operation = tuple[str, str, dict[str, Any]]
"""(verb, path, operation)."""


def operations(prefix: str, *, uploads: bool = False) -> Iterator[Operation]:
    """Those that JSON is sent to, or nothing, or (`uploads`) a file."""
    for path, item in document()["paths"].items():
        for verb in VERBS:
            if verb in item and path.startswith(prefix) and path.endswith("/upload") is uploads:
                yield (
                    verb,
                    path,
                    {**item[verb], "parameters": [*item.get("parameters", []), *item[verb].get("parameters", [])]},
                )


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        section, name = node["$ref"].removeprefix("#/components/").split("/")
        node = document()["components"][section][name]
    return node


class Reader:
    """Somebody who opens /docs with a key and an account, and presses "Execute".

    `typed`: what they write over the body's example. `places`: over those of the path.
    """

    def __init__(
        self, caller: Caller, typed: dict[str, Any] | None = None, places: dict[str, str] | None = None
    ) -> None:
        self.caller = caller
        self.typed = typed
        self.places = places or {}

    def execute(self, operation: Operation) -> Any:
        verb, template, said = operation
        path = self._path(re.sub(r"\{(\w+)\}", lambda named: self.places.get(named[1], named[0]), template))
        query = {
            parameter["name"]: self.places.get(parameter["name"])
            or parameter.get("example")
            or parameter["schema"]["examples"][0]
            for parameter in map(resolved, said["parameters"])
            if parameter["in"] == "query" and parameter.get("required")
        }
        type_name = "/".join(path.split("/")[3:4])
        address = path + ("?" + urlencode(self._filled(query, type_name)) if query else "")
        contents = resolved(said.get("requestBody", {})).get("content", {})
        body = self.typed or contents.get("application/json", {}).get("example")
        accept = {"accept": "application/json, text/event-stream"} if path == "/v3/mcp" else {}
        return self.caller(verb.upper(), address, self._filled(body, type_name), **accept)

    def _path(self, template: str) -> str:
        path, steps = "", template.split("/")
        for at, step in enumerate(steps[1:], start=1):
            if re.fullmatch(r"\{(\w+_)?id\}", step):
                has_child = at + 2 < len(steps) and steps[at + 2].startswith("{")
                parent = self._some_parent(steps[at - 1], steps[at + 1]) if has_child else None
                step = parent or self._some_id(path)
            path += f"/{step}"
        return path

    def _some_parent(self, type_name: str, child: str) -> str | None:
        """One that has such a child."""
        column = f"{type_name}_id"
        body = {"and": [{"field": column, "op": "is_not_null"}]}
        found = self.caller.post(f"/v3/crud/{child}/search?limit=1&fields={column}", body)
        return found.data[0][column] if found.status == 200 and found.data else None

    def _some_id(self, path: str) -> str:
        """The first object of a list; of an action's noun, its type's."""
        known = path if path.startswith("/v3/crud/") else f"/v3/crud/{path.rpartition('/')[2]}"
        listed = self.caller.get(f"{path}/list" if path.startswith("/v3/lookup/") else f"{known}/?limit=1&fields=id")
        return listed.data[0]["id"] if listed.status == 200 and listed.data else EXAMPLE_ID

    def _filled(self, value: Any, type_name: str) -> Any:
        if isinstance(value, list):
            return [self._filled(one, type_name) for one in value if one != EXAMPLE_ID]
        if not isinstance(value, dict):
            return value
        made = {}
        for name, part in value.items():
            stem = name.removesuffix("_id") if name.endswith("_id") else ""
            named = type_name if name == "id" else value.get(f"{stem}_type", stem)
            if part == EXAMPLE_ID and named:
                found = self._some_id(f"/v3/crud/{named}")
                if found != EXAMPLE_ID:
                    made[name] = found
            else:
                made[name] = self._filled(part, type_name)
        return made
