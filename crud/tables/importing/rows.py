"""Rows of a file → objects as they would be written, each held to the rules of the API by `crud.write.payload`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from crud.declare.code_lists import as_meant
from crud.declare.fields import Field, Kind
from crud.declare.moments import zone
from crud.declare.object_type import ObjectType, registry
from crud.tables.importing.cell_values import (
    clean_name,
    is_empty,
    payload_value,
    quoted,
    says_what_is_stored,
    text_of,
)
from crud.tables.importing.columns import BY_NAME, LOOKUPS, ColumnRole, SheetColumn, required_parent, root_of
from crud.tables.importing.problems import RowError
from crud.tables.importing.references import ASKED_AT_ONCE, OTHER_NAMES, Directory, Found, same
from crud.tables.importing.table import Row, SheetTable
from crud.write.payload import PayloadReader
from kernel.database_errors import translate
from kernel.errors import ApiError, shorten
from kernel.ids import RESERVED, is_id
from tenancy.context import CrossTenantError
from tenancy.principal import Principal

MOST_CODES = 5


@dataclass(frozen=True, slots=True)
class CellChange:
    """What would become of one row of the file."""

    row: int
    action: str
    """`create`, `update`, or `none` where the object is as the file says already."""
    public_id: str | None
    """None for an object that is still to be made."""
    label: str
    fields: tuple[str, ...] = ()
    """The fields that an update would change."""
    values: tuple[tuple[str, str], ...] = ()
    """What the row's fields would be, as it was read: (field, value); times on the account's clock, with their zone."""


@dataclass(slots=True)
class RowDraft:
    """One row of the file as an object that could be written."""

    number: int
    row: Any
    action: str
    fields: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    written: bool = False

    def change(self) -> CellChange:
        public_id = None if self.action == "create" else self.row.id_random
        return CellChange(self.number, self.action, public_id, str(self.row), self.fields, self.values)


@dataclass(slots=True)
class ImportEntry:
    """One row of the file while it is being understood."""

    row: Row
    texts: dict[SheetColumn, str] = field(default_factory=dict)
    """What the columns that name objects say; only those with a value."""
    root: int | None = None
    references: dict[str, str | None] = field(default_factory=dict)
    existing: Found | None = None
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, column: str, message: str, cell: Any = None) -> None:
        """`cell`: what stands there, to be quoted."""
        self.errors.append(RowError(self.row.number, column, message, quoted(cell)))


class RowReader:
    """For one type, principal and set of columns. `read` may be called again: it keeps nothing of the database."""

    def __init__(
        self, object_type: ObjectType, principal: Principal, columns: list[SheetColumn], table: SheetTable
    ) -> None:
        self.type = object_type
        self.principal = principal
        self.columns = columns
        self.time_zone = "UTC" if table.from_us else principal.time_zone
        self.in_workbook = table.is_workbook
        self.root = root_of(object_type.name)
        self.parent = f"{required_parent(object_type)}_id"
        self.directory = Directory(principal)

    # for people

    def notes(self, table: SheetTable) -> list[str]:
        notes = [*table.notes]
        if left_out := [column.heading for column in self.columns if column.role is ColumnRole.LEFT_OUT]:
            notes.append(f"Left out, as they are not written: {', '.join(left_out)}.")
        if any(column.field and column.field.kind is Kind.DATETIME for column in self.columns):
            notes.append(f"Times without an offset are read as {self.time_zone}.")
        if not any(self._names_itself(column) for column in self.columns):
            notes.append("Without a column id, external_id or code, every row makes a new object, each time again.")
        return notes

    def heading_of(self, name: str) -> str:
        """The column of the file behind a field; the field's own name where the file has none."""
        for column in self.columns:
            if column.field is not None and column.field.name == name:
                return column.heading
        return name

    def _names_itself(self, column: SheetColumn) -> bool:
        own_key = column.role is ColumnRole.VALUE and column.field is not None and column.field.name in LOOKUPS
        return column.role is ColumnRole.KEY or own_key

    # reading

    def read(self, rows: list[Row], *, lock: bool = False) -> tuple[list[RowDraft], list[RowError]]:
        """The rows that are right, and what is wrong with the others. `lock`: keep the objects from being changed."""
        self.directory = Directory(self.principal)
        entries = [ImportEntry(row) for row in rows]
        for entry in entries:
            self._take_texts(entry)
        self._look_up(entries)
        for entry in entries:
            self._refer_upwards(entry)
            self._match(entry)
            self._refer_sideways(entry)
        stored = self._stored(entries, lock)
        reader = PayloadReader(self.type, self.principal)
        drafts: list[RowDraft] = []
        row_of_key: dict[Any, int] = {}
        for entry in entries:
            if self._only_once(entry, row_of_key):
                draft = self._draft(entry, stored, reader)
                if draft is not None:
                    drafts.append(draft)
        return drafts, [error for entry in entries for error in entry.errors]

    def _cell(self, entry: ImportEntry, column: SheetColumn) -> Any:
        cells = entry.row.cells
        return cells[column.index] if column.index < len(cells) else None

    def _take_texts(self, entry: ImportEntry) -> None:
        for column in self.columns:
            if column.role in (ColumnRole.VALUE, ColumnRole.LEFT_OUT) and not self._names_itself(column):
                continue
            cell = self._cell(entry, column)
            if is_empty(cell):
                continue
            try:
                text = text_of(cell).strip()
            except ValidationError as error:
                if column.role is not ColumnRole.VALUE:  # a field's own cell is judged with the other fields
                    entry.refuse(column.heading, error.messages[0], cell)
                continue
            entry.texts[column] = text if self._target(column)[1] == "id" else clean_name(text)

    def _look_up(self, entries: list[ImportEntry]) -> None:
        for column in self.columns:
            target, lookup = self._target(column)
            if target is not None:
                texts = (entry.texts[column] for entry in entries if column in entry.texts)
                self.directory.look_up(target, lookup, texts)

    def _target(self, column: SheetColumn) -> tuple[ObjectType | None, str]:
        """The type whose objects the cells of a column name, and by what."""
        match column.role:
            case ColumnRole.KEY:
                return self.type, "id"
            case ColumnRole.ROOT:
                return registry[self.root.name], column.lookup
            case ColumnRole.REFERENCE if column.field and column.field.refers_to and column.field.name != "account_id":
                return registry[column.field.refers_to], column.lookup
            case ColumnRole.VALUE if column.field and column.field.name in LOOKUPS:
                return self.type, column.field.name
            case _:
                return None, ""

    # what the row refers to

    def _refer_upwards(self, entry: ImportEntry) -> None:
        """Find the row's parent, and with it what the row belongs to in the end."""
        for column, text in entry.texts.items():
            if column.role is ColumnRole.ROOT and (match := self._one(entry, column, text)):
                entry.root = match.pk
        for column, text in entry.texts.items():
            if self._is_parent(column):
                self._refer_by(entry, column, text)

    def _refer_sideways(self, entry: ImportEntry) -> None:
        for column, text in entry.texts.items():
            if column.role is ColumnRole.REFERENCE and not self._is_parent(column):
                self._refer_by(entry, column, text)

    def _is_parent(self, column: SheetColumn) -> bool:
        return column.role is ColumnRole.REFERENCE and column.field is not None and column.field.name == self.parent

    def _refer_by(self, entry: ImportEntry, column: SheetColumn, text: str) -> None:
        assert column.field is not None
        name = column.field.name
        if name == "account_id":
            entry.references[name] = text  # crud.write.payload compares it with the account
            return
        match = self._one(entry, column, text)
        if match is None:
            return
        if entry.references.setdefault(name, match.public_id) != match.public_id:
            entry.refuse(column.heading, "It names another object than the row's other column for it.", text)
        if name == self.parent:
            if entry.root not in (None, match.root):
                entry.refuse(column.heading, f"It belongs to another {self.root.name}.", text)
            entry.root = match.root

    def _one(self, entry: ImportEntry, column: SheetColumn, text: str) -> Found | None:
        """The only object that a cell can mean."""
        target, lookup = self._target(column)
        assert target is not None
        candidates = self._candidates(entry, column, text)
        kin = root_of(target.name)
        for other in OTHER_NAMES if lookup == BY_NAME else ():
            candidates = candidates or self._candidates(entry, replace(column, lookup=other), text)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            entry.refuse(column.heading, "It refers to no object.", text)
            return None
        codes = sorted(filter(None, (candidate.code for candidate in candidates)))
        if lookup == BY_NAME and len(codes) == len(candidates):
            message = f"{len(codes)} objects are named so; write the code: {' or '.join(codes[:MOST_CODES])}."
            entry.refuse(column.heading, message, text)
            return None
        hint = f"; a column {self.root.name}_code or {self.root.name}_id tells them apart" if kin.path else ""
        entry.refuse(column.heading, f"{len(candidates)} objects are named so{hint}.", text)
        return None

    def _candidates(self, entry: ImportEntry, column: SheetColumn, text: str) -> list[Found]:
        """Those of what the row belongs to, where that is known."""
        target, lookup = self._target(column)
        assert target is not None
        candidates = self.directory.named(target, lookup, text)
        akin = column.role is ColumnRole.REFERENCE and root_of(target.name).name == self.root.name
        if akin and lookup != "id" and entry.root is not None:
            return [one for one in candidates if one.root == entry.root]
        return candidates

    # which object the row is

    def _match(self, entry: ImportEntry) -> None:
        """Find the object that the row is about, if there is one."""
        texts = {
            self._target(column)[1]: (column, text)
            for column, text in entry.texts.items()
            if self._names_itself(column)
        }
        if "id" in texts:
            column, text = texts["id"]
            by_id = self.directory.named(self.type, "id", text)
            if not by_id and (not is_id(text) or text in RESERVED):
                entry.refuse(column.heading, "Give an id.", text)
            entry.existing = by_id[0] if by_id else None
        elif "external_id" in texts:
            entry.existing = self._matched(entry, *texts["external_id"])
            if entry.existing is None and "code" in texts:  # one that has had no external id so far
                entry.existing = self._matched(entry, *texts["code"], without_external_id=True)
        elif "code" in texts:
            entry.existing = self._matched(entry, *texts["code"])
        if entry.existing is not None and entry.root is None:
            entry.root = entry.existing.root

    def _own_names(self, entry: ImportEntry) -> dict[str, tuple[SheetColumn, str]]:
        """What the row says the object itself is named: of LOOKUPS → column and text."""
        own = ((column, text) for column, text in entry.texts.items() if self._names_itself(column))
        return {self._target(column)[1]: (column, text) for column, text in own}

    def _matched(
        self, entry: ImportEntry, column: SheetColumn, text: str, *, without_external_id: bool = False
    ) -> Found | None:
        assert column.field is not None
        candidates = self.directory.named(self.type, column.field.name, text)
        if self.root.path and entry.root is not None:
            candidates = [match for match in candidates if match.root == entry.root]
        if without_external_id:
            candidates = [match for match in candidates if not match.external_id]
        if len(candidates) > 1:
            entry.refuse(column.heading, f"{len(candidates)} objects have it; give their id.", text)
            return None
        return candidates[0] if candidates else None

    def _stored(self, entries: list[ImportEntry], lock: bool) -> dict[int, Any]:
        keys = sorted({entry.existing.pk for entry in entries if entry.existing is not None})
        rows = self.type.rows(self.principal.access).order_by("pk")
        if lock:
            rows = rows.select_for_update()
        stored: dict[int, Any] = {}
        for start in range(0, len(keys), ASKED_AT_ONCE):
            stored |= {row.pk: row for row in rows.filter(pk__in=keys[start : start + ASKED_AT_ONCE])}
        return stored

    # what it would be

    def _draft(self, entry: ImportEntry, stored: dict[int, Any], reader: PayloadReader) -> RowDraft | None:
        existing = stored.get(entry.existing.pk) if entry.existing is not None else None
        creating = existing is None
        row: Any = self.type.model() if creating else existing
        if creating:
            for column, text in entry.texts.items():
                if column.role is ColumnRole.KEY and not entry.errors:
                    row.id_random = text
        payload = self._payload(entry, existing)
        for column in self.columns:
            target, _ = self._target(column)
            if (
                column.role is ColumnRole.REFERENCE
                and target is not None
                and column.field
                and column.field.name in payload
            ):
                self._remember(reader, target, column, entry)
        refused_references = {error.column for error in entry.errors}
        try:
            reader.apply(row, payload, creating=creating)
            self.type.validate(row, self.principal)
            row.derive()
        except (ApiError, ValidationError, CrossTenantError) as error:
            self._take_refusal(entry, error, refused_references)
            return None
        if entry.errors:
            return None
        if creating:
            return RowDraft(entry.row.number, row, "create", values=self._as_read(row, payload, entry))
        changes = row.changes()
        changed = tuple(name for name, spec in self.type.fields.items() if spec.attname in changes)
        values = self._as_read(row, changed, entry)
        return RowDraft(entry.row.number, row, "update" if changed else "none", changed, values)

    def _as_read(self, row: Any, names: Iterable[str], entry: ImportEntry) -> tuple[tuple[str, str], ...]:
        named = {
            column.field.name: text
            for column, text in entry.texts.items()
            if column.role is ColumnRole.REFERENCE and column.field
        }
        cells = []
        for name in names:
            spec = self.type.fields[name]
            value = getattr(row, spec.attname)
            if spec.kind is Kind.REFERENCE:
                value = named.get(name, entry.references.get(name))
            elif spec.kind is Kind.DATETIME and value is not None:
                value = f"{value.astimezone(zone(self.principal.time_zone)):%Y-%m-%d %H:%M %Z}"
            cells.append((name, "***" if spec.kind.write_only else "" if value is None else shorten(value)))
        return tuple(cells)

    def _remember(self, reader: PayloadReader, target: ObjectType, column: SheetColumn, entry: ImportEntry) -> None:
        """Spare `crud.write.payload` asking again for what the directory knows."""
        assert column.field is not None
        text = entry.texts.get(column)
        public_id = entry.references.get(column.field.name)
        for match in self.directory.named(target, column.lookup, text) if text else []:
            if match.public_id == public_id:
                reader.resolved[target.name, match.public_id] = match.pk

    def _payload(self, entry: ImportEntry, existing: Any) -> dict[str, Any]:
        """What a client would send to say what the row says. An empty cell clears what may be empty."""
        payload: dict[str, Any] = {}
        for column in self.columns:
            spec = column.field
            if spec is None or column.role is ColumnRole.LEFT_OUT:
                continue
            cell = self._cell(entry, column)
            if is_empty(cell):
                if existing is not None and _clears(spec) and not is_empty(getattr(existing, spec.attname)):
                    payload.setdefault(spec.name, None)
            elif column.role is ColumnRole.VALUE:
                try:
                    if not self._stands(spec, cell, existing):
                        payload[spec.name] = payload_value(spec, cell, self.time_zone)
                except ValidationError as error:
                    entry.refuse(column.heading, error.messages[0], None if spec.kind.write_only else cell)
        payload |= as_meant(self.type, payload, existing or self.type.model())
        return payload | entry.references

    def _stands(self, spec: Field, cell: Any, existing: Any) -> bool:
        stored = getattr(existing, spec.attname) if existing is not None else None
        return says_what_is_stored(spec, cell, stored, self.time_zone, in_workbook=self.in_workbook)

    def _take_refusal(self, entry: ImportEntry, error: Exception, refused_headings: set[str]) -> None:
        refusal = translate(error, self.type.model)
        assert refusal is not None
        for name, messages in (refusal.fields or {"": [refusal.message]}).items():
            heading = self.heading_of(name)
            headings = {column.heading for column in self.columns if column.field and column.field.name == name}
            if not headings & refused_headings and heading not in {problem.column for problem in entry.errors}:
                entry.refuse(heading, messages[0], self._cell_of(entry, name))

    def _cell_of(self, entry: ImportEntry, name: str) -> Any:
        """What the row says of a field; None for a secret."""
        for column in self.columns:
            if column.field is not None and column.field.name == name and not column.field.kind.write_only:
                return self._cell(entry, column)
        return None

    def _only_once(self, entry: ImportEntry, row_of_key: dict[Any, int]) -> bool:
        """Whether no row before was about the same object."""
        for key in self._keys(entry):
            if key in row_of_key:
                entry.refuse("", f"It is about the same object as row {row_of_key[key]}.")
                return False
            row_of_key[key] = entry.row.number
        return True

    def _keys(self, entry: ImportEntry) -> list[Any]:
        if entry.existing is not None:
            return [("pk", entry.existing.pk)]
        keys = {name: text for name, (_, text) in self._own_names(entry).items()}
        # An external id outranks the code, as it does for objects that are there already.
        return [(name, entry.root, same(keys[name])) for name in LOOKUPS if name in keys][:1]


def _clears(spec: Field) -> bool:
    """Whether an empty cell says that the field is to be empty. A boolean is never so, and a secret is not shown."""
    return spec.kind is not Kind.BOOLEAN and not spec.kind.write_only
