"""What was committed is told, or its account is told to read anew: whoever dies, hangs or forgets in between."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import redis as redis_client
from django.conf import settings as configured

from realtime.journal import RedisJournal
from tests.operations.test_lost_answers import Line
from tests.realtime.conftest import Cluster, Ground
from tests.realtime.servers import Account, Redis, Server
from tests.realtime.test_journal import read

pytestmark = [
    pytest.mark.skipif(not configured.REDIS_URL, reason="about several processes: the run with Redis is theirs"),
    pytest.mark.timeout(200),
]


def resumed(account: Account, server: Server, since: int, ids: list[str]) -> bool:
    """Whether somebody who comes back hears of all of them, or that something is missing."""
    with account.socket(server=server) as socket:
        socket.subscribe("journal")
        answer = socket.ask("resume", since=since)
        told = {frame.get("obj_id") for frame in socket.heard}
        return answer["type"] == "resync" or set(ids) <= told


@pytest.mark.parametrize(("away", "end"), [("hangs", Server.kill), ("hangs", Server.stop), ("dies", Server.kill)])
def test_a_process_that_ends_while_redis_is_away(cluster: Cluster, away: str, end: Callable[[Server], None]) -> None:
    north, redis = cluster.north, cluster.redis
    with north.socket(server=cluster.two) as listener:
        listener.subscribe("journal")
        before = north.make("journal", name="before")
        since = listener.next()["seq"]
        if away == "hangs":
            redis.process.send_signal(signal.SIGSTOP)
        else:
            redis.kill()
        made = [north.make("journal", name=f"while it {away}")["id"] for _ in range(3)]
        try:
            end(cluster.one)
        finally:
            if away == "hangs":
                redis.process.send_signal(signal.SIGCONT)
            else:
                redis.start()
        cluster.one.start()
        assert listener.told_or_resync(made)
    assert resumed(north, cluster.two, since, made)
    assert resumed(north, cluster.one, since - 1, [before["id"], *made])


def test_killed_and_forgotten_in_rounds(cluster: Cluster) -> None:
    """A writer is killed at any moment, and Redis is flushed in every second round."""
    north = cluster.north
    for number in range(4):
        made: list[str] = []

        def write(made: list[str] = made) -> None:
            for _ in range(200):
                try:
                    made.append(north.make("journal", name="under load")["id"])
                except (OSError, HTTPException):
                    return

        with north.socket(server=cluster.two) as listener:
            listener.subscribe("journal")
            writer = Thread(target=write)
            writer.start()
            told = [listener.next() for _ in range(5 + number)]
            if number % 2:
                redis_client.Redis.from_url(cluster.redis.url).flushall()
            cluster.one.kill()
            writer.join(60)
            cluster.one.start()
            listener.told_or_resync([public_id for public_id in made if public_id not in {f["obj_id"] for f in told}])
        assert resumed(north, cluster.two, told[0]["seq"] - 1, made)


@pytest.fixture
def line(ground: Ground, cluster: Cluster) -> Iterator[tuple[Line, Account]]:
    """A server whose way to the database breaks when it is told to, and North as it acts through it."""
    url = urlsplit(ground.environment["DATABASE_URL"])
    socket = parse_qs(url.query)["unix_socket"][0]
    with tempfile.TemporaryDirectory(prefix="aether-") as short:  # the path of a socket is limited to 107 bytes
        made = Line(Path(short) / "line", socket)
        own = ground.environment["DATABASE_URL"].replace(url.query, f"unix_socket={short}/line&ssl_mode=DISABLED")
        home = ground.another("line")
        server = Server(home, cluster.environment | {"DATABASE_URL": own, "AETHER_HOME": str(home)})
        with closing(made.door):
            try:
                yield made, Account(server, **ground.cast["North"])
            finally:
                server.stop()


def test_nobody_heard_the_reply_to_commit(line: tuple[Line, Account], cluster: Cluster) -> None:
    broken, writing = line
    with cluster.north.socket(server=cluster.two) as listener:
        listener.subscribe("journal")
        writing.make("journal", name="before")
        since = listener.next()["seq"]
        assert listener.ask("resume", since=since)["type"] == "ok"  # its server has nothing else left to commit
        broken.breaks = "after"
        writing.call("POST", "/v3/crud/journal/", {"name": "committed, and nobody knows"}, status=503)
        broken.breaks = ""
        assert broken.broken
        assert not resumed_ok(cluster, since)
        assert listener.told_or_resync(["none"])[-1]["type"] == "resync"


def resumed_ok(cluster: Cluster, since: int) -> bool:
    with cluster.north.socket(server=cluster.one) as socket:
        return bool(socket.ask("resume", since=since)["type"] == "ok")


def test_a_redis_that_goes_on_with_less_than_it_gave_out(tmp_path: Path) -> None:
    """Restarted from an older state, or a replica that had not heard all: the same numbers mean other changes."""
    redis = Redis(tmp_path)
    try:
        journal = RedisJournal(redis.url, "test:")
        journal.append(1, [b"a"])
        redis_client.Redis.from_url(redis.url).save()
        journal.append(1, [b"b", b"c"])
        since = read(journal, 1, 2**53, 1).head
        redis.kill()
        redis.start()
        journal.append(1, [b"d", b"e", b"f"])
        assert not read(journal, 1, since, 10).follows(since)
    finally:
        redis.kill()
