from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, models, transaction

from kernel.ids import new_id
from kernel.model_fields import ExactCharField

GLOBAL = 0
"""Stands for "no account" among the keys."""


class LookupVersion(models.Model):
    """Names the state of one type's rows of one account; a new name in the transaction of every change.

    Processes keep rows under the name that they were read with. A name is random, so none is ever used for two
    states, also where a transaction is rolled back or a database restored.
    """

    id = models.BigAutoField(primary_key=True)
    lu_type = ExactCharField(max_length=64)
    account_key = models.BigIntegerField(default=GLOBAL)
    token = ExactCharField(max_length=22, default=new_id)

    class Meta:
        db_table = "lookup_version"
        constraints = [models.UniqueConstraint(fields=["lu_type", "account_key"], name="lookup_version_once")]

    def __str__(self) -> str:
        return f"{self.lu_type} {self.account_key}: {self.token}"

    @classmethod
    def renew(cls, lu_type: str, account_ids: Iterable[int | None]) -> None:
        """Call it inside the transaction of the change, before the change: writers wait here for one another."""
        for key in sorted({account_id or GLOBAL for account_id in account_ids}):
            mine = cls.objects.filter(lu_type=lu_type, account_key=key)
            if mine.update(token=new_id()):
                continue
            try:
                with transaction.atomic():
                    cls(lu_type=lu_type, account_key=key).save(force_insert=True)
            except IntegrityError:  # another process was first
                mine.update(token=new_id())

    @classmethod
    def tokens(cls, lu_type: str, account_id: int | None) -> tuple[str, str]:
        """Of the global rows and of the account's; empty where nothing was ever written."""
        keys = {GLOBAL, account_id or GLOBAL}
        tokens = dict(cls.objects.filter(lu_type=lu_type, account_key__in=keys).values_list("account_key", "token"))
        return tokens.get(GLOBAL, ""), tokens.get(account_id, "") if account_id else ""
