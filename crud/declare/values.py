"""Values as clients write them → values as the database stores them. Strict: a text is no number, 3.0 is no integer."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import IntegerField

from crud.declare.fields import Field, Kind
from crud.declare.moments import day_alone, moment_of, start_of
from kernel.html import sanitise_html
from kernel.ids import RESERVED, is_id
from kernel.json_body import leaves
from kernel.model_fields import LookupField, NormalTextField, hash_secrets_by_role, normal_secret
from kernel.wording import HALF_A_PAIR, NUL, NUMBER, TEXT, TRUE_OR_FALSE, WHOLE_NUMBER, between, characters, one_of

BIGGEST_INTEGER = 2**31 - 1
BIGGEST_BIG_INTEGER = 2**63 - 1
PASSCODE_ROLES = {"administrator", "manager"}
TRUE_WORDS = {True, "1", "true"}
FALSE_WORDS = {None, False, "", "0", "false"}
TEXT_BYTES = 1_048_576
DATABASE_YEARS = range(1000, 10_000)
YEARS = (f"{DATABASE_YEARS[0]}-01-01", f"{DATABASE_YEARS[-1]}-12-31")


INTEGER_RANGES = {
    "SmallIntegerField": (-32_768, 32_767),
    "PositiveSmallIntegerField": (0, 65_535),
    "PositiveIntegerField": (0, BIGGEST_INTEGER),
    "BigIntegerField": (-BIGGEST_BIG_INTEGER, BIGGEST_BIG_INTEGER),
    "PositiveBigIntegerField": (0, BIGGEST_BIG_INTEGER),
}
"""Of the columns, by Django's class; any other integer has 32 bits."""


@cache
def number_bounds(model_field: Any) -> tuple[Any, Any]:
    """The least and the most that a column of numbers takes: its own bounds, narrowed by the field's validators. None:
    there is none."""
    least = [rule.limit_value for rule in model_field.validators if isinstance(rule, MinValueValidator)]
    most = [rule.limit_value for rule in model_field.validators if isinstance(rule, MaxValueValidator)]
    if isinstance(model_field, IntegerField):
        own = INTEGER_RANGES.get(model_field.get_internal_type(), (-BIGGEST_INTEGER, BIGGEST_INTEGER))
        least.append(own[0])
        most.append(own[1])
    return max(least, default=None), min(most, default=None)


def parse_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError(TEXT)
    if "\x00" in value:
        raise ValidationError(NUL)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValidationError(HALF_A_PAIR) from None
    return value


def parse_boolean(value: Any) -> bool:
    """`null`, `0`, `""`, `"false"` are false; `1`, `"true"` are true (contract section 4)."""
    word: Any = value.lower() if isinstance(value, str) else value
    if not isinstance(word, float | list | dict):  # 1.0 equals 1 but is no boolean; lists can't be looked up
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
    raise ValidationError(TRUE_OR_FALSE)


def parse_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(WHOLE_NUMBER)
    if abs(value) > BIGGEST_BIG_INTEGER:
        raise ValidationError(between(-BIGGEST_BIG_INTEGER, BIGGEST_BIG_INTEGER))
    return value


def parse_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValidationError(NUMBER)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValidationError(between(-sys.float_info.max, sys.float_info.max))
    return number


def parse_datetime(value: Any, time_zone: str = "UTC", field: str = "") -> datetime:
    """ISO 8601; without an offset it is in the given zone, a day alone its first moment. Answers in UTC."""
    if not isinstance(value, str) or len(value) > 40 or not value[:1].isdigit() or not value.isprintable():
        raise ValidationError("Give a date and time as ISO 8601 writes it: 2026-05-01T09:30:00Z.")
    try:
        if day := day_alone(value):
            moment = start_of(day, time_zone)
        else:
            moment = datetime.fromisoformat(value)
            moment = moment_of(moment, time_zone, field) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationError("Give a date and time as ISO 8601 writes it: 2026-05-01T09:30:00Z.") from None
    if moment.year not in DATABASE_YEARS:
        raise ValidationError(between(*YEARS))
    return moment


