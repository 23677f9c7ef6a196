"""Each call of V2, and the same of V1: what it answers, beside what V3 answers."""

from __future__ import annotations

from typing import Any

import pytest

from crud.models import ChangeLog
from files.models import HostedFile
from tenancy.context import every_tenant, tenant
from tests.conftest import Caller, Party
from tests.legacy.asking import PREFIXES, ids, journals, jp, names, without_request

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("prefix", PREFIXES)]


def entry(caller: Caller, **values: Any) -> tuple[str, str]:
    """(id of an entry, id of its journal)"""
    journal = caller.create("journal", name="Journal")["id"]
    return caller.create("journal_entry", journal_id=journal, name="Entry", **values)["id"], journal


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_object_has_the_old_names_and_nothing_else_differs(north: Party, prefix: str, slash: str) -> None:
    own, journal = entry(north.manager)
    old = north.manager.get(f"{prefix}/journal_entry/{own}{slash}")
    new = north.manager.get(f"/v3/crud/journal_entry/{own}")
    assert old.status == 200
    assert (old.data["id_random"], old.data["journal_id_random"]) == (own, journal)
    assert old.data["account_id_random"] == north.id
    assert old.data["person_id_random"] is None
    assert not {"id", "journal_id", "account_id"} & set(old.data)
    assert len(old.data) == len(new.data)
    same = set(old.data) & set(new.data)
    assert {name: old.data[name] for name in same} == {name: new.data[name] for name in same}
    assert set(old.meta) == set(new.meta)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_list_is_the_list_of_v3(north: Party, prefix: str, slash: str) -> None:
    journals(north.manager, "A", "B", "C")
    old = north.manager.get(f"{prefix}/journal/list{slash}?order_by=-name&limit=2&inc_total=true")
    new = north.manager.get("/v3/crud/journal/?order_by=-name&limit=2&inc_total=true")
    assert [row["name"] for row in old.data] == ["C", "B"]
    assert ids(old) == new.ids
    for name in ("count", "limit", "offset", "total"):
        assert old.meta[name] == new.meta[name]
    after = north.manager.get(f"{prefix}/journal/list?order_by=-name&limit=2&cursor={old.meta['next_cursor']}")
    assert names(after) == ["A"]


def test_states_and_ancestors_are_asked_for_as_in_v3(north: Party, prefix: str) -> None:
    own, journal = entry(north.manager)
    hidden = north.manager.create("journal_entry", journal_id=journal, name="Hidden", hide=True)["id"]
    off = north.manager.create("journal_entry", journal_id=journal, name="Off", enable=False)["id"]
    entry(north.manager)
    path = f"{prefix}/journal_entry/list"
    below = f"?for_obj_type=journal&for_obj_id={journal}"
    assert ids(north.manager.get(path + below)) == [own]
    assert set(ids(north.manager.get(f"{path}{below}&hidden=all"))) == {own, hidden}
    assert set(ids(north.manager.get(f"{path}{below}&enabled=disabled"))) == {off}
    assert ids(north.manager.get(f"{path}?journal_id_random={journal}")) == [own]
    assert ids(north.manager.get(f"{path}?journal.id_random__in={journal}")) == [own]
    assert names(north.manager.get(f"{path}?fields=name,journal_id_random&journal_id={journal}")) == ["Entry"]


@pytest.mark.parametrize("word", ["tbl_alt", "mdl_alt", "view"])
def test_the_old_words_for_a_view(north: Party, prefix: str, word: str) -> None:
    own, _ = entry(north.manager)
    for path in (f"{prefix}/journal_entry/{own}", f"{prefix}/journal_entry/list"):
        rows = {}
        for view in ("default", "enriched"):
            data = north.manager.get(f"{path}?{word}={view}").data
            rows[view] = data[0] if isinstance(data, list) else data
        assert set(rows["enriched"]) - set(rows["default"]) >= {"account_name", "journal_name"}
        both = north.manager.get(f"{path}?tbl_alt=enriched&mdl_alt=enriched")
        assert both.data in (rows["enriched"], [rows["enriched"]])
    changed = north.manager.patch(f"{prefix}/journal_entry/{own}?{word}=enriched", {"name": "New"})
    assert (changed.data["name"], changed.data["journal_name"]) == ("New", "Journal")


@pytest.mark.parametrize("slash", ["", "/"])
def test_creating_with_old_and_with_new_names(north: Party, prefix: str, slash: str) -> None:
    _, journal = entry(north.manager)
    for name in ("journal_id_random", "journal_id"):
        made = north.manager.post(f"{prefix}/journal_entry{slash}", {name: journal, "name": "Made"})
        assert made.status == 201, made.body
        assert made.data["journal_id_random"] == journal
        assert made.headers["Location"] == f"{prefix}/journal_entry/{made.data['id_random']}/"
        assert north.manager.get(made.headers["Location"]).data == made.data
        assert north.manager.get(f"/v3/crud/journal_entry/{made.data['id_random']}").data["name"] == "Made"


