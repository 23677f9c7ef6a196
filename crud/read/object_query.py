"""Rows of a type that are asked for, and not yet read."""

from __future__ import annotations

from dataclasses import dataclass, field

from crud.declare.object_type import ObjectType
from crud.read.page import Selection, select
from crud.read.parameters import Parameters
from crud.read.search.parser import Search
from tenancy.principal import Principal


@dataclass(slots=True)
class ObjectQuery:
    """What filter backends narrow and a paginator runs. To REST framework it is what a queryset is elsewhere; it holds
    conditions and no SQL, which the compiled plan brings."""

    object_type: ObjectType
    principal: Principal
    within: list[tuple[str, str]] = field(default_factory=list)
    """Relation path → public id of the parents in the URL."""
    parameters: Parameters = field(default_factory=Parameters)
    search: Search | None = None
    is_empty: bool = False
    """The caller may ask, but no row is open to them."""

    def selection(self) -> Selection:
        return select(self.object_type, self.principal, self.parameters, self.search, self.within)
