"""Downloads: every way to the bytes, what the answers say, and who is kept out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts.models import ApiKey
from files.models import StoredBytes
from tests.conftest import Caller, Party
from tests.files.sending import content, download, hosted, journal_entry

pytestmark = pytest.mark.usefixtures("own_store")

DATA = bytes(range(256)) * 40


def test_what_a_download_says(north: Party) -> None:
    made = hosted(north.member, b"%PDF-1.7 x", 'Größe; "x".pdf')
    answer = download(north.member, made["id"])
    told = {
        name: answer.headers[name]
        for name in ("Content-Type", "Content-Length", "ETag", "Accept-Ranges", "X-Content-Type-Options")
    }
    assert told == {
        "Content-Type": "application/pdf",
        "Content-Length": "10",
        "ETag": f'"{made["hash_sha256"]}"',
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    name = "filename=\"Groe; _x_.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%3B%20%22x%22.pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; {name}"
    inline = download(north.member, made["id"], "?inline=true")
    assert inline.headers["Content-Disposition"] == f"inline; {name}"


@pytest.mark.parametrize(
    "data",
    [b"<html><script>alert(1)</script>", b'<svg xmlns="x"><script/></svg>', b"<?xml version='1.0'?><x/>", b"MZ\x90"],
)
def test_what_a_browser_could_run_is_an_attachment(north: Party, data: bytes) -> None:
    made = hosted(north.member, data, "picture.png")
    answer = download(north.member, made["id"], "?inline=true")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="picture.png"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_ranges(north: Party) -> None:
    made = hosted(north.member, DATA)
    part = download(north.member, made["id"], range="bytes=256-300")
    assert (part.status, part.headers["Content-Range"]) == (206, f"bytes 256-300/{len(DATA)}")
    assert content(part) == DATA[256:301]
    end = download(north.member, made["id"], range="bytes=-5")
    assert content(end) == DATA[-5:]
    several = download(north.member, made["id"], range="bytes=0-1,100-102")
    body = content(several)
    assert several.headers["Content-Type"].startswith("multipart/byteranges; boundary=")
    assert int(several.headers["Content-Length"]) == len(body)
    assert body.count(b"Content-Range: bytes ") == 2
    assert DATA[100:103] in body
    outside = download(north.member, made["id"], range=f"bytes={len(DATA)}-")
    assert (outside.status, outside.headers["Content-Range"]) == (416, f"bytes */{len(DATA)}")


def test_if_range_and_if_none_match(north: Party) -> None:
    made = hosted(north.member, DATA)
    tag = f'"{made["hash_sha256"]}"'
    same = download(north.member, made["id"], range="bytes=0-9", if_range=tag)
    other = download(north.member, made["id"], range="bytes=0-9", if_range='"other"')
    assert [(answer.status, len(content(answer))) for answer in (same, other)] == [(206, 10), (200, len(DATA))]
    for sent in (tag, f"W/{tag}", "*", f'"x", {tag}'):
        fresh = download(north.member, made["id"], if_none_match=sent)
        assert (fresh.status, content(fresh), fresh.headers["ETag"]) == (304, b"", tag)


def test_head_says_the_same_without_the_bytes(north: Party) -> None:
    made = hosted(north.member, DATA)
    for headers in ({}, {"range": "bytes=0-9"}, {"range": "bytes=0-1,9-10"}):
        head, get = (download(north.member, made["id"], method=method, **headers) for method in ("HEAD", "GET"))
        assert (head.status, content(head)) == (get.status, b"")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_every_way_to_the_bytes(north: Party) -> None:
    made = hosted(north.member, DATA)
    archive = north.manager.create("archive", name="A")
    holder = north.manager.create("archive_content", archive_id=archive["id"], name="C", hosted_file_id=made["id"])
    ways = [
        f"/v3/action/hosted_file/{made['id']}/download",
        f"/v3/action/hosted_file/{made['id']}/download/",
        f"/v3/action/hosted_file/{holder['id']}/download",
        f"/v3/action/hosted_file/download?id={made['id']}",
        f"/v3/action/hosted_file/download?id={holder['id']}",
        f"/v3/action/hosted_file/hash/{made['hash_sha256']}/download",
    ]
    assert [content(north.member.get(way)) for way in ways] == [DATA] * len(ways)
    assert north.member.get(ways[-1]).headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_another_account_gets_nothing(north: Party, south: Party) -> None:
    made = hosted(south.member, DATA)
    hidden_by_hash = [
        north.member.get(f"/v3/action/hosted_file/hash/{sha}/download")
        for sha in (made["hash_sha256"], "0" * 64, made["hash_sha256"].upper(), "0" * 63, "..%2f..")
    ]
    assert {answer.status for answer in hidden_by_hash} == {404}
    first, second = hidden_by_hash[:2]
    assert first.meta["details"] == second.meta["details"]
    assert download(north.member, made["id"]).error == ("permission", 403)
    assert download(north.member, "nowhere0000").error == ("not_found", 404)
    for path in ("download_url", ""):
        method = "POST" if path else "DELETE"
        assert north.manager(method, f"/v3/action/hosted_file/{made['id']}/{path}").error == ("permission", 403)
    assert content(download(south.member, made["id"])) == DATA


def test_a_guest_gets_what_hangs_on_something_public(north: Party) -> None:
    lonely = hosted(north.member, b"lonely")
    event = north.manager.create("event", name="Open", code="open")
    public = hosted(north.member, DATA, link_to_type="event", link_to_id=event["id"])
    private = hosted(north.member, b"private", link_to_type="journal_entry", link_to_id=journal_entry(north))
    answers = [download(north.guest, made["id"]).status for made in (lonely, public, private)]
    assert answers == [403, 200, 403]
    north.manager.patch(f"/v3/crud/event/{event['id']}", {"hide": True})
    assert download(north.guest, public["id"]).status == 403
    by_hash = north.guest.get(f"/v3/action/hosted_file/hash/{lonely['hash_sha256']}/download")
    assert by_hash.status == 404


@pytest.mark.parametrize("harm", ["gone", "cut", "flipped", "longer"])
def test_damaged_bytes_are_never_served_and_the_next_upload_mends_them(
    north: Party, own_store: Path, caplog: Any, harm: str
) -> None:
    made = hosted(north.member, DATA)
    path = own_store / made["subdirectory_path"] / made["hash_sha256"]
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": DATA[:-1], "flipped": b"\xff" + DATA[1:], "longer": DATA + b"x"}[harm])
    for way in (f"{made['id']}/download", f"hash/{made['hash_sha256']}/download"):
        assert north.member.get(f"/v3/action/hosted_file/{way}").error == ("not_found", 404)
    assert f"the bytes of {made['hash_sha256']} are missing or damaged" in caplog.messages
    hosted(north.member, DATA)
    assert content(download(north.member, made["id"])) == DATA


def test_bytes_that_were_moved_here_are_looked_at_once(north: Party, own_store: Path) -> None:
    """A restored or copied store has other times; its files are read through, and then trusted."""
    made = hosted(north.member, DATA)
    path = own_store / made["subdirectory_path"] / made["hash_sha256"]
    os.utime(path, (1, 1))
    seal = StoredBytes.objects.get().seal
    assert content(download(north.member, made["id"])) == DATA
    assert StoredBytes.objects.get().seal != seal


def test_nginx_is_told_where_the_bytes_are(north: Party, settings: Any) -> None:
    settings.AETHER_X_ACCEL_PREFIX = "/inside/"
    made = hosted(north.member, DATA)
    answer = download(north.member, made["id"], range="bytes=0-1")
    place = f"/inside/{made['subdirectory_path']}/{made['hash_sha256']}"
    assert (answer.status, answer.headers["X-Accel-Redirect"], content(answer)) == (200, place, b"")


@pytest.mark.parametrize(
    ("headers", "status", "length"),
    [
        ({"range": "bytes=0-1", "if_range": '"{hash}"'}, 206, 2),
        ({"range": "bytes=0-9,5-19"}, 206, 20),
        ({"range": "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 1_000, 2))}, 200, len(DATA)),
        ({"range": "bytes=5-2"}, 200, len(DATA)),
        ({"if_match": '"other", "{hash}"'}, 200, len(DATA)),
        ({"if_unmodified_since": "Wed, 21 Oct 2015 07:28:00 GMT"}, 200, len(DATA)),
    ],
)
def test_what_nginx_would_answer_in_another_way_is_not_left_to_it(
    north: Party, settings: Any, headers: dict[str, str], status: int, length: int
) -> None:
    settings.AETHER_X_ACCEL_PREFIX = "/inside/"
    made = hosted(north.member, DATA)
    sent = {name: value.replace("{hash}", made["hash_sha256"]) for name, value in headers.items()}
    answer = download(north.member, made["id"], **sent)
    assert (answer.status, len(content(answer))) == (status, length)


def test_a_file_that_is_another_one_by_now(north: Party) -> None:
    made = hosted(north.member, DATA)
    tag = f'"{made["hash_sha256"]}"'
    for sent, status in (('"other"', 412), (f"W/{tag}", 412), (tag, 200), ("*", 200)):
        assert download(north.member, made["id"], if_match=sent).status == status
    assert download(north.member, made["id"], if_match='"other"').error == ("conflict", 412)


def test_a_page_of_another_origin_may_resume_a_download_and_read_its_name(north: Party, settings: Any) -> None:
    origin = "https://app.example.org"
    settings.CORS_ALLOWED_ORIGINS = [origin]
    made = hosted(north.member, DATA)
    path = f"/v3/action/hosted_file/{made['id']}/download"
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "range, if-range"}
    allowed = Caller({"origin": origin})("OPTIONS", path, **asked).headers["Access-Control-Allow-Headers"]
    assert {"range", "if-range"} <= set(allowed.split(", "))
    shown = north.member.get(path, origin=origin, range="bytes=0-1").headers["Access-Control-Expose-Headers"]
    assert {"content-disposition", "content-range", "etag"} <= set(shown.split(", "))


# links without headers


def link_to(caller: Caller, public_id: str, query: str = "") -> str:
    answer = caller.post(f"/v3/action/hosted_file/{public_id}/download_url{query}", None)
    assert answer.status == 200, answer.body
    url: str = answer.data["url"]
    return url.removeprefix("http://testserver")


def test_a_link_opens_its_file_and_no_other_door(north: Party, south: Party) -> None:
    made, other = hosted(north.member, DATA), hosted(north.member, b"other")
    foreign = hosted(south.member, b"foreign")
    anybody = Caller({})
    url = link_to(north.member, made["id"])
    token = url.split("jwt=")[1]
    answer = anybody.get(url)
    assert (answer.status, content(answer)) == (200, DATA)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert anybody.get(f"/v3/action/hosted_file/hash/{other['hash_sha256']}/download?jwt={token}").status == 404
    for made_by in (other, foreign):
        assert anybody.get(f"/v3/action/hosted_file/{made_by['id']}/download?jwt={token}").status == 403
    key = north.member.headers["x-aether-api-key"]
    for caller in (anybody, Caller({"x-aether-api-key": key}), Caller({"authorization": f"Bearer {token}"})):
        for method, path in (
            ("GET", f"/v3/crud/hosted_file/{made['id']}?jwt={token}"),
            ("GET", f"/v3/crud/hosted_file/{made['id']}?jwt={token}&return_file=true"),
            ("GET", f"/v3/crud/journal/?jwt={token}"),
            ("POST", f"/v3/action/hosted_file/{made['id']}/download_url?jwt={token}"),
            ("DELETE", f"/v3/action/hosted_file/{made['id']}?jwt={token}"),
            ("GET", f"/v3/auth/whoami?jwt={token}"),
        ):
            assert caller(method, path).status in (401, 403), path
    assert content(download(north.member, made["id"])) == DATA


def test_a_link_ends(north: Party) -> None:
    made = hosted(north.member, DATA)
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False):
        url = link_to(north.member, made["id"], "?expires_in=60")
    for moment, status in (("2026-05-01T10:01:00Z", 200), ("2026-05-01T10:02:00Z", 401)):
        with time_machine.travel(moment, tick=False):
            assert Caller({}).get(url).status == status
    for wrong in ("59", "86401", "x", "-60", "1e3"):
        answer = north.member.post(f"/v3/action/hosted_file/{made['id']}/download_url?expires_in={wrong}", None)
        assert answer.error == ("validation", 400)


def test_a_link_dies_with_its_file(north: Party) -> None:
    made, twin = hosted(north.member, DATA), hosted(north.member, DATA)
    url = link_to(north.member, made["id"])
    assert north.administrator.delete(f"/v3/action/hosted_file/{made['id']}").status == 200
    by_hash = url.replace(f"/{made['id']}/", f"/hash/{made['hash_sha256']}/")
    assert [Caller({}).get(way).status for way in (url, by_hash)] == [404, 404]
    assert download(north.member, twin["id"]).status == 200  # the bytes are still there


def test_a_link_dies_with_the_key_that_it_was_made_under(north: Party) -> None:
    from accounts import standing

    made = hosted(north.member, DATA)
    url = link_to(north.member, made["id"])
    assert Caller({}).get(url).status == 200
    ApiKey.objects.filter(prefix=north.keys["user"].split("_")[1]).update(enable=False)
    standing.forget()
    assert Caller({}).get(url).status == 403


def test_a_guests_link_shows_only_what_a_guest_sees(north: Party) -> None:
    event = north.manager.create("event", name="Open", code="open")
    made = hosted(north.member, DATA, link_to_type="event", link_to_id=event["id"])
    url = link_to(north.guest, made["id"])
    assert Caller({}).get(url).status == 200
    north.manager.patch(f"/v3/crud/event/{event['id']}", {"enable": False})
    assert Caller({}).get(url).status == 403


# the object's own path

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_that_navigates_is_led_to_the_bytes(north: Party) -> None:
    made = hosted(north.member, DATA)
    path = f"/v3/crud/hosted_file/{made['id']}/"
    for query, accept, status in (
        ("", HTML, 307),
        ("?return_file=true", "application/json", 307),
        ("?return_file=false", HTML, 200),
        ("", "application/json", 200),
        ("", "*/*", 200),
        ("", "application/json, text/html;q=0.9", 200),
        ("?return_file=perhaps", HTML, 400),
    ):
        answer = north.member.get(path + query, accept=accept)
        assert answer.status == status, (query, accept)
        if status == 307:
            assert answer.headers["Location"] == f"/v3/action/hosted_file/{made['id']}/download"
    journal = north.manager.create("journal", name="J")
    assert north.member.get(f"/v3/crud/journal/{journal['id']}", accept=HTML).status == 200
    assert north.member.get(f"/v3/crud/journal/{journal['id']}?return_file=true").status == 400


def test_a_navigating_browser_needs_no_key(north: Party) -> None:
    made = hosted(north.member, DATA)
    login = north.guest.post("/v3/auth/login", {"username": "north-user", "password": "correct horse battery"})
    token = login.data["access"]
    for path in (f"/v3/crud/hosted_file/{made['id']}/", f"/v3/crud/hosted_file/{made['id']}"):
        answer = Caller({}).get(f"{path}?jwt={token}", accept=HTML)
        assert (answer.status, answer.headers["Location"]) == (
            307,
            f"/v3/action/hosted_file/{made['id']}/download?jwt={token}",
        )
        assert content(Caller({}).get(answer.headers["Location"])) == DATA
        assert Caller({}).get(f"{path}?jwt={token}").status == 403  # metadata need the key
    assert Caller({}).get(f"/v3/crud/hosted_file/?jwt={token}", accept=HTML).status == 403
    assert Caller({}).get(f"/v3/crud/hosted_file/{made['id']}?jwt=bad", accept=HTML).status == 401
