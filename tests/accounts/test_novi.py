"""Asking Novi: what its answers mean, what is remembered, one call for many, and what a bad day of it costs."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import format_datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.core.cache import cache
from django.utils import timezone

from accounts import novi as novi_module
from accounts.novi import Service, _wait, canonical, find_member
from accounts.novi_member import Member, admitted_statuses, member_from, member_of
from accounts.service_address import is_key, is_member_path, is_service_address
from accounts.single_flight import SingleFlight
from aether import databases
from kernel.errors import ApiError, Throttled, Upstream
from tenancy.principal import Principal, Role
from tests.accounts.fake_novi import ADA, KEY, FakeNovi, fake_novi

UUID = "0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f"
MEMBER = Member(True, "Ada L.", "ada+novi@example.org", "current", "2030-01-01")
CALLER = Principal(role=Role.GUEST, account_id=1, account_public_id="AcctNorth01", key_prefix="aaaabbbbcccc")
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """No proxy of this machine's between us and the fake; nothing here waits for seconds."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings.AETHER_NOVI_CONNECT_SECONDS = 2
    settings.AETHER_NOVI_READ_SECONDS = 5
    settings.AETHER_NOVI_TOTAL_SECONDS = 10


@pytest.fixture
def novi(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNovi]:
    with fake_novi() as (fake, base):
        monkeypatch.setattr(novi_module, "service_of_account", lambda: Service(base, KEY))
        yield fake


def member_for(caller: Principal = CALLER, uuid: str = UUID) -> Member:
    return find_member(caller, uuid)[0]


def failure(caller: Principal = CALLER, uuid: str = UUID) -> ApiError:
    with pytest.raises(ApiError) as caught:
        find_member(caller, uuid)
    return caught.value


def cache_key(uuid: str = UUID) -> str:
    digest = novi_module.service_of_account().digest
    return f"idaa:novi_member:{uuid}:{CALLER.account_public_id}:{digest}"


# --- what an answer means


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (ADA, MEMBER),
        ({"data": ADA}, MEMBER),
        (ADA | {"data": None}, MEMBER),
        (ADA | {"Active": False}, Member(False, "Ada L.", "ada+novi@example.org", "current", "2030-01-01")),
        ({"Name": "Ada Lovelace", "Active": True}, Member(True, "Ada Lovelace", None)),
        ({"Name": "The Works", "FirstName": "Ada", "Active": True}, Member(True, "The Works", None)),
        ({"FirstName": " Ada ", "LastName": "", "Active": True}, Member(True, "Ada", None)),
        ({"LastName": "Lovelace", "Active": True}, Member(True, "Lovelace", None)),
        ({"FirstName": "Mary Ann", "LastName": "Ólafsdóttir", "Active": True}, Member(True, "Mary Ann Ó.", None)),
        ({"FirstName": "👩‍🚀", "LastName": "🚀x", "Active": True}, Member(True, "👩‍🚀 🚀.", None)),
        ({"FirstName": "<b>A</b>", "LastName": "<i>", "Active": True}, Member(True, "<b>A</b> <.", None)),
        ({"FirstName": "A\r\n\u202eb", "LastName": "\x00C", "Active": True}, Member(True, "A b C.", None)),
        ({"FirstName": "x" * 10_000, "LastName": "L", "Active": True}, Member(True, f"{'x' * 197} L.", None)),
        ({"Name": "x" * 10_000, "Active": True}, Member(True, "x" * 200, None)),
        ({"FirstName": 7, "LastName": ["L"], "Name": {}, "Active": True}, Member(True, None, None)),
        ({"Active": True, "Email": " a  b c@x.org "}, Member(True, None, "a++b+c@x.org")),
        ({"Active": True, "Email": "a@x.org\r\nBcc: b@x.org"}, Member(True, None, None)),
        ({"Active": True, "Email": "x" * 255}, Member(True, None, None)),
        ({"Active": "true", "Name": "N"}, Member(False, "N", None)),
        ({"Active": 1, "Name": "N"}, Member(False, "N", None)),
        ({"Name": "N"}, Member(False, "N", None)),
    ],
)
def test_what_novi_says(said: Any, expected: Member) -> None:
    assert member_of(json.dumps(said).encode()) == expected


NONSENSE = [
    *(b"", b"<html>Welcome</html>", b"[]", b"{}", b"null", b"7", b'"Active"', b'{"data": null}', b'{"data": []}'),
    *(b'{"Message": "An error has occurred."}', b'{"Active": NaN}', b'{"Active": true', b"[" * 100_000, b"\xff\xfe"),
]


