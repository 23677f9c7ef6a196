"""Public ids that are none: numbers, empty ones, words that paths need, what an old import has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crud import ObjectType, registry
from kernel.ids import RESERVED, is_id, new_id
from kernel.transactions import in_transaction
from tenancy.context import every_tenant, tenant


@dataclass(frozen=True, slots=True)
class BadId:
    obj_type: str
    key: int
    public_id: str
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Dangling:
    """A pair (type, id) of a row that names no object."""

    obj_type: str
    public_id: str
    names: str


def is_good(public_id: Any) -> bool:
    return is_id(public_id) and public_id not in RESERVED and not public_id.isdigit()


def bad_ids() -> list[BadId]:
    """Of all types and accounts."""
    with every_tenant(reason="ids are looked at in all accounts"):
        return [bad for object_type in registry.values() for bad in _bad_ids(object_type)]


def _bad_ids(object_type: ObjectType) -> Iterator[BadId]:
    owner = object_type.model.tenant_column
    rows = object_type.model.objects.order_by("pk").values_list("pk", "id_random", owner)
    for key, public_id, account_id in rows.iterator(chunk_size=5_000):
        if not is_good(public_id):
            yield BadId(object_type.name, key, public_id, account_id)


def mend(bad: BadId) -> str:
    """Give the row a new id, and its own account's rows that name it by the old one too. Answers the new id."""

    def work() -> str:
        row = registry[bad.obj_type].model.objects.get(pk=bad.key)
        row.id_random = new_id()
        row.save()
        for object_type in registry.values():
            for type_field, id_field in object_type.generic_references:
                named = {type_field: bad.obj_type, id_field: bad.public_id}
                for holder in object_type.model.objects.filter(account_id=bad.account_id, **named):
                    setattr(holder, id_field, row.id_random)
                    holder.save()
        public_id: str = row.id_random
        return public_id

    if bad.account_id is None:  # a super user, who belongs to no account
        with every_tenant(reason="mend the id of a row that no account owns"):
            return in_transaction(work)
    with tenant(bad.account_id):
        return in_transaction(work)


def dangling() -> list[Dangling]:
    """Pairs (type, id) that name nothing. A person must say what they should name."""
    with every_tenant(reason="what names an object by its id is looked at in all accounts"):
        return [reference for object_type in registry.values() for reference in _dangling(object_type)]


def _dangling(object_type: ObjectType) -> Iterator[Dangling]:
    for type_field, id_field in object_type.generic_references:
        rows = object_type.model.objects.exclude(**{id_field: None}).order_by()
        for type_name in rows.values_list(type_field, flat=True).distinct():
            holders = rows.filter(**{type_field: type_name})
            if type_name in registry:
                holders = holders.exclude(**{f"{id_field}__in": registry[type_name].model.objects.values("id_random")})
            for public_id, named in holders.values_list("id_random", id_field):
                yield Dangling(object_type.name, public_id, f"{type_name} {named}")
