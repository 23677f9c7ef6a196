"""A spreadsheet → what would change, and the writing of it. Used by `manage.py import_data`, the folder that
files are dropped into, and the admin.

    plan = read(registry["event_session"], principal, file, "sessions.xlsx")
    plan.errors          # what is wrong: [RowError(row, column, message)], all of it
    plan.changes         # what apply() would do: [CellChange(row, action, public_id, label, fields)]
    plan.notes           # sentences for people: columns left out, how times are read
    outcome = plan.apply()

Call both inside the account, `with tenant(account.pk), acting_as(principal)`, with a principal of that account
(`account_id`, `account_public_id`, `time_zone` set). `apply` raises ImportRefused while there are errors, unless the
plan was read with `partial=True`: then it writes the rows that are right. It looks everything up again, in the
transaction that writes: what was changed since the plan was made is seen. Imports of one account wait for each other.

How rows meet objects: by `id`, else by `external_id`, else by `code` below the same event (journal, site: whatever all
required parents lead up to). Nothing found: a new object, with the id that the file gives, if it gives one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from crud.declare.object_type import ObjectType
from crud.models import Turn
from crud.tables.importing.columns import Headings
from crud.tables.importing.problems import ImportRefused, RowError, refuse_file
from crud.tables.importing.rows import CellChange, RowDraft, RowReader
from crud.tables.importing.table import MAX_ROWS, Row, SheetTable, read_table
from crud.write.taken import told_who
from kernel.database_errors import TRANSLATED, translate
from kernel.errors import DatabaseAway, Duplicate, Refused
from kernel.fair_share import dear
from kernel.transactions import in_transaction
from tenancy.context import CrossTenantError, current_scope
from tenancy.principal import Principal

Advance = Callable[[str, int], None]
BATCH: Final = 200
REFUSALS: Final = (IntegrityError, DataError, ValidationError, CrossTenantError)
"""What says that one row can't be written, and nothing about the others."""


@dataclass(slots=True)
class ImportOutcome:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[RowError] = field(default_factory=list)
    """With `partial`: why rows were left out."""


@dataclass(slots=True)
class ImportPlan:
    object_type: ObjectType
    principal: Principal
    table: SheetTable
    reader: RowReader
    partial: bool
    notes: list[str]
    row_count: int
    errors: list[RowError] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """What headings can be mapped to."""
    guesses: dict[str, str] = field(default_factory=dict)
    """Heading → the one of `known` that it says by itself; "" for none."""

    def apply(self, advance: Advance = lambda what, count: None) -> ImportOutcome:
        """Write it, in one transaction. Raises ImportRefused, Refused, DatabaseAway; nothing is written then."""
        if self.errors and not self.partial:
            raise ImportRefused(self.errors)
        try:
            return in_transaction(lambda: self._write(advance))
        except TRANSLATED as error:
            translated = translate(error, self.object_type.model)
            if isinstance(translated, DatabaseAway):
                translated.message = "The database is not available, or another import is running; try again."
            if translated is None:
                raise
            raise translated from error

    def _write(self, advance: Advance) -> ImportOutcome:
        Turn.take(f"import {current_scope()}")
        drafts, errors = self.reader.read(self.table.rows, lock=True)
        outcome = ImportOutcome(refused=errors)
        self._refuse(outcome)
        pending: list[RowDraft] = []
        for draft in drafts:
            if draft.action == "create":
                pending.append(draft)
            elif draft.action == "update":
                self._save(draft, outcome)
                advance("updated", 1)
            else:
                outcome.unchanged += 1
        for start in range(0, len(pending), BATCH):
            self._insert(pending[start : start + BATCH], outcome)
            advance("created", len(pending[start : start + BATCH]))
        self._read_back([draft.row.pk for draft in drafts if draft.action != "none" and draft.written])
        self._refuse(outcome)
        return outcome

    def _refuse(self, outcome: ImportOutcome) -> None:
        if outcome.refused and not self.partial:
            raise ImportRefused(sorted(outcome.refused))

    def _save(self, draft: RowDraft, outcome: ImportOutcome) -> None:
        try:
            with transaction.atomic():
                draft.row.save(force_insert=draft.action == "create")
        except REFUSALS as error:
            outcome.refused.append(self._said(draft, error))
            return
        draft.written = True
        if draft.action == "create":
            outcome.created += 1
        else:
            outcome.updated += 1

    def _insert(self, drafts: list[RowDraft], outcome: ImportOutcome) -> None:
        """In few statements; when one of the rows is refused, again one by one, to say which."""
        try:
            with transaction.atomic():
                self.object_type.model.objects.bulk_create([draft.row for draft in drafts])
        except REFUSALS:
            for draft in drafts:
                draft.row.pk, draft.row._state.adding = None, True
                self._save(draft, outcome)
            return
        for draft in drafts:
            draft.written = True
        outcome.created += len(drafts)

    def _said(self, draft: RowDraft, error: Exception) -> RowError:
        refusal = translate(error, self.object_type.model)
        assert refusal is not None
        if isinstance(refusal, Duplicate):
            refusal = told_who(refusal, self.object_type, self.principal, draft.row)
        name = next(iter(refusal.fields or {}), "")
        return RowError(draft.number, self.reader.heading_of(name), refusal.message)

    def _read_back(self, keys: list[int]) -> None:
        """Through the reader's own filter, as in `crud.write.writer`: who can't read it did not write it."""
        rows = self.object_type.rows(self.principal.access)
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            if rows.filter(pk__in=part).count() != len(part):
                raise Refused("You may not write an object that you could not read.")


