"""What all pages of the admin have in common: who may open them, what a filter may ask, how a refusal is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from unfold.admin import ModelAdmin

from crud.declare.object_type import registry
from crud.staff.changelist import BoundedPaginator, LongList, too_many_rows
from kernel.database_errors import TIMED_OUT, TRANSLATED, error_number, translate
from kernel.errors import ApiError
from kernel.request_context import caller_of
from kernel.sqlite import time_limit
from tenancy.principal import Principal, Role

HISTORY_LENGTH = 200
USER_ID = re.compile(r"\buser:(\S+)")
FAILURES = (ApiError, *TRANSLATED)


def principal_of(request: HttpRequest) -> Principal | None:
    """Who is signed in, if they are staff. The login page asks too, before anybody is."""
    principal: Principal | None = getattr(request, "principal", None)
    return principal if principal is not None and principal.may(Role.ADMINISTRATOR) else None


class HistoryLine:
    """One entry as Django's history template asks for it."""

    def __init__(self, when: Any, who: str, what: Any, entry_id: int | None = None, changes: Any = ()) -> None:
        """`entry_id`, `changes`: of the change log, for crud/history.html."""
        self.action_time = when
        self.get_change_message = what
        self.entry_id, self.changes = entry_id, changes
        self.can_be_put_back = sum(change.can_be_put_back for change in changes) > 1
        self.user = {"get_username": who}


def named(labels: Iterable[str], principal: Principal) -> dict[str, str]:
    """For "user:…" of the change log the username beside it, of those whom this principal may see."""
    users = registry[get_user_model()._meta.db_table]
    ids = {label: USER_ID.search(label) for label in set(labels)}
    user_ids = {match[1] for match in ids.values() if match} if users.may("read", principal) else set()
    known = users.rows(principal.access).filter(id_random__in=user_ids) if user_ids else []
    names = {user.id_random: user.get_username() for user in known}
    return {
        label: f"{names[match[1]]} ({label})" if match and match[1] in names else label for label, match in ids.items()
    }


class StaffAdmin(ModelAdmin):  # type: ignore[misc]
    """What all of our admin pages have in common."""

    show_full_result_count = False
    list_per_page = 50
    paginator = BoundedPaginator
    view_on_site = False
    change_form_before_template = "crud/form_title.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return LongList

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Beside the title stands how many were found; of a list that shows all, the line below it says so."""
        changes = super().get_changelist_instance(request)
        if changes.paginator.has_more or (not changes.query and not changes.has_active_filters):
            changes.full_result_count = changes.result_count
        return changes

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            with time_limit():
                return super().changelist_view(request, extra_context)
        except DatabaseError as error:
            if request.method != "GET" or error_number(error) not in TIMED_OUT:
                raise
            return too_many_rows(self, request)

    def narrowings(self, request: HttpRequest) -> list[str]:
        """What makes the list shorter, as advice to who asked for more than the database could do in time."""
        return ["choose a filter"]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what is offered as a filter: Django would take any column of the model, secret ones included."""
        offered: list[Any] = list(self.get_list_filter(request))
        names = {item if isinstance(item, str) else item.parameter_name for item in offered}
        return lookup in names or lookup.split("__", 1)[0] in names or lookup.rpartition("__")[0] in names

    def history_lines(self, request: HttpRequest, row: Any) -> list[HistoryLine]:
        """Who changed the row, newest first. Here from Django's log; of people whom one may not see it says "staff"."""
        logged = LogEntry.objects.filter(object_id=str(row.pk), content_type=ContentType.objects.get_for_model(row))
        entries = list(logged.order_by("-action_time")[:HISTORY_LENGTH])
        users = registry[get_user_model()._meta.db_table].rows(caller_of(request).access)
        known = users.in_bulk({entry.user_id for entry in entries})
        return [
            HistoryLine(entry.action_time, str(known.get(entry.user_id, "staff")), entry.get_change_message())
            for entry in entries
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        allowed = row is not None and self.has_view_permission(request, row)
        lines = self.history_lines(request, row) if allowed else []
        page = Paginator(lines, HISTORY_LENGTH).get_page(1)
        shown = {"action_list": page, "pagination_required": False}
        response: HttpResponse = super().history_view(request, object_id, shown | (extra_context or {}))
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            return view()
        except FAILURES as error:
            return self.answer_failure(request, error, view)

    def answer_failure(self, request: HttpRequest, error: Exception, view: Callable[[], Any]) -> Any:
        """For what only the database knew when a form was saved. `view` shows the form once more."""
        return self.refuse(request, error, request.get_full_path())

    def response_action(self, request: HttpRequest, queryset: Any, *more: Any) -> Any:
        """A list action does all of it or nothing, and says in a sentence why not."""
        try:
            with transaction.atomic():
                return super().response_action(request, queryset, *more)
        except FAILURES as error:
            return self.refuse(request, error, request.get_full_path())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(request, object_id, extra_context)
        except FAILURES as error:
            opts = self.opts
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(object_id,))
            return self.refuse(request, error, address)
        return response

    def refuse(self, request: HttpRequest, error: Exception, address: str) -> HttpResponse:
        refusal = translate(error, self.model)
        if refusal is None or refusal.http_status >= 500:
            raise error
        self.message_user(request, refusal.message, messages.ERROR)
        return HttpResponseRedirect(address)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Row by row: `QuerySet.delete` would pass by the change log."""
        for row in queryset:
            row.delete()


class ReadOnlyAdmin(StaffAdmin):
    """What only looks on; who may see its rows, sees its place in the menu."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def changes_html(action: str, changes: dict[str, list[Any]]) -> str:
    lines = [format_html("{}: {} → {}", name, brief(old), brief(new)) for name, (old, new) in changes.items()]
    return format_html_join(mark_safe("<br>"), "{}", ([line] for line in ([action] if action else []) + lines))


def brief(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 200 else text[:199] + "…"
