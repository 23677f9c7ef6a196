"""The second factor: asked for by every way in, a code is good once, and lost ones are replaced."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from accounts import standing
from accounts.models import SecondFactor
from tenancy.context import every_tenant
from tests.conftest import Answer, Caller, Party
from tests.contract.authentication.asking import login, with_token
from tests.contract.conftest import refusal

pytestmark = pytest.mark.django_db
MFA, SETUP, CONFIRM = "/v3/auth/mfa", "/v3/auth/mfa/setup", "/v3/auth/mfa/confirm"
SETUP_OVER = "There is a second factor already; take it away first."


def code_of(secret: str, seconds: float = 0) -> str:
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(int(datetime.now(UTC).timestamp() + seconds)).decode()


def enrol(visitor: Caller, party: Party, role: str = "manager") -> tuple[str, list[str]]:
    """Secret and recovery codes of somebody who set it up a minute ago."""
    session = with_token(visitor, login(visitor, party, role)["access"])
    secret = session.post(SETUP, {}).data["secret"]
    answer = session.post(CONFIRM, {"code": code_of(secret)})
    assert answer.status == 200, answer.body
    return secret, answer.data["recovery_codes"]


def half(visitor: Caller, party: Party, role: str = "manager") -> str:
    data = login(visitor, party, role)
    assert set(data) == {"mfa_required", "mfa_token", "methods"}
    token: str = data["mfa_token"]
    return token


def show(visitor: Caller, token: str, code: str) -> Answer:
    return visitor.post(MFA, {"mfa_token": token, "code": code})


def change(row: Any, **values: Any) -> None:
    with every_tenant(reason="tests change rows of both accounts"):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    standing.forget()


def test_a_code_lets_in_once(north: Party, visitor: Caller, guess_clock: Any) -> None:
    session = with_token(visitor, login(visitor, north, "manager")["access"])
    made = session.post(SETUP, {}).data
    asked = urlsplit(made["otpauth_url"])
    assert parse_qs(asked.query)["secret"] == [made["secret"]]
    assert "access" in login(visitor, north, "manager")  # it does not count yet
    assert refusal(session.post(CONFIRM, {"code": "000000"}))[0] == 401
    codes = session.post(CONFIRM, {"code": code_of(made["secret"])}).data["recovery_codes"]
    assert len(set(codes)) == 10
    stored = str(SecondFactor.objects.values().get())
    assert not [word for word in (made["secret"], *codes, *(code.replace("-", "") for code in codes)) if word in stored]
    assert session.post(SETUP, {}).meta["status_message"] == SETUP_OVER
    assert show(visitor, half(visitor, north), code_of(made["secret"])).status == 401  # it was the one that confirmed
    guess_clock.shift(60)
    code = code_of(made["secret"])
    token = half(visitor, north)
    answer = show(visitor, token, f" {code[:3]} {code[3:]}")
    assert answer.status == 200
    assert with_token(visitor, answer.data["access"]).get("/v3/auth/whoami").data["role"] == "manager"
    assert show(visitor, half(visitor, north), code).status == 401
    guess_clock.shift(60)
    assert show(visitor, token, code_of(made["secret"])).status == 401  # the sign-in went on already


@pytest.mark.parametrize(("seconds", "status"), [(-600, 401), (-60, 401), (-30, 200), (30, 200), (60, 401), (600, 401)])
def test_clocks_may_differ_by_a_step(
    seconds: int, status: int, north: Party, visitor: Caller, guess_clock: Any
) -> None:
    secret, _ = enrol(visitor, north)
    guess_clock.shift(3_600)
    code = code_of(secret, seconds)
    assert show(visitor, half(visitor, north), code).status == status


def test_a_recovery_code_lets_in_once(north: Party, south: Party, visitor: Caller, guess_clock: Any) -> None:
    _, codes = enrol(visitor, north)
    assert show(visitor, half(visitor, north), codes[3].upper()).status == 200
    assert show(visitor, half(visitor, north), codes[3]).status == 401
    assert show(visitor, half(visitor, north), codes[4].replace("-", " ")).status == 200


def test_no_code_opens_for_somebody_else(north: Party, visitor: Caller, guess_clock: Any) -> None:
    _, codes = enrol(visitor, north)
    enrol(visitor, north, "administrator")
    assert show(visitor, half(visitor, north, "administrator"), codes[0]).status == 401
    assert show(visitor, half(visitor, north), codes[0]).status == 200


def test_a_token_is_good_for_its_key_its_user_and_five_minutes(
    north: Party, south: Party, visitor: Caller, guess_clock: Any
) -> None:
    _, codes = enrol(visitor, north)
    token = half(visitor, north)
    other_key = visitor.with_headers(**{"x-aether-api-key": south.keys["publishable"]})
    pair = login(visitor, north, "user")
    for label, answer in {
        "another key": show(other_key, token, codes[0]),
        "an access token": show(visitor, pair["access"], codes[0]),
        "none": show(visitor, "", codes[0]),
        "as an access token": with_token(visitor, token).get("/v3/auth/whoami"),
        "to set one up": visitor.post(SETUP, {"mfa_token": token}),
    }.items():
        assert refusal(answer)[0] == 401, label
    change(north.users["manager"], enable=False)
    assert show(visitor, token, codes[0]).status == 401
    change(north.users["manager"], enable=True)
    change(north.account, enable=False)
    assert show(visitor, token, codes[0]).status == 401
    change(north.account, enable=True)
    guess_clock.shift(331)
    assert show(visitor, token, codes[0]).status == 401
    assert show(visitor, half(visitor, north), codes[0]).status == 200


def test_a_new_password_ends_a_sign_in_that_waits(north: Party, visitor: Caller, guess_clock: Any) -> None:
    _, codes = enrol(visitor, north)
    token, user = half(visitor, north), north.users["manager"]
    user.set_password("seven green bottles")
    change(user)
    assert show(visitor, token, codes[0]).status == 401


def test_guesses_are_counted(north: Party, visitor: Caller, guess_clock: Any) -> None:
    secret, _ = enrol(visitor, north)
    guess_clock.shift(600)
    token = half(visitor, north)
    assert [show(visitor, token, f"00000{digit}").status for digit in range(6)] == [401] * 5 + [429]
    assert show(visitor, half(visitor, north), code_of(secret)).status == 429


@pytest.mark.parametrize("code", ["", "x" * 65, "\x00", 123_456, None, "١٢٣٤٥٦", "🙂", "12345", "9" * 64])
def test_bad_codes_are_refused(code: Any, north: Party, visitor: Caller, guess_clock: Any) -> None:
    enrol(visitor, north)
    answer = visitor.post(MFA, {"mfa_token": half(visitor, north), "code": code})
    assert answer.status in (400, 401), answer.body
    assert show(visitor, half(visitor, north), "000000").status == 401


def test_an_account_demands_it_of_a_role(north: Party, visitor: Caller, guess_clock: Any) -> None:
    change(north.account, cfg_json={"auth": {"mfa_required_roles": ["manager"]}})
    assert "access" in login(visitor, north, "user")
    data = login(visitor, north, "manager")
    assert set(data) == {"mfa_setup_required", "mfa_token"}
    token = data["mfa_token"]
    assert show(visitor, token, "123456").status == 401
    secret = visitor.post(SETUP, {"mfa_token": token}).data["secret"]
    answer = visitor.post(CONFIRM, {"mfa_token": token, "code": code_of(secret)})
    assert len(answer.data["recovery_codes"]) == 10
    assert with_token(visitor, answer.data["access"]).get("/v3/auth/whoami").status == 200
    assert visitor.post(SETUP, {"mfa_token": token}).meta["status_message"] == SETUP_OVER
    assert half(visitor, north)


def test_what_an_account_demands_is_checked(north: Party, visitor: Caller) -> None:
    manager = with_token(visitor, login(visitor, north, "manager")["access"])
    path = f"/v3/crud/account/{north.account.id_random}"
    for wrong in ("manager", ["super"], [1], {"manager": True}):
        answer = manager.patch(path, {"cfg_json": {"auth": {"mfa_required_roles": wrong}}})
        assert refusal(answer)[0] == 400, wrong


def test_it_is_taken_away_by_a_code(north: Party, visitor: Caller, guess_clock: Any) -> None:
    _, codes = enrol(visitor, north)
    session = with_token(visitor, show(visitor, half(visitor, north), codes[0]).data["access"])
    assert session("DELETE", MFA, {"code": "000000"}).status == 401
    assert session("DELETE", MFA, {"code": codes[1]}).data == {"removed": True}
    assert session("DELETE", MFA, {"code": codes[2]}).status == 409
    assert "access" in login(visitor, north, "manager")


def test_only_who_is_signed_in_sets_one_up(north: Party, visitor: Caller) -> None:
    guest = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    for caller in (visitor, with_token(visitor, guest), north.manager):
        assert caller.post(SETUP, {}).status == 403
        assert caller.post(CONFIRM, {"code": "123456"}).status == 403
    assert not SecondFactor.objects.exists()


def test_another_secret_of_the_server_leaves_recovery_codes(
    north: Party, visitor: Caller, guess_clock: Any, settings: Any
) -> None:
    secret, codes = enrol(visitor, north)
    guess_clock.shift(60)
    settings.SECRET_KEY = "another one than before, and as long as it has to be: fifty"
    assert show(visitor, half(visitor, north), code_of(secret)).status == 401
    assert show(visitor, half(visitor, north), codes[0]).status == 200
