"""How uvicorn reads HTTP for us: without the trailers of chunked bodies."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WithoutTrailers(HttpToolsProtocol):
    """uvicorn adds the fields that follow a chunked body to the headers of the request, if they come soon enough. A
    proxy in front has not looked at them, and no field of ours may stand there (RFC 9110, section 6.5.1): they go."""

    _headers_are_complete = False

    def on_message_begin(self) -> None:
        self._headers_are_complete = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._headers_are_complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._headers_are_complete = True
        super().on_headers_complete()
