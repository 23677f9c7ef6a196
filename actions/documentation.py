"""An action's part of the OpenAPI document, from its declaration."""

from __future__ import annotations

import re
from typing import Any

from actions.action import Action, Argument
from crud.describe.openapi import describe
from crud.describe.openapi.parts import ID, headers, operation, parameter, success

_KINDS = {"text": "string", "id": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def describe_actions(methods: dict[str, Action]) -> None:
    """The actions of one path, by method."""
    item = {method.lower(): _operation(method.lower(), action) for method, action in methods.items()}
    describe(f"/v3/action/{next(iter(methods.values())).path}", item)


def _operation(method: str, action: Action) -> dict[str, Any]:
    name = re.sub(r"\W+", "_", action.path.replace("{", "by_")).strip("_")
    parameters = [_place(place, action.examples.get(place, ID)) for place in re.findall(r"\{(\w+)\}", action.path)]
    parameters += [_parameter(argument) for argument in action.arguments]
    return operation(
        f"{method}_{name}",
        action.summary,
        action.path.split("/")[0],
        action.answers
        or {
            str(status): success({"description": "See the example."}, action.example, status=status)
            for status in action.statuses
        },
        parameters=[*parameters, *headers()],
        description=action.description,
        body=action.body if method != "get" else None,
        failures=action.failures,
    )


def _place(name: str, example: str) -> dict[str, Any]:
    return parameter(name, f"The {name} in the path.", {"type": "string"}, example, "path", required=True)


def _parameter(argument: Argument) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _KINDS[argument.kind]}
    if argument.choices:
        schema["enum"] = list(argument.choices)
    if argument.default is not None:
        schema["default"] = argument.default
    bounds = ("minLength", "maxLength") if argument.kind == "text" else ("minimum", "maximum")
    limits = zip(bounds, (argument.least, argument.most), strict=True)
    schema |= {name: bound for name, bound in limits if bound is not None}
    example = argument.example if argument.example is not None else (argument.choices or (argument.default,))[0]
    return parameter(argument.name, argument.help, schema, example, required=argument.required)
