"""Who may be told of a change, and what: once for each kind of principal, however many sockets of it there are.

What the row was before comes from the entry; what it is comes from the database, through the reader's own plan. So a
frame never holds what its reader could not read by GET at the moment it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crud import ObjectType, Read, by_keys, padded_length, plan, registry
from kernel.envelope import to_json
from realtime.changes import ChangeEntry
from realtime.topics import Audience, Way
from tenancy.context import tenant
from tenancy.principal import Access


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as principals of one Access see it."""

    before: bool
    after: bool
    fields: list[str]
    """Of what changed, what they may read."""
    data: bytes
    """The object as JSON; `null` when it is gone, or not theirs to read, since."""
    masked: list[str]
    """What a rule has blanked in it, as `meta.masked` tells it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    seen: dict[Access, Seen]
    places: dict[Way, tuple[Any, Any]]
    """Below which ancestor the row was and is."""


def judge(
    account_id: int, account_public_id: str, entries: list[ChangeEntry], audiences: dict[str, Audience]
) -> list[Verdict | None]:
    """One verdict an entry; None where nobody listens. The database is asked a few times for all of them."""
    verdicts: list[Verdict | None] = [None] * len(entries)
    by_type: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.obj_type in audiences:
            by_type.setdefault(entry.obj_type, []).append(index)
    with tenant(account_id):
        for type_name, indexes in by_type.items():
            judged = _OneType(registry[type_name], account_public_id, [entries[index] for index in indexes])
            for index, verdict in zip(indexes, judged.verdicts(audiences[type_name]), strict=True):
                verdicts[index] = verdict
    return verdicts


class _OneType:
    def __init__(self, object_type: ObjectType, account_public_id: str, entries: list[ChangeEntry]) -> None:
        self.type = object_type
        self.account_public_id = account_public_id
        self.entries = entries

    def verdicts(self, audience: Audience) -> list[Verdict]:
        places = [self._places(way) for way in audience.ways]
        seen = {access: self._seen(access) for access in audience.accesses}
        return [
            Verdict(
                {access: rows[index] for access, rows in seen.items()},
                {way: rows[index] for way, rows in zip(audience.ways, places, strict=True)},
            )
            for index in range(len(self.entries))
        ]

    # --- who may read it

    def _seen(self, access: Access) -> list[Seen]:
        data = self._data(access)
        then = self._readable_then(access)
        names = {f.attname: f.name for f in self.type.fields.values() if f.readable(access)}
        rows = []
        for entry, (before, after) in zip(self.entries, then, strict=True):
            now, masked = data.get(entry.pk, (None, []))
            fields = [names[column] for column in entry.columns if column in names]
            match entry.action:
                case "created":
                    rows.append(Seen(False, now is not None or after, fields, now or b"null", masked))
                case "deleted":
                    rows.append(Seen(before, False, [], b"null", []))
                case _ if now is not None and not self.type.default_rows:
                    # As far as anybody knows it was readable before, too.
                    rows.append(Seen(True, True, fields, now, masked))
                case _:
                    rows.append(Seen(before, now is not None or after, fields, now or b"null", masked))
        return rows

    def _data(self, access: Access) -> dict[int, tuple[bytes, list[str]]]:
        """Of the rows that such a principal may read now: primary key → JSON, and what is masked in it."""
        keys = sorted({entry.pk for entry in self.entries if entry.action != "deleted"})
        data: dict[int, tuple[bytes, list[str]]] = {}
        for start in range(0, len(keys), 512):
            some = keys[start : start + 512]
            padded = some + some[-1:] * (padded_length(len(some)) - len(some))
            compiled = plan(by_keys(Read(self.type.name, access), len(padded)))
            rows = compiled.rows(padded)
            for row, values in zip(rows, compiled.dicts(rows, self.account_public_id), strict=True):
                data[row[compiled.key_index]] = to_json(values), compiled.masked([row])
        return data

    def _readable_then(self, access: Access) -> list[tuple[bool, bool]]:
        """For each entry: whether the row was readable before, and right after it."""
        states = [({"id": e.pk, **e.state_before}, {"id": e.pk, **e.state}) for e in self.entries]
        parents = self._readable_parents(access, states)

        def readable(state: dict[str, Any]) -> bool:
            hangs_well = all(state[f"{relation}_id"] in keys for relation, keys in parents.items())
            return hangs_well and self.type.was_readable(access, state)

        known = self.type.default_rows  # else only the database knows what is readable
        return [(readable(before), known and readable(after)) for before, after in states]

    def _readable_parents(self, access: Access, states: Sequence[tuple[dict[str, Any], ...]]) -> dict[str, set[int]]:
        """Of the rows that must be public too, for guests, or have a value, by `row_rules`: which are so now."""
        parents: dict[str, Any] = {}
        if self.type.public_only(access) and self.type.default_rows:
            parents = {relation: self.type.related(relation).rows(access) for relation in self.type.public_parents}
        for rule in self.type.rules_for(access):
            rows = parents.get(rule.relation, self.type.related(rule.relation).model.objects.all())
            parents[rule.relation] = rows.filter(**{rule.field: rule.value})
        return {
            relation: set(rows.filter(pk__in=_values(states, f"{relation}_id")).values_list("pk", flat=True))
            for relation, rows in parents.items()
        }

    # --- where it hangs

    def _places(self, way: Way) -> list[tuple[Any, Any]]:
        ancestor, path = way
        if not isinstance(path, str):
            type_field, id_field = path
            return [
                (_generic(entry.state_before, ancestor, type_field, id_field), _generic(entry.state, ancestor, *path))
                for entry in self.entries
            ]
        first, _, rest = path.partition("__")
        column = f"{first}_id"
        if not rest:
            return [(entry.state_before.get(column), entry.state.get(column)) for entry in self.entries]
        states = [(entry.state_before, entry.state) for entry in self.entries]
        above = dict(
            self.type.related(first)
            .model.objects.filter(pk__in=_values(states, column))
            .values_list("pk", f"{rest}_id")
        )
        return [(above.get(before.get(column)), above.get(after.get(column))) for before, after in states]


def _generic(state: dict[str, Any], ancestor: str, type_field: str, id_field: str) -> Any:
    return state.get(id_field) if state.get(type_field) == ancestor else None


def _values(states: Iterable[tuple[dict[str, Any], ...]], column: str) -> set[int]:
    return {value for pair in states for state in pair if (value := state.get(column)) is not None}
