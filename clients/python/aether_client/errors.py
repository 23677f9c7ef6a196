"""What a refusal of the server becomes: a class by its category (contract section 3)."""

from __future__ import annotations

from typing import Any

import httpx


class AetherError(Exception):
    """`str()` is the server's sentence."""

    def __init__(self, response: httpx.Response, meta: dict[str, Any]) -> None:
        super().__init__(meta.get("status_message") or f"HTTP {response.status_code}")
        self.status = response.status_code
        self.details: dict[str, Any] = meta.get("details") or {}
        self.request_id: str = meta.get("request_id") or response.headers.get("x-request-id", "")
        after = response.headers.get("retry-after", "")
        self.retry_after: float | None = float(after) if after.isdigit() else None
        """Seconds."""

    @property
    def category(self) -> str:
        return str(self.details.get("category", "internal"))

    @property
    def fields(self) -> dict[str, list[str]]:
        """Field → what is wrong with it."""
        return self.details.get("fields") or {}

    @property
    def recoverable(self) -> bool:
        """Whether the same request may succeed later."""
        return bool(self.details.get("recoverable"))


class ValidationError(AetherError):
    pass


class AuthenticationError(AetherError):
    pass


class PermissionDeniedError(AetherError):
    pass


class NotFoundError(AetherError):
    pass


class ConflictError(AetherError):
    """The object was changed meanwhile (412), or the request is already under way (409)."""


class DuplicateError(AetherError):
    pass


class ConstraintError(AetherError):
    """A reference leads nowhere, or something still refers to what was to be deleted."""


class TooLargeError(AetherError):
    pass


class ThrottledError(AetherError):
    pass


class StorageFullError(AetherError):
    pass


class UnavailableError(AetherError):
    """The service, or one that it asks, can't answer now."""


CLASSES: dict[str, type[AetherError]] = {
    "validation": ValidationError,
    "database_schema": ValidationError,
    "authentication": AuthenticationError,
    "permission": PermissionDeniedError,
    "not_found": NotFoundError,
    "conflict": ConflictError,
    "database_duplicate": DuplicateError,
    "database_constraint": ConstraintError,
    "payload_too_large": TooLargeError,
    "throttled": ThrottledError,
    "storage": StorageFullError,
    "database_connection": UnavailableError,
    "upstream": UnavailableError,
}


def failure_of(response: httpx.Response) -> AetherError:
    """The failure that an answer tells of."""
    try:
        meta = response.json().get("meta") or {}
    except (ValueError, AttributeError):
        meta = {}
    category = (meta.get("details") or {}).get("category", "")
    return CLASSES.get(category, AetherError)(response, meta)
