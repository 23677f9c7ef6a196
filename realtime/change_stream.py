"""One account's changes in this process: follows its journal, and tells the sockets that subscribed what they may
know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from kernel.envelope import to_json
from realtime.changes import ChangeEntry, unpacked
from realtime.dependence import doubted
from realtime.journal import ChangeJournal
from realtime.protocol import frame
from realtime.reviews import Review, reviewed
from realtime.socket import Socket
from realtime.topics import Subscription, Topics, inside
from realtime.visibility import Seen, Verdict, judge
from tenancy.principal import Access

log = logging.getLogger("realtime.change_stream")
BATCH = 400
PAUSE_BYTES = 128 * 1024
"""After so many bytes for one socket the others get their turn, and the socket time to send."""
PATIENCE = 0.25
RETRY_SECONDS = 1.0

InThread = Callable[..., Awaitable[Any]]


class Watcher(Protocol):
    """Who acts on changes by itself, beside the sockets' own subscriptions."""

    def hear(self, entry: ChangeEntry) -> None: ...
    def lost(self) -> None:
        """Some changes were not heard."""


@dataclass(slots=True)
class Resume:
    """What a socket that came back asks for."""

    socket: Socket
    subscriptions: dict[int, Subscription]
    since: int
    frame_id: str | int | None


