"""Changes that decide over other rows: of a public parent, of a row's ancestor that moves, of what a file hangs on.

When an event is hidden, guests can read none of its sessions any more, and no session has changed. They are not told of
one by one; who subscribed to such rows is told to read anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from crud import ObjectType, registry
from realtime.changes import ChangeEntry
from realtime.topics import Subscription, Topics, Way
from tenancy.principal import Access

FLAGS = frozenset({"enable", "hide"})


def doubted(topics: Topics, entry: ChangeEntry) -> Iterator[Subscription]:
    """The subscriptions to other rows that hold others of them now than before this change."""
    for type_name, interests in topics.by_type.items():
        for access, interest in interests.items():
            if _decides_over_all(type_name, access, entry):
                yield from interest.all()
                continue
            for way in interest.below:
                if entry.changed & moving_columns(type_name, way).get(entry.obj_type, frozenset()):
                    yield from interest.on(way)


def _decides_over_all(type_name: str, access: Access, entry: ChangeEntry) -> bool:
    if entry.action == "deleted":
        return ends_unseen(type_name, entry.obj_type, access)
    return bool(entry.changed & decisive_columns(type_name, access).get(entry.obj_type, frozenset()))


@lru_cache(maxsize=4096)
def decisive_columns(type_name: str, access: Access) -> dict[str, frozenset[str]]:
    """Type → those of its columns that decide whether rows of `type_name` may be read."""
    columns: dict[str, frozenset[str]] = {}

    def add(name: str, *more: str) -> None:
        columns[name] = columns.get(name, frozenset()) | {*more}

    object_type = registry[type_name]
    if access.public_only:
        for parent in _public_ancestors(object_type):
            add(parent.name, *FLAGS, *(f"{relation}_id" for relation in parent.public_parents))
        if not object_type.default_rows:
            for holder in _holders(object_type):
                add(holder.name, *FLAGS, *(f.attname for f in _references(holder, object_type)))
    for rule in object_type.rules_for(access):
        add(object_type.related(rule.relation).name, rule.field)
    return columns


@lru_cache(maxsize=4096)
def ends_unseen(type_name: str, deleted_type: str, access: Access) -> bool:
    """Whether nobody can tell any more, of a row that is gone, who could read it or what hung on it."""
    object_type = registry[type_name]
    if not access.public_only or object_type.default_rows:
        return False
    return deleted_type == type_name or registry[deleted_type] in _holders(object_type)


@lru_cache(maxsize=4096)
def moving_columns(type_name: str, way: Way) -> dict[str, frozenset[str]]:
    """Type → those of its columns that decide below which ancestor rows of `type_name` are, their own aside."""
    columns: dict[str, frozenset[str]] = {}
    if isinstance(way[1], str):
        object_type = registry[type_name]
        first, *others = way[1].split("__")
        object_type = object_type.related(first)
        for relation in others:
            columns[object_type.name] = columns.get(object_type.name, frozenset()) | {f"{relation}_id"}
            object_type = object_type.related(relation)
    return columns


def _public_ancestors(object_type: ObjectType) -> Iterator[ObjectType]:
    for relation in object_type.public_parents:
        parent = object_type.related(relation)
        yield parent
        yield from _public_ancestors(parent)


def _holders(object_type: ObjectType) -> list[ObjectType]:
    return [holder for holder in registry.values() if holder is not object_type and _references(holder, object_type)]


def _references(holder: ObjectType, object_type: ObjectType) -> list[Any]:
    return [f for f in holder.model._meta.concrete_fields if f.related_model is object_type.model]
