"""The last changes of each account, numbered without gaps: in memory for one process, in Redis for several.

A number is given with the entry, in one step. The first number of an account is the time in microseconds: a journal
that was lost and begun anew counts on from above all that it ever gave out, so whoever missed something can tell. So
does a journal that another Redis goes on with, or the same one after a restart, as that may hold less than was given
out: each run of Redis that is new to the journal sets a floor under its numbers.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha1, sha256
from itertools import islice
from typing import Any, Final, Protocol

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEPT_SECONDS: Final = 300
MAX_ENTRIES: Final = 100_000
"""Of one account. Beyond that the oldest go before their time, and who wants them is told to read anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a journal."""

    head: int
    """The number given out last."""
    entries: list[tuple[int, bytes]]

    def follows(self, seq: int) -> bool:
        """Whether nothing is missing, between `seq` and this part and in it."""
        if not self.entries:
            return self.head == seq
        return self.entries[0][0] == seq + 1 and self.entries[-1][0] == seq + len(self.entries)


LOST: Final = b""
"""An entry that takes a number and leaves a gap: somebody's change could not be kept."""


class ChangeJournal(Protocol):
    def append(self, account_id: int, entries: list[bytes]) -> None: ...
    async def read(self, account_id: int, after: int, limit: int) -> Part: ...


