"""Start-up checks of the object types: a wrong entry is refused before it serves anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist

from crud.declare.code_lists import code_lists, fields_with_list
from crud.declare.fields import Kind
from crud.declare.object_type import VERBS, ObjectType, children_of, registry
from kernel.ids import RESERVED
from tenancy.models import TenantRow
from tenancy.principal import Role


@checks.register("crud")
def check_object_types(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(message, obj=type(object_type), id=f"crud.E{number:03}")
        for object_type in registry.values()
        for number, message in _problems(object_type)
    ]


def _problems(t: ObjectType) -> Iterator[tuple[int, str]]:
    if not issubclass(t.model, TenantRow):
        yield 1, f"{t.name}: its model is no TenantRow"
        return
    for listed in ("public", "read_only", "search_text", "sorted_by", "restricted", "flattened", "own_only"):
        for name in getattr(t, listed):
            if name not in t.fields:
                yield 2, f"{t.name}.{listed} names {name!r}, which is no field; fields: {', '.join(t.fields)}"
    for name in t.public:
        if name in t.fields and t.fields[name].kind.write_only:
            yield 3, f"{t.name}.public names the secret {name!r}"
    for name in t.public_branches:
        if name not in t.public or t.fields[name].kind is not Kind.JSON:
            yield 11, f"{t.name}.public_branches names {name!r}, which is no JSON field in `public`"
    for name in t.search_text:
        if name in t.fields and (t.fields[name].kind.write_only or t.fields[name].least_role > Role.USER):
            yield 4, f"{t.name}.search_text names {name!r}, which not every reader may read"
    if t.guests and t.public and (private := [n for n in t.search_text if n not in t.public]):
        yield 5, f"{t.name}.search_text of a type open to guests names private fields: {', '.join(private)}"
    if not t.default_rows and type(t).was_readable is ObjectType.was_readable:
        yield 12, f"{t.name} has rows() of its own, and no was_readable() that says the same of rows that are gone"
    for name in [*t.parents, *t.public_parents]:
        yield from _relation_problems(t, name)
    if t.versions_by and (t.versions_by not in t.fields or t.fields[t.versions_by].kind is not Kind.BOOLEAN):
        yield 16, f"{t.name}.versions_by names {t.versions_by!r}, which is no boolean of it"
    for view, paths in t.views.items():
        for path in paths:
            relation, _, field_name = path.partition(".")
            problems = list(_relation_problems(t, relation))
            yield from problems
            if not problems and field_name not in t.related(relation).fields:
                yield 7, f"{t.name}.views[{view!r}] names {path!r}; {t.related(relation).name} has no such field"
    for child in t.counts:
        if _parents_exist() and child not in children_of(t):
            yield 8, f"{t.name}.counts names {child!r}, which is no child of it"
    yield from _rule_problems(t)
    yield from _list_problems(t)
    for verb, role in t.roles.items():
        if verb not in VERBS or role.upper() not in Role.__members__:
            yield 9, f"{t.name}.roles has {verb!r}: {role!r}; verbs: {', '.join(VERBS)}"
    if t.name in RESERVED or t.alias in RESERVED:
        yield 10, f"{t.name}: its name or alias is reserved in paths"


def _rule_problems(t: ObjectType) -> Iterator[tuple[int, str]]:
    """A rule that names what is not there would hide nothing."""
    named: list[tuple[str, tuple[str, ...]]] = [(rule.relation, (rule.field,)) for rule in t.row_rules]
    named += [(mask.relation, mask.fields) for mask in t.masks]
    for relation, fields in named:
        problems = list(_relation_problems(t, relation))
        yield from problems
        for name in () if problems else fields:
            if name not in t.related(relation).fields:
                yield 13, f"{t.name} has a rule about {relation}.{name}; {t.related(relation).name} has no such field"
    for mask in t.masks:
        if mask.unless not in t.fields:
            yield 13, f"{t.name} has a mask unless {mask.unless!r}, which is no field of it"
    for role, scope in t.scopes.items():
        if role.upper() not in Role.__members__ or Role.named(role) >= Role.USER:
            yield 15, f"{t.name}.scopes has {role!r}, which is no role without a user"
        for name in (scope.where, *scope.only_where, *scope.without, *scope.writes):
            if name and name not in t.fields:
                yield 15, f"{t.name}.scopes[{role!r}] names {name!r}, which is no field"
    for rule in t.row_rules:
        if rule.below.upper() not in Role.__members__:
            yield 9, f"{t.name} has a rule for principals below {rule.below!r}, which is no role"


def _list_problems(t: ObjectType) -> Iterator[tuple[int, str]]:
    for spec, field in fields_with_list(t):
        if field.lookup not in code_lists:
            yield 14, f"{t.name}.{spec.name} takes codes of {field.lookup!r}, which no app has registered"
        if field.within and field.within not in t.fields:
            yield 14, f"{t.name}.{spec.name} is within {field.within!r}, which is no field"


def _parents_exist() -> bool:
    """Without that, E006 says so, and nobody can tell the children of a type."""
    return not any(list(_relation_problems(t, name)) for t in registry.values() for name in t.parents)


def _relation_problems(t: ObjectType, relation: str) -> Iterator[tuple[int, str]]:
    try:
        model_field = t.model._meta.get_field(relation)
    except FieldDoesNotExist:
        yield 6, f"{t.name} names {relation!r}, which its model does not have"
        return
    if not model_field.is_relation or model_field.related_model._meta.db_table not in registry:
        yield 6, f"{t.name}.{relation} leads to no object type"
