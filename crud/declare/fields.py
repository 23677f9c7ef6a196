"""One table of fields for each type, made from its model and its ObjectType.

Read plans, payloads, search, schema, OpenAPI, import and export all read this table and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models

from kernel.model_fields import ExactCharField, HtmlField, InternalField, SecretField, SecretsByRoleField
from tenancy.principal import Access, Principal, Role

if TYPE_CHECKING:
    from crud.declare.object_type import ObjectType


class Kind(StrEnum):
    """How a value is read, written, compared and shown."""

    ID = "id"
    REFERENCE = "reference"
    EXACT = "exact"
    TEXT = "text"
    HTML = "html"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    JSON = "json"
    SECRET = "secret"  # noqa: S105  (the kind's name)
    SECRETS_BY_ROLE = "secrets_by_role"

    @property
    def write_only(self) -> bool:
        return self in (Kind.SECRET, Kind.SECRETS_BY_ROLE)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    name: str
    """As clients know it: `id`, `event_id`, `name`."""
    kind: Kind
    path: str
    """Where the value is, as the ORM spells it: `id_random`, `event__id_random`, `name`."""
    model_field: Any
    nullable: bool
    required: bool
    read_only: bool
    public: bool
    least_role: Role
    """Who reads and writes it, of those who may read the type."""
    refers_to: str | None = None
    read_by_scope: frozenset[Role] = frozenset()
    """Roles without a user that read it of the rows that are theirs."""
    written_by_scope: frozenset[Role] = frozenset()

    @property
    def attname(self) -> str:
        name: str = self.model_field.attname
        return name

    def readable(self, access: Access) -> bool:
        if self.kind.write_only:
            return False
        if access.public_only and access.role not in self.read_by_scope:
            return self.public and access.role >= Role.GUEST
        return max(access.role, Role.GUEST) >= self.least_role

    def writable(self, principal: Principal) -> bool:
        if self.read_only:
            return False
        if principal.role < Role.USER:
            return principal.role in self.written_by_scope
        return principal.may(self.least_role)


_KINDS: list[tuple[type[models.Field[Any, Any]], Kind]] = [
    (SecretField, Kind.SECRET),
    (SecretsByRoleField, Kind.SECRETS_BY_ROLE),
    (HtmlField, Kind.HTML),
    (ExactCharField, Kind.EXACT),
    (models.ForeignKey, Kind.REFERENCE),
    (models.BooleanField, Kind.BOOLEAN),
    (models.FloatField, Kind.NUMBER),
    (models.IntegerField, Kind.INTEGER),
    (models.DateTimeField, Kind.DATETIME),
    (models.DateField, Kind.DATE),
    (models.JSONField, Kind.JSON),
    (models.CharField, Kind.TEXT),
    (models.TextField, Kind.TEXT),
]
ALWAYS_READ_ONLY = frozenset({"id", "created_on", "updated_on"})
NEVER_PUBLIC = frozenset({"notes"})


def kind_of(model_field: Any) -> Kind:
    for field_class, kind in _KINDS:
        if isinstance(model_field, field_class):
            return kind
    raise TypeError(f"{model_field} is of a class that the API has no kind for; see crud.declare.fields")


def fields_of(object_type: ObjectType) -> dict[str, Field]:
    """The fields of a type by their API names, `id` first."""
    fields = [
        _field(object_type, model_field)
        for model_field in object_type.model._meta.concrete_fields
        if not model_field.primary_key and not isinstance(model_field, InternalField)
    ]
    fields.sort(key=lambda f: (f.name != "id", f.name != "account_id"))
    return {field.name: field for field in fields}


def _field(object_type: ObjectType, model_field: Any) -> Field:
    own_id = model_field.name == "id_random"
    kind = Kind.ID if own_id else kind_of(model_field)
    name = "id" if own_id else model_field.attname
    path = f"{model_field.name}__id_random" if kind is Kind.REFERENCE else model_field.name
    needs_value = not (model_field.null or model_field.blank or model_field.has_default() or own_id)
    return Field(
        name=name,
        kind=kind,
        path=path,
        model_field=model_field,
        nullable=model_field.null and kind is not Kind.BOOLEAN,
        required=needs_value and model_field.name != "account" and kind is not Kind.BOOLEAN,
        read_only=name in ALWAYS_READ_ONLY or name in object_type.read_only,
        public=name in object_type.public_fields and name not in NEVER_PUBLIC,
        least_role=object_type.restricted_role(name),
        refers_to=model_field.related_model._meta.db_table if kind is Kind.REFERENCE else None,
        read_by_scope=frozenset(Role.named(r) for r, s in object_type.scopes.items() if name not in s.without),
        written_by_scope=frozenset(Role.named(r) for r, s in object_type.scopes.items() if name in s.writes),
    )
