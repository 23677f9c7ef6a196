"""The full name that people, presenters and badges keep beside the parts of it."""

from __future__ import annotations

from typing import Any, Final

PARTS: Final = ("prefix", "given_name", "middle_name", "family_name", "suffix")


def keep_full_name(row: Any) -> None:
    """Put the parts together; leave the full name alone where there are none (an import may bring only it)."""
    parts = [part.strip() for name in PARTS if (part := getattr(row, name, None))]
    if full_name := " ".join(filter(None, parts)):
        row.full_name = full_name
