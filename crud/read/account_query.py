"""A queryset that is compiled once: for what is asked so often that writing its SQL is most of its price.

It is held to the active account as the manager holds every query: its SQL has a place for the account, which is filled
from the scope when it runs, and only from there. In the scope of all accounts it asks all, and has SQL of its own.

KEYS = AccountQuery(lambda sort, codes: Journal.objects.filter(
    Comparison("sort", "gte", sort), Comparison("code", "in", codes)).values_list("pk"))
KEYS.rows(3, ["a", "b"])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models.expressions import Col

from crud.read.read_plan import bind
from crud.read.search.compiler import padded_length
from kernel.slots import ACCOUNT_SENTINEL, Slot
from kernel.statement import execute
from tenancy.context import EVERY_TENANT, current_scope, tenant

AT_ONCE: Final = 256
"""Values of a list; a longer one is asked for in parts."""
Size = int | None
"""Of a list how long it is; None for a single value."""
Converter = tuple[str, Any, list[Callable[[Any, Any, Any], Any]]]


class AccountQuery:
    """`build` is given a tuple of slots for each value, and makes a queryset of `values_list`."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self.build = build

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, unconverted. The last value may be a list, of any length."""
        if not values or not isinstance(values[-1], list):
            return self._some(values)
        *single, many = values
        parts = (many[start : start + AT_ONCE] for start in range(0, len(many), AT_ONCE))
        return [row for part in parts for row in self._some((*single, part))]

    def _some(self, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        flat: list[Any] = []
        sizes: list[Size] = []
        for value in values:
            if isinstance(value, list):
                sizes.append(padded_length(len(value)))
                flat += value + value[-1:] * (padded_length(len(value)) - len(value))
            else:
                sizes.append(None)
                flat.append(value)
        sql, params = _compiled(self, tuple(sizes), current_scope() is EVERY_TENANT)
        return list(execute(sql, bind(params, flat)))


@lru_cache(maxsize=512)
def _compiled(query: AccountQuery, sizes: tuple[Size, ...], every_account: bool) -> tuple[str, tuple[Any, ...]]:
    slots: list[tuple[Slot, ...]] = []
    begin = 0
    for size in sizes:
        end = begin + (1 if size is None else size)
        slots.append(tuple(map(Slot, range(begin, end))))
        begin = end
    if every_account:  # the manager's filter is left out in this scope
        sql, params = query.build(*slots).query.sql_with_params()
        return sql, tuple(params)
    with tenant(ACCOUNT_SENTINEL):
        sql, params = query.build(*slots).query.sql_with_params()
    if ACCOUNT_SENTINEL not in params:
        raise RuntimeError("the query is not held to an account")
    return sql, tuple(params)


def instance(model: Any, names: tuple[str, ...], values: Any) -> Any:
    """A row as the ORM loads it, of the columns that were fetched."""
    in_order, converters = _loading(model, names)
    converted = dict(zip(names, values, strict=True))
    for name, column, functions in converters:
        for convert in functions:
            converted[name] = convert(converted[name], column, connection)
    return model.from_db("default", in_order, [converted[name] for name in in_order])


@lru_cache(maxsize=256)
def _loading(model: Any, names: tuple[str, ...]) -> tuple[list[str], list[Converter]]:
    """The names in the order that Django wants, and what it does to fetched values before they are attributes."""
    converters = []
    fields = [field for field in model._meta.concrete_fields if field.attname in names]
    for field in fields:
        column = Col(model._meta.db_table, field)
        functions = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        if functions:
            converters.append((field.attname, column, functions))
    return [field.attname for field in fields], converters