@pytest.mark.parametrize("body", NONSENSE, ids=lambda body: repr(body[:20]))
def test_nonsense_is_no_member(body: bytes) -> None:
    assert member_of(body) is None


STORED = {
    "active": True,
    "display_name": "A",
    "email": None,
    "status": "current",
    "expires_on": "2030-01-01",
    "as_of": 1_800_000_000,
    "stale": False,
}


@pytest.mark.parametrize(
    "stored",
    [
        *(None, 7, "x", b"\x80\x04N.", [], {}, {"active": True}, {"active": True, "display_name": "A", "email": None}),
        STORED | {"active": 1},
        STORED | {"email": 7},
        STORED | {"display_name": "A" * 1_000_000},
        STORED | {"role": "super"},
        STORED | {"status": ["current"]},
        STORED | {"expires_on": "2030-13-01"},
        STORED | {"as_of": "now"},
        STORED | {"stale": None},
    ],
    ids=lambda stored: repr(stored)[:40],
)
def test_what_the_cache_holds_is_looked_at_again(stored: Any) -> None:
    assert member_from(stored) is None
    assert member_from(STORED) == Member(True, "A", None, "current", "2030-01-01")


# --- who is a member

DEFAULT = admitted_statuses(None)


@pytest.mark.parametrize(
    ("answer", "admitted"),
    [
        ({"MemberStatus": "current", "Active": False}, True),
        ({"MemberStatus": " Grace-Period ", "MembershipExpires": "2020-01-01"}, True),
        ({"MemberStatus": "GracePeriod"}, True),
        ({"MemberStatus": "grace_period"}, True),
        ({"MemberStatus": "Lapsed", "Active": True, "MembershipExpires": "2099-01-01"}, False),
        ({"MemberStatus": "non_member", "Active": True}, False),
        ({"MemberStatus": "currently lapsed", "Active": True}, False),
        ({"MemberStatus": ["current"], "Active": True}, False),
        ({"MemberStatus": 1, "Active": True}, False),
        ({"MemberStatus": " ", "Active": True}, False),
        ({"MemberStatus": None, "Active": True}, True),
        ({"MemberStatus": "", "Active": True}, True),
        ({"Active": True}, True),
        ({"Active": True, "MembershipExpires": None}, True),
        ({"Active": True, "MembershipExpires": "0001-01-01T00:00:00"}, True),
        ({"Active": True, "MembershipExpires": "2027-01-15"}, True),
        ({"Active": True, "MembershipExpires": "2027-01-15T00:00:00Z"}, True),
        ({"Active": True, "MembershipExpires": "1/15/2027"}, True),
        ({"Active": True, "MembershipExpires": "01/15/2027 12:00:00 AM"}, True),
        ({"Active": True, "MembershipExpires": "2027-01-13"}, False),
        ({"Active": True, "MembershipExpires": "1/13/2027"}, False),
        ({"Active": True, "MembershipExpires": "some day"}, False),
        ({"Active": True, "MembershipExpires": 20270115}, False),
        ({"Active": False, "MembershipExpires": "2099-01-01"}, False),
        ({"Active": "true"}, False),
    ],
)
def test_who_is_a_member(answer: Any, admitted: bool) -> None:
    member = member_of(json.dumps({"Name": "N"} | answer).encode())
    assert member is not None
    with time_machine.travel(1_800_000_000, tick=False):  # 2027-01-15, 08:00 UTC: elsewhere it is the 14th still
        assert member.is_admitted(DEFAULT) is admitted


def test_an_account_names_its_own_statuses() -> None:
    own = admitted_statuses({"novi": {"admitted_statuses": ["Life Member", "current"]}})
    assert Member(False, None, None, "life-member").is_admitted(own)
    assert not Member(True, None, None, "grace_period").is_admitted(own)
    assert not Member(False, None, None, "Life Member").is_admitted(DEFAULT)
    for nonsense in (
        None,
        {},
        [],
        {"novi": 7},
        {"novi": {"admitted_statuses": "current"}},
        {"novi": {"admitted_statuses": [1]}},
    ):
        assert admitted_statuses(nonsense) == DEFAULT
    assert not Member(True, None, None, "current").is_admitted(admitted_statuses({"novi": {"admitted_statuses": []}}))


