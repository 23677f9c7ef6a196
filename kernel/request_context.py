"""Of the request that is being served: its id, who calls, what its answer warns of, what the logs say."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest

from tenancy.context import Entered
from tenancy.principal import Principal, current_principal

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="")
_warnings: ContextVar[list[str]] = ContextVar("warnings")


def current_request_id() -> str:
    return _request_id.get()


def set_request_id(request_id: str) -> None:
    _request_id.set(request_id)


def begin_request(meta: Mapping[str, Any]) -> str:
    """What is logged from here on is of the request whose headers these are. Returns its id: its own, where that can
    do no harm in a log, or a new one."""
    given = meta.get("HTTP_X_REQUEST_ID", "")
    request_id: str = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
    set_request_id(request_id)
    return request_id


def set_caller(request: HttpRequest, principal: Principal) -> None:
    request.principal = principal  # type: ignore[attr-defined]  # Django's request declares none


def caller_of(request: HttpRequest) -> Principal:
    """Who calls: known once the API or the admin has authenticated the request. Raises AttributeError before."""
    principal: Principal = request.principal  # type: ignore[attr-defined]
    return principal


def begin_warnings() -> Entered:
    """`with begin_warnings():` what is warned of inside belongs to the answer that is made inside."""
    return Entered(_warnings, [])


def warn(sentence: str) -> None:
    """Say it in `meta.warnings` of the answer that is being made, success or failure; outside of one, to nobody."""
    warnings = _warnings.get(None)
    if warnings is not None and sentence not in warnings:
        warnings.append(sentence)


def current_warnings() -> list[str]:
    return _warnings.get(None) or []


def log_fields() -> dict[str, str]:
    principal = current_principal()
    return {
        "request_id": current_request_id(),
        "account": principal.account_public_id or "",
        "key": principal.key_name or "",
    }
