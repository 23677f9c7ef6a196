"""An event with rooms, and the machines that stand in them: made over the API, as staff would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import standing
from events.models import Event, EventLocation
from tests.conftest import Answer, Caller, Party

NOBODY = Caller()


@dataclass
class Machine:
    """An enrolled device: its token, and what it was told."""

    told: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.told["event_device_id"])

    @property
    def token(self) -> str:
        return str(self.told["device_token"])

    @property
    def caller(self) -> Caller:
        return Caller({"authorization": f"Bearer {self.token}"})


class Venue:
    """One event of an account with a room."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.staff = party.administrator
        self.event = self.staff.create("event", name="Congress", time_zone="Europe/Berlin")
        self.room = self.add_room("Hall 1")

    def add_room(self, name: str) -> dict[str, Any]:
        return self.staff.create("event_location", event_id=self.event["id"], name=name)

    @property
    def event_key(self) -> int:
        return int(Event.objects.get(id_random=self.event["id"]).pk)

    def location(self, room: dict[str, Any] | None = None) -> EventLocation:
        found: EventLocation = EventLocation.objects.get(id_random=(room or self.room)["id"])
        return found

    def provision(self, profile: str = "launcher", room: dict[str, Any] | None = None, **more: Any) -> Answer:
        body = {"event_location_id": (room or self.room)["id"], "profile": profile, **more}
        return self.staff.post("/v3/action/event_device/provision", body)

    def machine(self, profile: str = "launcher", room: dict[str, Any] | None = None) -> Machine:
        answer = enrol(self.provision(profile, room).data["token"])
        assert answer.status == 201, answer.body
        return Machine(answer.data)

    def session(self, room: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
        names = {"event_id": self.event["id"], "event_location_id": (room or self.room)["id"], "name": "Session"}
        return self.staff.create("event_session", **(names | values))

    def upload(self, for_type: str, for_id: str, content: bytes, filename: str = "talk.pdf", **more: str) -> Any:
        """A file in its place. Answers the event_file with its hosted_file."""
        parts = {"for_type": for_type, "for_id": for_id, **more}
        lines = [f'--X\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in parts.items()]
        head = f'--X\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode()
        body = b"".join([*lines, head, content, b"\r\n--X--\r\n"])
        answer = self.staff.post(
            "/v3/action/event_file/upload", body, **{"content-type": "multipart/form-data; boundary=X"}
        )
        assert answer.status in (200, 201), answer.body
        return answer.data


def enrol(token: str, **more: str) -> Answer:
    body = {"token": token, "name": "Left lectern", "platform": "Windows 11", "version": "2.1.0", **more}
    return NOBODY.post("/v3/device/enrol", body)


def at_once(answer: Any = None) -> Any:
    """What processes remember for seconds is forgotten."""
    standing.forget()
    return answer
