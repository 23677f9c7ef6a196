"""The query parameters of V1 and V2 → those of V3. What it does not know, it leaves for V3 to refuse."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError

from crud import ObjectType
from crud.declare.values import parse_boolean
from kernel.errors import Invalid
from kernel.wording import TRUE_OR_FALSE, one_of
from legacy.names import new_name

VIEWS: Final = ("default", "enriched")
NAMED_VIEWS: Final = ("tbl_alt", "mdl_alt")
ENRICHED_OR_NOT: Final = ("use_alt_table", "use_alt_base")
LISTS_OF_FIELDS: Final = ("order_by", "fields")


def new_query(object_type: ObjectType, query: dict[str, str]) -> dict[str, str]:
    """Raises Invalid for a view that is none, for two that differ, and for `export`: files have V3's names only."""
    if "export" in query:
        raise Invalid.field("export", "There is no such parameter here; POST …/search of V3 has it.")
    views = {name: _view(name, text) for name, text in query.items() if name in (*NAMED_VIEWS, *ENRICHED_OR_NOT)}
    if len({*views.values(), *(text for name, text in query.items() if name == "view")}) > 1:
        raise Invalid.field(next(iter(views)), "The parameters ask for different views.")
    renamed = {"view": next(iter(views.values()))} if views else {}
    for name, text in query.items():
        if name in views:
            continue
        field_name, underscores, operator = name.partition("__")
        new = new_name(object_type, field_name) + underscores + operator
        if new in renamed and new != "view":
            raise Invalid.field(name, "It is there under its old and its new name.")
        renamed[new] = new_list(object_type, text) if name in LISTS_OF_FIELDS else text
    return renamed


def new_list(object_type: ObjectType, text: str) -> str:
    """Names separated by commas, each perhaps with a - before it."""
    parts = [part.strip() for part in text.split(",")]
    minus = ["-" if part.startswith("-") else "" for part in parts]
    return ",".join(m + new_name(object_type, part.removeprefix("-")) for m, part in zip(minus, parts, strict=True))


def _view(name: str, text: str) -> str:
    if name in NAMED_VIEWS:
        if text not in VIEWS:
            raise Invalid.field(name, one_of(VIEWS))
        return text
    try:
        return "enriched" if parse_boolean(text) else "default"
    except ValidationError:
        raise Invalid.field(name, TRUE_OR_FALSE) from None
