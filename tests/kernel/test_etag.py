"""ETags: 304 for what is known, 412 for what has changed since."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples
from tests.crud.threads import at_once, shared_database


@pytest.fixture
def path(north: Party) -> str:
    return f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"


def test_single_objects_carry_a_tag(north: Party, path: str) -> None:
    tag = north.member.get(path).headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]+-[0-9a-f]+"', tag)
    assert north.member("HEAD", path).headers["ETag"] == tag
    assert north.member.patch(path, {}).headers["ETag"] == tag
    assert north.member.get(f"{path}/").headers["ETag"] == tag
    assert north.member.get(f"{path}?view=enriched").headers["ETag"] != tag
    assert north.member.patch(path, {"name": "y"}).headers["ETag"] != tag
    assert "ETag" in north.member.post("/v3/crud/journal/", {"name": "z"}).headers
    assert "ETag" not in north.member.get("/v3/crud/journal/").headers


def test_what_is_known_is_not_sent_again(north: Party, path: str) -> None:
    tag = north.member.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*", f'W/"x",W/{tag} '):
        for method in ("GET", "HEAD"):
            answer = north.member(method, path, **{"if-none-match": known})
            assert (answer.status, answer.raw.content, answer.headers["ETag"]) == (304, b"", tag), known
            assert answer.headers["X-Request-Id"]
            assert "Content-Type" not in answer.headers  # caches take it over for what they keep (RFC 9111, 4.3.4)
    for coded in ("-gzip", "--gzip", ";br"):  # as some proxies mark what they have compressed
        assert north.member.get(path, **{"if-none-match": f'{tag[:-1]}{coded}"'}).status == 304
    for unknown in ('"other"', tag.strip('"'), tag[:-2] + '"', ""):
        assert north.member.get(path, **{"if-none-match": unknown}).status == 200
    enriched = north.member.get(f"{path}?view=enriched", **{"if-none-match": tag})
    assert enriched.status == 200
    north.member.patch(path, {"name": "y"})
    assert north.member.get(path, **{"if-none-match": tag}).data["name"] == "y"


def test_a_view_changes_with_what_it_shows(north: Party) -> None:
    """The names of parents and the counts of children are part of a representation."""
    examples = Examples(north)
    journal = examples.one("journal")
    path = f"/v3/crud/journal/{journal}?view=enriched"
    tag = north.member.get(path).headers["ETag"]
    examples.another("journal_entry")
    assert north.member.get(path, **{"if-none-match": tag}).status == 200
    plain = north.member.get(f"/v3/crud/journal/{journal}").headers["ETag"]
    examples.another("journal_entry")
    assert north.member.get(f"/v3/crud/journal/{journal}", **{"if-none-match": plain}).status == 304


def test_nobody_learns_by_a_tag_what_they_may_not_read(north: Party, south: Party, path: str) -> None:
    tag = north.member.get(path).headers["ETag"]
    for value in (tag, "*"):
        assert south.member.get(path, **{"if-none-match": value}).status == 403
        assert north.guest.get(path, **{"if-none-match": value}).status == 403
        assert south.member.patch(path, {"name": "y"}, **{"if-match": value}).status == 403
    assert north.member.get("/v3/crud/journal/AAAAAAAAAAA", **{"if-none-match": "*"}).status == 404
    assert north.member.patch("/v3/crud/journal/AAAAAAAAAAA", {}, **{"if-match": "*"}).status == 404


@pytest.mark.parametrize("view", ["", "?view=enriched", "?fields=name"])
def test_if_match_lets_the_current_version_pass_whatever_view_it_was_read_in(
    view: str, north: Party, path: str
) -> None:
    tag = north.member.get(path + view).headers["ETag"]
    changed = north.member.patch(path, {"name": "y"}, **{"if-match": tag})
    assert changed.status == 200
    stale = north.member.patch(path, {"name": "z"}, **{"if-match": tag})
    assert (stale.status, stale.error) == (412, ("conflict", 412))
    assert north.member.patch(path, {"name": "z"}, **{"if-match": changed.headers["ETag"]}).status == 200


def test_a_stale_write_changes_nothing(north: Party, path: str) -> None:
    caller: Caller = north.administrator
    tag = caller.get(path).headers["ETag"]
    now = caller.patch(path, {"name": "y"}).data
    calls: list[Callable[[str], Answer]] = [
        lambda value: caller.patch(path, {"name": "z"}, **{"if-match": value}),
        lambda value: caller.delete(path, **{"if-match": value}),
        lambda value: caller.delete(f"{path}?method=delete", **{"if-match": value}),
        lambda value: caller.delete(f"{path}?method=disable", **{"if-match": value}),
    ]
    for call in calls:
        for value in (tag, f"W/{tag}", f'"y", {tag}', '"x"', "x", '""'):
            assert call(value).error == ("conflict", 412), value
    assert caller.get(path).data == now


def test_if_match_of_anything_passes_what_exists(north: Party, path: str) -> None:
    caller: Any = north.administrator
    tags = f'"x", {caller.get(path).headers["ETag"]}'
    assert caller.patch(path, {"name": "y"}, **{"if-match": tags}).status == 200
    assert caller.patch(path, {"name": "z"}, **{"if-match": "*"}).status == 200
    assert caller.delete(f"{path}?method=delete", **{"if-match": "*"}).status == 200


def test_a_patch_that_changes_nothing_keeps_the_tag(north: Party, path: str) -> None:
    tag = north.member.get(path).headers["ETag"]
    assert north.member.patch(path, {"name": "x"}, **{"if-match": tag}).headers["ETag"] == tag
    assert north.member.patch(path, {"name": "y"}, **{"if-match": tag}).status == 200


@pytest.mark.django_db(transaction=True)
def test_of_writes_at_once_against_one_version_one_passes(north: Party, tmp_path: Path) -> None:
    """Looking at the version and writing are one step: the row is locked in between."""
    with shared_database(tmp_path) as connect:
        path = f"/v3/crud/journal/{north.member.create('journal', name='x')['id']}"
        for turn in range(3):
            tag = north.member.get(path).headers["ETag"]
            works = [
                partial(north.member.patch, path, {"name": f"{turn} {number}"}, **{"if-match": tag})
                for number in range(4)
            ]
            answers = at_once(connect, works)
            assert sorted(answer.status for answer in answers) == [200, 412, 412, 412]
            (passed,) = [answer.data for answer in answers if answer.status == 200]
            assert north.member.get(path).data == passed


@pytest.mark.parametrize("spelled", ["W/{}", 'W/"x", W/{}', '"a,b",{}', "W/{},*", "{} , W/{}"])
def test_a_tag_that_a_proxy_made_weak_guards_a_write_all_the_same(path: str, north: Party, spelled: str) -> None:
    """Compressing proxies do that. The mark is not the version."""
    tag = north.member.get(path).headers["ETag"]
    current = {"if-match": spelled.replace("{}", tag)}
    assert north.member.patch(path, {"name": "y"}, **current).status == 200
    for stale in (north.member.patch(path, {"name": "z"}, **current), north.member.delete(path, **current)):
        assert stale.error == ("conflict", 412)
    assert north.member.get(path).data["name"] == "y"
    tag = north.member.get(path).headers["ETag"]
    assert north.member.delete(path, **{"if-match": spelled.replace("{}", f'{tag[:-1]}-gzip"')}).status == 200


def test_lookups_too(north: Party) -> None:
    made = north.manager.post("/v3/lookup/country/", {"code": "XX", "group": "XX", "name": "Nowhere"})
    location, tag = made.headers["Location"], made.headers["ETag"]
    assert north.manager.patch(location, {"name": "Elsewhere"}, **{"if-match": f"W/{tag}"}).status == 200
    assert north.manager.delete(location, **{"if-match": f"W/{tag}"}).status == 412


def test_a_new_object_has_no_tag_to_compare(north: Party) -> None:
    refused = north.member.post("/v3/crud/journal/", {"name": "x"}, **{"if-match": '"x"'})
    assert refused.error == ("validation", 400)
    assert north.member.get("/v3/crud/journal/").data == []
