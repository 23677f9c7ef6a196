"""Uploads, downloads and links: what a client is promised, and who is kept out."""

from __future__ import annotations

import errno
import io
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.test.client import FakePayload

from accounts.models import ApiKey
from files import store
from files.models import HostedFile, HostedFileLink, StoredBytes
from kernel.errors import StorageFull
from tenancy.context import every_tenant
from tests.conftest import Answer, Caller, Party
from tests.files.sending import BOUNDARY, UPLOAD, content, download, hosted, journal_entry, multipart, send, stored

pytestmark = pytest.mark.usefixtures("own_store")

DATA = bytes(range(256)) * 40


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def rows() -> int:
    with every_tenant(reason="count what a refused request left"):
        return HostedFile.objects.count() + HostedFileLink.objects.count()


# uploading


def test_an_upload_is_the_file_its_link_and_nothing_else(north: Party, own_store: Path) -> None:
    entry = journal_entry(north)
    made = hosted(north.member, DATA, "../Plan.PDF", link_to_type="journal_entry", link_to_id=entry, title="Plan")
    told = {name: made[name] for name in ("filename", "extension", "title", "size", "hash_sha256", "status")}
    assert told == {
        "filename": "Plan.PDF",
        "extension": "pdf",
        "title": "Plan",
        "size": len(DATA),
        "hash_sha256": digest(DATA),
        "status": "ready",
    }
    assert made["subdirectory_path"] == f"{digest(DATA)[:2]}/{digest(DATA)[2:4]}"
    assert made["content_type"] == "application/octet-stream"  # it was sent as image/png
    links = north.member.get(f"/v3/crud/hosted_file/{made['id']}/link/").data
    assert [(one["link_to_type"], one["link_to_id"]) for one in links] == [("journal_entry", entry)]
    assert content(download(north.member, made["id"])) == DATA
    assert stored(own_store) == [digest(DATA)]


def test_several_files_at_once_are_a_list(north: Party) -> None:
    answer = send(north.member, multipart(("a.txt", b"one"), ("b.txt", b"two"), title="Both"))
    assert answer.status == 201
    assert [(one["filename"], one["title"], one["size"]) for one in answer.data] == [
        ("a.txt", "Both", 3),
        ("b.txt", "Both", 3),
    ]


@pytest.mark.parametrize("data", [b"", b"x", b"\r\n--" + BOUNDARY.encode()[:-1], b"\x00" * 70_000])
def test_any_bytes_come_back_as_they_were(north: Party, data: bytes) -> None:
    made = hosted(north.member, data)
    assert (made["size"], made["hash_sha256"]) == (len(data), digest(data))
    assert content(download(north.member, made["id"])) == data


@pytest.mark.parametrize("data", [b"", b"MIT License"])
def test_well_known_bytes_give_no_sign_of_another_account(north: Party, south: Party, data: bytes) -> None:
    """FILE-14: an empty file has the same hash everywhere."""
    mine = hosted(north.member, data)
    by_hash = f"/v3/action/hosted_file/hash/{digest(data)}/download"
    assert south.member.get(by_hash).error == ("not_found", 404)
    theirs = hosted(south.member, data)
    assert {name for name in mine if mine[name] != theirs[name]} == {"id", "account_id", "created_on", "updated_on"}
    assert content(south.member.get(by_hash)) == data


def test_the_same_bytes_are_kept_once_for_all_accounts(north: Party, south: Party, own_store: Path) -> None:
    first, second, third = hosted(north.member, DATA), hosted(north.member, DATA), hosted(south.member, DATA)
    assert len({first["id"], second["id"], third["id"]}) == 3
    assert stored(own_store) == [digest(DATA)]
    assert StoredBytes.objects.count() == 1


@pytest.mark.parametrize("name", ["発表資料.pdf".encode("shift-jis"), "Größe.pdf".encode("latin-1")])
@pytest.mark.parametrize("before", [0, 1, 2**20 - 40, 2**20 - 300])
def test_a_name_in_other_bytes_is_refused_for_what_it_is(
    north: Party, own_store: Path, name: bytes, before: int
) -> None:
    """Wherever the part begins, also where one that is read to its head comes before it."""
    others = [("ok.png", b"x" * before)] if before else []
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="'.encode()
    part = head + name + b'"\r\nContent-Type: image/png\r\n\r\nbytes\r\n'
    body = multipart(*others).removesuffix(f"--{BOUNDARY}--\r\n".encode()) + part + f"--{BOUNDARY}--\r\n".encode()
    answer = send(north.member, body)
    assert answer.error == ("validation", 400)
    assert answer.meta["details"]["fields"] == {"file": ["The file's name is not UTF-8. Send it in UTF-8."]}
    assert (rows(), stored(own_store)) == (0, [])


