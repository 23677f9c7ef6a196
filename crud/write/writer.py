"""How objects are written: permission, transaction, lock, change, read-back. The change log is the model's doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from django.db import IntegrityError, transaction

from crud import history
from crud.declare.object_type import ObjectType
from crud.read.page import One, read_many, read_one
from crud.read.parameters import Parameters
from crud.read.resolve import missing
from crud.write.lock import locked_row, locked_rows
from crud.write.payload import PayloadReader
from crud.write.row_writer import METHODS, RowWriter
from crud.write.taken import told_who
from kernel.database_errors import translate
from kernel.errors import ApiError, Duplicate, Invalid, Refused, Stale, TooLarge
from kernel.etag import matches
from kernel.request_context import warn
from kernel.wording import known_names, one_of
from tenancy.principal import Principal

WRITES = ("create", "update", "delete", "hard_delete")
UNREADABLE = "You may not write an object that you could not read."
MAX_BULK = 1_000


def demand(object_type: ObjectType, principal: Principal, verb: str) -> None:
    """Raises Refused unless the principal's role may do this to objects of the type."""
    if not object_type.may(verb, principal):
        if principal.read_only and verb != "read":
            raise Refused("This key may only read.")
        raise Refused(f"You may not {verb.replace('_', ' ')} '{object_type.name}'.")


