"""The change log in the admin: every write of the account, for its administrators to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from crud.declare.object_type import ObjectType, registry
from crud.models import ChangeLog
from crud.read.change_history import describe
from crud.read.resolve import key_of
from crud.staff.base import ReadOnlyAdmin, changes_html, principal_of
from kernel.request_context import caller_of
from tenancy.principal import Principal, Role


class ActionFilter(admin.SimpleListFilter):
    """Django's own would look for all values that there are, in the largest table."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action) for action in ("created", "updated", "deleted")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action=self.value()) if self.value() else queryset


class TypeFilter(admin.SimpleListFilter):
    title = "object type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(t.name, t.label) for t in readable_types(caller_of(request))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(obj_type=self.value()) if self.value() else queryset


def readable_types(principal: Principal) -> list[ObjectType]:
    return [object_type for object_type in registry.values() if object_type.may("read", principal)]


class ChangeLogAdmin(ReadOnlyAdmin):
    """Every write of the account, for its administrators to read."""

    list_display = ["created_on", "action", "obj_type", "obj_id", "principal", "request_id"]
    list_filter = [ActionFilter, TypeFilter, "created_on"]
    search_fields = ["obj_id__exact", "request_id__exact", "principal__exact"]
    search_help_text = "Search an id or a principal"
    ordering = ["-id"]
    fields = ["created_on", "action", "obj_type", "obj_id", "subject", "principal", "request_id", "changes"]
    readonly_fields = ["subject", "changes"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return principal_of(request) is not None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Of the active account's entries those about objects that this principal may read."""
        principal = caller_of(request)
        entries = ChangeLog.objects.order_by("-id")
        if principal.may(Role.SUPER):
            return entries
        for object_type in readable_types(principal):
            if object_type.narrowed(principal.access):
                shown = object_type.rows(principal.access)
                hidden = object_type.model.objects.exclude(pk__in=shown.values("pk"))
                entries = entries.exclude(obj_type=object_type.name, obj_id__in=hidden.values("id_random"))
                if object_type.rules_for(principal.access):  # nobody knows what the rules said of a row that is gone
                    gone = Q(obj_type=object_type.name) & ~Q(obj_id__in=shown.values("id_random"))
                    entries = entries.exclude(gone)
        return entries.filter(obj_type__in=[object_type.name for object_type in readable_types(principal)])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.described = self._describe(request, entry)
            entry.subject_html = _link(caller_of(request), entry)
        return entry

    def _describe(self, request: HttpRequest, entry: ChangeLog) -> str:
        object_type = registry.get(entry.obj_type)
        if object_type is None:
            return "–"
        described = describe(object_type, caller_of(request), [entry])
        return changes_html("", described[0]["changes"])

    @admin.display(description="object")
    def subject(self, entry: Any) -> str:
        html: str = entry.subject_html
        return html

    @admin.display(description="changes (old → new)")
    def changes(self, entry: Any) -> str:
        described: str = entry.described
        return described


def _link(principal: Principal, entry: ChangeLog) -> str:
    """To the object's page, if it is still there and the principal may read it."""
    object_type = registry.get(entry.obj_type)
    key = key_of(object_type, principal, entry.obj_id) if object_type and object_type.may("read", principal) else None
    row = object_type.rows(principal.access).filter(pk=key).first() if object_type and key else None
    if row is None:
        return "–"
    opts = row._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a class="text-primary-600 dark:text-primary-400" href="{}">{}</a>', address, row)
