"""`manage.py show_routes`: every route of the API, a line each: methods, path, view class."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.management import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver

from crud import ObjectResolver
from kernel.metrics import template

NOT_OF_THE_API = ("admin", "favicon.ico")


class RouteLine(NamedTuple):
    methods: str
    path: str
    view: str


class Command(BaseCommand):
    help = (
        "Prints the routes of the API: methods, path, view class. Paths work with and without the slash at their end; "
        "below /v3/crud, parents nest to any depth, of which one step is shown. "
        "Example: manage.py show_routes /v3/crud/journal"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prefix", nargs="?", default="", help="only paths that begin so")

    def handle(self, *, prefix: str, **options: Any) -> None:
        lines = [line for line in sorted(api_routes(), key=lambda line: line.path) if line.path.startswith(prefix)]
        width = max((len(line.methods) for line in lines), default=0)
        for line in lines:
            self.stdout.write(f"{line.methods:{width}}  {line.path}  {line.view}")


def api_routes() -> Iterator[RouteLine]:
    for entry in get_resolver().url_patterns:
        if not str(entry.pattern).startswith(NOT_OF_THE_API):
            yield from _lines(entry, "")


def _lines(entry: URLPattern | URLResolver, above: str) -> Iterator[RouteLine]:
    if isinstance(entry, ObjectResolver):
        for path, target in entry.route_table():
            methods = ", ".join(method.upper() for method in target.methods)
            yield RouteLine(methods, f"/{above}{path}", f"{target.view.cls.__name__}.{_actions(target.methods)}")  # type: ignore[attr-defined]
    elif isinstance(entry, URLResolver):
        for inner in entry.url_patterns:
            yield from _lines(inner, above + str(entry.pattern))
    elif hasattr(entry.callback, "cls"):  # else it is a page
        view: Any = entry.callback
        declared = view.initkwargs.get("actions", {})  # of /v3/action
        names = [type(action).__name__ for action in declared.values()] or [view.cls.__name__]
        path = template(above + str(entry.pattern))
        yield RouteLine(", ".join(declared or _methods(view.cls)), path, "/".join(dict.fromkeys(names)))


def _actions(methods: dict[str, str]) -> str:
    return "/".join(dict.fromkeys(methods.values()))


def _methods(view_class: Any) -> list[str]:
    """Those that it has a handler for."""
    names = view_class.http_method_names
    return [name.upper() for name in names if name not in ("options", "head") and hasattr(view_class, name)]