def test_canonical() -> None:
    assert canonical(UUID) == UUID
    assert canonical(UUID.upper()) == UUID
    others = ("", UUID[:-1], UUID + "0", UUID + "\n", f"{{{UUID}}}", f"urn:uuid:{UUID}", "４" + UUID[1:])
    assert [text for text in (*others, UUID.replace("-", "")) if canonical(text)] == []


def test_retry_after_may_be_a_date() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        later = format_datetime(timezone.now() + timezone.timedelta(seconds=90), usegmt=True)
        assert [_wait(text) for text in ("17", "0", "999999999", later)] == [17, 1, 3_600, 90]
        assert [_wait(text) for text in ("", "soon", "-5", "1.5", "٣", "Mon, 99 Xyz 2026")] == [60] * 6


def test_addresses_keys_and_paths() -> None:
    good = [
        "https://www.example.org",
        "https://www.example.org:8443/api",
        "http://127.0.0.1:5000/api",
        "http://[::1]:5000",
    ]
    assert [text for text in [*good, "http://localhost/api"] if not is_service_address(text)] == []
    bad = [
        "",
        "http://www.example.org",
        "ftp://x.org",
        "https://",
        "https://u:p@x.org",
        "https://x.org/?a=b",
        "https://x.org#a",
    ]
    bad += ["https://x.org:0", "https://x.org:99999", "https://x.org/a b", "https://x.org\\@y.org", "http://10.0.0.1"]
    bad += ["http://127.0.0.1.example.org", "//x.org", "https://x.org\n", "https://münchen.example"]
    assert [text for text in bad if is_service_address(text)] == []
    assert is_key(KEY)
    assert [text for text in ("", "a b", "a\n", "a\r\nX: y", "ü", "x" * 501) if is_key(text)] == []
    assert all(is_member_path(text) for text in ("/customers/{uuid}", "/{uuid}", "/v1/a.b/{uuid}/member/"))
    wrong = ("customers/{uuid}", "/customers", "/a?b={uuid}", "/{uuid}x", "/{uuid}/{uuid}", "//{uuid}", "/{uuid}\n")
    assert [text for text in wrong if is_member_path(text)] == []


# --- what is asked, and what is remembered


def test_the_call_is_the_one_of_the_contract(novi: FakeNovi) -> None:
    assert member_for() == MEMBER
    assert novi.seen == [("GET", f"/api/customers/{UUID}", f"Basic {KEY}")]


def test_the_path_is_a_setting(novi: FakeNovi, settings: Any) -> None:
    settings.AETHER_NOVI_PATH = "/v2/members/{uuid}/state"
    find_member(CALLER, UUID)
    assert novi.paths == [f"/api/v2/members/{UUID}/state"]


def test_a_netrc_or_proxy_login_of_the_machine_does_not_take_the_keys_place(
    novi: FakeNovi, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login u password p\n")
    monkeypatch.setenv("NETRC", str(file))
    find_member(CALLER, UUID)
    assert [authorization for _, _, authorization in novi.seen] == [f"Basic {KEY}"]


def seconds_kept(key: str) -> float:
    if hasattr(cache, "ttl"):
        return float(cache.ttl(key))
    return max(0, cache._expire_info[cache.make_key(key)] - time.time())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("status", "seconds"), [("current", 4 * 3_600), ("lapsed", 5 * 60)])
def test_a_200_is_remembered_for_its_time(novi: FakeNovi, status: str, seconds: int) -> None:
    novi.answer = novi.member(MemberStatus=status)
    first = find_member(CALLER, UUID)
    assert seconds - 30 < seconds_kept(cache_key()) <= seconds
    novi.answer = novi.says(b"", 500)
    assert find_member(CALLER, UUID) == first
    assert (first[0].status, first[0].stale, first[1]) == (status, False, status == "current")
    assert len(novi.seen) == 1


BAD_DAYS = [(429, "17"), (500, ""), (503, "")]


@pytest.mark.parametrize(("status", "wait"), BAD_DAYS)
def test_while_novi_can_not_answer_its_last_answer_is_given(novi: FakeNovi, status: int, wait: str) -> None:
    member, admitted = find_member(CALLER, UUID)
    cache.delete(cache_key())  # its time is over
    novi.answer = novi.says(b"", status, Retry_After=wait)
    for _ in range(3):
        assert find_member(CALLER, UUID) == (replace(member, stale=True), admitted)
    assert len(novi.seen) == 2, "Novi is left alone for a while"
    assert member_for().as_of == member.as_of
    cache.delete(cache_key())
    novi.answer = novi.member(MemberStatus="lapsed")
    assert find_member(CALLER, UUID)[1] is False
    assert member_for().stale is False


