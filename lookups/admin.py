"""Lookups in the admin: super users edit every row, managers the overrides of their account."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from crud import key_of, registry
from crud.models import ChangeLog
from crud.staff import HISTORY_LENGTH, HistoryLine, StaffAdmin, changes_html, name_in_plural, named, principal_of
from kernel.request_context import caller_of
from lookups.lookup_types import IDENTITY
from lookups.models import Country, CountrySubdivision, TimeZone
from lookups.write import MAX_ROWS_OF_ACCOUNT
from tenancy.principal import Principal, Role

UNSHOWN = ("account_id", "place", "in_source")
NO_SUCH_OBJECT = "It refers to no object of this account."


class AccountChoice(forms.TypedChoiceField):
    """The accounts by their names; `account_id` is a plain integer, so that global rows can do without."""

    def __init__(self, principal: Principal) -> None:
        accounts = registry["account"].rows(principal.access).order_by("name").values_list("pk", "name")
        super().__init__(
            choices=[("", "Global: every account"), *accounts],
            coerce=int,
            empty_value=None,
            required=False,
            label="Account",
        )


class LookupForm(forms.ModelForm):  # type: ignore[type-arg]
    """`LookupAdmin.get_form` sets the principal, and `account_id` for super users."""

    principal: ClassVar[Principal]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        row = self.instance
        if row._state.adding:
            row.account_id = self.principal.account_id or values.get("account_id")
            self._check_object(values.get("for_type"), values.get("for_id"))
            rows = type(row).objects.filter(account_id=row.account_id)
            if row.account_id is not None and rows.count() >= MAX_ROWS_OF_ACCOUNT:
                raise ValidationError(f"An account has at most {MAX_ROWS_OF_ACCOUNT} rows of its own.")
        return values

    def _check_object(self, for_type: str | None, for_id: str | None) -> None:
        """The object is one that this principal may read, and of the row's account."""
        if not for_type or not for_id:
            return  # whether both or none are there, and whose the row is then, is for the model to say
        related = registry.get(for_type)
        if related is None:
            raise ValidationError({"for_type": "There is no such object type."})
        key = key_of(related, self.principal, for_id)
        of_account = {related.model.tenant_column: self.instance.account_id}
        if key is None or not related.model.objects.filter(pk=key, **of_account).exists():
            raise ValidationError({"for_id": NO_SUCH_OBJECT})


@admin.register(Country, CountrySubdivision, TimeZone)
class LookupAdmin(StaffAdmin):
    form = LookupForm
    list_before_template = "lookups/overrides.html"
    list_display = ["name", "code", "group", "scope", "enable", "hide", "priority", "sort", "updated_on"]
    list_filter = ["enable", "hide", "priority"]
    search_fields = ["name", "code", "group", "id_random__exact"]
    ordering = ["name"]
    readonly_fields = ["id_random", "created_on", "updated_on"]

    def _may(self, request: HttpRequest) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.MANAGER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request)

    has_change_permission = has_delete_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        own = caller_of(request).account_id
        return rows if own is None else rows.filter(account_id=own)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*self.list_filter, *(["account_id"] if caller_of(request).account_id is None else [])]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = [field.name for field in self.opts.concrete_fields if field.editable and not field.primary_key]
        own.remove("account_id")
        if caller_of(request).account_id is None:
            own.insert(0, "account_id" if obj is None else "scope")
        record = [("Record", {"fields": self.readonly_fields})] if obj is not None else []
        return [(None, {"fields": own}), *record]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A row for something else is another row."""
        return [*self.readonly_fields, "scope", *(IDENTITY if obj is not None else [])]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        declared: dict[str, Any] = {"principal": caller_of(request)}
        if caller_of(request).account_id is None and obj is None:
            declared["account_id"] = AccountChoice(caller_of(request))
        kwargs["form"] = type("LookupForm", (self.form,), declared)
        return super().get_form(request, obj, change, **kwargs)

    def history_lines(self, request: HttpRequest, row: Any) -> list[HistoryLine]:
        entries = ChangeLog.objects.filter(obj_type=self.opts.db_table, obj_id=row.id_random).order_by("-id")
        names = named(entries.values_list("principal", flat=True)[:HISTORY_LENGTH], caller_of(request))
        return [
            HistoryLine(
                entry.created_on,
                names.get(entry.principal, entry.principal),
                changes_html(entry.action, {n: pair for n, pair in entry.changes_json.items() if n not in UNSHOWN}),
            )
            for entry in entries[:HISTORY_LENGTH]
        ]

    @admin.display(description="account", ordering="account_id")
    def scope(self, row: Any) -> str:
        return "global" if row.account_id is None else "account"


name_in_plural(Country)
