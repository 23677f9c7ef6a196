"""What a film is: how long, how large, its codecs, and how loud. ffmpeg tells it, and decodes the sound for that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from files.child import run
from files.clips import FORMATS, reading
from files.ffmpeg_output import DURATION
from kernel.child import ChildLimits

LIMITS: Final = ChildLimits(seconds=60, memory=2**32, output=2**16)
LISTENED: Final = 600
"""Seconds of the sound, from its beginning, that tell how loud it is."""
PICTURE: Final = re.compile(r"Stream #0:[0-9]+.*?: Video: ([\w.-]+).*?, ([0-9]{1,5})x([0-9]{1,5})")
SOUND: Final = re.compile(r"Stream #0:[0-9]+.*?: Audio: ([\w.-]+)")
VOLUME: Final = re.compile(r"(mean|max)_volume: (-?[0-9.]+) dB")


class Listener:
    """Reads what ffmpeg says of its input, and the filter `volumedetect`."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {
            **dict.fromkeys(("duration", "width", "height", "codec", "mean_volume", "max_volume")),
            "sound": [],
        }
        self.in_input = False

    def line(self, text: str) -> None:
        text = text.strip()
        if text.startswith("Input #0"):
            self.in_input = True
        elif text.startswith(("Output #0", "Stream mapping")):
            self.in_input = False
        elif match := VOLUME.search(text):
            self.seen[f"{match[1]}_volume"] = float(match[2])
        elif self.in_input:
            self._input(text)

    def _input(self, text: str) -> None:
        if match := DURATION.search(text):
            hours, minutes, seconds = match.groups()
            self.seen["duration"] = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        elif (match := PICTURE.match(text)) and "(attached pic)" not in text and self.seen["codec"] is None:
            self.seen |= {"codec": match[1], "width": int(match[2]), "height": int(match[3])}
        elif (match := SOUND.match(text)) and match[1] not in self.seen["sound"]:
            self.seen["sound"].append(match[1])


def describe_film(path: Path, content_type: str, place: Path) -> dict[str, Any] | None:
    """`duration` in seconds, `width` and `height` in pixels, `codec` of the picture, `sound`: the codecs, `mean_volume`
    and `max_volume` in dB of full scale. None where nothing of it can be read. Raises MediaError, Unavailable."""
    listener = Listener()
    command = [*reading(), "-f", FORMATS[content_type][0], "-i", f"file:{path}", "-map", "0:a:0?", "-t", str(LISTENED)]
    run([*command, "-af", "volumedetect", "-f", "null", "-"], place, LIMITS, listener.line)
    description = listener.seen
    return description if description["codec"] or description["sound"] else None