def test_a_slow_novi_is_bridged_too(novi: FakeNovi, settings: Any) -> None:
    find_member(CALLER, UUID)
    cache.delete(cache_key())
    settings.AETHER_NOVI_READ_SECONDS = 0.2
    settings.AETHER_NOVI_TOTAL_SECONDS = 0.4
    novi.answer = novi.silent
    assert member_for().stale


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_bridged(novi: FakeNovi, status: int) -> None:
    find_member(CALLER, UUID)
    cache.delete(cache_key())
    novi.answer = novi.says(b"", status)
    assert failure().http_status == 502


def test_nothing_is_bridged_after_a_404_nor_where_it_is_switched_off(novi: FakeNovi, settings: Any) -> None:
    find_member(CALLER, UUID)
    cache.delete(cache_key())
    novi.answer = novi.says(b"", 404)
    assert failure().http_status == 404
    novi.answer = novi.says(b"", 500)
    assert failure().http_status == 503
    settings.AETHER_NOVI_STALE_SECONDS = 0
    novi.answer = novi.member()
    find_member(CALLER, UUID)
    cache.delete(cache_key())
    novi.answer = novi.says(b"", 500)
    assert failure().http_status == 503


@pytest.mark.skipif(bool(configured.REDIS_URL), reason="Redis keeps its own time")
def test_and_no_longer(novi: FakeNovi) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        find_member(CALLER, UUID)
        clock.shift(4 * 3_600 - 1)
        find_member(CALLER, UUID)
        assert len(novi.seen) == 1
        clock.shift(2)
        find_member(CALLER, UUID)
        assert len(novi.seen) == 2


def test_accounts_and_services_share_nothing(novi: FakeNovi, monkeypatch: pytest.MonkeyPatch) -> None:
    find_member(CALLER, UUID)
    novi.answer = novi.member(FirstName="Bea")
    other = Principal(role=Role.GUEST, account_id=2, account_public_id="AcctSouth01", key_prefix="aaaabbbbcccc")
    assert member_for(other).display_name == "Bea L."
    base = novi_module.service_of_account().base
    monkeypatch.setattr(novi_module, "service_of_account", lambda: Service(base, "another-key"))
    assert member_for().display_name == "Bea L."
    assert len(novi.seen) == 3


@pytest.mark.parametrize("status", [404, 429, 401, 403, 500, 503, 302, 204, 400])
def test_only_a_200_is_remembered(novi: FakeNovi, status: int) -> None:
    novi.answer = novi.says(b"" if status == 204 else b"{}", status)
    failure()
    novi.answer = novi.member()
    assert member_for() == MEMBER
    assert len(novi.seen) == 2


