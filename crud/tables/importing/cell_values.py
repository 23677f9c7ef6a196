"""Cells → values as a client of the API would send them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import orjson
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder

from crud.declare.fields import Field, Kind
from crud.declare.values import parse_datetime
from crud.tables.cells import CUT_MARK, may_be_cut
from crud.tables.importing.table import ShownCell, Unusable
from kernel.wording import NUMBER, WHOLE_NUMBER

TRIMMED: Final = frozenset({"code", "external_id"})
"""Others refer to these by their text; a blank at the end would be seen by nobody."""
BOOLEAN_WORDS: Final = {"yes": True, "y": True, "no": False, "n": False}
INVISIBLE: Final = "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
JOINERS: Final = "\u200c\u200d"
"""Invisible, but Persian and Indic words are spelt with them."""
SHORTENED: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+\d+", re.IGNORECASE)
"""How spreadsheets write a number that is too long for its cell."""
RESOLUTION: Final = timedelta(milliseconds=1)
"""Excel's days are floats, and programs round them in their own ways."""
LOST_DIGITS: Final = "The number has lost digits; write it as text."
CUT: Final = "The text fills its cell, and its end may be missing; send it as CSV or through the API."


def is_empty(cell: Any) -> bool:
    """Whether a person sees nothing in it."""
    return cell is None or (isinstance(cell, str) and not cell.strip().strip(INVISIBLE).strip())


def text_of(cell: Any) -> str:
    """What a person sees in the cell. Raises ValidationError."""
    match cell:
        case Unusable():
            raise ValidationError(cell.why)
        case ShownCell(exact=False):
            raise ValidationError(LOST_DIGITS)
        case ShownCell(text=None):
            raise ValidationError("How the cell is shown depends on who looks at it; write it as text.")
        case ShownCell(text=str(text)):
            return text.strip()
        case _:
            return str(cell)


def quoted(cell: Any) -> str:
    """The same, for messages; "" where there is nothing to be seen."""
    if is_empty(cell) or isinstance(cell, Unusable):
        return ""
    return str(cell.value if cell.text is None else cell.text) if isinstance(cell, ShownCell) else str(cell)


def clean_name(text: str) -> str:
    """A code or external id without what nobody sees: signs of no width, blanks of other kinds, other normal forms."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if c in JOINERS or c not in INVISIBLE)
    return " ".join(text.split())


def spelling(text: str) -> str:
    """Equal for codes that look the same."""
    text = unicodedata.normalize("NFKC", text)
    visible = (c for c in text if (c not in INVISIBLE and unicodedata.category(c) not in ("Cc", "Cf")) or c.isspace())
    return " ".join("".join(visible).split())


def says_what_is_stored(field: Field, cell: Any, stored: Any, time_zone: str, *, in_workbook: bool) -> bool:
    """Whether the cell is what an export of the stored value shows: then nothing is meant to change.

    A cell may hold less than the value: no line ends of its own, fewer digits of a second, 32,767 characters.
    Raises ValidationError for a text whose end is missing, and that is not the stored one's beginning.
    """
    if field.kind is Kind.DATETIME and isinstance(cell, ShownCell) and isinstance(cell.value, datetime):
        if not isinstance(stored, datetime):
            return False
        return abs(_utc(cell.value, cell.utc, time_zone) - stored) < RESOLUTION
    if not isinstance(cell, str):
        return False
    if field.kind in (Kind.JSON, Kind.SECRETS_BY_ROLE) and may_be_cut(cell, in_workbook=in_workbook):
        stored = "" if stored is None else orjson.dumps(stored, default=DjangoJSONEncoder().default).decode()
    if isinstance(stored, str):
        if cell == stored or _lines(cell) == _lines(stored):
            return True
        if field.name in TRIMMED and spelling(cell) == spelling(stored):
            return True
    if may_be_cut(cell, in_workbook=in_workbook):
        if isinstance(stored, str) and _lines(stored).startswith(_lines(cell.removesuffix(CUT_MARK))):
            return True
        raise ValidationError(CUT)
    return False


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def payload_value(field: Field, cell: Any, time_zone: str) -> Any:
    """The value that says the same in JSON; `time_zone`: of times without an offset. Raises ValidationError."""
    if isinstance(cell, Unusable):
        raise ValidationError(cell.why)
    match field.kind:
        case Kind.TEXT | Kind.HTML | Kind.EXACT | Kind.SECRET:
            return _name(cell) if field.name in TRIMMED else text_of(cell)
        case Kind.ID | Kind.REFERENCE:
            return text_of(cell).strip()
        case Kind.INTEGER | Kind.NUMBER:
            return _number(field.kind, cell)
        case Kind.BOOLEAN:
            return _boolean(cell)
        case Kind.DATETIME:
            return _moment(cell, time_zone)
        case Kind.DATE:
            return _day(cell)
        case Kind.JSON | Kind.SECRETS_BY_ROLE:
            try:
                return orjson.loads(str(cell.value).lower() if isinstance(cell, ShownCell) else text_of(cell))
            except orjson.JSONDecodeError:
                raise ValidationError("Give JSON.") from None


def _name(cell: Any) -> str:
    text = text_of(cell)
    if SHORTENED.fullmatch(text.strip()):
        raise ValidationError(LOST_DIGITS)
    return clean_name(text)


def _number(kind: Kind, cell: Any) -> int | float:
    if isinstance(cell, ShownCell) and isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        value = cell.value
        return int(value) if kind is Kind.INTEGER and float(value).is_integer() else value
    text = text_of(cell).strip()
    try:
        return int(text) if kind is Kind.INTEGER and len(text) < 30 else float(text)
    except ValueError:
        raise ValidationError(WHOLE_NUMBER if kind is Kind.INTEGER else NUMBER) from None


def _boolean(cell: Any) -> Any:
    if isinstance(cell, ShownCell) and cell.value in (True, False):
        return bool(cell.value)
    word = text_of(cell).strip().lower()
    return BOOLEAN_WORDS.get(word, word)


def _utc(moment: datetime, is_utc: bool, time_zone: str) -> datetime:
    return moment.replace(tzinfo=UTC) if is_utc else parse_datetime(moment.isoformat(), time_zone)


def _moment(cell: Any, time_zone: str) -> Any:
    """A date alone is its first moment, as in the API. What is none is left for the field to refuse."""
    if isinstance(cell, ShownCell) and isinstance(cell.value, datetime):
        rounded = cell.value + RESOLUTION / 2
        moment = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
        return _utc(moment, cell.utc, time_zone).isoformat()
    text = text_of(cell).strip()
    try:
        return parse_datetime(text, time_zone).isoformat()
    except ValidationError:
        return text  # for the field to refuse, in its own words


def _day(cell: Any) -> Any:
    if isinstance(cell, ShownCell) and isinstance(cell.value, datetime):
        if cell.value.time() != time.min:
            raise ValidationError("Give a date without a time.")
        return cell.value.date().isoformat()
    return text_of(cell).strip()
