"""The client for an Aether server, for scripts: typed objects, sessions, files.

client = AetherClient("https://api.example.org", api_key="aes_…", account_id="…")
for session in client.all(types.event_session, order_by="start_datetime"):
    print(session["name"])
"""

from aether_client import types
from aether_client.client import AetherClient
from aether_client.errors import (
    AetherError,
    AuthenticationError,
    ConflictError,
    ConstraintError,
    DuplicateError,
    NotFoundError,
    PermissionDeniedError,
    StorageFullError,
    ThrottledError,
    TooLargeError,
    UnavailableError,
    ValidationError,
)
from aether_client.session import AetherSession, FileStorage, MemoryStorage, Session, Storage
from aether_client.transport import Answer
from aether_client.types import ObjectType

__version__ = "3.1.0"
__all__ = [
    "AetherClient",
    "AetherError",
    "AetherSession",
    "Answer",
    "AuthenticationError",
    "ConflictError",
    "ConstraintError",
    "DuplicateError",
    "FileStorage",
    "MemoryStorage",
    "NotFoundError",
    "ObjectType",
    "PermissionDeniedError",
    "Session",
    "Storage",
    "StorageFullError",
    "ThrottledError",
    "TooLargeError",
    "UnavailableError",
    "ValidationError",
    "types",
]