def parse_date(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValidationError("Give a date as ISO 8601 writes it: 2026-05-01.") from None
    if day.year not in DATABASE_YEARS:
        raise ValidationError(between(*YEARS))
    return day


def parse_id(value: Any) -> str:
    """A public id by its shape. Whether it names a row is for `crud.read.resolve` to say."""
    if not is_id(value) or value in RESERVED:
        raise ValidationError("Give an id.")
    text: str = value
    return text


def parse_json(value: Any) -> Any:
    """An object or a list. Its texts are held to the same rules as any text."""
    if not isinstance(value, dict | list):
        raise ValidationError("Give an object or a list.")
    for leaf in leaves(value):
        if isinstance(leaf, str):
            parse_text(leaf)
        elif isinstance(leaf, int) and not isinstance(leaf, bool):
            parse_integer(leaf)
    return value


_PARSERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.ID: parse_id,
    Kind.REFERENCE: parse_id,
    Kind.EXACT: parse_text,
    Kind.TEXT: parse_text,
    Kind.HTML: parse_text,
    Kind.INTEGER: parse_integer,
    Kind.NUMBER: parse_number,
    Kind.BOOLEAN: parse_boolean,
    Kind.DATE: parse_date,
    Kind.JSON: parse_json,
    Kind.SECRET: parse_text,
}


def parse(kind: Kind, value: Any, time_zone: str, field: str = "") -> Any:
    """One value, not null, for a filter or a payload; `field` is named in warnings. Raises django's ValidationError."""
    if kind is Kind.DATETIME:
        return parse_datetime(value, time_zone, field)
    return _PARSERS[kind](value)


def parse_for_field(field: Field, value: Any, time_zone: str) -> Any:
    """A value of a payload, held to its field: nullability, length, bounds, choices, validators."""
    if field.kind is Kind.BOOLEAN:
        return bool(field.model_field.get_default()) if value is None else parse_boolean(value)
    if value is None:
        if not field.nullable:
            raise ValidationError("It can't be null.")
        return None
    if field.kind is Kind.SECRETS_BY_ROLE:
        return hash_secrets_by_role(value, PASSCODE_ROLES)
    parsed = parse(field.kind, value, time_zone, field.name)
    model_field = field.model_field
    if field.kind is Kind.HTML:
        parsed = sanitise_html(parsed)
    if isinstance(model_field, NormalTextField):
        parsed = model_field.normal_form(parsed) if parsed else parsed
    if isinstance(parsed, str):
        _check_text(model_field, parsed)
        if field.kind is Kind.SECRET:
            model_field.run_validators(parsed)
            return make_password(normal_secret(parsed))
    if field.kind in (Kind.INTEGER, Kind.NUMBER):
        least, most = number_bounds(model_field)
        if (least is not None and parsed < least) or (most is not None and parsed > most):
            raise ValidationError(between(least, most))
    if model_field.choices and parsed not in (None, ""):
        allowed = [choice for choice, _ in model_field.flatchoices]
        if parsed not in allowed:
            raise ValidationError(one_of(allowed))
    if field.kind is Kind.JSON:
        for validator in model_field.validators:  # run_validators passes over [] and {}
            validator(parsed)
    elif field.kind is not Kind.REFERENCE and parsed != "" and not isinstance(model_field, LookupField):
        model_field.run_validators(parsed)  # a code is held to its list, once the row has all its values
    return parsed


def _check_text(model_field: Any, text: str) -> None:
    if text == "" and not model_field.blank:
        raise ValidationError("It can't be empty.")
    limit = model_field.max_length
    if limit is not None and len(text) > limit:
        raise ValidationError(characters(None, limit))
    if len(text) > TEXT_BYTES:
        raise ValidationError(characters(None, TEXT_BYTES))
