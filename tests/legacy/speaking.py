"""Lets the contract's tests speak V1 or V2: what they ask of V3 goes through the old routes and comes back as V3's.

Its idea of the old names is its own, not that of legacy/names.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from crud.declare.fields import Kind
from crud.declare.object_type import registry
from tests.conftest import Answer

PATH = re.compile(r"/v3/crud/(\w+)(?:/([^/?]*))?/?(?:\?(.*))?", re.DOTALL)
WORDS_OF_V3 = ("schema", "bulk", "history", "list")
Call = Callable[..., Answer]


@dataclass
class Speaking:
    """Wraps Caller.__call__. `spoken` counts the calls that went through an old route."""

    prefix: str
    spoken: int = field(default=0)

    def wrap(self, original: Call) -> Call:
        def call(caller: Any, method: str, path: str, body: Any = None, **headers: str) -> Answer:
            old = self.old_request(method, path, body)
            if old is None:
                return original(caller, method, path, body, **headers)
            self.spoken += 1
            return in_words_of_v3(original(caller, *old, **headers))

        return call

    def old_request(self, method: str, path: str, body: Any) -> tuple[str, str, Any] | None:
        """The same question to the old route; None where there was none."""
        match = PATH.fullmatch(path)
        if match is None or match[1] not in registry or (match[2] or "") in WORDS_OF_V3:
            return None
        type_name, rest, query = match[1], match[2] or "", old_query(match[1], match[3] or "")
        base = f"{self.prefix}/{type_name}"
        if rest == "search":
            jp = body if isinstance(body, bytes) else json.dumps(old_search(type_name, body)).encode()
            if method != "POST" or len(jp) > 8_000:
                return None
            return "GET", f"{base}/list?{urlencode([*query, ('jp', jp)])}", None
        if rest:
            return method, with_query(f"{base}/{rest}", query), old_payload(type_name, body)
        if method == "POST":
            return method, with_query(base, query), old_payload(type_name, body)
        return method, with_query(f"{base}/list/", query), body


def with_query(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def old_name(type_name: str, name: str) -> str:
    relation, dot, rest = name.partition(".")
    fields = registry[type_name].fields
    if dot:
        target = fields[f"{relation}_id"].refers_to if f"{relation}_id" in fields else None
        return f"{relation}.{old_name(target, rest)}" if target in registry else name
    spec = fields.get(name)
    return f"{name}_random" if spec and spec.kind in (Kind.ID, Kind.REFERENCE) else name


def old_query(type_name: str, query: str) -> list[tuple[str, str]]:
    found = []
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name == "view" and text in ("default", "enriched"):
            name = "tbl_alt"
        elif name in ("order_by", "fields"):
            text = ",".join(
                part[: part.startswith("-")] + old_name(type_name, part.lstrip("-")) for part in text.split(",")
            )
        else:
            base, underscores, operator = name.partition("__")
            name = old_name(type_name, base) + underscores + operator
        found.append((name, text))
    return found


def old_payload(type_name: str, body: Any) -> Any:
    return {old_name(type_name, name): value for name, value in body.items()} if isinstance(body, dict) else body


def old_search(type_name: str, node: Any) -> Any:
    if isinstance(node, list):
        return [old_search(type_name, item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {
        name: old_search(type_name, value) if name in ("and", "or", "not") else value for name, value in node.items()
    }
    if isinstance(found.get("field"), str):
        found["field"] = old_name(type_name, found["field"])
    return found


def in_words_of_v3(answer: Answer) -> Answer:
    assert answer.status == 500 or "Deprecation" in answer.headers
    if answer.body is None:
        return answer
    text = re.sub(r"\b(\w*id)_random\b", r"\1", json.dumps(answer.body))
    return Answer(answer.status, json.loads(text), answer.headers, answer.raw)
