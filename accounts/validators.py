"""Checks of single values, and of pairs, that the types of several apps have in common."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator

WEB_ADDRESS: Final = [URLValidator(schemes=["http", "https"])]
LATITUDE: Final = [MinValueValidator(-90.0), MaxValueValidator(90.0)]
LONGITUDE: Final = [MinValueValidator(-180.0), MaxValueValidator(180.0)]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def validate_time_zone(value: str) -> None:
    if value not in _time_zones():
        raise ValidationError("Give the name of an IANA time zone, such as Europe/Berlin.")


def validate_texts(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValidationError("Give a list of texts.")


def validate_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError("Give an object.")


def require_order(row: Any, start: str = "start_datetime", end: str = "end_datetime") -> None:
    """Refuse a row that ends before it starts."""
    first, last = getattr(row, start), getattr(row, end)
    if first and last and last < first:
        raise ValidationError({end: [f"It lies before {start}."]})
