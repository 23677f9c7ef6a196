"""Host names and e-mail addresses: one stored form, whichever was typed, at every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Person, SiteDomain
from kernel.internet_names import InternationalEmailValidator, normal_host_name
from tenancy.context import tenant
from tests.conftest import Caller, Party
from tests.crud.examples import Examples

SPELLINGS = {
    "www.x-1.org": ["www.x-1.org", "www.x-1.org.", "WWW.X-1.ORG", " www.x-1.org ", "ｗｗｗ.x-1.org"],
    "xn--mnchen-x-65a.de": [
        "münchen-x.de",
        "MÜNCHEN-x.de",
        "mu\u0308nchen-x.de.",
        "xn--mnchen-x-65a.de",
        "XN--MNCHEN-X-65A.DE",
    ],
}


@pytest.mark.parametrize(("stored", "typed"), [(name, typed) for name, all_ in SPELLINGS.items() for typed in all_])
def test_a_domain_is_found_however_it_is_typed(north: Party, visitor: Caller, stored: str, typed: str) -> None:
    made = north.manager.create("site_domain", site_id=north.site.id_random, fqdn=typed)
    assert made["fqdn"] == stored
    for spelling in SPELLINGS[stored]:
        for caller in (north.manager, visitor):
            for body in (
                {"and": [{"field": "fqdn", "op": "eq", "value": spelling}]},
                {"and": [{"field": "fqdn", "op": "in", "value": [spelling, "no"]}]},
            ):
                if caller is north.manager or body["and"][0]["op"] == "eq":
                    assert caller.search("site_domain", body).ids == [made["id"]], (spelling, body)
        assert visitor.search("site_domain", {"q": spelling}).ids == [made["id"]]
        assert north.manager.get("/v3/crud/site_domain/?fqdn=" + spelling.strip()).ids == [made["id"]]
        assert visitor.post("/v3/auth/guest", {"fqdn": spelling}).status == 200
        again = north.manager.post("/v3/crud/site_domain/", {"site_id": north.site.id_random, "fqdn": spelling})
        assert again.error == ("database_duplicate", 1062)
    with tenant(north.account.pk):
        assert SiteDomain.objects.get(id_random=made["id"]).default_qry_str


def test_www_is_part_of_a_name(north: Party, visitor: Caller) -> None:
    north.manager.create("site_domain", site_id=north.site.id_random, fqdn="www.x-1.org")
    assert visitor.search("site_domain", {"q": "x-1.org"}).data == []


@pytest.mark.django_db(transaction=True)
def test_staff_find_a_domain_by_its_own_script(north: Party) -> None:
    made = north.manager.create("site_domain", site_id=north.site.id_random, fqdn="münchen-x.de")
    assert north.manager.search("site_domain", {"q": "münchen"}).ids == [made["id"]]


@pytest.mark.parametrize(
    "typed", ["", "http://x.org", "x..org", "x.org:80", "-x.org", "a" * 64 + ".org", "x.org..", "*.x.org", "a b.org"]
)
def test_what_is_no_host_name(north: Party, visitor: Caller, typed: str) -> None:
    answer = north.manager.post("/v3/crud/site_domain/", {"site_id": north.site.id_random, "fqdn": typed})
    assert answer.status == 400
    assert visitor.search("site_domain", {"and": [{"field": "fqdn", "op": "eq", "value": typed}]}).data == []


ADDRESSES = [
    "jürgen@example.org",
    "用户@例子.广告",
    "अजय@डाटा.भारत",
    "иван@пример.рф",
    "δοκιμή@παράδειγμα.ελ",
    "ana@münchen.de",
    "a+b@x.org",
]
TYPES = ["person", "contact", "user", "organization", "event_person", "event_badge", "event_presenter"]


@pytest.mark.parametrize("type_name", TYPES)
def test_an_address_in_any_script_is_taken(north: Party, type_name: str) -> None:
    examples = Examples(north)
    for address in ADDRESSES:
        public_id = examples.another(type_name, email=f" {address}\u00a0")
        found = north.manager.search(type_name, {"and": [{"field": "email", "op": "eq", "value": f"{address} "}]})
        assert [(row["id"], row["email"]) for row in found.data] == [(public_id, address)]
    for wrong in (
        "x",
        "x@",
        "@x.org",
        "a b@x.org",
        "ä b@x.org",
        "a@b@x.org",
        "a\u200bb@x.org",
        "a@ü..org",
        "a@-ü-.org",
        "ä@x.org\nbcc: b@x.org",
    ):
        answer = north.manager.patch(f"/v3/crud/{type_name}/{public_id}", {"email": wrong})
        assert (answer.error, list(answer.body["meta"]["details"]["fields"])) == (("validation", 400), ["email"]), wrong


def test_whoever_saves_an_address_its_form_is_the_same(north: Party, in_account: Any) -> None:
    with tenant(north.account.pk):
        person = Person(full_name="J", email=" jürgen@example.org ")
        person.save()
        [other] = Person.objects.bulk_create([Person(full_name="K", email="k@example.org ")])
    assert (person.email, other.email) == ("jürgen@example.org", "k@example.org")


def test_the_message_is_the_usual_one() -> None:
    with pytest.raises(ValidationError, match="Enter a valid email address"):
        InternationalEmailValidator()("ä@-ü-")
    assert normal_host_name("Bücher.Example.") == "xn--bcher-kva.example"
