"""The rows that an account sees, kept in the process under the names of their state (`LookupVersion`).

One cheap statement a request asks for the names; the rows are read again when a name is another one, so a change is
seen by every process with its next request. Keys are tuples of what was asked, never texts joined together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from lookups.folding import fold
from lookups.lookup_types import LookupType
from lookups.models import LookupVersion
from lookups.models.lookup_row import LookupRow
from lookups.other_names import common_names, official_names
from lookups.zones import zone_named

MAX_SHELVES: Final = 1_000
GLOBAL_LEVEL, ACCOUNT_LEVEL, OBJECT_LEVEL = range(3)
Key = tuple[str, int | None]
ForObject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One row, ready to be answered, with what it is compared by."""

    data: dict[str, Any]
    level: int
    group: str
    """Its group without case: what overrides share."""
    keys: tuple[str, ...]
    """Code, group, what else names it as they do, its name, its other names; folded: what it is found by."""
    ending: str
    """The last part of its code, folded: CO of US-CO, by which it is found among the subdivisions of one country."""
    order: tuple[Any, ...]
    country: str = ""
    zone: ZoneInfo | None = None

    @property
    def for_object(self) -> ForObject:
        return self.data["for_type"], self.data["for_id"]


@dataclass(slots=True)
class Shelf:
    tokens: tuple[str, str]
    candidates: list[Item]
    """The global rows and the account's, in order."""
    for_objects: dict[ForObject, list[Item]] = field(default_factory=dict)
    winners: list[Item] = field(default_factory=list)
    """One a group: the row that stands before the others. It may be disabled."""
    _names: dict[str, list[Item]] | None = None

    def named(self, key: str, for_object: ForObject | None) -> list[Item]:
        """The winners that have this key, in order."""
        if for_object in self.for_objects:
            return [item for item in self.with_object(for_object)[1] if key in item.keys]
        if self._names is None:
            names: dict[str, list[Item]] = {}
            for item in self.winners:
                for name in set(item.keys):
                    names.setdefault(name, []).append(item)
            self._names = names
        return self._names.get(key, [])

    def with_object(self, for_object: ForObject | None) -> tuple[list[Item], list[Item]]:
        """(candidates, winners) seen from an object."""
        overrides = self.for_objects.get(for_object) if for_object else None
        if not overrides:
            return self.candidates, self.winners
        candidates = sorted([*self.candidates, *overrides], key=lambda item: item.order)
        return candidates, winners_of(candidates)


_shelves: dict[Key, Shelf] = {}


def forget() -> None:
    _shelves.clear()


def shelf_for(lookup_type: LookupType, account_id: int | None, account_public_id: str | None) -> Shelf:
    """The names are read before the rows: a change in between is read again, never missed."""
    tokens = LookupVersion.tokens(lookup_type.name, account_id)
    key = (lookup_type.name, account_id)
    remembered = _shelves.get(key)
    if remembered is not None and remembered.tokens == tokens:
        return remembered
    base = _shelves.get((lookup_type.name, None))
    if base is None or base.tokens[0] != tokens[0]:
        base = _global_shelf(lookup_type, tokens[0])
        _keep((lookup_type.name, None), base)
    if account_id is None:
        return base
    shelf = _account_shelf(lookup_type, base, tokens, account_id, account_public_id)
    _keep(key, shelf)
    return shelf


def _keep(key: Key, shelf: Shelf) -> None:
    if len(_shelves) >= MAX_SHELVES:
        _shelves.clear()
    _shelves[key] = shelf


def _global_shelf(lookup_type: LookupType, token: str) -> Shelf:
    items = [item_of(lookup_type, row, None, {}) for row in lookup_type.model.objects.filter(account_id=None)]
    items.sort(key=lambda item: item.order)
    return Shelf((token, ""), items, winners=items)


def _account_shelf(
    lookup_type: LookupType, base: Shelf, tokens: tuple[str, str], account_id: int, account_public_id: str | None
) -> Shelf:
    rows = list(lookup_type.model.objects.filter(account_id=account_id))
    if not rows:
        return Shelf(tokens, base.candidates, winners=base.winners)
    defaults = {item.group: item.data for item in base.candidates}
    candidates, for_objects = list(base.candidates), dict[ForObject, list[Item]]()
    for row in rows:
        item = item_of(lookup_type, row, account_public_id, defaults.get(row.group.casefold(), {}))
        if item.level == OBJECT_LEVEL:
            for_objects.setdefault(item.for_object, []).append(item)
        else:
            candidates.append(item)
    candidates.sort(key=lambda item: item.order)
    return Shelf(tokens, candidates, for_objects, winners_of(candidates))


def winners_of(candidates: Iterable[Item]) -> list[Item]:
    """The object's row before the account's before the global one, of each group; in order."""
    best: dict[str, Item] = {}
    for item in candidates:
        if item.group not in best or item.level > best[item.group].level:
            best[item.group] = item
    return sorted(best.values(), key=lambda item: item.order)


def item_of(lookup_type: LookupType, row: LookupRow, account_public_id: str | None, default: dict[str, Any]) -> Item:
    """`default`: what the global row of the group shows, for the facts that an override leaves out."""
    data: dict[str, Any] = {
        "id": row.id_random,
        "code": row.code,
        "group": row.group,
        "name": row.name,
        "enable": row.enable,
        "hide": row.hide,
        "priority": row.priority,
        "sort": row.sort,
        "account_id": account_public_id,
        "for_type": row.for_type or None,
        "for_id": row.for_id or None,
    }
    for name in row.facts:
        value = getattr(row, name)
        data[name] = default.get(name) if value is None else value
    name, group = fold(row.name), row.group.casefold()
    level = GLOBAL_LEVEL if row.account_id is None else OBJECT_LEVEL if row.for_id else ACCOUNT_LEVEL
    return Item(
        data=data,
        level=level,
        group=group,
        keys=(*map(fold, (row.code, row.group, *_also_named(lookup_type, data))), name, *_others(lookup_type, row)),
        ending=fold(row.code.rpartition("-")[2]),
        order=(not row.priority, row.sort is None, row.sort or 0, name, group, -level),
        country=(data.get("country_group") or "").casefold(),
        zone=(zone_named(row.code) or zone_named(row.group)) if lookup_type.computed else None,
    )


def _also_named(lookup_type: LookupType, data: dict[str, Any]) -> Iterator[str]:
    for name in lookup_type.found_by:
        if value := data.get(name):
            yield value
            if value.isdecimal():
                yield str(int(value))  # a spreadsheet makes 4 of 004


def _others(lookup_type: LookupType, row: LookupRow) -> Iterator[str]:
    """Names that stand in no row: of a country those in use, of a time zone its city. An account that gives a country
    another name of its own has taken the official ones away."""
    names = common_names(lookup_type.name, row.group)
    if row.account_id is None:
        names += official_names(lookup_type.name).get(row.group, ())
    if lookup_type.name == "time_zone" and "/" in row.group:
        names.append(row.group.rpartition("/")[2].replace("_", " "))
    return map(fold, names)
