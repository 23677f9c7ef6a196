"""Which fields of a type are indexed: what a client may sort and filter by at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from crud.declare.fields import Field, Kind

if TYPE_CHECKING:
    from crud.declare.object_type import ObjectType

TITLES = ("name", "title", "full_name", "username", "fqdn", "filename", "code")
"""What people know a row by: the first of these that its type has."""


def title_field(model: Any) -> str | None:
    """The name of the field that is a row's title."""
    names = {field.name for field in model._meta.concrete_fields}
    return next((name for name in TITLES if name in names), None)


def add_sort_indexes(object_type: ObjectType) -> None:
    """To the model, for migrations to find: the account's rows by their title, and by each of `sorted_by`."""
    options = object_type.model._meta
    if "account" not in {field.name for field in options.concrete_fields}:
        return
    title = title_field(object_type.model)
    for name in dict.fromkeys([*([title] if title else []), *object_type.sorted_by]):
        try:
            options.get_field(name)
        except FieldDoesNotExist:
            continue  # the checks at start-up say so
        if (name,) not in _orders(object_type):
            index = models.Index(fields=["account", name])
            index.set_name_with_model(object_type.model)
            options.indexes.append(index)


def order_is_indexed(object_type: ObjectType, order: Sequence[tuple[str, bool]]) -> bool:
    """Whether an index of the account's rows is walked for an order, which is pairs of field and whether it descends.
    The row's key, which every index ends with, decides between equals."""
    if not order:
        return True
    columns = tuple(_own_column(object_type, name) for name, _ in order)
    return len({down for _, down in order}) == 1 and columns in _orders(object_type)


def sort_indexed(object_type: ObjectType, field: Field) -> bool:
    return order_is_indexed(object_type, [(field.name, False)])


def filter_indexed(object_type: ObjectType, field: Field) -> bool:
    """Whether an index finds the rows with one value of the field, within the account or of all."""
    if field.kind in (Kind.ID, Kind.REFERENCE) or field.model_field.unique or field.model_field.db_index:
        return True
    name = field.model_field.name
    return any(_after_account(index)[:1] == (name,) for index in _indexes(object_type))


def _own_column(object_type: ObjectType, name: str) -> str:
    """Of the model; none for a reference, which is sorted by the id of the row that it leads to."""
    field = object_type.fields.get(name)
    return "" if field is None or field.kind is Kind.REFERENCE else str(field.model_field.name)


def _indexes(object_type: ObjectType) -> list[Any]:
    meta = object_type.model._meta
    return [index for index in (*meta.indexes, *meta.constraints) if getattr(index, "fields", ())]


def _after_account(index: Any) -> tuple[str, ...]:
    names = tuple(index.fields)
    return names[1:] if names[0] == "account" else names


def _orders(object_type: ObjectType) -> set[tuple[str, ...]]:
    return {tuple(index.fields[1:]) for index in _indexes(object_type) if index.fields[0] == "account"}
