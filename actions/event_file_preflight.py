"""What would go wrong when a file of an event is shown."""

from __future__ import annotations

from typing import Any, ClassVar

from actions.action import Action, Call, register
from crud import registry, resolve
from events.models import EventFile
from events.preflight import preflight
from files.models import HostedFile
from kernel.errors import Invalid


@register
class Preflight(Action):
    path = "event_file/{id}/preflight"
    summary = "What would go wrong when a presentation is shown"
    description = (
        "PowerPoint, OpenDocument and PDF: pages, fonts, media and what was left in, held against the room "
        "(`screen_width`, `screen_height`, `fonts_json`) and the version before. `status` is `ready`, `failed` (the "
        "finding says why) or `unsupported` for another kind of file. Its bytes were looked into when they arrived, or "
        "are now; `preflight_level` of the event_file says what that came to."
    )
    example: ClassVar[Any] = {
        "status": "ready",
        "kind": "pptx",
        "pages": 12,
        "width": 960.0,
        "height": 540.0,
        "aspect_ratio": 1.7778,
        "duration": None,
        "fonts": [{"name": "Calibri", "embedded": False, "in_room": True}],
        "media": [
            {
                "page": 3,
                "name": "film.mp4",
                "kind": "video",
                "embedded": True,
                "missing": False,
                "size": 48213,
                "codec": None,
            }
        ],
        "findings": [{"code": "notes", "level": "info", "page": 2, "message": "Speaker notes were left in."}],
        "thumbnails": [],
        "changes": {"against_version": 1, "pages": [7, 12], "added": [], "removed": []},
    }

    def run(self, call: Call) -> dict[str, Any]:
        key = resolve(registry["event_file"], call.principal, call.path["id"])
        row = EventFile.objects.select_related("hosted_file", "event_session", "event_presentation").get(pk=key)
        if row.hosted_file.status != HostedFile.Status.READY:
            raise Invalid(f"The file is not ready: {row.hosted_file.status}.")
        return preflight(row)
