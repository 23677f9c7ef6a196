"""`jp`, the JSON in a query string that V2 searched by → a search body of V3 and what else it holds."""

from __future__ import annotations

from typing import Any, Final

from crud import ObjectType
from kernel.errors import Invalid, TooLarge, shorten
from kernel.json_body import parse_json_text
from kernel.wording import WHOLE_NUMBER
from legacy.names import new_name

MAX_BYTES: Final = 8_192
PARAMETERS: Final = ("order_by", "limit", "offset")
CONDITION: Final = {"type", "field", "operator", "value"}
SQL_OPERATORS: Final = {"<>": "ne"}
GROUPS: Final = ("and", "or", "not")


def read_jp(object_type: ObjectType, text: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The search body, and the query parameters that stood within. What it does not know, it leaves for V3 to refuse.

    Raises Invalid; TooLarge (414) over 8 KB.
    """
    jp = _parsed(text)
    if isinstance(jp, list):
        jp = {"qry": jp}
    if not isinstance(jp, dict):
        raise Invalid.field("jp", "Give an object, or a list of conditions.")
    parameters = {name: _parameter(name, jp.pop(name)) for name in PARAMETERS if name in jp}
    groups = [_conditions(jp.pop("qry"))] if "qry" in jp else []
    if groups and any(name in jp for name in GROUPS):
        groups[0].append({name: jp.pop(name) for name in GROUPS if name in jp})
    if groups:
        jp["and"] = groups[0]
    return {name: _renamed(object_type, value) for name, value in jp.items()}, parameters


def _parsed(text: str) -> Any:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise TooLarge(f"jp has at most {MAX_BYTES} bytes; POST …/search takes more.", status=414)
    if "\ufffd" in text:
        raise Invalid.field("jp", "It is not UTF-8.")
    try:
        return parse_json_text(text.encode())
    except Invalid as error:
        raise Invalid.field("jp", error.message) from None


def _parameter(name: str, value: Any) -> str:
    """As it would stand in the query string, where V3 reads it."""
    if name == "order_by" and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    if isinstance(value, str) or (name != "order_by" and isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise Invalid.field(name, "Give names of fields." if name == "order_by" else WHOLE_NUMBER)


def _conditions(qry: Any) -> list[Any]:
    """To be joined by AND. `type` joins a condition to the one before it; AND binds closer than OR, as in SQL."""
    if not isinstance(qry, list):
        raise Invalid.field("qry", "Give a list of {type, field, operator, value}.")
    groups: list[list[Any]] = [[]]
    for item in qry:
        if not isinstance(item, dict):
            raise Invalid.field("qry", "Each condition is an object: {type, field, operator, value}.")
        for key in item:
            if key not in CONDITION:
                raise Invalid.field(key, f"Known in a condition of qry: {', '.join(sorted(CONDITION))}.")
        if _connector(item) == "or" and groups[-1]:
            groups.append([])
        groups[-1].append(_condition(item))
    return groups[0] if len(groups) == 1 else [{"or": [{"and": group} for group in groups]}]


def _connector(item: dict[str, Any]) -> str:
    connector = item.get("type", "AND")
    if not isinstance(connector, str) or connector.lower() not in ("and", "or"):
        raise Invalid.field("type", f"Give AND or OR, not '{shorten(connector)}'.")
    return connector.lower()


def _condition(item: dict[str, Any]) -> dict[str, Any]:
    """As section 5 writes it. A missing part stays missing: V3 says so."""
    condition: dict[str, Any] = {name: item[name] for name in ("field", "value") if name in item}
    if "operator" in item:
        operator = item["operator"]
        if isinstance(operator, str):
            operator = "_".join(operator.lower().split())
            operator = SQL_OPERATORS.get(operator, operator)
        condition["op"] = operator
    return condition


def _renamed(object_type: ObjectType, node: Any) -> Any:
    """The fields of all conditions under their new names."""
    if isinstance(node, list):
        return [_renamed(object_type, item) for item in node]
    if not isinstance(node, dict):
        return node
    renamed = {name: _renamed(object_type, value) if name in GROUPS else value for name, value in node.items()}
    if isinstance(renamed.get("field"), str):
        renamed["field"] = new_name(object_type, renamed["field"])
    return renamed
