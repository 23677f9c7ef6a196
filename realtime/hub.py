"""All clients of this process: their logins, looked at again every second, and one change stream for each of their
accounts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import redis.asyncio
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.authentication import Credentials, authenticate
from kernel.errors import ApiError, Refused, Throttled
from kernel.metrics import count_held_back
from realtime.change_stream import ChangeStream
from realtime.client import Client
from realtime.device_commands import DeviceCommands
from realtime.gaps import Gaps
from realtime.groups import Groups
from realtime.journal import MemoryJournal, RedisJournal, journal
from realtime.protocol import Close
from realtime.reviews import Review
from realtime.room_watches import RoomWatches
from tenancy.principal import Principal

log = logging.getLogger("realtime.hub")
T = TypeVar("T")
IDLE_SECONDS = 300.0
CHECK_SECONDS = 1.0
"""Standings are remembered for 3 seconds, so a revocation closes sockets within 5."""
GRACE_SECONDS = 15.0
"""How long logins are believed that can't be looked at again, as the database is away."""
THREADS = 4
WATCH_RETRY_SECONDS = 0.5


@dataclass
class Login:
    """Credentials that sockets came in with."""

    credentials: Credentials
    clients: set[Client] = field(default_factory=set)
    seen_at: float = field(default_factory=time.monotonic)


class Hub:
    """Lives in one event loop."""

    def __init__(self) -> None:
        self.journal = journal()
        self.clients: set[Client] = set()
        self.streams: dict[int, ChangeStream] = {}
        self.groups = Groups()
        self.gaps = Gaps(self.in_thread)
        self._commands: dict[int, DeviceCommands] = {}
        self._rooms: dict[int, RoomWatches] = {}
        self._logins: dict[Any, Login] = {}
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="realtime")
        self._tasks: list[asyncio.Task[None]] = []

    # --- its life

    def start(self) -> None:
        self._tasks = [asyncio.create_task(work) for work in (self._look_again(), self.groups.run(), self.gaps.run())]
        if isinstance(self.journal, MemoryJournal):
            self.journal.served = True
            self.journal.listeners.add(self._grown)
        else:
            self._tasks.append(asyncio.create_task(self._watch(self.journal)))

    async def stop(self) -> None:
        if isinstance(self.journal, MemoryJournal):
            self.journal.listeners.discard(self._grown)
        for client in tuple(self.clients):
            client.socket.end(Close.RESTART, "The server is being restarted.")
        for stream in self.streams.values():
            stream.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False)

    async def in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        """Where the database may be asked."""

        def work() -> T:
            close_old_connections()
            try:
                return function(*arguments)
            except DatabaseError:
                close_old_connections()
                raise

        return await self._loop.run_in_executor(self._threads, work)

    # --- sockets

    async def log_in(self, client: Client) -> tuple[Principal, int]:
        """Who it is, and the number of the last change. Raises what `authenticate` does, and Refused without one
        account to be in, Throttled where it has too many sockets; DatabaseError and RedisError where nothing can be
        told now."""
        principal = await self.in_thread(authenticate, client.credentials)
        if client.credentials.no_account_id or principal.account_id is None or principal.account_public_id is None:
            raise Refused("A socket acts in one account: name it by account_id, or by a token.")
        if _expired(principal):
            raise Refused("The token has expired.")
        stream = self.streams.get(principal.account_id)
        if stream is not None and len(stream.sockets) >= settings.AETHER_ACCOUNT_SOCKETS:
            count_held_back(principal.account_public_id, "sockets")
            raise Throttled(30, "The account has as many sockets as it may here; close some.", reason="busy")
        client.principal = principal
        if stream is None:
            stream = self.streams[principal.account_id] = ChangeStream(
                principal.account_id, principal.account_public_id, self.journal, self.in_thread
            )
        stream.sockets.add(client.socket)
        self.clients.add(client)
        login = self._logins.setdefault(_key(client.credentials), Login(client.credentials))
        login.clients.add(client)
        await self.gaps.begin()
        await stream.start()
        return principal, stream.position

    def begin(self, client: Client) -> None:
        """It was told that it is in: what waits for it may follow."""
        if client.principal is not None and client.principal.device is not None:
            account = client.account_id
            commands = self._commands.setdefault(account, DeviceCommands(account, self.in_thread))
            self.stream_of(client).watchers.add(commands)
            commands.begin(client)

    def rooms_of(self, client: Client) -> RoomWatches:
        account = client.account_id
        rooms = self._rooms.setdefault(account, RoomWatches(account, self.in_thread))
        self.stream_of(client).watchers.add(rooms)
        return rooms

    def _end(self, client: Client, stream: ChangeStream) -> None:
        for watch in client.room_watches.values():
            self._rooms[client.account_id].remove(watch)
        if (commands := self._commands.get(client.account_id)) is not None and client.principal.device:  # type: ignore[union-attr]
            commands.forget(client)
            if not commands.clients:
                stream.watchers.discard(commands)
                del self._commands[client.account_id]

    def stream_of(self, client: Client) -> ChangeStream:
        return self.streams[client.account_id]

    async def forget(self, client: Client) -> None:
        self.clients.discard(client)
        login = self._logins.get(_key(client.credentials))
        if login is not None:
            login.clients.discard(client)
            if not login.clients:
                del self._logins[_key(client.credentials)]
        if client.principal is None:
            return
        stream = self.stream_of(client)
        self._end(client, stream)
        for subscription in client.subscriptions.values():
            stream.topics.remove(subscription)
        await self.groups.leave_all(client)
        stream.sockets.discard(client.socket)
        if not stream.sockets and self.streams.get(stream.account_id) is stream:
            stream.stop()
            del self.streams[stream.account_id]
            self._rooms.pop(stream.account_id, None)

    async def _look_again(self) -> None:
        """Close what has lost its right, and who neither asks nor is told anything."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            logins = list(self._logins.values())
            for login, still in zip(logins, await self.in_thread(_standings, logins), strict=True):
                if still is None and time.monotonic() - login.seen_at < GRACE_SECONDS:
                    continue
                login.seen_at = time.monotonic()
                for client in tuple(login.clients):
                    self._follow(client, still)
            idle_since = time.monotonic() - IDLE_SECONDS
            for client in tuple(self.clients):
                if client.socket.reads_too_little:
                    client.socket.end(Close.TOO_SLOW, "Frames were not read in time.")
                elif client.socket.heard_at < idle_since and not client.waits:
                    client.socket.end(Close.IDLE, "Nothing was asked.")

    def _follow(self, client: Client, still: Principal | ApiError | None) -> None:
        """What a client's login stands for now: its socket ends with its right, and stays with another role."""
        if still is None:
            client.socket.end(Close.TRY_LATER, "The database is not available now.")
        elif isinstance(still, ApiError) or _identity(still) != _identity(client.principal):
            client.socket.end(Close.NO_ACCESS, "The key or the token no longer stands for what it did.")
        elif _expired(still):
            client.socket.end(Close.NO_ACCESS, "The token has expired.")
        elif still != client.principal:
            client.principal = still
            self.stream_of(client).review(Review(client.socket, client.subscriptions, still))

    # --- journals

    def _grown(self, account_id: int) -> None:
        """Called by the thread that wrote."""
        with suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(self._wake, account_id)

    def _wake(self, account_id: int) -> None:
        if (stream := self.streams.get(account_id)) is not None:
            stream.wake()

    async def _watch(self, source: RedisJournal) -> None:
        """Wake the streams whose journals have grown; all of them when Redis was away."""
        # Without a time limit on reading, or an idle hour would look like a lost connection.
        client = redis.asyncio.Redis.from_url(
            source.url, socket_timeout=None, socket_connect_timeout=2, health_check_interval=15
        )
        while True:
            try:
                async with client.pubsub() as listener:
                    await listener.subscribe(source.wake_channel)
                    async for message in listener.listen():
                        if message["type"] == "message":
                            self._wake(int(message["data"]))
                        else:  # subscribed, perhaps anew: what came meanwhile was not heard
                            await source.see_run(client)
                            self._wake_all()
            except (RedisError, OSError) as error:
                log.warning("Redis is away: %s", type(error).__name__)
                await asyncio.sleep(WATCH_RETRY_SECONDS)

    def _wake_all(self) -> None:
        self.groups.refresh()
        for stream in self.streams.values():
            stream.wake()


