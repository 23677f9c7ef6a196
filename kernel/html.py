"""HTML from clients: made safe on write, made plain for exports and search text."""

from __future__ import annotations

import html
import re
from typing import Final

import nh3

from kernel.html_tags import escape_what_is_no_tag

ALLOWED_TAGS: Final = frozenset(
    (
        "a abbr b blockquote br caption cite code col colgroup dd del div dl dt em figcaption figure "
        "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub sup "
        "table tbody td tfoot th thead tr u ul"
    ).split()
)
ALLOWED_ATTRIBUTES: Final = {
    "*": {"class", "title", "lang", "dir"},
    "a": {"href", "target"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
ALLOWED_SCHEMES: Final = {"http", "https", "mailto", "tel"}

LINES: Final = "p|br|div|li|ul|ol|h[1-6]|tr|td|th"
LINE_BEGINS: Final = re.compile(rf"<(?=/?(?:{LINES})\b)")
LINE_TAG: Final = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6])>")
INLINE_TAG: Final = re.compile(r"</?(?:b|i|em|strong|u|s|span|a)>")
"""Most texts have no tags but these two kinds, and taking them out needs no parser, which is twenty times as slow."""
NO_TAG: Final = re.compile(r"<+(?![A-Za-z/!?])")
"""What HTML reads as text. A parser that is fed a megabyte of it takes seconds to find that out one by one."""
STANDS_FOR_LESS: Final = "\ufdd0"
"""No character of any text."""


def sanitise_html(text: str) -> str:
    """Keep the allowed tags and attributes, drop the rest with its scripts; what is no tag is text.

    Doing it twice changes nothing.
    """
    if "<" not in text and "&" not in text and ">" not in text:
        return text
    return nh3.clean(
        escape_what_is_no_tag(text),
        tags=set(ALLOWED_TAGS),
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes=ALLOWED_SCHEMES,
        link_rel="noopener noreferrer",
    )


def html_to_text(text: str) -> str:
    """The words of an HTML text, without tags, entities resolved, white space folded."""
    if "<" in text:
        plain = INLINE_TAG.sub("", LINE_TAG.sub(" ", text))
        if "<" not in plain:
            return " ".join((html.unescape(plain) if "&" in plain else plain).split())
        text = LINE_BEGINS.sub(" <", text)
        text = NO_TAG.sub(lambda match: STANDS_FOR_LESS * len(match[0]), text)
        text = nh3.clean(text, tags=set(), attributes={})
    return " ".join(html.unescape(text).replace(STANDS_FOR_LESS, "<").split())
