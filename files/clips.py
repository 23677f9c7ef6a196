"""A part of a video → a video, by ffmpeg: a fixed argument vector, no network, the demuxer that the bytes ask for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from files.child import MediaError, run
from kernel.child import Limits, Outcome
from kernel.errors import Unavailable

TIME = re.compile(r"([0-9]{2}):([0-5][0-9]):([0-5][0-9])(\.[0-9]{1,6})?", re.ASCII)
DURATION = re.compile(r"Duration: ([0-9]+):([0-9]{2}):([0-9]{2}\.[0-9]+)")
BEYOND = 0.5
"""Seconds: players show durations rounded up."""
MP4 = ("mov", "mp4", "mp4")
FORMATS = {
    "video/mp4": MP4,
    "video/quicktime": ("mov", "mov", "mov"),
    "video/3gpp": MP4,
    "video/webm": ("matroska", "webm", "webm"),
    "video/x-matroska": ("matroska", "matroska", "mkv"),
    "video/x-msvideo": ("avi", "avi", "avi"),
    "video/mp2t": ("mpegts", "mpegts", "ts"),
    "video/mpeg": ("mpeg", "matroska", "mkv"),
    "video/x-flv": ("flv", "flv", "flv"),
    "video/x-ms-wmv": ("asf", "asf", "wmv"),
    "application/ogg": ("ogg", "ogg", "ogv"),
}
"""Content type → the demuxer that reads it; the muxer and extension of a stream copy."""
ENCODE = [
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"),
    *("-c:a", "aac", "-b:a", "128k"),
]
DECODE = ["-max_pixels", "50000000"]
WIDEST = 1_280
MOVED_INDEX = ["-movflags", "+faststart"]
NO_ROOM = "reserved_moov_size is too small"
NO_VIDEO = "The file holds no video."


def parse_time(text: str) -> float | None:
    """HH:MM:SS, with a fraction or without, in seconds; None for anything else."""
    found = TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(fraction or 0)


def extension_of_clip(content_type: str, parameters: dict[str, Any]) -> str:
    return "mp4" if _encodes(parameters) else FORMATS[content_type][2]


def clip(
    source: Path, content_type: str, place: Path, parameters: dict[str, Any], beat: Callable[[int | None], None]
) -> Path:
    """Cut from `start` to `end` (seconds). Answers the file. `beat` gets the percentage done. Raises MediaError."""
    target = place / f"clip.{extension_of_clip(content_type, parameters)}"
    start, end = parameters["start"], parameters["end"]
    watch = Watch(start, end, beat)
    limits = Limits(seconds=settings.AETHER_TASK_SECONDS, memory=2**32, output=settings.AETHER_MAX_UPLOAD_BYTES)

    def cut(index: list[str]) -> Outcome:
        command = arguments(source, content_type, target, parameters, index)
        return run(command, place, limits, watch.line, lambda: beat(None))

    outcome = cut(MOVED_INDEX if _encodes(parameters) else room_for_index(source, end - start))
    if watch.lacks_room:
        outcome = cut(MOVED_INDEX)
    if not watch.has_video:
        raise MediaError(NO_VIDEO)
    if outcome.code != 0 or watch.written <= 0 or not target.exists() or not target.stat().st_size:
        raise MediaError("The video can't be cut there.")
    return target


def room_for_index(source: Path, seconds: float) -> list[str]:
    """An index before the data, so that players can begin at once, in room that is left for it: more than 60 pictures
    a second and a few tracks of sound need. Where that is too little, the data is moved, which takes another pass."""
    most = source.stat().st_size // 16  # a file may say that it lasts for days
    return ["-moov_size", str(16_384 + min(int(seconds * 2_048), most))]


def arguments(source: Path, content_type: str, target: Path, parameters: dict[str, Any], index: list[str]) -> list[str]:
    demuxer, muxer, _ = FORMATS[content_type]
    if _encodes(parameters):
        muxer = "mp4"
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", "-progress", "pipe:1"]
    command += ["-protocol_whitelist", "file,pipe", *(DECODE if _encodes(parameters) else []), "-f", demuxer]
    command += ["-ss", f"{parameters['start']:.6f}", "-i", f"file:{source}"]
    command += ["-t", f"{parameters['end'] - parameters['start']:.6f}"]
    command += ["-map", "0:v:0", "-map", "0:a?", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
    if parameters["scale_down"]:
        command += ["-vf", f"scale=w='trunc(min({WIDEST},iw)/2)*2':h=-2"]
    command += ENCODE if _encodes(parameters) else ["-c", "copy", "-avoid_negative_ts", "make_zero"]
    if muxer in ("mp4", "mov"):
        command += index
    return [*command, "-f", muxer, "-y", f"file:{target}"]


def _encodes(parameters: dict[str, Any]) -> bool:
    return bool(parameters["reencode"] or parameters["scale_down"])


def ffmpeg() -> str:
    """The setting, else the one on PATH, else the one of imageio-ffmpeg. Raises Unavailable."""
    found = settings.AETHER_FFMPEG or shutil.which("ffmpeg")
    if found:
        return str(found)
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # optional: requirements/media.txt

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise Unavailable("There is no ffmpeg here; see AETHER_FFMPEG.") from error


class Watch:
    """Reads what ffmpeg says: of its input, which may not fit, and how far it is."""

    def __init__(self, start: float, end: float, beat: Callable[[int | None], None]) -> None:
        self.start, self.end, self.beat = start, end, beat
        self.has_video = False
        self.in_input = False
        self.written = 0.0
        self.lacks_room = False

    def line(self, text: str) -> None:
        if text.startswith("Input #0"):
            self.in_input = True
        elif text.startswith(("Output #0", "Stream mapping")):
            self.in_input = False
        elif self.in_input and (found := DURATION.search(text)):
            hours, minutes, seconds = found.groups()
            duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            if self.start >= duration or self.end > duration + BEYOND:
                raise MediaError(f"The video ends after {duration:.2f} seconds.")
        elif self.in_input and "Video:" in text and "(attached pic)" not in text:
            self.has_video = True
        elif NO_ROOM in text:
            self.lacks_room = True
        elif text.startswith("out_time_us=") and text[12:].isdigit():
            self.written = int(text[12:]) / 1e6
            self.beat(max(0, min(99, int(100 * self.written / (self.end - self.start)))))
