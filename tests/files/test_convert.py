"""Pages as people see them in a viewer: with what was filled in, whatever box the page is cut out of."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from files.child import MediaError
from files.convert import convert
from tests.files.raw_pdf import CATALOG, PAGES, pdf, stream


def drawn(data: bytes, place: Path) -> Image.Image:
    source = place / "source.pdf"
    source.write_bytes(data)
    parameters = {"to_type": "png", "page": 1, "max_px": 200}
    made = convert(source, "application/pdf", place, parameters, lambda percent: None)
    with Image.open(made.path) as picture:
        return picture.convert("L")


FIELDS: dict[str, dict[str, Any]] = {
    "textfield": {"value": "IIIIIIII", "width": 180, "height": 60, "fontSize": 40},
    "checkbox": {"checked": True, "size": 90},
    "radio": {"value": "a", "selected": True, "size": 90},
    "choice": {"value": "IIIIII", "options": ["IIIIII", "B"], "width": 180, "height": 60, "fontSize": 40},
}


@pytest.mark.parametrize("kind", FIELDS)
def test_a_filled_form_is_drawn(kind: str, tmp_path: Path) -> None:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(200, 200))
    look = {} if kind == "radio" else {"borderWidth": 0, "borderColor": None, "fillColor": None}
    getattr(canvas.acroForm, kind)(name="x", x=10, y=50, **look, **FIELDS[kind])
    if kind == "radio":
        canvas.acroForm.radio(name="x", x=150, y=150, value="b", size=10, **look)
    canvas.showPage()
    canvas.save()
    assert sum(drawn(target.getvalue(), tmp_path).histogram()[:100]) > 50


@pytest.mark.parametrize(
    ("boxes", "size"),
    [
        (b"/MediaBox[0 0 200 100]", (200, 100)),
        (b"/MediaBox[200 100 0 0]", (200, 100)),
        (b"/MediaBox[-100 -50 100 50]", (200, 100)),
        (b"/MediaBox[0 0 200 100]/Rotate 90", (100, 200)),
        (b"/MediaBox[0 0 200 200]/CropBox[150 150 50 100]", (200, 100)),
        (b"/MediaBox[0 0 200 100]/CropBox[300 300 400 400]", (200, 100)),  # beside the page: all of the page
        (b"/MediaBox[0 0 200 100]/CropBox[50 50 50 50]", (200, 100)),
        (b"/MediaBox[0 0 200 0.001]", (200, 1)),
    ],
)
def test_odd_boxes_are_drawn(boxes: bytes, size: tuple[int, int], tmp_path: Path) -> None:
    sheet = b"<</Type/Page/Parent 2 0 R%b/Contents 4 0 R>>" % boxes
    picture = drawn(pdf(CATALOG, PAGES, sheet, stream(b"0 g -500 -500 1000 1000 re f")), tmp_path)
    assert picture.size == size
    assert picture.getextrema() == (0, 0)


def test_what_is_too_large_is_refused_for_that(tmp_path: Path) -> None:
    sheet = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20000 100]/Contents 4 0 R>>"
    with pytest.raises(MediaError, match=r"^The page is too large\.$"):
        drawn(pdf(CATALOG, PAGES, sheet, stream(b"")), tmp_path)
