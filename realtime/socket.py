"""The wire of one socket: what comes in, what waits to be sent, and how it ends. It knows nobody's name."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from realtime.protocol import Close

Message = MutableMapping[str, Any]
log = logging.getLogger("realtime.socket")

MAX_WAITING_BYTES = 1024 * 1024
FRAMES_PER_SECOND: Final = 200
FRAMES_AT_ONCE: Final = 1_000


class Closed(Exception):
    """The socket is to be closed, or is gone already (code 0)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    def __init__(self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        self.sender: asyncio.Task[None] | None = None
        self.lagging = False
        self.heard_at = time.monotonic()
        self.ending: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self._receive = receive
        self._send = send
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._allowance = float(FRAMES_AT_ONCE)
        self._spent_at = self.heard_at

    # --- what comes in

    async def next_text(self) -> str:
        """Raises Closed when the client has gone, or sends what is no text."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise Closed(0)
        self.heard_at = time.monotonic()
        text = message.get("text")
        if text is None:
            raise Closed(Close.BINARY, "Frames are text.")
        return str(text)

    def spend(self) -> None:
        """For each frame that is answered. Raises Closed for a flood."""
        earned = (self.heard_at - self._spent_at) * FRAMES_PER_SECOND
        self._spent_at = self.heard_at
        self._allowance = min(FRAMES_AT_ONCE, self._allowance + earned) - 1
        if self._allowance < 0:
            raise Closed(Close.ABUSE, f"At most {FRAMES_PER_SECOND} frames a second.")

    # --- what is sent

    def offer(self, text: str) -> None:
        """Queue a frame. Who lets too much of it wait is dropped."""
        if self.ending.done():
            return
        self._waiting.append(text)
        self._waiting_bytes += len(text)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self._waiting.clear()
            self.end(Close.TOO_SLOW, "Frames were not read in time.")
        elif self.sender is None:
            self.sender = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                text = self._waiting.popleft()
                await self._send({"type": "websocket.send", "text": text})
                self._waiting_bytes -= len(text)
        except Exception:  # noqa: BLE001  (servers differ in what they raise when the client is gone)
            self.end(0)
        finally:
            self.sender = None
            self.lagging = False

    @property
    def reads_too_little(self) -> bool:
        """Whether too much of what the server itself sends (pongs) waits for it."""
        transport = _transport(self._send)
        return transport is not None and transport.get_write_buffer_size() > MAX_WAITING_BYTES

    # --- how it ends

    def end(self, code: int, reason: str = "") -> None:
        """Close it, from outside."""
        if not self.ending.done():
            self.ending.set_result(Closed(code, reason))

    async def close(self, closed: Closed) -> None:
        log.info("Socket closed: %s %s", closed.code or "by the client", closed.reason)
        if closed.code == Close.TOO_SLOW:
            _abort(self._send)
        if self.sender is not None and closed.code:
            await asyncio.wait([self.sender], timeout=1)  # the error that says why
        if self.sender is not None:
            self.sender.cancel()
        if closed.code:
            close = {"type": "websocket.close", "code": int(closed.code), "reason": closed.reason}
            try:
                await asyncio.wait_for(self._send(close), 1)
            except TimeoutError:
                _abort(self._send)
            except Exception:  # noqa: BLE001  (servers differ in what they raise when the client is gone)
                return


def _abort(send: Any) -> None:
    """Cut the connection: one that is not read can't be closed politely."""
    if (transport := _transport(send)) is not None:
        transport.abort()


def _transport(send: Any) -> Any:
    """ASGI has no word for it; uvicorn's `send` belongs to what holds it."""
    return getattr(getattr(send, "__self__", None), "transport", None)
