"""The types of lookups (contract section 7): each is its model, the columns it shows and the ones that are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from crud.declare.fields import Field, Kind, kind_of
from kernel.errors import UnknownType
from lookups.models import Country, CountrySubdivision, TimeZone
from lookups.models.lookup_row import LookupRow
from tenancy.principal import Role

STATE: Final = ("enable", "hide", "priority", "sort")
IDENTITY: Final = ("group", "for_type", "for_id")
"""Given when a row is made, and fixed from then on: a row for something else is another row."""


@dataclass(frozen=True)
class LookupType:
    model: type[LookupRow]
    computed: tuple[str, ...] = ()
    """Shown, and no columns."""
    found_by: tuple[str, ...] = ()
    """Facts that name the row as its code does."""

    @cached_property
    def name(self) -> str:
        name: str = self.model._meta.db_table
        return name

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return ("code", "group", "name", *STATE, "for_type", "for_id", *self.model.facts)

    @cached_property
    def shown(self) -> frozenset[str]:
        return frozenset(["id", "account_id", *self.columns, *self.computed])

    @cached_property
    def fields(self) -> dict[str, Field]:
        """What clients may write, held to the rules of crud's fields."""
        return {name: _field(self.model._meta.get_field(name)) for name in self.columns}


def _field(model_field: Any) -> Field:
    return Field(
        name=model_field.name,
        kind=Kind.ID if model_field.name == "for_id" else kind_of(model_field),
        path=model_field.name,
        model_field=model_field,
        nullable=model_field.null,
        required=False,
        read_only=False,
        public=True,
        least_role=Role.MANAGER,
    )


TYPES: Final = {
    lookup_type.name: lookup_type
    for lookup_type in (
        LookupType(Country, found_by=("alpha_3", "numeric")),
        LookupType(CountrySubdivision),
        LookupType(TimeZone, computed=("utc_offset", "utc_offset_minutes")),
    )
}


def type_named(name: str) -> LookupType:
    """Raises UnknownType."""
    if name not in TYPES:
        raise UnknownType(name)
    return TYPES[name]