class MemoryJournal:
    """For a service that is one process."""

    def __init__(self, kept_seconds: float = KEPT_SECONDS, max_entries: int = MAX_ENTRIES) -> None:
        self.kept_seconds = kept_seconds
        self.max_entries = max_entries
        self.served = False
        """Whether this process has sockets, and so somebody who may ask."""
        self.listeners: set[Callable[[int], None]] = set()
        self._guard = threading.Lock()
        self._heads: dict[int, int] = {}
        self._entries: dict[int, deque[tuple[int, float, bytes]]] = {}

    def append(self, account_id: int, entries: list[bytes]) -> None:
        now = time.monotonic()
        with self._guard:
            seq = self._head(account_id)
            held = self._entries.setdefault(account_id, deque(maxlen=self.max_entries))
            for entry in entries:
                seq += 1
                if entry == LOST:
                    held.clear()  # nobody gets across the gap, and those that are kept follow each other
                else:
                    held.append((seq, now, entry))
            self._heads[account_id] = seq
            while held and held[0][1] < now - self.kept_seconds:
                held.popleft()
        for listener in tuple(self.listeners):
            listener(account_id)

    async def read(self, account_id: int, after: int, limit: int) -> Part:
        with self._guard:
            head = self._head(account_id)
            held = self._entries.get(account_id, ())
            skipped = max(0, after + 1 - held[0][0]) if held else 0
            return Part(head, [(seq, entry) for seq, _, entry in islice(held, skipped, skipped + limit)])

    def _head(self, account_id: int) -> int:
        return self._heads.setdefault(account_id, time.time_ns() // 1_000)


# KEYS: the last number, the stream, the floor. A stream entry's own id is <number>-0.
BEGIN = """
local head = redis.call('GET', KEYS[1])
local floor = redis.call('GET', KEYS[3])
local now = redis.call('TIME')
if not head or (floor and tonumber(head) < tonumber(floor)) then
    head = now[1] .. string.format('%06d', tonumber(now[2]))
    redis.call('SET', KEYS[1], head)
    redis.call('DEL', KEYS[2])
end
"""
# ARGV: the channel that wakes readers, the account, seconds kept, most entries, then the entries.
APPEND = (
    BEGIN
    + """
for i = 5, #ARGV do
    head = redis.call('INCR', KEYS[1])
    head = string.format('%.0f', head)
    if ARGV[i] ~= '' then
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], head .. '-0', 't', now[1], 'd', ARGV[i])
    end
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
while oldest[1] and tonumber(oldest[1][2][2]) < tonumber(now[1]) - tonumber(ARGV[3]) do
    local some = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 100)
    local stale = nil
    for _, entry in ipairs(some) do
        if tonumber(entry[2][2]) < tonumber(now[1]) - tonumber(ARGV[3]) then stale = entry[1] end
    end
    redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f', tonumber(string.match(stale, '%d+')) + 1) .. '-0')
    oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return head
"""
)
RUN_ID = re.compile(rb"run_id:([0-9a-f]+)")
APPEND_DIGEST = sha1(APPEND.encode(), usedforsecurity=False).hexdigest()
# ARGV: the first entry wanted, how many.
# KEYS: the run that was seen last, the floor. ARGV: the run that is seen now.
RUN = """
local run = redis.call('GET', KEYS[1])
if run ~= ARGV[1] then
    local now = redis.call('TIME')
    if run then redis.call('SET', KEYS[2], now[1] .. string.format('%06d', tonumber(now[2]))) end
    redis.call('SET', KEYS[1], ARGV[1])
end
"""
READ = BEGIN + "return {head, redis.call('XRANGE', KEYS[2], ARGV[1], '+', 'COUNT', ARGV[2])}"


class RedisJournal:
    """For a service of several processes: who writes need not be who tells."""

    def __init__(self, url: str, prefix: str, kept_seconds: int = KEPT_SECONDS, max_entries: int = MAX_ENTRIES) -> None:
        self.url = url
        self.prefix = prefix
        self.limits = (kept_seconds, max_entries)
        # A write waits for this: a Redis that hangs is given up on soon, and `realtime.publish` tries again later.
        self._pool = redis.ConnectionPool.from_url(
            url, socket_connect_timeout=0.5, socket_timeout=1, retry=Retry(NoBackoff(), 0)
        )
        self._idle: list[Any] = []
        self._process = os.getpid()

    @property
    def wake_channel(self) -> str:
        """On it the accounts whose journals have grown are named."""
        return f"{self.prefix}wake"

    def append(self, account_id: int, entries: list[bytes]) -> None:
        """Raises RedisError when Redis is away."""
        arguments = (3, *self._keys(account_id), self.wake_channel, account_id, *self.limits, *entries)
        while True:
            connection, used = self._connection()
            try:
                if not used:
                    self._see_run(connection)
                self._run_script(connection, arguments)
            except (redis.ConnectionError, OSError):
                connection.disconnect()
                if not used:
                    raise
                continue  # it went stale while it was idle, as Redis was restarted; the next one may be new
            except redis.RedisError:
                connection.disconnect()
                raise
            self._idle.append(connection)
            return

    def _connection(self) -> tuple[Any, bool]:
        """One that is idle, or a new one; and whether it was used before.

        Without the client around it, which costs a write more than all the rest of publishing.
        """
        if self._process != os.getpid():  # a fork must not speak on its parent's connections
            self._process, self._idle = os.getpid(), []
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._pool.make_connection(), False

    def _run_script(self, connection: Any, arguments: tuple[Any, ...]) -> None:
        try:
            connection.send_command("EVALSHA", APPEND_DIGEST, *arguments, check_health=False)
            connection.read_response()
        except redis.exceptions.NoScriptError:
            connection.send_command("EVAL", APPEND, *arguments, check_health=False)
            connection.read_response()

    def _see_run(self, connection: Any) -> None:
        """A new connection may lead to another Redis."""
        connection.send_command("INFO", "server", check_health=False)
        run = RUN_ID.search(connection.read_response())
        connection.send_command("EVAL", RUN, 2, *self._run_keys, run[1] if run else b"", check_health=False)
        connection.read_response()

    async def see_run(self, client: redis.asyncio.Redis) -> None:
        """The same, for a process that only reads."""
        run = (await client.info("server"))["run_id"]
        await client.register_script(RUN)(keys=self._run_keys, args=[run])

    async def read(self, account_id: int, after: int, limit: int) -> Part:
        """Raises RedisError when Redis is away."""
        script = reading_client(self.url).register_script(READ)
        head, items = await script(keys=self._keys(account_id), args=[f"{after + 1}-0", limit])
        return Part(int(head), [(int(key.partition(b"-")[0]), values[3]) for key, values in items])

    def _keys(self, account_id: int) -> list[str]:
        return [f"{self.prefix}{account_id}:seq", f"{self.prefix}{account_id}:changes", f"{self.prefix}floor"]

    @property
    def _run_keys(self) -> list[str]:
        return [f"{self.prefix}run", f"{self.prefix}floor"]


_clients: dict[object, redis.asyncio.Redis] = {}


def reading_client(url: str) -> redis.asyncio.Redis:
    """The event loop's own client."""
    import asyncio

    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = redis.asyncio.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
    return _clients[loop]


def names_prefix() -> str:
    """Before every name in Redis. Pub/sub knows no databases: two installations on one Redis must never meet."""
    return f"aether:{sha256(f'realtime:{settings.SECRET_KEY}'.encode()).hexdigest()[:12]}:"


@cache
def journal() -> MemoryJournal | RedisJournal:
    return RedisJournal(settings.REDIS_URL, names_prefix()) if settings.REDIS_URL else MemoryJournal()
