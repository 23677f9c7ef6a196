"""Names and sentences, put together by number, so that every row has its own and has it again the next time."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from demo.loader import Demo

SENTENCES = (
    "The session opens with a short review of what has changed since last year.",
    "Speakers share their own figures, the ones that did not work out included.",
    "Questions from the floor are welcome at any time.",
    "Bring a laptop if you want to follow the exercises.",
    "Slides are handed out afterwards to everybody who attended.",
    "The panel compares three regions that went different ways.",
    "A checklist for everyday practice closes the hour.",
    "Results are preliminary and under review.",
    "We look at the costs as well as at the benefits.",
    "Simultaneous captions are provided in the room.",
)
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
SPELLED_OUT = str.maketrans(UMLAUTS | {"Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "ı": "i", "–": "-", "’": "'"})
FAMILY_STRIDE = 11


def pick(options: tuple[Any, ...], number: int) -> Any:
    return options[number % len(options)]


def names_of_person(demo: Demo, number: int) -> dict[str, str]:
    """A given and a family name; the pair comes again only after all pairs have been used."""
    given, family = demo.association.given_names, demo.association.family_names
    return {
        "given_name": pick(given, number),
        "family_name": pick(family, number * FAMILY_STRIDE + number // len(given)),
    }


def email_of(names: dict[str, str], number: int) -> str:
    return f"{slug(names['given_name'])}.{slug(names['family_name'])}.{number}@example.org"


def phone_of(demo: Demo, number: int) -> str:
    return f"{demo.association.dialling}{number % 1000:03d}"


def slug(text: str) -> str:
    """A text as it stands in addresses: ASCII letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", in_ascii(text).lower()).strip("-") or "x"


def in_ascii(text: str) -> str:
    spelled = text.translate(SPELLED_OUT)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def company_of(demo: Demo, number: int) -> str:
    companies = demo.association.companies
    name: str = pick(companies, number)
    return name if number < len(companies) else f"{name} {number // len(companies) + 1}"


def subject_of(demo: Demo, number: int) -> str:
    """A title, as of a session: all pairs of subject and aspect before one comes again."""
    subjects, aspects = demo.association.subjects, demo.association.aspects
    return f"{pick(subjects, number)}: {pick(aspects, number // len(subjects) + number * 3)}"


def paragraph(number: int, sentences: int = 3) -> str:
    return " ".join(pick(SENTENCES, number * 3 + index * 7) for index in range(sentences))


def html(*paragraphs: str) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs)
