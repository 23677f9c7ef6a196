"""The type is told by the bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from files.content_type import SHOWN_INLINE, content_type_of


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
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_it_is(head: bytes, expected: str) -> None:
    assert content_type_of(head) == expected


def test_nothing_that_runs_is_shown_in_the_browser() -> None:
    assert {"text/html", "image/svg+xml", "application/xml", "text/plain"}.isdisjoint(SHOWN_INLINE)