def test_bytes_of_a_file_may_be_anything(north: Party, own_store: Path) -> None:
    data = b"\xff" * (2**20 - 100) + "Größe é".encode() * 5_000
    assert send(north.member, whole(data)).status == 201
    assert stored(own_store) == [digest(data)]


def test_a_name_of_255_emoji(north: Party) -> None:
    made = hosted(north.member, DATA, "😀" * 255)
    assert made["filename"] == "😀" * 255


def test_what_a_client_says_of_its_file_is_compared(north: Party, own_store: Path) -> None:
    right = {"hash_sha256": digest(DATA).upper(), "size": str(len(DATA))}
    made = hosted(north.member, DATA, **right, content_type="x/y", subdirectory_path="../..")
    assert (made["content_type"], made["subdirectory_path"]) == (
        "application/octet-stream",
        f"{digest(DATA)[:2]}/{digest(DATA)[2:4]}",
    )
    before = rows()
    for wrong in ({"hash_sha256": "0" * 64}, {"hash_sha256": "no"}, {"size": "3"}):
        answer = send(north.member, multipart(("b", b"other"), **wrong))
        assert answer.error == ("validation", 400)
        assert list(answer.meta["details"]["fields"]) == list(wrong)
    assert (rows(), stored(own_store)) == (before, [digest(DATA)])


def test_the_same_upload_again_under_one_key_is_one_file(north: Party) -> None:
    first, again = (send(north.member, multipart(("a", DATA)), idempotency_key="k1") for _ in range(2))
    assert (again.status, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    other = send(north.member, multipart(("a", b"other")), idempotency_key="k1")
    assert other.error == ("validation", 400)


def whole(data: bytes = DATA) -> bytes:
    return multipart(("a", data))


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        (b"", 400, {}),
        (b"nothing like it", 400, {}),
        (multipart(title="No file"), 400, {}),
        (whole()[:-4], 400, {}),  # no closing boundary
        (whole()[: len(DATA) // 2], 400, {}),
        (whole().replace(b'name="file"', b'name="other"'), 400, {}),
        (multipart(("a", DATA), nonsense="1"), 400, {}),
        (multipart(("a", DATA), enable="perhaps"), 400, {}),
        (multipart(("a", DATA), title="x" * 256), 400, {}),
        (multipart(("a", DATA), title="a\0b"), 400, {}),
        (multipart(("a", DATA), status="failed"), 400, {}),
        (multipart(("a", DATA), title="t") + b"", 400, {"content_type": "multipart/form-data"}),
        (whole(), 400, {"content_type": "multipart/form-data; boundary=other"}),
        (whole(), 400, {"content_type": "application/json"}),
        (whole(), 400, {"content_encoding": "gzip"}),
        (multipart(*[(f"{n}", b"x") for n in range(11)]), 400, {}),
        (multipart(("a", DATA), **{f"f{n}": "x" for n in range(250)}), 400, {}),
        (multipart(("a", DATA), title="x" * 1_100_000), 413, {}),
        (multipart(("a", DATA), link_to_type="journal_entry"), 400, {}),
        (multipart(("a", DATA), link_to_id="abc"), 400, {}),
        (multipart(("a", DATA), link_to_type="nonsense", link_to_id="abc"), 400, {}),
        (multipart(("a", DATA), link_to_type="journal_entry", link_to_id="12"), 400, {}),
    ],
)
def test_a_bad_upload_leaves_nothing(
    north: Party, own_store: Path, body: bytes, status: int, headers: dict[str, str]
) -> None:
    before = rows()
    answer = send(north.member, body, **headers)
    assert (answer.status, rows()) == (status, before), answer.body
    assert stored(own_store) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (multipart(*[(f"{n}", b"x") for n in range(11)]), "file: At most 10 go in one upload."),
        (multipart(*[(f"{n}", b"x") for n in range(10_000)]), "file: At most 10 go in one upload."),
        (multipart(("a", b"x"), **{f"f{n}": "x" for n in range(10_000)}), "An upload has at most 200 fields."),
    ],
    ids=["11 files", "10,000 files", "10,000 fields"],
)
def test_too_much_for_one_upload_is_called_so(north: Party, own_store: Path, body: bytes, why: str) -> None:
    """FILE-13."""
    answer = send(north.member, body)
    assert (answer.error, answer.meta["status_message"], rows()) == (("validation", 400), why, 0)
    assert stored(own_store) == []


