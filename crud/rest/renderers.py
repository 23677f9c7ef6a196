"""The one shape of every answer: {"data": …, "meta": {…}} (contract section 1)."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BaseRenderer

from kernel.envelope import enveloped


class EnvelopeRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        response = renderer_context["response"]
        return enveloped(
            data,
            response.status_code,
            getattr(response, "message", "") or response.status_text,
            getattr(response, "meta", None),
        )
