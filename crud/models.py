"""What every object type's model inherits, and the engine's own tables."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from crud import history
from crud.declare.indexes import TITLES
from kernel.html import html_to_text, sanitise_html
from kernel.model_fields import (
    ExactCharField,
    FullTextIndex,
    HtmlField,
    IdField,
    NormalTextField,
    OwnIdField,
    SearchTextField,
    TextCharField,
)
from kernel.search_text import search_text_of, with_terms
from tenancy.models import TenantManager, TenantQuerySet, TenantRow


@lru_cache(maxsize=256)
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields)


@lru_cache(maxsize=256)
def html_columns_of(model: type[models.Model]) -> frozenset[str]:
    return frozenset(f.attname for f in model._meta.concrete_fields if isinstance(f, HtmlField))


@lru_cache(maxsize=256)
def normal_columns_of(model: type[models.Model]) -> dict[str, NormalTextField]:
    return {f.attname: f for f in model._meta.concrete_fields if isinstance(f, NormalTextField)}


class ObjectQuerySet(TenantQuerySet):
    """Bulk writes that derive, log and announce like single ones. `update()` does not: it is for bookkeeping."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.derive()
        with transaction.atomic(savepoint=False):
            created = super().bulk_create(rows, *args, **kwargs)
            for row in rows:
                row.remember()
            history.record_many([history.Change.created(row) for row in rows])
        return created


class ObjectManager(TenantManager.from_queryset(ObjectQuerySet)):  # type: ignore[misc]
    pass


class TrackedRow(models.Model):
    """Saving that writes only what changed, and logs it. For rows with `id_random`, `created_on` and `updated_on`."""

    class Meta:
        abstract = True

    _stored: dict[str, Any]
    created_on: Any
    updated_on: Any

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert, or update the changed columns only; nothing at all when nothing changed."""
        self.prepare()
        adding = self._state.adding
        changes = {} if adding else self.changes()
        changes.pop("updated_on", None)  # it follows from the others
        if not adding and not changes:
            return
        if adding:
            self.updated_on = self.created_on
        if changes:
            last = self.stored("updated_on")
            self.updated_on = max(timezone.now(), last + timedelta(microseconds=1)) if last else timezone.now()
            kwargs["update_fields"] = [*changes, "updated_on"]
        with transaction.atomic(savepoint=False):
            self.before_write()
            super().save(*args, **kwargs)
            history.record_many([history.Change.created(self) if adding else history.Change.updated(self, changes)])
        self.remember()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic(savepoint=False):
            self.before_write()
            change = history.Change.deleted(self)
            result = super().delete(*args, **kwargs)
            history.record_many([change])
        return result

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **more: Any) -> Self:
        row = super().from_db(db, field_names, values, **more)
        row.remember()
        return row

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        """Of some fields only, the others keep what was changed in them. (A column that was left out when the row was
        loaded is fetched so at its first use.)"""
        fields = None if fields is None else list(fields)
        super().refresh_from_db(using, fields, from_queryset)
        if fields is None:
            self.remember()
        else:
            self._stored |= self._loaded(f.attname for f in self._meta.fields if {f.name, f.attname} & {*fields})

    def remember(self) -> None:
        """Take the loaded columns as what the database holds."""
        self._stored = self._loaded(columns_of(type(self)))

    def _loaded(self, names: Iterable[str]) -> dict[str, Any]:
        loaded = self.__dict__
        return {
            name: copy.deepcopy(value) if isinstance(value := loaded[name], dict | list) else value
            for name in names
            if name in loaded
        }

    def stored(self, attname: str) -> Any:
        """The value that the database holds, as far as this instance knows; None for a new row."""
        return getattr(self, "_stored", {}).get(attname)

    def prepare(self) -> None:
        """Called before a single row is compared with what is stored: what `derive` fills in, and more."""
        self.derive()

    def derive(self) -> None:
        """Fill the columns that follow from others. Called before every write, single or bulk."""

    def before_write(self) -> None:
        """Called in the transaction of a change, before it."""

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """attname → (stored value, value now) of the columns that differ."""
        now = {name: self.__dict__[name] for name in columns_of(type(self)) if name in self.__dict__}
        return {
            name: (self.stored(name), value) for name, value in now.items() if history.differ(self.stored(name), value)
        }


class ObjectRow(TrackedRow, TenantRow):
    """The columns that every type has (objects.md)."""

    id = models.BigAutoField(primary_key=True)
    id_random = OwnIdField()
    enable = models.BooleanField(default=True)
    hide = models.BooleanField(default=False)
    priority = models.BooleanField(default=False)
    sort = models.IntegerField(null=True, blank=True)
    group = TextCharField(max_length=100, null=True, blank=True)
    notes = HtmlField(null=True, blank=True)
    created_on = models.DateTimeField(default=timezone.now, editable=False)
    updated_on = models.DateTimeField(default=timezone.now, editable=False)
    default_qry_str = SearchTextField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = ObjectManager()

    search_text: ClassVar[list[str]] = []
    """Fields whose words `default_qry_str` keeps; set from the ObjectType when the type is registered."""

    class Meta(TenantRow.Meta):
        abstract = True
        indexes = [FullTextIndex(fields=["default_qry_str"], name="%(class)s_words")]

    def __str__(self) -> str:
        for name in TITLES:
            if value := getattr(self, name, None):
                return str(value)
        return str(self.id_random)

    def derive(self) -> None:
        for name in html_columns_of(type(self)):
            if text := self.__dict__.get(name):
                setattr(self, name, sanitise_html(text))
        for name, field in normal_columns_of(type(self)).items():
            if text := self.__dict__.get(name):
                try:
                    setattr(self, name, field.normal_form(text))
                except ValidationError as error:
                    raise ValidationError({name: error.messages}) from None
        if self.search_text:
            text = search_text_of(self.searched_texts())
            self.default_qry_str = with_terms(text) if connection.vendor == "mysql" else text

    def searched_texts(self) -> Iterator[str | None]:
        """What `q` looks in."""
        with_html = html_columns_of(type(self))
        for name in self.search_text:
            text = getattr(self, name)
            yield html_to_text(text) if text and name in with_html else text


class TenantObject(ObjectRow):
    """An object that belongs to an account: every type but `account` itself."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)

    class Meta(ObjectRow.Meta):
        abstract = True
        # The orders that lists are asked for most: none, last changed, newest. Others sort the account's rows.
        indexes = [
            *ObjectRow.Meta.indexes,
            models.Index(fields=["account", "id"], name="%(class)s_acct_id"),
            models.Index(fields=["account", "updated_on"], name="%(class)s_acct_upd"),
            models.Index(fields=["account", "created_on"], name="%(class)s_acct_made"),
        ]


