"""Real files, made here: slides, pictures, a video. The same bytes each time, as far as the libraries keep still."""

from __future__ import annotations

import subprocess
import tempfile
import time
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from demo.words import in_ascii

Colour = tuple[int, int, int]
PAPER: Colour = (250, 250, 247)
INK: Colour = (34, 38, 46)
SLIDE = (960, 540)
SHEET = (620, 877)
LONG_AGO = time.gmtime(0)
"""Goes into a PDF in place of the moment, so that the same pages have the same hash."""
FFMPEG_SECONDS = 60


def pdf(pages: list[Image.Image]) -> bytes:
    target = BytesIO()
    first, *others = pages
    first.save(
        target, "PDF", save_all=True, append_images=others, resolution=96.0, creationDate=LONG_AGO, modDate=LONG_AGO
    )
    return target.getvalue()


def png(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def jpeg(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=82)
    return target.getvalue()


def write(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int, colour: Colour, anchor: str = "la"
) -> None:
    """Pillow's own font is there on every machine, but knows ASCII only."""
    draw.text(place, in_ascii(text), font=ImageFont.load_default(size), fill=colour, anchor=anchor)


def slide(title: str, lines: list[str], footer: str, colour: Colour) -> Image.Image:
    image = Image.new("RGB", SLIDE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SLIDE[0], 96), fill=colour)
    write(draw, (40, 28), title, 34, PAPER)
    for index, line in enumerate(lines):
        draw.ellipse((48, 163 + 58 * index, 58, 173 + 58 * index), fill=colour)
        write(draw, (80, 152 + 58 * index), line, 25, INK)
    write(draw, (40, SLIDE[1] - 40), footer, 16, colour)
    return image


def bars(title: str, values: list[int], footer: str, colour: Colour) -> Image.Image:
    """A slide with a chart."""
    image = slide(title, [], footer, colour)
    draw = ImageDraw.Draw(image)
    width = (SLIDE[0] - 160) // len(values)
    for index, value in enumerate(values):
        left = 80 + index * width
        draw.rectangle((left, 460 - 3 * value, left + width - 14, 460), fill=colour)
        write(draw, (left + 4, 430 - 3 * value), str(value), 18, INK)
    draw.line((70, 461, SLIDE[0] - 70, 461), fill=INK, width=2)
    return image


def sheet(title: str, lines: list[str], colour: Colour) -> Image.Image:
    """A page of paper with text."""
    image = Image.new("RGB", SHEET, (255, 255, 255))
    draw = ImageDraw.Draw(image)
    write(draw, (60, 70), title, 28, colour)
    draw.line((60, 118, SHEET[0] - 60, 118), fill=colour, width=2)
    for index, line in enumerate(lines):
        write(draw, (60, 145 + 30 * index), line, 16, INK)
    return image


def logo(letters: str, colour: Colour) -> Image.Image:
    image = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((16, 16, 496, 496), radius=96, fill=(*colour, 255))
    write(draw, (256, 256), letters, 150, PAPER, anchor="mm")
    return image


def portrait(number: int, colour: Colour) -> Image.Image:
    image = Image.new("RGB", (480, 600), tuple(min(255, part + 120) for part in colour))
    draw = ImageDraw.Draw(image)
    skin = ((236, 188, 150), (141, 85, 54), (198, 134, 90))[number % 3]
    draw.ellipse((60, 400, 420, 900), fill=colour)
    draw.ellipse((140, 130, 340, 400), fill=skin)
    draw.pieslice((125, 105, 355, 390), 180, 360, fill=((52, 38, 30), (24, 22, 24), (120, 110, 104))[number % 3])
    return image


def floor_plan(rooms: tuple[str, ...], colour: Colour) -> Image.Image:
    image = Image.new("RGB", (1200, 800), PAPER)
    draw = ImageDraw.Draw(image)
    for index, room in enumerate(rooms):
        left, top = 40 + 380 * (index % 3), 40 + 370 * (index // 3)
        draw.rectangle((left, top, left + 350, top + 330), outline=colour, width=6)
        write(draw, (left + 24, top + 24), room, 30, INK)
    return image


def badge_background(colour: Colour) -> Image.Image:
    image = Image.new("RGB", (1016, 638), (255, 255, 255))  # 86 by 54 mm at 300 dpi
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1016, 110), fill=colour)
    draw.rectangle((0, 610, 1016, 638), fill=colour)
    return image


@cache
def video(seconds: int) -> bytes | None:
    """A film with moving picture, a clock and a tone. None where there is no ffmpeg."""
    try:
        # Here, as the package comes with requirements/media.txt only.
        from imageio_ffmpeg import get_ffmpeg_exe

        program = get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        return None
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "video.mp4"
        inputs = ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={seconds}"]
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
        picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p", "-g", "50"]
        sound = ["-c:a", "aac", "-b:a", "64k", "-shortest"]
        same = ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
        command = [program, "-hide_banner", "-loglevel", "error", "-nostdin", *inputs, *picture, *sound, *same]
        subprocess.run(  # noqa: S603  (all arguments are ours)
            [*command, "-movflags", "+faststart", str(target)], check=True, timeout=FFMPEG_SECONDS, capture_output=True
        )
        return target.read_bytes()
