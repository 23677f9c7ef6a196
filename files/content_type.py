"""What kind of file it is, from its bytes. What its name or its sender says of it decides nothing."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

UNKNOWN: Final = "application/octet-stream"
ZIP: Final = "application/zip"
HEAD: Final = 2**16
ZIP_END: Final = 2**16 + 22
"""A zip's last record, with the longest comment that it may have."""
ZIP_DIRECTORY: Final = 2**20

SIGNATURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (0, b"#!", "text/x-shellscript"),
    (0, b"OggS", "application/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
)
RIFF: Final = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
BRANDS: Final = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
OLD_QUICKTIME: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""Films from before there was `ftyp` begin with one of these."""
PDF: Final = re.compile(rb"%PDF-[0-9]\.[0-9]")
PDF_HEADER_WITHIN: Final = 1_024
"""Programs put a mark, line ends or the head of a mail before it, and readers take that (PDF 1.7, annex H 3.4.1)."""
PDF_OBJECT: Final = re.compile(rb"[0-9]\s+[0-9]+\s+obj\b")
PACKETS: Final = (188, 192, 204)
"""Bytes from one sync byte of a transport stream to the next: plain, with times (of camcorders), with checksums."""
OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
IN_ZIP: Final = (
    (b"ppt/", f"{OPEN_XML}.presentationml.presentation"),
    (b"word/", f"{OPEN_XML}.wordprocessingml.document"),
    (b"xl/", f"{OPEN_XML}.spreadsheetml.sheet"),
)
OPEN_DOCUMENT: Final = re.compile(rb"mimetype(application/(?:vnd\.oasis\.opendocument\.[a-z-]{1,40}|epub\+zip))")
MARKUP: Final = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|img|a\s|table|title|style|div|h1|p[\s>]|br|svg|\?xml|xsl:)", re.I
)


def content_type_of_file(file: BinaryIO) -> str:
    """The type of a file, which is left at its beginning."""
    file.seek(0)
    head = file.read(HEAD)
    content_type = content_type_of(head)
    if content_type == ZIP:  # which kind of zip its directory says, and that lies at the end
        content_type = _kind_of_zip(list(_names_in_zip(file))) or ZIP
    file.seek(0)
    return content_type


def content_type_of(head: bytes) -> str:
    """The type of a file that begins with these bytes (64 KiB are enough, but for a zip)."""
    if not head:
        return UNKNOWN
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(head)
    if head.startswith(b"RIFF") and head[8:12] in RIFF:
        return RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return "video/3gpp" if head[8:11] in (b"3gp", b"3g2") else BRANDS.get(head[8:12], "video/mp4")
    if head[4:8] in OLD_QUICKTIME and int.from_bytes(head[:4], "big") in range(2**31):
        return "video/quicktime"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:1] == b"\x47" and head[188:189] == b"\x47" and head[376:377] == b"\x47":
        return "video/mp2t"
    for offset, signature, content_type in SIGNATURES:
        if head.startswith(signature, offset):
            return content_type
    if _is_pdf(head):
        return "application/pdf"
    text = _text(head)
    return "video/mp2t" if text == UNKNOWN and _is_transport_stream(head) else text


def _is_pdf(head: bytes) -> bool:
    if head.startswith(b"%PDF-"):
        return True
    match = PDF.search(head, 0, PDF_HEADER_WITHIN)
    return match is not None and PDF_OBJECT.search(head, match.end()) is not None  # a text may speak of the header


def _is_transport_stream(head: bytes) -> bool:
    """Whether sync bytes follow each other, wherever the first of them stands."""
    return any(
        len(syncs := head[start : 8 * size : size]) >= 5 and not syncs.strip(b"\x47")
        for size in PACKETS
        for start in range(size)
    )


def _zip(head: bytes) -> str:
    if match := OPEN_DOCUMENT.search(head[:256]):
        return match[1].decode()
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        for folder, content_type in IN_ZIP:
            if folder in head:
                return content_type
    return ZIP


def _kind_of_zip(names: list[bytes]) -> str | None:
    if b"[Content_Types].xml" in names:
        for folder, content_type in IN_ZIP:
            if any(name.startswith(folder) for name in names):
                return content_type
    return None


def _names_in_zip(file: BinaryIO) -> Iterator[bytes]:
    """The names in a zip's directory, as far as its first MiB goes (APPNOTE 4.3.12 and 4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP_END))
    tail = file.read(ZIP_END)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 20:
        return
    length, start = struct.unpack_from("<LL", tail, place + 12)
    file.seek(min(start, size))
    directory = file.read(min(length, ZIP_DIRECTORY))
    at = 0
    while directory.startswith(b"PK\x01\x02", at) and len(directory) >= at + 46:
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        yield directory[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    begin = head[:4096]
    if match := MARKUP.search(begin):
        tag = match[1].lower()
        if b"<svg" in begin.lower():
            return "image/svg+xml"
        return "application/xml" if tag in (b"?xml", b"xsl:") and b"<html" not in begin.lower() else "text/html"
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a character is cut in two
            return UNKNOWN
        text = head[: error.start].decode()
    if any(ord(character) < 32 and character not in "\t\n\r\f\x1b" for character in text[:4096]):
        return UNKNOWN
    return "text/plain"


SHOWN_INLINE: Final = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"),
        *("application/pdf", "video/mp4", "video/webm", "audio/mpeg", "audio/mp4", "audio/wav", "audio/flac"),
    }
)
"""What a browser shows without running any of it in our origin."""
