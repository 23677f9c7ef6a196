"""`q`: words that must all be found, as the beginnings of words; quotes make a phrase (contract section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crud.read.search.grammar import MAX_Q_WORDS
from kernel.search_text import (
    LONGEST_TERM,
    could_be_term,
    is_plain,
    is_unspaced,
    needle,
    term,
    terms_of,
    words_of,
    words_or_signs,
)

STOPWORDS: Final = frozenset(
    (
        "a about an are as at be by com de en for from how i in is it la of on or that the this to was "
        "what when where who will with und www"
    ).split()
)
"""InnoDB's default list: MariaDB keeps these out of a full-text index."""
SHORTEST_INDEXED: Final = 3
MAX_TERMS: Final = 8
"""Of one word, that the index is asked for: a few find the rows, and these are looked at."""
_PARTS: Final = re.compile(r'"([^"]*)"?|([^"]+)')


@dataclass(frozen=True, slots=True)
class Query:
    beginnings: tuple[str, ...]
    phrases: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.beginnings or self.phrases)


def parse_q(q: str) -> Query:
    """Folded words and phrases. Empty for "" and "%", which filter nothing."""
    beginnings: list[str] = []
    phrases: list[str] = []
    if q.strip() == "%":
        return Query((), ())
    for quoted, plain in _PARTS.findall(q):
        if quoted:
            if words := words_of(quoted):
                phrases.append(" ".join(words))
        else:
            beginnings.extend(words_of(plain))
    if not beginnings and not phrases:
        beginnings = words_or_signs(q)
    unique = tuple(dict.fromkeys(beginnings))[:MAX_Q_WORDS]
    return Query(unique, tuple(dict.fromkeys(phrases))[:MAX_Q_WORDS])


def needles(query: Query, *, indexed: bool) -> list[str]:
    """What the search text of each row that is found holds; less what the index, if it was asked, has seen to."""
    sure = [word for word in query.beginnings if beginning_is_indexed(word) and not could_be_term(word)]
    beginnings = [needle([word]) for word in query.beginnings if not (indexed and word in sure)]
    return beginnings + [needle(phrase.split(" "), whole=True) for phrase in query.phrases]


def is_indexed(word: str) -> bool:
    """Whether MariaDB's index holds a word as it is."""
    return is_plain(word) and len(word) >= SHORTEST_INDEXED and word not in STOPWORDS


def beginning_is_indexed(word: str) -> bool:
    """Whether the index holds every word that begins so: `wit` begins `with`, which it does not hold."""
    return is_indexed(word) and not any(stopword.startswith(word) for stopword in STOPWORDS)


def full_text(query: Query) -> str:
    """The part of a query that MariaDB's index can answer, in its boolean language; "" if it can't answer any."""
    parts = [part for word in query.beginnings for part in _beginning(word)]
    for phrase in query.phrases:
        parts += [part for word in phrase.split(" ") for part in _whole(word)]
    return " ".join(dict.fromkeys(parts))


def _beginning(word: str) -> list[str]:
    if is_plain(word):
        return [f"+{word}*"] if beginning_is_indexed(word) else []
    if is_unspaced(word) and len(word) > 1:
        return [f"+{pair}" for pair in terms_of(word)[:-1][:MAX_TERMS]]
    return [f"+{term(word[:LONGEST_TERM])}*"]


def _whole(word: str) -> list[str]:
    if is_plain(word):
        return [f"+{word}"] if is_indexed(word) else []
    return _beginning(word)
