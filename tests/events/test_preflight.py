"""What is told of a presentation before it is shown; and that a hostile one is bounded, and told."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from events.preflight import compare, of_volume
from tests.conftest import Party
from tests.events.test_slots import Talk
from tests.files.media import film, pdf

pytestmark = pytest.mark.usefixtures("own_store")
NAMES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def links(*rows: tuple[str, str, bool]) -> str:
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{KIND}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for n, (kind, target, outside) in enumerate(rows)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def slide(text: str, font: str = "Calibri") -> str:
    return f'<p:sld {NAMES}><a:r><a:rPr><a:latin typeface="{font}"/></a:rPr><a:t>{text}</a:t></a:r></p:sld>'


def pptx(
    *slides: str, more: dict[str, str | bytes] | None = None, size: tuple[int, int] = (12192000, 6858000)
) -> bytes:
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(len(slides)))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'<p:presentation {NAMES}><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="{size[0]}" cy="{size[1]}"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": links(
            *(("slide", f"slides/slide{n}.xml", False) for n in range(len(slides)))
        ),
    }
    parts |= {f"ppt/slides/slide{n}.xml": text for n, text in enumerate(slides)}
    return zipped(parts | (more or {}))


ODP_NAMES = (
    'xmlns:office="urn:o" xmlns:draw="urn:d" xmlns:style="urn:s" xmlns:svg="urn:v" xmlns:fo="urn:f" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:presentation="urn:p" xmlns:text="urn:t"'
)


def odp(pages: str, **more: str) -> bytes:
    content = f"<office:document-content {ODP_NAMES}><style:font-face svg:font-family=\"'Lato'\"/>{pages}</office:document-content>"
    styles = f'<office:styles {ODP_NAMES}><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></office:styles>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.presentation",
            "content.xml": content,
            "styles.xml": styles,
            **more,
        }
    )


class Hall(Talk):
    """The talk's room has a wide screen, and Lato."""

    def __init__(self, party: Party) -> None:
        super().__init__(party)
        room = {"screen_width": 1920, "screen_height": 1080, "fonts_json": ["Lato", "Calibri"]}
        self.room = party.manager.create("event_location", event_id=self.event, name="Hall", **room)["id"]
        assert (
            party.manager.patch(f"/v3/crud/event_session/{self.session}", {"event_location_id": self.room}).status
            == 200
        )

    def look(self, data: bytes, name: str = "a.pptx", slot: str = "slides") -> dict[str, Any]:
        self.latest = self.put(name, data, slot=slot)["id"]
        answer = self.party.member.get(f"/v3/action/event_file/{self.latest}/preflight")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.data
        return found


@pytest.fixture
def hall(north: Party) -> Hall:
    return Hall(north)


def codes(report: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    return sorted((one["code"], one["level"], one["page"]) for one in report["findings"])


def test_a_clean_deck(hall: Hall) -> None:
    report = hall.look(pptx(slide("one"), slide("two", "lato")))
    assert (report["status"], report["kind"], report["pages"], report["aspect_ratio"]) == ("ready", "pptx", 2, 1.7778)
    assert (report["width"], report["height"]) == (960.0, 540.0)
    assert report["findings"] == []
    assert report["fonts"] == [{"name": name, "embedded": False, "in_room": True} for name in ("Calibri", "lato")]
    assert report["changes"] is None


def test_what_is_wrong_with_a_powerpoint(hall: Hall) -> None:
    notes = f'<p:notes {NAMES}><p:sp><p:ph type="body"/><a:t>say hello</a:t></p:sp></p:notes>'
    more: dict[str, str | bytes] = {
        "ppt/vbaProject.bin": b"x",
        "ppt/media/film.mp4": b"film",
        "ppt/notesSlides/n.xml": notes,
        "ppt/slides/_rels/slide1.xml.rels": links(
            ("video", "../media/film.mp4", False),
            ("video", "file:///C:/Users/ada/My%20film.mp4", True),
            ("hyperlink", "https://example.org", True),
            ("oleObject", "file:///C:/table.xlsx", True),
            ("comments", "../comments/c.xml", False),
            ("notesSlide", "../notesSlides/n.xml", False),
        ),
    }
    report = hall.look(pptx(slide("one"), slide("two", "Wingdings 9"), more=more, size=(9144000, 6858000)))
    assert codes(report) == [
        ("aspect_ratio", "warning", None),
        ("comments", "info", 2),
        ("external_reference", "warning", 2),
        ("font_not_in_room", "error", None),
        ("linked_media", "error", 2),
        ("macros", "warning", None),
        ("notes", "info", 2),
    ]
    assert [(one["page"], one["name"], one["missing"], one["size"]) for one in report["media"]] == [
        (2, "film.mp4", False, 4),
        (2, "My film.mp4", True, None),
    ]
    assert "Users" not in str(report)


def test_open_document_and_pdf(hall: Hall) -> None:
    page = '<draw:page><draw:plugin xlink:href="../film.ogv"/><presentation:notes><text:p>hello</text:p></presentation:notes></draw:page>'
    report = hall.look(odp(page), "a.odp")
    assert (report["kind"], report["pages"], report["aspect_ratio"]) == ("odp", 1, 1.3333)
    assert codes(report) == [("aspect_ratio", "warning", None), ("linked_media", "error", 1), ("notes", "info", 1)]
    report = hall.look(pdf(3, 960, 540), "a.pdf")
    assert (report["kind"], report["pages"], report["aspect_ratio"]) == ("pdf", 3, 1.7778)
    assert [(font["name"], font["embedded"]) for font in report["fonts"]] == [("Helvetica", False)]
    assert codes(report) == [("font_not_in_room", "error", None)]
    assert hall.look(b"plain text", "a.txt")["status"] == "unsupported"


def test_what_changed_against_the_version_before(hall: Hall) -> None:
    hall.look(pptx(slide("a"), slide("b"), slide("c"), slide("d")))
    report = hall.look(pptx(slide("a"), slide("B"), slide("d"), slide("c"), slide("e")))
    assert report["changes"] == {"against_version": 1, "pages": [2], "added": [5], "removed": []}
    hall.look(pdf(3), "a.pdf")
    assert hall.look(pdf(2), "a.pdf")["changes"] == {"against_version": 3, "pages": [], "added": [], "removed": [3]}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("abc", "abc", ([], [], [])),
        ("abc", "cab", ([], [], [])),
        ("abc", "axc", ([2], [], [])),
        ("abc", "ac", ([], [], [2])),
        ("abc", "abxc", ([], [3], [])),
        ("aab", "ab", ([], [], [1])),
        ("", "ab", ([], [1, 2], [])),
    ],
)
def test_which_pages_changed(before: str, after: str, told: Any) -> None:
    assert compare(list(before), list(after)) == told