def plan_import(
    object_type: ObjectType,
    principal: Principal,
    file: BinaryIO,
    name: str,
    *,
    mapping: dict[str, str] | None = None,
    fixed: dict[str, str] | None = None,
    ignore_extra: bool = False,
    partial: bool = False,
    sheet: str = "",
    most_rows: int = MAX_ROWS,
) -> ImportPlan:
    """Read a file and find out what it would change; writes nothing.

    `name`: of the file; its ending says what it is. `mapping`: heading → field, or "-" to leave it out. `fixed`: field
    → text, as if every row had that column. `ignore_extra`: pass over columns that are no fields. `sheet`: of a
    workbook, its name or its number from 1; without it, the first that is visible. Raises ImportRefused for a file
    that can't be read as a table, Refused where the principal may not write such objects.
    """
    _demand(object_type, principal)
    dear()
    table = _with_columns(read_table(file, name, sheet, most_rows), fixed or {})
    headings = Headings(object_type, principal, mapping or {}, ignore_extra)
    columns, errors = headings.read(table.headings)
    reader = RowReader(object_type, principal, columns, table)
    plan = ImportPlan(object_type, principal, table, reader, partial, reader.notes(table), len(table.rows))
    plan.known, plan.guesses = headings.known(), {heading: headings.guess(heading) for heading in table.headings}
    if errors:
        plan.errors = errors
        plan.partial = False  # what a column means is not a matter of single rows
        return plan
    try:
        drafts, plan.errors = reader.read(table.rows)
    except TRANSLATED as error:
        raise translate(error, object_type.model) or error from error
    plan.changes = [draft.change() for draft in drafts]
    return plan


def _demand(object_type: ObjectType, principal: Principal) -> None:
    if principal.read_only:
        raise Refused("This key may only read.")
    if object_type.model.tenant_column == "id":
        raise refuse_file("Accounts are not made or changed by an import.")
    for verb in ("read", "create", "update"):
        if not object_type.may(verb, principal):
            raise Refused(f"You may not {verb} '{object_type.name}'.")


def _with_columns(table: SheetTable, fixed: dict[str, str]) -> SheetTable:
    if not fixed:
        return table
    width = len(table.headings)
    rows = [Row(row.number, [*row.cells, *[None] * (width - len(row.cells)), *fixed.values()]) for row in table.rows]
    return replace(table, headings=[*table.headings, *fixed], rows=rows)
