"""Who is in which group, across processes: each says again every few seconds that its members are still there."""

from __future__ import annotations

import time
from typing import Any, Final, Protocol

import orjson
from django.conf import settings

from realtime.journal import names_prefix, reading_client

BEAT_SECONDS: Final = 5.0
GONE_SECONDS: Final = 15.0
"""A process that was killed is silent; after so long its members have left."""
Members = dict[tuple[int, str], dict[str, str]]
"""(account, group) → client → name."""


class PresenceStore(Protocol):
    async def join(self, account: int, group: str, client: str, name: str) -> None: ...
    async def leave(self, account: int, group: str, client: str) -> None: ...
    async def members(self, account: int, group: str) -> dict[str, str]: ...
    async def beat(self, own: Members) -> list[tuple[int, str, str, str]]: ...


class MemoryPresence:
    """For a service that is one process: its own members are all there are."""

    def __init__(self) -> None:
        self._members: Members = {}

    async def join(self, account: int, group: str, client: str, name: str) -> None:
        self._members.setdefault((account, group), {})[client] = name

    async def leave(self, account: int, group: str, client: str) -> None:
        members = self._members.get((account, group), {})
        members.pop(client, None)
        if not members:
            self._members.pop((account, group), None)

    async def members(self, account: int, group: str) -> dict[str, str]:
        return dict(self._members.get((account, group), {}))

    async def beat(self, own: Members) -> list[tuple[int, str, str, str]]:
        return []


class RedisPresence:
    """A hash for each group: client → its name, and when its process last spoke of it."""

    def __init__(self, url: str, prefix: str) -> None:
        self.url = url
        self.prefix = prefix

    async def join(self, account: int, group: str, client: str, name: str) -> None:
        await self._say([((account, group), client, name)])

    async def leave(self, account: int, group: str, client: str) -> None:
        await self._redis.hdel(self._key(account, group), client)

    async def members(self, account: int, group: str) -> dict[str, str]:
        return {client: name for client, (name, seen) in (await self._all(account, group)).items() if _fresh(seen)}

    async def beat(self, own: Members) -> list[tuple[int, str, str, str]]:
        """Say that ours are there. Answers those of others that are gone, each to one process only."""
        await self._say([(key, client, name) for key, members in own.items() for client, name in members.items()])
        gone = []
        for account, group in own:
            for client, (name, seen) in (await self._all(account, group)).items():
                if not _fresh(seen) and await self._redis.hdel(self._key(account, group), client):
                    gone.append((account, group, client, name))
        return gone

    async def _say(self, members: list[tuple[tuple[int, str], str, str]]) -> None:
        now = time.time()
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key, client, name in members:
                pipeline.hset(self._key(*key), client, orjson.dumps([name, now]))
                pipeline.expire(self._key(*key), int(GONE_SECONDS * 4))
            await pipeline.execute()

    async def _all(self, account: int, group: str) -> dict[str, tuple[str, float]]:
        members = await self._redis.hgetall(self._key(account, group))
        return {client.decode(): tuple(orjson.loads(value)) for client, value in members.items()}

    @property
    def _redis(self) -> Any:
        return reading_client(self.url)

    def _key(self, account: int, group: str) -> str:
        return f"{self.prefix}{account}:members:{group}"


def _fresh(seen: float) -> bool:
    return seen > time.time() - GONE_SECONDS


def presence_store() -> PresenceStore:
    return RedisPresence(settings.REDIS_URL, names_prefix()) if settings.REDIS_URL else MemoryPresence()
