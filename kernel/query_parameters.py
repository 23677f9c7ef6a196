"""The query string, read strictly: each parameter once, and none that nobody reads."""

from __future__ import annotations

from django.http import QueryDict

from kernel.errors import Invalid
from kernel.wording import GIVEN_TWICE, NUL

JWT = "jwt"
"""Read by authentication, whatever the route."""


def single_values(query: QueryDict) -> dict[str, str]:
    """Each parameter's one value. Raises Invalid for doubles and NUL."""
    for name, values in query.lists():
        if len(values) != 1:
            raise Invalid.field(name, GIVEN_TWICE)
        if "\x00" in values[0] or "\x00" in name:
            raise Invalid.field(name, NUL)
    return {name: values[0] for name, values in query.lists()}


def refuse_unknown(given: dict[str, str], *known: str) -> None:
    """A parameter that would do nothing is refused. Raises Invalid."""
    for name in given:
        if name not in known and name != JWT:
            raise Invalid.field(name, "There is no such parameter here.")
