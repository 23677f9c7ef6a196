"""One socket: who it is, what it asks, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from accounts.authentication import Credentials
from kernel.errors import ApiError, DatabaseAway, Invalid, Refused, Unavailable
from kernel.metrics import count_socket
from realtime.protocol import MAX_TEXT, Close, Frame, FrameTooLong, error_frame, frame
from realtime.topics import Asked, Subscription, topic_of
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

if TYPE_CHECKING:
    from realtime.feed import Feed
    from realtime.hub import Hub

Message = MutableMapping[str, Any]
log = logging.getLogger("realtime.peer")

AUTH_SECONDS = 5.0
IDLE_SECONDS = 300.0
MAX_SUBSCRIPTIONS = 100
MAX_WAITING_BYTES = 1024 * 1024
FRAMES_PER_SECOND = 200
FRAMES_AT_ONCE = 1_000
MAX_MISTAKES = 50


class Closed(Exception):
    """The socket is to be closed, or is gone already (code 0)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Peer:
    def __init__(
        self,
        hub: Hub,
        credentials: Credentials,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.hub = hub
        self.credentials = credentials
        """From the headers of the handshake; the first frame adds to them."""
        self.client = secrets.token_urlsafe(9)
        self.principal: Principal | None = None
        self.feed: Feed | None = None
        self.subscriptions: dict[int, Subscription] = {}
        self.groups: dict[str, str] = {}
        """Group → the name under which it joined."""
        self.sender: asyncio.Task[None] | None = None
        self.lagging = False
        self.heard_at = time.monotonic()
        self._receive = receive
        self._send = send
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._last_number = 0
        self._allowance = float(FRAMES_AT_ONCE)
        self._spent_at = self.heard_at
        self._mistakes = 0
        self._ending: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    # --- its life

    async def run(self) -> None:
        listening = asyncio.ensure_future(self._listen())
        count_socket(+1)
        try:
            await asyncio.wait([listening, self._ending], return_when=asyncio.FIRST_COMPLETED)
            closed = self._ending.result() if self._ending.done() else _closed_by(listening)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await listening
            await self.hub.forget(self)
            count_socket(-1)
        await self._close(closed)

    def end(self, code: int, reason: str = "") -> None:
        """Close it, from outside."""
        if not self._ending.done():
            self._ending.set_result(Closed(code, reason))

    @property
    def ended(self) -> bool:
        return self._ending.done()

    async def _close(self, closed: Closed) -> None:
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

    @property
    def reads_too_little(self) -> bool:
        """Whether too much of what the server itself sends (pongs) waits for it."""
        transport = _transport(self._send)
        return transport is not None and transport.get_write_buffer_size() > MAX_WAITING_BYTES

    async def _listen(self) -> None:
        await self._authenticate()
        assert self.principal is not None
        with acting_as(self.principal):
            log.info("Socket opened by %s", self.principal.label)
            while True:
                text = await self._next_text()
                self._spend()
                await self._answer(text)

    async def _next_text(self) -> str:
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise Closed(0)
        self.heard_at = time.monotonic()
        text = message.get("text")
        if text is None:
            raise Closed(Close.BINARY, "Frames are text.")
        return str(text)

    def _spend(self) -> None:
        """Raises Closed for a flood."""
        earned = (self.heard_at - self._spent_at) * FRAMES_PER_SECOND
        self._spent_at = self.heard_at
        self._allowance = min(FRAMES_AT_ONCE, self._allowance + earned) - 1
        if self._allowance < 0:
            raise Closed(Close.ABUSE, f"At most {FRAMES_PER_SECOND} frames a second.")

    # --- who it is

    async def _authenticate(self) -> None:
        """By the headers, or by the first frame. Whatever fails here ends the socket."""
        frame_id: str | int | None = None
        try:
            if not (self.credentials.api_key or self.credentials.bearer):
                first = await self._first_frame()
                frame_id = first.id
                self.credentials = _with_frame(self.credentials, first)
            principal = await self.hub.log_in(self, self.credentials)
        except ApiError as error:
            self.offer(error_frame(error, frame_id))
            later = error.http_status in (429, 500, 503)
            raise Closed(Close.TRY_LATER if later else Close.NO_ACCESS, error.message[:100]) from None
        except (RedisError, OSError, DatabaseError):
            self.offer(error_frame(Unavailable(), frame_id))
            raise Closed(Close.TRY_LATER, "A part of the service is not available now.") from None
        self.principal = principal
        assert self.feed is not None
        self.offer(
            frame(
                "ok",
                frame_id,
                account_id=principal.account_public_id,
                role=principal.role.label,
                seq=self.feed.position,
                client=self.client,
            )
        )

    async def _first_frame(self) -> Frame:
        try:
            text = await asyncio.wait_for(self._next_text(), AUTH_SECONDS)
        except TimeoutError:
            raise Refused(f"Send a frame of type 'auth' within {AUTH_SECONDS:.0f} seconds.") from None
        first = Frame(text)
        if first.type != "auth":
            raise Refused("The first frame is of type 'auth'.")
        return first

    # --- what it asks

    async def _answer(self, text: str) -> None:
        frame_id: str | int | None = None
        try:
            asked = Frame(text)
            frame_id = asked.id
            handler = HANDLERS.get(asked.type)
            if handler is None:
                raise Invalid.field("type", f"Known: {', '.join(HANDLERS)}.")
            await handler(self, asked)
        except ApiError as error:
            self.offer(error_frame(error, frame_id))
            self._count_mistake(error)
        except DatabaseError:
            self.offer(error_frame(DatabaseAway(), frame_id))
        except (RedisError, OSError):
            self.offer(error_frame(Unavailable(), frame_id))

    def _count_mistake(self, error: ApiError) -> None:
        if isinstance(error, FrameTooLong):
            raise Closed(Close.TOO_LONG, error.message)
        self._mistakes += 1
        if self._mistakes > MAX_MISTAKES:
            raise Closed(Close.ABUSE, "Too many frames with mistakes.")

    async def _auth(self, asked: Frame) -> None:
        raise Invalid("This socket is authenticated; open another one for other credentials.")

    async def _ping(self, asked: Frame) -> None:
        asked.done()
        self.offer(frame("pong", asked.id))

    async def _subscribe(self, asked: Frame) -> None:
        wanted = Asked.by(asked)
        if len(self.subscriptions) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions
        assert self.principal is not None
        assert self.feed is not None
        topic = await self.hub.in_thread(_in_account, self.principal, wanted)
        self._last_number += 1
        subscription = Subscription(self._last_number, self, topic)
        self.subscriptions[subscription.number] = subscription
        self.feed.topics.add(subscription)
        self.offer(frame("ok", asked.id, subscription=subscription.number))

    async def _unsubscribe(self, asked: Frame) -> None:
        number = asked.number("subscription")
        asked.done()
        subscription = self.subscriptions.pop(number, None)
        if subscription is None:
            raise Invalid.field("subscription", "There is no such subscription.")
        assert self.feed is not None
        self.feed.topics.remove(subscription)
        self.offer(frame("ok", asked.id, subscription=number))

    async def _resume(self, asked: Frame) -> None:
        since = asked.number("since")
        asked.done()
        assert self.feed is not None
        await self.hub.gaps.settle(self.feed.account_id)
        self.feed.resume(self, since, asked.id)

    async def _join(self, asked: Frame) -> None:
        await self.hub.groups.join(self, asked)

    async def _leave(self, asked: Frame) -> None:
        await self.hub.groups.leave(self, asked)

    async def _send_to_group(self, asked: Frame) -> None:
        await self.hub.groups.send(self, asked)

    async def _presence(self, asked: Frame) -> None:
        await self.hub.groups.presence(self, asked)

    # --- what is sent to it

    def offer(self, text: str) -> None:
        """Queue a frame. Who lets too much of it wait is dropped."""
        if self._ending.done():
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


class TooManySubscriptions(ApiError):
    category, status = "payload_too_large", 413

    def __init__(self) -> None:
        super().__init__(f"At most {MAX_SUBSCRIPTIONS} subscriptions.")


HANDLERS: dict[str, Callable[[Peer, Frame], Awaitable[None]]] = {
    "auth": Peer._auth,
    "ping": Peer._ping,
    "subscribe": Peer._subscribe,
    "unsubscribe": Peer._unsubscribe,
    "resume": Peer._resume,
    "join": Peer._join,
    "leave": Peer._leave,
    "send": Peer._send_to_group,
    "presence": Peer._presence,
}


def _in_account(principal: Principal, asked: Asked) -> Any:
    assert principal.account_id is not None
    with tenant(principal.account_id), acting_as(principal):
        return topic_of(asked, principal)


def _with_frame(handshake: Credentials, first: Frame) -> Credentials:
    api_key = first.text("api_key")
    jwt = first.optional_text("jwt", most=MAX_TEXT)
    account_id = first.optional_text("account_id", most=64)
    first.done()
    return Credentials(
        api_key=api_key,
        account_id=account_id or "",
        jwt=[jwt] if jwt else [],
        origin=handshake.origin,
        peer=handshake.peer,
        route=handshake.route,
    )


def _closed_by(listening: asyncio.Future[None]) -> Closed:
    error = listening.exception()
    if isinstance(error, Closed):
        return error
    log.error("A socket failed", exc_info=error)
    return Closed(1011, "A defect; see the server's log.")


def _abort(send: Any) -> None:
    """Cut the connection: one that is not read can't be closed politely."""
    if (transport := _transport(send)) is not None:
        transport.abort()


def _transport(send: Any) -> Any:
    """ASGI has no word for it; uvicorn's `send` belongs to what holds it."""
    return getattr(getattr(send, "__self__", None), "transport", None)
