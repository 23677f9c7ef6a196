"""Which hosted file an id means: its own, or that of something that holds one."""

from __future__ import annotations

from functools import cache
from typing import Any

from crud import ObjectType, key_of, missing, registry
from files.models import HostedFile
from kernel.errors import ApiError, NotFound, Refused
from tenancy.principal import Principal


@cache
def containers() -> list[tuple[ObjectType, str]]:
    """The types that hold a hosted file, and the column that says which."""
    return [
        (holder, field.attname)
        for holder in registry.values()
        for field in holder.model._meta.concrete_fields
        if field.related_model is HostedFile and holder.model is not HostedFile
    ]


def find_file(principal: Principal, public_id: str) -> HostedFile:
    """The hosted file with this id, or of the container with this id. Raises Refused, NotFound."""
    hosted_file = registry["hosted_file"]
    key = key_of(hosted_file, principal, public_id)
    if key is None:
        key = _key_by_container(principal, public_id)
    if key is None:
        raise _why_not(principal, public_id)
    return readable_file(principal, key)


def find_file_of(type_name: str, principal: Principal, public_id: str) -> HostedFile:
    """The hosted file of a container of this type. Raises Refused, NotFound."""
    holder = registry[type_name]
    key = key_of(holder, principal, public_id)
    if key is None:
        raise missing(holder, principal, public_id)
    file_key = holder.model.objects.filter(pk=key).values_list("hosted_file_id", flat=True).first()
    if file_key is None:
        raise NotFound("It holds no file.")
    return readable_file(principal, file_key)


def readable_file(principal: Principal, key: int) -> HostedFile:
    rows = registry["hosted_file"].rows(principal.access)
    file: HostedFile | None = rows.filter(pk=key).first()
    if file is None:
        raise NotFound
    if principal.only_file not in (None, file.id_random):
        raise Refused("This link is for another file.")
    return file


def _key_by_container(principal: Principal, public_id: str) -> int | None:
    for holder, attname in containers():
        key = key_of(holder, principal, public_id)
        if key is not None:
            file_key: Any = holder.model.objects.filter(pk=key).values_list(attname, flat=True).first()
            if file_key is not None:
                return int(file_key)
    return None


def _why_not(principal: Principal, public_id: str) -> ApiError:
    for holder in dict.fromkeys([registry["hosted_file"], *(holder for holder, _ in containers())]):
        if holder.readable_by(principal.access):
            why = missing(holder, principal, public_id)
            if isinstance(why, Refused):
                return why
    return NotFound()
