"""Names that clients use in fields, filters and sorts → what the ORM selects, for one type and one Access.

The one place where a join could walk past `ObjectType.rows()`: whatever is read through a relation here
is held to what the principal may read of the related type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Collate, Substr

from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from kernel.model_fields import TEXT_COLLATION_SQLITE, NormalTextField
from tenancy.principal import Access

SORTED_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Column:
    kind: Kind
    nullable: bool
    expression: Callable[[], Any]
    """For the ORM: F(path), or what hides the value where the related row may not be read.

    Made anew in the scope of whoever compiles with it: it may hold a query, and that holds the active account.
    """
    long: bool = False
    """A text of any length."""
    normal_form: Callable[[str], str] | None = None
    """What a text is stored as, and so compared as."""

    def sorted(self) -> Any:
        """What `order_by` sorts by: of a long text its beginning, as a cursor holds the value."""
        expression = self.expression()
        return collated(Substr(expression, 1, SORTED_LENGTH), self.kind) if self.long else expression


def column(type_name: str, access: Access, name: str) -> Column | None:
    """The column behind `field` or `relation.field`; None if there is none that this principal may read."""
    return _column(type_name, access.compiled_as, name)


@lru_cache(maxsize=8_192)
def _column(type_name: str, access: Access, name: str) -> Column | None:
    object_type = registry[type_name]
    relation, dot, field_name = name.partition(".")
    if not dot:
        field = object_type.fields.get(name)
        if field is None or not field.readable(access):
            return None
        expression = partial(own_expression, object_type, field, access)
        return Column(field.kind, field.nullable, expression, _is_long(field), _normal_form(field))
    if not _may_follow(object_type, relation, access):
        return None
    if object_type.mask_of(relation, field_name, access):
        return None  # what is blank for some rows must not be found out by asking
    return _through(object_type, relation, field_name, access)


@lru_cache(maxsize=1_024)
def shown_column(type_name: str, access: Access, path: str) -> Column | None:
    """The column behind a view's `relation.field`: as `column`, but what is masked is there, and blank where needed."""
    relation, _, field_name = path.partition(".")
    object_type = registry[type_name]
    return _through(object_type, relation, field_name, access) if _may_follow(object_type, relation, access) else None


def _through(object_type: ObjectType, relation: str, field_name: str, access: Access) -> Column | None:
    related = object_type.related(relation)
    field = related.fields.get(field_name)
    if field is None or not related_field_readable(object_type, relation, field, access):
        return None
    expression = partial(related_expression, object_type, relation, field, access)
    return Column(field.kind, True, expression, _is_long(field), _normal_form(field))


def _is_long(field: Field) -> bool:
    return field.kind is Kind.TEXT and field.model_field.max_length is None


def _normal_form(field: Field) -> Callable[[str], str] | None:
    return field.model_field.normal_form if isinstance(field.model_field, NormalTextField) else None


def own_expression(object_type: ObjectType, field: Field, access: Access, prefix: str = "") -> Any:
    """A type's own field, seen from `prefix` (a relation path ending in __)."""
    path = F(prefix + field.path)
    if object_type.public_only(access) and field.name in object_type.public_branches:
        branch = Func(path, Value("$.public"), function="JSON_EXTRACT")
        return Func(Value("public"), branch, function="JSON_OBJECT", output_field=TextField())
    return path


def _may_follow(object_type: ObjectType, relation: str, access: Access) -> bool:
    """Whether it is a reference to an object, and one that this principal may read."""
    field = object_type.fields.get(f"{relation}_id")
    return field is not None and field.refers_to in registry and field.readable(access)


def related_field_readable(object_type: ObjectType, relation: str, field: Field, access: Access) -> bool:
    """Guests read public fields of related rows, of types not open to them too (a site's name)."""
    if field.name in object_type.related(relation).own_only:
        return False
    scope = object_type.scope_of(access)
    if scope and relation in scope.through:
        return field.name in scope.through[relation]
    related = object_type.related(relation)
    may_read_type = access.public_only or related.readable_by(access)
    return may_read_type and field.readable(access)


def related_expression(object_type: ObjectType, relation: str, field: Field, access: Access) -> Any:
    related = object_type.related(relation)
    path = related_own_expression(object_type, relation, field, access)
    if access.public_only and not related.narrowed(access):
        if relation in object_type.public_parents:
            return path  # the row itself is only read when this parent is public
        return collated(Case(When(related_row_visible(related, relation, access), then=path)), field.kind)
    if not related.narrowed(access):
        return path
    values = related.rows(access).filter(pk=OuterRef(f"{relation}_id")).values(field.path)
    return masked(object_type, relation, field, collated(Subquery(values[:1]), field.kind), access)


def related_own_expression(object_type: ObjectType, relation: str, field: Field, access: Access) -> Any:
    """A field of the row that `relation` leads to, blank where a mask says so."""
    path = own_expression(object_type.related(relation), field, access, f"{relation}__")
    return masked(object_type, relation, field, path, access)


def masked(object_type: ObjectType, relation: str, field: Field, expression: Any, access: Access) -> Any:
    mask = object_type.mask_of(relation, field.name, access)
    if mask is None:
        return expression
    shown = When(**{mask.unless: True}, then=expression)
    return collated(Case(shown), field.kind)


def collated(expression: Any, kind: Kind) -> Any:
    """SQLite forgets the collation of a column inside an expression; MariaDB does not."""
    forgets = connection.vendor == "sqlite" and kind in (Kind.TEXT, Kind.HTML)
    return Collate(expression, TEXT_COLLATION_SQLITE) if forgets else expression


def related_row_visible(related: ObjectType, relation: str, access: Access) -> Q:
    """The condition under which a principal may read the row that `relation` leads to."""
    if related.narrowed(access):
        return Q(**{f"{relation}__in": related.rows(access)})
    if not access.public_only:
        # Not the reference itself: one that leads into another account leads nowhere.
        return Q(**{f"{relation}__id_random__isnull": False})
    if related.guests:
        return related.public_condition(f"{relation}__")
    return Q(**{f"{relation}__enable": True, f"{relation}__hide": False})
