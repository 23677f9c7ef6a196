"""A part of a video → a video, by ffmpeg: a fixed argument vector, no network, the demuxer that the bytes ask for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from files.child import Made, MediaError, run
from files.ffmpeg_output import KeyFrames, Packets, Watch
from kernel.child import ChildLimits, ChildOutcome
from kernel.errors import Unavailable

TIME = re.compile(r"([0-9]{2}):([0-5][0-9]):([0-5][0-9])(\.[0-9]{1,6})?", re.ASCII)
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
WITHOUT_INDEX = ("video/mp2t", "video/mpeg")
MOST_TRACKS = 16
TOLERATED = 0.5
HARDLY = 0.005
"""Seconds: less than between two frames."""
DECODED_BEFORE = 0.4
DECODE = ["-max_pixels", "50000000"]
WIDEST = 1_280
SMALLER = f"scale=w='max(2,trunc(min({WIDEST},iw)/2)*2)':h=-2"
EVEN = "pad=w='ceil(iw/2)*2':h='ceil(ih/2)*2'"
"""H.264 takes even sides only: a row or column is added."""
MOVED_INDEX = ["-movflags", "+faststart"]
NO_VIDEO = "The file holds no video."


def parse_time(text: str) -> float | None:
    """HH:MM:SS, with a fraction or without, in seconds; None for anything else."""
    match = TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(fraction or 0)


def extension_of_clip(content_type: str, parameters: dict[str, Any]) -> str:
    return "mp4" if _encodes(parameters) else FORMATS[content_type][2]


def clip(
    source: Path, content_type: str, place: Path, parameters: dict[str, Any], beat: Callable[[int | None], None]
) -> Made:
    """Cut from `start` to `end` (seconds). `beat` gets the percentage done. Answers the file, and what it lacks.
    Raises MediaError."""
    target = place / f"clip.{extension_of_clip(content_type, parameters)}"
    work = Work(source, content_type, place, target, parameters, beat)
    start = parameters["start"]
    # Without an index a player lands on the key frame after the one that was asked for.
    work.cut(work.place_of(start) if content_type in WITHOUT_INDEX else Beginning(start))
    missing = work.missing()
    if missing and content_type not in WITHOUT_INDEX:
        work.cut(work.place_of(start))
        missing = work.missing()
    if missing > work.wanted / 2:
        raise MediaError(f"Of the {work.wanted:.1f} seconds only {work.wanted - missing:.1f} are there.")
    losses = [f"Of the picture {missing:.1f} of {work.wanted:.1f} seconds are missing."] if missing else []
    if work.left_out:
        losses += ["Left out: " + ", ".join(f"sound track {number} ({codec})" for number, codec in work.left_out) + "."]
    return Made(target, " ".join(losses)[:500])


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where to begin: what to seek in the source, and how much to leave out after that, both in seconds."""

    seek: float
    skip: float = 0
    before: float = 0
    """How much earlier than asked the clip begins, so that it begins with a key frame."""


@dataclass
class Work:
    """One clip that is being made."""

    source: Path
    content_type: str
    place: Path
    target: Path
    parameters: dict[str, Any]
    beat: Callable[[int | None], None]
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """Tracks of sound, counted from 1, that can be neither copied nor decoded."""

    def __post_init__(self) -> None:
        self.watch = Watch(self.parameters["start"], self.parameters["end"], self.beat)

    @property
    def wanted(self) -> float:
        """Seconds: up to the end of the video, which the caller may have rounded up."""
        end, start = self.parameters["end"], self.parameters["start"]
        return float(min(end, self.watch.duration or end) - start)

    def run(self, command: list[str], on_line: Callable[[str], None]) -> ChildOutcome:
        limits = ChildLimits(
            seconds=settings.AETHER_TASK_SECONDS, memory=2**32, output=settings.AETHER_MAX_UPLOAD_BYTES
        )
        return run(command, self.place, limits, on_line, lambda: self.beat(None))

    def cut(self, beginning: Beginning) -> None:
        """Raises MediaError."""
        outcome = self._cut(beginning)
        if self.watch.has_video and not self._has_made(outcome) and self._leave_out_tracks():
            outcome = self._cut(beginning)
        if not self.watch.has_video:
            raise MediaError(NO_VIDEO)
        if not self._has_made(outcome):
            raise MediaError("The video can't be cut there.")

    def _cut(self, beginning: Beginning) -> ChildOutcome:
        span = self.parameters["end"] - self.parameters["start"]
        watch, index = self.watch, MOVED_INDEX if _encodes(self.parameters) else room_for_index(self.source, span)
        watch.written, watch.lacks_room = 0.0, False
        outcome = self.run(self._arguments(beginning, index), watch.line)
        if watch.lacks_room:
            outcome = self.run(self._arguments(beginning, MOVED_INDEX), watch.line)
        return outcome

    def _arguments(self, beginning: Beginning, index: list[str]) -> list[str]:
        left_out = {number for number, _ in self.left_out}
        streams = [stream for number, (stream, _) in enumerate(self.watch.tracks, 1) if number not in left_out]
        tracks = [f"0:{stream}" for stream in streams] if left_out else ["0:a?"]
        return arguments(self.source, self.content_type, self.target, self.parameters, index, beginning, tracks)

    def _has_made(self, outcome: ChildOutcome) -> bool:
        return outcome.code == 0 and self.watch.written > 0 and self.target.exists() and self.target.stat().st_size > 0

    def _leave_out_tracks(self) -> bool:
        """Try each track of sound by itself, for a second. Answers whether one was found that can't be used."""
        short = self.parameters | {"end": min(self.parameters["end"], self.parameters["start"] + 1)}
        for number, (stream, codec) in enumerate(self.watch.tracks[:MOST_TRACKS], 1):
            beginning, tracks = Beginning(short["start"]), [f"0:{stream}"]
            command = arguments(self.source, self.content_type, self.target, short, MOVED_INDEX, beginning, tracks)
            if self.run(command, lambda text: None).code:
                self.left_out.append((number, codec))
        return bool(self.left_out)

    def place_of(self, start: float) -> Beginning:
        """The last key frame that is not after `start`, looked for from further and further before it."""
        for margin in (20.0, 300.0, start):
            seek = max(0.0, start - margin)
            key_frame_times = KeyFrames()
            self.run(key_frames(self.source, self.content_type, seek, start - seek + 0.05), key_frame_times.line)
            before = [time for time in key_frame_times.times if time <= start - seek + HARDLY]
            if before and _encodes(self.parameters):
                return Beginning(seek, start - seek)
            if before:
                return _at_key_frame(seek, before, start - seek)
            if not seek:
                break
        return Beginning(start)

    def missing(self) -> float:
        """Seconds of the picture that were asked for and are not there; 0 for no more than between two frames."""
        frames = Packets()
        self.run(packets(self.target), frames.line)
        missing = self.wanted - frames.span
        return missing if missing > max(TOLERATED, frames.gap * 1.5) else 0.0


