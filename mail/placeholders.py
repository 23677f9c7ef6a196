"""{{ names }} in the words of an account: replaced, and nothing else. Accounts write them: no template language."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString

PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names_in(text: str) -> list[str]:
    return PLACEHOLDER.findall(text)


def check(text: str | None, known: Collection[str], needed: Collection[str]) -> str:
    """What is wrong with a text; empty if nothing is."""
    if text is None:
        return ""
    names = names_in(text)
    if unknown := [name for name in names if name not in known]:
        return f"There is no {{{{ {unknown[0][:40]} }}}}. Known: {', '.join(sorted(known))}."
    if missing := [name for name in needed if name not in names]:
        return f"It lacks {{{{ {missing[0]} }}}}."
    return ""


def fill(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)


def fill_line(text: str, values: Mapping[str, str]) -> str:
    """For a header: one line, whatever the values hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in fill(text, values)).split())


def fill_html(text: str, values: Mapping[str, str]) -> str:
    """Values are escaped, but for those that are HTML themselves."""
    return fill(text, {name: v if isinstance(v, SafeString) else escape(v) for name, v in values.items()})
