"""Resumable uploads by tus 1.0: what a break, a rival, a full disk and a wrong word cost."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.signals import post_save
from django.http import HttpRequest, UnreadablePostError
from django.utils import timezone

from files import resumable
from files.models import HostedFile, ResumableUpload
from files.tasks import end_expired_uploads
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller, Party
from tests.files.sending import content, hosted, journal_entry

pytestmark = pytest.mark.usefixtures("own_store")
ROOT = "/v3/files/tus/"
DATA = b"%PDF-1.7 " + bytes(range(256)) * 40


def encoded(**metadata: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())


def create(caller: Caller, length: int | str = len(DATA), **metadata: str) -> Answer:
    said = encoded(**({"filename": "talk.pdf"} | metadata))
    headers = {"tus-resumable": "1.0.0", "upload-length": str(length), "upload-metadata": said}
    return caller("POST", ROOT, **headers)


def begun(caller: Caller, length: int = len(DATA), **metadata: str) -> str:
    answer = create(caller, length, **metadata)
    assert answer.status == 201, answer.body
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    location: str = answer.headers["Location"]
    return location


def patch(caller: Caller, path: str, offset: int, data: bytes, **headers: str) -> Answer:
    said = {"tus-resumable": "1.0.0", "upload-offset": str(offset), "content-type": "application/offset+octet-stream"}
    return caller("PATCH", path, data, **(said | headers))


def head(caller: Caller, path: str) -> Answer:
    return caller("HEAD", path, **{"tus-resumable": "1.0.0"})


def offset_of(answer: Answer) -> int:
    return int(answer.headers["Upload-Offset"])


@pytest.fixture
def talk(north: Party) -> dict[str, str]:
    """Where an event's file goes, in the words of the metadata."""
    event = north.manager.create("event", name="Meeting")["id"]
    session = north.manager.create("event_session", event_id=event, name="S")["id"]
    made = north.manager.create("event_presentation", event_session_id=session, name="T")["id"]
    return {"for_type": "event_presentation", "for_id": made}


def test_what_the_server_can_is_told_without_a_key(db: None) -> None:
    answer = Caller()("OPTIONS", ROOT)
    assert (answer.status, answer.headers["Tus-Version"]) == (204, "1.0.0")
    assert answer.headers["Tus-Extension"] == "creation,checksum,expiration,termination"
    assert Caller()("POST", ROOT, **{"tus-resumable": "1.0.0"}).error == ("permission", 403)


def test_broken_off_at_every_tenth_and_gone_on(north: Party, talk: dict[str, str], monkeypatch: Any) -> None:
    path = begun(north.member, **talk, hash_sha256=hashlib.sha256(DATA).hexdigest(), title="Valves")
    real = HttpRequest.read
    for tenth in range(1, 10):
        at = offset_of(head(north.member, path))
        until = len(DATA) * tenth // 10
        left = until - at

        def cut(self: HttpRequest, size: int = -1, /) -> bytes:
            nonlocal left
            if left <= 0:
                raise UnreadablePostError("gone")
            chunk = real(self, min(size, left))
            left -= len(chunk)
            return chunk

        monkeypatch.setattr(HttpRequest, "read", cut)
        assert patch(north.member, path, at, DATA[at:]).error == ("validation", 400)
        monkeypatch.setattr(HttpRequest, "read", real)
        assert offset_of(head(north.member, path)) == until
    at = offset_of(head(north.member, path))
    last = patch(north.member, path, at, DATA[at:])
    assert last.status == 204
    file = north.member.get(f"/v3/crud/event_file/{last.headers['Aether-Event-File-Id']}?inc_hosted_file=true").data
    assert (file["slot"], file["version"], file["filename"], file["title"]) == ("slides", 1, "talk.pdf", "Valves")
    assert file["hosted_file_id"] == last.headers["Aether-Hosted-File-Id"]
    assert content(north.member.get(f"/v3/action/event_file/{file['id']}/download")) == DATA
    told = north.member.get(path).data
    assert (told["state"], told["offset"], told["event_file_id"]) == ("finished", len(DATA), file["id"])
    assert head(north.member, path).headers["Aether-Event-File-Id"] == file["id"]
    assert patch(north.member, path, len(DATA), b"more").error == ("validation", 400)
    same = begun(north.member, **talk)
    assert patch(north.member, same, 0, DATA).headers["Aether-Event-File-Id"] == file["id"]  # as a form would be


