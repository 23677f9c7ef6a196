"""Getting in: keys, tokens, passwords and passcodes, as a hostile client would try them over HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts import short_memory, standing, tokens
from accounts.models import ApiKey, RefreshToken
from accounts.models.api_key import split_key
from accounts.tokens import Use
from aether import asgi
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Answer, Caller, Party, make_party
from tests.contract.conftest import FOREIGN, nothing_changes, refusal, without_traces

BAD_TOKEN = (401, "authentication", 401)
pytestmark = pytest.mark.django_db


@pytest.fixture
def north(db: None) -> Party:
    return make_party("North")


@pytest.fixture
def south(db: None) -> Party:
    return make_party("South")


@pytest.fixture
def web(north: Party) -> Caller:
    return Caller({"x-aether-api-key": north.keys["publishable"]})


def login(web: Caller, party: Party, role: str) -> dict[str, Any]:
    answer = web.post("/v3/auth/login", {"username": party.users[role].username, "password": PASSWORD})
    assert answer.status == 200, answer.body
    pair: dict[str, Any] = answer.data
    return pair


def with_token(web: Caller, token: str) -> Caller:
    return web.with_headers(authorization=f"Bearer {token}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the process's short memory grow older without waiting."""
    late = [0.0]
    real = short_memory.time.monotonic

    class Time:
        @staticmethod
        def monotonic() -> float:
            return real() + late[0]

    monkeypatch.setattr(short_memory, "time", Time)

    def advance(seconds: float) -> None:
        late[0] += seconds

    return advance


# The key


def test_everything_but_a_good_key_is_refused_in_the_same_words(north: Party) -> None:
    """AUTN-01, 02, 03: before anything else is looked at, and word for word the same."""
    good = north.keys["manager"]
    prefix = split_key(good)
    expired = ApiKey.issue(name="old", all_accounts=True, expires_on=timezone.now() - timedelta(seconds=1))[1]
    row, disabled = ApiKey.issue(name="off", all_accounts=True)
    row.enable = False
    row.save()
    wrong = [
        *("", "null", "undefined", "aes", "aes_", "aep_", "aes__", f"aes_{prefix}", f"aes_{prefix}_", f"{prefix}"),
        *(good.swapcase(), good.upper(), good.lower(), good[:-1], good + "x", good[1:], "x" + good, good[:-1] + "~"),
        *(f"{good} ", f" {good}", f"{good}\t", f"{good}\u00a0", f"{good},{good}", f"{good}\x00", f"Bearer {good}"),
        *(
            good.replace("aes_", "aep_"),
            good.replace("aes_", ""),
            f"aes_{prefix}_{'x' * 32}",
            f"aes_{'0' * 12}_{'x' * 32}",
        ),
        *("%", "aes_%", "' OR 1=1 --", "aes_' OR '1'='1_x", "x" * 100_000, "0", "true", "é" * 20),
        *(expired, disabled),
    ]
    texts = set()
    with nothing_changes():
        for key in wrong:
            caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
            for method, path, body in (
                ("GET", "/v3/crud/journal/", None),
                ("GET", "/v3/crud/nonesuch/", None),
                ("POST", "/v3/crud/journal/", b"{not json"),
                ("GET", "/v3/crud/journal/?jwt=a&jwt=b", None),
                ("POST", "/v3/auth/login", {"username": "north-manager", "password": PASSWORD}),
                ("POST", "/api/authenticate_passcode", {"site_id": "x", "passcode": "y"}),
                ("GET", "/v3/auth/whoami", None),
            ):
                answer = caller(method, path, body)
                assert refusal(answer) == FOREIGN, (key[:60], path, answer.body)
                texts.add(without_traces(answer) + answer.meta["status_message"])
        assert refusal(Caller().get("/v3/crud/journal/")) == FOREIGN
        texts.add(
            without_traces(Caller().get("/v3/crud/journal/")) + Caller().get("/v3/crud/journal/").meta["status_message"]
        )
    assert len(texts) == 1
    assert Caller({"x-aether-api-key": good, "x-account-id": north.id}).get("/v3/crud/journal/").status == 200


def test_a_key_counts_in_its_header_only(north: Party) -> None:
    good = north.keys["manager"]
    for caller, query in (
        (Caller(), f"?x-aether-api-key={good}&api_key={good}"),
        (Caller({"cookie": f"x-aether-api-key={good}"}), ""),
        (Caller({"authorization": f"Bearer {good}"}), ""),
        (Caller({"authorization": good}), ""),
        (Caller({"x-api-key": good}), ""),
        (Caller({"x-aether-api-token": good}), ""),
    ):
        assert refusal(caller.with_headers(**{"x-account-id": north.id}).get(f"/v3/crud/journal/{query}")) == FOREIGN
    answer = Caller({"x-account-id": north.id}).post("/v3/crud/journal/search", {"x-aether-api-key": good})
    assert refusal(answer) == FOREIGN


def test_the_database_holds_no_key(north: Party) -> None:
    """AUTN-04."""
    for row in ApiKey.objects.all():
        values = str([getattr(row, field.attname) for field in row._meta.concrete_fields])
        for key in north.keys.values():
            assert key not in values
            assert key.split("_", 2)[2] not in values


