"""The admin, made from the declarations of the types."""

from crud.staff.base import HISTORY_LENGTH, HistoryLine, ReadOnlyAdmin, StaffAdmin, changes_html, named, principal_of
from crud.staff.exchange import EXPORT, inside
from crud.staff.labels import name_in_plural
from crud.staff.object_admin import ObjectAdmin

__all__ = [
    "EXPORT",
    "HISTORY_LENGTH",
    "HistoryLine",
    "ObjectAdmin",
    "ReadOnlyAdmin",
    "StaffAdmin",
    "changes_html",
    "inside",
    "name_in_plural",
    "named",
    "principal_of",
]
