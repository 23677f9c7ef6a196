from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts.admin_sessions import end_admin_sessions
from accounts.validators import validate_auth, validate_object, validate_time_zone
from crud import ObjectType, register
from crud.models import ObjectRow
from kernel.model_fields import HtmlField, LookupField, TextCharField
from tenancy.context import every_tenant
from tenancy.principal import Principal


class Account(ObjectRow):
    """The tenant. Its own id is what holds it to itself."""

    tenant_column = "id"

    code = TextCharField(max_length=100, unique=True)
    name = TextCharField(max_length=200)
    short_name = TextCharField(max_length=100, null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    time_zone = LookupField("time_zone", default="UTC", validators=[validate_time_zone])
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])

    class Meta(ObjectRow.Meta):
        db_table = "account"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Being disabled ends every sign-in of its users: none revives when the account is enabled again."""
        ends = not self._state.adding and not self.enable and "enable" in self.changes()
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            if ends:
                self._end_sign_ins()

    def _end_sign_ins(self) -> None:
        with every_tenant(reason="the users of an account that is disabled, from whichever scope that is done"):
            users = apps.get_model("accounts", "User").objects.filter(account=self).values_list("pk", flat=True)
            keys = list(users)
        sign_ins = apps.get_model("accounts", "RefreshToken").objects.filter(user_id__in=keys, revoked_on=None)
        sign_ins.update(revoked_on=timezone.now())
        end_admin_sessions(keys)


@register
class AccountType(ObjectType):
    model = Account
    public = ["code", "name", "short_name"]
    restricted = {"cfg_json": "administrator"}  # holds keys of outside services
    search_text = ["code", "name", "short_name", "description"]
    roles = {"read": "user", "update": "manager", "create": "super", "delete": "super", "hard_delete": "super"}

    def validate(self, row: Account, principal: Principal) -> None:
        validate_auth(row.cfg_json)