def test_a_hosted_file_that_hangs_on_something(north: Party) -> None:
    linked = {"link_to_type": "journal_entry", "link_to_id": journal_entry(north)}
    done = patch(north.member, begun(north.member, **linked), 0, DATA)
    assert done.status == 204
    assert "Aether-Event-File-Id" not in done.headers
    links = north.member.get(f"/v3/crud/hosted_file/{done.headers['Aether-Hosted-File-Id']}/link/")
    assert [link["link_to_id"] for link in links.data] == [linked["link_to_id"]]
    empty = create(north.member, 0, filename="empty.txt")
    assert (empty.status, offset_of(empty)) == (201, 0)
    assert north.member.get(f"/v3/crud/hosted_file/{empty.headers['Aether-Hosted-File-Id']}").data["size"] == 0


def test_what_is_told_when_it_is_begun(north: Party, south: Party, talk: dict[str, str]) -> None:
    theirs = south.manager.create("event", name="Theirs")["id"]
    wrong: list[tuple[dict[str, Any], tuple[str, int]]] = [
        ({"for_type": "event", "for_id": theirs}, ("database_constraint", 1452)),
        ({"for_type": "event", "for_id": "nowhere0000"}, ("database_constraint", 1452)),
        ({"for_type": "nothing", "for_id": theirs}, ("validation", 400)),
        (talk | {"slot": "slide"}, ("validation", 400)),
        (talk | {"approved": "true"}, ("validation", 400)),
        (talk | {"no_such": "x"}, ("database_schema", 1054)),
        ({"link_to_type": "event", "link_to_id": theirs}, ("database_constraint", 1452)),
        ({"filename": " "}, ("validation", 400)),
        ({"hash_sha256": "abc"}, ("validation", 400)),
        ({"size": "1"}, ("validation", 400)),
        ({"title": "\x00"}, ("validation", 400)),
        ({"length": "-1"}, ("validation", 400)),
        ({"length": ""}, ("validation", 400)),
        ({"length": str(2**45)}, ("payload_too_large", 413)),
    ]
    for said, error in wrong:
        answer = create(north.member, said.pop("length", len(DATA)), **said)
        assert answer.error == error, said
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert create(north.guest, **talk).error == ("permission", 403)
    assert create(north.guest).error == ("permission", 403)
    reader = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    assert create(reader, **talk).error == ("permission", 403)
    old = north.member("POST", ROOT, **{"tus-resumable": "0.2.2", "upload-length": "1"})
    assert (old.status, old.headers["Tus-Version"]) == (412, "1.0.0")
    for text in ("filename", "filename !", "a b,a b", "é YQ=="):
        headers = {"tus-resumable": "1.0.0", "upload-length": "1", "upload-metadata": text}
        assert north.member("POST", ROOT, **headers).error == ("validation", 400), text
    with every_tenant(reason="count what refusals left"):
        assert ResumableUpload.objects.count() == 0


def test_what_does_not_fit(north: Party) -> None:
    path = begun(north.member)
    assert patch(north.member, path, 5, DATA).status == 409
    assert offset_of(patch(north.member, path, 5, DATA)) == 0
    assert patch(north.member, path, 0, DATA, **{"content-type": "application/json"}).status == 415
    assert patch(north.member, path, 0, DATA + b"more").error == ("validation", 400)
    assert patch(north.member, path, 0, DATA, **{"upload-offset": "x"}).error == ("validation", 400)
    assert patch(north.member, path, 0, DATA, **{"tus-resumable": "2"}).status == 412
    assert north.member.get(path).data["offset"] == 0


def test_a_checksum_that_is_wrong_takes_its_part_back(north: Party) -> None:
    path = begun(north.member)
    part, rest = DATA[:4000], DATA[4000:]
    good = base64.b64encode(hashlib.sha1(part, usedforsecurity=False).digest()).decode()
    assert patch(north.member, path, 0, rest[:4000], **{"upload-checksum": f"sha1 {good}"}).status == 460
    for text in ("md4 YQ==", "sha1", "sha1 !"):
        assert patch(north.member, path, 0, part, **{"upload-checksum": text}).error == ("validation", 400)
    assert patch(north.member, path, 0, part, **{"upload-checksum": f"sha1 {good}"}).status == 204
    assert patch(north.member, path, 4000, rest).status == 204


def test_nobody_else_has_a_part_in_it(north: Party, south: Party) -> None:
    path = begun(north.member)
    for other in (north.manager, north.guest, south.member, south.manager):
        for answer in (head(other, path), patch(other, path, 0, DATA), other.get(path)):
            assert answer.status == 404
        assert other.delete(path, **{"tus-resumable": "1.0.0"}).status == 404
    assert north.member.delete(path, **{"tus-resumable": "1.0.0"}).status == 204
    assert head(north.member, path).status == 404
    assert not list(resumable.folder().iterdir())


def test_two_tabs_at_once(north: Party) -> None:
    path = begun(north.member)
    with every_tenant(reason="hold the upload as another request would"):
        upload = ResumableUpload.objects.get(id_random=path.rpartition("/")[2])
    with tenant(north.account.pk), resumable.locked(upload):
        busy = patch(north.member, path, 0, DATA)
    assert (busy.status, busy.meta["details"]["recoverable"]) == (423, True)
    assert patch(north.member, path, 0, DATA).status == 204