def with_head(line: bytes, data: bytes) -> bytes:
    return multipart(("a", data)).replace(b"Content-Type: image/png", line)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (with_head(b"X-Long: " + b"a" * 2**20, b"x"), None),
        (with_head(b"Content-Type: multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n--b--"), b"--b\r\n\r\nx\r\n--b--"),
        (with_head(b"Content-Transfer-Encoding: base64", b"aGVs bG8= "), b"hello"),
        (with_head(b"Content-Transfer-Encoding: base64", b"aGVs" + b" " * 2**20), b"hel"),
        (with_head(b"Content-Transfer-Encoding: base64", b"a"), None),
    ],
    ids=["head of 1 MiB", "multipart in it", "base64", "base64 and blanks", "half of base64"],
)
def test_parts_that_are_seldom_seen(north: Party, own_store: Path, body: bytes, kept: bytes | None) -> None:
    """FILE-13: kept as they are meant, or refused; not for long."""
    started = time.process_time()
    answer = send(north.member, body)
    assert time.process_time() - started < 1
    if kept is None:
        assert (answer.error, rows(), stored(own_store)) == (("validation", 400), 0, [])
    else:
        assert answer.status == 201, answer.body
        assert content(download(north.member, answer.data["id"])) == kept


class Breaking(FakePayload):
    """A client that goes away half-way."""

    def read(self, size: int | None = None, /) -> bytes:
        raise OSError("the connection was reset")


def send_raw(caller: Caller, body: bytes, **meta: Any) -> Answer:
    """An upload whose WSGI environment is what the test says."""
    named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in caller.headers.items()}
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    response = Client(raise_request_exception=False).generic("POST", UPLOAD, body, content_type, **named, **meta)
    return Answer(response.status_code, response.json(), response.headers, response)


@pytest.mark.parametrize(
    ("length", "status"),
    [("", 411), ("-1", 400), ("x", 400), ("1,2", 400), (str(2**33), 413), ("20", 400), (str(10**6), 400)],
)
def test_a_length_that_is_not_true(north: Party, own_store: Path, length: str, status: int) -> None:
    answer = send_raw(north.member, whole(), CONTENT_LENGTH=length, **{"wsgi.input": io.BytesIO(whole())})
    assert (answer.status, rows(), stored(own_store)) == (status, 0, [])


def test_a_client_that_goes_away_leaves_nothing(north: Party, own_store: Path) -> None:
    answer = send_raw(north.member, whole(), **{"wsgi.input": Breaking(whole())})
    assert (answer.error, rows(), stored(own_store)) == (("validation", 400), 0, [])


@pytest.mark.parametrize(("size", "status"), [(1_000, 201), (1_001, 413)])
def test_the_limit_is_a_byte_exact(north: Party, own_store: Path, settings: Any, size: int, status: int) -> None:
    settings.AETHER_MAX_UPLOAD_BYTES = 1_000
    assert send(north.member, whole(b"x" * size)).status == status
    assert stored(own_store) == ([digest(b"x" * size)] if status == 201 else [])


