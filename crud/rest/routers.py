"""The paths of /v3/crud: viewsets are registered as in any router; parents nest to any depth.

The patterns are REST framework's (`Route`, `DynamicRoute`), and Django reverses, checks and lists them. Only resolving
leaves them aside: a walk over the path's parts takes one look-up each, where hundreds of patterns would be tried one
after the other, and takes parents of any number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLPattern, URLResolver, re_path
from django.urls.resolvers import RoutePattern
from rest_framework.routers import SimpleRouter

from crud.declare.object_type import ObjectType, children_of
from crud.read.resolve import Link
from crud.rest.views import NoSuchRoute
from crud.rest.viewsets import ObjectTypesView, ObjectViewSet
from kernel.errors import ApiError, NotFound, UnknownType
from kernel.ids import RESERVED, is_id

MAX_PARTS = 32
View = Callable[..., Any]


class RouteTarget(NamedTuple):
    """What a path can end in, for one type."""

    view: View
    kind: str
    """`list`, `detail`, or the word of an action."""
    template: str
    """Without names of types and ids. Metrics and the log call the route so."""
    methods: dict[str, str] = {}
    """HTTP method → action of the viewset."""
    nested: bool = False


class FoundRoute(NamedTuple):
    """What a path leads to."""

    target: RouteTarget
    object_type: ObjectType | None = None
    parents: Sequence[Link] = ()
    public_id: str = ""

    @property
    def kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = {"public_id": self.public_id} if self.public_id else {}
        return kwargs | {"parents": self.parents} if self.parents else kwargs

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Of its view. A request that another view makes on its caller's behalf has that one's `principal` set."""
        response: HttpResponseBase = self.target.view(request, **self.kwargs)
        return response

    @property
    def template(self) -> str:
        """Below a parent, however deep, it is one route."""
        return f"{{parent}}/{{id}}/{self.target.template}" if self.parents else self.target.template


class Node(NamedTuple):
    """What can follow a type's name."""

    object_type: ObjectType
    targets: dict[tuple[str, bool], RouteTarget]
    """By the word at the end, "" without one, and whether it is behind an id."""
    children: dict[str, tuple[ObjectType, str]]


class ObjectRouter(SimpleRouter):
    """Both spellings of a path, with and without a slash at its end, are one route."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"

    def get_default_basename(self, viewset: type[ObjectViewSet]) -> str:  # type: ignore[override]
        return viewset.object_type.name

    def get_urls(self) -> list[Any]:
        patterns: list[URLPattern] = []
        nodes: dict[str, Node] = {}
        for prefix, viewset, basename in self.registry:
            object_type = viewset.object_type  # type: ignore[attr-defined]
            targets: dict[tuple[str, bool], RouteTarget] = {}
            for route in self.get_routes(viewset):
                methods = self.get_method_map(viewset, route.mapping)
                if not methods:
                    continue
                view = viewset.as_view(dict(methods), **route.initkwargs, basename=basename, detail=route.detail)
                word = _word_of(route.url)
                kind = word or ("detail" if route.detail else "list")
                template = "{type}/" + "/".join(filter(None, ["{id}" if route.detail else "", word]))
                nested = bool(route.initkwargs.get("nested", True))
                targets[word, route.detail] = RouteTarget(view, kind, template, methods, nested)
                lookup = self.get_lookup_regex(viewset)
                pattern = route.url.format(prefix=prefix, lookup=lookup, trailing_slash=self.trailing_slash)
                patterns.append(re_path(pattern, view, name=route.name.format(basename=basename)))
            nodes[prefix] = Node(object_type, targets, children_of(object_type))
        return [ObjectResolver(nodes, patterns)]

    @property
    def resolver(self) -> ObjectResolver:
        (resolver,) = self.urls
        assert isinstance(resolver, ObjectResolver)
        return resolver


def _word_of(url: str) -> str:
    """`^{prefix}/{lookup}/history{trailing_slash}$` → `history`."""
    word = url.removeprefix("^{prefix}").removesuffix("{trailing_slash}$").removeprefix("/{lookup}").removeprefix("/")
    if "/" in word or "(" in word:
        raise ImproperlyConfigured(f"An action's url_path is one word, not {word!r}.")
    return word


class ObjectResolver(URLResolver):
    """Django's resolver of these patterns, which finds the one of a path by a walk."""

    types = RouteTarget(ObjectTypesView.as_view(), "types", "", {"get": "get"})

    def __init__(self, nodes: dict[str, Node], patterns: list[URLPattern]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self.nodes = nodes

    def resolve(self, path: str) -> ResolverMatch:
        matched = self.find(path)
        kwargs, name = matched.kwargs, matched.target.kind
        return ResolverMatch(
            matched.target.view, (), kwargs, name, route=matched.template, captured_kwargs=kwargs, extra_kwargs={}
        )

    def find(self, path: str) -> FoundRoute:
        """What stands behind `path`: what follows /v3/crud/, decoded, with or without a slash at its end. Where nothing
        does, a view says so, once it knows who asks."""
        try:
            return self.walk(path)
        except ApiError as error:
            return FoundRoute(RouteTarget(NoSuchRoute.as_view(error=error), "none", "{path}"))

    def walk(self, path: str) -> FoundRoute:
        """Raises NotFound, UnknownType."""
        parts = path.removesuffix("/").split("/")
        if parts == [""]:
            return FoundRoute(self.types)
        if len(parts) > MAX_PARTS:
            raise NotFound("There is no such path.")
        node = self.nodes.get(parts[0])
        if node is None:
            raise UnknownType(parts[0])
        parents: list[Link] = []
        rest = parts[1:]
        while True:
            if not rest:
                return FoundRoute(node.targets["", False], node.object_type, parents)
            word = rest[0]
            if len(rest) == 1 and (target := self.ending(node, word, False, parents)):
                return FoundRoute(target, node.object_type, parents)
            if not is_id(word) or word in RESERVED:
                raise NotFound
            if len(rest) == 1:
                return FoundRoute(node.targets["", True], node.object_type, parents, word)
            if len(rest) == 2 and (target := self.ending(node, rest[1], True, parents)):
                return FoundRoute(target, node.object_type, parents, word)
            child = node.children.get(rest[1])
            if child is None:
                raise UnknownType(rest[1], node.object_type.name)
            parents.append(Link(node.object_type, word, child[1]))
            node, rest = self.nodes[child[0].name], rest[2:]

    def ending(self, node: Node, word: str, detail: bool, parents: list[Link]) -> RouteTarget | None:
        """The action that a path ends in."""
        target = node.targets.get((word, detail)) if word else None
        return target if target is not None and (target.nested or not parents) else None

    def route_table(self) -> Iterator[tuple[str, RouteTarget]]:
        """Every path of one type, and of its children one step down; deeper ones are like those."""
        for name, node in self.nodes.items():
            for target in node.targets.values():
                yield _spelled(name, target), target
        for name, node in self.nodes.items():
            for spelling, (child, relation) in node.children.items():
                for target in self.nodes[child.name].targets.values():
                    if target.nested:
                        yield f"{name}/{{{relation}_id}}/{_spelled(spelling, target)}", target


def _spelled(name: str, target: RouteTarget) -> str:
    return target.template.replace("{type}", name)
