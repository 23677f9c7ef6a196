"""Parameters: strict, literal, and silent about other accounts."""

from __future__ import annotations

import pytest

from accounts.models import Site
from tenancy.context import tenant

pytestmark = pytest.mark.usefixtures("world")

LIST = "/v3/lookup/country/list"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("country/list?limit=5", "limit"),
        ("country/list?q=US", "q"),
        ("country/list?country=US", "country"),
        ("time_zone/list?country=US", "country"),
        ("country/list?Only_priority=true", "Only_priority"),
        ("country/list?only_priority=true&only_priority=true", "only_priority"),
        ("country/list?only_priority=perhaps", "only_priority"),
        ("country/list?include_disabled=2", "include_disabled"),
        ("country/list?for_type=journal", "for_id"),
        ("country/list?for_id=AAAAAAAAAAA", "for_id"),
        ("country/list?for_type=journal:x&for_id=AAAAAAAAAAA", "for_type"),
        ("country/list?site_id=A%00", "site_id"),
        ("country/list?x%0a=1", "x?"),
        ("country/resolve", "q"),
        ("country/resolve?q=", "q"),
        ("country/resolve?q=%20%0a", "q"),
        ("country/resolve?q=US&q=US", "q"),
        ("country/resolve?q=US%00", "q"),
        ("country/resolve?q=US&only_priority=true", "only_priority"),
        (f"country/resolve?q={'x' * 10_240}", "q"),
        ("country_subdivision/list?country=US&country=CA", "country"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(north, path, name):
    answer = north.member.get(f"/v3/lookup/{path}")
    assert answer.error == ("validation", 400)
    assert list(answer.meta["details"]["fields"]) == [name]


@pytest.mark.parametrize(
    "lu_type", ["country:A", "Country", "journal", "country%0a", "country%00", "x" * 300, "*", "{}"]
)
@pytest.mark.parametrize("path", ["list", "resolve?q=US"])
def test_an_unknown_type(north, lu_type, path):
    assert north.member.get(f"/v3/lookup/{lu_type}/{path}").error == ("database_schema", 1146)
    assert north.member.get(f"/v3/lookup/{lu_type}/{path}").status == 404


def test_a_whitelist_holds_for_everybody_who_names_the_site(north, listed, override, policy):
    site_id = policy(north, {"lookup_policy": {"country": ["US", "gb", "ZZ"], "time_zone": []}})
    override(north, "GB", name="Britain")
    for caller in (north.member, north.guest, north.manager):
        assert [row["name"] for row in listed(caller, f"?site_id={site_id}")] == ["Britain", "United States"]
        assert listed(caller, f"?site_id={site_id}", "time_zone") == []
        assert len(listed(caller, f"?site_id={site_id}", "country_subdivision")) == 5
        assert len(listed(caller)) == 6
        assert len(listed(caller, f"?site_id={site_id}&include_disabled=true")) == 3  # GB twice
        assert caller.get(f"/v3/lookup/country/resolve?q=US&site_id={site_id}").status == 200
        assert caller.get(f"/v3/lookup/country/resolve?q=CA&site_id={site_id}").status == 404
        assert caller.get("/v3/lookup/country/resolve?q=CA").status == 200


def test_a_changed_whitelist_holds_at_once(north, listed, policy):
    site_id = policy(north, {"lookup_policy": {"country": ["US"]}})
    assert len(listed(north.guest, f"?site_id={site_id}")) == 1
    policy(north, {"lookup_policy": {"country": ["US", "CA"]}})
    assert len(listed(north.guest, f"?site_id={site_id}")) == 2


@pytest.mark.parametrize("cfg_json", [None, {}, {"lookup_policy": {}}, {"lookup_policy": {"country": None}}])
def test_no_whitelist_hides_nothing(north, listed, policy, caplog, cfg_json):
    assert len(listed(north.guest, f"?site_id={policy(north, cfg_json)}")) == 6
    assert [r for r in caplog.records if r.name == "lookups"] == []


@pytest.mark.parametrize(
    "cfg_json",
    [
        {"lookup_policy": ["US"]},
        {"lookup_policy": "US"},
        {"lookup_policy": {"country": "US"}},
        {"lookup_policy": {"country": {"US": True}}},
        {"lookup_policy": {"country": ["US", 1]}},
        {"lookup_policy": {"country": [["US"]]}},
    ],
)
def test_a_whitelist_that_cannot_be_read_hides_nothing_and_is_logged(north, listed, policy, caplog, cfg_json):
    site_id = policy(north, cfg_json)
    with caplog.at_level("WARNING", logger="lookups"):
        assert len(listed(north.guest, f"?site_id={site_id}")) == 6
    assert [r.getMessage() for r in caplog.records if r.name == "lookups"] == [
        f"site {site_id}: lookup_policy.country is no list of texts; it is ignored"
    ]


def same(answers):
    """Everything that a client sees of the answers, but the request's id."""
    shown = []
    for answer in answers:
        meta = {name: value for name, value in answer.meta.items() if name != "request_id"}
        shown.append((answer.status, answer.data, meta))
    return shown


@pytest.mark.parametrize("path", ["country/list?", "country/resolve?q=US&"])
@pytest.mark.parametrize("role", ["member", "manager", "guest"])
def test_a_site_of_another_account_is_as_good_as_none(north, south, policy, path, role):
    theirs = policy(south, {"lookup_policy": {"country": ["CA"]}})
    caller = getattr(north, role)
    ids = [theirs, "AAAAAAAAAAA", "1", "*", "A" * 300]
    answers = [caller.get(f"/v3/lookup/{path}site_id={site_id}") for site_id in ids]
    assert answers[0].error == ("database_constraint", 1452)
    assert same(answers) == [same(answers[:1])[0]] * 5


@pytest.mark.parametrize("path", ["country/list?", "country/resolve?q=US&"])
@pytest.mark.parametrize("role", ["member", "manager", "guest"])
def test_an_object_of_another_account_is_as_good_as_none(north, south, override, journal_of, path, role):
    theirs = journal_of(south)
    override(south, "US", name="Southern", for_type="journal", for_id=theirs)
    caller = getattr(north, role)
    ids = [theirs, "AAAAAAAAAAA", "1", "00x", "A" * 300]
    answers = [caller.get(f"/v3/lookup/{path}for_type=journal&for_id={for_id}") for for_id in ids]
    assert answers[0].error == ("database_constraint", 1452)
    assert same(answers) == [same(answers[:1])[0]] * 5


def test_a_visitor_without_an_account_names_no_site(visitor, north, policy):
    site_id = policy(north, {"lookup_policy": {"country": ["US"]}})
    assert visitor.get(f"{LIST}?site_id={site_id}").error == ("database_constraint", 1452)


def test_a_site_that_is_off_is_none_for_guests(north, policy):
    site_id = policy(north, {"lookup_policy": {"country": ["US"]}})
    with tenant(north.account.pk):
        site = Site.objects.get(pk=north.site.pk)
        site.enable = False
        site.save()
    assert north.guest.get(f"{LIST}?site_id={site_id}").error == ("database_constraint", 1452)
    assert north.manager.get(f"{LIST}?site_id={site_id}").meta["count"] == 1


def test_a_guest_names_public_objects_only(north, listed, override, journal_of):
    event = north.manager.create("event", name="Congress")["id"]
    journal = journal_of(north)
    override(north, "US", name="Congressional", for_type="event", for_id=event)
    override(north, "US", name="Journalistic", for_type="journal", for_id=journal)
    assert "Congressional" in {row["name"] for row in listed(north.guest, f"?for_type=event&for_id={event}")}
    refused = north.guest.get(f"{LIST}?for_type=journal&for_id={journal}")
    assert refused.error == ("database_constraint", 1452)


def test_a_visitor_without_an_account_sees_no_override_of_a_public_object(north, visitor, listed, override):
    event = north.manager.create("event", name="Congress")["id"]
    override(north, "US", name="Congressional", for_type="event", for_id=event)
    assert listed(visitor, f"?for_type=event&for_id={event}") == listed(visitor)
