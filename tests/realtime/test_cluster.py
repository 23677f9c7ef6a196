"""Several processes over one Redis, and what becomes of them when parts of it die."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings as configured

from aether.settings import ROOT
from tests.realtime.conftest import Cluster
from tests.realtime.servers import Socket

pytestmark = [
    pytest.mark.skipif(not configured.REDIS_URL, reason="about several processes: the run with Redis is theirs"),
    pytest.mark.timeout(200),
]


def test_what_one_process_writes_another_tells(cluster: Cluster) -> None:
    north = cluster.north
    with north.socket(server=cluster.two) as socket, cluster.south.socket(server=cluster.two) as other:
        socket.subscribe("journal")
        other.subscribe("journal")
        journal = north.make("journal", name="from the first")
        assert socket.next()["data"] == journal
        with north.socket(server=cluster.one) as near:
            near.subscribe("journal")
            assert near.ask("resume", since=socket.hello["seq"])["type"] == "ok"
            assert near.next()["obj_id"] == journal["id"]
        assert other.everything() == []


def test_what_a_command_writes_is_told(cluster: Cluster, tmp_path: Path) -> None:
    """A process that serves nobody: an import, as a task would be."""
    file = tmp_path / "journal.csv"
    file.write_text("name\nimported\n")
    with cluster.north.socket(server=cluster.two) as socket:
        socket.subscribe("journal")
        command = [sys.executable, "manage.py", "import_data", "journal", str(file), "--account", cluster.north.id]
        subprocess.run(command, cwd=ROOT, env=cluster.environment, check=True, capture_output=True)
        told = socket.next()
        assert (told["action"], told["data"]["name"]) == ("created", "imported")


def test_groups_span_processes(cluster: Cluster) -> None:
    with (
        cluster.north.socket(server=cluster.one) as kiosk,
        cluster.north.socket("user", server=cluster.two) as remote,
        cluster.south.socket(server=cluster.two) as stranger,
    ):
        for socket, name in ((kiosk, "Kiosk"), (remote, "Remote"), (stranger, "Stranger")):
            socket.ask("join", group="hall", name=name)
        assert kiosk.next("presence")["joined"]["name"] == "Remote"
        members = kiosk.ask("presence", group="hall")["members"]
        assert members == remote.ask("presence", group="hall")["members"]
        assert sorted(member["name"] for member in members) == ["Kiosk", "Remote"]
        remote.ask("send", group="hall", payload=[1, {"a": "ä"}])
        assert kiosk.next("message")["payload"] == [1, {"a": "ä"}]
        remote.ask("leave", group="hall")
        assert kiosk.next("presence")["left"]["name"] == "Remote"
        assert stranger.everything() == []


def test_ten_idle_seconds_and_a_process_that_dies(cluster: Cluster) -> None:
    """Nothing is said for longer than Redis clients wait by default; then one of two processes is killed."""
    north = cluster.north
    with north.socket(server=cluster.one) as idle:
        idle.subscribe("journal")
        idle.ask("join", group="idle", name="Idle")
        doomed = north.socket(server=cluster.two)
        doomed.ask("join", group="idle", name="Doomed")
        idle.next("presence")
        started = time.monotonic()
        assert idle.everything() == []
        with pytest.raises(TimeoutError):
            idle.until(lambda frame: True, timeout=10.5)
        assert time.monotonic() - started > 10
        doomed.ask("send", group="idle", payload="still here")
        assert idle.next("message")["payload"] == "still here"
        journal = north.make("journal", name="after the silence")
        assert idle.next()["obj_id"] == journal["id"]

        since = doomed.hello["seq"]
        cluster.two.kill()
        with pytest.raises(Exception, match="close frame"):
            doomed.ask("ping")
        cluster.two.start()
        assert idle.next("presence", timeout=60)["left"]["name"] == "Doomed"
        with north.socket(server=cluster.two) as again:
            again.subscribe("journal")
            assert again.ask("resume", since=since)["type"] == "ok"
            assert again.next()["obj_id"] == journal["id"]


def test_killed_under_load_nothing_is_missed(cluster: Cluster) -> None:
    north = cluster.north
    made: list[str] = []
    enough = Event()

    def write() -> None:
        while not enough.is_set():
            made.append(north.make("journal", name=f"n{len(made)}")["id"])

    with north.socket(server=cluster.two) as socket:
        socket.subscribe("journal")
        writer = Thread(target=write)
        writer.start()
        told = [socket.next() for _ in range(20)]
    cluster.two.kill()
    since = told[-1]["seq"]
    cluster.two.start()
    with north.socket(server=cluster.two) as socket:
        socket.subscribe("journal")
        assert socket.ask("resume", since=since)["type"] == "ok"
        enough.set()
        writer.join(30)
        while made[-1] not in {frame["obj_id"] for frame in told}:
            told.append(socket.next())
    seqs = [frame["seq"] for frame in told]
    assert sorted(set(seqs)) == list(range(seqs[0], seqs[0] + len(made)))
    assert list(dict.fromkeys(frame["obj_id"] for frame in sorted(told, key=lambda f: f["seq"]))) == made


def test_redis_dies_and_comes_back(cluster: Cluster) -> None:
    north = cluster.north
    with north.socket(server=cluster.one) as near, north.socket("user", server=cluster.two) as far:
        for socket in (near, far):
            socket.subscribe("journal")
            socket.ask("join", group="hall")
        cluster.redis.kill()
        assert near.refusal("presence", group="hall") == "internal"
        started = time.monotonic()
        lost = [north.make("journal", name=f"without Redis {n}")["id"] for n in range(10)]
        assert time.monotonic() - started < 20  # it would be 60 if each waited for Redis
        assert near.ask("ping")["type"] == "pong"
        cluster.redis.start()
        for socket in (near, far):
            assert socket.told_or_resync([lost[-1]])
        later = north.make("journal", name="with Redis")
        for socket in (near, far):
            socket.until(lambda frame: frame.get("obj_id") == later["id"])
        assert heard_again(near, far)
        with north.socket(server=cluster.two) as new:
            answer = new.ask("resume", since=far.hello["seq"])
            assert answer["type"] == "resync"  # what came before the fall is gone, and is said to be


def heard_again(sender: Socket, listener: Socket) -> bool:
    """Messages flow again."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        sender.ask("send", group="hall", payload="again")
        try:
            listener.next("message", timeout=0.5)
        except TimeoutError:
            continue
        return True
    return False


def test_a_redis_that_hangs_does_not_hold_up_writes(cluster: Cluster) -> None:
    north = cluster.north
    with north.socket(server=cluster.one) as socket:
        socket.subscribe("journal")
        cluster.redis.process.send_signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            ids = [north.make("journal", name=f"hanging {n}")["id"] for n in range(5)]
            assert time.monotonic() - started < 20
        finally:
            cluster.redis.process.send_signal(signal.SIGCONT)
        frames: list[dict[str, Any]] = []
        while [frame["obj_id"] for frame in frames][-1:] != ids[-1:]:
            frames.append(socket.next(timeout=60))
        assert list(dict.fromkeys(frame["obj_id"] for frame in frames)) == ids