@dataclass(slots=True)
class Writer(RowWriter[ObjectType, One]):
    """Writes of one request to one type of objects."""

    parameters: Parameters = field(default_factory=Parameters)
    within: list[tuple[str, str]] = field(default_factory=list)
    """Relation path → public id of the parents in the URL."""
    fixed: dict[str, str] = field(default_factory=dict)

    def demand(self, verb: str) -> None:
        demand(self.object_type, self.principal, verb)

    def demand_delete(self, method: str) -> None:
        self.demand("hard_delete" if method == "delete" else "delete")
        scope = self.object_type.scope_of(self.principal.access)
        if scope and method not in scope.delete_methods:
            raise Refused(f"You may not {method} '{self.object_type.name}'.")

    def reader(self) -> PayloadReader:
        return PayloadReader(self.object_type, self.principal, self.permissive, self.fixed)

    def bulk(self, body: Any, method: str) -> dict[str, Any]:
        """Create, update and delete up to 1,000 objects: all or none. An error says which entry it is about."""
        sections = _bulk_sections(body)
        if not any(sections.values()) and not any(self.object_type.may(verb, self.principal) for verb in WRITES):
            self.demand("update")  # nothing to do is not for whoever may do nothing either
        for section, verb in (("create", "create"), ("update", "update")):
            if sections[section]:
                self.demand(verb)
        if sections["delete"]:
            if method not in METHODS:
                raise Invalid.field("method", one_of(METHODS))
            self.demand_delete(method)
        return self._run(lambda: self._bulk(sections, method))

    def _bulk(self, sections: dict[str, list[Any]], method: str) -> dict[str, Any]:
        reader = self.reader()
        locked = self._lock_all(sections)
        with history.gathered():
            rows, made = self._prepare(sections["create"], reader)
            if rows:
                self._insert(rows)
            updated = self._update_all(sections["update"], locked, reader)
            for index, public_id in enumerate(sections["delete"]):
                with _Entry("delete", index, self.object_type):
                    self._delete(locked[public_id], method)
        for row in rows:
            self._warn(row, None)
        return {"created": self._read_all("create", made), "updated": updated, "deleted": sections["delete"]}

    def _prepare(self, items: list[Any], reader: PayloadReader) -> tuple[list[Any], list[Any]]:
        """The rows to insert, and those of all entries, as some may be there already."""
        rows, made = [], []
        for index, item in enumerate(items):
            with _Entry("create", index, self.object_type):
                row = self.object_type.model()
                reader.apply(row, item, creating=True)
                self._validate(row)
                row.derive()
                there = self.already(row)
                if there is not None:
                    there.save()
                else:
                    rows.append(row)
                made.append(there or row)
        return rows, made

    def _update_all(self, items: list[Any], locked: dict[str, Any], reader: PayloadReader) -> list[dict[str, Any]]:
        """Read back together, unless the entries change a row twice: each shows what it made of it."""
        rows = [locked[item["id"]] for item in items]
        each = len({item["id"] for item in items}) < len(items)
        updated = []
        for index, (item, row) in enumerate(zip(items, rows, strict=True)):
            with _Entry("update", index, self.object_type):
                self._change(row, {name: value for name, value in item.items() if name != "id"}, reader)
                if each:
                    updated.append(self.read_back(row).data)
        return updated if each else self._read_all("update", rows)

    def _read_all(self, section: str, rows: list[Any]) -> list[dict[str, Any]]:
        found = read_many(self.object_type, self.principal, [row.pk for row in rows], self.parameters)
        for index, row in enumerate(rows):
            if row.pk not in found:
                with _Entry(section, index, self.object_type):
                    raise Refused(UNREADABLE)
        return [found[row.pk] for row in rows]

    def _lock_all(self, sections: dict[str, list[Any]]) -> dict[str, Any]:
        """Every row that a bulk request changes, by its id. They are locked in one order whatever the request's is:
        two requests that name the same rows wait for each other, where they would else meet in a deadlock."""
        named = []
        for index, item in enumerate(sections["update"]):
            if not isinstance(item, dict) or not isinstance(item.get("id"), str):
                with _Entry("update", index, self.object_type):
                    raise Invalid.field("id", "Each entry of update names its id.")
            named.append((item["id"], "update", index))
        for index, public_id in enumerate(sections["delete"]):
            if not isinstance(public_id, str):
                with _Entry("delete", index, self.object_type):
                    raise Invalid.field("delete", "Give ids.")
            named.append((public_id, "delete", index))
        found: dict[str, Any] = {}
        if self.object_type.readable_by(self.principal.access):
            found = locked_rows(self.object_type, self.principal, sorted({public_id for public_id, _, _ in named}))
        for public_id, section, index in sorted(named):
            with _Entry(section, index, self.object_type):
                self._demand_found(found.get(public_id), public_id)
        return found

    def _insert(self, rows: list[Any]) -> None:
        """In few statements; when the database refuses one of the rows, again one by one, to say which."""
        try:
            with transaction.atomic():
                self.object_type.model.objects.bulk_create(rows, batch_size=200)
        except IntegrityError:
            for index, row in enumerate(rows):
                row.pk = None
                with _Entry("create", index, self.object_type):
                    self.written = row
                    row.save(force_insert=True)
            raise

    def _lock(self, public_id: str) -> Any:
        """The row, locked until the transaction ends. Raises Refused, NotFound, or Stale against If-Match."""
        row = None
        if self.object_type.readable_by(self.principal.access):
            row = locked_row(self.object_type, self.principal, public_id, self.within)
        self._demand_found(row, public_id)
        return row

    def _demand_found(self, row: Any, public_id: str) -> None:
        if row is None:
            raise missing(self.object_type, self.principal, public_id, below=bool(self.within))
        if self.if_match and not matches(self.if_match, self.object_type.name, row.pk, row.updated_on):
            raise Stale

    def _validate(self, row: Any) -> None:
        for rule in self.object_type.rules_for(self.principal.access):
            # Before it is written: a unique value that is taken would tell of a row that is not theirs to read.
            parents = self.object_type.related(rule.relation).model.objects
            key = getattr(row, f"{rule.relation}_id")
            if not parents.filter(pk=key, **{rule.field: rule.value}).exists():
                raise Refused(UNREADABLE)
        self.object_type.validate(row, self.principal)

    def already(self, row: Any) -> Any:
        return self.object_type.already(row)

    def _warn(self, row: Any, changed: frozenset[str] | None) -> None:
        for sentence in self.object_type.warnings(row, changed):
            warn(sentence)

    def read_back(self, row: Any) -> One:
        """What was written, through the reader's own filter: who can't read it did not write it."""
        one = read_one(self.object_type, self.principal, row.id_random, self.parameters, self.within)
        if one is None:
            raise Refused(UNREADABLE)
        return one

    def _gone(self, row: Any) -> ApiError:
        return missing(self.object_type, self.principal, row.id_random)

    def _taken(self, duplicate: Duplicate) -> Duplicate:
        if self.written is None:
            return duplicate
        return told_who(duplicate, self.object_type, self.principal, self.written)


class _Entry:
    """Names the entry of a bulk request that an error is about."""

    def __init__(self, section: str, index: int, object_type: ObjectType) -> None:
        self.place = {"section": section, "index": index}
        self.object_type = object_type

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        translated = translate(error, self.object_type.model) if isinstance(error, Exception) else None
        if isinstance(translated, ApiError) and not translated.recoverable:
            translated.extra["row"] = self.place
            if translated is not error:
                raise translated from error


def _bulk_sections(body: Any) -> dict[str, list[Any]]:
    if not isinstance(body, dict):
        raise Invalid("The body must be an object with create, update, delete.")
    sections: dict[str, list[Any]] = {"create": [], "update": [], "delete": []}
    for name, items in body.items():
        if name not in sections:
            raise Invalid.field(name, known_names(sections))
        if not isinstance(items, list):
            raise Invalid.field(name, "Give a list.")
        sections[name] = items
    if sum(map(len, sections.values())) > MAX_BULK:
        raise TooLarge(f"At most {MAX_BULK} entries in all.")
    return sections