def test_hostile_files_are_told(hall: Hall) -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><p:sld {NAMES}>&a;</p:sld>'
    many = pptx(*["<s/>"] * 2_001)
    huge = pptx(f"<s>{' ' * (17 * 2**20)}</s>")
    deep = pptx("<s>" * 100_000 + "</s>" * 100_000)
    encrypted = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2_000)
    cases = {
        "unreadable": [pptx(bomb), pptx("<s>"), pptx(slide("x"))[:400] + bytes(90), b"%PDF-1.7\n" + b"x" * 90],
        "too_large": [many, huge],
        "password": [encrypted],
    }
    for code, contents in cases.items():
        for number, content in enumerate(contents):
            name = f"{code}{number}.{'pdf' if content.startswith(b'%PDF') else 'pptx'}"
            report = hall.look(content, name, "handout")  # each in a slot of its own: there is no former version
            assert (report["status"], codes(report)) == ("failed", [(code, "error", None)]), name
    assert hall.look(deep, "deep.pptx", "handout")["status"] in ("ready", "failed")


def test_who_reads_it(hall: Hall, south: Party) -> None:
    hall.look(pptx(slide("a")))
    path = f"/v3/action/event_file/{hall.latest}/preflight"
    for caller in (south.manager, hall.party.guest):
        assert caller.get(path).error == ("permission", 403)
    assert hall.party.member.get("/v3/action/event_file/nowhere0000/preflight").error == ("not_found", 404)
    assert hall.party.member.get(f"{path}?more=1").error == ("validation", 400)
    room = f"/v3/crud/event_location/{hall.room}"
    for wrong in ({"fonts_json": "Lato"}, {"fonts_json": [1]}, {"fonts_json": [""]}, {"screen_width": 0}):
        assert hall.party.manager.patch(room, wrong).error == ("validation", 400), wrong


def test_films(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = f"/v3/crud/event_presentation/{hall.id}"
    times = {"start_datetime": "2026-05-01T15:00:00Z", "end_datetime": "2026-05-01T15:00:03Z"}
    assert hall.party.manager.patch(talk, times).status == 200
    report = hall.look(film(4, picture="320x180"), "a.mp4", "video")
    assert (report["status"], report["kind"], report["pages"]) == ("ready", "video", None)
    assert (report["width"], report["height"], report["aspect_ratio"]) == (320, 180, 1.7778)
    assert 3.9 < report["duration"] < 4.2
    assert [(one["codec"], one["kind"], one["missing"]) for one in report["media"]] == [("h264", "video", False)]
    assert codes(report) == [("too_long", "warning", None)]
    assert report["findings"][0]["message"] == "It lasts 0:04 minutes, and there is time for 0:03 minutes."
    assert hall.party.manager.patch(talk, {"end_datetime": "2026-05-01T16:00:00Z"}).status == 200
    assert codes(hall.look(film(4), "b.mp4", "video")) == [("aspect_ratio", "warning", None)]
    silent = film(4, picture="320x180", sound=False)
    assert codes(hall.look(silent, "c.mp4", "video")) == []
    broken = hall.look(silent[:200] + bytes(3_000), "d.mp4", "video")
    assert (broken["status"], codes(broken)) == ("failed", [("unreadable", "error", None)])


@pytest.mark.parametrize(
    ("mean", "told"), [(-91.0, "too_quiet"), (-41.0, "too_quiet"), (-40.0, None), (-9.0, None), (-3.0, "too_loud")]
)
def test_how_loud_a_film_may_be(mean: float, told: str | None) -> None:
    assert [one["code"] for one in of_volume({"mean_volume": mean})] == ([told] if told else [])
