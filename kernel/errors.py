"""Every failure a client can see (contract section 1). Raise these anywhere; `kernel.envelope` makes them JSON."""

from __future__ import annotations

from typing import Any, ClassVar


def shorten(name: object) -> str:
    """A name that came from the client, safe to say back: one line, 64 characters, no control characters."""
    text = "".join(c if c.isprintable() else "?" for c in str(name)[:65])
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 64 else text[:63] + "…"


class ApiError(Exception):
    """A refusal or failure with its place in the contract's table."""

    category: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    recoverable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        fields: dict[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
        status: int | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = status or self.status
        self.code = code or self.http_status
        self.fields = fields
        self.headers = headers or {}
        self.extra = extra or {}

    def details(self) -> dict[str, Any]:
        details = {
            "category": self.category,
            "code": self.code,
            "message": self.message,
            "recoverable": self.recoverable,
            **self.extra,
        }
        return details | {"fields": self.fields} if self.fields else details


class Invalid(ApiError):
    category, status = "validation", 400

    @classmethod
    def field(cls, name: str, message: str) -> Invalid:
        name = shorten(name)
        return cls(f"{name}: {message}", fields={name: [message]})


class UnknownField(ApiError):
    """1054, worded as the database would word it."""

    category, status = "database_schema", 400

    def __init__(self, name: object, clause: str) -> None:
        name = shorten(name)
        super().__init__(
            f"Unknown column '{name}' in '{clause}'", code=1054, fields={name: ["There is no such field."]}
        )


class UnknownType(ApiError):
    category, status = "database_schema", 404

    def __init__(self, name: object, parent: str = "") -> None:
        under = f" under '{parent}'" if parent else ""
        super().__init__(f"There is no object type '{shorten(name)}'{under}.", code=1146)


class Duplicate(ApiError):
    category, status = "database_duplicate", 400

    def __init__(self, names: list[str]) -> None:
        named = ", ".join(names) or "a unique value"
        message = f"Already taken: {named}." if names else "A unique value is already taken."
        super().__init__(message, code=1062, fields={name: ["This value is already taken."] for name in names} or None)
        self.names = names

    def held_by(self, public_id: str, state: str) -> Duplicate:
        """The same, naming the row that has the value where no list shows it: one that is hidden or disabled."""
        held = Duplicate(self.names)
        held.message = f"{held.message} An object that is {state} has it."
        held.fields = {name: [f"This value is already taken by an object that is {state}."] for name in self.names}
        held.extra = {**self.extra, "held_by": public_id}
        return held


class BadReference(ApiError):
    """1452. The same words for an object that does not exist and one of another account."""

    category, status = "database_constraint", 400

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} refers to no object.", code=1452, fields={field: ["It refers to no object."]})


class StillReferred(ApiError):
    category, status = "database_constraint", 400

    def __init__(self) -> None:
        super().__init__("Other objects still refer to this one; it was not deleted.", code=1451)


class DatabaseAway(ApiError):
    category, status, recoverable = "database_connection", 503, True

    def __init__(self, code: int = 2006) -> None:
        super().__init__("The database is not available now; try again.", code=code, headers={"Retry-After": "2"})


class Unauthenticated(ApiError):
    category, status = "authentication", 401

    def __init__(self, message: str = "The token is not valid.") -> None:
        super().__init__(message, headers={"WWW-Authenticate": 'Bearer realm="aether", error="invalid_token"'})


class Refused(ApiError):
    category, status = "permission", 403


class NotFound(ApiError):
    category, status = "not_found", 404

    def __init__(self, message: str = "There is no such object.") -> None:
        super().__init__(message)


class MethodNotAllowed(ApiError):
    category, status = "validation", 405

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"Allowed here: {', '.join(allowed)}.", headers={"Allow": ", ".join(allowed)})


class Stale(ApiError):
    category, status = "conflict", 412

    def __init__(self) -> None:
        super().__init__("The object has changed since; read it again.")


class Conflict(ApiError):
    """Another state than the caller takes it for."""

    category, status = "conflict", 409


class Gone(ApiError):
    category, status = "not_found", 410


class WrongMediaType(ApiError):
    category, status = "validation", 415


class Locked(ApiError):
    """Somebody else is at it just now."""

    category, status, recoverable = "conflict", 423, True


class WrongChecksum(ApiError):
    """460: the status that tus 1.0 has for it."""

    category, status, recoverable = "validation", 460, True


class TooLarge(ApiError):
    category, status = "payload_too_large", 413


class LengthRequired(ApiError):
    """An upload that does not say how long it is."""

    category, status = "validation", 411

    def __init__(self) -> None:
        super().__init__("Say how long the upload is: Content-Length.")


class TooSlow(ApiError):
    """A body that holds a thread by coming in too slowly, or not at all."""

    category, status, recoverable = "validation", 408, True

    def __init__(self) -> None:
        super().__init__("The body did not arrive in time.", headers={"Connection": "close"})


class RangeNotSatisfiable(ApiError):
    category, status = "validation", 416

    def __init__(self, size: int) -> None:
        super().__init__("The range lies outside of the file.", headers={"Content-Range": f"bytes */{size}"})


class Throttled(ApiError):
    category, status, recoverable = "throttled", 429, True

    def __init__(self, seconds: int, message: str = "Too many requests; wait.", *, reason: str = "rate") -> None:
        """`reason`: `rate`, too many requests; `busy`, more at once than there is room for."""
        super().__init__(message, headers={"Retry-After": str(max(1, seconds))}, extra={"reason": reason})


class Unavailable(ApiError):
    """A part other than the database is away (the counter of failed logins, say)."""

    category, status, recoverable = "internal", 503, True

    def __init__(self, message: str = "A part of the service is not available now; try again.") -> None:
        super().__init__(message, headers={"Retry-After": "2"})


class StorageFull(ApiError):
    """There is no room for bytes, or for rows; nothing of the request was kept."""

    category, status, recoverable = "storage", 507, True

    def __init__(self, message: str = "There is no room to store it now; nothing was kept.") -> None:
        super().__init__(message, headers={"Retry-After": "30"})


class Upstream(ApiError):
    """An outside service that was asked for the caller said no, or nothing that can be used."""

    category, status, recoverable = "upstream", 503, True

    def __init__(
        self, message: str, status: int = 503, *, retry_after: int | None = None, recoverable: bool | None = None
    ) -> None:
        later = status in (429, 503) if recoverable is None else recoverable
        seconds = 5 if retry_after is None and later else retry_after
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        super().__init__(message, status=status, headers=headers, extra={"recoverable": later})
