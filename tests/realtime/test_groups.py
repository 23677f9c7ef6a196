"""Messages and presence between the clients of one account."""

from __future__ import annotations

import pytest

from tests.realtime.servers import Account


def test_messages_go_to_the_others_of_the_group(north: Account) -> None:
    with north.socket() as kiosk, north.socket("user") as remote, north.socket() as outside:
        assert kiosk.ask("join", group="hall-1", name="Kiosk 1")["type"] == "ok"
        assert remote.ask("join", group="hall-1")["type"] == "ok"
        joined = kiosk.next("presence")
        assert joined["group"] == "hall-1"
        assert joined["joined"]["client"] == remote.hello["client"]
        outside.ask("join", group="hall-2")
        for n in range(50):
            assert remote.ask("send", group="hall-1", payload={"go": [n, None, "ä😀"]})["type"] == "ok"
        heard = [kiosk.next("message") for _ in range(50)]
        assert heard[0] == {
            "type": "message",
            "group": "hall-1",
            "from": remote.hello["client"],
            "payload": {"go": [0, None, "ä😀"]},
        }
        assert [frame["payload"]["go"][0] for frame in heard] == list(range(50))
        for other in (remote, outside):
            assert other.everything() == []


def test_who_is_there(north: Account) -> None:
    with north.socket() as kiosk:
        assert kiosk.ask("presence", group="desk")["members"] == []
        kiosk.ask("join", group="desk", name="Kiosk")
        kiosk.ask("join", group="desk")
        me = {"client": kiosk.hello["client"], "name": "Kiosk"}
        with north.socket("user") as remote:
            remote.ask("join", group="desk", name="Remote")
            you = {"client": remote.hello["client"], "name": "Remote"}
            assert kiosk.next("presence") == {"type": "presence", "group": "desk", "joined": you}
            members = remote.ask("presence", group="desk")["members"]
            assert sorted(members, key=lambda m: m["name"]) == [me, you]
            assert kiosk.ask("leave", group="desk")["type"] == "ok"
            assert remote.next("presence") == {"type": "presence", "group": "desk", "left": me}
            assert kiosk.refusal("send", group="desk", payload=1) == "permission"
            assert kiosk.refusal("leave", group="desk") == "validation"
            kiosk.ask("join", group="desk", name="Kiosk")
            assert remote.next("presence")["joined"] == me
        assert kiosk.next("presence") == {"type": "presence", "group": "desk", "left": you}
        assert kiosk.ask("presence", group="desk")["members"] == [me]


def test_groups_of_two_accounts_never_meet(north: Account, south: Account) -> None:
    with north.socket() as mine, south.socket() as theirs, south.socket() as third:
        for socket in (mine, theirs, third):
            socket.ask("join", group="same-name")
        theirs.next("presence")
        theirs.ask("send", group="same-name", payload="canary-south")
        assert third.next("message")["payload"] == "canary-south"
        assert mine.everything() == []
        assert [m["client"] for m in mine.ask("presence", group="same-name")["members"]] == [mine.hello["client"]]


def test_guests_have_no_part_and_readers_only_listen(north: Account) -> None:
    with north.socket("publishable") as guest:
        for kind, more in (("join", {}), ("send", {"payload": 1}), ("presence", {}), ("leave", {})):
            assert guest.refusal(kind, group="hall", **more) == "permission"


@pytest.mark.parametrize(
    "group", ["", " ", "a b", "a/b", "a\nb", "a\x00", "*", "ä", "😀", "x" * 65, "x" * 10_000, 7, None, []]
)
def test_bad_names_of_groups(north: Account, group: object) -> None:
    with north.socket() as socket:
        for kind in ("join", "leave", "presence"):
            assert socket.refusal(kind, group=group) == "validation"
        assert socket.refusal("send", group=group, payload=1) == "validation"


def test_limits(north: Account) -> None:
    with north.socket() as socket:
        for number in range(20):
            assert socket.ask("join", group=f"g.{number}")["type"] == "ok"
        assert socket.refusal("join", group="g.20") == "payload_too_large"
        assert socket.ask("leave", group="g.3")["type"] == "ok"
        assert socket.refusal("send", group="g.1") == "validation"
        assert socket.refusal("join", group="g.1", name="x" * 101) == "validation"
        assert socket.refusal("join", group="g.1", to="all") == "validation"
