"""Raw cells → values as a client of the API would send them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from django.core.exceptions import ValidationError

from crud.declare.fields import Field, Kind
from crud.declare.moments import moment_of
from crud.tables.importing.table import Unusable

TRIMMED = frozenset({"code", "external_id"})
"""Others refer to these by their text; a blank at the end would be seen by nobody."""
BOOLEAN_WORDS = {"yes": True, "y": True, "no": False, "n": False}


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Any) -> str:
    """What a person sees in the cell. Raises ValidationError."""
    match cell:
        case Unusable():
            raise ValidationError(cell.why)
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def payload_value(field: Field, cell: Any, time_zone: str) -> Any:
    """The value that says the same in JSON; `time_zone`: of times without an offset. Raises ValidationError."""
    if isinstance(cell, Unusable):
        raise ValidationError(cell.why)
    match field.kind:
        case Kind.TEXT | Kind.HTML | Kind.EXACT | Kind.SECRET:
            text = text_of(cell)
            return text.strip() if field.name in TRIMMED else text
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
                return orjson.loads(text_of(cell))
            except orjson.JSONDecodeError:
                raise ValidationError("Give JSON.") from None


def _number(kind: Kind, cell: Any) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell) if kind is Kind.INTEGER and float(cell).is_integer() else cell
    text = text_of(cell).strip()
    try:
        return int(text) if kind is Kind.INTEGER and len(text) < 30 else float(text)
    except ValueError:
        raise ValidationError("Give a whole number." if kind is Kind.INTEGER else "Give a number.") from None


def _boolean(cell: Any) -> Any:
    if isinstance(cell, float) and cell in (0.0, 1.0):
        return bool(cell)
    word = text_of(cell).strip().lower()
    return BOOLEAN_WORDS.get(word, word)


def _moment(cell: Any, time_zone: str) -> Any:
    if isinstance(cell, datetime):
        rounded = cell + timedelta(microseconds=500)  # Excel's days are floats
        cell = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
        return moment_of(cell, time_zone).isoformat()
    text = text_of(cell).strip()
    if len(text) == 10 and not isinstance(cell, date):
        raise ValidationError("Give a date and a time: 2026-05-01 09:30.")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment_of(moment, time_zone)
        return moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text  # for the field to refuse, in its own words


def _day(cell: Any) -> Any:
    if isinstance(cell, datetime):
        if cell.time() != time.min:
            raise ValidationError("Give a date without a time.")
        return cell.date().isoformat()
    return text_of(cell).strip()
