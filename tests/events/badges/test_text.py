"""Text on badges: it stays in its box, reads in the right direction, and is drawn in every script that is promised."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from events.badges.drawing import BadgePage
from events.badges.fitting import LINE_HEIGHT, SMALLEST, _width, fit
from events.badges.fonts import BOLD, OWN, REGULAR, font, installed
from events.badges.layout import Element
from events.badges.shaping import Glyph, Style, printable, shape, uncovered

PLAIN, STRONG = Style(REGULAR), Style(BOLD)
SCRIPTS = {
    "latin": "Zoë Ångström-Łukasiewicz Ở",
    "greek": "Ἀριστοτέλης",
    "cyrillic": "Юлія Щербакова",
    "arabic": "محمد عبد الله",
    "persian": "پریسا گلچین",
    "urdu": "ڈاکٹر ٹیپو",
    "hebrew": "אברהם בן־דוד",
    "armenian": "Արամ Խաչատրյան",
    "georgian": "შოთა რუსთაველი",
    "ethiopic": "ኃይለ ገብረሥላሴ",
    "devanagari": "अनुष्का शर्मा",
    "bengali": "রবীন্দ্রনাথ ঠাকুর",
    "gujarati": "નરસિંહ મહેતા",
    "gurmukhi": "ਹਰਪ੍ਰੀਤ ਸਿੰਘ",
    "odia": "ଫକୀରମୋହନ",
    "tamil": "சுப்பிரமணியன்",
    "telugu": "శ్రీనివాస్",
    "kannada": "ಕುವೆಂಪು",
    "malayalam": "ബഷീർ",
    "sinhala": "මාර්ටින්",
    "thai": "ขอบคุณ สมชาย",
    "lao": "ສົມສັກ",
    "khmer": "សុខ ស្រី",
    "burmese": "အောင်ဆန်းစုကြည်",
    "chinese": "王小明 歐陽",
    "japanese": "山田 たろう タロウ",
    "korean": "김철수",
    "tibetan": "བསྟན་འཛིན་",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "thaana": "ދިވެހި",
    "mathematical": "𝐀𝑥 ∑",
    "emoji": "😀 ⭐",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_promised_script_has_its_letters(text: str) -> None:
    assert not uncovered(text)
    line = shape(printable(text), PLAIN, rtl=False)
    assert line.glyphs
    assert all(glyph.index for glyph in line.glyphs), "an empty box stands for a letter"


def test_a_character_without_a_font_is_known_as_such() -> None:
    assert uncovered("Ada \ue000") == {"\ue000"}


def test_fonts_of_the_system_add_scripts_and_replace_none(tmp_path: Path) -> None:
    for name in ("NotoSansCherokee-Regular.ttf", "NotoSansCherokee-Bold.ttf", "NotoSansThai-Regular.ttf", "Vera.ttf"):
        (tmp_path / name).touch()
    assert [font.name for font in installed(tmp_path)] == ["NotoSansCherokee-Regular.ttf"]
    assert installed(tmp_path / "none") == []


def test_the_fonts_are_those_that_were_looked_at() -> None:
    """`scripts/badge_fonts.sh` says where they are from."""
    recorded = dict(reversed(line.split("  ")) for line in (OWN / "SHA256SUMS").read_text().splitlines())
    assert recorded == {font.name: sha256(font.read_bytes()).hexdigest() for font in OWN.glob("*.[to]tf")}


@pytest.mark.parametrize("style", [PLAIN, STRONG], ids=["plain", "bold"])
@pytest.mark.parametrize("text", [*SCRIPTS.values(), "von und zu " * 40, "Donau" * 60, "x", "王" * 300])
def test_text_stays_in_its_box(text: str, style: Style) -> None:
    for width, height, size in ((164.0, 28.0, 20.0), (60.0, 12.0, 9.0), (10.0, 6.0, 40.0)):
        fitted = fit(text, width, height, size, style)
        assert fitted.lines
        assert min(size, SMALLEST) <= fitted.size <= size
        assert max(line.width for line in fitted.lines) * fitted.size <= width * 1.001 or width < 20
        assert len(fitted.lines) * fitted.size * LINE_HEIGHT <= height + 0.001 or len(fitted.lines) == 1


def test_what_fits_keeps_its_size_and_what_does_not_takes_another_line_first() -> None:
    assert fit("Ada", 164, 28, 20, STRONG).size == 20
    wrapped = fit("Ada Augusta Lovelace Byron King", 164, 75, 20, STRONG)
    assert (wrapped.size, len(wrapped.lines)) == (20, 3)
    shrunk = fit("Ada Augusta Lovelace Byron King", 164, 28, 20, STRONG)
    assert shrunk.size < 20


def test_the_end_gives_way_to_an_ellipsis_at_the_smallest_size() -> None:
    ellipsis = font(0, REGULAR).font.get_nominal_glyph(ord("…"))
    fitted = fit("a long affiliation " * 30, 60, 8, 9, PLAIN)
    assert fitted.size == SMALLEST
    assert fitted.lines[-1].glyphs[-1].index == ellipsis
    assert all(glyph.index != ellipsis for glyph in fit("short", 60, 8, 9, PLAIN).lines[0].glyphs)


def test_right_to_left_reads_from_the_right() -> None:
    hebrew = fit("שלום", 100, 20, 12, PLAIN)
    assert hebrew.rtl
    letters = [glyph.index for glyph in hebrew.lines[0].glyphs]
    alone = [shape(letter, PLAIN, rtl=True).glyphs[0].index for letter in "שלום"]
    assert letters == alone[::-1]


def test_numbers_within_right_to_left_text_are_not_turned_round() -> None:
    line = shape("חדר 12", PLAIN, rtl=True)
    digits = [shape(digit, PLAIN, rtl=True).glyphs[0].index for digit in "12"]
    assert [glyph.index for glyph in line.glyphs[:2]] == digits


def test_arabic_letters_join() -> None:
    joined = {glyph.index for glyph in shape("محمد", PLAIN, rtl=True).glyphs}
    apart = {shape(letter, PLAIN, rtl=True).glyphs[0].index for letter in "محم"}
    assert not joined & apart  # the last letter alone stands as it would by itself


def test_bold_is_bolder() -> None:
    assert shape("Lovelace", STRONG, rtl=False).width > shape("Lovelace", PLAIN, rtl=False).width
    for letter in ("王", "བ"):  # whose font comes without a bold one
        strong, plain = (shape(letter, style, rtl=False).glyphs[0] for style in (STRONG, PLAIN))
        assert _breadth(strong) > _breadth(plain)


def _breadth(glyph: Glyph) -> float:
    places = [number for _, numbers in glyph.font.outline(glyph.index) for number in numbers[::2]]
    return max(places) - min(places)


def test_control_characters_and_overrides_are_left_out() -> None:
    assert printable("A\x00B\u202eC\r\n\tD\ufeff \ud800") == "A B C D"
    assert printable("क\u200dष") == "क\u200dष"


@pytest.mark.parametrize("text", ["Renée O'Connor (PhD) \\ x", "王小明", "Юлія Щербакова", "ナム Kim", "محمد"])
def test_the_text_of_a_pdf_can_be_selected(text: str) -> None:
    """What is seen are shapes; what is copied and searched are the characters, in the order in which they are read."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(300, 100))
    BadgePage(canvas, 100, 30).draw([Element("text", 5, 5, 90, 20, text=text, size=14)], {}, {})
    canvas.save()
    with PdfDocument(target.getvalue()) as document:
        assert document[0].get_textpage().get_text_range().strip() == text


@pytest.mark.parametrize("width", [0.001, 0.1, 1, 400])
def test_a_narrow_box_takes_no_longer_than_a_wide_one(width: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in letters that are shaped, as a clock tells more of the machine."""
    shaped = []
    monkeypatch.setattr(
        "events.badges.fitting.shape", lambda text, *a, **k: shaped.append(len(text)) or shape(text, *a, **k)
    )
    fit.cache_clear()
    _width.cache_clear()
    fit("Wx " * 333, width, 2_800, 300, PLAIN)
    assert sum(shaped) < 60_000