@pytest.mark.parametrize("slash", ["", "/"])
def test_changing_and_deleting(north: Party, prefix: str, slash: str) -> None:
    own, journal = entry(north.manager)
    other = north.manager.create("journal", name="Other")["id"]
    path = f"{prefix}/journal_entry/{own}{slash}"
    changed = north.manager.patch(path, {"journal_id_random": other, "name": "Moved"})
    assert (changed.status, changed.data["journal_id_random"], changed.data["name"]) == (200, other, "Moved")
    assert journal != other
    hidden = north.manager.delete(path)
    assert (hidden.status, hidden.data["hide"]) == (200, True)
    disabled = north.manager.delete(path + "?method=disable")
    assert (disabled.status, disabled.data["enable"]) == (200, False)
    gone = north.manager.delete(path + "?method=delete")
    assert (gone.status, gone.data, gone.meta["status_message"]) == (200, {"id_random": own}, "Deleted")
    assert north.manager.get(path).status == 404
    with every_tenant(reason="tests read the log"):
        entries = ChangeLog.objects.filter(obj_id=own).order_by("id")
        assert [entry.action for entry in entries] == ["created", "updated", "updated", "updated", "deleted"]


def test_what_is_read_can_be_sent_back_when_extras_are_ignored(north: Party, prefix: str) -> None:
    own, _ = entry(north.manager)
    path = f"{prefix}/journal_entry/{own}"
    row = north.manager.get(path).data | {"name": "Again", "_processed_at": 1}
    strict = north.manager.patch(path, row)
    assert strict.status == 400
    lenient = north.manager.patch(path, row, **{"x-ae-ignore-extra-fields": "true"})
    assert (lenient.status, lenient.data["name"]) == (200, "Again")


def test_refusals_name_the_fields_as_the_client_does(north: Party, prefix: str) -> None:
    own, _ = entry(north.manager)
    path = f"{prefix}/journal_entry/{own}"
    unknown = north.manager.patch(path, {"journal_id_random": "nowhere0000"})
    assert unknown.error == ("database_constraint", 1452)
    assert list(unknown.meta["details"]["fields"]) == ["journal_id_random"]
    assert unknown.meta["details"]["message"] == unknown.meta["status_message"]
    assert unknown.meta["status_message"] == "journal_id_random refers to no object."
    assert north.manager.patch(path, {"journal_id_random": 1}).error == ("database_constraint", 1452)
    fixed = north.manager.patch(path, {"id_random": "x"})
    assert (fixed.status, list(fixed.meta["details"]["fields"])) == (400, ["id_random"])
    for body in ({"bogus": 1}, {"bogus_id_random": "x"}, {"name_random": "x"}):
        answer = north.manager.patch(path, body)
        assert (answer.error, list(answer.meta["details"]["fields"])) == (("database_schema", 1054), list(body))


def test_a_field_under_both_names_is_refused(north: Party, prefix: str) -> None:
    own, journal = entry(north.manager)
    twice = {"journal_id": journal, "journal_id_random": journal, "name": "x"}
    for answer in (
        north.manager.post(f"{prefix}/journal_entry", twice),
        north.manager.patch(f"{prefix}/journal_entry/{own}", twice),
        north.manager.get(f"{prefix}/journal_entry/list?journal_id={journal}&journal_id_random={journal}"),
    ):
        assert (answer.status, list(answer.meta["details"]["fields"])) == (400, ["journal_id_random"])
    assert north.manager.get(f"/v3/crud/journal_entry/{own}").data["name"] == "Entry"


def test_included_objects_have_old_names_and_json_stays_as_it_is(north: Party, prefix: str) -> None:
    inside = {"id": "mine", "journal_id": 7, "list": [{"id_random": "theirs"}]}
    journal = north.manager.create("journal", name="J", cfg_json=inside)["id"]
    own = north.manager.create("journal_entry", name="E", journal_id=journal)["id"]
    found = north.manager.get(f"{prefix}/journal_entry/{own}?inc_journal=true").data
    assert (found["journal"]["id_random"], found["journal"]["account_id_random"]) == (journal, north.id)
    assert found["journal"]["cfg_json"] == inside
    assert "id" not in found["journal"]
    sent = north.manager.patch(f"{prefix}/journal/{journal}", {"cfg_json": inside | {"person_id_random": "x"}})
    assert sent.data["cfg_json"] == inside | {"person_id_random": "x"}


