"""Tokens that are forged, borrowed, merged, or outlived by what stood behind them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from accounts import standing, tokens
from accounts.models import ApiKey
from accounts.models.api_key import split_key
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import BAD_TOKEN, login, refused_everywhere, with_token
from tests.contract.conftest import FOREIGN, nothing_changes, refusal, without_traces

pytestmark = pytest.mark.django_db


def part(data: Any) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Any, payload: Any, key: str, digest: str = "sha256") -> str:
    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(hmac.digest(key.encode(), text.encode(), digest))}"


def taken_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


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


def test_hostile_headers_are_refused(north: Party, visitor: Caller) -> None:
    """AUTN-06, 07: signed with our own key, so that only the header can be at fault."""
    token = login(visitor, north, "manager")["access"]
    header, payload = taken_apart(token)
    assert header["alg"] == "HS256"
    key = settings.AETHER_API_JWT_KEY
    assert with_token(visitor, signed(header, payload, key)).get("/v3/crud/event/").status == 200  # our forging works
    with nothing_changes():
        for label, hostile in hostile_headers(header["kid"], header).items():
            for digest in ("sha256", "sha384", "sha512"):
                refused_everywhere(visitor, signed(hostile, payload, key, digest), f"{label} {digest}")
            refused_everywhere(visitor, f"{part(hostile)}.{part(payload)}.", f"{label}, unsigned")
        for name, value in {
            "jku": "http://127.0.0.1:1/jwks",
            "x5u": "http://127.0.0.1:1/cert",
            "jwk": {"kty": "oct", "k": part(b"mine")},
            "x5c": ["mine"],
        }.items():  # a key of the attacker's own, offered in the header
            refused_everywhere(visitor, signed(header | {name: value}, payload, "mine"), name)
        deep = f'{{"alg":"HS256","kid":{"[" * 1_400}'.encode()
        refused_everywhere(visitor, f"{part(deep)}.{part(payload)}.x", "a header nested without end")
        refused_everywhere(visitor, f"{part(b'[' * 2_900)}.e30.x", "brackets only")


def test_hostile_signatures_are_refused(north: Party, visitor: Caller) -> None:
    """AUTN-06: the one signature that we made is the only one that counts, letter by letter."""
    token = login(visitor, north, "manager")["access"]
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
            refused_everywhere(visitor, bad, label)
        for quiet in ("", " ", "   "):
            assert refusal(visitor.get("/v3/crud/event/", authorization=f"Bearer {quiet}")) == BAD_TOKEN
        assert refusal(visitor.get("/v3/crud/event/?jwt=")) == BAD_TOKEN


def test_hostile_claims_are_refused(north: Party, south: Party, visitor: Caller) -> None:
    """Even signed by us: a token says all that it must, and is for this use, this issuer, this audience."""
    token = login(visitor, north, "manager")["access"]
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
            refused_everywhere(visitor, signed(header, claims, settings.AETHER_API_JWT_KEY), label)
        for label, body in {
            "list": [1],
            "text": "x",
            "number": 1,
            "null": None,
            "broken": b"{",
            "deep": b"[" * 2_900,
        }.items():
            refused_everywhere(visitor, signed(header, body, settings.AETHER_API_JWT_KEY), label)
        for literal in (b"1e400", b"NaN", b"Infinity", b"-Infinity"):
            body = json.dumps(payload | {"exp": 0}).encode().replace(b'"exp": 0', b'"exp": ' + literal)
            refused_everywhere(visitor, signed(header, body, settings.AETHER_API_JWT_KEY), f"exp {literal[:12]!r}")
    within = payload | {"exp": now - 5}
    assert with_token(visitor, signed(header, within, settings.AETHER_API_JWT_KEY)).get("/v3/crud/event/").status == 200


def test_a_token_never_lifts_its_owner(north: Party, visitor: Caller) -> None:
    """AUTN-17: a role in a token counts at most as far as its user has it now."""
    token = login(visitor, north, "user")["access"]
    header, payload = taken_apart(token)
    lifted = signed(header, payload | {"role": "super"}, settings.AETHER_API_JWT_KEY)
    assert with_token(visitor, lifted).get("/v3/auth/whoami").data["role"] == "user"
    assert refusal(with_token(visitor, lifted).get("/v3/crud/user/")) == FOREIGN


def test_keys_rotate_with_an_overlap(north: Party, visitor: Caller, settings: Any) -> None:
    old = settings.AETHER_API_JWT_KEY
    token = login(visitor, north, "user")["access"]
    settings.AETHER_API_JWT_KEY = "n" * 40 + "ew-key"
    refused_everywhere(visitor, token, "the key is gone")
    settings.AETHER_API_JWT_PREVIOUS_KEYS = [old]
    assert with_token(visitor, token).get("/v3/crud/journal/").status == 200
    fresh = login(visitor, north, "user")["access"]
    assert taken_apart(fresh)[0]["kid"] != taken_apart(token)[0]["kid"]


def test_tokens_are_never_merged_nor_chosen_from(north: Party, visitor: Caller) -> None:
    """AUTN-12."""
    low, high = login(visitor, north, "user")["access"], login(visitor, north, "manager")["access"]
    with nothing_changes():
        assert refusal(with_token(visitor, low).get(f"/v3/auth/whoami?jwt={high}")) == BAD_TOKEN
        assert refusal(with_token(visitor, high).get(f"/v3/auth/whoami?jwt={low}")) == BAD_TOKEN
        assert refusal(with_token(visitor, high).get("/v3/auth/whoami?jwt=")) == BAD_TOKEN
        for pair in ((low, high), (high, low), (high, high), (high, "")):
            answer = visitor.get(f"/v3/auth/whoami?jwt={pair[0]}&jwt={pair[1]}")
            assert refusal(answer) == (400, "validation", 400)
        assert refusal(visitor.get("/v3/auth/whoami", authorization=f"Bearer {low}, Bearer {high}")) == BAD_TOKEN
        for scheme in ("Basic", "Token", "JWT", "", "BearerX", "bearer:"):
            assert refusal(visitor.get("/v3/auth/whoami", authorization=f"{scheme} {high}".strip())) == BAD_TOKEN, (
                scheme
            )
    inside = visitor.post("/v3/crud/journal/search", {"jwt": high})
    assert (inside.status, inside.data) in ((400, None), (200, []))
    assert with_token(visitor, high).get(f"/v3/auth/whoami?jwt={high}").data["role"] == "manager"
    assert visitor.get("/v3/auth/whoami", authorization=f"bearer {high}").data["role"] == "manager"


def test_huge_authorization_headers_are_refused_at_once(visitor: Caller) -> None:
    """AUTN-21."""
    for size in (8_000, 64_000, 1_000_000):
        assert refusal(visitor.get("/v3/crud/event/", authorization="Bearer " + "x" * size)) == BAD_TOKEN
        assert refusal(visitor.get("/v3/crud/event/", authorization="x" * size)) == BAD_TOKEN


@pytest.mark.parametrize("change", ["disabled", "hidden", "account", "password", "key", "deleted"])
def test_a_token_ends_with_what_stands_behind_it(
    north: Party, visitor: Caller, clock: Callable[[float], None], change: str
) -> None:
    """AUTN-10: within five seconds; and its refresh token with it."""
    pair = login(visitor, north, "user")
    caller = with_token(visitor, pair["access"])
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


def test_a_demoted_user_has_less_within_five_seconds(
    north: Party, visitor: Caller, clock: Callable[[float], None]
) -> None:
    pair = login(visitor, north, "manager")
    caller = with_token(visitor, pair["access"])
    assert caller.get("/v3/crud/user/").status == 200
    with every_tenant(reason="tests take away"):
        user = north.users["manager"]
        user.manager = False
        user.save()
    clock(5)
    assert refusal(caller.get("/v3/crud/user/")) == FOREIGN
    assert caller.get("/v3/auth/whoami").data["role"] == "user"
    again = visitor.post("/v3/auth/refresh", {"refresh": pair["refresh"]})
    assert again.data["roles"] == {"super": False, "manager": False, "administrator": False}


def test_a_changed_passcode_ends_its_tokens(north: Party, visitor: Caller, clock: Callable[[float], None]) -> None:
    site = f"/v3/crud/site/{north.site.id_random}"
    codes = {"manager": "first code", "administrator": "second code"}
    assert north.manager.patch(site, {"passcodes": codes}).status == 200
    tokens_ = {}
    for role, code in codes.items():
        answer = visitor.post("/api/authenticate_passcode", {"site_id": north.site.id_random, "passcode": code})
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
        assert with_token(visitor, answer.data["jwt"]).get("/v3/auth/whoami").data["role"] == role
        life = taken_apart(answer.data["jwt"])[1]
        assert life["exp"] - life["iat"] <= settings.AETHER_PASSCODE_TOKEN_HOURS * 3_600
    assert north.manager.patch(site, {"passcodes": codes | {"manager": "a third code"}}).status == 200
    clock(5)
    refused_everywhere(visitor, tokens_["manager"], "changed")
    north.manager.patch(site, {"enable": False})
    clock(5)
    refused_everywhere(visitor, tokens_["administrator"], "site disabled")


def test_a_guests_token_is_for_its_account_only(north: Party, south: Party, visitor: Caller) -> None:
    """AUTN-18."""
    for body in ({"site_id": north.site.id_random}, {"fqdn": north.fqdn}, {"fqdn": north.fqdn.upper()}):
        token = visitor.post("/v3/auth/guest", body).data["jwt"]
        me = with_token(visitor, token).get("/v3/auth/whoami").data
        assert (me["role"], me["account_id"], me["site_id"]) == ("guest", north.id, north.site.id_random)
        assert refusal(with_token(visitor, token).get("/v3/crud/event/", **{"x-account-id": south.id})) == FOREIGN
        assert refusal(with_token(visitor, token).get("/v3/crud/journal/")) == FOREIGN
        assert with_token(visitor, token).search("user", {}).data == []
    unknown = visitor.post("/v3/auth/guest", {"site_id": "nowhere0000"})
    foreign = visitor.post("/v3/auth/guest", {"site_id": south.site.id_random})
    by_name = visitor.post("/v3/auth/guest", {"fqdn": south.fqdn})
    assert unknown.status == foreign.status == by_name.status == 404
    assert without_traces(unknown) == without_traces(foreign) == without_traces(by_name)


def test_jwt_in_the_query_reaches_no_log_and_no_referrer(
    north: Party, visitor: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """AUTN-13, as far as the application itself logs."""
    token = login(visitor, north, "user")["access"]
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
        answer = visitor.get(path + ("&" if "?" in path else "?") + f"jwt={token}")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "private, no-store"
    bad = "eyJhbGciOiJIUzI1NiJ9.marker.marker"
    assert visitor.get(f"/v3/crud/journal/?jwt={bad}").status == 401
    said = caplog.text + str(
        [vars(record) for record in caplog.records if record.name.startswith(("crud", "accounts"))]
    )
    for secret in (token, token.split(".")[2], bad, PASSWORD, *north.keys.values()):
        assert secret not in said


def test_the_digest_in_these_tests_is_the_real_one() -> None:
    """`signed` above makes what PyJWT makes."""
    made = jwt.encode({"a": 1}, "k" * 32, algorithm="HS256")
    text, _, signature = made.rpartition(".")
    assert part(hmac.new(b"k" * 32, text.encode(), hashlib.sha256).digest()) == signature


def test_a_guests_token_ends_with_its_site(north: Party, visitor: Caller) -> None:
    guest = with_token(visitor, visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"])
    assert guest.get("/v3/crud/event/").status == 200
    for change in ({"enable": False}, {"hide": True, "enable": True}):
        assert north.manager.patch(f"/v3/crud/site/{north.site.id_random}", change).status == 200
        standing.forget()
        assert refusal(guest.get("/v3/crud/event/")) == BAD_TOKEN
