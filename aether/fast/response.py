"""The answer in the envelope, without what Django and REST framework find out of responses in general.

Left out, of Django 5.2 and REST framework 3.18: `HttpResponse.__init__` (charset, content type, reason phrase),
`SimpleTemplateResponse` (template, context, callbacks), `Response.rendered_content` (which media type, which charset),
`ResponseHeaders`' conversion of values that are plain text. Leans on `_container`, `_resource_closers`, `_store`,
`_is_rendered` and what else those constructors set.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from django.http.response import ResponseHeaders

from crud.rest.responses import ApiResponse


class PlainHeaders(ResponseHeaders):
    """Django's, with a short way for plain text, which nearly every value is."""

    def __setitem__(self, name: str, value: Any) -> None:
        if type(value) is str and value.isascii() and value.isprintable():
            self._store[name.lower()] = (name, value)
        else:
            super().__setitem__(name, value)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._store

    def items(self) -> Any:
        return self._store.values()


class FastResponse(ApiResponse):
    renderer_context: dict[str, Any]
    """Set by the view, as the renderer is."""

    def __init__(
        self, data: Any, status: int = 200, *, message: str = "", headers: dict[str, str] | None = None, **meta: Any
    ) -> None:
        self.headers = PlainHeaders({})
        self.headers["Content-Type"] = "application/json"
        self.cookies = SimpleCookie()
        self.status_code = status
        self.closed = False
        self._charset = self._handler_class = self._reason_phrase = None
        self._request: Any = None
        self._resource_closers: list[Callable[[], object]] = []
        self._container: list[bytes] = [b""]
        self._post_render_callbacks: list[Any] = []
        self._is_rendered = False
        self.context_data = self.using = self.content_type = None
        self.template_name: Any = None
        self.exception = False
        self.data, self.message, self.meta = data, message, meta
        if headers:
            for name, value in headers.items():
                self.headers[name] = value

    def render(self) -> FastResponse:
        if not self._is_rendered:
            context: dict[str, Any] = self.renderer_context
            context["response"] = self
            body: Any = self.accepted_renderer.render(self.data, self.accepted_media_type, context)
            self._container = [body]
            self._is_rendered = True
        return self