@pytest.mark.parametrize("change", ["enable", "expires_on", "deleted", "accounts", "role", "read_only"])
def test_what_a_key_loses_it_loses_within_five_seconds(
    north: Party, clock: Callable[[float], None], change: str
) -> None:
    """AUTN-03: from the moment of the change in the database, without a restart and without being told."""
    assert short_memory.SECONDS <= 5
    assert {memory.seconds for memory in (standing._keys, standing._accounts, standing._users, standing._sites)} == {
        short_memory.SECONDS
    }
    caller = north.manager
    assert caller.post("/v3/crud/journal/", {"name": "x"}).status == 201
    row = ApiKey.objects.get(prefix=split_key(north.keys["manager"]))
    match change:
        case "enable":
            row.enable = False
        case "expires_on":
            row.expires_on = timezone.now()
        case "role":
            row.role = "guest"
        case "read_only":
            row.read_only = True
    row.save()
    if change == "deleted":
        row.delete()
    if change == "accounts":
        row.accounts.through.objects.filter(api_key=row).delete()
    clock(5)
    with nothing_changes():
        assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN


def test_a_keys_expiry_does_not_wait_for_the_memory(north: Party) -> None:
    key = ApiKey.issue(name="brief", accounts=[north.account], expires_on=timezone.now() + timedelta(seconds=60))[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/crud/journal/").status == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN


def test_a_key_counts_only_from_its_origins(north: Party) -> None:
    origin = "https://app.example.org"
    key = ApiKey.issue(name="web app", kind="publishable", role="guest", all_accounts=True, allowed_origins=[origin])[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/crud/event/", origin=origin).status == 200
    assert caller.get("/v3/crud/event/").status == 200  # no browser, no Origin
    for other in (
        *("https://evil-app.example.org", "https://app.example.org.evil.com", "http://app.example.org", "null"),
        *(
            "https://app.example.org:8443",
            "https://app.example.org/",
            "https://APP.example.org.evil",
            f"{origin} {origin}",
        ),
    ):
        assert refusal(caller.get("/v3/crud/event/", origin=other)) == FOREIGN, other


def test_a_key_counts_only_from_its_networks(north: Party, settings: Any) -> None:
    key = ApiKey.issue(
        name="server", role="user", accounts=[north.account], allowed_networks=["10.1.0.0/16", "2001:db8::/32"]
    )[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN  # from 127.0.0.1
    assert (
        refusal(caller.get("/v3/crud/journal/", **{"x-forwarded-for": "10.1.2.3"})) == FOREIGN
    )  # nobody vouches for it
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    for address, status in (
        *(
            ("10.1.2.3", 200),
            ("2001:db8::7", 200),
            ("10.2.2.3", 403),
            ("10.1.2.3, 10.2.2.3", 403),
            ("10.2.2.3, 10.1.2.3", 200),
        ),
        *(("", 403), ("nonsense", 403), ("10.1.2.3x", 403), ("2001:db9::7", 403)),
    ):
        assert caller.get("/v3/crud/journal/", **{"x-forwarded-for": address}).status == status, address


def test_a_key_has_so_many_requests_a_minute(north: Party, guess_clock: Any) -> None:
    key = ApiKey.issue(name="slow", role="user", accounts=[north.account], rate_per_minute=3)[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    guess_clock.shift(20)
    assert [caller.get("/v3/crud/journal/").status for _ in range(3)] == [200, 200, 200]
    with nothing_changes():
        answer = caller.post("/v3/crud/journal/", {"name": "x"})
        assert refusal(answer) == (429, "throttled", 429)
    assert answer.meta["details"]["recoverable"] is True
    assert answer.headers["Retry-After"] == "40"
    assert north.member.get("/v3/crud/journal/").status == 200  # other keys have their own
    guess_clock.shift(40)
    assert caller.get("/v3/crud/journal/").status == 200


def test_a_publishable_key_is_a_guest_whatever_it_was_given(north: Party) -> None:
    """Known to everybody: no role of its own counts, nor a flag that somebody has set on it."""
    row, key = ApiKey.issue(name="page", kind="publishable", role="manager", accounts=[north.account])
    ApiKey.objects.filter(pk=row.pk).update(allow_bypass=True)
    caller = Caller({"x-aether-api-key": key})
    inside = caller.with_headers(**{"x-account-id": north.id})
    assert inside.get("/v3/auth/whoami").data["role"] == "guest"
    assert refusal(inside.get("/v3/crud/journal/")) == FOREIGN
    assert refusal(inside.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN
    assert refusal(caller.with_headers(**{"x-no-account-id": "bypass"}).get("/v3/crud/event/")) == FOREIGN


def test_the_old_token_header_is_ignored_with_a_warning(north: Party, web: Caller) -> None:
    """AUTN-19."""
    pair = login(web, north, "manager")
    for value in (pair["access"], "nonsense", north.keys["manager"], ""):
        answer = web.get("/v3/auth/whoami", **{"x-aether-api-token": value})
        assert answer.status == 200
        assert (answer.data["role"], answer.data["account_id"]) == ("guest", None)
        assert [text for text in answer.meta["warnings"] if "x-aether-api-token" in text]
        assert refusal(web.get("/v3/crud/journal/", **{"x-aether-api-token": value})) == FOREIGN
    assert "warnings" not in web.get("/v3/auth/whoami").meta


# The context


def test_who_one_is_by_each_combination_of_headers(north: Party, south: Party, web: Caller) -> None:
    root = ApiKey.issue(name="root", role="super", all_accounts=True, allow_bypass=True)[1]
    token = login(web, north, "administrator")["access"]
    account, bypass = {"x-account-id": north.id}, {"x-no-account-id": "bypass"}
    bearer = {"authorization": f"Bearer {token}"}

    def who(key: str, **headers: str) -> tuple[Any, ...]:
        answer = Caller({"x-aether-api-key": key} | headers).get("/v3/auth/whoami")
        if answer.status != 200:
            return (answer.status,)
        return answer.data["role"], answer.data["account_id"], answer.data["bypass"]

    secret, page = north.keys["manager"], north.keys["publishable"]
    assert who(secret) == who(page) == who(root) == ("guest", None, False)
    assert who(secret, **account) == ("manager", north.id, False)
    assert who(page, **account) == ("guest", north.id, False)
    assert who(root, **account) == ("super", north.id, False)
    assert who(root, **bypass) == ("super", None, True)
    assert who(secret, **bypass) == who(page, **bypass) == (403,)
    assert who(root, **account, **bypass) == who(secret, **account, **bypass) == (400,)
    for key in (secret, page, root):
        assert who(key, **bearer) == who(key, **bearer, **account) == ("administrator", north.id, False)
        assert who(key, **bearer, **bypass) == (403,)
        assert who(key, **bearer, **{"x-account-id": south.id}) == (403,)
    assert who(south.keys["manager"], **bearer) == (403,)


# Tokens


def part(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Any, payload: Any, key: str, digest: str = "sha256") -> str:
    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(hmac.digest(key.encode(), text.encode(), digest))}"


def taken_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def refused_everywhere(web: Caller, token: str, label: str) -> None:
    """By header and by query, for reading and writing, and never as a guest."""
    answers = [
        with_token(web, token).get("/v3/crud/event/"),
        with_token(web, token).post("/v3/crud/journal/", {"name": "x"}),
        with_token(web, token).search("site_domain", {"q": "north.example.org"}),
        with_token(web, token).get("/v3/auth/whoami"),
    ]
    if token.isascii() and token.isprintable() and not set(token) & set(" #&+%"):
        answers.append(web.get(f"/v3/crud/event/?jwt={token}"))
    for answer in answers:
        assert answer.status == 401, (label, answer.body)
        assert refusal(answer) == BAD_TOKEN, (label, answer.body)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.meta["status_message"] == "The token is not valid."


def hostile_headers(kid: str, header: dict[str, Any]) -> dict[str, Any]:
    return {
        **{
            f"alg {alg}": header | {"alg": alg}
            for alg in ("none", "None", "nOnE", "NONE", "", "HS384", "HS512", "RS256", "ES256")
        },
        "alg missing": {name: value for name, value in header.items() if name != "alg"},
        "alg a list": header | {"alg": ["HS256"]},
        "alg null": header | {"alg": None},
        "alg lower": header | {"alg": "hs256"},
        "kid missing": {name: value for name, value in header.items() if name != "kid"},
        **{
            f"kid {name}": header | {"kid": value}
            for name, value in {
                "another": "0" * 12,
                "a path": "../../../../dev/null",
                "a URL": "http://127.0.0.1:1/key",
                "SQL": "' UNION SELECT 'x",
                "a list": [kid],
                "an object": {kid: kid},
                "a number": 1,
                "null": None,
                "empty": "",
                "upper": kid.upper() + "X",
                "long": "k" * 3_000,
            }.items()
        },
        "crit": header | {"crit": ["x"], "x": 1},
        "crit b64": header | {"crit": ["b64"], "b64": False},
        "b64 false": header | {"b64": False},
    }


def test_hostile_headers_are_refused(north: Party, web: Caller) -> None:
    """AUTN-06, 07: signed with our own key, so that only the header can be at fault."""
    token = login(web, north, "manager")["access"]
    header, payload = taken_apart(token)
    assert header["alg"] == "HS256"
    key = settings.AETHER_API_JWT_KEY
    assert with_token(web, signed(header, payload, key)).get("/v3/crud/event/").status == 200  # our forging works
    with nothing_changes():
        for label, hostile in hostile_headers(header["kid"], header).items():
            for digest in ("sha256", "sha384", "sha512"):
                refused_everywhere(web, signed(hostile, payload, key, digest), f"{label} {digest}")
            refused_everywhere(web, f"{part(hostile)}.{part(payload)}.", f"{label}, unsigned")
        for name, value in {
            "jku": "http://127.0.0.1:1/jwks",
            "x5u": "http://127.0.0.1:1/cert",
            "jwk": {"kty": "oct", "k": part(b"mine")},
            "x5c": ["mine"],
        }.items():  # a key of the attacker's own, offered in the header
            refused_everywhere(web, signed(header | {name: value}, payload, "mine"), name)
        deep = f'{{"alg":"HS256","kid":{"[" * 1_400}'.encode()
        refused_everywhere(web, f"{part(deep)}.{part(payload)}.x", "a header nested without end")
        refused_everywhere(web, f"{part(b'[' * 2_900)}.e30.x", "brackets only")


def test_hostile_signatures_are_refused(north: Party, web: Caller) -> None:
    """AUTN-06: the one signature that we made is the only one that counts, letter by letter."""
    token = login(web, north, "manager")["access"]
    header, payload, signature = token.split(".")
    lookalike = {"A": "B", "B": "A"}
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    neighbour = last[last.index(signature[-1]) ^ 1]  # differs in bits that the signature does not use
    edited = part(json.loads(base64.urlsafe_b64decode(payload + "==")) | {"role": "super"})
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    with nothing_changes():
        for label, bad in {
            "empty signature": f"{header}.{payload}.",
            "no signature": f"{header}.{payload}",
            "cut": token[:-1],
            "cut more": f"{header}.{payload}.{signature[:20]}",
            "longer": token + "A",
            "first letter": f"{header}.{payload}.{lookalike.get(signature[0], 'A')}{signature[1:]}",
            "last letter's spare bits": token[:-1] + neighbour,
            "padded": token + "=",
            "padded twice": token + "==",
            "with a blank": f"{header}.{payload}.{signature[:10]} {signature[10:]}",
            "with a sign that is none": f"{header}.{payload}.{signature[:10]}!{signature[10:]}",
            "with a line": f"{header}.{payload}.{signature[:10]}\n{signature[10:]}",
            "four parts": token + ".x",
            "dots": "..",
            "a dot": ".",
            "JSON": json.dumps({"alg": "none"}),
            "words": "not a token",
            "edited": f"{header}.{edited}.{signature}",
            "payload of another": f"{header}.{part({'use': 'access'})}.{signature}",
            "signed by the secret key": signed(
                {"alg": "HS256", "kid": taken_apart(token)[0]["kid"]}, claims, settings.SECRET_KEY
            ),
            "signed by nothing": signed({"alg": "HS256", "kid": taken_apart(token)[0]["kid"]}, claims, ""),
            "signed by its kid": signed(taken_apart(token)[0], claims, taken_apart(token)[0]["kid"]),
            "long": "x" * 100_000,
            "long and dotted": "x." * 50_000,
            "not ASCII": token[:-1] + "é",
            "an API key": north.keys["manager"],
        }.items():
            refused_everywhere(web, bad, label)
        for quiet in ("", " ", "   "):
            assert refusal(web.get("/v3/crud/event/", authorization=f"Bearer {quiet}")) == BAD_TOKEN
        assert refusal(web.get("/v3/crud/event/?jwt=")) == BAD_TOKEN


def test_hostile_claims_are_refused(north: Party, south: Party, web: Caller) -> None:
    """Even signed by us: a token says all that it must, and is for this use, this issuer, this audience."""
    token = login(web, north, "manager")["access"]
    header, payload = taken_apart(token)
    now = int(timezone.now().timestamp())
    wrong: dict[str, dict[str, Any]] = {
        **{
            f"without {name}": {n: v for n, v in payload.items() if n != name}
            for name in ("exp", "iat", "iss", "aud", "sub", "use", "key")
        },
        "expired": payload | {"exp": now - tokens.LEEWAY - 2},
        "expired long ago": payload | {"exp": 1},
        "not yet": payload | {"iat": now + 3_600},
        "not before": payload | {"nbf": now + 3_600},
        **{f"exp {value!r}": payload | {"exp": value} for value in ("never", None, [], {}, True, -1)},
        **{f"iss {value!r}": payload | {"iss": value} for value in ("aethe", "aether2", "", None, ["aether"], 1)},
        **{f"aud {value!r}": payload | {"aud": value} for value in ("other", "", None, [], ["other"], 1)},
        **{f"sub {value!r}": payload | {"sub": value} for value in (1, None, [], {}, "", "nobody", south.id, True)},
        **{f"use {value!r}": payload | {"use": value} for value in ("refresh", "download", "", None, "ACCESS", 1)},
        **{f"key {value!r}": payload | {"key": value} for value in ("", "0" * 12, None)},
        **{f"account {value!r}": payload | {"account": value} for value in ("nowhere0000", "", None, 1, [north.id])},
        "family of nobody's password": payload | {"password": "0" * 16},
        "no password": {n: v for n, v in payload.items() if n != "password"},
    }
    with nothing_changes():
        for label, claims in wrong.items():
            refused_everywhere(web, signed(header, claims, settings.AETHER_API_JWT_KEY), label)
        for label, body in {
            "list": [1],
            "text": "x",
            "number": 1,
            "null": None,
            "broken": b"{",
            "deep": b"[" * 2_900,
        }.items():
            refused_everywhere(web, signed(header, body, settings.AETHER_API_JWT_KEY), label)
        for literal in (b"1e400", b"NaN", b"Infinity", b"-Infinity"):
            body = json.dumps(payload | {"exp": 0}).encode().replace(b'"exp": 0', b'"exp": ' + literal)
            refused_everywhere(web, signed(header, body, settings.AETHER_API_JWT_KEY), f"exp {literal[:12]!r}")
    within = payload | {"exp": now - 5}
    assert with_token(web, signed(header, within, settings.AETHER_API_JWT_KEY)).get("/v3/crud/event/").status == 200


def test_a_token_never_lifts_its_owner(north: Party, web: Caller) -> None:
    """AUTN-17: a role in a token counts at most as far as its user has it now."""
    token = login(web, north, "user")["access"]
    header, payload = taken_apart(token)
    lifted = signed(header, payload | {"role": "super"}, settings.AETHER_API_JWT_KEY)
    assert with_token(web, lifted).get("/v3/auth/whoami").data["role"] == "user"
    assert refusal(with_token(web, lifted).get("/v3/crud/user/")) == FOREIGN


def test_keys_rotate_with_an_overlap(north: Party, web: Caller, settings: Any) -> None:
    old = settings.AETHER_API_JWT_KEY
    token = login(web, north, "user")["access"]
    settings.AETHER_API_JWT_KEY = "n" * 40 + "ew-key"
    refused_everywhere(web, token, "the key is gone")
    settings.AETHER_API_JWT_PREVIOUS_KEYS = [old]
    assert with_token(web, token).get("/v3/crud/journal/").status == 200
    fresh = login(web, north, "user")["access"]
    assert taken_apart(fresh)[0]["kid"] != taken_apart(token)[0]["kid"]


def test_tokens_are_never_merged_nor_chosen_from(north: Party, web: Caller) -> None:
    """AUTN-12."""
    low, high = login(web, north, "user")["access"], login(web, north, "manager")["access"]
    with nothing_changes():
        assert refusal(with_token(web, low).get(f"/v3/auth/whoami?jwt={high}")) == BAD_TOKEN
        assert refusal(with_token(web, high).get(f"/v3/auth/whoami?jwt={low}")) == BAD_TOKEN
        assert refusal(with_token(web, high).get("/v3/auth/whoami?jwt=")) == BAD_TOKEN
        for pair in ((low, high), (high, low), (high, high), (high, "")):
            answer = web.get(f"/v3/auth/whoami?jwt={pair[0]}&jwt={pair[1]}")
            assert refusal(answer) == (400, "validation", 400)
        assert refusal(web.get("/v3/auth/whoami", authorization=f"Bearer {low}, Bearer {high}")) == BAD_TOKEN
        for scheme in ("Basic", "Token", "JWT", "", "BearerX", "bearer:"):
            assert refusal(web.get("/v3/auth/whoami", authorization=f"{scheme} {high}".strip())) == BAD_TOKEN, scheme
    inside = web.post("/v3/crud/journal/search", {"jwt": high})
    assert (inside.status, inside.data) in ((400, None), (200, []))
    assert with_token(web, high).get(f"/v3/auth/whoami?jwt={high}").data["role"] == "manager"
    assert web.get("/v3/auth/whoami", authorization=f"bearer {high}").data["role"] == "manager"


def test_huge_authorization_headers_are_refused_at_once(web: Caller) -> None:
    """AUTN-21."""
    for size in (8_000, 64_000, 1_000_000):
        assert refusal(web.get("/v3/crud/event/", authorization="Bearer " + "x" * size)) == BAD_TOKEN
        assert refusal(web.get("/v3/crud/event/", authorization="x" * size)) == BAD_TOKEN


@pytest.mark.parametrize("change", ["disabled", "hidden", "account", "password", "key", "deleted"])
def test_a_token_ends_with_what_stands_behind_it(
    north: Party, web: Caller, clock: Callable[[float], None], change: str
) -> None:
    """AUTN-10: within five seconds; and its refresh token with it."""
    pair = login(web, north, "user")
    caller = with_token(web, pair["access"])
    assert caller.get("/v3/crud/journal/").status == 200
    user = north.users["user"]
    with every_tenant(reason="tests take away"):
        match change:
            case "disabled":
                user.enable = False
                user.save()
            case "hidden":
                user.hide = True
                user.save()
            case "account":
                north.account.enable = False
                north.account.save()
            case "password":
                user.set_password("another horse battery")
                user.save()
            case "key":
                ApiKey.objects.filter(prefix=split_key(north.keys["publishable"])).update(enable=False)
            case "deleted":
                user.delete()
    clock(5)
    # Another key of the account, as the token's own may be what is gone.
    other = Caller({"x-aether-api-key": north.keys["manager"]})
    with nothing_changes():
        assert refusal(with_token(other, pair["access"]).get("/v3/crud/journal/"))[0] == 401
        assert refusal(with_token(other, pair["access"]).post("/v3/crud/journal/", {"name": "x"}))[0] == 401
        assert refusal(other.post("/v3/auth/verify", {"token": pair["access"]}))[0] == 401
    if change != "password":
        assert refusal(other.post("/v3/auth/refresh", {"refresh": pair["refresh"]})) == BAD_TOKEN


def test_a_demoted_user_has_less_within_five_seconds(north: Party, web: Caller, clock: Callable[[float], None]) -> None:
    pair = login(web, north, "manager")
    caller = with_token(web, pair["access"])
    assert caller.get("/v3/crud/user/").status == 200
    with every_tenant(reason="tests take away"):
        user = north.users["manager"]
        user.manager = False
        user.save()
    clock(5)
    assert refusal(caller.get("/v3/crud/user/")) == FOREIGN
    assert caller.get("/v3/auth/whoami").data["role"] == "user"
    again = web.post("/v3/auth/refresh", {"refresh": pair["refresh"]})
    assert again.data["roles"] == {"super": False, "manager": False, "administrator": False}


def test_a_changed_passcode_ends_its_tokens(north: Party, web: Caller, clock: Callable[[float], None]) -> None:
    site = f"/v3/crud/site/{north.site.id_random}"
    codes = {"manager": "first code", "administrator": "second code"}
    assert north.manager.patch(site, {"passcodes": codes}).status == 200
    tokens_ = {}
    for role, code in codes.items():
        answer = web.post("/api/authenticate_passcode", {"site_id": north.site.id_random, "passcode": code})
        assert (answer.status, answer.data["account_id"], answer.data["site_id"]) == (
            200,
            north.id,
            north.site.id_random,
        )
        assert (answer.data["super"], answer.data["manager"], answer.data["administrator"]) == (
            False,
            role == "manager",
            True,
        )
        tokens_[role] = answer.data["jwt"]
        assert with_token(web, answer.data["jwt"]).get("/v3/auth/whoami").data["role"] == role
        life = taken_apart(answer.data["jwt"])[1]
        assert life["exp"] - life["iat"] <= settings.AETHER_PASSCODE_TOKEN_HOURS * 3_600
    assert north.manager.patch(site, {"passcodes": codes | {"manager": "a third code"}}).status == 200
    clock(5)
    refused_everywhere(web, tokens_["manager"], "changed")
    north.manager.patch(site, {"enable": False})
    clock(5)
    refused_everywhere(web, tokens_["administrator"], "site disabled")


def test_a_guests_token_is_for_its_account_only(north: Party, south: Party, web: Caller) -> None:
    """AUTN-18."""
    for body in ({"site_id": north.site.id_random}, {"fqdn": north.fqdn}, {"fqdn": north.fqdn.upper()}):
        token = web.post("/v3/auth/guest", body).data["jwt"]
        me = with_token(web, token).get("/v3/auth/whoami").data
        assert (me["role"], me["account_id"], me["site_id"]) == ("guest", north.id, north.site.id_random)
        assert refusal(with_token(web, token).get("/v3/crud/event/", **{"x-account-id": south.id})) == FOREIGN
        assert refusal(with_token(web, token).get("/v3/crud/journal/")) == FOREIGN
        assert with_token(web, token).search("user", {}).data == []
    unknown = web.post("/v3/auth/guest", {"site_id": "nowhere0000"})
    foreign = web.post("/v3/auth/guest", {"site_id": south.site.id_random})
    by_name = web.post("/v3/auth/guest", {"fqdn": south.fqdn})
    assert unknown.status == foreign.status == by_name.status == 404
    assert without_traces(unknown) == without_traces(foreign) == without_traces(by_name)


def test_jwt_in_the_query_reaches_no_log_and_no_referrer(
    north: Party, web: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """AUTN-13, as far as the application itself logs."""
    token = login(web, north, "user")["access"]
    caplog.set_level(logging.DEBUG)
    for path in (
        "/v3/auth/whoami",
        "/v3/crud/journal/",
        "/v3/crud/user/",
        "/v3/crud/journal/nowhere0000",
        "/v3/crud/nonesuch/",
        "/v3/nonesuch",
        "/v3/crud/journal/?limit=x",
    ):
        answer = web.get(path + ("&" if "?" in path else "?") + f"jwt={token}")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "private, no-store"
    bad = "eyJhbGciOiJIUzI1NiJ9.marker.marker"
    assert web.get(f"/v3/crud/journal/?jwt={bad}").status == 401
    said = caplog.text + str(
        [vars(record) for record in caplog.records if record.name.startswith(("crud", "accounts"))]
    )
    for secret in (token, token.split(".")[2], bad, PASSWORD, *north.keys.values()):
        assert secret not in said


# Refreshing


def test_a_refresh_token_is_used_once_and_its_second_use_ends_the_family(north: Party, web: Caller) -> None:
    first = login(web, north, "user")
    second = web.post("/v3/auth/refresh", {"refresh": first["refresh"]}).data
    assert with_token(web, second["access"]).get("/v3/crud/journal/").status == 200
    assert with_token(web, first["access"]).get("/v3/crud/journal/").status == 200
    other = login(web, north, "user")
    stolen = web.post("/v3/auth/refresh", {"refresh": first["refresh"]})
    assert refusal(stolen) == BAD_TOKEN
    # Nobody knows who is the thief: everything that came of it ends, for both.
    assert refusal(web.post("/v3/auth/refresh", {"refresh": second["refresh"]})) == BAD_TOKEN
    for pair in (first, second):
        refused_everywhere(web, pair["access"], "family revoked")
    assert with_token(web, other["access"]).get("/v3/crud/journal/").status == 200
    assert web.post("/v3/auth/refresh", {"refresh": other["refresh"]}).status == 200


def test_logging_out_ends_the_family(north: Party, web: Caller) -> None:
    pair, other = login(web, north, "user"), login(web, north, "user")
    assert web.post("/v3/auth/logout", {"refresh": pair["refresh"]}).status == 200
    refused_everywhere(web, pair["access"], "logged out")
    assert refusal(web.post("/v3/auth/refresh", {"refresh": pair["refresh"]})) == BAD_TOKEN
    assert with_token(web, other["access"]).get("/v3/crud/journal/").status == 200


def test_each_token_opens_its_own_door_only(north: Party, web: Caller) -> None:
    pair = login(web, north, "user")
    guest = web.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    refused_everywhere(web, pair["refresh"], "refresh as access")
    before = RefreshToken.objects.count()
    for token in (pair["access"], guest, "", "x"):
        assert refusal(web.post("/v3/auth/refresh", {"refresh": token})) == BAD_TOKEN
        assert refusal(web.post("/v3/auth/logout", {"refresh": token})) == BAD_TOKEN
    assert RefreshToken.objects.count() == before
    assert with_token(web, pair["access"]).get("/v3/crud/journal/").status == 200
    for name, token, use in (
        ("access", pair["access"], "access"),
        ("refresh", pair["refresh"], "refresh"),
        ("guest", guest, "guest"),
    ):
        answer = web.post("/v3/auth/verify", {"token": token})
        assert (answer.status, answer.data["use"]) == (200, use), name
    expired, _ = tokens.make(Use.REFRESH, north.users["user"].id_random, timedelta(seconds=-60), id="x", family="y")
    assert refusal(web.post("/v3/auth/refresh", {"refresh": expired})) == BAD_TOKEN
    unknown, _ = tokens.make(Use.REFRESH, north.users["user"].id_random, timedelta(hours=1), id="x", family="y")
    assert refusal(web.post("/v3/auth/refresh", {"refresh": unknown})) == BAD_TOKEN


# Passwords and passcodes


def guess(web: Caller, site: str, passcode: str, address: str = "") -> Answer:
    headers = {"x-forwarded-for": address} if address else {}
    return web.post("/api/authenticate_passcode", {"site_id": site, "passcode": passcode}, **headers)


@pytest.fixture
def site(north: Party) -> str:
    codes = {"manager": "the right code", "administrator": "lower code"}
    assert north.manager.patch(f"/v3/crud/site/{north.site.id_random}", {"passcodes": codes}).status == 200
    public_id: str = north.site.id_random
    return public_id


def test_the_sixth_guess_waits_the_right_one_too(
    north: Party, web: Caller, site: str, settings: Any, guess_clock: Any
) -> None:
    """AUTN-14."""
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    with every_tenant(reason="tests make a second site"):
        other = type(north.site)(account=north.account, name="Other", passcodes={})
        other.save()
    assert (
        north.manager.patch(f"/v3/crud/site/{other.id_random}", {"passcodes": {"manager": "other code"}}).status == 200
    )
    for _ in range(5):
        assert refusal(guess(web, site, "wrong", "192.0.2.1")) == BAD_TOKEN
    for passcode in ("wrong", "the right code"):
        locked = guess(web, site, passcode, "192.0.2.1")
        assert refusal(locked) == (429, "throttled", 429)
        assert locked.meta["details"]["recoverable"] is True
        assert int(locked.headers["Retry-After"]) <= 61
    # Rotating the header's first part changes nothing: only what our proxy wrote counts.
    for spoof in ("203.0.113.1", "203.0.113.2"):
        assert guess(web, site, "the right code", f"{spoof}, 192.0.2.1").status == 429
    assert guess(web, site, "the right code", "192.0.2.2").status == 200  # another address
    assert guess(web, other.id_random, "other code", "192.0.2.1").status == 200  # another site
    waits = []
    for _ in range(4):
        wait = int(guess(web, site, "wrong", "192.0.2.1").headers["Retry-After"])
        waits.append(wait)
        guess_clock.shift(wait + 1)
        for _ in range(5):
            assert guess(web, site, "wrong", "192.0.2.1").status == 401
        assert guess(web, site, "wrong", "192.0.2.1").status == 429
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


def test_knowing_one_passcode_buys_no_guesses_at_another(web: Caller, site: str) -> None:
    statuses = []
    for _ in range(5):
        statuses.append(guess(web, site, "wrong").status)
        guess(web, site, "lower code")
    assert statuses == [401] * 5
    assert guess(web, site, "wrong").status == 429


def test_passcode_refusals_do_not_tell_why(north: Party, south: Party, web: Caller, site: str) -> None:
    """AUTN-16: an unknown site, a foreign one, one without passcodes, a disabled one, a wrong passcode: the same words."""
    southern = Caller(south.manager.headers)
    assert (
        southern.patch(f"/v3/crud/site/{south.site.id_random}", {"passcodes": {"manager": "south code"}}).status == 200
    )
    texts = set()
    for site_id, passcode in (
        (site, "wrong"),
        (site.swapcase(), "the right code"),
        (f"{site} ", "the right code"),
        ("nowhere0000", "the right code"),
        ("1", "the right code"),
        (str(north.site.pk), "the right code"),
        (south.site.id_random, "south code"),
        (site, "THE RIGHT CODE"),
        (site, "the right code "),
        (site, "x" * 5_000),
    ):
        answer = guess(web, site_id, passcode)
        assert refusal(answer) == BAD_TOKEN, (site_id, passcode)
        texts.add(without_traces(answer))
    north.manager.patch(f"/v3/crud/site/{site}", {"enable": False})
    texts.add(without_traces(guess(web, site, "the right code", "")))
    assert len(texts) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"site_id": "x"},
        {"passcode": "x"},
        {"site_id": "x", "passcode": 0},
        {"site_id": 0, "passcode": "x"},
        {"site_id": "x", "passcode": None},
        {"site_id": "x", "passcode": True},
        {"site_id": ["x"], "passcode": "x"},
        {"site_id": "x", "passcode": {"$ne": ""}},
        {"site_id": "x", "passcode": "x", "role": "manager"},
        {"site_id": "x", "passcode": "x", "email": "y"},
        {"site_id": "x", "passcode": "x\x00"},
    ],
)
def test_passcode_bodies_that_are_none(web: Caller, body: Any) -> None:
    assert refusal(web.post("/api/authenticate_passcode", body)) == (400, "validation", 400)


def test_a_password_is_guessed_five_times_a_minute_under_any_spelling_of_the_name(north: Party, web: Caller) -> None:
    """Whatever the database takes for the same name counts as the same name."""
    name = north.users["manager"].username

    def attempt(username: str, password: str) -> int:
        return web.post("/v3/auth/login", {"username": username, "password": password}).status

    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)
    for spelling in (
        name.upper(),
        f" {name} ",
        name.title(),
        wide,
        f"{name}\u200d",
        f"\u00ad{name}",
        north.users["manager"].email,
    ):
        if attempt(spelling, PASSWORD) != 200:
            continue  # no spelling of the name to this database
        cache.clear()
        assert [attempt(spelling, "wrong") for _ in range(5)] == [401] * 5, spelling
        assert attempt(name, PASSWORD) == 429, spelling
        cache.clear()


def test_login_refusals_do_not_tell_why(north: Party, south: Party, web: Caller) -> None:
    with every_tenant(reason="tests disable a user"):
        gone = north.users["administrator"]
        gone.enable = False
        gone.save()
    texts = set()
    for username, password in (
        ("nobody", PASSWORD),
        (north.users["user"].username, "wrong"),
        (north.users["user"].username, PASSWORD.upper()),
        (north.users["user"].username, f"{PASSWORD} "),
        (north.users["user"].username, PASSWORD + "x" * 500),
        (gone.username, PASSWORD),
        (south.users["user"].username, PASSWORD),  # right, but not for this key's accounts
        ("' OR 1=1 --", PASSWORD),
        ("%", PASSWORD),
    ):
        answer = web.post("/v3/auth/login", {"username": username, "password": password})
        assert refusal(answer) == BAD_TOKEN, username
        texts.add(without_traces(answer))
    assert len(texts) == 1


@pytest.mark.parametrize("path", ["/api/authenticate_passcode", "/v3/auth/login", "/v3/auth/refresh", "/v3/auth/guest"])
def test_signing_in_is_by_post_only(web: Caller, path: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD"):
        assert web(method, path).status == 405
    assert web.post(path + "/", {}).status in (400, 401)  # with a slash it is the same place


# Other origins


def test_no_strange_origin_is_answered_with_permission(web: Caller, settings: Any) -> None:
    """AUTN-22."""
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    for origin in (
        *("https://evil-app.example.org", "https://app.example.org.evil.com", "null", "http://app.example.org"),
        "https://app.example.org:444",
    ):
        for answer in (web.get("/v3/crud/event/", origin=origin), preflight(origin)):
            assert "Access-Control-Allow-Origin" not in answer.headers, origin
    allowed = preflight("https://app.example.org")
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert "Access-Control-Allow-Credentials" not in allowed.headers


def preflight(origin: str) -> Answer:
    caller = Caller({"origin": origin, "access-control-request-method": "GET"})
    return caller("OPTIONS", "/v3/crud/event/")


# Through the ASGI application


async def over_asgi(path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, Any]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 5),
        "server": ("localhost", 80),
    }
    communicator = ApplicationCommunicator(asgi.application, scope)
    await communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await communicator.receive_output(10)
    body = b""
    while True:
        message = await communicator.receive_output(10)
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await communicator.wait()
    return start["status"], json.loads(body)


