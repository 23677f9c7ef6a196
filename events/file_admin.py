"""Files of an event in the admin: a new one takes the file itself, beside what it is for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminFileFieldWidget

from crud import registry
from crud.staff import ObjectAdmin, inside
from crud.staff.forms import ObjectForm
from events.models import EventFile
from files.content_type import content_type_of_file
from files.filename import clean_filename, extension_of
from files.store import put, rows_follow
from files.upload import Arrived, host_upload
from kernel.request_context import caller_of
from tenancy.principal import acting_as


class EventFileForm(ObjectForm):
    upload = forms.FileField(
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        label="File",
        help_text="The file itself, or choose below one that is hosted already.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None or not registry["hosted_file"].may("update", self.principal):
            del self.fields["upload"]
        elif "hosted_file" in self.fields:
            self.fields["hosted_file"].required = False

    def clean(self) -> Any:
        cleaned = super().clean()
        if "upload" in self.fields and "upload" not in self.errors:
            upload, hosted = cleaned.get("upload"), cleaned.get("hosted_file")
            if bool(upload) is bool(hosted):
                self.add_error("upload", "Give a file, or choose one that is hosted; one of both.")
            elif upload and upload.size > settings.AETHER_MAX_UPLOAD_BYTES:
                self.add_error("upload", "The file is larger than uploads may be.")
        return cleaned


class EventFileAdmin(ObjectAdmin):
    form = EventFileForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is None and registry["hosted_file"].may("update", caller_of(request)):
            return [("File", {"fields": ["upload"]}), *sets]
        return sets

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        upload = form.cleaned_data.get("upload")
        if not upload:
            super().save_model(request, obj, form, change)
            return
        caller = caller_of(request)
        acting, scope = inside(caller, obj.account_id if caller.account_id is None else None)
        with scope, acting_as(acting), rows_follow():
            one = Arrived(clean_filename(upload.name), put(upload), content_type_of_file(upload))
            hosted = host_upload(acting, one, {}, None)
            _begin_anew(obj, form.changed_data)  # the form's checks have derived it without the file
            obj.hosted_file = hosted
            obj.filename = obj.filename or hosted.filename
            obj.extension = obj.extension or extension_of(obj.filename)
            super().save_model(request, obj, form, change)


def _begin_anew(row: Any, given: list[str]) -> None:
    names = {field.name for field in row._meta.concrete_fields}
    values = {name: getattr(row, name) for name in given if name in names}
    row.__dict__ = type(row)(account_id=row.account_id, **values).__dict__


admin.site.unregister(EventFile)
admin.site.register(EventFile, EventFileAdmin)