def test_a_404_clears_what_was(novi: FakeNovi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has put the member into the cache while Novi was being asked."""
    answer_404 = novi.says(b"", 404)

    def meanwhile(handler: Any) -> None:
        cache.set(cache_key(), STORED, 60)
        answer_404(handler)

    novi.answer = meanwhile
    assert failure().http_status == 404
    assert cache.get(cache_key()) is None


@pytest.mark.parametrize("junk", ["text", ["a"], {"active": "yes"}, "x" * 1_000_000, 7], ids=lambda j: repr(j)[:20])
def test_junk_in_the_cache_is_ignored_and_replaced(novi: FakeNovi, junk: Any) -> None:
    cache.set(cache_key(), junk, 60)
    assert member_for() == MEMBER
    assert member_for() == MEMBER
    assert len(novi.seen) == 1


@pytest.mark.skipif(not configured.REDIS_URL, reason="about what others write into Redis")
@pytest.mark.parametrize("junk", [b"\x80\x04\x95N.", b"{", b"[" * 100_000, b"\xff", None])
def test_junk_in_redis_is_ignored_and_never_unpickled(novi: FakeNovi, junk: bytes | None) -> None:
    client, key = cache.client.get_client(write=True), cache.make_key(cache_key())  # type: ignore[attr-defined]
    if junk is None:
        client.rpush(key, "a list")
    else:
        client.set(key, junk)
    assert member_for() == MEMBER
    assert member_for() == MEMBER
    assert len(novi.seen) == 1


# --- what goes wrong


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, (404, False, None)),
        (429, (429, True, "17")),
        (401, (502, False, None)),
        (403, (502, False, None)),
        *((status, (503, True, "5")) for status in (500, 502, 503, 504, 400, 410, 418, 201, 206)),
    ],
)
def test_a_refusal_of_novis(novi: FakeNovi, caplog: Any, status: int, expected: tuple[int, bool, str | None]) -> None:
    told = f"{KEY} http://internal.example/secret Basic {KEY}"
    novi.answer = novi.says(told.encode(), status, Retry_After="17", X_Told="told")
    error = failure()
    assert isinstance(error, Upstream)
    details = error.details()
    assert (error.http_status, details["recoverable"], error.headers.get("Retry-After")) == expected
    assert (details["category"], details["code"]) == ("upstream", error.http_status)
    for secret in (KEY, "internal.example", "told"):
        assert secret not in f"{details} {error.headers} {caplog.text}"
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == (1 if status in (401, 403) else 0)
    assert len(novi.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place", ["/elsewhere", "http://169.254.169.254/latest", "file:///etc/passwd", "https://example.invalid/"]
)
def test_a_redirect_is_not_followed(novi: FakeNovi, status: int, place: str) -> None:
    novi.answer = novi.says(b"", status, Location=place)
    assert failure().http_status == 503
    assert novi.paths == [f"/api/customers/{UUID}"]


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda novi: novi.silent, id="says nothing"),
        pytest.param(lambda novi: novi.trickling(HEAD + b"X-A: "), id="trickles headers"),
        pytest.param(lambda novi: novi.trickling(HEAD + b"Content-Length: 9000\r\n\r\n"), id="trickles a body"),
        pytest.param(lambda novi: novi.trickling(HEAD + b"\r\n" + json.dumps(ADA).encode()), id="never ends"),
    ],
)
def test_a_slow_novi_is_left(novi: FakeNovi, settings: Any, answer: Callable[[FakeNovi], Any], caplog: Any) -> None:
    settings.AETHER_NOVI_READ_SECONDS = 0.3
    settings.AETHER_NOVI_TOTAL_SECONDS = 0.6
    novi.answer = answer(novi)
    started = time.monotonic()
    assert failure().http_status == 503
    assert time.monotonic() - started < 15  # with much room for a busy machine; trickling would go on for ever
    assert "no answer from Novi: " in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda novi: novi.raw(HEAD + b"Content-Length: 500\r\n\r\n{"), id="cut off"),
        pytest.param(lambda novi: novi.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n50\r\n{}"), id="cut in a chunk"),
        pytest.param(lambda novi: novi.raw(), id="hangs up"),
        pytest.param(lambda novi: novi.raw(b"SSH-2.0-nonsense\r\n"), id="no HTTP"),
        pytest.param(lambda novi: novi.raw(HEAD + b"X: y\r\n" * 500 + b"\r\n"), id="many headers"),
        pytest.param(lambda novi: novi.raw(HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), id="long header"),
        pytest.param(lambda novi: novi.endless, id="endless"),
        pytest.param(lambda novi: novi.says(b" " * (2**20 + 1)), id="too large"),
        pytest.param(lambda novi: novi.says(gzip.compress(b" " * 2**24), Content_Encoding="gzip"), id="gzip bomb"),
        *(pytest.param(lambda novi, body=body: novi.says(body), id=repr(body[:20])) for body in NONSENSE),
    ],
)
def test_a_broken_novi_is_503_and_costs_little(novi: FakeNovi, answer: Callable[[FakeNovi], Any]) -> None:
    novi.answer = answer(novi)
    tracemalloc.start()
    try:
        error = failure()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (error.http_status, error.details()["recoverable"]) == (503, True)
    assert peak < 20 * 2**20
    assert cache.get(cache_key()) is None
    assert len(novi.seen) == 1


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    for base in ("http://127.0.0.1:1/api", "https://127.0.0.1:1/api", "https://host.invalid/api"):
        monkeypatch.setattr(novi_module, "service_of_account", lambda base=base: Service(base, KEY))
        assert failure().http_status == 503


def test_tls_is_not_left_out(novi: FakeNovi, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is not sent to who answers in the clear where TLS was expected."""
    base = novi_module.service_of_account().base.replace("http:", "https:")
    monkeypatch.setattr(novi_module, "service_of_account", lambda: Service(base, KEY))
    assert failure().http_status == 503
    assert novi.seen == []


# --- one call for many


class Crowd:
    """Fifty threads; Novi answers when all of them have asked."""

    def __init__(self, novi: FakeNovi, size: int = 50) -> None:
        self.novi, self.size = novi, size
        self.arrived = threading.Semaphore(0)
        answer = novi.answer

        def when_all_are_there(handler: Any) -> None:
            for _ in range(size):
                assert self.arrived.acquire(timeout=60)
            self.arrived.release(size)
            answer(handler)

        novi.answer = when_all_are_there

    def ask(self, uuid: str = UUID) -> list[Any]:
        def one(_: int) -> Any:
            try:
                return member_for(CALLER, uuid)
            except ApiError as error:
                return error.http_status

        with ThreadPoolExecutor(self.size) as pool:
            return list(pool.map(one, range(self.size)))


class CountedFlight(SingleFlight[Any]):
    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self.crowd = crowd

    def run(self, key: str, work: Any, seconds: float) -> Any:
        self.crowd.arrived.release()
        return super().run(key, work, seconds)


@pytest.mark.parametrize(("status", "expected"), [(200, MEMBER), (404, 404), (500, 503), (429, 429), (401, 502)])
@pytest.mark.parametrize("cached", [True, False], ids=["", "without Redis"])
def test_fifty_threads_make_one_call(
    novi: FakeNovi, monkeypatch: pytest.MonkeyPatch, settings: Any, status: int, expected: Any, cached: bool
) -> None:
    if not cached:
        settings.CACHES = {"default": databases.cache(NOBODY_LISTENS)}
    if status != 200:
        novi.answer = novi.says(b"", status)
    crowd = Crowd(novi)
    monkeypatch.setattr(novi_module, "_flights", CountedFlight(crowd))
    assert crowd.ask() == [expected] * crowd.size
    assert len(novi.seen) == 1


class Lonely(SingleFlight[Any]):
    """Each thread as if it were a process of its own: they have only the cache in common."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd

    def run(self, key: str, work: Any, seconds: float) -> Any:
        self.crowd.arrived.release()
        return work()


def test_processes_make_one_call(novi: FakeNovi, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = Crowd(novi, 20)
    monkeypatch.setattr(novi_module, "_flights", Lonely(crowd))
    assert crowd.ask() == [MEMBER] * crowd.size
    assert len(novi.seen) == 1


def test_a_dead_process_holds_nobody_up_for_long(novi: FakeNovi, settings: Any) -> None:
    settings.AETHER_NOVI_TOTAL_SECONDS = 0.3
    cache.add(f"{cache_key()}:lock", "of the dead", 60)
    assert failure().http_status == 503
    cache.delete(f"{cache_key()}:lock")  # as its time to live does
    assert member_for() == MEMBER
    assert cache.get(f"{cache_key()}:lock") is None


def test_an_error_of_ours_frees_those_who_wait() -> None:
    flight: SingleFlight[int] = SingleFlight()
    with pytest.raises(ZeroDivisionError):
        flight.run("k", lambda: 1 // 0, 1)
    assert flight.run("k", lambda: 7, 1) == 7


# --- without Redis, and the budget


def test_without_redis_it_answers_uncached(novi: FakeNovi, settings: Any) -> None:
    settings.CACHES = {"default": databases.cache(NOBODY_LISTENS)}
    assert [member_for() for _ in range(2)] == [MEMBER] * 2
    novi.answer = novi.says(b"", 404)
    assert failure().http_status == 404
    assert len(novi.seen) == 3


@pytest.mark.parametrize("cached", [True, False], ids=["", "without Redis"])
def test_a_key_causes_so_many_calls_a_minute(novi: FakeNovi, settings: Any, cached: bool) -> None:
    if not cached:
        settings.CACHES = {"default": databases.cache(NOBODY_LISTENS)}
    settings.AETHER_NOVI_CALLS_PER_MINUTE = 3
    uuids = [UUID[:-1] + digit for digit in "0123456789abcdef"]
    prefix = f"budget{cached}"
    key = Principal(role=Role.GUEST, account_id=1, account_public_id="AcctNorth01", key_prefix=prefix)
    with time_machine.travel(1_800_000_030, tick=False) as clock:
        answers = [member_for(key, uuid) for uuid in uuids[:3]]
        error = failure(key, uuids[3])
        assert isinstance(error, Throttled)
        assert error.headers["Retry-After"] == "30"
        assert answers == [MEMBER] * 3
        if cached:
            assert member_for(key, uuids[0]) == MEMBER  # what is known costs nothing
        assert member_for(CALLER, uuids[4]) == MEMBER  # another key has its own
        assert len(novi.seen) == 4
        clock.shift(60)
        assert member_for(key, uuids[3]) == MEMBER