def test_a_full_disk(north: Party, monkeypatch: Any) -> None:
    path = begun(north.member)
    assert patch(north.member, path, 0, DATA[:100]).status == 204
    real = resumable._write

    def full(file: Any, chunk: bytes) -> None:
        real(file, chunk[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(resumable, "_write", full)
    assert patch(north.member, path, 100, DATA[100:]).error == ("storage", 507)
    monkeypatch.setattr(resumable, "_write", real)
    assert offset_of(head(north.member, path)) == 100
    assert patch(north.member, path, 100, DATA[100:]).status == 204
    monkeypatch.setattr(resumable, "SPARE_BYTES", 2**60)
    assert create(north.member).error == ("storage", 507)


def test_what_came_after_the_last_count_is_sent_again(north: Party) -> None:
    """A server that was killed had written more than it could say."""
    path = begun(north.member)
    assert patch(north.member, path, 0, DATA[:100]).status == 204
    with (resumable.folder() / path.rpartition("/")[2]).open("ab") as file:
        file.write(b"unsaid")
    assert offset_of(head(north.member, path)) == 100
    done = patch(north.member, path, 100, DATA[100:])
    assert content(north.member.get(f"/v3/action/hosted_file/{done.headers['Aether-Hosted-File-Id']}/download")) == DATA


@pytest.mark.parametrize("dies", [HostedFile, None])
def test_killed_when_all_had_come(north: Party, monkeypatch: Any, dies: type | None) -> None:
    """Before the rows, or before the bytes were kept: whoever asks for the offset completes it."""
    path = begun(north.member)

    def kill(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("gone away")

    if dies is None:
        monkeypatch.setattr(resumable.store, "keep", kill)
    else:
        post_save.connect(kill, sender=dies)
    try:
        assert patch(north.member, path, 0, DATA).status >= 500
    finally:
        post_save.disconnect(kill, sender=dies)
        monkeypatch.undo()
    asked = head(north.member, path)
    assert (asked.status, offset_of(asked)) == (200, len(DATA))
    found = north.member.get(f"/v3/action/hosted_file/{asked.headers['Aether-Hosted-File-Id']}/download")
    assert content(found) == DATA


def test_another_file_than_was_announced(north: Party) -> None:
    path = begun(north.member, hash_sha256="0" * 64)
    assert patch(north.member, path, 0, DATA).error == ("validation", 400)
    assert head(north.member, path).status == 410
    assert north.member.get(path).data["state"] == "failed"


def test_one_that_was_given_up(north: Party) -> None:
    path, kept = begun(north.member), begun(north.member)
    with every_tenant(reason="let time pass"):
        old = ResumableUpload.objects.filter(id_random=path.rpartition("/")[2])
        old.update(expires_on=timezone.now() - timedelta(seconds=1))
    assert head(north.member, path).status == 410
    assert patch(north.member, path, 0, DATA).error == ("not_found", 410)
    stranger = resumable.folder() / "stranger"
    stranger.touch()
    os.utime(stranger, (0, 0))
    assert end_expired_uploads() == 1
    assert head(north.member, path).status == 404
    assert [one.name for one in resumable.folder().iterdir() if one.suffix == ""] == [kept.rpartition("/")[2]]


def test_at_most_so_many_at_a_time(north: Party, monkeypatch: Any) -> None:
    monkeypatch.setattr(resumable, "MAX_OPEN", 2)
    first, _ = begun(north.member), begun(north.member)
    assert create(north.member).error == ("throttled", 429)
    assert patch(north.member, first, 0, DATA).status == 204
    assert create(north.member).status == 201


def test_for_clients_that_know_no_patch(north: Party) -> None:
    path = begun(north.member)

    def meant(verb: str) -> dict[str, str]:
        return {"x-http-method-override": verb, "tus-resumable": "1.0.0"}

    said = {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
    assert north.member("POST", path, DATA, **(meant("PATCH") | said)).status == 204
    assert north.member("POST", path, **meant("DELETE")).status == 204
    assert north.member("POST", path, **meant("PUT")).status == 405


def test_the_store_is_the_same(north: Party, own_store: Path) -> None:
    file = hosted(north.member, DATA)
    done = patch(north.member, begun(north.member), 0, DATA)
    again = north.member.get(f"/v3/crud/hosted_file/{done.headers['Aether-Hosted-File-Id']}").data
    assert (again["hash_sha256"], again["content_type"]) == (file["hash_sha256"], file["content_type"])
    assert len([path for path in own_store.rglob("*") if path.is_file() and len(path.name) == 64]) == 1
