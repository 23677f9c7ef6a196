"""What the tests of getting in share: a login, a token in its header, and how one is refused."""

from __future__ import annotations

from typing import Any

from tests.conftest import PASSWORD, Caller, Party
from tests.contract.conftest import refusal

BAD_TOKEN = (401, "authentication", 401)


def login(visitor: Caller, party: Party, role: str) -> dict[str, Any]:
    answer = visitor.post("/v3/auth/login", {"username": party.users[role].username, "password": PASSWORD})
    assert answer.status == 200, answer.body
    pair: dict[str, Any] = answer.data
    return pair


def with_token(visitor: Caller, token: str) -> Caller:
    return visitor.with_headers(authorization=f"Bearer {token}")


def refused_everywhere(visitor: Caller, token: str, label: str) -> None:
    """By header and by query, for reading and writing, and never as a guest."""
    answers = [
        with_token(visitor, token).get("/v3/crud/event/"),
        with_token(visitor, token).post("/v3/crud/journal/", {"name": "x"}),
        with_token(visitor, token).search("site_domain", {"q": "north.example.org"}),
        with_token(visitor, token).get("/v3/auth/whoami"),
    ]
    if token.isascii() and token.isprintable() and not set(token) & set(" #&+%"):
        answers.append(visitor.get(f"/v3/crud/event/?jwt={token}"))
    for answer in answers:
        assert answer.status == 401, (label, answer.body)
        assert refusal(answer) == BAD_TOKEN, (label, answer.body)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.meta["status_message"] == "The token is not valid."