class ChangeStream:
    def __init__(self, account_id: int, account_public_id: str, journal: ChangeJournal, in_thread: InThread) -> None:
        self.account_id = account_id
        self.account_public_id = account_public_id
        self.journal = journal
        self.in_thread = in_thread
        self.topics = Topics()
        self.sockets: set[Socket] = set()
        self.watchers: set[Watcher] = set()
        self.position = -1
        """The number of the last change that was told."""
        self._wake = asyncio.Event()
        self._resumes: list[Resume] = []
        self._reviews: list[Review] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises RedisError when the journal is away."""
        if self.position < 0:
            self.position = (await self.journal.read(self.account_id, 2**53, 1)).head
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name=f"realtime-changes-{self.account_id}")

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def wake(self) -> None:
        self._wake.set()

    def resume(self, resume: Resume) -> None:
        """Tell a socket, between two changes, what it missed; answers it by itself."""
        self._resumes.append(resume)
        self._wake.set()

    def review(self, review: Review) -> None:
        """Look again, between two changes, at what a socket may be told of."""
        self._reviews.append(review)
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while await self._step():
                    pass
            except (RedisError, OSError, DatabaseError) as error:
                log.warning("Changes wait, as the journal or the database is away: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()
            except Exception:
                # Whatever it is, it must not silence the account; the entry that caused it is passed over.
                log.exception("A change could not be told")
                await self._skip()

    async def _step(self) -> bool:
        """Tell the next changes; whether there may be more."""
        while self._reviews:
            await self._look_again(self._reviews.pop(0))
        while self._resumes:
            await self._replay(self._resumes[0])
            del self._resumes[0]
        part = await self.journal.read(self.account_id, self.position, BATCH)
        if not part.follows(self.position):
            self.position = part.head
            self._miss(part.head)
            return True
        if not part.entries:
            return False
        for watcher in tuple(self.watchers):
            for _, data in part.entries:
                watcher.hear(unpacked(data))
        doubtful = await self._tell(part.entries, self.topics)
        self.position = part.entries[-1][0]
        for socket in doubtful:
            socket.offer(frame("resync", seq=self.position))
        return True

    async def _skip(self) -> None:
        self._resumes.clear()
        try:
            self.position = (await self.journal.read(self.account_id, self.position, 1)).head
        except (RedisError, OSError):
            await asyncio.sleep(RETRY_SECONDS)
        self._miss(self.position)
        self._wake.set()

    def _miss(self, head: int) -> None:
        for socket in tuple(self.sockets):
            socket.offer(frame("resync", seq=head))
        for watcher in tuple(self.watchers):
            watcher.lost()

    async def _look_again(self, asked: Review) -> None:
        is_told = True
        for subscription in tuple(asked.subscriptions.values()):
            before, subscription.topic = subscription.topic, None
            self.topics.remove(subscription, before)  # whatever happens now, it is told nothing by the old right
            outcome = await self.in_thread(reviewed, subscription.asked, before, asked.principal)
            if asked.socket not in self.sockets or subscription.number not in asked.subscriptions:
                continue
            subscription.topic = outcome.topic
            self.topics.add(subscription)
            is_told = is_told and outcome.is_told
            for public_id in outcome.left:
                asked.socket.offer(
                    frame(
                        "change",
                        subscription=subscription.number,
                        seq=self.position,
                        action="left",
                        obj_type=subscription.asked.obj_type,
                        obj_id=public_id,
                        fields=[],
                        data=None,
                    )
                )
        if not is_told:
            asked.socket.offer(frame("resync", seq=self.position))

    async def _replay(self, resume: Resume) -> None:
        own = Topics()
        for subscription in resume.subscriptions.values():
            own.add(subscription)
        at = resume.since
        complete = at <= self.position
        while complete:
            part = await self.journal.read(self.account_id, at, BATCH)
            complete = part.follows(at)
            entries = [entry for entry in part.entries if entry[0] <= self.position]
            if not complete or not entries:
                break
            complete = not await self._tell(entries, own)
            at = entries[-1][0]
        resume.socket.offer(frame("ok" if complete else "resync", resume.frame_id, seq=self.position))

    async def _tell(self, packed: list[tuple[int, bytes]], topics: Topics) -> set[Socket]:
        """Answers whose subscriptions hold other rows now, without a change of these rows: they are to read anew."""
        audiences = topics.audiences()
        if not audiences:
            return set()
        every_entry = [(seq, unpacked(data)) for seq, data in packed]
        doubtful = {subscription.socket for _, entry in every_entry for subscription in doubted(topics, entry)}
        entries = [(seq, entry) for seq, entry in every_entry if entry.obj_type in audiences]
        if not entries:
            return doubtful
        verdicts: list[Verdict | None] = await self.in_thread(
            judge, self.account_id, self.account_public_id, [entry for _, entry in entries], audiences
        )
        since_pause = 0
        for (seq, entry), verdict in zip(entries, verdicts, strict=True):
            if verdict is None:
                continue
            since_pause += _deliver(topics, seq, entry, verdict)
            if since_pause > PAUSE_BYTES:
                await self._pause()
                since_pause = 0
        return doubtful

    async def _pause(self) -> None:
        """Let the sockets send. One that does not take what it gets is waited for once, and not again until it did."""
        sending = [socket for socket in self.sockets if socket.sender is not None and not socket.lagging]
        if sending:
            await asyncio.wait([socket.sender for socket in sending if socket.sender is not None], timeout=PATIENCE)
            for socket in sending:
                socket.lagging = socket.sender is not None


def _deliver(topics: Topics, seq: int, entry: ChangeEntry, verdict: Verdict) -> int:
    """Offer the frames of one change; answers how many bytes went to one subscriber at most."""
    longest = 0
    for access, seen in verdict.seen.items():
        tails: dict[str, str] = {}
        for subscription in topics.concerned(entry.obj_type, entry.obj_id, access, verdict.places):
            action = _action(subscription, seen, verdict, entry)
            if not action:
                continue
            if action not in tails:
                tails[action] = _tail(seq, entry, action, seen, access)
                longest += len(tails[action])
            subscription.socket.offer(f'{{"type":"change","subscription":{subscription.number},{tails[action]}')
    return longest


def _action(subscription: Subscription, seen: Seen, verdict: Verdict, entry: ChangeEntry) -> str:
    was_inside, is_inside = inside(subscription.topic, verdict.places)
    before, after = seen.before and was_inside, seen.after and is_inside
    match before, after:
        case False, False:
            return ""
        case True, False:
            return "deleted" if entry.action == "deleted" else "left"
        case False, True:
            return "created"
    return "updated" if seen.fields else ""


def _tail(seq: int, entry: ChangeEntry, action: str, seen: Seen, access: Access) -> str:
    """A change frame from `seq` on."""
    told = action in ("created", "updated")
    head = to_json(
        {
            "seq": seq,
            "action": action,
            "obj_type": entry.obj_type,
            "obj_id": entry.obj_id,
            "fields": seen.fields if told else [],
        }
    )
    masked = f',"masked":{to_json(seen.masked).decode()}' if told and seen.masked else ""
    return f'{head[1:-1].decode()},"data":{seen.data.decode() if told else "null"}{masked}}}'
