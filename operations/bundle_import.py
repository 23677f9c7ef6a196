"""Taking a bundle in: every object under the id that it had, once; the newer of two versions stays.

What it holds is held to the rules of the API, whoever made it: fields, `ObjectType.validate`, references, bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.core.exceptions import ValidationError

from crud import ObjectType, registry
from crud.declare.fields import Field, Kind
from crud.declare.values import parse, parse_for_field
from crud.models import Turn
from files.store import rows_follow
from kernel.database_errors import TRANSLATED, translate
from kernel.errors import shorten
from kernel.ids import is_id
from kernel.model_fields import LookupField
from kernel.request_context import begin_warnings, current_warnings
from kernel.transactions import in_transaction
from lookups.lookup_types import TYPES
from lookups.models.lookup_row import place_of
from operations.archive import ArchiveReader
from operations.bundle import BundleError, carried, in_order, with_own_secrets
from operations.bundle_origin import Terms, check_origin
from operations.file_bytes import PREFIX, take_files
from operations.importing import operator_of
from tenancy.context import every_tenant, tenant
from tenancy.principal import BY_BUNDLE, SYSTEM, Principal, acting_as

log = logging.getLogger("operations.bundle")
BATCH = 500
FOLLOWS_FROM_BYTES = ("hash_sha256", "size", "subdirectory_path", "content_type", "status", "status_message")
Line = dict[str, Any]


@dataclass(slots=True)
class BundleOutcome:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer: int = 0
    """Objects that were changed here since, and stay so."""
    files: int = 0
    without_bytes: int = 0
    """Files whose bytes were missing where it was made, and here."""
    warnings: list[str] = field(default_factory=list)
    """What does not fit the rules of today, and was taken as it was."""


def check_bundle(archive: ArchiveReader, terms: Terms) -> None:
    """Raises ArchiveError for a damaged one, BundleError for one of a newer version, or one that is not let in."""
    check_origin(archive, terms)
    archive.verify()
    known = {f"rows/{name}.jsonl" for name in [*registry, *TYPES]}
    if unknown := sorted(set(archive.names("rows/")) - known):
        raise BundleError(f"It was made by a newer version, which has {unknown[0]}; update this one first.")
    if "rows/account.jsonl" not in archive.names("rows/"):
        raise BundleError("It holds no account.")


@rows_follow()
def take_in(archive: ArchiveReader) -> BundleOutcome:
    """Write all that a checked bundle holds, in one transaction, after its files. Raises BundleError, OSError."""
    files = take_files(archive)
    taker = Taker(archive)
    try:
        with acting_as(BY_BUNDLE), begin_warnings():
            outcome = in_transaction(taker.run)
            outcome.warnings = current_warnings()
    except TRANSLATED as error:
        refusal = translate(error, taker.model)
        if refusal is None or refusal.recoverable:
            raise
        raise BundleError(f"It does not fit what is here: {refusal.message}") from error
    outcome.files = files
    log.info("bundle of %s: %s", archive.manifest.get("account_id"), outcome)
    return outcome


@contextmanager
def naming(type_name: str, line: Line, field_name: str = "") -> Iterator[None]:
    """Says of what refuses a value whose value it was."""
    try:
        yield
    except ValidationError as error:
        if not field_name and hasattr(error, "error_dict"):
            field_name = next(iter(error.error_dict))
        place = f"{type_name} {line['id']}, {field_name}" if field_name else f"{type_name} {line['id']}"
        raise BundleError(f"{place}: {error.messages[0]}") from None


@dataclass
class Taker:
    archive: ArchiveReader
    outcome: BundleOutcome = field(default_factory=BundleOutcome)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    """(type, public id) → key, of what was seen so far."""
    model: Any = None
    """Of what is being written."""
    principal: Principal = SYSTEM
    """By whose rights the rows are looked at: those of a manager of the account, once it is there."""
    generic: set[tuple[str, str]] = field(default_factory=set)
    """(type, public id) that new or changed rows name without a foreign key."""

    def run(self) -> BundleOutcome:
        self.outcome, self.keys, self.generic = BundleOutcome(), {}, set()  # after a deadlock it begins again
        account = self._account()
        self.principal = operator_of(account)
        with tenant(account.pk):
            Turn.take(f"import {account.pk}")
            for object_type in in_order():
                name = f"rows/{object_type.name}.jsonl"
                if object_type.name != "account" and name in self.archive.names(name):
                    self._take_type(object_type, name)
            for name, lookup in TYPES.items():
                if f"rows/{name}.jsonl" in self.archive.names("rows/"):
                    self._take_lookups(lookup, account)
        self._refuse_foreign_objects(account)
        return self.outcome

    def _lines(self, name: str) -> Iterator[Line]:
        with self.archive.open(name) as source:
            for text in source:
                try:
                    line = orjson.loads(text)
                except ValueError:
                    raise BundleError(f"{name} holds a line that is no JSON.") from None
                if not isinstance(line, dict) or not is_id(line.get("id")):
                    raise BundleError(f"{name} holds a line without an id.")
                with naming(name, line, "updated_on"):
                    self._moment(line)
                yield line

    def _account(self) -> Any:
        """The account that the bundle is of; made where it is not here."""
        lines = list(self._lines("rows/account.jsonl"))
        if len(lines) != 1 or lines[0]["id"] != self.archive.manifest.get("account_id"):
            raise BundleError("It is not of one account.")
        object_type = registry["account"]
        self.model = object_type.model
        with every_tenant(reason="a bundle may bring an account that is not here yet"):
            account = object_type.model.objects.filter(id_random=lines[0]["id"]).first()
            if account is None:
                account = self._filled(object_type, object_type.model(), lines[0])
                account.save(force_insert=True)
                self._date(account, lines[0])
                self.outcome.created += 1
                return account
        with tenant(account.pk):
            self._update(object_type, account, lines[0])
        return account

    def _take_type(self, object_type: ObjectType, name: str) -> None:
        self.model = object_type.model
        waiting: list[tuple[Line, Field]] = []
        lines = self._lines(name)
        while batch := list(islice(lines, BATCH)):
            ids = [line["id"] for line in batch]
            here = {row.id_random: row for row in object_type.model.objects.filter(id_random__in=ids)}
            self.keys |= {(object_type.name, public_id): row.pk for public_id, row in here.items()}
            new = []
            for line in batch:
                waiting += [(line, spec) for spec in self._own_references(object_type) if self._comes_later(spec, line)]
                own = here.get(line["id"])
                if own is not None:
                    self._update(object_type, own, line)
                else:
                    new.append(self._filled(object_type, object_type.model(), line))
            for row in object_type.model.objects.bulk_create(new, batch_size=100):
                self.keys[object_type.name, row.id_random] = row.pk
            self.outcome.created += len(new)
        for line, spec in waiting:
            row = object_type.model.objects.get(id_random=line["id"])
            setattr(row, spec.attname, self._key(spec, line[spec.name], final=True))
            row.save()
            self._date(row, line)

    def _comes_later(self, spec: Field, line: Line) -> bool:
        """Whether what it refers to is not here yet: then it is further down in the same file."""
        return line.get(spec.name) is not None and self._key(spec, line[spec.name]) is None

    def _own_references(self, object_type: ObjectType) -> list[Field]:
        return [spec for spec in object_type.fields.values() if spec.refers_to == object_type.name]

    def _update(self, object_type: ObjectType, row: Any, line: Line) -> None:
        if object_type.name == "user" and row.super:
            self.outcome.unchanged += 1  # whoever makes bundles of an account has no say in who is above it
            return
        here_since = row.updated_on
        self._filled(object_type, row, line)
        row.derive()
        if not row.changes().keys() - {"updated_on", "default_qry_str"}:
            self.outcome.unchanged += 1
        elif here_since > self._moment(line):
            self.outcome.newer += 1
        else:
            row.save()
            self._date(row, line)
            self.outcome.updated += 1

    def _date(self, row: Any, line: Line) -> None:
        """Saving says "now"; which version is the newer one is told by when its people changed it."""
        type(row).objects.filter(pk=row.pk).update(updated_on=self._moment(line))

    def _moment(self, line: Line) -> Any:
        return parse(Kind.DATETIME, line.get("updated_on"), "UTC")

    def _filled(self, object_type: ObjectType, row: Any, line: Line) -> Any:
        """The row with the values of a line. A new one takes its id and dates as well."""
        fields = {spec.name: spec for spec in carried(object_type)}
        adding = row._state.adding
        lacking = [spec.name for spec in fields.values() if adding and spec.required and spec.name not in line]
        if lacking:
            raise BundleError(f"{object_type.name} {line['id']}, {lacking[0]}: It is required.")
        for name, value in line.items():
            spec = fields.get(name)
            if spec is None:
                raise BundleError(f"It was made by a newer version: '{object_type.name}' has a field {name} there.")
            if name in ("id", "created_on", "updated_on") and not adding:
                continue
            with naming(object_type.name, line, name):
                setattr(row, spec.attname, self._value(spec, value, getattr(row, spec.attname)))
        if adding and object_type.name == "user":
            row.set_unusable_password()  # no password travels; staff give a new one
        with naming(object_type.name, line):
            if object_type.name == "hosted_file":
                self._check_bytes(row)
            object_type.validate(row, self.principal)
        for type_field, id_field in object_type.generic_references:
            self.generic.add((getattr(row, type_field), getattr(row, id_field)))
        return row

    def _check_bytes(self, row: Any) -> None:
        """A row opens the bytes that it names, whoever stored them: they come with it, or its account has them."""
        stored, named = row.stored("hash_sha256"), row.hash_sha256
        if named is None and stored is not None:
            for name in FOLLOWS_FROM_BYTES:
                setattr(row, name, row.stored(name))  # the other server lacks them
        elif named is not None:
            entry = self.archive.manifest["entries"].get(PREFIX + named)
            if entry is not None and row.size not in (None, entry["size"]):
                raise ValidationError({"size": ["Its bytes are of another size."]})
            if entry is None and named != stored and not type(row).objects.filter(hash_sha256=named).exists():
                if named not in self.archive.manifest.get("missing_files", ()):
                    raise ValidationError({"hash_sha256": ["It names bytes that it does not bring."]})
                row.hash_sha256, row.subdirectory_path, row.status = None, None, type(row).Status.FAILED
                row.status_message = "The bytes did not come with the bundle."
                self.outcome.without_bytes += 1
            if not (row.content_type or "").isprintable():  # it becomes a header
                raise ValidationError({"content_type": ["It is no media type."]})

    def _refuse_foreign_objects(self, account: Any) -> None:
        """A file may hang on what is gone, but on nothing of another account."""
        named: dict[str, set[str]] = {}
        for type_name, public_id in self.generic:
            if public_id is not None:
                named.setdefault(type_name, set()).add(public_id)
        for type_name, public_ids in named.items():
            if type_name not in registry:
                raise BundleError(f"It names an object of a type {shorten(type_name)}, which there is not.")
            model = registry[type_name].model
            ordered = sorted(public_ids)
            for start in range(0, len(ordered), BATCH):
                with every_tenant(reason="see whether what a bundle names by its id is another account's"):
                    rows = model.objects.filter(id_random__in=ordered[start : start + BATCH])
                    foreign = rows.exclude(**{model.tenant_column: account.pk}).exists()
                if foreign:
                    raise BundleError(f"It names an object of type {type_name} that is another account's.")

    def _value(self, spec: Field, value: Any, own: Any) -> Any:
        if spec.kind is Kind.REFERENCE:
            return self._key(spec, value)
        parsed = parse_for_field(spec, value, "UTC")
        if isinstance(spec.model_field, LookupField) and parsed:
            # A code of the account's own comes later, and an odd one may have stood there for long; but what the field
            # itself demands, it must be.
            spec.model_field.run_validators(parsed)
        return with_own_secrets(parsed, own) if spec.kind is Kind.JSON and value is not None else parsed

    def _key(self, spec: Field, public_id: Any, *, final: bool = False) -> int | None:
        assert spec.refers_to is not None
        if public_id is None:
            return None
        key = self.keys.get((spec.refers_to, public_id))
        own_type = spec.model_field.model._meta.db_table == spec.refers_to
        if key is None and own_type:
            rows = spec.model_field.related_model.objects.filter(id_random=public_id)
            key = rows.values_list("pk", flat=True).first()
        if key is None and (final or not own_type):
            raise BundleError(f"It holds a {spec.name} that leads to nothing in it.")
        return key

    def _lookup_values(self, lookup: Any, line: Line) -> dict[str, Any]:
        if unknown := sorted(line.keys() - {"id", "updated_on", *lookup.columns}):
            raise BundleError(f"It was made by a newer version: '{lookup.name}' has a field {unknown[0]} there.")
        values = {}
        for name in lookup.columns:
            if name not in line:
                raise BundleError(f"{lookup.name} {line['id']}, {name}: It is required.")
            with naming(lookup.name, line, name):
                values[name] = parse_for_field(lookup.fields[name], line[name], "UTC")
        return values

    def _take_lookups(self, lookup: Any, account: Any) -> None:
        for line in self._lines(f"rows/{lookup.name}.jsonl"):
            values = self._lookup_values(lookup, line)
            place = place_of(account.pk, values["for_type"], values["for_id"], values["group"])
            row = lookup.model.objects.filter(place=place).first()
            adding = row is None
            if row is None:
                row = lookup.model(account_id=account.pk, id_random=line["id"])
            for name, value in values.items():
                setattr(row, name, value)
            with naming(lookup.name, line):
                row.clean()
            if row.for_id:
                self.generic.add((row.for_type, row.for_id))
            if not adding and not row.changes():
                self.outcome.unchanged += 1
            elif not adding and row.updated_on > self._moment(line):
                self.outcome.newer += 1
            else:
                row.save()
                lookup.model.objects.filter(pk=row.pk).update(updated_on=self._moment(line))
                self.outcome.created += adding
                self.outcome.updated += not adding
