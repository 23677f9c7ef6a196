"""What the tests of the old routes share."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from tests.conftest import Answer, Caller

PREFIXES = ("/v2/crud", "/crud")


def jp(value: Any, **more: Any) -> str:
    """A query string with this jp; texts as they are, anything else as JSON."""
    return "?" + urlencode({"jp": value if isinstance(value, str | bytes) else json.dumps(value), **more})


def qry(*conditions: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Conditions as V2 wrote them, from (type, field, operator, value)."""
    return [dict(zip(("type", "field", "operator", "value"), condition, strict=False)) for condition in conditions]


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return sorted(row["name"] for row in answer.data)


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["id_random"] for row in answer.data]


def journals(caller: Caller, *titles: str, **values: Any) -> list[str]:
    return [caller.create("journal", name=title, **values)["id"] for title in titles]


def without_request(answer: Answer) -> Any:
    return answer.body | {"meta": answer.meta | {"request_id": ""}}
