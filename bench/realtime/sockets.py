"""Many websockets in one process, with as little work for each frame as can be: the server is what is measured."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import Callable
from typing import Any

FrameHeard = Callable[[bytes, float], None]


class RawSocket(asyncio.Protocol):
    """A websocket client that splits frames and looks no further."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: FrameHeard = lambda text, at: None
        self.open = asyncio.Event()
        self.code: int | None = None
        self._buffer = bytearray()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /v3/ws HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        if not self.open.is_set():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            assert b" 101 " in self._buffer[:end], bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            self.open.set()
        while frame := self._next():
            opcode, payload = frame
            if opcode == 1:
                self.heard(payload, now)
            elif opcode == 8:
                self.code = struct.unpack("!H", payload[:2])[0]
            elif opcode == 9:
                self._write(10, payload)

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            if len(buffer) < 4:
                return None
            length, start = struct.unpack("!H", buffer[2:4])[0], 4
        elif length == 127:
            if len(buffer) < 10:
                return None
            length, start = struct.unpack("!Q", buffer[2:10])[0], 10
        if len(buffer) < start + length:
            return None
        frame = buffer[0] & 0x0F, bytes(buffer[start : start + length])
        del buffer[: start + length]
        return frame

    def say(self, **frame: Any) -> None:
        self._write(1, json.dumps(frame).encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        head = bytes([0x80 | opcode]) + (
            bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack("!H", length)
        )
        self.transport.write(head + b"\x00\x00\x00\x00" + payload)  # masked with zeros


async def opened(port: int, key: str, account: str, topic: dict[str, str]) -> RawSocket:
    """A socket that is logged in and has subscribed."""
    _, socket = await asyncio.get_running_loop().create_connection(lambda: RawSocket(port), "127.0.0.1", port)
    await asyncio.wait_for(socket.open.wait(), 60)
    answers: asyncio.Queue[bytes] = asyncio.Queue()
    socket.heard = lambda text, at: answers.put_nowait(text)
    for frame in ({"type": "auth", "api_key": key, "account_id": account}, {"type": "subscribe", **topic}):
        socket.say(**frame)
        answer = json.loads(await asyncio.wait_for(answers.get(), 60))
        assert answer["type"] == "ok", answer
    return socket


async def open_many(count: int, port: int, key: str, account: str, topic: dict[str, str]) -> list[RawSocket]:
    sockets: list[RawSocket] = []
    for start in range(0, count, 50):
        some = (opened(port, key, account, topic) for _ in range(min(50, count - start)))
        sockets += await asyncio.gather(*some)
    return sockets
