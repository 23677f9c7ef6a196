"""How a business verb is declared: route, methods, role, arguments and documentation in one class.

An action is one class in a module of this package, decorated with `@register`; nothing else changes.
See docs/adding_an_action.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from crud import ApiRequest
from crud.declare.values import parse_boolean, parse_id
from kernel.errors import Invalid
from kernel.query_parameters import refuse_unknown, single_values
from kernel.wording import NUMBER, REQUIRED, WHOLE_NUMBER, between, characters, one_of
from tenancy.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class Argument:
    """One query parameter. `kind` is one of text, integer, number, boolean, id; `choices` narrows it."""

    name: str
    help: str
    kind: str = "text"
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    """Bounds of a number; of a text, those of its length (at most 1,000 without)."""
    example: Any = None

    def parse(self, text: str) -> Any:
        """The value of a parameter. Raises Invalid."""
        if self.choices and text not in self.choices:
            raise Invalid.field(self.name, one_of(self.choices))
        value: Any = text
        try:
            match self.kind:
                case "boolean":
                    return parse_boolean(text)
                case "id":
                    return parse_id(text)
                case "integer":
                    value = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
                case "number":
                    value = float(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", text) else None
        except ValidationError as error:
            raise Invalid.field(self.name, error.messages[0]) from None
        if value is None:
            raise Invalid.field(self.name, WHOLE_NUMBER if self.kind == "integer" else NUMBER)
        size = len(value) if isinstance(value, str) else value
        most = self.most if self.most is not None or self.kind != "text" else 1_000
        if (self.least is not None and size < self.least) or (most is not None and size > most):
            wording = characters if isinstance(value, str) else between
            raise Invalid.field(self.name, wording(self.least, most))
        return value


@dataclass(slots=True)
class Call:
    """One call of an action: who calls, on what, with which arguments."""

    request: ApiRequest
    principal: Principal
    path: dict[str, str]
    """What stands in the places of the path: {"id": …}."""
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def has_body(self) -> bool:
        meta = self.request.META
        return meta.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in meta


class Action:
    path: ClassVar[str]
    """Below /v3/action/: `event_exhibit/{id}/tracking_export`."""
    methods: ClassVar[tuple[str, ...]] = ("GET",)
    summary: ClassVar[str]
    description: ClassVar[str] = ""
    arguments: ClassVar[list[Argument]] = []
    least_role: ClassVar[Role] = Role.USER
    devices: ClassVar[tuple[str, ...]] = ()
    """The profiles of the devices that may call it, beside `least_role`; they are held to their own room and event."""
    presenters: ClassVar[bool] = False
    """Whether presenters may call it by their links, beside `least_role`; they are held to their own talks."""
    writes: ClassVar[bool] = False
    """Whether it changes something; then keys that only read are refused, and HEAD is no GET."""
    keyless_download: ClassVar[bool] = False
    """Whether it answers a file's bytes: then a valid ?jwt= stands in for the API key, as for download links in a
    browser. It holds a principal with `only_file` to that file."""
    body: ClassVar[dict[str, Any] | None] = None
    """OpenAPI requestBody, where it takes one."""
    places: ClassVar[dict[str, str]] = {"id": r"[^/]+"}
    """What fits the places of the path; a misfit is another path."""
    examples: ClassVar[dict[str, str]] = {}
    """What may stand in the places, for the documentation; an id unless said here."""
    example: ClassVar[Any] = None
    """Of the answer's data, for the documentation."""
    statuses: ClassVar[tuple[int, ...]] = (200,)
    """Of an answer in the envelope, for the documentation."""
    answers: ClassVar[dict[str, Any]] = {}
    """OpenAPI responses by status, where an answer is not data in the envelope."""
    failures: ClassVar[tuple[int, ...]] = (404,)

    def run(self, call: Call) -> Any:
        """Do it. Answers the data for the envelope, or a whole HttpResponse."""
        raise NotImplementedError

    def read_arguments(self, request: ApiRequest) -> dict[str, Any]:
        """The declared arguments from the query string; unknown and double ones are refused. Raises Invalid."""
        given = single_values(request.GET)
        known = {argument.name: argument for argument in self.arguments}
        refuse_unknown(given, *known)
        values = {}
        for name, argument in known.items():
            if given.get(name, "") == "" and argument.required:
                raise Invalid.field(name, REQUIRED)
            values[name] = argument.parse(given[name]) if name in given else argument.default
        return values


actions: dict[tuple[str, str], Action] = {}
"""By path and method. Filled when the modules of this package are imported (`actions.urls`); closed to doubles."""


def register(declaration: type[Action]) -> type[Action]:
    action = declaration()
    for method in declaration.methods:
        if (declaration.path, method) in actions:
            raise ValueError(f"the action {method} {declaration.path} is declared twice")
        actions[declaration.path, method] = action
    return declaration
