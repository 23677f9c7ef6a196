"""The base of every row that belongs to an account, and the manager that hands such rows out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models

from tenancy.context import EVERY_TENANT, CrossTenantError, current_scope, every_tenant


class TenantQuerySet(models.QuerySet[Any]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts"):
            raise CrossTenantError("an upsert may hit another account's row; look the row up first")
        rows = list(objs)
        claim(rows)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        claim(rows)
        return super().bulk_update(rows, *args, **kwargs)

    def update(self, **changes: Any) -> int:
        if self.model.tenant_column in changes or "account" in changes:
            raise CrossTenantError("a row never changes its account")
        for field in self.model.tenant_references():
            target = changes.get(field.name, changes.get(field.attname))
            if target is not None:
                _refuse_foreign(field, {getattr(target, "pk", target): current_scope()})
        return super().update(**changes)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise CrossTenantError("raw SQL is not held to an account; use a cursor, on purpose")


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Holds every query to the active account, and raises where none is active.

    The check sits where a query begins, so `exists()`, subqueries, relations and async iteration
    are covered: none of them starts without `get_queryset`.
    """

    use_in_migrations = False

    def get_queryset(self) -> TenantQuerySet:
        scope = current_scope()
        rows: TenantQuerySet = super().get_queryset()
        return rows if scope is EVERY_TENANT else rows.filter(**{self.model.tenant_column: scope})


class TenantRow(models.Model):
    """A row that is held to an account by the integer column `tenant_column`."""

    tenant_column = "account_id"

    objects: ClassVar[Any] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        claim([self])
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        claim([self])
        # Django deletes by the key alone: an instance that was made up, not loaded, could name any row.
        if not self.stored(self.tenant_column) and not type(self).objects.filter(pk=self.pk).exists():
            raise CrossTenantError("the row is not one of the active account's")
        return super().delete(*args, **kwargs)

    def _do_insert(self, manager: Any, using: str | None, *args: Any) -> Any:
        # `save` has claimed the row; a filter, which an INSERT has no place for, need not be made.
        return super()._do_insert(models.QuerySet(type(self)), using, *args)  # type: ignore[misc]

    @classmethod
    def tenant_references(cls) -> list[models.ForeignKey[Any, Any]]:
        """The foreign keys that lead to rows of an account (the account itself aside)."""
        return [
            field
            for field in cls._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.name != "account"
            and issubclass(field.related_model, TenantRow)
        ]

    _stored: dict[str, Any]

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **more: Any) -> Self:
        row = super().from_db(db, field_names, values, **more)
        row._stored = dict(zip(field_names, values, strict=False))
        return row

    def stored(self, attname: str) -> Any:
        """The value that the database holds, as far as this instance knows; None for a new row."""
        return getattr(self, "_stored", {}).get(attname)


def claim(rows: list[Any]) -> None:
    """Give new rows the active account; refuse rows, and references, of another one.

    Raises CrossTenantError. Costs one query a foreign key whose target's account is not known
    from a loaded instance, however many rows there are.
    """
    scope = current_scope()
    for row in rows:
        _claim_row(row, scope)
    unknown: dict[Any, dict[int, int | None]] = {}
    for row in rows:
        for field in row.tenant_references():
            target_id = getattr(row, field.attname)
            if target_id is None or target_id == row.stored(field.attname):
                continue
            owner = getattr(row, row.tenant_column)
            if field.is_cached(row):
                target = field.get_cached_value(row)
                if getattr(target, target.tenant_column) != owner:
                    raise CrossTenantError(f"{field} refers to a row of another account")
            else:
                unknown.setdefault(field, {})[target_id] = owner
    for field, owners in unknown.items():
        _refuse_foreign(field, owners)


def _claim_row(row: Any, scope: Any) -> None:
    column = row.tenant_column
    owner = getattr(row, column)
    stored = row.stored(column)
    if stored is not None and owner != stored:
        raise CrossTenantError("a row never changes its account")
    if scope is EVERY_TENANT:
        return
    if owner is None and column != "id" and row._state.adding:
        setattr(row, column, scope)
    elif owner != scope:
        raise CrossTenantError(f"a row of account {owner} was to be written from inside account {scope}")


def _refuse_foreign(field: Any, owners: dict[int, Any]) -> None:
    """`owners`: id of the row referred to → account (or scope) that refers to it."""
    model = field.related_model
    with every_tenant(reason="compare the account of a referred row with the referring one's"):
        found = dict(model.objects.filter(pk__in=owners).values_list("pk", model.tenant_column))
    for target_id, owner in owners.items():
        if owner is not EVERY_TENANT and target_id in found and found[target_id] != owner:
            raise CrossTenantError(f"{field} refers to a row of another account")
