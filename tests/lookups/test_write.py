"""Managers change their account's rows, super users with bypass the global ones; nobody else any."""

from __future__ import annotations

import pytest

from crud.models import ChangeLog
from lookups import write
from lookups.models import Country, CountrySubdivision, TimeZone
from tenancy.context import every_tenant
from tests.conftest import Caller

pytestmark = pytest.mark.usefixtures("world")

PLACE = "/v3/lookup/country/"


def log_of(public_id):
    with every_tenant(reason="tests read the log"):
        return [
            (e.account_id, e.obj_type, e.action, e.changes_json)
            for e in ChangeLog.objects.filter(obj_id=public_id).order_by("id")
        ]


def rows():
    """Everything that is stored, to see that nothing changed."""
    return [list(model.objects.order_by("pk").values()) for model in (Country, CountrySubdivision, TimeZone)]


def test_an_override_takes_over_what_is_not_given(north):
    Country.objects.filter(group="US").update(priority=True, sort=3, hide=True)
    answer = north.manager.post(PLACE, {"group": "US", "name": "America"})
    assert answer.status == 201
    made = answer.data
    assert made == {
        "id": made["id"],
        "code": "US",
        "group": "US",
        "name": "America",
        "enable": True,
        "hide": False,
        "priority": True,
        "sort": 3,
        "account_id": north.id,
        "for_type": None,
        "for_id": None,
        "alpha_3": "USA",
        "numeric": "840",
    }
    assert answer.headers["Location"] == f"{PLACE}{made['id']}/"
    assert north.manager.get(answer.headers["Location"]).data == made


def test_a_new_group_needs_a_name_and_a_subdivision_its_country(north):
    def refused(lu_type, body):
        answer = north.manager.post(f"/v3/lookup/{lu_type}/", body)
        assert answer.error == ("validation", 400), answer.body
        return list(answer.meta["details"]["fields"])

    before = rows()
    assert refused("country", {"group": "XK"}) == ["name"]
    assert refused("country", {"name": "Kosovo"}) == ["group"]
    assert refused("country_subdivision", {"group": "XK-1", "name": "Pristina"}) == ["country_group"]
    new = {"group": "US-X", "name": "Nowhere", "country_group": "US"}
    assert refused("country_subdivision", new | {"country_group": "ZZ"}) == ["country_group"]
    assert refused("country_subdivision", new | {"parent_group": "US-ZZ"}) == ["parent_group"]
    assert refused("time_zone", {"group": "Mars/Olympus", "name": "Mars"}) == ["code"]
    assert rows() == before
    assert north.manager.post("/v3/lookup/country_subdivision/", new | {"parent_group": "US-CO"}).status == 201
    office = {"group": "Office", "name": "Head office", "code": "America/Denver"}
    made = north.manager.post("/v3/lookup/time_zone/", office).data
    assert made["utc_offset"] in ("-07:00", "-06:00")


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        ({"group": "US", "nam": "x"}, ("database_schema", 1054), "nam"),
        ({"group": "US", "country_group": "US"}, ("database_schema", 1054), "country_group"),
        ({"group": "US", "in_source": True}, ("database_schema", 1054), "in_source"),
        ({"group": "US", "place": "x"}, ("database_schema", 1054), "place"),
        ({"group": "US", "id": "AAAAAAAAAAA"}, ("validation", 400), "id"),
        ({"group": "US", "name": 5}, ("validation", 400), "name"),
        ({"group": "US", "name": None}, ("validation", 400), "name"),
        ({"group": "US", "name": ""}, ("validation", 400), "name"),
        ({"group": "US", "name": "x" * 201}, ("validation", 400), "name"),
        ({"group": "US", "name": "a\u0000b"}, ("validation", 400), "name"),
        ({"group": "US", "name": " a"}, ("validation", 400), "name"),
        ({"group": "US", "name": "a\nb"}, ("validation", 400), "name"),
        ({"group": "US\n", "name": "x"}, ("validation", 400), "group"),
        ({"group": ["US"]}, ("validation", 400), "group"),
        ({"group": "US", "enable": "perhaps"}, ("validation", 400), "enable"),
        ({"group": "US", "sort": 1.5}, ("validation", 400), "sort"),
        ({"group": "US", "sort": 2**31}, ("validation", 400), "sort"),
        ({"group": "US", "alpha_3": "USAA"}, ("validation", 400), "alpha_3"),
        ({"group": "US", "for_type": "journal"}, ("validation", 400), "for_id"),
        ({"group": "US", "for_id": "AAAAAAAAAAA"}, ("validation", 400), "for_id"),
        ({"group": "US", "for_type": "country", "for_id": "46KS8pfQ6NB"}, ("validation", 400), "for_type"),
        ({"group": "US", "for_type": "journal", "for_id": "AAAAAAAAAAA"}, ("database_constraint", 1452), "for_id"),
        ({"group": "US", "for_type": "journal", "for_id": 1}, ("validation", 400), "for_id"),
        ({"group": "US", "account_id": "AAAAAAAAAAA"}, ("database_constraint", 1452), "account_id"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(north, body, error, field):
    before = rows()
    answer = north.manager.post(PLACE, body)
    assert answer.error == error, answer.body
    assert list(answer.meta["details"]["fields"]) == [field]
    assert rows() == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"group": "US", "group": "CA"}', b'{"sort": NaN}', b'"US"'])
