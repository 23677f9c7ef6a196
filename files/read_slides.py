"""What a presentation is made of: pages, fonts, media, and what was left in it. It runs in a child: a hostile one ends
there.

SOURCE TARGET KIND, where KIND is pptx, odp or pdf. TARGET becomes JSON: {width, height, pages, fonts, media, left_in};
a page is a digest of what is on it, sizes are in points, a font is `[name, embedded]`, a medium `[page, name, kind,
embedded, missing, size]`, and what was left in `[code, page]`. Answers one word: password, unreadable, too_large.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, fromstring

MAX_PAGES: Final = 2_000
MAX_PARTS: Final = 50_000
MAX_PART: Final = 16 * 2**20
"""Bytes of one part of XML, unpacked."""
MAX_XML: Final = 256 * 2**20
"""Of all of them."""
MAX_LISTED: Final = 500
MAX_TEXT: Final = 20_000
MAX_OBJECTS: Final = 5_000
"""Texts on a page of a PDF whose fonts are looked at."""
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
EMU: Final = 12_700
"""Units of PowerPoint in a point."""
INCHES: Final = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0}
DOCTYPE: Final = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))


class Misfit(Exception):
    """The argument is the word for it."""


def main(source: str, target: str, kind: str) -> str:
    try:
        with open(source, "rb") as file:
            if file.read(len(OLE)) == OLE:  # an encrypted one lies within such a container
                return "password" if kind == "pptx" else "unreadable"
        summary = {"pptx": read_pptx, "odp": read_odp, "pdf": read_pdf}[kind](source)
        summary["fonts"] = sorted(summary["fonts"].items())[:MAX_LISTED]
        summary["media"] = summary["media"][:MAX_LISTED]
        summary["left_in"] = summary["left_in"][:MAX_LISTED]
        with open(target, "w") as out:
            json.dump(summary, out)
    except Misfit as error:
        return str(error)
    except MemoryError:
        return "too_large"
    except Exception:  # noqa: BLE001  (whatever a damaged file makes the parsers raise)
        return "unreadable"
    return ""


def nothing(width: float, height: float) -> dict[str, Any]:
    return {"width": width, "height": height, "pages": [], "fonts": {}, "media": [], "left_in": []}


class Parts:
    """The parts of a zip, each bounded."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.parts = {info.filename: info for info in archive.infolist()}
        self.unpacked = 0
        if len(self.parts) > MAX_PARTS:
            raise Misfit("too_large")
        if any(info.flag_bits & 1 for info in self.parts.values()):
            raise Misfit("password")

    def xml(self, name: str) -> Element:
        with self.archive.open(self.parts[name]) as part:
            text = part.read(MAX_PART + 1)
        self.unpacked += len(text)
        if len(text) > MAX_PART or self.unpacked > MAX_XML:
            raise Misfit("too_large")
        if any(mark in text[:4_096] for mark in DOCTYPE):  # no such file has one; entities would be next
            raise Misfit("unreadable")
        try:
            return fromstring(text)  # noqa: S314  (without a DOCTYPE there are no entities)
        except ParseError:
            raise Misfit("unreadable") from None

    def mark(self, name: str) -> str:
        """Of a part's bytes, as the zip itself says it."""
        info = self.parts[name]
        return f"{info.CRC} {info.file_size}"


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str | None:
    """By its name without the namespace."""
    return next((value for key, value in element.attrib.items() if local(key) == name), None)


# PowerPoint, as ECMA-376 has it


