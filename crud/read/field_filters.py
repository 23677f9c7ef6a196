"""`?field=value` and `?field__operator=value`: a django-filter FilterSet of each type, made from its field table.

A stock FilterSet copies all its filters and makes a form of them, on each request: 3 ms for the 71 of an event. This
one makes the filters that a request names, each of them once a process, and no form: a value is read by the compiler
of conditions, as in a search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from django_filters import Filter, FilterSet
from django_filters.filterset import FilterSetMetaclass

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, registry
from crud.read.columns import column
from crud.read.object_query import ObjectQuery
from crud.read.search.grammar import ALIASES, ALL_OPERATORS, LIST_OPERATORS, NULLITY, OPERATORS
from crud.read.search.parser import Condition, check_operand
from kernel.errors import Invalid, UnknownField, shorten
from kernel.wording import NUMBER

AS_TEXT = frozenset({*NULLITY, "like", "not_like", "contains", "not_contains", "starts_with", "ends_with"})
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?", re.ASCII)


class ConditionFilter(Filter):  # type: ignore[misc]
    """One parameter → one condition. It holds nothing of a request, so that all requests share it."""

    def __init__(self, parameter: str) -> None:
        field_name, given, operator = parameter.partition("__")
        super().__init__(field_name, ALIASES.get(operator, operator) if given else "eq")
        self.parameter = parameter

    def filter(self, query: ObjectQuery, text: str) -> ObjectQuery:
        """Raises UnknownField for what the principal does not read, Invalid for a misfit."""
        filtered_column = column(query.object_type.name, query.principal.access, self.field_name)
        if filtered_column is None:
            raise UnknownField(self.field_name, "WHERE")
        operator = self.lookup_expr
        if operator not in ALL_OPERATORS:
            raise Invalid.field(self.parameter, f"There is no operator '{shorten(operator)}'.")
        value: Any = text
        if operator in LIST_OPERATORS or operator == "between":
            value = [_typed(filtered_column.kind, self.parameter, part) for part in text.split(",")]
        elif operator not in AS_TEXT:
            value = _typed(filtered_column.kind, self.parameter, text)
        operand = check_operand(self.field_name, operator, {"value": value})
        query.parameters.filters.append(Condition(self.field_name, *operand))
        return query


def _typed(kind: Kind, name: str, text: str) -> Any:
    """The text of a parameter as the JSON value that it means for a field of this kind."""
    if kind not in (Kind.INTEGER, Kind.NUMBER):
        return text
    if not _NUMBER.fullmatch(text):
        raise Invalid.field(name, NUMBER)
    return int(text) if text.removeprefix("-").isdigit() else float(text)


@lru_cache(maxsize=4_096)
def _filter_named(parameter: str) -> ConditionFilter:
    return ConditionFilter(parameter)


class FieldFilters(Mapping[str, Filter]):
    """The filters of a type by parameter, made when they are looked at. `relation.field` is one, too, though it is not
    listed: whether it can be read is asked when it is used."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __getitem__(self, parameter: str) -> ConditionFilter:
        return _filter_named(parameter)

    def __iter__(self) -> Iterator[str]:
        for field in registry[self.type_name].fields.values():
            for operator in sorted(OPERATORS[field.kind]):
                yield field.name if operator == "eq" else f"{field.name}__{operator}"

    def __len__(self) -> int:
        return sum(1 for _ in self)


class FieldFilterSet(FilterSet):  # type: ignore[misc]
    """`data` maps parameters to texts; `queryset` is the ObjectQuery that they narrow."""

    object_type: ClassVar[ObjectType]

    def __init__(
        self, data: Mapping[str, str] | None = None, queryset: Any = None, *, request: Any = None, prefix: Any = None
    ) -> None:
        self.data, self.queryset, self.request = data or {}, queryset, request
        self.filters = {name: self.base_filters[name] for name in self.data}

    def is_valid(self) -> bool:
        return True  # what is wrong with a value is raised while it is read

    @property
    def qs(self) -> ObjectQuery:
        query: ObjectQuery = self.queryset
        for name, one in self.filters.items():
            query = one.filter(query, self.data[name])
        return query


@lru_cache(maxsize=256)
def filterset_of(type_name: str) -> type[FieldFilterSet]:
    """The FilterSet of a type."""
    name = "".join(part.capitalize() for part in type_name.split("_"))
    filter_class = FilterSetMetaclass(f"{name}FilterSet", (FieldFilterSet,), {"object_type": registry[type_name]})
    filter_class.base_filters = FieldFilters(type_name)
    filterset: type[FieldFilterSet] = filter_class
    return filterset
