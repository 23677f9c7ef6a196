"""A number and the format of its cell → what the person in front of it sees (ECMA-376 part 1, 18.8.31).

Signs of thousands and decimals are those of English. What depends on the machine that shows it, or is not understood,
is None: the short date of the system, fractions, conditions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

GENERAL: Final = "general"
TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<wide>.)|\*(?P<filled>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>general)|(?P<noon>am/pm|a/p)|(?P<date>y+|m+|d+|h+|s+|b+|g+|e(?![+-]))|(?P<fraction>(?<=s)\.0+)"
    r"|(?P<exponent>e[+-])|(?P<number>[0#?])|(?P<sign>[.,%/@])|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
COLOURS: Final = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+", re.IGNORECASE)
ELAPSED: Final = re.compile(r"h+|m+|s+", re.IGNORECASE)
SYSTEMS_OWN: Final = frozenset({"mm-dd-yy", "m/d/yy", "m/d/yy h:mm"})
"""How the formats 14 and 22 are written: each machine shows them in its own way."""
LARGEST_EXACT: Final = 10**15
"""Excel keeps fifteen digits."""
MAX_FORMAT: Final = 255
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """text, date, elapsed, noon, fraction, exponent, number, sign, general."""
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    tokens: tuple[Token, ...]
    understood: bool = True

    @property
    def is_moment(self) -> bool:
        return any(token.kind in ("date", "elapsed", "noon") for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Format:
    sections: tuple[Section, ...]
    code: str = field(compare=False)

    @property
    def is_moment(self) -> bool:
        return self.sections[0].is_moment

    @property
    def is_elapsed(self) -> bool:
        return any(token.kind == "elapsed" for token in self.sections[0].tokens)

    @property
    def has_day(self) -> bool:
        """Whether it shows a day, or a time only."""
        return any(t.kind == "date" and t.text[0] in "ydbge" for t in self.sections[0].tokens) or (
            any(t.kind == "date" and t.text[0] == "m" for t in self.sections[0].tokens)
            and not any(t.kind == "date" and t.text[0] in "hs" for t in self.sections[0].tokens)
        )

    @property
    def names_utc(self) -> bool:
        """Whether it says beside the time that this is UTC."""
        return bool(re.search(r"\bUTC\b", "".join(t.text for t in self.sections[0].tokens if t.kind == "text")))


@lru_cache(maxsize=1024)
def format_of(code: str) -> Format:
    sections: list[list[Token]] = [[]]
    understood = len(code) <= MAX_FORMAT and code.lower() not in SYSTEMS_OWN
    for match in TOKEN.finditer(code[:MAX_FORMAT]):
        kind, text = match.lastgroup or "literal", match[match.lastgroup or 0]
        if kind == "literal" and text == ";":
            sections.append([])
            continue
        token = _token(kind, text)
        understood = understood and token is not None
        if token is not None:
            sections[-1].append(token)
    return Format(tuple(Section(tuple(tokens), understood) for tokens in sections), code)


def _token(kind: str, text: str) -> Token | None:
    match kind:
        case "quoted" | "escaped" | "literal":
            return Token("text", text)
        case "wide":
            return Token("text", " ")
        case "filled":
            return Token("text", "")
        case "bracket" if ELAPSED.fullmatch(text):
            return Token("elapsed", text.lower())
        case "bracket" if text.startswith("$"):  # [$€-407]: a currency, and a language
            return Token("text", text[1:].partition("-")[0])
        case "bracket":
            return Token("text", "") if COLOURS.fullmatch(text) else None
        case "date" if text[0].lower() in "bge":
            return None  # years of other calendars
        case _:
            return Token(kind, text.lower() if kind == "date" else text)


def lost_digits(value: float, code: str) -> bool:
    """Whether the number is too long for a cell, or shown as its first digits and a power of ten."""
    return abs(value) >= LARGEST_EXACT or any(
        token.kind == "exponent" for section in format_of(code).sections for token in section.tokens
    )


def shown_text(text: str, code: str) -> str:
    """A text in a cell with this format."""
    sections = format_of(code).sections
    section = sections[3] if len(sections) > 3 else sections[-1]
    if not section.understood or not any(token.text == "@" for token in section.tokens):
        return text
    return "".join(text if token.text == "@" and token.kind == "sign" else token.text for token in section.tokens)


def shown_number(value: float, code: str) -> str | None:
    """A number in a cell with a format that shows no time."""
    sections = format_of(code).sections
    negative = value < 0
    if len(sections) > 1 and negative:
        section, negative = sections[1], False
    else:
        section = sections[2] if len(sections) > 2 and value == 0 else sections[0]
    if not section.understood:
        return None
    kinds = {token.kind for token in section.tokens}
    if "exponent" in kinds or any(token.kind == "sign" and token.text == "/" for token in section.tokens):
        return None
    sign = "-" if negative else ""
    if kinds & {"general"} or any(token.text == "@" and token.kind == "sign" for token in section.tokens):
        plain = _plain(abs(value))
        return sign + "".join(
            plain if token.kind == "general" or (token.kind == "sign" and token.text == "@") else token.text
            for token in section.tokens
        )
    if "number" not in kinds:
        return (sign if code else "") + "".join(token.text for token in section.tokens)
    text = _placed(abs(value), section.tokens)
    return (sign if text.strip("0., ") else "") + text


def _plain(value: float) -> str:
    return format(Decimal(format(value, ".15g")), "f") if isinstance(value, float) else str(value)


def _placed(value: float, tokens: tuple[Token, ...]) -> str:
    """The digits in their places, what stands between them, and what is shown around."""
    point = next((i for i, t in enumerate(tokens) if t.kind == "sign" and t.text == "."), len(tokens))
    places = [i for i, token in enumerate(tokens) if token.kind == "number"]
    before, after = [i for i in places if i < point], [i for i in places if i > point]
    commas = [i for i, token in enumerate(tokens) if token.kind == "sign" and token.text == ","]
    last = max([*before, *after])
    scale = sum(i > (before[-1] if before else -1) and (i < point or i > last) for i in commas)
    grouped = bool(before) and any(before[0] < i < before[-1] for i in commas)
    percents = sum(token.kind == "sign" and token.text == "%" for token in tokens)
    exact = Decimal(repr(value)) * Decimal(100) ** percents / Decimal(1000) ** scale
    digits = format(exact.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP), "f")
    whole, _, part = digits.partition(".")
    shown = _whole_digits(whole.lstrip("0"), before, tokens, grouped=grouped) | _part_digits(part, after, tokens)
    out = []
    for i, token in enumerate(tokens):
        if token.kind == "number":
            out.append(shown[i])
        elif token.kind == "sign" and token.text == ",":
            continue
        elif i == point and not before:
            out.append(whole.lstrip("0") + ".")
        else:
            out.append(token.text)
    return "".join(out)


def _whole_digits(digits: str, places: list[int], tokens: tuple[Token, ...], *, grouped: bool) -> dict[int, str]:
    shown: dict[int, str] = {}
    rest, count = digits, 0
    for i in reversed(places):
        first = i == places[0]
        taken = rest if first else rest[-1:]
        rest = "" if first else rest[:-1]
        taken = taken or {"0": "0", "?": " ", "#": ""}[tokens[i].text]
        text = ""
        for digit in reversed(taken):
            text = digit + ("," if grouped and count and count % 3 == 0 and digit.isdigit() else "") + text
            count += 1
        shown[i] = text
    return shown


def _part_digits(digits: str, places: list[int], tokens: tuple[Token, ...]) -> dict[int, str]:
    shown = {}
    needed = len(digits.rstrip("0"))
    for number, i in enumerate(places):
        shown[i] = digits[number] if number < needed else {"0": "0", "?": " ", "#": ""}[tokens[i].text]
    return shown


def moment_of(value: float, *, from_1904: bool) -> datetime | None:
    """A day of Excel's calendar, and its part; None where that ends. To the microsecond."""
    days = int(value // 1)
    seconds = (value - days) * 86_400
    if not from_1904 and days < 60:
        days += 1  # Excel takes 1900 for a leap year
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  (a cell knows no zone)
    try:
        return start + timedelta(days=days, microseconds=round(seconds * 1_000_000))
    except OverflowError:
        return None


def shown_moment(moment: datetime, value: float, code: str) -> str | None:
    """A date or time in a cell with this format. `value`: the number behind it, for times that have elapsed."""
    form = format_of(code)
    section = form.sections[0]
    if not section.understood or value < 0:
        return None
    tokens = section.tokens
    decimals = max((len(token.text) - 1 for token in tokens if token.kind == "fraction"), default=0)
    step = 10 ** (6 - min(decimals, 6))
    late = moment.microsecond % step * 2 >= step
    moment = moment.replace(microsecond=moment.microsecond // step * step) + timedelta(microseconds=step * late)
    halves = any(token.kind == "noon" for token in tokens)
    minutes = _minutes(tokens)
    parts = (_part(token, i in minutes, moment, value, halves=halves) for i, token in enumerate(tokens))
    return "".join(parts)


def _minutes(tokens: tuple[Token, ...]) -> set[int]:
    """Which of the m are minutes: those after hours and those before seconds."""
    dates = [(i, token) for i, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    places = set()
    for place, (i, token) in enumerate(dates):
        if token.kind == "date" and token.text[0] == "m" and len(token.text) < 3:
            before = dates[place - 1][1].text[0] if place else ""
            after = dates[place + 1][1].text[0] if place + 1 < len(dates) else ""
            if before == "h" or after == "s":
                places.add(i)
    return places


def _part(token: Token, minutes: bool, moment: datetime, value: float, *, halves: bool) -> str:
    length = len(token.text)
    if token.kind == "elapsed":
        whole = int(round(value * 86_400) // {"h": 3600, "m": 60, "s": 1}[token.text[0]])
        return str(whole).zfill(length)
    if token.kind == "noon":
        return token.text.split("/")[moment.hour >= 12]
    if token.kind == "fraction":
        return f".{moment.microsecond:06}"[:length] + "0" * max(0, length - 7)
    if token.kind != "date":
        return token.text
    match token.text[0]:
        case "y":
            return f"{moment.year:04}" if length > 2 else f"{moment.year % 100:02}"
        case "m" if minutes:
            return str(moment.minute).zfill(min(length, 2))
        case "m":
            name = MONTHS[moment.month - 1]
            return (str(moment.month), f"{moment.month:02}", name[:3], name, name[0])[min(length, 5) - 1]
        case "d":
            name = DAYS[moment.weekday()]
            return (str(moment.day), f"{moment.day:02}", name[:3], name)[min(length, 4) - 1]
        case "h":
            hour = (moment.hour % 12 or 12) if halves else moment.hour
            return str(hour).zfill(min(length, 2))
        case _:
            return str(moment.second).zfill(min(length, 2))
