"""An upload: multipart/form-data, read as it comes in. Neither the request nor a file is ever held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError, multipartparser
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from files.directory_storage import CHUNK
from files.filename import clean_filename
from files.store import Draft, new_draft, no_room_for
from kernel.deadline import begin_deadline
from kernel.errors import Invalid, LengthRequired, TooLarge, TooSlow
from kernel.wording import GIVEN_TWICE, NUL

ROOM_FOR_FIELDS = 2**20
"""How much longer than the longest file a request may be."""

# Django's 1,024 bytes for the head of a part do not hold a name of 255 characters outside of ASCII.
multipartparser.MAX_TOTAL_HEADER_SIZE = 8_192  # type: ignore[attr-defined]


@dataclass
class ReceivedUpload:
    """What came in: drafts of the files, each with its name, and the other fields as texts."""

    files: list[tuple[str, Draft]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


class Incoming:
    """The body as the parser reads it: counts it, and keeps its end, to tell a whole body from a broken one."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.count = 0
        self.end = b""
        self.boundary = b""
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._request.read(size)
        self.count += len(data)
        self.end = (self.end + data[-256:])[-256:]
        self._check_heads(data)
        return data

    def _check_heads(self, data: bytes) -> None:
        """Django's parser leaves out a part whose head it can't decode, without a word. Raises Invalid."""
        window = self._tail + data
        start = window.find(self.boundary)
        while start >= 0 and (end := window.find(b"\r\n\r\n", start)) >= 0:  # else the rest of it is yet to come
            try:
                window[start:end].decode()
            except UnicodeDecodeError:
                raise Invalid.field("file", "The file's name is not UTF-8. Send it in UTF-8.") from None
            start = window.find(self.boundary, start + 1)
        self._tail = window[-multipartparser.MAX_TOTAL_HEADER_SIZE :]  # type: ignore[attr-defined]


class UploadParser(MultiPartParser):
    """Django's own clean-up takes a name for HTML, and drops blanks and joiners of other scripts."""

    _boundary: bytes
    """Django's own; its types don't know it."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        return file_name.replace("%22", '"') or None  # as browsers write it (HTML, multipart form data)


class IntoDrafts(FileUploadHandler):
    """Writes each file named `file` into a draft."""

    chunk_size = CHUNK

    def __init__(self, upload: ReceivedUpload) -> None:
        super().__init__()
        self.upload = upload
        self.opened: list[Draft] = []

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        if field_name != "file":
            raise Invalid.field(field_name, "Files come in fields named file.")
        self.name = clean_filename(file_name)
        self.draft = new_draft()
        self.opened.append(self.draft)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.draft.size + len(raw_data) > settings.AETHER_MAX_UPLOAD_BYTES:
            raise too_large()
        self.draft.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.upload.files.append((self.name, self.draft))


@contextmanager
def received(request: HttpRequest) -> Iterator[ReceivedUpload]:
    """The upload in a request. Drafts that were not kept are gone when the block ends.

    Raises Invalid (broken, half, no file), TooLarge, LengthRequired.
    """
    length = _length(request)
    upload = ReceivedUpload()
    handler = IntoDrafts(upload)
    body = Incoming(request)
    try:
        try:
            parser = UploadParser(request.META, body, [handler], "utf-8")  # type: ignore[arg-type]
            body.boundary = b"--" + parser._boundary + b"\r\n"
            parsed, _ = parser.parse()
        except RequestDataTooBig:
            raise
        except TooManyFilesSent as error:
            raise Invalid.field("file", f"At most {settings.DATA_UPLOAD_MAX_NUMBER_FILES} go in one upload.") from error
        except TooManyFieldsSent as error:
            raise Invalid(f"An upload has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields.") from error
        except UnreadablePostError as error:
            raise TooSlow if isinstance(error.__cause__, TimeoutError) else broken() from error
        except (MultiPartParserError, SuspiciousOperation, ValueError, OverflowError) as error:
            raise broken() from error
        except OSError as error:
            raise no_room_for(error) from error
        begin_deadline()
        if body.count != length or body.boundary[:-2] + b"--" not in body.end:
            raise broken()
        for name, values in parsed.lists():
            if len(values) != 1:
                raise Invalid.field(name, GIVEN_TWICE)
            if "\x00" in values[0]:
                raise Invalid.field(name, NUL)
            if "\ufffd" in values[0]:
                raise Invalid.field(name, "The text is not UTF-8. Send it in UTF-8.")
            upload.fields[name] = values[0]
        if not upload.files:
            raise Invalid.field("file", "Send one file or more, each in a field named file, with a filename.")
        yield upload
    finally:
        for draft in handler.opened:
            draft.close()


def _length(request: HttpRequest) -> int:
    content_type = request.META.get("CONTENT_TYPE", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise Invalid("Send the upload as Content-Type: multipart/form-data.")
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Invalid("Send the upload without a Content-Encoding.")
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text:
        raise LengthRequired
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("The Content-Length is not a number.")
    length = int(text)
    if length > settings.AETHER_MAX_UPLOAD_BYTES + ROOM_FOR_FIELDS:
        raise too_large()
    return length


def too_large() -> TooLarge:
    return TooLarge(f"An upload has at most {settings.AETHER_MAX_UPLOAD_BYTES} bytes.")


def broken() -> Invalid:
    return Invalid("The upload broke off, or is no multipart/form-data.")