def _at_key_frame(seek: float, times: list[float], start: float) -> Beginning:
    """At the last of the times, which, like `start`, count from `seek`."""
    last = times[-1]
    # Frames are decoded before they are shown, and ffmpeg looks at that time; the key frame before stays away.
    early = min(DECODED_BEFORE, (last - times[-2]) / 2) if len(times) > 1 else DECODED_BEFORE
    return Beginning(seek, max(0.0, last - early), max(0.0, start - last))


def room_for_index(source: Path, seconds: float) -> list[str]:
    """An index before the data, so that players can begin at once, in room that is left for it: more than 60 pictures
    a second and a few tracks of sound need. Where that is too little, the data is moved, which takes another pass."""
    most = source.stat().st_size // 16  # a file may say that it lasts for days
    return ["-moov_size", str(16_384 + min(int(seconds * 2_048), most))]


def arguments(
    source: Path,
    content_type: str,
    target: Path,
    parameters: dict[str, Any],
    index: list[str],
    beginning: Beginning,
    tracks: list[str],
) -> list[str]:
    _, muxer, _ = FORMATS[content_type]
    if _encodes(parameters):
        muxer = "mp4"
    seconds = parameters["end"] - parameters["start"] + beginning.before
    command = [*reading(), "-progress", "pipe:1", *(DECODE if _encodes(parameters) else [])]
    command += [*_from(source, content_type, beginning.seek)]
    command += ["-ss", f"{beginning.skip:.6f}"] if beginning.skip else []
    command += ["-t", f"{seconds:.6f}", "-map", "0:V:0"]
    command += [word for track in tracks for word in ("-map", track)]
    command += ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
    if _encodes(parameters):
        command += ["-vf", SMALLER if parameters["scale_down"] else EVEN, *ENCODE]
    else:
        command += ["-c", "copy", "-avoid_negative_ts", "make_zero"]
    if muxer in ("mp4", "mov"):
        command += index
    return [*command, "-f", muxer, "-y", f"file:{target}"]


def key_frames(source: Path, content_type: str, seek: float, seconds: float) -> list[str]:
    """Tells of each key frame from `seek` on, for so many seconds; read by KeyFrames."""
    command = [*reading(), *DECODE, "-skip_frame", "nokey", *_from(source, content_type, seek)]
    return [*command, "-t", f"{seconds:.6f}", "-map", "0:V:0", "-vf", "showinfo", "-f", "null", "-"]


def packets(path: Path) -> list[str]:
    """Tells of each packet of the picture; read by Packets."""
    return [*reading(), "-i", f"file:{path}", "-map", "0:V:0", "-c", "copy", "-f", "framecrc", "-"]


def reading() -> list[str]:
    """ffmpeg and what every command of it begins with. Raises Unavailable."""
    return [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", "-protocol_whitelist", "file,pipe"]


def _from(source: Path, content_type: str, seek: float) -> list[str]:
    return ["-fflags", "+genpts", "-f", FORMATS[content_type][0], "-ss", f"{seek:.6f}", "-i", f"file:{source}"]


def _encodes(parameters: dict[str, Any]) -> bool:
    return bool(parameters["reencode"] or parameters["scale_down"])


def has_ffmpeg() -> bool:
    try:
        return bool(ffmpeg())
    except Unavailable:
        return False


def ffmpeg() -> str:
    """The setting, else the one on PATH, else the one of imageio-ffmpeg. Raises Unavailable."""
    program = settings.AETHER_FFMPEG or shutil.which("ffmpeg")
    if program:
        return str(program)
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # optional: requirements/media.txt

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise Unavailable("There is no ffmpeg here; see AETHER_FFMPEG.") from error
