"""What a client says, and what it is answered: first who it is, then one frame after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from accounts.authentication import Credentials
from events.device_commands import MAX_MESSAGE
from kernel.errors import ApiError, DatabaseAway, Invalid, Refused, Unavailable
from kernel.metrics import count_socket
from kernel.wording import one_of
from realtime.change_stream import Resume
from realtime.client import Client
from realtime.device_commands import answer
from realtime.hub import Hub
from realtime.protocol import MAX_TEXT, Close, Frame, FrameTooLong, error_frame, frame
from realtime.room_watches import event_to_watch
from realtime.socket import Closed, Socket
from realtime.topics import MAX_NAME, Asked, RoomWatch, Subscription, Topic, topic_of
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

log = logging.getLogger("realtime.conversation")

AUTH_SECONDS = 5.0
MAX_SUBSCRIPTIONS = 100
MAX_MISTAKES = 50


class Conversation:
    def __init__(self, hub: Hub, socket: Socket, handshake: Credentials) -> None:
        self.hub = hub
        self.socket = socket
        self.client = Client(socket, handshake)
        self._last_number = 0
        self._mistakes = 0

    async def run(self) -> None:
        listening = asyncio.ensure_future(self._listen())
        ending = self.socket.ending
        count_socket(+1)
        try:
            either: list[asyncio.Future[Any]] = [listening, ending]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            closed = ending.result() if ending.done() else _closed_by(listening)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await listening
            await self.hub.forget(self.client)
            count_socket(-1)
        await self.socket.close(closed)

    async def _listen(self) -> None:
        principal = await self._authenticate()
        with acting_as(principal):
            log.info("Socket opened by %s", principal.label)
            self.hub.begin(self.client)
            while True:
                text = await self.socket.next_text()
                self.socket.spend()
                await self._answer(text)

    # --- who it is

    async def _authenticate(self) -> Principal:
        """By the headers, or by the first frame. Whatever fails here ends the socket."""
        frame_id: str | int | None = None
        credentials = self.client.credentials
        try:
            if not (credentials.api_key or credentials.bearer):
                first = await self._first_frame()
                frame_id = first.id
                self.client.credentials = _with_frame(credentials, first)
            principal, seq = await self.hub.log_in(self.client)
        except ApiError as error:
            self.socket.offer(error_frame(error, frame_id))
            later = error.http_status in (429, 500, 503)
            raise Closed(Close.TRY_LATER if later else Close.NO_ACCESS, error.message[:100]) from None
        except (RedisError, OSError, DatabaseError):
            self.socket.offer(error_frame(Unavailable(), frame_id))
            raise Closed(Close.TRY_LATER, "A part of the service is not available now.") from None
        self._ok(
            frame_id,
            account_id=principal.account_public_id,
            role=principal.role.label,
            seq=seq,
            client=self.client.name,
        )
        return principal

    async def _first_frame(self) -> Frame:
        try:
            text = await asyncio.wait_for(self.socket.next_text(), AUTH_SECONDS)
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
                raise Invalid.field("type", one_of(HANDLERS))
            await handler(self, asked)
        except ApiError as error:
            self.socket.offer(error_frame(error, frame_id))
            self._count_mistake(error)
        except DatabaseError:
            self.socket.offer(error_frame(DatabaseAway(), frame_id))
        except (RedisError, OSError):
            self.socket.offer(error_frame(Unavailable(), frame_id))

    def _count_mistake(self, error: ApiError) -> None:
        if isinstance(error, FrameTooLong):
            raise Closed(Close.TOO_LONG, error.message)
        self._mistakes += 1
        if self._mistakes > MAX_MISTAKES:
            raise Closed(Close.ABUSE, "Too many frames with mistakes.")

    def _ok(self, frame_id: str | int | None, **values: object) -> None:
        self.socket.offer(frame("ok", frame_id, **values))

    async def _auth(self, asked: Frame) -> None:
        raise Invalid("This socket is authenticated; open another one for other credentials.")

    async def _ping(self, asked: Frame) -> None:
        asked.done()
        self.socket.offer(frame("pong", asked.id))

    async def _subscribe(self, asked: Frame) -> None:
        assert self.client.principal is not None
        event_id = asked.optional_text("readiness", most=MAX_NAME)
        question = Asked.by(asked) if event_id is None else None
        asked.done()
        if len(self.client.subscriptions) + len(self.client.room_watches) >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions
        if question is None:
            await self._watch_rooms(asked, str(event_id))
            return
        topic = await self.hub.in_thread(_in_account, self.client.principal, question)
        self._last_number += 1
        subscription = Subscription(self._last_number, self.socket, question, topic)
        self.client.subscriptions[subscription.number] = subscription
        self.hub.stream_of(self.client).topics.add(subscription)
        self._ok(asked.id, subscription=subscription.number)

    async def _watch_rooms(self, asked: Frame, event_id: str) -> None:
        event = await self.hub.in_thread(event_to_watch, self.client.principal, event_id)
        self._last_number += 1
        watch = RoomWatch(self._last_number, self.socket, event)
        self.client.room_watches[watch.number] = watch
        try:
            await self.hub.rooms_of(self.client).add(watch)
        except DatabaseError:
            del self.client.room_watches[watch.number]
            raise
        self._ok(asked.id, subscription=watch.number)

    async def _unsubscribe(self, asked: Frame) -> None:
        number = asked.number("subscription")
        asked.done()
        subscription = self.client.subscriptions.pop(number, None)
        watch = self.client.room_watches.pop(number, None)
        if subscription is not None:
            self.hub.stream_of(self.client).topics.remove(subscription)
        elif watch is not None:
            self.hub.rooms_of(self.client).remove(watch)
        else:
            raise Invalid.field("subscription", "There is no such subscription.")
        self._ok(asked.id, subscription=number)

    async def _resume(self, asked: Frame) -> None:
        since = asked.number("since")
        asked.done()
        await self.hub.gaps.settle(self.client.account_id)
        resume = Resume(self.socket, self.client.subscriptions, since, asked.id)
        self.hub.stream_of(self.client).resume(resume)

    async def _join(self, asked: Frame) -> None:
        await self.hub.groups.join(self.client, asked)
        self._ok(asked.id)

    async def _leave(self, asked: Frame) -> None:
        await self.hub.groups.leave(self.client, asked)
        self._ok(asked.id)

    async def _send_to_group(self, asked: Frame) -> None:
        await self.hub.groups.send(self.client, asked)
        self._ok(asked.id)

    async def _presence(self, asked: Frame) -> None:
        self._ok(asked.id, members=await self.hub.groups.members(self.client, asked))

    async def _ack(self, asked: Frame) -> None:
        command_id = asked.text("command_id", most=64)
        done = asked.flag("ok")
        message = asked.optional_text("message", most=MAX_MESSAGE)
        asked.done()
        if self.client.principal is None or self.client.principal.device is None:
            raise Refused("Only a device answers commands.")
        status = await self.hub.in_thread(answer, self.client.principal, command_id, done, message)
        self._ok(asked.id, command_id=command_id, status=status)


class TooManySubscriptions(ApiError):
    category, status = "payload_too_large", 413

    def __init__(self) -> None:
        super().__init__(f"At most {MAX_SUBSCRIPTIONS} subscriptions.")


HANDLERS: dict[str, Callable[[Conversation, Frame], Awaitable[None]]] = {
    "auth": Conversation._auth,
    "ping": Conversation._ping,
    "subscribe": Conversation._subscribe,
    "unsubscribe": Conversation._unsubscribe,
    "resume": Conversation._resume,
    "join": Conversation._join,
    "leave": Conversation._leave,
    "send": Conversation._send_to_group,
    "presence": Conversation._presence,
    "ack": Conversation._ack,
}


def _in_account(principal: Principal, asked: Asked) -> Topic:
    assert principal.account_id is not None
    with tenant(principal.account_id), acting_as(principal):
        return topic_of(asked, principal)


def _with_frame(handshake: Credentials, first: Frame) -> Credentials:
    if device_token := first.optional_text("device_token", most=256):
        first.done()
        bearer = f"Bearer {device_token}"
        return Credentials(bearer=bearer, origin=handshake.origin, peer=handshake.peer, route=handshake.route)
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