def read_pptx(source: str) -> dict[str, Any]:
    with zipfile.ZipFile(source) as archive:
        package = Parts(archive)
        deck = package.xml("ppt/presentation.xml")
        size = next((one for one in deck.iter() if local(one.tag) == "sldSz"), None)
        width, height = (int(size.get(name, 0)) / EMU if size is not None else 0.0 for name in ("cx", "cy"))
        summary = nothing(width, height)
        embedded = {
            str(font.get("typeface"))
            for one in deck.iter()
            if local(one.tag) == "embeddedFont"
            for font in one
            if local(font.tag) == "font"
        }
        if any(name.lower().endswith("vbaproject.bin") for name in package.parts):
            summary["left_in"].append(["macros", None])
        targets = {link.get("Id"): name for link, name in relations(package, "ppt/presentation.xml")}
        order = [targets.get(value) for one in deck.iter() if local(one.tag) == "sldId" for value in relation_ids(one)]
        slides = [name for name in order if name in package.parts]
        if len(slides) > MAX_PAGES:
            raise Misfit("too_large")
        names = theme_fonts(package)
        for page, name in enumerate(slides, 1):
            names |= read_slide(package, str(name), page, summary)
        summary["fonts"] = {name: name in embedded for name in names}
        return summary


def relation_ids(element: Element) -> Iterator[str]:
    yield from (value for key, value in element.attrib.items() if "}" in key and local(key) == "id")


def relations(package: Parts, part: str) -> Iterator[tuple[Element, str]]:
    """Each link of a part, and the name of the part that it leads to."""
    folder, _, name = part.rpartition("/")
    listed = f"{folder}/_rels/{name}.rels"
    for link in package.xml(listed) if listed in package.parts else ():
        target = unquote(link.get("Target", ""))
        yield link, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def theme_fonts(package: Parts) -> set[str]:
    """What texts are in that name no font; of the first theme, as others are those of notes and handouts."""
    if "ppt/theme/theme1.xml" not in package.parts:
        return set()
    fonts = (one for one in package.xml("ppt/theme/theme1.xml").iter() if local(one.tag) in ("majorFont", "minorFont"))
    return {str(latin.get("typeface")) for one in fonts for latin in one if local(latin.tag) == "latin"} - {"", "None"}


def read_slide(package: Parts, name: str, page: int, summary: dict[str, Any]) -> set[str]:
    """Adds it to what was found. Answers the fonts that it names."""
    slide = package.xml(name)
    digest = hashlib.sha256(package.mark(name).encode())
    for link, target in relations(package, name):
        kind = link.get("Type", "").rpartition("/")[2]
        if link.get("TargetMode") == "External":
            if kind in ("video", "audio", "media", "image"):
                summary["media"].append([page, shown_name(link.get("Target", "")), medium(kind), False, True, None])
            elif kind != "hyperlink":
                summary["left_in"].append(["external_reference", page])
        elif kind in ("video", "audio", "image"):
            there = target in package.parts
            size = package.parts[target].file_size if there else None
            digest.update(package.mark(target).encode() if there else b"?")
            if kind != "image" or not there:
                summary["media"].append([page, posixpath.basename(target), medium(kind), True, not there, size])
        elif kind == "comments":
            summary["left_in"].append(["comments", page])
        elif kind == "notesSlide" and target in package.parts and has_notes(package.xml(target)):
            summary["left_in"].append(["notes", page])
    summary["pages"].append(digest.hexdigest())
    named = (one.get("typeface", "") for one in slide.iter() if local(one.tag) in ("latin", "ea", "cs"))
    return {name for name in named if name and not name.startswith("+")}


def medium(kind: str) -> str:
    return {"media": "video"}.get(kind, kind)


def shown_name(address: str) -> str:
    """The name alone: the way to it is of the presenter's machine."""
    return unquote(address).replace("\\", "/").rpartition("/")[2][:255]


def has_notes(notes: Element) -> bool:
    """Whether somebody has written into the placeholder for them; the page's number is another."""
    for shape in (one for one in notes.iter() if local(one.tag) == "sp"):
        is_body = any(local(one.tag) == "ph" and one.get("type") == "body" for one in shape.iter())
        if is_body and any(local(one.tag) == "t" and (one.text or "").strip() for one in shape.iter()):
            return True
    return False


# OpenDocument, as ISO/IEC 26300 has it


