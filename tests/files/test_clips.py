"""Films as cameras and programs make them. In each of them the brightness is the clock: 16, and 12 more a second."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from files.child import Made, MediaError
from files.clips import clip, ffmpeg
from files.content_type import content_type_of_file
from tests.files.media import seconds_of

LUMINANCE = "nullsrc=size={size}:rate=10,geq=lum=16+12*T:cb=128:cr=128"
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "40", "-keyint_min", "40", "-sc_threshold", "0")
MPEG2 = ("-c:v", "mpeg2video", "-g", "40", "-sc_threshold", "1000000000", "-r", "25")


@cache
def clock(name: str, *options: str, size: str = "160x120", seconds: int = 18, sounds: int = 1) -> bytes:
    command = [ffmpeg(), "-v", "error", "-nostdin", "-f", "lavfi", "-i", LUMINANCE.format(size=size)]
    command += ["-f", "lavfi", "-i", "sine=440", "-map", "0:v", *["-map", "1:a"] * sounds, "-t", str(seconds)]
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / name
        subprocess.run([*command, *options, str(target)], check=True)
        return target.read_bytes()


def cut(data: bytes, place: Path, start: float, end: float, **how: bool) -> Made:
    source = place / "source"
    source.write_bytes(data)
    with source.open("rb") as file:
        content_type = content_type_of_file(file)
    parameters: dict[str, Any] = {"start": start, "end": end, "reencode": False, "scale_down": False} | how
    return clip(source, content_type, place, parameters, lambda percent: None)


def clock_of(made: Made) -> list[float]:
    """What the pictures say, in seconds."""
    command = [ffmpeg(), "-v", "error", "-i", str(made.path), "-map", "0:V:0", "-vf", "scale=1:1"]
    command += ["-pix_fmt", "gray", "-f", "rawvideo", "-"]
    # gray has all of 0 to 255, where the film has 16 to 235
    return [level * 219 / 255 / 12 for level in subprocess.run(command, capture_output=True, check=True).stdout]


STREAMS = {
    "transport stream": lambda: clock("f.ts", *H264),
    "camcorder": lambda: clock("f.m2ts", *H264, "-c:a", "ac3"),
    "MPEG-2 in a transport stream": lambda: clock("g.ts", *MPEG2, "-c:a", "mp2"),
    "program stream": lambda: clock("f.mpg", *MPEG2, "-c:a", "mp2", "-f", "vob"),
    "Matroska": lambda: clock("f.mkv", *H264),
    "Matroska without an index": lambda: clock("f.mkv", *H264, "-live", "1"),
    "AVI": lambda: clock("f.avi", *H264),
    "Flash": lambda: clock("f.flv", *H264, "-ar", "44100"),
    "MP4": lambda: clock("f.mp4", *H264),
    "fragments": lambda: clock("f.mp4", *H264, "-movflags", "frag_keyframe+empty_moov"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_clip_has_its_beginning(name: str, tmp_path: Path) -> None:
    made = cut(STREAMS[name](), tmp_path, 6, 9)
    assert made.note == ""
    shown = clock_of(made)
    assert 3.5 < shown[0] < 6.2  # a key frame before
    assert 8.4 < shown[-1] < 9.6
    assert abs(shown[-1] - shown[0] - seconds_of(made.path.read_bytes())) < 0.6


@pytest.mark.parametrize("name", ["transport stream", "program stream", "Matroska without an index"])
@pytest.mark.parametrize("start", [0, 0.3, 6, 15.5])
def test_a_clip_encoded_anew_is_what_was_asked_for(name: str, start: float, tmp_path: Path) -> None:
    made = cut(STREAMS[name](), tmp_path, start, start + 2, reencode=True)
    shown = clock_of(made)
    assert (abs(shown[0] - start) < 0.3, abs(shown[-1] - start - 2) < 0.4) == (True, True)
    assert 1.9 < seconds_of(made.path.read_bytes()) < 2.2


@pytest.mark.parametrize("reencode", [False, True])
def test_sound_that_nobody_knows_is_left_out_and_told(reencode: bool, tmp_path: Path) -> None:
    data = clock("f.mp4", *H264, "-c:a", "aac", seconds=5, sounds=2)
    second = data.rindex(b"mp4a")
    assert data.index(b"mp4a") < second
    data = data[:second] + data[second:].replace(b"mp4a", b"apac").replace(b"esds", b"free")
    made = cut(data, tmp_path, 1, 3, reencode=reencode)
    assert made.note.startswith("Left out: sound track 2 (")
    command = [ffmpeg(), "-hide_banner", "-i", str(made.path), "-t", "0", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stderr.partition("Output #0")[0]
    assert said.count("Audio: aac") == 1


@pytest.mark.parametrize("size", ["321x241", "321x240", "320x241", "2x3"])
@pytest.mark.parametrize("how", ["reencode", "scale_down"])
def test_odd_sides_become_even(size: str, how: str, tmp_path: Path) -> None:
    data = clock("f.mkv", "-c:v", "ffv1", "-pix_fmt", "yuv444p", size=size, seconds=2)
    assert len(clock_of(cut(data, tmp_path, 0, 1, **{how: True}))) == 10


def test_what_is_missing_in_the_film_is_told(tmp_path: Path) -> None:
    """A recording that broke off: its head still says 18 seconds."""
    whole = clock(
        "f.mp4",
        *H264,
        "-x264-params",
        "nal-hrd=cbr",
        "-b:v",
        "200k",
        "-maxrate",
        "200k",
        "-bufsize",
        "200k",
        "-movflags",
        "+faststart",
    )
    short = whole[: int(len(whole) * 0.45)]
    made = cut(short, tmp_path, 4, 10)
    assert made.note.startswith("Of the picture ")
    with pytest.raises(MediaError, match=r"^Of the 13.0 seconds only \d.\d are there.$"):
        cut(short, tmp_path, 5, 18)
