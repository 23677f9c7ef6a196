"""The header Range (RFC 9110, section 14.2)."""

from __future__ import annotations

import re
from itertools import pairwise

MAX_RANGES = 5
SPEC = re.compile(r"[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)

Span = tuple[int, int]
"""First byte and how many; never empty."""


class Unsatisfiable(Exception):
    """None of the ranges lies within the file."""


def parse_range(header: str, size: int) -> list[Span] | None:
    """The parts to send, in the order asked for; None: all of it (no range, none that we understand, or too many).

    Ranges that touch or overlap become one. Raises Unsatisfiable.
    """
    unit, equals, specs = header.partition("=")
    if unit.strip().lower() != "bytes" or not equals:
        return None
    parts = specs.split(",")
    if len(parts) > MAX_RANGES:
        return None
    spans: list[Span] = []
    for spec in parts:
        match = SPEC.fullmatch(spec)
        if match is None or match.groups() == ("", ""):
            return None
        first, last = match.groups()
        if first and last and int(last) < int(first):
            return None
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        if start <= end and (first or int(last)):
            spans.append((start, end - start + 1))
    if not spans:
        raise Unsatisfiable
    return spans if not _meet(spans) else _joined(spans)


def _meet(spans: list[Span]) -> bool:
    ordered = sorted(spans)
    return any(start + length >= later for (start, length), (later, _) in pairwise(ordered))


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, length in sorted(spans):
        if joined and start <= joined[-1][0] + joined[-1][1]:
            begin = joined[-1][0]
            joined[-1] = (begin, max(begin + joined[-1][1], start + length) - begin)
        else:
            joined.append((start, length))
    return joined
