"""Who still calls the old routes, for super users: what `manage.py legacy_report` says, to be filtered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crud.staff import ReadOnlyAdmin, principal_of
from legacy.models import LegacyHit
from tenancy.principal import Role


@admin.register(LegacyHit)
class LegacyHitAdmin(ReadOnlyAdmin):
    list_display = ["day", "method", "route", "key_name", "key_prefix", "hits"]
    list_filter = ["day", "method"]
    search_fields = ["route", "key_name", "key_prefix__exact"]
    ordering = ["-day", "-hits"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.SUPER)
