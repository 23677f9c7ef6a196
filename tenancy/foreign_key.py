"""A reference from one row of an account to another of the same account."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Exact


class Same(Exact):
    """`a = b`, said so that no index is looked up by it. The row is found by its primary key; told the two accounts
    plainly, MariaDB reads all of the account's rows instead, or a small table as a whole, and sorts what comes out."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        (left, left_params), (right, right_params) = compiler.compile(self.lhs), compiler.compile(self.rhs)
        return f"{left} - {right} = 0", [*left_params, *right_params]


class SameAccountJoin:
    """Every join through such a field asks that both rows are of one account: what crosses leads nowhere.

    `tenancy.models.claim` lets no crossing row be written; this is the wall behind it, for rows that came about
    otherwise (a database put together by hand, a defect). The reference `account` itself is a plain ForeignKey.
    """

    model: Any
    remote_field: Any

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> Any:
        """Django's hook for the ON clause. `alias`: of the table that is joined; `related_alias`: of the referring."""
        reached, referring = self.remote_field.model, self.model
        return Same(_account_of(reached).get_col(alias), _account_of(referring).get_col(related_alias))

    def deconstruct(self) -> Any:
        """In the database it is a foreign key like any other."""
        name, _, arguments, keywords = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.plain}", arguments, keywords

    plain = "ForeignKey"
    """Its name in migrations."""


class TenantForeignKey(SameAccountJoin, models.ForeignKey):  # type: ignore[type-arg]
    pass


class TenantOneToOneField(SameAccountJoin, models.OneToOneField):  # type: ignore[type-arg]
    plain = "OneToOneField"


def _account_of(model: Any) -> Any:
    """The field of the column that says whose a row is."""
    column = model.tenant_column
    return next(field for field in model._meta.concrete_fields if field.attname == column)