def test_a_header_with_underscores_is_not_the_header(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISO-07 (CVE-2026-3902): alone, and beside the right one, before and after it."""
    seen: list[list[tuple[bytes, bytes]]] = []

    async def record(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    monkeypatch.setattr(asgi, "http", record)
    key = (b"x-aether-api-key", north.keys["publishable"].encode())
    spoofs = [
        (b"x_aether_api_key", north.keys["manager"].encode()),
        (b"x-aether_api-key", north.keys["manager"].encode()),
        (b"x_account_id", north.id.encode()),
        (b"x_no_account_id", b"bypass"),
        (b"x_forwarded_for", b"10.0.0.1"),
        (b"_x-account-id", b"x"),
    ]
    for headers in ([*spoofs, key], [key, *spoofs], spoofs):
        async_to_sync(over_asgi)("/v3/auth/whoami", headers)
        assert not [name for name, _ in seen[-1] if b"_" in name]
        assert [name for name, _ in seen[-1]] == [b"host"] + ([b"x-aether-api-key"] if key in headers else [])


@pytest.mark.django_db(transaction=True)
def test_underscores_make_nobody_more_than_they_are(north: Party) -> None:
    key = (b"x-aether-api-key", north.keys["publishable"].encode())
    account = (b"x-account-id", north.id.encode())
    for extra, expected in (
        ([], ("guest", None)),
        ([account], ("guest", north.id)),
        ([(b"x_account_id", north.id.encode())], ("guest", None)),
        ([(b"x_no_account_id", b"bypass")], ("guest", None)),
        ([(b"x_aether_api_key", north.keys["manager"].encode()), account], ("guest", north.id)),
    ):
        status, body = async_to_sync(over_asgi)("/v3/auth/whoami", [key, *extra])
        assert (status, body["data"] and (body["data"]["role"], body["data"]["account_id"])) == (200, expected), extra
    spoofed = [(b"x_aether_api_key", north.keys["manager"].encode()), account]
    status, body = async_to_sync(over_asgi)("/v3/auth/whoami", spoofed)
    assert (status, body["meta"]["details"]["category"]) == (403, "permission")


def test_the_digest_in_these_tests_is_the_real_one() -> None:
    """`signed` above makes what PyJWT makes."""
    made = jwt.encode({"a": 1}, "k" * 32, algorithm="HS256")
    text, _, signature = made.rpartition(".")
    assert part(hmac.new(b"k" * 32, text.encode(), hashlib.sha256).digest()) == signature