def read_odp(source: str) -> dict[str, Any]:
    with zipfile.ZipFile(source) as archive:
        package = Parts(archive)
        listed = package.xml("META-INF/manifest.xml") if "META-INF/manifest.xml" in package.parts else ()
        if any(local(one.tag) == "encryption-data" for entry in listed for one in entry.iter()):
            raise Misfit("password")
        content = package.xml("content.xml")
        summary = nothing(*odp_size(package))
        faces = (one for one in content.iter() if local(one.tag) == "font-face")
        fonts = {(attribute(one, "font-family") or "").strip("'\""): one for one in faces}
        is_embedded = {
            name: any(local(sub.tag) == "font-face-src" for sub in one.iter()) for name, one in fonts.items()
        }
        summary["fonts"] = {name: there for name, there in is_embedded.items() if name}
        if any(name.startswith("Basic/") and not name.endswith(("-lc.xml", "-lb.xml", "/")) for name in package.parts):
            summary["left_in"].append(["macros", None])
        pages = [one for one in content.iter() if local(one.tag) == "page"]
        if len(pages) > MAX_PAGES:
            raise Misfit("too_large")
        for number, page in enumerate(pages, 1):
            read_odp_page(package, page, number, summary)
        return summary


def odp_size(package: Parts) -> tuple[float, float]:
    if "styles.xml" in package.parts:
        for one in package.xml("styles.xml").iter():
            width, height = attribute(one, "page-width"), attribute(one, "page-height")
            if local(one.tag) == "page-layout-properties" and width and height:
                return points(width), points(height)
    return 0.0, 0.0


def points(length: str) -> float:
    unit = length[-2:]
    return float(length[:-2]) * INCHES[unit] if unit in INCHES else 0.0


def read_odp_page(package: Parts, page: Element, number: int, summary: dict[str, Any]) -> None:
    digest = hashlib.sha256()
    for one in page.iter():
        tag, target = local(one.tag), attribute(one, "href")
        digest.update(repr((tag, sorted(one.attrib.items()), (one.text or "").strip())).encode())
        if target and tag in ("plugin", "image", "object"):
            name = unquote(target).removeprefix("./")
            there = name in package.parts
            if there:
                digest.update(package.mark(name).encode())
            if tag == "plugin" or (tag == "image" and not there):
                size = package.parts[name].file_size if there else None
                kind = "video" if tag == "plugin" else "image"
                summary["media"].append([number, shown_name(target), kind, there, not there, size])
        if tag == "annotation":
            summary["left_in"].append(["comments", number])
        if tag == "notes" and any(local(sub.tag) in ("p", "span") and (sub.text or "").strip() for sub in one.iter()):
            summary["left_in"].append(["notes", number])
    summary["pages"].append(digest.hexdigest())


# PDF


def read_pdf(source: str) -> dict[str, Any]:
    import pypdfium2  # what reads the other kinds needs none of it

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise Misfit("password" if "password" in str(error).lower() else "unreadable") from None
    if len(document) > MAX_PAGES:
        raise Misfit("too_large")
    summary = nothing(0.0, 0.0)
    for number in range(len(document)):
        page = document[number]
        if not number:
            summary["width"], summary["height"] = page.get_size()
        text = page.get_textpage().get_text_range(0, -1)[:MAX_TEXT]
        picture = page.render(scale=64 / max(*page.get_size(), 1))
        digest = hashlib.sha256(repr((text, page.get_size())).encode())
        digest.update(bytes(picture.buffer))
        summary["pages"].append(digest.hexdigest())
        read_fonts(page, summary["fonts"])
        page.close()
    return summary


def read_fonts(page: Any, fonts: dict[str, bool]) -> None:
    import pypdfium2.raw as pdfium

    for count, item in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])):
        if count == MAX_OBJECTS or len(fonts) > MAX_LISTED:
            return
        font = pdfium.FPDFTextObj_GetFont(item.raw)
        if not font:
            continue
        room = ctypes.create_string_buffer(256)
        pdfium.FPDFFont_GetBaseFontName(font, room, 256)
        name = room.value.decode("utf-8", "replace").rpartition("+")[2]
        fonts[name] = fonts.get(name, True) and pdfium.FPDFFont_GetIsEmbedded(font) == 1
