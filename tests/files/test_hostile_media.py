"""Files made to hurt who reads them. The children that read them have limits; nothing of them stays behind."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aether.settings import ROOT
from files import clips, convert
from files.child import ChildLimits, Made, MediaError
from tests.background import children_of, runs, wait_for
from tests.files.media import film
from tests.files.raw_pdf import CATALOG, PAGES, page, pdf, stream

SMALL = ChildLimits(seconds=10, memory=2**28, output=2**24)


def flate_bomb() -> bytes:
    """2 GiB in 2 MiB, and that in some KiB."""
    writer = zlib.compressobj(9)
    head = writer.compress(b" " * 2**20) + writer.flush(zlib.Z_FULL_FLUSH)
    block = writer.compress(b" " * 2**20) + writer.flush(zlib.Z_FULL_FLUSH)
    return page(stream(zlib.compress(head + block * 2**11, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def form_in_itself() -> bytes:
    names = b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]/Resources<</XObject<</F 5 0 R>>>>"
    return page(stream(b"/F Do /F Do"), stream(b"/F Do /F Do", names), resources=b"/XObject<</F 5 0 R>>")


def endless_work() -> bytes:
    return page(stream(zlib.compress(b"0 0 200 200 re f " * 10**6), b"/Filter/FlateDecode"))


def rendered(data: bytes, tmp_path: Path, limits: ChildLimits, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(convert, "LIMITS", limits)
    source, place = tmp_path / "source.pdf", tmp_path / "place"
    source.write_bytes(data)
    place.mkdir()
    parameters = {"to_type": "webp", "page": 1, "max_px": 500}
    return convert.convert(source, convert.PDF, place, parameters, lambda percent: None)


def children() -> list[str]:
    """The command lines of our children, and the dead that nobody has collected."""
    pids = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]


@pytest.mark.parametrize("make", [flate_bomb, form_in_itself])
def test_a_pdf_that_wants_all_memory_gets_its_share_and_no_more(
    make: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()
    with pytest.raises(MediaError, match=r"The PDF can't be rendered\."):
        rendered(make(), tmp_path, SMALL, monkeypatch)
    assert children() == before
    assert list((tmp_path / "place").iterdir()) == []


def test_a_pdf_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, started = children(), time.monotonic()
    with pytest.raises(MediaError, match=r"It took too long\."):
        rendered(endless_work(), tmp_path, ChildLimits(seconds=1, memory=2**30, output=2**24), monkeypatch)
    assert time.monotonic() - started < 20
    assert children() == before


CONVERT = """
import sys
from pathlib import Path
from files.convert import PDF, convert
convert(Path(sys.argv[1]), PDF, Path(sys.argv[2]), {"to_type": "webp", "page": 1, "max_px": 500}, lambda percent: None)
"""


def test_a_pdf_that_never_ends_does_not_outlive_a_killed_worker(tmp_path: Path) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(endless_work())
    worker = subprocess.Popen([sys.executable, "-c", CONVERT, source, tmp_path], cwd=ROOT)
    [child] = wait_for(lambda: children_of(worker.pid), "the child")
    wait_for(lambda: b"render_pdf" in Path(f"/proc/{child}/cmdline").read_bytes(), "its program")
    worker.kill()
    worker.wait(60)
    wait_for(lambda: not runs(child), "its end")


RUNS = b"""<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(/bin/sh)>>/Names<</JavaScript<</Names[(a)<</S/JavaScript
/JS(while(1){})>>]>>>>>>"""
HUGE = b"/Type/XObject/Subtype/Image/Width 2147483647/Height 2147483647/ColorSpace/DeviceRGB/BitsPerComponent 16"


@pytest.mark.parametrize(
    "data",
    [
        page(stream(b"0 0 99 99 re f"), catalog=RUNS),
        page(stream(b"/I Do"), stream(b"x", HUGE), resources=b"/XObject<</I 5 0 R>>"),
        pdf(CATALOG, PAGES.replace(b"Count 1", b"Count 2147483647"), b"<</Type/Page/MediaBox[0 0 99 99]>>"),
    ],
    ids=["launches and runs", "image of 2^62 pixels", "says to have 2^31 pages"],
)
def test_the_first_page_of_a_pdf_that_claims_much_is_a_picture(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rendered(data, tmp_path, SMALL, monkeypatch)
    assert made.path.read_bytes()[:4] == b"RIFF"


def changed(box: bytes, offset: int, *numbers: int) -> bytes:
    """A real film, with other numbers in the first box of this name."""
    data = bytearray(film())
    place = data.index(box) + 4 + offset
    data[place : place + 4 * len(numbers)] = struct.pack(f">{len(numbers)}I", *numbers)
    return bytes(data)


def without_data() -> bytes:
    data = bytearray(film())
    begin = data.index(b"mdat") + 4
    data[begin : data.index(b"moov") - 4] = bytes(len(data[begin : data.index(b"moov") - 4]))
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "reencode", "said"),
    [
        (lambda: changed(b"stsz", 8, 0), False, "The video can't be cut there."),
        (lambda: changed(b"stsz", 8, 2**31 - 1), False, "The file holds no video."),
        (without_data, True, "The video can't be cut there."),
        (lambda: changed(b"avc1", 24, 20_000 << 16 | 20_000), True, None),  # what its own data say counts
        (lambda: changed(b"stts", 4, 1, 2**31 - 1, 2**31 - 1), False, None),
        (lambda: changed(b"mdhd", 12, 2**32 - 1), False, None),
    ],
    ids=["no frames", "more frames than bytes", "zeros", "size", "timestamps", "duration"],
)
def test_a_film_whose_head_lies(make: Callable[[], bytes], reencode: bool, said: str | None, tmp_path: Path) -> None:
    source, place = tmp_path / "source.mp4", tmp_path / "place"
    source.write_bytes(make())
    place.mkdir()
    before, started = children(), time.monotonic()
    parameters: dict[str, Any] = {"start": 0.0, "end": 2.0, "reencode": reencode, "scale_down": False}
    if said is None:
        made = clips.clip(source, "video/mp4", place, parameters, lambda percent: None)
        assert made.path.stat().st_size < 2**20
    else:
        with pytest.raises(MediaError) as told:
            clips.clip(source, "video/mp4", place, parameters, lambda percent: None)
        assert str(told.value) == said
    assert time.monotonic() - started < 20
    assert children() == before


def test_a_film_with_two_gigabytes_of_nothing_behind_it(tmp_path: Path) -> None:
    """MED-04: its size on the disk, and in the clip, is that of the film."""
    source, place = tmp_path / "source.mp4", tmp_path / "place"
    source.write_bytes(film())
    os.truncate(source, 2**31)
    place.mkdir()
    parameters: dict[str, Any] = {"start": 0.0, "end": 2.0, "reencode": False, "scale_down": False}
    before, started = children(), time.monotonic()
    made = clips.clip(source, "video/mp4", place, parameters, lambda percent: None)
    assert made.path.stat().st_blocks * 512 < 2**20
    assert time.monotonic() - started < 20
    assert children() == before
