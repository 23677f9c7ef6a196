"""Who still calls the old routes, for super users: what `manage.py legacy_report` says, to be filtered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crud.admin_base import StaffAdmin, principal_of
from legacy.models import LegacyHit
from tenancy.principal import Role


@admin.register(LegacyHit)
class LegacyHitAdmin(StaffAdmin):
    list_display = ["day", "method", "route", "key_name", "key_prefix", "hits"]
    list_filter = ["day", "method"]
    search_fields = ["route", "key_name", "key_prefix__exact"]
    ordering = ["-day", "-hits"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.SUPER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_delete_permission = has_change_permission
