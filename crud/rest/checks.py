"""Start-up checks of the viewsets that apps write: an action that would hide other routes is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.utils.module_loading import import_string

from crud.declare.object_type import ObjectType, children_of, registry
from crud.rest.viewsets import ObjectViewSet, viewset_of


@checks.register("crud")
def check_viewsets(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(message, obj=type(object_type), id=f"crud.E{number}")
        for object_type in registry.values()
        if object_type.viewset
        for number, message in _problems(object_type)
    ]


def _problems(t: ObjectType) -> Iterator[tuple[int, str]]:
    try:
        declared = import_string(t.viewset)
    except ImportError as error:
        yield 101, f"{t.name}.viewset can't be imported: {error}"
        return
    if not (isinstance(declared, type) and issubclass(declared, ObjectViewSet)):
        yield 101, f"{t.name}.viewset names {t.viewset}, which is no subclass of ObjectViewSet"
        return
    children = children_of(t)
    places: Counter[tuple[str, bool]] = Counter()
    actions: list[Any] = viewset_of(t.name).get_extra_actions()
    for extra in actions:
        places[extra.url_path, extra.detail] += 1
        if "/" in extra.url_path or "(" in extra.url_path:
            yield 102, f"{t.viewset}: the url_path of an action is one word, not {extra.url_path!r}"
        if extra.detail and extra.url_path in children:
            yield 103, f"{t.viewset}: the action {extra.url_path!r} has the path of the child {extra.url_path!r}"
    for (path, _), count in places.items():
        if count > 1:
            yield 104, f"{t.viewset}: {count} actions have the path {path!r}"