def _standings(logins: list[Login]) -> list[Principal | ApiError | None]:
    """What each stands for now; None where nobody can tell."""
    standings: list[Principal | ApiError | None] = []
    for login in logins:
        try:
            principal = authenticate(login.credentials, counted=False)
            standings.append(
                principal if principal.presenter is None else Refused("A presenter's link opens no socket.")
            )
        except ApiError as error:
            standings.append(error)
        except DatabaseError:
            standings += [None] * (len(logins) - len(standings))
            break
    return standings


def _identity(principal: Principal | None) -> Any:
    """Who it is and what it acts for, whatever it may do there."""
    return principal and (
        *(principal.account_id, principal.key_id, principal.user_id, principal.session_id),
        *(principal.site_public_id, principal.subject, principal.subject_by_key, principal.rep_name),
        principal.device,
    )


def _expired(principal: Principal) -> bool:
    return principal.valid_until is not None and principal.valid_until <= timezone.now()


def _key(credentials: Credentials) -> Any:
    return (
        *(credentials.api_key, credentials.account_id, credentials.bearer, *credentials.jwt),
        *(credentials.origin, credentials.peer),
    )


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The running loop's own, made when its first socket comes."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
        _hubs[loop].start()
    return _hubs[loop]


async def stop_hub() -> None:
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.stop()
