"""What of a text is HTML, and what only looks like it: "if b<a then c", "<ada@example.org>", "<Oct 20th for …".

A parser takes each `<` with a letter behind it for a tag, and drops it with what follows. People who type into a plain
box mean the sign. Whatever is in doubt is made text, which is harmless; what could be a script is left to the
sanitiser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

ELEMENTS: Final = frozenset(
    (
        "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink "
        "blockquote body br button canvas caption center cite code col colgroup data datalist dd del details "
        "dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 "
        "h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins isindex kbd keygen label legend "
        "li link listing main map mark marquee math menu menuitem meta meter nav nobr noembed noframes "
        "noscript object ol optgroup option output p param picture plaintext pre progress q rb rp rt rtc ruby "
        "s samp script search section select slot small source span strike strong style sub summary sup svg "
        "table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp"
    ).split()
)
MAYBE_WORDS: Final = frozenset(
    (
        "address article aside big blink center data dialog details dir figure footer header image label "
        "legend listing main map mark menu meter nav option output progress rb rp rt search section slot "
        "source summary time title track var"
    ).split()
)
"""Elements whose names are words: <Time> is one only where it is closed."""
_FLAGS: Final = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|hidden|inert|ismap|loop|"
    "multiple|muted|nohref|noshade|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected"
)
_VALUE: Final = r"""(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++)"""
_ATTRIBUTE: Final = rf"""[\s/]*+(?:[^\s"'<>/=]++\s*+=\s*+{_VALUE}|(?:{_FLAGS}|(?:data|aria)-[\w-]++)(?=[\s/>]))"""
_TAG: Final = re.compile(
    rf"<(?:([a-z][a-z0-9]*+)(?=[\s/>])((?:{_ATTRIBUTE})*+)[\s/]*+>|/([a-z][a-z0-9]*+)\s*+>)", re.IGNORECASE
)
_OTHER: Final = re.compile(
    r"<(?:!doctype\b[^<>]*+>|!\[[^<>]*+\]>|\?xml\b[^<>]*+>|/?(?:o|v|w|m|x|st1):[a-z][\w-]*+\b[^<>]*+>)", re.IGNORECASE
)
"""What word processors put between their tags."""
_CLOSING: Final = re.compile(r"</([a-z][a-z0-9]*+)\s*+>", re.IGNORECASE)
_OPENING: Final = re.compile(r"</?([a-z][a-z0-9]*+)(?=[\s/>]|$)[^<>]*+", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"[\s/\"'`]on[a-z]+\s*=|javascript:|\bstyle\s*=", re.IGNORECASE)
_FOREIGN: Final = re.compile(r"<(?:svg|math)[\s/>]", re.IGNORECASE)
"""In drawings and formulas other names are tags, by other rules: all of such a text is the sanitiser's."""
_ALWAYS: Final = frozenset(
    (
        "applet audio base body button canvas embed form frame frameset head html iframe input link math meta "
        "noembed noframes noscript object param plaintext script select style svg template textarea video xmp"
    ).split()
)
"""Never text, however they are written: what they hold goes with them, or nothing of them is meant for readers."""


def escape_what_is_no_tag(text: str) -> str:
    """The same text with `&lt;` for each `<` that begins no tag, comment or the like. Linear in the text."""
    if "<" not in text or _FOREIGN.search(text):
        return text
    parts: list[str] = []
    at = 0
    for start, end in _markup(text):
        parts += (text[at:start].replace("<", "&lt;"), text[start:end])
        at = end
    return "".join([*parts, text[at:].replace("<", "&lt;")])


def _markup(text: str) -> Iterator[tuple[int, int]]:
    closed = {name.lower() for name in _CLOSING.findall(text)}
    last_comment_end = text.rfind("-->")
    budget = 4 * len(text) + 10_000
    at = text.find("<")
    while at >= 0:
        end = at + 1
        if text.startswith("<!--", at):
            if last_comment_end > at:
                end = text.find("-->", at) + 3
                yield at, end
        elif budget > 0 and (match := _TAG.match(text, at) or _OTHER.match(text, at)):
            budget -= match.end() - at
            if match.re is _OTHER or _is_meant(match, closed):
                end = match.end()
                yield at, end
        elif match := _OPENING.match(text, at):
            budget -= match.end() - at
            name = match[1].lower()
            if name in _ALWAYS or (name in ELEMENTS and _ACTIVE.search(match[0])):
                end = match.end()
                yield at, end
        at = text.find("<", end)


def _is_meant(match: re.Match[str], closed: set[str]) -> bool:
    name, attributes, closing = match[1], match[2], match[3]
    if closing:
        return closing.lower() in ELEMENTS
    name = name.lower()
    if name in MAYBE_WORDS:
        return bool(attributes.strip()) or name in closed
    return name in ELEMENTS
