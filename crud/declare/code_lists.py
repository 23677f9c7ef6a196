"""Fields that take codes of a list which an app above keeps (`LookupField`): the lists, and holding a row to them.

crud knows no list. The app that has one registers it under its name when it starts; a system check refuses a field
whose list nobody registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from crud.declare.fields import Field
from crud.declare.object_type import ObjectType
from kernel.model_fields import LookupField
from tenancy.context import current_scope


class CodeList(Protocol):
    """A list as an account sees it; `account_id` None: what everybody sees. `within`: the code of what a code is part
    of (a subdivision of its country), or empty."""

    def spelled(self, account_id: int | None, text: str) -> str | None:
        """The code as the list has it, of one in any case."""

    def meant(self, account_id: int | None, text: str, within: str) -> str | None:
        """The code of what people call so."""

    def is_part(self, account_id: int | None, code: str, within: str) -> bool: ...

    def choices(self, account_id: int | None) -> list[tuple[str, str]]:
        """Codes and names, in the order of the list."""


code_lists: dict[str, CodeList] = {}


def fields_with_list(object_type: ObjectType) -> Iterable[tuple[Field, LookupField]]:
    """What others are part of comes first."""
    lookup_fields = [(f, f.model_field) for f in object_type.fields.values() if isinstance(f.model_field, LookupField)]
    return sorted(lookup_fields, key=lambda pair: bool(pair[1].within))


def account_of(row: Any) -> int | None:
    scope = current_scope()
    return scope if isinstance(scope, int) else getattr(row, row.tenant_column)


def hold_to_lists(object_type: ObjectType, row: Any, given: Iterable[str]) -> dict[str, list[str]]:
    """Spell the given fields of a row as their lists do; the misfits by name. Others stay as they are, odd or not."""
    errors: dict[str, list[str]] = {}
    for spec, field in fields_with_list(object_type):
        text = getattr(row, spec.attname)
        if spec.name not in given or not text:
            continue
        codes, account_id = code_lists[field.lookup], account_of(row)
        within = (getattr(row, field.within) or "") if field.within else ""
        code = codes.spelled(account_id, text)
        if code is None:
            meant = codes.meant(account_id, text, within)
            errors[spec.name] = [f"Give a code of the lookup {field.lookup}{f'; this is {meant}' if meant else ''}."]
        elif within and field.within not in errors and not codes.is_part(account_id, code, within):
            errors[spec.name] = [f"It is no part of the {field.within} of this object."]
        else:
            setattr(row, spec.attname, code)
    return errors


def as_meant(object_type: ObjectType, payload: Mapping[str, Any], row: Any) -> dict[str, str]:
    """The codes of what a payload calls in any way, as a spreadsheet or a person at a form does. `row`: what has the
    values that the payload has not."""
    by_text: dict[str, str] = {}
    for spec, field in fields_with_list(object_type):
        text = payload.get(spec.name)
        if not isinstance(text, str) or not text.strip():
            continue
        codes, account_id = code_lists[field.lookup], account_of(row)
        within = ""
        if field.within:
            within = by_text.get(field.within) or payload.get(field.within) or getattr(row, field.within) or ""
        if code := codes.spelled(account_id, text) or codes.meant(account_id, text, within):
            by_text[spec.name] = code
    return by_text