def test_what_is_no_object(north, body):
    before = rows()
    assert north.manager("POST", PLACE, body).error == ("validation", 400)
    assert rows() == before


def test_one_row_a_place(north, south, override, journal_of):
    journal = journal_of(north)
    override(north, "US")
    override(north, "US", for_type="journal", for_id=journal)
    override(south, "US")
    before = rows()
    for body in ({"group": "US"}, {"group": "us"}, {"group": "US", "for_type": "journal", "for_id": journal}):
        answer = north.manager.post(PLACE, body)
        assert answer.error == ("database_duplicate", 1062)
        assert list(answer.meta["details"]["fields"]) == ["group"]
    assert rows() == before


def test_groups_that_look_like_joined_keys_stay_apart(north, override, listed):
    override(north, "a:b", name="One", code="c")
    override(north, "a", name="Two", code="b:c")
    override(north, "a:b:c", name="Three", code="{}")
    found = {row["name"] for row in listed(north.member) if row["account_id"]}
    assert found == {"One", "Two", "Three"}


def test_an_object_of_another_account_is_refused_as_an_unknown_one(north, south, journal_of):
    body = {"group": "US", "for_type": "journal"}
    answers = [north.manager.post(PLACE, body | {"for_id": i}) for i in (journal_of(south), "AAAAAAAAAAA")]
    shown = [(a.status, a.meta["details"]) for a in answers]
    assert shown[0] == shown[1]
    assert answers[0].error == ("database_constraint", 1452)


def test_change_and_log(north, override):
    made = override(north, "US", name="America")
    changed = north.manager.patch(f"{PLACE}{made['id']}", {"name": "The States", "priority": True})
    assert changed.status == 200
    assert changed.data == made | {"name": "The States", "priority": True}
    assert north.manager.get(f"{PLACE}{made['id']}").data == changed.data
    created, updated = log_of(made["id"])
    assert created[:3] == (north.account.pk, "country", "created")
    assert updated == (
        north.account.pk,
        "country",
        "updated",
        {"name": ["America", "The States"], "priority": [False, True]},
    )


def test_a_change_of_nothing_writes_nothing(north, override):
    made = override(north, "US", name="America")
    before = rows()
    assert north.manager.patch(f"{PLACE}{made['id']}", {"name": "America", "enable": True}).data == made
    assert rows() == before
    assert len(log_of(made["id"])) == 1


@pytest.mark.parametrize("name", ["group", "for_type", "for_id", "account_id", "id", "shadowed"])
def test_what_a_row_stands_for_is_fixed(north, override, name):
    made = override(north, "US")
    before = rows()
    answer = north.manager.patch(f"{PLACE}{made['id']}", {name: "CA"})
    assert answer.error == ("validation", 400)
    assert rows() == before
    ignored = north.manager.patch(
        f"{PLACE}{made['id']}", {name: "CA", "zzz": 1, "name": "New"}, **{"x-ae-ignore-extra-fields": "true"}
    )
    assert ignored.data == made | {"name": "New"}


def test_a_row_is_sent_back_as_it_came(north, override):
    made = override(north, "US")
    again = north.manager.patch(f"{PLACE}{made['id']}", made, **{"x-ae-ignore-extra-fields": "true"})
    assert again.data == made


def test_deleting_an_override_brings_the_default_back(north, listed, override):
    made = override(north, "US", enable=False)
    assert "US" not in {row["group"] for row in listed(north.member)}
    answer = north.manager.delete(f"{PLACE}{made['id']}")
    assert (answer.status, answer.data) == (200, {"id": made["id"]})
    assert "US" in {row["group"] for row in listed(north.member)}
    assert north.manager.get(f"{PLACE}{made['id']}").error == ("not_found", 404)
    assert [entry[2] for entry in log_of(made["id"])] == ["created", "deleted"]


def test_delete_by_method(north, override):
    made = override(north, "US")
    place = f"{PLACE}{made['id']}"
    assert north.manager.delete(f"{place}?method=hide").data == made | {"hide": True}
    assert north.manager.delete(f"{place}?method=disable").data == made | {"hide": True, "enable": False}
    assert north.manager.delete(f"{place}?method=burn").error == ("validation", 400)
    assert north.manager.delete(f"{place}?method=delete").data == {"id": made["id"]}


def test_if_match(north, override):
    made = override(north, "US")
    place = f"{PLACE}{made['id']}"
    old = north.manager.get(place).headers["ETag"]
    assert north.manager.patch(place, {"name": "One"}, **{"if-match": old}).status == 200
    assert north.manager.patch(place, {"name": "Two"}, **{"if-match": old}).error == ("conflict", 412)
    assert north.manager.delete(place, **{"if-match": old}).error == ("conflict", 412)
    new = north.manager.get(place)
    assert new.data["name"] == "One"
    assert north.manager.delete(place, **{"if-match": new.headers["ETag"]}).status == 200


