"""The base of every row that belongs to an account, and the manager that hands such rows out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models

from tenancy.context import EVERY_TENANT, CrossTenantError, current_scope, every_tenant


class TenantQuerySet(models.QuerySet[Any]):
    _claimed = False
    """Whether the values of an `update` were looked at before: `bulk_update` makes expressions of them."""

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy._claimed = self._claimed
        return copy

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> list[Any]:
        if update_conflicts:
            raise CrossTenantError("an upsert may hit another account's row; look the row up first")
        rows = list(objs)
        claim(rows)
        return super().bulk_create(rows, batch_size, ignore_conflicts, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        claim(rows)
        claimed = self._clone()
        claimed._claimed = True
        return super(TenantQuerySet, claimed).bulk_update(rows, *args, **kwargs)

    def update(self, **changes: Any) -> int:
        if self.model.tenant_column in changes or "account" in changes:
            raise CrossTenantError("a row never changes its account")
        for field in self.model.tenant_references():
            target = changes.get(field.name, changes.get(field.attname))
            if target is None or self._claimed:
                continue
            if hasattr(target, "resolve_expression"):
                raise CrossTenantError(f"{field} is set to an id or a row; whose an expression's is can't be told")
            target_id = getattr(target, "pk", target)
            _refuse_foreign(field, {(target_id, owner) for owner in self._owners()})
        return super().update(**changes)

    def _owners(self) -> list[int | None]:
        """The accounts of these rows."""
        scope = current_scope()
        if isinstance(scope, int):
            return [scope]
        return list(self.order_by().values_list(self.model.tenant_column, flat=True).distinct())

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

    Raises CrossTenantError. Costs one query a foreign key whose target's account is not known from a loaded
    instance, however many rows there are; in the scope of all, one more for rows that were never loaded.
    """
    scope = current_scope()
    for row in rows:
        _claim_row(row, scope)
    if scope is EVERY_TENANT:
        _refuse_taken(rows)
    unknown: dict[Any, set[tuple[int, int | None]]] = {}
    for row in rows:
        for field in row.tenant_references():
            target_id = getattr(row, field.attname)
            if target_id is None or target_id == row.stored(field.attname):
                continue
            owner = getattr(row, row.tenant_column)
            target = field.get_cached_value(row, default=None)
            if target is None or target.pk != target_id or target._state.adding:
                unknown.setdefault(field, set()).add((target_id, owner))
            elif (target.stored(target.tenant_column) or getattr(target, target.tenant_column)) != owner:
                raise _crosses(field)
    for field, pairs in unknown.items():
        _refuse_foreign(field, pairs)


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


def _refuse_taken(rows: list[Any]) -> None:
    """Whoever made an instance up may have given it the key of another account's row. (In the scope of one account
    its own filter finds no such row.)"""
    made_up: dict[type[TenantRow], set[tuple[int, int | None]]] = {}
    for row in rows:
        if row.pk is not None and row.stored(row.tenant_column) is None and row.tenant_column != "id":
            made_up.setdefault(type(row), set()).add((row.pk, getattr(row, row.tenant_column)))
    for model, pairs in made_up.items():
        keys = {key for key, _ in pairs}
        owners = dict(model.objects.filter(pk__in=keys).values_list("pk", model.tenant_column))
        if any(key in owners and owners[key] != owner for key, owner in pairs):
            raise CrossTenantError("a row never changes its account")


def _refuse_foreign(field: Any, pairs: set[tuple[int, int | None]]) -> None:
    """`pairs`: (id of the row referred to, account that refers to it). One target may have several who refer to it."""
    model = field.related_model
    with every_tenant(reason="compare the account of a referred row with the referring one's"):
        owners = dict(
            model.objects.filter(pk__in={target for target, _ in pairs}).values_list("pk", model.tenant_column)
        )
    if any(target in owners and owners[target] != owner for target, owner in pairs):
        raise _crosses(field)


def _crosses(field: Any) -> CrossTenantError:
    return CrossTenantError(f"{field} refers to a row of another account")
