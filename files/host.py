"""Rows of hosted_file: made with their link in one step, and removed."""

from __future__ import annotations

import re
from typing import Any

from crud import ObjectType, PayloadReader, registry
from crud.declare.fields import Field, Kind
from files.filename import extension_of
from files.links import LinkTarget, link
from files.models import HostedFile, HostedFileLink
from files.store import Draft, StoredFile
from kernel.errors import Invalid, NotFound, Refused
from kernel.json_body import parse_json_text
from kernel.transactions import in_transaction
from tenancy.principal import Principal

VERIFIED = ("hash_sha256", "size")
IGNORED = ("content_type", "subdirectory_path")
"""Fields that clients like to send along; the bytes decide."""


def demand_account(principal: Principal) -> None:
    if principal.account_id is None:
        raise Refused("Name the account to act in: x-account-id.")


def verify(fields: dict[str, str], drafts: list[Draft]) -> None:
    """Compare what a client says of its file with what came in. Takes these fields out of `fields`. Raises Invalid."""
    for name in IGNORED:
        fields.pop(name, None)
    for name in VERIFIED:
        if name not in fields:
            continue
        declared = fields.pop(name).strip().lower()
        if len(drafts) != 1:
            raise Invalid.field(name, "It can be given with one file only.")
        if declared != str(getattr(drafts[0], name)):
            raise Invalid.field(name, "The file that came in is another one.")


def values_of(object_type: ObjectType, fields: dict[str, str]) -> dict[str, Any]:
    """Texts of a form → values as a JSON body has them. Unknown names are left for the reader of payloads to refuse."""
    return {name: _value(object_type.fields.get(name), text) for name, text in fields.items()}


def _value(field: Field | None, text: str) -> Any:
    if field is None:
        return text
    if text == "" and field.nullable:
        return None
    if field.kind is Kind.INTEGER and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if field.kind is Kind.NUMBER and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", text):
        return float(text)
    return parse_json_text(text.encode()) if field.kind is Kind.JSON else text


def make_row(
    principal: Principal, stored: StoredFile, content_type: str, values: dict[str, Any], target: LinkTarget | None
) -> HostedFile:
    """A row for bytes that are kept already, and its link. Call it in a transaction."""
    row = HostedFile()
    PayloadReader(registry["hosted_file"], principal).apply(row, values, creating=True)
    describe(row, stored, content_type)
    row.save(force_insert=True)
    if target is not None:
        link(row, target)
    return row


def describe(row: HostedFile, stored: StoredFile, content_type: str) -> None:
    """What follows from the bytes."""
    row.hash_sha256, row.size = stored.hash_sha256, stored.size
    row.subdirectory_path = stored.subdirectory_path
    row.extension = extension_of(row.filename)
    row.content_type = content_type


def remove_link(row: HostedFile, type_name: str, public_id: str) -> dict[str, Any]:
    def work() -> int:
        links = list(HostedFileLink.objects.filter(hosted_file=row, link_to_type=type_name, link_to_id=public_id))
        for one in links:
            one.delete()
        return len(links)

    count = in_transaction(work)
    if not count:
        raise NotFound("There is no such link.")
    return {"id": row.id_random, "deleted": False, "links_removed": count}


def remove_file(row: HostedFile) -> dict[str, Any]:
    """The row and all its links. Its bytes go when no other row points at them (files/sweep.py)."""

    def work() -> int:
        links = list(HostedFileLink.objects.filter(hosted_file=row))
        for one in links:
            one.delete()
        for made_of_it in HostedFile.objects.filter(source_hosted_file=row):
            made_of_it.source_hosted_file = None
            made_of_it.save()
        row.delete()
        return len(links)

    return {"id": row.id_random, "deleted": True, "links_removed": in_transaction(work)}
