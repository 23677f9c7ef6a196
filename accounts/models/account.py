from __future__ import annotations

from django.db import models

from accounts.validators import validate_auth_addresses, validate_object, validate_time_zone
from crud import ObjectType, register
from crud.models import ObjectRow
from kernel.model_fields import HtmlField, LookupField, TextCharField
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


@register
class AccountType(ObjectType):
    model = Account
    public = ["code", "name", "short_name"]
    restricted = {"cfg_json": "administrator"}  # holds keys of outside services
    search_text = ["code", "name", "short_name", "description"]
    roles = {"read": "user", "update": "manager", "create": "super", "delete": "super", "hard_delete": "super"}

    def validate(self, row: Account, principal: Principal) -> None:
        validate_auth_addresses(row.cfg_json)