def test_generic_references_have_old_names_too(north: Party, prefix: str) -> None:
    event = north.manager.create("event", name="E", code="e")["id"]
    with tenant(north.account.pk):
        file = HostedFile(filename="a.pdf", hash_sha256="0" * 64)
        file.save()
    body = {"hosted_file_id_random": file.id_random, "link_to_type": "event", "link_to_id_random": event}
    made = north.manager.post(f"{prefix}/hosted_file_link", body)
    assert made.status == 201, made.body
    assert {name: made.data[name] for name in body} == body
    assert ids(north.manager.get(f"{prefix}/hosted_file_link/list?link_to_id_random={event}")) == [
        made.data["id_random"]
    ]


def test_tags_and_conditions_of_http(north: Party, prefix: str) -> None:
    own, _ = entry(north.manager)
    path = f"{prefix}/journal_entry/{own}"
    tag = north.manager.get(path).headers["ETag"]
    fresh = north.manager.get(path, if_none_match=tag)
    assert (fresh.status, fresh.raw.content, "Deprecation" in fresh.headers) == (304, b"", True)
    assert north.manager.patch(path, {"name": "One"}, if_match=tag).status == 200
    assert north.manager.patch(path, {"name": "Two"}, if_match=tag).status == 412
    assert north.manager.delete(path, if_match=tag).status == 412
    assert north.manager.get(path).data["name"] == "One"
    for address in (path, f"{prefix}/journal_entry/list", f"{prefix}/journal_entry/list{jp({})}"):
        head = north.manager("HEAD", address)
        assert (head.status, head.raw.content) == (200, b"")


def test_an_idempotency_key_is_one_with_v3s(north: Party, prefix: str) -> None:
    body = {"name": "Once"}
    first = north.manager.post(f"{prefix}/journal", body, idempotency_key="k")
    again = north.manager.post(f"{prefix}/journal/", body, idempotency_key="k")
    by_v3 = north.manager.post("/v3/crud/journal/", body, idempotency_key="k")
    assert [a.status for a in (first, again, by_v3)] == [201, 201, 201]
    assert first.data == again.data
    assert first.data["id_random"] == by_v3.data["id"]
    assert north.manager.post(f"{prefix}/journal", {"name": "Two"}, idempotency_key="k").status == 400
    assert names(north.manager.get(f"{prefix}/journal/list")) == ["Once"]


def test_rights_are_those_of_v3(north: Party, south: Party, visitor: Caller, bypass: Caller, prefix: str) -> None:
    own, journal = entry(north.manager)
    path = f"{prefix}/journal_entry/{own}"
    reader = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    assert reader.get(path).status == 200
    assert reader.get(f"{prefix}/journal_entry/list{jp({})}").status == 200
    for caller in (reader, north.guest, visitor, south.manager):
        assert caller.patch(path, {"name": "x"}).error == ("permission", 403)
        assert caller.delete(path + "?method=delete").error == ("permission", 403)
        made = caller.post(f"{prefix}/journal_entry", {"journal_id_random": journal, "name": "x"})
        assert made.error == (("database_constraint", 1452) if caller is south.manager else ("permission", 403))
    assert north.member.patch(path, {"name": "By a member"}).status == 200  # the type lets users write,
    assert north.member.delete(path + "?method=delete").status == 403  # but not delete for good
    assert visitor.get(path).status == 403
    assert visitor.get(f"{prefix}/journal_entry/list").status == 403
    assert ids(visitor.get(f"{prefix}/journal_entry/list{jp({})}")) == []
    assert south.manager.get(path).error == ("permission", 403)
    assert south.manager.get(f"{prefix}/journal_entry/nowhere0000").error == ("not_found", 404)
    assert ids(south.manager.get(f"{prefix}/journal_entry/list")) == []
    assert ids(bypass.get(f"{prefix}/journal_entry/list")) == [own]


def test_tokens_are_taken_as_in_v3(north: Party, prefix: str) -> None:
    web = Caller({"x-aether-api-key": north.keys["publishable"]})
    login = web.post("/v3/auth/login", {"username": "north-manager", "password": "correct horse battery"})
    token = login.data["access"]
    (own,) = journals(north.manager, "J")
    for answer in (
        web.get(f"{prefix}/journal/{own}?jwt={token}"),
        web.get(f"{prefix}/journal/{own}", authorization=f"Bearer {token}"),
    ):
        assert (answer.status, answer.data["id_random"]) == (200, own)
    by_link = web.get(f"{prefix}/journal/list{jp({}, jwt=token)}")
    assert ids(by_link) == [own]
    assert by_link.headers["Cache-Control"] == "private, no-store"
    bad = web.get(f"{prefix}/journal/{own}?jwt={token}x")
    assert bad.error == ("authentication", 401)
    assert bad.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_old_token_header_is_ignored_and_said_so(north: Party, prefix: str) -> None:
    answer = north.manager.get(f"{prefix}/journal/list", **{"x-aether-api-token": "x"})
    new = north.manager.get("/v3/crud/journal/", **{"x-aether-api-token": "x"})
    assert answer.meta["warnings"]
    assert without_request(answer) == without_request(new)