def test_a_full_disk_is_told_and_leaves_nothing(north: Party, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    own_store.joinpath("incoming").mkdir(parents=True)
    answer = send(north.member, whole())
    assert (answer.status, answer.meta["details"]["recoverable"]) == (507, True)
    assert (rows(), stored(own_store)) == (0, [])


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The system takes the first bytes of a file, and no more: as a disk does that is nearly full, a write takes a part
    of what it was given."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_falls_short_is_a_failure(north: Party, own_store: Path) -> None:
    with room_for(100_000):
        assert send(north.member, whole(b"x" * 100_000)).status == 201
        answer = send(north.member, whole(b"y" * 100_001))
    assert (answer.status, answer.error, answer.meta["details"]["recoverable"]) == (507, ("storage", 507), True)
    assert (rows(), stored(own_store)) == (1, [digest(b"x" * 100_000)])


@pytest.mark.django_db
def test_what_comes_from_elsewhere_is_stored_whole_or_not_at_all(own_store: Path) -> None:
    """Restores, bundles, the demo and files that are made of others."""
    with room_for(100_000):
        assert store.put(b"x" * 100_000).size == 100_000
        with pytest.raises(StorageFull):
            store.put(b"y" * 100_001)
    assert stored(own_store) == [digest(b"x" * 100_000)]


@pytest.mark.django_db
def test_a_disk_that_lost_a_part_is_noticed(own_store: Path) -> None:
    draft = store.new_draft()
    try:
        draft.write(b"x" * 1_000)
        os.truncate(draft.path, 999)
        with pytest.raises(StorageFull):
            store.keep(draft)
    finally:
        draft.close()
    assert stored(own_store) == []


def test_who_may_upload(north: Party, south: Party, bypass: Caller, own_store: Path) -> None:
    with every_tenant(reason="a key that only reads"):
        _, key = ApiKey.issue(name="reading", role="manager", all_accounts=True, read_only=True)
    reading = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    for caller in (north.guest, reading, bypass):
        assert send(caller, whole()).error == ("permission", 403)
    foreign = journal_entry(south)
    answers = [
        send(north.member, multipart(("a", DATA), link_to_type="journal_entry", link_to_id=wanted))
        for wanted in (foreign, "nowhere0000")
    ]
    assert [answer.error for answer in answers] == [("database_constraint", 1452)] * 2
    assert answers[0].meta["details"] == answers[1].meta["details"]
    assert (rows(), stored(own_store)) == (0, [])


# changing


def test_new_bytes_never_come_by_the_objects_own_path(north: Party, south: Party, own_store: Path) -> None:
    """FILE-20."""
    made = hosted(north.member, DATA)
    before = north.member.get(f"/v3/crud/hosted_file/{made['id']}").data
    seen = (own_store / made["subdirectory_path"] / made["hash_sha256"]).stat().st_mtime_ns
    for caller in (north.member, north.manager, south.manager, north.guest):
        for method in ("PATCH", "PUT"):
            answer = caller(
                method,
                f"/v3/crud/hosted_file/{made['id']}",
                whole(b"other"),
                content_type=f"multipart/form-data; boundary={BOUNDARY}",
            )
            assert answer.status in (400, 403, 405), method
        for name in ("hash_sha256", "size", "content_type", "subdirectory_path", "status"):
            value = 1 if name == "size" else "0" * 64
            answer = caller.patch(f"/v3/crud/hosted_file/{made['id']}", {name: value})
            assert answer.error in (("validation", 400), ("permission", 403)), name
    assert north.member.get(f"/v3/crud/hosted_file/{made['id']}").data == before
    assert (own_store / made["subdirectory_path"] / made["hash_sha256"]).stat().st_mtime_ns == seen
    assert content(download(north.member, made["id"])) == DATA


# removing


def test_a_link_of_a_file_is_removed_alone(north: Party) -> None:
    entry = journal_entry(north)
    made = hosted(north.member, DATA, link_to_type="journal_entry", link_to_id=entry)
    path = f"/v3/action/hosted_file/{made['id']}?link_to_type=journal_entry&link_to_id={entry}"
    assert north.member.delete(path).data == {"id": made["id"], "deleted": False, "links_removed": 1}
    assert north.member.delete(path).status == 404
    assert north.member.get(f"/v3/crud/hosted_file/{made['id']}/link/").data == []
    assert download(north.member, made["id"]).status == 200


def test_a_file_goes_with_its_links_unless_something_refers_to_it(north: Party) -> None:
    made = hosted(north.member, DATA, link_to_type="journal_entry", link_to_id=journal_entry(north))
    path = f"/v3/action/hosted_file/{made['id']}"
    assert north.member.delete(path).error == ("permission", 403)
    assert north.member.delete(path + "?link_to_type=journal_entry").error == ("validation", 400)
    assert north.administrator.delete(path).data == {"id": made["id"], "deleted": True, "links_removed": 1}
    assert download(north.member, made["id"]).status == 404
    held = hosted(north.member, DATA)
    archive = north.manager.create("archive", name="A")
    holder = north.manager.create("archive_content", archive_id=archive["id"], name="C", hosted_file_id=held["id"])
    refused = north.administrator.delete(f"/v3/action/hosted_file/{held['id']}")
    assert refused.error == ("database_constraint", 1451)
    assert north.administrator.delete(f"/v3/action/hosted_file/{holder['id']}").status == 404
    assert download(north.member, held["id"]).status == 200


def test_nothing_tells_where_the_bytes_lie(north: Party, own_store: Path) -> None:
    made = hosted(north.member, DATA)
    answers = [
        north.member.get(f"/v3/crud/hosted_file/{made['id']}?view=enriched"),
        download(north.member, made["id"]),
        north.member.get("/v3/crud/hosted_file/schema"),
    ]
    assert not [answer for answer in answers if str(own_store) in f"{answer.body} {answer.headers}"]
    assert storages["files"].location == str(own_store)


@pytest.mark.parametrize(
    "name",
    [
        "9.41.00\u202fAM.png",
        "発表\u3000資料.pdf",
        "می\u200cخواهم.pdf",
        "👩\u200d💻.png",
        "a\u00a0b.txt",
        "R&D&copy2.pdf",
        "a&lt;b.pdf",
    ],
)
def test_a_name_stays_as_it_was_sent(north: Party, name: str) -> None:
    assert hosted(north.member, b"x", name)["filename"] == name
    assert hosted(north.member, b"x", name.replace(".", "%22."))["filename"] == name.replace(".", '".')
