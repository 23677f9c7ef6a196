"""One misfit has one wording, and it says what would be right: in CRUD, lookups, actions, sign-in and on the websocket."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crud.declare.object_type import registry
from crud.declare.values import BIGGEST_INTEGER, parse_for_field
from tests.conftest import Party

LONG = "x" * 2_000
FORMS: list[tuple[str, Any, str]] = [
    ("/v3/crud/event?limit=0", None, "limit: It must be between 1 and 1000."),
    ("/v3/crud/event?offset=9999999999", None, "offset: It must be between 0 and 2147483648."),
    ("/v3/crud/event?limit=x", None, "limit: Give a whole number."),
    ("/v3/crud/event?limit=1&limit=2", None, "limit: It is given more than once."),
    ("/v3/crud/event?cursor=x", None, "cursor: It is not a cursor of this list."),
    ("/v3/crud/event?cursor=" + "x" * 9_000, None, "cursor: It is not a cursor of this list."),
    ("/v3/crud/event?hidden=maybe", None, "hidden: It must be one of: not_hidden, hidden, all."),
    ("/v3/crud/event?view=none", None, "view: It must be one of: default, enriched."),
    ("/v3/crud/event", {"name": "A", "sort": 2**40}, f"sort: It must be between {-BIGGEST_INTEGER} and {BIGGEST_INTEGER}."),
    ("/v3/crud/event", {"name": "A", "sort": 10**30}, "sort: It must be between -9223372036854775807 and 9223372036854775807."),
    ("/v3/crud/event", {"name": LONG}, "name: It must have at most 255 characters."),
    ("/v3/crud/event", {"name": "A", "sort": "1"}, "sort: Give a whole number."),
    ("/v3/crud/event", {"name": "A", "start_datetime": "0001-01-01T00:00:00Z"}, "start_datetime: It must be between 1000-01-01 and 9999-12-31."),
    ("/v3/crud/event/search", {"q": LONG}, "q: It must have at most 1000 characters."),
    ("/v3/crud/event/search", {"Q": "x"}, "Unknown key 'Q' in the search."),
    ("/v3/crud/event/bulk", {"creat": []}, "creat: There is no such field. Known: create, update, delete."),
    ("/v3/lookup/country/resolve?q=" + LONG, None, "q: It must have at most 1000 characters."),
    ("/v3/action/event_badge_template/x/render?limit=0", None, "limit: It must be between 1 and 500."),
    ("/v3/action/event_badge_template/x/render?limit=x", None, "limit: Give a whole number."),
    ("/v3/action/event_badge_template/x/render?limit=1&limit=2", None, "limit: It is given more than once."),
    ("/v3/action/event_badge_template/x/render?to_type=gif", None, "to_type: It must be one of: pdf, png."),
    ("/v3/auth/login", {"user": "x"}, "user: There is no such field. Known: username, email, password."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "message"), FORMS)
def test_a_misfit_is_told_in_the_same_words(path: str, body: Any, message: str, north: Party) -> None:
    caller = north.manager
    answer = caller.get(path) if body is None else caller.post(path, body)
    assert (answer.status, answer.meta["details"]["message"]) == (400, message)


def test_bounds_of_a_validator_are_told_as_a_column_s() -> None:
    field = registry["event_badge_template"].fields["width_mm"]
    with pytest.raises(ValidationError, match=r"It must be between 10\.0 and 1000\.0\."):
        parse_for_field(field, 5, "UTC")
