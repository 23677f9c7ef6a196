"""Background jobs in the admin: what is being made of files, for looking at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from crud import registry
from crud.staff import ReadOnlyAdmin, principal_of
from files.models import DerivedFile
from kernel.request_context import caller_of


class DerivedFileAdmin(ReadOnlyAdmin):
    """Of the files that this principal may read, those that are made of others."""

    list_display = ["id", "kind", "made", "status", "progress", "attempts", "began_on"]
    list_filter = ["kind", "hosted_file__status"]
    list_select_related = ["hosted_file", "hosted_file__source_hosted_file"]
    search_fields = ["hosted_file__id_random__exact", "hosted_file__filename"]
    search_help_text = "Search the file's id or name"
    ordering = ["-id"]
    fields = ["kind", "source", "made", "status", "progress", "message", "parameters_json", "attempts", "began_on"]
    readonly_fields = ["source", "made", "status", "progress", "message", "began_on"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and registry["hosted_file"].may("read", principal)

    def get_queryset(self, request: HttpRequest) -> Any:
        readable = registry["hosted_file"].rows(caller_of(request).access)
        return DerivedFile.objects.filter(hosted_file__in=readable.values("pk")).order_by("-id")

    @admin.display(description="file")
    def made(self, job: DerivedFile) -> str:
        return _link(job.hosted_file)

    @admin.display(description="made of")
    def source(self, job: DerivedFile) -> str:
        source = job.hosted_file.source_hosted_file
        return _link(source) if source else "–"

    @admin.display(ordering="hosted_file__status")
    def status(self, job: DerivedFile) -> str:
        return str(job.hosted_file.status)

    @admin.display(ordering="hosted_file__progress")
    def progress(self, job: DerivedFile) -> str:
        percent = job.hosted_file.progress
        return "–" if percent is None else f"{percent} %"

    @admin.display(description="what went wrong")
    def message(self, job: DerivedFile) -> str:
        return job.hosted_file.status_message or "–"

    @admin.display(description="began", ordering="hosted_file__created_on")
    def began_on(self, job: DerivedFile) -> Any:
        return job.hosted_file.created_on


def _link(file: Any) -> str:
    return format_html('<a href="{}">{}</a>', reverse("admin:files_hostedfile_change", args=[file.pk]), file.filename)
