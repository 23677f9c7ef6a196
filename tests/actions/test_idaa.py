"""GET /v3/action/idaa/novi_member/{uuid}, against a Novi over real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.utils import timezone

from accounts.models import AccountService
from tenancy.context import tenant
from tests.accounts.fake_novi import KEY, FakeNovi, fake_novi
from tests.conftest import Answer, Caller, Party

UUID = "0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f"
PATH = f"/v3/action/idaa/novi_member/{UUID}"
ADA = {"uuid": UUID, "verified": True, "active": True, "display_name": "Ada L.", "email": "ada+novi@example.org"}
ADA |= {"status": "current", "expires_on": "2030-01-01", "stale": False}


def answered(answer: Answer) -> tuple[int, Any]:
    """Status and data, without the moment."""
    data = dict(answer.data)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", data.pop("as_of"))
    return answer.status, data


@pytest.fixture
def novi(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNovi]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with fake_novi() as (fake, settings.NOVI_API_BASE):
        settings.NOVI_API_KEY = KEY
        yield fake


def refusal(answer: Answer) -> tuple[int, str, int, bool]:
    assert answer.data is None
    return (answer.status, *answer.error, answer.meta["details"]["recoverable"])


def test_a_member(novi: FakeNovi, north: Party) -> None:
    for path in (PATH, PATH + "/", PATH.upper().replace("/V3/ACTION/IDAA/NOVI_MEMBER", "/v3/action/idaa/novi_member")):
        answer = north.guest.get(path)
        assert answered(answer) == (200, ADA)
    assert novi.seen == [("GET", f"/api/customers/{UUID}", f"Basic {KEY}")]
    head = north.guest("HEAD", PATH)
    assert (head.status, head.raw.content) == (200, b"")


def test_a_lapsed_member_is_an_answer(novi: FakeNovi, north: Party) -> None:
    novi.answer = novi.member(MemberStatus="Lapsed")
    answer = north.guest.get(PATH)
    assert answered(answer) == (200, ADA | {"verified": False, "status": "Lapsed"})


def test_each_account_says_which_statuses_are_members(novi: FakeNovi, north: Party, south: Party) -> None:
    novi.answer = novi.member(MemberStatus="Life Member")
    assert [party.guest.get(PATH).data["verified"] for party in (north, south)] == [False, False]
    own = {"novi": {"admitted_statuses": ["life_member"]}}
    path = f"/v3/crud/account/{north.id}"
    assert north.member.patch(path, {"cfg_json": own}).status == 403
    assert north.manager.patch(path, {"cfg_json": own}).status == 200
    assert [party.guest.get(PATH).data["verified"] for party in (north, south)] == [True, False]


@pytest.mark.skipif(bool(configured.REDIS_URL), reason="Redis keeps its own time")
def test_a_last_answer_is_marked(novi: FakeNovi, north: Party) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = north.guest.get(PATH).data
        novi.answer = novi.says(b"", 500)
        clock.shift(4 * 3_600 + 1)
        assert north.guest.get(PATH).data == first | {"stale": True}


def test_nothing_of_novi_but_the_documented_fields(novi: FakeNovi, north: Party) -> None:
    text = north.guest.get(PATH).raw.content.decode()
    for private in ("London", "Lovelace", KEY, "127.0.0.1"):
        assert private not in text


def test_who_may_ask(novi: FakeNovi, north: Party, south: Party, visitor: Caller, bypass: Caller) -> None:
    """Whoever has a key and an account."""
    token = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    askers = [north.guest, north.member, north.manager, visitor.with_headers(authorization=f"Bearer {token}")]
    askers.append(Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id}))
    assert [caller.get(PATH).status for caller in askers] == [200] * 5
    seen = len(novi.seen)
    foreign = north.guest.with_headers(**{"x-account-id": south.id})
    for caller in (Caller(), Caller({"x-aether-api-key": "aep_nobody"}), visitor, bypass, foreign):
        assert refusal(caller.get(PATH)) == (403, "permission", 403, False)
    assert visitor.with_headers(authorization="Bearer nonsense").get(PATH).status == 401
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert north.manager(method, PATH).status == 405
    assert len(novi.seen) == seen


TRICKS = [
    *("..%2fadmin", "%2e%2e/admin", "%252e%252e%252f", "..", ".", "x%3fa=b", "x%23", "@evil", "%5c..", "%5C..%5C", "*"),
    *(f"{UUID}%0a", f"{UUID}%0d%0aX-A:%20b", f"{UUID}%00", f"%7b{UUID}%7d", f"urn:uuid:{UUID}", UUID[:-1], UUID + "0"),
    *(f"{UUID}%20", f"%20{UUID}", f"{UUID}/..", f"{UUID}/x", f"{UUID}//", f"{UUID}%2f%2f", f"{UUID}%3f"),
    *(UUID.replace("-", ""), UUID.replace("-", "_"), "%EF%BC%94" + UUID[1:], "%D9%A0" + UUID[1:], "g" + UUID[1:]),
    *("0", "1", "null", "x" * 5_000, "%F0%9F%98%80", f"{UUID};a=b", f"{UUID}:80", f"a@{UUID}", "http:%2f%2fx%2f"),
    *("%ff%fe", f"{UUID},{UUID}"),
]


@pytest.mark.parametrize("text", TRICKS, ids=lambda text: text[:30])
def test_what_is_no_uuid_is_400_before_any_call(novi: FakeNovi, north: Party, text: str) -> None:
    answer = north.guest.get(f"/v3/action/idaa/novi_member/{text}")
    assert refusal(answer) == (400, "validation", 400, False)
    assert answer.meta["details"]["fields"].keys() == {"uuid"}
    assert novi.seen == []


def test_unknown_parameters_are_refused(novi: FakeNovi, north: Party) -> None:
    for query in ("?force=true", "?uuid=x", "?jwt=", "?a=1&a=2"):
        assert north.guest.get(PATH + query).status in (400, 401)
    assert north.guest.get("/v3/action/idaa/novi_member/").status == 404
    assert novi.seen == []


@pytest.mark.parametrize(
    ("status", "expected", "wait"),
    [
        (404, (404, "upstream", 404, False), None),
        (429, (429, "upstream", 429, True), "17"),
        (401, (502, "upstream", 502, False), None),
        (403, (502, "upstream", 502, False), None),
        (500, (503, "upstream", 503, True), "5"),
        (302, (503, "upstream", 503, True), "5"),
    ],
)
def test_failures(novi: FakeNovi, north: Party, caplog: Any, status: int, expected: Any, wait: str | None) -> None:
    told = json.dumps({"Message": f"Key {KEY} at http://10.0.0.7/", "Trace": "at Novi.Api.Customers"}).encode()
    novi.answer = novi.says(told, status, Retry_After="17", Location="http://10.0.0.7/", WWW_Authenticate="Basic")
    answer = north.guest.get(PATH)
    assert (refusal(answer), answer.headers.get("Retry-After")) == (expected, wait)
    assert "WWW-Authenticate" not in answer.headers
    assert "Location" not in answer.headers
    for secret in (KEY, "10.0.0.7", "Novi.Api"):
        assert secret not in f"{answer.body} {caplog.text}"
    assert any(record.levelname == "ERROR" for record in caplog.records) == (expected[0] >= 500)


def test_the_budget_of_a_key(novi: FakeNovi, north: Party, settings: Any) -> None:
    settings.AETHER_NOVI_CALLS_PER_MINUTE = 2
    paths = [PATH[:-1] + digit for digit in "0123456789"]
    answers = [north.guest.get(path) for path in paths]
    assert [answer.status for answer in answers].count(200) in (2, 4)  # 4 if a minute ended meanwhile
    assert refusal(answers[-1]) == (429, "throttled", 429, True)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert north.member.get(paths[-1]).status == 200
    assert len(novi.seen) == [answer.status for answer in answers].count(200) + 1


def test_an_account_may_have_its_own_novi(novi: FakeNovi, north: Party, south: Party) -> None:
    with fake_novi() as (own, base), tenant(south.account.pk):
        own.answer = own.member(FirstName="Bea")
        AccountService(name="novi", base=base, key="southern-key").save()
        assert north.guest.get(PATH).data["display_name"] == "Ada L."
        assert south.guest.get(PATH).data["display_name"] == "Bea L."
        assert own.seen == [("GET", f"/api/customers/{UUID}", "Basic southern-key")]
    assert len(novi.seen) == 1


def test_without_a_novi(north: Party, settings: Any) -> None:
    settings.NOVI_API_BASE = settings.NOVI_API_KEY = ""
    answer = north.guest.get(PATH)
    assert refusal(answer) == (503, "upstream", 503, False)
    assert "Retry-After" not in answer.headers


def test_it_is_described(north: Party) -> None:
    item = north.guest.get("/v3/schema/").body["paths"]["/v3/action/idaa/novi_member/{uuid}"]["get"]
    assert item["parameters"][0]["schema"]["examples"] == [UUID]
    assert set(item["responses"]) >= {"200", "400", "403", "404", "429", "502", "503"}
