"""Hosted files in the admin: upload through the store, and a look at what they hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from crud import registry
from crud.staff import EXPORT, ObjectAdmin, inside, principal_of
from files.admin_jobs import DerivedFileAdmin
from files.content_type import SHOWN_INLINE, content_type_of_file
from files.filename import clean_filename
from files.hand_out import Content, file_answer
from files.host import make_row
from files.links import target_of
from files.models import DerivedFile, HostedFile
from files.store import put, rows_follow
from kernel.errors import ApiError, NotFound
from kernel.request_context import caller_of
from kernel.transactions import in_transaction
from tenancy.principal import Principal, Role, acting_as


class UploadForm(forms.Form):
    file = forms.FileField(widget=UnfoldAdminFileFieldWidget)
    title = forms.CharField(required=False, max_length=255, widget=UnfoldAdminTextInputWidget)
    link_to_type = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, label="Attach it to")
    link_to_id = forms.CharField(
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        label="Id of that object",
        help_text="Its page shows it, under Record.",
    )

    def __init__(self, principal: Principal, *args: Any) -> None:
        super().__init__(*args)
        types = [(t.name, t.label) for t in registry.values() if t.may("read", principal)]
        link_to_type: Any = self.fields["link_to_type"]
        link_to_type.choices = [("", "Nothing"), *types]
        if principal.account_id is None:
            accounts = registry["account"].rows(principal.access).order_by("name").values_list("pk", "name")
            self.fields["account"] = forms.TypedChoiceField(
                choices=accounts, coerce=int, widget=UnfoldAdminSelectWidget
            )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.AETHER_MAX_UPLOAD_BYTES:
            raise forms.ValidationError("The file is larger than uploads may be.")
        return file


class HostedFileAdmin(ObjectAdmin):
    actions_list = ["upload_link", EXPORT]

    def get_urls(self) -> list[URLPattern]:
        return [
            path("upload/", self.admin_site.admin_view(self.upload_view), name="files_hostedfile_upload"),
            path("<int:key>/content/", self.admin_site.admin_view(self.content_view), name="files_hostedfile_content"),
            *super().get_urls(),
        ]

    def has_upload_permission(self, request: HttpRequest) -> bool:
        """As the upload of the API: everybody who may change files."""
        principal = principal_of(request)
        return principal is not None and principal.may(Role.USER) and self.may(request, "update")

    @action(description="Upload", url_path="upload-link", permissions=["upload"], icon="upload")
    def upload_link(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:files_hostedfile_upload"))

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_upload_permission(request):
            raise PermissionDenied
        principal = caller_of(request)
        form = UploadForm(principal, request.POST, request.FILES) if request.method == "POST" else UploadForm(principal)
        if request.method == "POST" and form.is_valid():
            try:
                row = self._keep(principal, form.cleaned_data)
            except ApiError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, f"{row.filename} was uploaded.")
                return HttpResponseRedirect(reverse("admin:files_hostedfile_change", args=[row.pk]))
        context = {**self.admin_site.each_context(request), "title": "Upload a file", "opts": self.opts, "form": form}
        return TemplateResponse(request, "files/upload.html", context)

    def _keep(self, principal: Principal, given: dict[str, Any]) -> HostedFile:
        """First the bytes, then the row and its link. Raises ApiError."""
        acting, scope = inside(principal, given.get("account"))
        file = given["file"]
        with scope, acting_as(acting), rows_follow():
            target = target_of(acting, given["link_to_type"] or None, given["link_to_id"] or None)
            content_type = content_type_of_file(file)
            stored = put(file)
            values = {"filename": clean_filename(file.name), "title": given["title"] or None}
            return in_transaction(lambda: make_row(acting, stored, content_type, values, target))

    # --- looking into one

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return [("Content", {"fields": ["content"]}), *sets] if obj is not None else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["content"] if obj is not None else [])]

    @admin.display(description="preview")
    def content(self, row: HostedFile) -> str:
        if row.status != HostedFile.Status.READY or not row.hash_sha256:
            return f"Not ready: {row.status}."
        address = reverse("admin:files_hostedfile_content", args=[row.pk])
        link = format_html('<p><a class="text-primary-600 dark:text-primary-400" href="{}">Download</a></p>', address)
        kind = row.content_type or ""
        if kind not in SHOWN_INLINE:
            return link
        shown = f"{address}?inline=1"
        match kind.partition("/")[0]:
            case "image":
                looks = '<img src="{}" alt="{}" style="max-width:100%;max-height:24rem">'
            case "video":
                looks = '<video controls preload="metadata" src="{}" title="{}" style="max-width:100%"></video>'
            case "audio":
                looks = '<audio controls preload="metadata" src="{}" title="{}"></audio>'
            case _:
                looks = '<a class="text-primary-600" href="{}" target="_blank" rel="noopener">Open {}</a>'
        return format_html("{}{}", format_html(looks, shown, row.filename), link)

    def content_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        row = self.get_object(request, str(key))
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        if row.status != HostedFile.Status.READY or not row.hash_sha256:
            raise Http404
        content = Content(row.hash_sha256, row.size or 0, row.filename, row.content_type or "")
        try:
            return file_answer(request, content, inline="inline" in request.GET)
        except NotFound:
            raise Http404 from None


admin.site.unregister(HostedFile)
admin.site.register(HostedFile, HostedFileAdmin)
admin.site.register(DerivedFile, DerivedFileAdmin)
