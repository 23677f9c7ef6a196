"""Spreadsheets in the admin: the export of the API and the import of `manage.py import_data`, with a preview."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from crud.declare.object_type import ObjectType, registry
from crud.staff.base import principal_of
from crud.tables.export import MAX_ROWS, stream_of_ids
from crud.tables.importing.plan import ImportPlan, plan_import
from crud.tables.importing.problems import ImportRefused, RowError, rows_with
from crud.tables.importing.table import MAX_BYTES
from kernel.errors import ApiError, shorten
from kernel.request_context import caller_of
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

SHOWN: Final = 200
"""Rows and errors that a preview lists; it counts them all."""
MOST_ROWS: Final = 10_000
"""Of a file in the admin, where a thread waits for it; the command takes more."""


EXPORT: Final[Any] = {"title": "Export", "icon": "download", "items": ["export_list_xlsx", "export_list_csv"]}


class ImportForm(forms.Form):
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text="CSV or XLSX; the first row names the fields. An export of the list can be filled in and sent back.",
    )
    sheet = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="Of a workbook: its name, or its number from 1. Without one, the first that is visible.",
    )
    mapping = forms.CharField(
        required=False,
        max_length=20_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "Titel=name"}),
        label="Headings",
        help_text="For headings that are neither fields nor the words of the forms: HEADING=FIELD, one a line.",
    )
    partial = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        label="Leave out rows with errors",
        help_text="Otherwise nothing is written unless every row is right.",
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, principal: Principal, *args: Any) -> None:
        super().__init__(*args)
        if principal.account_id is None:
            accounts = registry["account"].rows(principal.access).order_by("name").values_list("pk", "name")
            self.fields["account"] = forms.TypedChoiceField(
                choices=accounts, coerce=int, widget=UnfoldAdminSelectWidget
            )

    def clean_mapping(self) -> dict[str, str]:
        mapping = {}
        for line in filter(str.strip, self.cleaned_data["mapping"].splitlines()):
            heading, equals, name = line.rpartition("=")
            if not (heading.strip() and equals and name.strip()):
                raise forms.ValidationError(f"Give HEADING=FIELD, not “{shorten(line)}”.")
            mapping[heading.strip()] = name.strip()
        return mapping

    def options(self) -> dict[str, Any]:
        """As `plan_import` takes them."""
        return {name: self.cleaned_data[name] for name in ("sheet", "mapping", "partial")}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"A file has at most {MAX_BYTES // 2**20} MB.")
        return file


class ExchangeMixin:
    """For ModelAdmins of object types."""

    object_type: ObjectType
    opts: Any
    admin_site: admin.AdminSite
    actions_list = ["import_link", EXPORT]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def has_import_permission(self, request: HttpRequest) -> bool:
        principal = principal_of(request)
        verbs = ("read", "create", "update")
        allowed = principal is not None and all(self.object_type.may(verb, principal) for verb in verbs)
        return allowed and self.object_type.model.tenant_column != "id"

    @action(description="Import", url_path="import-link", permissions=["import"], icon="upload")  # type: ignore[untyped-decorator]
    def import_link(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import"))

    @admin.action(description="Export selected as XLSX", permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        return self._export(request, queryset, "xlsx")

    @admin.action(description="Export selected as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        return self._export(request, queryset, "csv")

    @action(description="This list as XLSX", url_path="export-xlsx", permissions=["view"])  # type: ignore[untyped-decorator]
    def export_list_xlsx(self, request: HttpRequest) -> HttpResponseBase:
        return self._export_list(request, "xlsx")

    @action(description="This list as CSV", url_path="export-csv", permissions=["view"])  # type: ignore[untyped-decorator]
    def export_list_csv(self, request: HttpRequest) -> HttpResponseBase:
        return self._export_list(request, "csv")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Django's; its links for the export lead to what the list shows: the same search, filters and order."""
        response: HttpResponseBase = super().changelist_view(request, extra_context)  # type: ignore[misc]
        query = request.META.get("QUERY_STRING", "")
        for entry in getattr(response, "context_data", {}).get("actions_list", []) if query else []:
            for link in entry.get("items", []):
                link["path"] += f"?{query}"
        return response

    def _export_list(self, request: HttpRequest, file_type: str) -> HttpResponseBase:
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return self._export(request, rows, file_type)

    def _export(self, request: HttpRequest, queryset: Any, file_type: str) -> HttpResponseBase:
        principal = caller_of(request)
        public_ids = list(queryset.values_list("id_random", flat=True)[:MAX_ROWS])
        return stream_of_ids(self.object_type, principal, public_ids, file_type)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """GET: the form. POST: what the file would change, or, asked to with the same file, the change itself."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        principal = caller_of(request)
        form = ImportForm(principal, request.POST, request.FILES) if request.method == "POST" else ImportForm(principal)
        shown: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            digest = _digest(file, form.options())
            acting, scope = inside(principal, form.cleaned_data.get("account"))
            with scope, acting_as(acting):
                try:
                    plan = plan_import(self.object_type, acting, file, file.name, most_rows=MOST_ROWS, **form.options())
                    if "_import" in request.POST and form.cleaned_data["previewed"] == digest:
                        outcome = plan.apply()
                        self._tell(request, outcome, plan.row_count)
                        return HttpResponseRedirect(
                            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
                        )
                    shown = _preview(plan) | {"digest": digest}
                except ImportRefused as error:
                    shown = _errors(error.errors)
                except ApiError as error:
                    form.add_error(None, error.message)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "form": form,
            **shown,
        }
        return TemplateResponse(request, "crud/import.html", context)

    def _tell(self, request: HttpRequest, outcome: Any, row_count: int) -> None:
        summary = f"Created: {outcome.created}. Changed: {outcome.updated}. As they were: {outcome.unchanged}."
        if outcome.refused:
            summary += f" Left out: {rows_with(outcome.refused)} of {row_count} rows."
        messages.success(request, summary)


def inside(principal: Principal, account_key: int | None) -> tuple[Principal, Any]:
    """Who imports, and the account that it goes into: a super user names one."""
    if account_key is None:
        return principal, nullcontext()
    account = registry["account"].rows(principal.access).get(pk=account_key)
    inside = replace(
        principal, account_id=account.pk, account_public_id=account.id_random, time_zone=account.time_zone or "UTC"
    )
    return inside, tenant(account.pk)


def _digest(file: Any, options: dict[str, Any]) -> str:
    """Of what was looked at, so that another file than the one in the preview is not written unseen."""
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _errors(errors: list[RowError]) -> dict[str, Any]:
    return {"errors": sorted(errors)[:SHOWN], "error_count": len(errors), "error_rows": rows_with(errors)}


def _preview(plan: ImportPlan) -> dict[str, Any]:
    actions = [change.action for change in plan.changes]
    counts = {name: actions.count(name) for name in ("create", "update", "none")}
    return {
        "counts": counts,
        "notes": plan.notes,
        "row_count": plan.row_count,
        "changes": [change for change in plan.changes if change.action != "none"][:SHOWN],
        **_errors(plan.errors),
        "ready": bool(counts["create"] + counts["update"]) and (plan.partial or not plan.errors),
        "shown": SHOWN,
    }
