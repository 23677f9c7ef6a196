"""Badge templates in the admin: what the layout looks like, as it is being edited."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from crud.staff import ObjectAdmin
from events.badges.documents import SAMPLE, Design, one_each, png_of
from events.file_admin import EventFileAdmin  # noqa: F401  (it registers itself)
from events.models import EventBadgeTemplate
from kernel.errors import ApiError, Invalid
from kernel.json_body import parse_json_text

PREVIEW_DPI = 150


class EventBadgeTemplateAdmin(ObjectAdmin):
    class Media:
        js = ["events/badge_preview.js"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<int:key>/preview/", view, name="events_eventbadgetemplate_preview"), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return [*sets[:1], ("Preview", {"fields": ["preview"]}), *sets[1:]] if obj is not None else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["preview"] if obj is not None else [])]

    @admin.display(description="with a made-up person")
    def preview(self, row: EventBadgeTemplate) -> str:
        return format_html(
            '<img id="badge-preview" data-address="{}" alt="The badge as it would be printed" '
            'style="max-width:100%;width:{}mm;border:1px solid #8888"><p id="badge-preview-problem" role="status"></p>',
            reverse("admin:events_eventbadgetemplate_preview", args=[row.pk]),
            row.width_mm,
        )

    def preview_view(self, request: HttpRequest, key: int) -> JsonResponse:
        """The badge with what stands in the form now; nothing is kept. {"image", "warnings"} or {"problem"}."""
        template = self.get_object(request, str(key))
        if template is None or not self.has_view_permission(request, template):
            raise PermissionDenied
        try:
            self._take(template, request.POST)
            sample = {**SAMPLE, "event_name": template.event.name}
            drawing = one_each(Design.of(template), [sample])
            image = png_of(drawing.document, PREVIEW_DPI)
        except ValidationError as error:
            return JsonResponse({"problem": " ".join(error.messages)})
        except ApiError as error:
            return JsonResponse({"problem": error.message})
        shown = f"data:image/png;base64,{base64.b64encode(image).decode()}"
        return JsonResponse({"image": shown, "warnings": drawing.warnings()})

    def _take(self, template: EventBadgeTemplate, given: Any) -> None:
        """Raises ValidationError, Invalid."""
        for name in ("width_mm", "height_mm"):
            if name in given:
                field: Any = template._meta.get_field(name)
                setattr(template, name, field.clean(given[name], template))
        if "layout_json" in given:
            try:
                layout = parse_json_text(given["layout_json"].encode("utf-8", "replace"))
            except Invalid:
                raise ValidationError("The layout is not JSON yet.") from None
            template.layout_json = template._meta.get_field("layout_json").clean(layout, template)


admin.site.unregister(EventBadgeTemplate)
admin.site.register(EventBadgeTemplate, EventBadgeTemplateAdmin)
