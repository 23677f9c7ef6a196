"""All sockets of this process: their logins, looked at again every second, and one feed for each of their accounts."""

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
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.authentication import Credentials, authenticate
from kernel.errors import ApiError, Refused
from realtime.feed import Feed
from realtime.gaps import Gaps
from realtime.groups import Groups
from realtime.journal import MemoryJournal, RedisJournal, journal
from realtime.peer import IDLE_SECONDS, Peer
from realtime.protocol import Close
from tenancy.principal import Principal

log = logging.getLogger("realtime.hub")
T = TypeVar("T")
CHECK_SECONDS = 1.0
"""Standings are remembered for 3 seconds, so a revocation closes sockets within 5."""
GRACE_SECONDS = 15.0
"""How long logins are believed that can't be looked at again, as the database is away."""
THREADS = 4
WATCH_RETRY_SECONDS = 0.5


@dataclass
class Login:
    """Credentials that sockets came in with, and what they stand for."""

    credentials: Credentials
    principal: Principal
    peers: set[Peer] = field(default_factory=set)
    seen_at: float = field(default_factory=time.monotonic)


class Hub:
    """Lives in one event loop."""

    def __init__(self) -> None:
        self.journal = journal()
        self.peers: set[Peer] = set()
        self.feeds: dict[int, Feed] = {}
        self.groups = Groups(self)
        self.gaps = Gaps(self.in_thread)
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
        for peer in tuple(self.peers):
            peer.end(Close.RESTART, "The server is being restarted.")
        for feed in self.feeds.values():
            feed.stop()
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

    async def log_in(self, peer: Peer, credentials: Credentials) -> Principal:
        """Raises what `authenticate` does, and Refused without one account to be in."""
        principal = await self.in_thread(authenticate, credentials)
        if credentials.no_account_id or principal.account_id is None or principal.account_public_id is None:
            raise Refused("A socket acts in one account: name it by account_id, or by a token.")
        if _expired(principal):
            raise Refused("The token has expired.")
        feed = self.feeds.get(principal.account_id)
        if feed is None:
            feed = self.feeds[principal.account_id] = Feed(
                principal.account_id, principal.account_public_id, self.journal, self.in_thread
            )
        feed.peers.add(peer)
        peer.feed = feed
        self.peers.add(peer)
        login = self._logins.setdefault(_key(credentials), Login(credentials, principal))
        login.peers.add(peer)
        await self.gaps.begin()
        await feed.start()
        return principal

    async def forget(self, peer: Peer) -> None:
        self.peers.discard(peer)
        login = self._logins.get(_key(peer.credentials))
        if login is not None:
            login.peers.discard(peer)
            if not login.peers:
                del self._logins[_key(peer.credentials)]
        if (feed := peer.feed) is not None:
            for subscription in peer.subscriptions.values():
                feed.topics.remove(subscription)
            await self.groups.leave_all(peer)
            feed.peers.discard(peer)
            if not feed.peers and self.feeds.get(feed.account_id) is feed:
                feed.stop()
                del self.feeds[feed.account_id]

    async def _look_again(self) -> None:
        """Close what has lost its right, and who neither asks nor is told anything."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            logins = list(self._logins.values())
            for login, still in zip(logins, await self.in_thread(_standings, logins), strict=True):
                if still is None and time.monotonic() - login.seen_at < GRACE_SECONDS:
                    continue
                login.seen_at = time.monotonic()
                for peer in tuple(login.peers):
                    if still is None:
                        peer.end(Close.TRY_LATER, "The database is not available now.")
                    elif still != login.principal:
                        peer.end(Close.NO_ACCESS, "The key or the token no longer stands for what it did.")
                    elif _expired(login.principal):
                        peer.end(Close.NO_ACCESS, "The token has expired.")
            idle_since = time.monotonic() - IDLE_SECONDS
            for peer in tuple(self.peers):
                if peer.reads_too_little:
                    peer.end(Close.TOO_SLOW, "Frames were not read in time.")
                elif peer.heard_at < idle_since and not peer.subscriptions and not peer.groups:
                    peer.end(Close.IDLE, "Nothing was asked.")

    # --- journals

    def _grown(self, account_id: int) -> None:
        """Called by the thread that wrote."""
        with suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(self._wake, account_id)

    def _wake(self, account_id: int) -> None:
        if (feed := self.feeds.get(account_id)) is not None:
            feed.wake()

    async def _watch(self, source: RedisJournal) -> None:
        """Wake the feeds whose journals have grown; all of them when Redis was away."""
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
        for feed in self.feeds.values():
            feed.wake()


def _standings(logins: list[Login]) -> list[Principal | ApiError | None]:
    """What each stands for now; None where nobody can tell."""
    found: list[Principal | ApiError | None] = []
    for login in logins:
        try:
            found.append(authenticate(login.credentials, counted=False))
        except ApiError as error:
            found.append(error)
        except DatabaseError:
            found += [None] * (len(logins) - len(found))
            break
    return found


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
    found = _hubs.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.stop()
