"""Paths of /v3/crud → what they mean. Made from the registry: parents and children, to any depth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from crud.declare.object_type import ObjectType, children_of, registry
from crud.read.resolve import Link
from kernel.errors import NotFound, UnknownType
from kernel.ids import RESERVED, is_id

COLLECTION_WORDS = frozenset({"search", "schema", "bulk"})
MAX_SEGMENTS = 32

METHODS: dict[str, tuple[str, ...]] = {
    "types": ("GET", "HEAD"),
    "collection": ("GET", "HEAD", "POST"),
    "search": ("POST",),
    "schema": ("GET", "HEAD"),
    "bulk": ("POST",),
    "object": ("GET", "HEAD", "PATCH", "DELETE"),
    "history": ("GET", "HEAD"),
}
TEMPLATES = {
    "types": "/v3/crud/",
    "collection": "/v3/crud/{type}/",
    "search": "/v3/crud/{type}/search",
    "schema": "/v3/crud/{type}/schema",
    "bulk": "/v3/crud/{type}/bulk",
    "object": "/v3/crud/{type}/{id}",
    "history": "/v3/crud/{type}/{id}/history",
}


class Route(NamedTuple):
    kind: str
    object_type: ObjectType | None = None
    public_id: str = ""
    links: Sequence[Link] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        return METHODS[self.kind]

    @property
    def template(self) -> str:
        """The route without ids and types; below a parent, however deep, it is one route."""
        text = TEMPLATES[self.kind]
        return text.replace("{type}", "{parent}/{id}/{type}") if self.links else text


@lru_cache(maxsize=256)
def _children(type_name: str) -> dict[str, tuple[ObjectType, str]]:
    return children_of(registry[type_name])


def route_of(path: str) -> Route:
    """`path` is what follows /v3/crud/, decoded, with or without a slash at its end. Raises NotFound, UnknownType."""
    segments = path.removesuffix("/").split("/")
    if segments == [""]:
        return Route("types")
    if len(segments) > MAX_SEGMENTS:
        raise NotFound("There is no such path.")
    object_type = registry.get(segments[0])
    if object_type is None:
        raise UnknownType(segments[0])
    return _below(object_type, segments[1:], ())


def _below(object_type: ObjectType, rest: list[str], links: Sequence[Link]) -> Route:
    if not rest:
        return Route("collection", object_type, links=links)
    word = rest[0]
    if len(rest) == 1 and word in COLLECTION_WORDS and (not links or word == "search"):
        return Route(word, object_type, links=links)
    if not is_id(word) or word in RESERVED:
        raise NotFound
    if len(rest) == 1:
        return Route("object", object_type, word, links)
    if rest[1:] == ["history"]:
        return Route("history", object_type, word, links)
    found = _children(object_type.name).get(rest[1])
    if found is None:
        raise UnknownType(rest[1], object_type.name)
    child, relation = found
    return _below(child, rest[2:], [*links, Link(object_type, word, relation)])
