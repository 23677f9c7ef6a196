"""After a gap: what was missed is told again in order, or the client is told to read anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from aether.settings import ROOT
from tests.realtime.conftest import World
from tests.realtime.servers import Account, Socket


def replayed(socket: Socket, since: Any) -> list[dict[str, Any]]:
    answer = socket.ask("resume", since=since)
    assert answer["type"] == "ok", answer
    heard, socket.heard = socket.heard, []
    assert [frame["seq"] for frame in heard if frame["seq"] > answer["seq"]] == []
    return heard


def test_what_was_missed_is_told_in_order(north: Account) -> None:
    with north.socket() as first:
        since = first.hello["seq"]
    kept, gone = north.make("journal", name="kept"), north.make("journal", name="gone")
    north.call("PATCH", f"/v3/crud/journal/{kept['id']}", {"name": "new"})
    north.call("DELETE", f"/v3/crud/journal/{gone['id']}?method=delete")
    with north.socket() as socket:
        socket.subscribe("journal")
        frames = replayed(socket, since)
        assert [(f["action"], f["obj_id"]) for f in frames] == [
            ("created", kept["id"]),
            ("created", gone["id"]),
            ("updated", kept["id"]),
            ("deleted", gone["id"]),
        ]
        assert [f["seq"] for f in frames] == list(range(since + 1, since + 5))
        assert [(f["data"] or {}).get("name") for f in frames] == ["new", None, "new", None]
        assert [f["seq"] for f in replayed(socket, since + 2)] == [since + 3, since + 4]
        assert replayed(socket, since + 4) == []
        north.make("journal", name="live")
        assert socket.next()["seq"] == since + 5


def test_a_long_gap(north: Account) -> None:
    with north.socket() as socket:
        since = socket.hello["seq"]
    for _ in range(2):
        north.call("POST", "/v3/crud/journal/bulk", {"create": [{"name": "x"} for _ in range(1_000)]})
    with north.socket() as socket:
        socket.subscribe("journal")
        assert [f["seq"] for f in replayed(socket, since)] == list(range(since + 1, since + 2_001))


def test_only_what_one_may_read_is_told_again(north: Account, south: Account) -> None:
    with north.socket() as socket, south.socket() as theirs:
        since, their_since = socket.hello["seq"], theirs.hello["seq"]
    north.make("post", title="hidden", hide=True)
    shown = north.make("post", title="shown")
    south.make("post", title="canary-south")
    with north.socket("publishable") as guest:
        guest.subscribe("post")
        assert [f["obj_id"] for f in replayed(guest, since)] == [shown["id"]]
        answer = guest.ask("resume", since=their_since)
        heard = guest.everything()
        assert "canary" not in str(heard)
        assert answer["type"] in ("ok", "resync")


def test_what_can_not_be_told_again_is_said(north: Account) -> None:
    with north.socket() as socket:
        socket.subscribe("journal")
        for since in (0, 1, socket.hello["seq"] - 10_000_000, socket.hello["seq"] + 10_000, 2**53 - 1):
            answer = socket.ask("resume", since=since)
            assert answer["type"] == "resync"
            assert answer["seq"] >= socket.hello["seq"]
        for bad in (-1, 1.5, "1", None, True, 2**53, 10**30, [1]):
            assert socket.refusal("resume", since=bad) == "validation"
        assert socket.everything() == []


def test_who_comes_back_waits_for_what_is_on_its_way_only(north: Account) -> None:
    with north.socket() as socket:
        socket.subscribe("journal")
        made = [north.make("journal", name="told")["id"] for _ in range(5)]
        answer = socket.ask("resume", since=socket.hello["seq"])
        assert answer["type"] == "ok"
        assert {frame["obj_id"] for frame in socket.heard} == set(made)
        assert all(frame["type"] == "change" for frame in socket.heard)


def test_what_another_process_writes_beside_a_server_without_redis(world: World, tmp_path: Path) -> None:
    file = tmp_path / "journal.csv"
    file.write_text("name\nimported\n")
    with world.north.socket() as socket, world.south.socket() as other:
        socket.subscribe("journal")
        command = [sys.executable, "manage.py", "import_data", "journal", str(file), "--account", world.north.id]
        subprocess.run(command, cwd=ROOT, env=world.server.environment, check=True, capture_output=True)
        assert socket.ask("resume", since=socket.hello["seq"])["type"] == "resync"
        assert socket.next("resync")["seq"] > socket.hello["seq"]
        assert other.everything() == []
