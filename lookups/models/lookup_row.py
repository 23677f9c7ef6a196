from __future__ import annotations

import hashlib
from typing import Any, ClassVar

import orjson
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from crud import history
from crud.models import TrackedRow
from kernel.model_fields import ExactCharField, IdField, OwnIdField, TextCharField
from lookups.models.lookup_version import LookupVersion


def place_of(account_id: int | None, for_type: str | None, for_id: str | None, group: str) -> str:
    """What only one row may take: a group at one level. Null counts as a value here, unlike in a unique index."""
    level = [account_id, for_type or None, for_id or None, group.casefold()]
    return hashlib.blake2b(orjson.dumps(level), digest_size=16).hexdigest()


class LookupQuerySet(models.QuerySet[Any]):
    """Writes of many rows tell every process. They are not logged, save deletes."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.derive()
        with transaction.atomic(savepoint=False):
            LookupVersion.renew(self.model._meta.db_table, {row.account_id for row in rows})
            created = super().bulk_create(rows, *args, **kwargs)
        for row in created:
            row.remember()
        return created

    def update(self, **changes: Any) -> int:
        if changes.keys() & {"group", "account_id", "for_type", "for_id"}:
            raise ValueError("what a row's place follows from is changed by save()")
        changes.setdefault("updated_on", timezone.now())
        with transaction.atomic(savepoint=False):
            self._renew()
            return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(savepoint=False):
            self._renew()
            history.record_many([history.Change.deleted(row) for row in self])
            return super().delete()

    def _renew(self) -> None:
        accounts = set(self.order_by().values_list("account_id", flat=True))
        LookupVersion.renew(self.model._meta.db_table, accounts)


class LookupRow(TrackedRow):
    """A row for everybody (`account_id` null), an account's override of it, or an override for one object.

    No TenantRow: every account reads the global rows. Which rows are one's own is decided in `lookups.shelf`
    for readers, and in `lookups.write` for writers.
    """

    id = models.BigAutoField(primary_key=True)
    id_random = OwnIdField()
    account_id = models.BigIntegerField(null=True, blank=True)
    for_type = TextCharField(max_length=64, null=True, blank=True)
    for_id = IdField(null=True, blank=True)
    code = TextCharField(max_length=64)
    group = TextCharField(max_length=64, help_text="The identity that a row and its overrides share: US, US-CO.")
    name = TextCharField(max_length=200)
    enable = models.BooleanField(default=True)
    hide = models.BooleanField(default=False)
    priority = models.BooleanField(default=False)
    sort = models.IntegerField(null=True, blank=True)
    in_source = models.BooleanField(
        null=True, editable=False, help_text="Whether the source that it came from still has it; null: made by hand."
    )
    place = ExactCharField(max_length=32, unique=True, editable=False)
    created_on = models.DateTimeField(default=timezone.now, editable=False)
    updated_on = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = LookupQuerySet.as_manager()

    tenant_column: ClassVar[str] = "account_id"
    facts: ClassVar[tuple[str, ...]] = ()
    """Columns of the type's own. Where an override has none, the global row's is shown."""

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["account_id", "group"], name="%(class)s_group")]

    def __str__(self) -> str:
        return str(self.name)

    def derive(self) -> None:
        self.place = self.own_place()

    def before_write(self) -> None:
        """Every process hears of it, of the account that the row has left, too."""
        before = self.account_id if self._state.adding else self.stored("account_id")
        LookupVersion.renew(self._meta.db_table, {self.account_id, before})

    def own_place(self) -> str:
        return place_of(self.account_id, self.for_type, self.for_id, self.group)

    def default_row(self) -> Any:
        """The global row of this group, if there is one."""
        return type(self).objects.filter(place=place_of(None, None, None, self.group)).first()

    def clean(self) -> None:
        """The rules that the admin and the API share."""
        for name in ("group", "code", "name", "for_type", "for_id"):
            text = getattr(self, name)
            if text and (text != text.strip() or not text.isprintable()):
                raise ValidationError({name: "It must have no blanks at its ends, and no control characters."})
        if bool(self.for_type) != bool(self.for_id):
            raise ValidationError({"for_id": "for_type and for_id go together."})
        if self.for_id and self.account_id is None:
            raise ValidationError({"for_id": "Only a row of an account is for one object."})

    def validate_unique(self, exclude: Any = None) -> None:
        """For forms; the API lets the database say it."""
        super().validate_unique(exclude)
        if type(self).objects.filter(place=self.own_place()).exclude(pk=self.pk).exists():
            raise ValidationError({"group": "There is such a row already."})
