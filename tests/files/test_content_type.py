"""The type is told by the bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from files.content_type import SHOWN_INLINE, content_type_of, content_type_of_file


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (2, 2)).save(target, kind)
    return target.getvalue()


def office(part: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
    return target.getvalue()


def transport_stream(size: int, before: int) -> bytes:
    packet = b"\x47\x00\x11" + bytes(range(256))[: size - 3]
    return b"\x00\xff\x01\x02" * before + packet * 12


OPEN_XML = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (office("ppt/presentation.xml"), f"{OPEN_XML}.presentationml.presentation"),
        (office("word/document.xml"), f"{OPEN_XML}.wordprocessingml.document"),
        (office("xl/workbook.xml"), f"{OPEN_XML}.spreadsheetml.sheet"),
        (office("x.txt"), "application/zip"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm"),
        (b"MZ\x90\x00", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b"#!/bin/sh\nrm -rf /", "text/x-shellscript"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"\n\n  <script>alert(1)</script>", "text/html"),
        (b"plain, then <script>alert(1)</script>", "text/html"),
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "image/svg+xml"),
        (b'<?xml version="1.0"?><root/>', "application/xml"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", "text/plain"),
        ("Grüße 😀".encode(), "text/plain"),
        (("é" * 40_000).encode()[:65_535], "text/plain"),  # a character cut in two
        (b"\xef\xbb\xbf%PDF-1.7\n1 0 obj\n<<>>", "application/pdf"),
        (b"\r\n\r\n%PDF-1.7\n1 0 obj\n<<>>", "application/pdf"),
        (b"Content-Type: application/pdf\r\n\r\n%PDF-1.4\n%\xe2\xe3\n12 0 obj\n<<>>", "application/pdf"),
        (b"\x00" * 1_000 + b"%PDF-1.7\n1 0 obj", "application/pdf"),
        (b"x" * 1_024 + b"%PDF-1.7\n1 0 obj", "text/plain"),  # no reader looks so far
        (b"A PDF begins with %PDF-1.7, then come its objects.", "text/plain"),
        (transport_stream(188, 0), "video/mp2t"),
        (transport_stream(188, 3), "video/mp2t"),  # begins within a packet
        (transport_stream(192, 1), "video/mp2t"),  # of a camcorder
        (transport_stream(204, 0), "video/mp2t"),
        (b"G" + b"x" * 191 + b"\n", "text/plain"),
        ((b"G".ljust(191, b".") + b"\n") * 12, "text/plain"),
        (b"\x00\x00\x00\x08wide\x00\x01", "video/quicktime"),
        (b"\x00\x00\x00\x14ftyp3gp6", "video/3gpp"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_it_is(head: bytes, expected: str) -> None:
    assert content_type_of(head) == expected


@pytest.mark.parametrize("comment", [b"", b"made by hand " * 5_000])
@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("ppt/presentation.xml", f"{OPEN_XML}.presentationml.presentation"),
        ("word/document.xml", f"{OPEN_XML}.wordprocessingml.document"),
        ("xl/workbook.xml", f"{OPEN_XML}.spreadsheetml.sheet"),
        ("photos/ppt/presentation.xml", "application/zip"),
    ],
)
def test_what_kind_of_zip_its_directory_says(part: str, kind: str, comment: bytes) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("docProps/thumbnail.jpeg", bytes(80_000))
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
        archive.comment = comment
    assert content_type_of_file(target) == kind
    assert target.tell() == 0


@pytest.mark.parametrize("cut", [1, 10, 30, 60, 100, 79_000])
def test_a_zip_that_is_cut_off_or_lies_is_a_zip(cut: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("docProps/thumbnail.jpeg", bytes(80_000))
    whole = target.getvalue()
    assert content_type_of_file(io.BytesIO(whole[:-cut])) == "application/zip"
    assert content_type_of_file(io.BytesIO(whole[:-10] + b"\xff" * 10)) == "application/zip"


def test_nothing_that_runs_is_shown_in_the_browser() -> None:
    assert {"text/html", "image/svg+xml", "application/xml", "text/plain"}.isdisjoint(SHOWN_INLINE)
