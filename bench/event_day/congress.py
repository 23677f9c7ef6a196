"""The event of the day: its rooms and talks in the database, and what staff ask the server for."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench.stacks import ROOT

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
BOUNDARY = uuid4().hex
PATIENCE = 60
"""Seconds that staff go on trying to get an answer."""


def fill(rooms: int, decks: int) -> None:
    """In the environment of the service: prints, as JSON, a key, and the ids of event, rooms, and talks."""
    from datetime import timedelta

    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import Account, ApiKey
    from events.models import Event, EventLocation, EventPresentation, EventSession
    from tenancy.context import every_tenant, tenant

    with every_tenant(reason="the bench makes its account"):
        account = Account(code="day", name="Day")
        account.save()
    key = ApiKey.issue(name="day", role="administrator", accounts=[account])[1]
    begun, talks = timezone.now(), []
    with tenant(account.pk):
        event = Event(name="Congress", time_zone="UTC")
        event.save()
        places = [EventLocation(event=event, name=f"Room {number + 1}") for number in range(rooms)]
        for place in places:
            place.save()
        for number in range(decks):
            start = begun + timedelta(hours=1 + number // rooms)
            place = places[number % rooms]
            times = {"start_datetime": start, "end_datetime": start + timedelta(minutes=45)}
            session = EventSession(event=event, event_location=place, name=f"Session {number + 1}", **times)
            session.save()
            talk = EventPresentation(event_session=session, name=f"Talk {number + 1}")
            talk.save()
            talks.append([talk.id_random, session.id_random])
    ids = [place.id_random for place in places]
    print(json.dumps([key, account.id_random, event.id_random, ids, talks]))


@dataclass
class Talk:
    id: str
    session: str
    room: int
    version: int = 0
    digest: str = ""
    """Of the version that the server acknowledged last."""
    sent_at: float = 0.0
    is_green: bool = True


class Congress:
    """The event, as staff have it on their screens."""

    def __init__(self, environment: dict[str, str], port: int, rooms: int, decks: int, dice: Random) -> None:
        code = f"from bench.event_day.congress import fill; fill({rooms}, {decks})"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        self.key, self.account, self.event, self.rooms, talks = json.loads(done.stdout.splitlines()[-1])
        self.port, self.dice = port, dice
        self.talks = [Talk(*ids, room=number % rooms) for number, ids in enumerate(talks)]

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Until it is answered: a server that is away or busy is asked again."""
        headers = {"X-Aether-Api-Key": self.key, "X-Account-Id": self.account, "Content-Type": kind}
        end = time.monotonic() + PATIENCE
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                status, content = answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                status, content = 503, repr(error).encode()
            finally:
                connection.close()
            if status < 400:
                return json.loads(content)
            if status not in (429, 503) or time.monotonic() > end:
                raise SystemExit(f"{method} {path} → {status}: {content[:500]!r}")
            time.sleep(0.2)

    def send_deck(self, talk: Talk, size: int) -> None:
        """A new version; sent again until it is acknowledged."""
        content = OLE + self.dice.randbytes(size)
        names = {"for_type": "event_presentation", "for_id": talk.id, "slot": "slides"}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode()
            for n, v in names.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="talk.ppt"\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, f"\r\n--{BOUNDARY}--\r\n".encode()])
        self.ask("POST", "/v3/action/event_file/upload", body, f"multipart/form-data; boundary={BOUNDARY}")
        talk.version, talk.digest = talk.version + 1, sha256(content).hexdigest()
        talk.sent_at, talk.is_green = time.monotonic(), False

    def code_for(self, room: int) -> str:
        body = json.dumps({"event_location_id": self.rooms[room], "profile": "launcher"}).encode()
        return str(self.ask("POST", "/v3/action/event_device/provision", body)["data"]["token"])

    def states(self) -> dict[str, str]:
        """By session."""
        rooms = self.ask("GET", f"/v3/action/event/{self.event}/readiness")["data"]["rooms"]
        return {one["event_session_id"]: one["state"] for room in rooms for one in room["sessions"]}

    @property
    def acknowledged(self) -> int:
        """Versions."""
        return sum(talk.version for talk in self.talks)

    def lost(self) -> list[str]:
        """What was acknowledged and is not there: current decks by the manifest, and versions by number."""
        listed = self.ask("GET", f"/v3/action/event/{self.event}/file_manifest")["data"]["files"]
        current = {one["event_presentation_id"]: (one["hash_sha256"], one["version"]) for one in listed}
        gone = [talk.id for talk in self.talks if current.get(talk.id) != (talk.digest, talk.version)]
        query = urlencode({"versions": "all", "inc_total": "true", "limit": 1})
        total = self.ask("GET", f"/v3/crud/event_file/?{query}")["meta"]["total"]
        return gone if total == self.acknowledged else [*gone, f"{total} rows of {self.acknowledged} versions"]
