"""`q`: words that must all be found, as the beginnings of words; quotes make a phrase (contract section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crud.read.search.grammar import MAX_Q_WORDS
from kernel.search_text import LONGEST_WORD, words_of

STOPWORDS: Final = frozenset(
    (
        "a about an are as at be by com de en for from how i in is it la of on or that the this to was "
        "what when where who will with und www"
    ).split()
)
"""InnoDB's default list: MariaDB keeps these out of a full-text index."""
SHORTEST_INDEXED: Final = 3
LONGEST_INDEXED: Final = LONGEST_WORD
_PARTS: Final = re.compile(r'"([^"]*)"?|([^"]+)')


@dataclass(frozen=True, slots=True)
class Query:
    beginnings: tuple[str, ...]
    phrases: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.beginnings or self.phrases)


def parse_q(q: str) -> Query:
    """Folded words and phrases. Empty for "", "%" and texts without any word: they filter nothing."""
    beginnings: list[str] = []
    phrases: list[str] = []
    for quoted, plain in _PARTS.findall(q):
        if quoted:
            if words := words_of(quoted):
                phrases.append(" ".join(words))
        else:
            beginnings.extend(words_of(plain))
    unique = tuple(dict.fromkeys(beginnings))[:MAX_Q_WORDS]
    return Query(unique, tuple(dict.fromkeys(phrases))[:MAX_Q_WORDS])


def is_indexed(word: str) -> bool:
    return SHORTEST_INDEXED <= len(word) <= LONGEST_INDEXED and word not in STOPWORDS


def beginning_is_indexed(word: str) -> bool:
    """Whether the index holds every word that begins so: `wit` begins `with`, which it does not hold."""
    return is_indexed(word) and not any(stopword.startswith(word) for stopword in STOPWORDS)


def full_text(query: Query) -> str:
    """The part of a query that MariaDB's index can answer, in its boolean language; "" if it can't answer any."""
    beginnings = [f"+{word}*" for word in query.beginnings if beginning_is_indexed(word)]
    whole = [f"+{word}" for phrase in query.phrases for word in phrase.split() if is_indexed(word)]
    return " ".join(beginnings + whole)
