"""Headings → what their cells are about: a field, an object referred to, or nothing that is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from crud.tables.importing.problems import RowError
from kernel.errors import shorten
from tenancy.principal import Principal

LOOKUPS = ("id", "external_id", "code")
"""How an object can be named in a cell, the surest first."""
BY_NAME = "name"
"""How one that is referred to can be named besides: by its name, or its code."""
LEAVE_OUT = "-"
"""As what a heading is mapped to: the column is not read."""


class ColumnRole(Enum):
    KEY = "the object's own id"
    VALUE = "a field"
    REFERENCE = "an object that a field refers to"
    ROOT = "the object that stands above all: an event, for what belongs to one"
    LEFT_OUT = "shown by exports, not written"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    index: int
    heading: str
    role: ColumnRole
    field: Field | None = None
    lookup: str = ""
    """Of LOOKUPS, or BY_NAME."""


@dataclass(frozen=True, slots=True)
class Root:
    """What all required parents of a type lead up to. Codes are told apart within it."""

    name: str
    path: str
    """The relations up to it, joined by __; "" where the type stands above all itself."""

    @property
    def key_path(self) -> str:
        return f"{self.path}_id" if self.path else "pk"


@lru_cache(maxsize=256)
def root_of(type_name: str) -> Root:
    path: list[str] = []
    object_type = registry[type_name]
    while relation := required_parent(object_type):
        path.append(relation)
        object_type = object_type.related(relation)
    return Root(object_type.name, "__".join(path))


def required_parent(object_type: ObjectType) -> str:
    """The first parent, the account aside, that every object of the type has; "" for none."""
    for relation in object_type.parents:
        if relation != "account" and not object_type.model._meta.get_field(relation).null:
            return relation
    return ""


def name_column(object_type: ObjectType) -> str:
    """The field that people call an object by; "" for none."""
    return next((name for name in ("name", "full_name") if name in object_type.fields), "")


def normal(heading: str) -> str:
    """`Session Code` → `session_code`; letters, their marks and digits of any script stay. Signs alone stay, too."""
    text = unicodedata.normalize("NFKC", heading).casefold().strip()
    words = "".join(c if c.isalnum() or c == "_" or unicodedata.category(c)[0] == "M" else " " for c in text)
    return re.sub(r"[ _]+", "_", words).strip("_") or text


class Mapping:
    """Heading → field, as somebody says it: as it is spelt, else as `normal` has it where that is unambiguous."""

    def __init__(self, given: dict[str, str]) -> None:
        self.exact = {unicodedata.normalize("NFC", heading).strip(): name for heading, name in given.items()}
        keys = [normal(heading) for heading in self.exact]
        self.normal = {normal(heading): heading for heading in self.exact if keys.count(normal(heading)) == 1}
        self.unused = dict.fromkeys(self.exact)

    def field_of(self, heading: str) -> str | None:
        spelt = unicodedata.normalize("NFC", heading).strip()
        known = spelt if spelt in self.exact else self.normal.get(normal(heading))
        if known not in self.unused:
            return None  # a second heading of this name
        del self.unused[known]
        return self.exact[known]


@lru_cache(maxsize=256)
def _labels(type_name: str) -> dict[str, str]:
    fields = registry[type_name].fields
    labels: dict[str, list[str]] = {}
    for field in fields.values():
        labels.setdefault(normal(str(field.model_field.verbose_name)), []).append(field.name)
    return {label: names[0] for label, names in labels.items() if len(names) == 1 and label not in fields}


@dataclass(slots=True)
class Headings:
    """The headings of one file, for one type and principal."""

    object_type: ObjectType
    principal: Principal
    mapping: dict[str, str]
    """Heading → field, for headings that are none."""
    ignore_extra: bool

    def read(self, headings: list[str]) -> tuple[list[SheetColumn], list[RowError]]:
        columns: list[SheetColumn] = []
        errors: list[RowError] = []
        taken: dict[tuple[ColumnRole, Field | None, str], str] = {}
        mapping = Mapping(self.mapping)
        for index, heading in enumerate(headings):
            if not heading:
                continue
            mapped = mapping.field_of(heading)
            if mapped == LEAVE_OUT:
                columns.append(SheetColumn(index, heading, ColumnRole.LEFT_OUT))
                continue
            column = self._column(index, heading, mapped) if mapped else self._meant(index, heading)
            if column is None:
                known = ", ".join(self.known())
                errors.append(RowError(1, shorten(heading), f"There is no such field. Known: {known}."))
                continue
            place = (column.role, column.field, column.lookup)
            if column.role is not ColumnRole.LEFT_OUT and place in taken:
                errors.append(RowError(1, heading, f"It says the same as the column {taken[place]}."))
            elif column.role in (ColumnRole.VALUE, ColumnRole.REFERENCE) and not self._may_write(column):
                errors.append(RowError(1, heading, "You may not write it."))
            taken[place] = heading
            columns.append(column)
        errors += [RowError(1, shorten(name), "The file has no such column.") for name in mapping.unused]
        return _surest(columns), errors

    def _meant(self, index: int, heading: str) -> SheetColumn | None:
        """What a heading says that is not mapped."""
        name = normal(heading)
        label = self._labels().get(name)
        column = self._column(index, heading, label or name)
        if column is None or column.role is not ColumnRole.REFERENCE or column.field is None:
            return column
        if label and BY_NAME in self._lookups(column.field):
            return replace(column, lookup=BY_NAME)  # people write names below what the form calls a reference
        if column.lookup == BY_NAME and name in self._shown_only():
            return SheetColumn(index, heading, ColumnRole.LEFT_OUT)
        return column

    def guess(self, heading: str) -> str:
        """What the heading says by itself: one of `known`, or "" for what says nothing, or is not written."""
        if normal(heading) in self.known():
            return normal(heading)
        column = self._meant(0, heading) if heading else None
        if column is None or column.role is ColumnRole.LEFT_OUT:
            return ""
        if column.role is ColumnRole.VALUE:
            return column.field.name if column.field else ""
        if column.role is ColumnRole.KEY:
            return "id"
        subject = column.field.name.removesuffix("_id") if column.field else root_of(self.object_type.name).name
        return f"{subject}_{column.lookup}"

    def known(self) -> list[str]:
        """The headings that are understood."""
        names = ["id"]
        for field in self.object_type.fields.values():
            if field.kind is Kind.REFERENCE and field.writable(self.principal) and field.name != "account_id":
                names += [f"{field.name.removesuffix('_id')}_{lookup}" for lookup in self._lookups(field)]
            elif field.writable(self.principal):
                names.append(field.name)
        return names + [f"{root_of(self.object_type.name).name}_{lookup}" for lookup in self._root_lookups()]

    def _labels(self) -> dict[str, str]:
        """What forms call the fields, as headings → their names; but a field's own name means that field."""
        return _labels(self.object_type.name)

    def _may_write(self, column: SheetColumn) -> bool:
        assert column.field is not None
        return column.field.writable(self.principal)

    def _column(self, index: int, heading: str, name: str) -> SheetColumn | None:
        field = self.object_type.fields.get(name)
        if name == "id":
            return SheetColumn(index, heading, ColumnRole.KEY)
        if field is not None:
            if field.read_only or (self.ignore_extra and not field.writable(self.principal)):
                return SheetColumn(index, heading, ColumnRole.LEFT_OUT)
            if field.kind is Kind.REFERENCE:
                return SheetColumn(index, heading, ColumnRole.REFERENCE, field, "id")
            return SheetColumn(index, heading, ColumnRole.VALUE, field)
        if column := self._reference(index, heading, name):
            return column
        if name in self._shown_only() or self.ignore_extra:
            return SheetColumn(index, heading, ColumnRole.LEFT_OUT)
        return None

    def _reference(self, index: int, heading: str, name: str) -> SheetColumn | None:
        for lookup in (*LOOKUPS, BY_NAME):
            subject = name.removesuffix("_full_name" if name.endswith("_full_name") else f"_{lookup}")
            if subject == name:
                continue
            for field in self.object_type.fields.values():
                if field.kind is not Kind.REFERENCE or lookup not in self._lookups(field):
                    continue
                relation = field.name.removesuffix("_id")
                assert field.refers_to is not None
                same_name = [relation, registry[field.refers_to].alias if relation == field.refers_to else ""]
                if subject in filter(None, same_name):
                    return SheetColumn(index, heading, ColumnRole.REFERENCE, field, lookup)
            root = root_of(self.object_type.name)
            if subject == root.name and lookup in self._root_lookups():
                return SheetColumn(index, heading, ColumnRole.ROOT, None, lookup)
        return None

    def _lookups(self, field: Field) -> list[str]:
        if field.refers_to not in registry or field.name == "account_id":
            return ["id"]
        target = registry[field.refers_to]
        by_name = [BY_NAME] if name_column(target) else []
        return [lookup for lookup in LOOKUPS if lookup in target.fields] + by_name

    def _root_lookups(self) -> list[str]:
        root = root_of(self.object_type.name)
        if "__" not in root.path:
            return []  # the type refers to it itself, or stands above all
        return [lookup for lookup in LOOKUPS if lookup in registry[root.name].fields]

    def _shown_only(self) -> set[str]:
        """What views add for readers."""
        return set(self._views()) | {f"{child}_count" for child in self.object_type.counts}

    def _views(self) -> Iterator[str]:
        for paths in self.object_type.views.values():
            for path in paths:
                yield path.replace(".", "_")


def _surest(columns: list[SheetColumn]) -> list[SheetColumn]:
    """A name beside an id or a code is what exports show of the same object: it is not read."""
    sure = {column.field for column in columns if column.role is ColumnRole.REFERENCE and column.lookup != BY_NAME}
    return [
        replace(column, role=ColumnRole.LEFT_OUT, field=None, lookup="")
        if column.role is ColumnRole.REFERENCE and column.lookup == BY_NAME and column.field in sure
        else column
        for column in columns
    ]
