"""The sources → the global rows. What is right already is left alone, so a second run writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from lookups.lookup_types import LookupType
from lookups.models.lookup_row import LookupRow, place_of
from lookups.sources import SourceEntry, stable_id

BATCH = 500


class SourceTooSmall(Exception):
    """The source has lost most of its entries: it is broken, and is not believed."""


@dataclass(slots=True)
class Differences:
    """What is to be done to the global rows of one type."""

    made: list[LookupRow] = field(default_factory=list)
    changed: list[LookupRow] = field(default_factory=list)
    removed: list[LookupRow] = field(default_factory=list)
    """Their code is gone from the source: disabled, never deleted, as other rows may name it."""
    returned: list[LookupRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.made or self.changed or self.removed or self.returned)


def compare(lookup_type: LookupType, entries: Iterable[SourceEntry]) -> Differences:
    """Raises SourceTooSmall. Writes nothing; the rows that it answers are as they are to be."""
    new_entries = {place_of(None, None, None, entry.code): entry for entry in entries}
    present = {row.place: row for row in lookup_type.model.objects.filter(account_id=None)}
    known = sum(1 for row in present.values() if row.in_source)
    if len(new_entries) * 2 < known or not new_entries:
        raise SourceTooSmall(f"{lookup_type.name}: the source has {len(new_entries)} entries, the database {known}")
    differences = Differences()
    for place, entry in new_entries.items():
        row = present.get(place)
        if row is None:
            differences.made.append(new_row(lookup_type, entry))
            continue
        returned = row.in_source is False
        take_over(row, entry)
        if returned:
            row.enable = True
            differences.returned.append(row)
        elif row.changes():
            differences.changed.append(row)
    for place, row in present.items():
        if row.in_source and place not in new_entries:
            row.in_source = row.enable = False
            differences.removed.append(row)
    return differences


def new_row(lookup_type: LookupType, entry: SourceEntry) -> LookupRow:
    public_id = stable_id(lookup_type.name, entry.code)
    row = lookup_type.model(id_random=public_id, group=entry.code, priority=entry.priority)
    take_over(row, entry)
    return row


def take_over(row: LookupRow, entry: SourceEntry) -> None:
    """Everything but what staff decide: enable, hide, priority, sort."""
    values: dict[str, Any] = {"code": entry.code, "group": entry.code, "name": entry.name, "in_source": True}
    for name, value in (values | entry.facts).items():
        setattr(row, name, value)


def load(lookup_type: LookupType, entries: Iterable[SourceEntry]) -> Differences:
    """Write what differs, all or nothing. Two at once: the second finds what the first has made."""
    entries = list(entries)
    try:
        return _load(lookup_type, entries)
    except IntegrityError:
        return _load(lookup_type, entries)


def _load(lookup_type: LookupType, entries: list[SourceEntry]) -> Differences:
    with transaction.atomic():
        differences = compare(lookup_type, entries)
        if differences.made:
            lookup_type.model.objects.bulk_create(differences.made, batch_size=BATCH)
        for row in (*differences.changed, *differences.removed, *differences.returned):
            row.save()
    return differences
