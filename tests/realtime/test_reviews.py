"""A role that changes while a socket is open: it stays, and is told what it may not read any more."""

from __future__ import annotations

from realtime.change_stream import _tail
from realtime.changes import unpacked
from realtime.visibility import Seen
from tenancy.principal import Access, Role
from tests.realtime.servers import Account


def test_a_lowered_role_stays_and_leaves_what_it_may_not_read(north: Account) -> None:
    event = north.make("event", name="fair")
    open_, closed = (
        north.make(f"event/{event['id']}/exhibit", name=f"stand {flag}", leads_api_access=flag)
        for flag in (True, False)
    )
    leads = {}
    for exhibit in (open_, closed):
        badge = north.make("event_badge", event_id=event["id"], full_name="Ada")
        made = {"event_exhibit_id": exhibit["id"], "event_badge_id": badge["id"]}
        leads[exhibit["id"]] = north.make("event_exhibit_tracking", **made)
    hidden, shown = leads[closed["id"]], leads[open_["id"]]
    who = north.users["manager"]["id"]
    manager = f"/v3/crud/user/{who}"
    with north.socket("publishable", jwt=north.log_in("manager")) as socket, north.socket("user") as other:
        users = socket.subscribe("user")
        below = socket.subscribe("event_exhibit_tracking", for_obj_type="event", for_obj_id=event["id"])
        one = socket.subscribe("event_exhibit_tracking", obj_id=hidden["id"])
        events = socket.subscribe("event")
        other.subscribe("event_exhibit_tracking")
        try:
            north.call("PATCH", manager, {"manager": False})
            left = [socket.next() for _ in range(len(north.users) + 2)]
            left = [frame for frame in left if frame["action"] == "left"]  # and perhaps the change of the user itself
            while len(left) < len(north.users) + 2:
                left.append(socket.next())
            assert {frame["action"] for frame in left} == {"left"}
            assert {(frame["subscription"], frame["obj_id"]) for frame in left} == {
                *((users, user["id"]) for user in north.users.values()),
                (below, hidden["id"]),
                (one, hidden["id"]),
            }
            assert all(frame["data"] is None and frame["fields"] == [] for frame in left)

            north.call("PATCH", f"/v3/crud/user/{north.users['user']['id']}", {"name": "Renamed"})
            north.call("PATCH", f"/v3/crud/event_exhibit_tracking/{hidden['id']}", {"rating": 3})
            north.call("PATCH", f"/v3/crud/event_exhibit_tracking/{shown['id']}", {"rating": 4})
            north.call("PATCH", f"/v3/crud/event/{event['id']}", {"name": "fair still"})
            assert [(frame["subscription"], frame["action"]) for frame in (socket.next(), socket.next())] == [
                (below, "updated"),
                (events, "updated"),
            ]
            assert socket.everything() == []
            assert [frame["obj_id"] for frame in other.everything()] == [shown["id"]]
            assert socket.refusal("subscribe", obj_type="user") == "permission"
        finally:
            north.call("PATCH", manager, {"manager": True})
        assert socket.next("resync")["seq"] >= left[-1]["seq"]  # there is more to be read again
        north.call("PATCH", f"/v3/crud/event_exhibit_tracking/{hidden['id']}", {"rating": 5})
        assert {socket.next()["subscription"] for _ in range(2)} == {below, one}


def test_a_frame_names_what_is_masked_beside_its_data() -> None:
    entry = unpacked(b'["event_exhibit_tracking","x",1,"updated",["rating"],{},{}]')
    seen = Seen(True, True, ["rating"], b'{"id":"x"}', ["event_badge.email"])
    access = Access(Role.USER, every_account=False)
    assert _tail(7, entry, "updated", seen, access).endswith(',"data":{"id":"x"},"masked":["event_badge.email"]}')
    assert _tail(7, entry, "left", seen, access).endswith(',"data":null}')
