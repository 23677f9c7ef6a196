"""Filter backends: each reads parameters of its own and narrows the ObjectQuery (contract sections 4 and 5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend, OrderingFilter

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, registry
from crud.declare.values import parse_boolean
from crud.read.field_filters import FieldFilterSet, filterset_of
from crud.read.guests import named_exactly
from crud.read.object_query import ObjectQuery
from crud.read.parameters import MAX_ORDER, STATES, VERSIONS, Parameters
from crud.read.search.parser import parse_search
from kernel.errors import Invalid, UnknownField, shorten
from kernel.wording import TRUE_OR_FALSE, one_of
from tenancy.principal import Access


class ObjectFilterBackend(BaseFilterBackend):
    """REST framework's types say QuerySet for what stands here as an ObjectQuery. Instances are shared by threads."""

    names: ClassVar[frozenset[str]] = frozenset()
    """The parameters that it reads."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        self.narrow(queryset, request, view)
        return queryset

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        raise NotImplementedError


class SearchBodyFilter(ObjectFilterBackend):
    """The JSON filter of POST …/search."""

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        if view.action == "search":
            query.search = parse_search(request.data)


class ColumnsFilter(ObjectFilterBackend):
    """Which columns: `view`, `fields`, `inc_<relation>`."""

    names = frozenset({"view", "fields"})

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        read_columns(request.parameters, query.parameters, query.object_type, query.principal.access)


class StateFilter(ObjectFilterBackend):
    names = frozenset(STATES)

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        given = request.parameters
        for name, states in STATES.items():
            if name in given:
                if given[name] not in states:
                    raise Invalid.field(name, one_of(states))
                setattr(query.parameters, name, given[name])


class VersionsFilter(ObjectFilterBackend):
    """`versions=all`, of types whose rows are versions."""

    names = frozenset({"versions"})

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        given = request.parameters
        if "versions" not in given:
            return
        if not query.object_type.versions_by:
            raise UnknownField("versions", "WHERE")
        if given["versions"] not in VERSIONS:
            raise Invalid.field("versions", f"Give one of: {', '.join(VERSIONS)}.")
        query.parameters.versions = given["versions"]


class ForObjectFilter(ObjectFilterBackend):
    names = frozenset({"for_obj_type", "for_obj_id"})

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        given = request.parameters
        if ("for_obj_type" in given) != ("for_obj_id" in given):
            raise Invalid.field("for_obj_id", "for_obj_type and for_obj_id go together.")
        if "for_obj_type" in given:
            query.parameters.for_object = (given["for_obj_type"], given["for_obj_id"])


class OrderFilter(ObjectFilterBackend, OrderingFilter):
    """`order_by=-start_datetime,name`. Which columns there are is known to the plan."""

    ordering_param = "order_by"
    names = frozenset({"order_by"})

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        self.narrow(queryset, request, view)
        return queryset

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        if self.ordering_param in request.parameters:
            query.parameters.order = read_order(self.ordering_param, request.parameters[self.ordering_param])


class FieldFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """What no other backend, paginator or view reads is a field's, or unknown."""

    filterset_base = FieldFilterSet

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return super().filter_queryset(request, queryset, view) if request.parameters else queryset

    def get_filterset_class(self, view: Any, queryset: Any = None) -> type[FieldFilterSet]:
        return filterset_of(view.object_type.name)

    def get_filterset_kwargs(self, request: Any, queryset: Any, view: Any) -> dict[str, Any]:
        known = view.known_parameters
        data = {n: text for n, text in request.parameters.items() if n not in known and not is_include(n)}
        return {"data": data, "queryset": queryset, "request": request}


class GuestFilter(ObjectFilterBackend):
    """Guests list rows under something that they name, never a directory. After all others."""

    def narrow(self, query: ObjectQuery, request: Any, view: Any) -> None:
        if query.principal.is_guest and not view.parents and not query.is_empty:
            query.search, allowed = named_exactly(query.object_type, query.principal, query.parameters, query.search)
            query.is_empty = not allowed


def is_include(name: str) -> bool:
    return name.startswith("inc_") and name != "inc_total"


def read_columns(given: dict[str, str], parameters: Parameters, object_type: ObjectType, access: Access) -> None:
    """`view`, `fields` and `inc_<relation>`. Raises Invalid; whether view and fields exist is known to the plan."""
    for name, text in given.items():
        if name == "view":
            parameters.view = text
        elif name == "fields":
            parameters.fields = _names(text, len(object_type.fields) + 64)
        elif is_include(name):
            relation = name.removeprefix("inc_")
            if relation not in _relations(object_type.name) or not object_type.fields[f"{relation}_id"].readable(
                access
            ):
                raise Invalid.field(name, "There is no such parameter here.")
            if flag(name, text):
                parameters.includes = tuple(sorted({*parameters.includes, relation}))


def _names(text: str, most: int) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names or len(names) > most:
        raise Invalid.field("fields", "Give names of fields, separated by commas.")
    return names


@lru_cache(maxsize=256)
def _relations(type_name: str) -> frozenset[str]:
    object_type = registry[type_name]
    return frozenset(
        f.model_field.name for f in object_type.fields.values() if f.kind is Kind.REFERENCE and f.refers_to in registry
    )


def read_order(name: str, text: str) -> tuple[tuple[str, bool], ...]:
    """`-start,name` → (("start", True), ("name", False)). Raises Invalid."""
    order: dict[str, bool] = {}
    for part in text.split(","):
        column_name = part.strip()
        descending = column_name.startswith("-")
        column_name = column_name.removeprefix("-")
        if not column_name:
            raise Invalid.field(name, "Give names of fields, separated by commas, with - before those that descend.")
        if column_name in order:
            raise Invalid.field(name, f"{shorten(column_name)} is given more than once.")
        order[column_name] = descending
    if len(order) > MAX_ORDER:
        raise Invalid.field(name, f"At most {MAX_ORDER} fields.")
    return tuple(order.items())


def flag(name: str, text: str) -> bool:
    try:
        return parse_boolean(text)
    except ValidationError:
        raise Invalid.field(name, TRUE_OR_FALSE) from None
