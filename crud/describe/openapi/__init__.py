"""The whole API as OpenAPI 3.1, made from the registry (contract section 4.1): GET /v3/schema/.

Each object type brings its paths and its components; what is alike for all of them is a shared component.
Other apps add their paths with `describe`, made of operations from `crud.describe.openapi.parts`.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf import settings

from crud.declare.object_type import ObjectType, children_of, registry
from crud.describe.openapi.fixed import FIXED_PATHS, SCHEMAS, SECURITY_SCHEMES, TAGS
from crud.describe.openapi.parts import PARAMETERS, Json, headers, param, shared_responses
from crud.describe.openapi.paths import nested_paths, type_paths
from crud.describe.openapi.types import components_of
from crud.describe.openapi.ways_in import WAYS_IN
from kernel.envelope import to_json

INTRODUCTION: Final = """\
Every answer is `{data, meta}`. Every request carries the header `x-aether-api-key`, and says in which account it acts:
by a token, or by `x-account-id`. Ids are texts of up to 22 characters. Paths work with and without a slash at the end.
"""

INFO: Final[Json] = {
    "title": "Aether",
    "version": settings.AETHER_VERSION,
    "description": INTRODUCTION,
    "contact": {"name": "Whoever runs this server"},
    "license": {"name": "MIT", "identifier": "MIT"},
}
VERBS: Final = {"get", "post", "patch", "put", "delete"}

extra_paths: Final[dict[str, Json]] = {}
"""Paths of other apps; filled by `describe`."""


def describe(path: str, item: Json) -> None:
    """Add a path: {method: operation}, for requests with a key. Closed to doubles."""
    if path in extra_paths:
        raise ValueError(f"{path} is described twice")
    extra_paths[path] = item
    document.cache_clear()
    document_json.cache_clear()


@cache
def document_json() -> bytes:
    return to_json(document())


@cache
def document() -> Json:
    """The document. There is one a process: whoever gets it leaves it as it is."""
    types = [object_type for _, object_type in sorted(registry.items())]
    components: dict[str, Json] = {
        "schemas": dict(SCHEMAS),
        "responses": shared_responses(),
        "parameters": dict(PARAMETERS),
        "requestBodies": {},
        "securitySchemes": SECURITY_SCHEMES,
    }
    paths: Json = {}
    for object_type in types:
        for section, parts in components_of(object_type).items():
            _add(components[section], parts)
        _add(paths, type_paths(object_type))
    for object_type in types:
        for child_name, (child, relation) in sorted(children_of(object_type).items()):
            if child_name == child.name:  # and not its alias
                _add(paths, nested_paths(object_type, child, relation))
    _add(paths, {path: {"parameters": headers()} | item for path, item in extra_paths.items()})
    _add(paths, {path: {"parameters": [param("RequestId")]} | item for path, item in FIXED_PATHS.items()})
    _add(paths, WAYS_IN)
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "servers": [{"url": "/", "description": "The server that this document is from"}],
        "security": [{"apiKey": []}, {"apiKey": [], "bearer": []}, {"apiKey": [], "jwt": []}],
        "tags": _tags(types, paths),
        "paths": paths,
        "components": components,
    }


def _tags(types: list[ObjectType], paths: Json) -> list[Json]:
    named = [*TAGS, *({"name": object_type.name, "description": object_type.label} for object_type in types)]
    used = {tag for item in paths.values() for verb in VERBS & item.keys() for tag in item[verb]["tags"]}
    unnamed = sorted(used - {tag["name"] for tag in named})
    return [*named, *({"name": tag, "description": f"Actions of {tag}"} for tag in unnamed)]


def _add(known: Json, more: Json) -> None:
    if double := known.keys() & more.keys():
        raise ValueError(f"described twice: {', '.join(sorted(double))}")
    if slashed := [path for path in more if path.endswith("/")]:
        raise ValueError(f"spelled without the slash at the end: {', '.join(slashed)}")
    known.update(more)