def test_the_same_post_twice_makes_one_row(north):
    headers = {"idempotency-key": "k1"}
    first, second = (north.manager.post(PLACE, {"group": "US"}, **headers) for _ in range(2))
    assert first.status == second.status == 201
    assert first.data == second.data
    assert Country.objects.filter(account_id=north.account.pk).count() == 1


@pytest.mark.parametrize(("method", "left"), [("hide", True), ("delete", False)])
def test_the_same_delete_twice_is_answered_alike(north, override, method, left):
    made = override(north, "US")
    headers = {"idempotency-key": "k1"}
    first, second = (north.manager.delete(f"{PLACE}{made['id']}?method={method}", **headers) for _ in range(2))
    assert first.status == second.status == 200
    assert first.data == second.data == (made | {"hide": True} if left else {"id": made["id"]})
    assert Country.objects.filter(account_id=north.account.pk).exists() == left


@pytest.mark.parametrize("who", ["administrator", "member", "guest", "visitor", "read_only"])
def test_below_managers_nobody_writes(north, visitor, override, who):
    made = override(north, "US")
    read_only = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    caller = {"visitor": visitor, "read_only": read_only}.get(who) or getattr(north, who)
    before = rows()
    assert caller.post(PLACE, {"group": "CA"}).error == ("permission", 403)
    assert caller.patch(f"{PLACE}{made['id']}", {"name": "x"}).error == ("permission", 403)
    assert caller.delete(f"{PLACE}{made['id']}").error == ("permission", 403)
    assert rows() == before


def test_a_manager_needs_an_account(north):
    caller = Caller({"x-aether-api-key": north.keys["manager"]})
    assert caller.post(PLACE, {"group": "US"}).error == ("permission", 403)


def test_another_accounts_row_and_no_row(north, south, override):
    theirs = override(south, "US", name="Southern")
    before = rows()
    for public_id, error in ((theirs["id"], ("permission", 403)), ("AAAAAAAAAAA", ("not_found", 404))):
        assert north.manager.patch(f"{PLACE}{public_id}", {"name": "Northern"}).error == error
        assert north.manager.delete(f"{PLACE}{public_id}").error == error
    assert rows() == before


def test_global_rows_are_not_the_managers(north):
    before = rows()
    assert north.manager.patch(f"{PLACE}46KS8pfQ6NB", {"name": "x"}).error == ("permission", 403)
    assert north.manager.delete(f"{PLACE}46KS8pfQ6NB").error == ("permission", 403)
    assert rows() == before


def test_a_super_user_with_bypass_changes_global_rows_and_any_accounts(north, bypass, listed, override):
    assert bypass.patch(f"{PLACE}46KS8pfQ6NB", {"hide": True}).data["hide"] is True
    assert "US" not in {row["group"] for row in listed(north.member)}
    made = bypass.post(PLACE, {"group": "XK", "name": "Kosovo"})
    assert (made.status, made.data["account_id"]) == (201, None)
    assert "XK" in {row["group"] for row in listed(north.member)}
    assert log_of(made.data["id"])[0][0] is None
    ours = override(north, "CA")
    changed = bypass.patch(f"{PLACE}{ours['id']}", {"name": "Kanada"})
    assert changed.data == ours | {"name": "Kanada"}
    theirs = bypass.post(PLACE, {"group": "GB", "name": "Britain", "account_id": north.id})
    assert (theirs.status, theirs.data["account_id"]) == (201, north.id)
    assert bypass.post(PLACE, {"group": "GB", "account_id": "AAAAAAAAAAA"}).error == ("database_constraint", 1452)
    assert bypass.post(PLACE, {"group": "US"}).error == ("validation", 400)  # without a name it is no new global row


def test_with_bypass_an_object_must_be_the_accounts_own(north, south, bypass, journal_of):
    body = {"group": "US", "account_id": north.id, "for_type": "journal", "for_id": journal_of(south)}
    assert bypass.post(PLACE, body).error == ("database_constraint", 1452)
    assert bypass.post(PLACE, body | {"for_id": journal_of(north)}).status == 201
    for_everybody = body | {"account_id": None, "name": "x", "group": "XX"}
    assert bypass.post(PLACE, for_everybody).error == ("validation", 400)


def test_an_account_has_a_bounded_number_of_rows(north, south, override, monkeypatch):
    monkeypatch.setattr(write, "MAX_ROWS_OF_ACCOUNT", 2)
    override(north, "US")
    override(north, "CA")
    assert north.manager.post(PLACE, {"group": "GB"}).error == ("payload_too_large", 413)
    assert south.manager.post(PLACE, {"group": "GB"}).status == 201


def test_an_unknown_type(north):
    assert north.manager.post("/v3/lookup/journal/", {"group": "US"}).error == ("database_schema", 1146)
    assert north.manager.patch("/v3/lookup/journal/46KS8pfQ6NB", {"name": "x"}).error == ("database_schema", 1146)
