"""An answer of the API, cut to what a model can read: few rows, no endless texts."""

from __future__ import annotations

from typing import Any, Final

from kernel.envelope import to_json

MAX_CHARACTERS: Final = 60_000
MAX_TEXT: Final = 4_000
"""Of one text within an object that is too large."""
KEPT_META: Final = ("count", "next_cursor", "total", "warnings")
LEFT_OUT: Final = ("columns", "table", "json_schema")
"""Of a schema: what `fields` says as well."""


def told(envelope: dict[str, Any]) -> str:
    """The data and what of the meta an agent acts on, as JSON of at most MAX_CHARACTERS, and some."""
    data, meta = envelope["data"], envelope["meta"]
    answer: dict[str, Any] = {"data": data, **{name: meta[name] for name in KEPT_META if meta.get(name) is not None}}
    text = _written(answer)
    if len(text) <= MAX_CHARACTERS:
        return text
    if isinstance(data, list):
        answer["data"] = _first_of(data)
        answer["truncated"] = f"{len(answer['data'])} of {len(data)} rows; ask for fewer fields or a smaller limit."
        answer.pop("next_cursor", None)  # it would skip the rows that were left out
    elif isinstance(data, dict) and "columns" in data:
        answer["data"] = {name: value for name, value in data.items() if name not in LEFT_OUT}
    else:
        answer["data"] = _shortened(data)
        answer["truncated"] = "Long texts were cut."
    return _written(answer)


def refusal(envelope: dict[str, Any]) -> str:
    """What went wrong, in the API's words."""
    details = envelope["meta"].get("details") or {}
    return _written({"status": envelope["meta"]["status_code"], **details})


def _first_of(rows: list[Any]) -> list[Any]:
    """As many rows as there is room for; of a first one that is too long, its texts are cut."""
    page: list[Any] = []
    used = 0
    for row in rows:
        used += len(_written(row))
        if used > MAX_CHARACTERS:
            return page or [_shortened(row)]
        page.append(row)
    return page


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[:MAX_TEXT]}… ({len(value) - MAX_TEXT} more characters)"
    if isinstance(value, dict):
        return {name: _shortened(part) for name, part in list(value.items())[:200]}
    if isinstance(value, list):
        return [_shortened(part) for part in value[:50]]
    return value


def _written(value: Any) -> str:
    return to_json(value).decode()
