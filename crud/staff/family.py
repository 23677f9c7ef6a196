"""Up and down in the admin: from an object to what belongs to it, and a list narrowed to one parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from crud.declare.object_type import ObjectType, children_of
from crud.read.resolve import key_of
from kernel.request_context import caller_of
from tenancy.principal import Principal

COUNTED = 1_000
PREFIX = "in_"


def children_html(object_type: ObjectType, row: Any, principal: Principal) -> str:
    """Links to the lists of what belongs to the row, as far as the principal may read them."""
    lines = []
    for child, relation in _children(object_type):
        if child.may("read", principal):
            opts = child.model._meta
            rows = child.rows(principal.access).filter(**{relation: row.pk})
            number = rows.order_by()[: COUNTED + 1].count()
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
            count = f"more than {COUNTED}" if number > COUNTED else number
            link = '<a class="text-primary-600 dark:text-primary-400" href="{}?{}{}={}">{}</a> ({}){}'
            name = str(opts.verbose_name_plural).capitalize()
            add = _add_link(child, relation, row) if child.may("create", principal) else ""
            lines.append(format_html(link, address, PREFIX, relation, row.id_random, name, count, add))
    return format_html_join("", "<div>{}</div>", ([line] for line in lines))


def _add_link(child: ObjectType, relation: str, row: Any) -> str:
    """To an empty form whose parent is filled in."""
    opts = child.model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
    whose = f"&account={row.account_id}" if hasattr(row, "account_id") else ""
    link = ' <a class="text-primary-600 dark:text-primary-400" href="{}?{}={}{}" aria-label="Add {}">+</a>'
    return format_html(link, address, relation, row.pk, whose, opts.verbose_name)


def _children(object_type: ObjectType) -> Iterator[tuple[ObjectType, str]]:
    for name, (child, relation) in sorted(children_of(object_type).items()):
        if name == child.name and object_type.name != "account":  # all of an account's objects belong to it
            yield child, relation


def parent_filters(object_type: ObjectType) -> list[type[admin.SimpleListFilter]]:
    """One filter for each parent. It shows only when a link has set it: a list of all parents may be endless."""
    return [_parent_filter(object_type, relation) for relation in object_type.parents if relation != "account"]


def _parent_filter(object_type: ObjectType, relation: str) -> type[admin.SimpleListFilter]:
    parent = object_type.related(relation)

    class ParentFilter(admin.SimpleListFilter):
        title = parent.label.lower()
        parameter_name = f"{PREFIX}{relation}"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            public_id = request.GET.get(self.parameter_name or "", "")
            self.key = key_of(parent, caller_of(request), public_id) if public_id else None
            if not public_id:
                return []
            rows = parent.rows(caller_of(request).access)
            return [(public_id, str(rows.get(pk=self.key)) if self.key else "unknown")]

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            if not self.value():
                return queryset
            return queryset.filter(**{relation: self.key}) if self.key else queryset.none()

    return ParentFilter
