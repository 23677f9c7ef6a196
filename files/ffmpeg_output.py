"""What ffmpeg says while it reads and writes, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable

from files.child import MediaError

DURATION = re.compile(r"Duration: ([0-9]+):([0-9]{2}):([0-9]{2}\.[0-9]+)")
TRACK = re.compile(r"Stream #0:([0-9]+).*?: Audio: ([\w.-]+)")
SHOWN = re.compile(r"pts_time:(-?[0-9]+(?:\.[0-9]+)?)")
UNIT = re.compile(r"#tb 0: ([0-9]+)/([1-9][0-9]*)")
PACKET = re.compile(r"0, *(-?[0-9]+), *(-?[0-9]+), *([0-9]+),")
BEYOND = 0.5
"""Seconds: players show durations rounded up."""
NO_TIME = -(2**63)
"""Not every container says when a frame is to be shown."""
NO_ROOM = "reserved_moov_size is too small"


class Watch:
    """Reads what ffmpeg says: of its input, which may not fit, and how far it is."""

    def __init__(self, start: float, end: float, beat: Callable[[int | None], None]) -> None:
        self.start, self.end, self.beat = start, end, beat
        self.has_video = False
        self.duration: float | None = None
        self.tracks: list[tuple[int, str]] = []
        """Of sound: the number of the stream, its codec."""
        self.in_input = False
        self.written = 0.0
        self.lacks_room = False

    def line(self, text: str) -> None:
        if text.startswith("Input #0"):
            self.in_input = True
        elif text.startswith(("Output #0", "Stream mapping")):
            self.in_input = False
        elif self.in_input and (match := DURATION.search(text)):
            hours, minutes, seconds = match.groups()
            self.duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            if self.start >= self.duration or self.end > self.duration + BEYOND:
                raise MediaError(f"The video ends after {self.duration:.2f} seconds.")
        elif self.in_input and (track := TRACK.match(text)):
            if (one := (int(track[1]), track[2])) not in self.tracks:
                self.tracks.append(one)
        elif self.in_input and "Video:" in text and "(attached pic)" not in text:
            self.has_video = True
        elif NO_ROOM in text:
            self.lacks_room = True
        elif text.startswith("out_time_us=") and text[12:].isdigit():
            self.written = int(text[12:]) / 1e6
            self.beat(max(0, min(99, int(100 * self.written / (self.end - self.start)))))


class KeyFrames:
    """Reads what the filter `showinfo` says."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def line(self, text: str) -> None:
        if match := SHOWN.search(text):
            self.times.append(float(match[1]))


class Packets:
    """Reads the muxer `framecrc`: `stream, dts, pts, duration, size, checksum`, in the unit of its line `#tb`."""

    def __init__(self) -> None:
        self.unit = 0.0
        self.first: int | None = None
        self.end = self.dts = 0
        self.most = 0

    def line(self, text: str) -> None:
        if match := UNIT.fullmatch(text):
            self.unit = int(match[1]) / int(match[2])
        elif match := PACKET.match(text):
            dts, pts, duration = map(int, match.groups())
            pts = dts if pts == NO_TIME else pts
            if self.first is None:
                self.first, self.end, self.dts = pts, pts, dts
            self.first, self.end = min(self.first, pts), max(self.end, pts + duration)
            self.most, self.dts = max(self.most, dts - self.dts), dts

    @property
    def span(self) -> float:
        """Seconds."""
        return (self.end - (self.first or 0)) * self.unit

    @property
    def gap(self) -> float:
        """Seconds between two packets, at most: a slide that is shown for long is one picture."""
        return self.most * self.unit
