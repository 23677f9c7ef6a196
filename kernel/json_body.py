"""Reading a JSON body strictly: no double keys, no NaN, no infinity, no endless depth, no half characters."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kernel.errors import Invalid, TooLarge, shorten
from kernel.wording import GIVEN_TWICE, HALF_A_PAIR

MAX_DEPTH = 64


def read_json(request: HttpRequest) -> Any:
    """The body of a request. Raises Invalid, or TooLarge over AETHER_MAX_BODY_BYTES."""
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")
    if content_type[0].strip().lower() != "application/json":
        raise Invalid("Send the body as Content-Type: application/json.")
    if "charset" in content_type[2].lower() and "utf-8" not in content_type[2].lower():
        raise Invalid("Send the body in UTF-8.")
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Invalid("Send the body without a Content-Encoding.")
    limit = settings.AETHER_MAX_BODY_BYTES
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Invalid("The Content-Length is not a number.") from None
    body = request.read(limit + 1) if announced <= limit else b""
    if announced > limit or len(body) > limit:
        raise TooLarge(f"A body has at most {limit} bytes.")
    return parse_json_text(body)


def parse_json_text(body: bytes) -> Any:
    if not body.strip():
        raise Invalid("The body is empty; send JSON.")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Invalid(f"JSON nests at most {MAX_DEPTH} deep.")
    try:
        text = body.decode()
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.") from None
    if "\\ud" in text or "\\uD" in text:
        _refuse_half_characters(value)
    return value


def _depth(body: bytes) -> int:
    """How deep brackets nest outside of texts."""
    depth = deepest = 0
    in_text = escaped = False
    for byte in body:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                return deepest
        elif byte in (0x5D, 0x7D):
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names: set[str] = set()
        double = next(name for name, _ in pairs if name in names or names.add(name))  # type: ignore[func-returns-value]
        raise Invalid.field(shorten(double), GIVEN_TWICE)
    return members


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError("out of range")
    return int(text)


def _constant(text: str) -> Any:
    raise ValueError(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant, strict=True
)


def leaves(value: Any) -> Iterator[Any]:
    """The keys, and the values that hold no others, of what JSON says, however deep."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending.extend(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
        else:
            yield part


def _refuse_half_characters(value: Any) -> None:
    for leaf in leaves(value):
        try:
            str(leaf).encode()
        except UnicodeEncodeError:
            raise Invalid(HALF_A_PAIR) from None
