"""The frames of /v3/ws (docs/websockets.md): reading what a client sends, writing answers, limits, close codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from kernel.envelope import to_json
from kernel.errors import ApiError, Invalid, TooLarge
from kernel.json_body import parse_json_text
from kernel.wording import REQUIRED, TRUE_OR_FALSE, WHOLE_NUMBER, characters

MAX_FRAME: Final = 65_536
"""Bytes. The server refuses longer ones before they are read whole (`ws_max_size`); this is the second look."""
MAX_ID: Final = 64
MAX_TEXT: Final = 4_096


class Close(IntEnum):
    BINARY = 1003
    ABUSE = 1008
    TOO_LONG = 1009
    RESTART = 1012
    TRY_LATER = 1013
    NO_ACCESS = 4401
    NO_SUCH_SOCKET = 4404
    TOO_SLOW = 4408
    IDLE = 4409


class FrameTooLong(TooLarge):
    """Ends the socket."""


class Frame:
    """One frame of a client. Every key must be asked for; what nobody asked for is refused by `done`."""

    def __init__(self, text: str) -> None:
        self.id: str | int | None = None
        if len(text) > MAX_FRAME or len(encoded := text.encode()) > MAX_FRAME:
            raise FrameTooLong(f"A frame has at most {MAX_FRAME} bytes.")
        values = parse_json_text(encoded)
        if not isinstance(values, dict):
            raise Invalid("A frame is a JSON object.")
        self.values: dict[str, Any] = values
        frame_id = values.pop("id", None)
        if (type(frame_id) is int and abs(frame_id) < 2**53) or (isinstance(frame_id, str) and len(frame_id) <= MAX_ID):
            self.id = frame_id
        elif frame_id is not None:
            raise Invalid.field("id", f"Give a whole number, or a text of at most {MAX_ID} characters.")
        self.type = self.text("type")

    def text(self, name: str, *, most: int = MAX_TEXT) -> str:
        value = self.optional_text(name, most=most)
        if value is None:
            raise Invalid.field(name, REQUIRED)
        return value

    def optional_text(self, name: str, *, most: int = MAX_TEXT) -> str | None:
        value = self.values.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= most or "\x00" in value:
            raise Invalid.field(name, characters(1, most))
        return value

    def number(self, name: str) -> int:
        value = self.values.pop(name, None)
        if type(value) is not int or not 0 <= value < 2**53:
            raise Invalid.field(name, WHOLE_NUMBER)
        return value

    def flag(self, name: str) -> bool:
        value = self.values.pop(name, None)
        if not isinstance(value, bool):
            raise Invalid.field(name, TRUE_OR_FALSE)
        return value

    def anything(self, name: str) -> Any:
        if name not in self.values:
            raise Invalid.field(name, REQUIRED)
        return self.values.pop(name)

    def done(self) -> None:
        """Raises Invalid for a key that this type of frame does not have."""
        for name in self.values:
            raise Invalid.field(name, f"A frame of type '{self.type}' has no such key.")


def frame(kind: str, frame_id: str | int | None = None, **values: Any) -> str:
    head = {"type": kind} if frame_id is None else {"type": kind, "id": frame_id}
    return to_json(head | values).decode()


def error_frame(error: ApiError, frame_id: str | int | None) -> str:
    return frame("error", frame_id, category=error.category, message=error.message)
