"""Real media for tests, made once a run by the tools that people make them with."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from files.clips import ffmpeg


@cache
def pdf(pages: int = 3, width: int = 400, height: int = 200, **options: Any) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), **options)
    for number in range(1, pages + 1):
        canvas.drawString(20, 20, f"page {number}")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


@cache
def film(
    seconds: int = 4, *, picture: str = "160x120", sound: bool = True, extension: str = "mp4", rate: int = 25
) -> bytes:
    """H.264 and AAC with a key frame a second; without a picture if `picture` is empty."""
    command = [ffmpeg(), "-v", "error", "-nostdin"]
    if picture:
        command += ["-f", "lavfi", "-i", f"testsrc=size={picture}:rate={rate}"]
    if sound:
        command += ["-f", "lavfi", "-i", "sine=440"]
    codecs = {"mp4": ["-c:v", "libx264", "-g", "25", "-c:a", "aac"], "webm": ["-c:v", "libvpx", "-c:a", "libvorbis"]}
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / f"film.{extension}"
        subprocess.run([*command, "-t", str(seconds), *codecs[extension], str(target)], check=True)
        return target.read_bytes()


def seconds_of(data: bytes) -> float:
    """How long ffmpeg plays it."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        command = [ffmpeg(), "-hide_banner", "-nostdin", "-i", file.name, "-f", "null", "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    hours, minutes, rest = said.rpartition("time=")[2].split(" ")[0].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)