class ChangeLog(TenantRow):
    """One write: who, when, what, old → new. Survives the row that it speaks of."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField(null=True)
    obj_type = models.CharField(max_length=64)
    obj_id = IdField()
    action = models.CharField(max_length=16)
    changes_json = models.JSONField(default=dict)
    principal = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64, blank=True)
    created_on = models.DateTimeField(default=timezone.now)
    unpublished = models.PositiveSmallIntegerField(null=True, editable=False)
    """Who still has to publish it (`crud.publication.Publisher`), from the write on; then null."""

    class Meta(TenantRow.Meta):
        db_table = "change_log"
        indexes = [
            models.Index(fields=["unpublished", "account_id"], name="change_log_unpublished"),
            models.Index(fields=["account_id", "obj_type", "obj_id", "id"], name="change_log_object"),
            models.Index(fields=["created_on"], name="change_log_created"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.obj_type} {self.obj_id}"


class IdempotentAnswer(models.Model):
    """The first answer to a POST with an Idempotency-Key, written in the same transaction as what it made."""

    digest = ExactCharField(max_length=64, primary_key=True)
    body_digest = ExactCharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers_json = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_on = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "idempotent_answer"

    def __str__(self) -> str:
        return str(self.digest)[:12]


class Turn(models.Model):
    """A row that transactions lock one after the other which must not work side by side."""

    name = ExactCharField(max_length=100, primary_key=True)
    taken_on = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "turn"

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    def take(cls, name: str) -> None:
        """Wait until it is ours; it is, until the running transaction ends. It is written, as Galera's other nodes
        see no lock, but a conflict of two writes."""
        mine = cls.objects.filter(name=name)
        if mine.update(taken_on=timezone.now()):
            return
        try:
            with transaction.atomic():
                cls(name=name).save(force_insert=True)
        except IntegrityError:  # another one was first
            mine.update(taken_on=timezone.now())


class Lease(models.Model):
    """Who does by itself what nobody may do beside it, and until when; see crud.background.lease."""

    name = ExactCharField(max_length=100, primary_key=True)
    holder = ExactCharField(max_length=16)
    until = models.DateTimeField()

    class Meta:
        db_table = "lease"

    def __str__(self) -> str:
        return str(self.name)
