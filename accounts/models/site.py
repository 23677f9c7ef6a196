from __future__ import annotations

from django.db import models

from accounts.validators import validate_object
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, SecretsByRoleField, TextCharField


class Site(TenantObject):
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=200)
    title = TextCharField(max_length=255, null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    tagline = TextCharField(max_length=255, null=True, blank=True)
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])
    passcodes = SecretsByRoleField(null=True, blank=True, default=dict)

    class Meta(TenantObject.Meta):
        db_table = "site"


@register
class SiteType(ObjectType):
    model = Site
    parents = ["account"]
    public = ["code", "name", "title", "tagline", "cfg_json"]
    public_branches = ["cfg_json"]
    search_text = ["code", "name", "title", "tagline", "description"]
    views = {"enriched": ["account.name"]}
    counts = ["site_domain"]
    roles = {"create": "manager", "update": "manager"}
