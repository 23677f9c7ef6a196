"""What the logs say of the request that is being served."""

from __future__ import annotations

from contextvars import ContextVar

from tenancy.principal import current_principal

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    return _request_id.get()


def set_request_id(request_id: str) -> None:
    _request_id.set(request_id)


def log_fields() -> dict[str, str]:
    principal = current_principal()
    return {
        "request_id": current_request_id(),
        "account": principal.account_public_id or "",
        "key": principal.key_name or "",
    }
