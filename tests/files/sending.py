"""Uploads as clients send them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import Answer, Caller, Party

BOUNDARY = "----aether-test"
UPLOAD = "/v3/action/hosted_file/upload"


def multipart(*files: tuple[str, bytes], **fields: str) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        + b"Content-Type: image/png\r\n\r\n"
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(caller: Caller, body: bytes, path: str = UPLOAD, **headers: str) -> Answer:
    headers.setdefault("content_type", f"multipart/form-data; boundary={BOUNDARY}")
    return caller("POST", path, body, **headers)


def hosted(caller: Caller, data: bytes, name: str = "a.bin", **fields: str) -> dict[str, Any]:
    """An upload that must succeed; answers the hosted_file."""
    answer = send(caller, multipart((name, data), **fields))
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.data
    return found


def download(caller: Caller, public_id: str, query: str = "", method: str = "GET", **headers: str) -> Answer:
    return caller(method, f"/v3/action/hosted_file/{public_id}/download{query}", **headers)


def content(answer: Answer) -> bytes:
    raw = answer.raw
    return b"".join(raw.streaming_content) if raw.streaming else raw.content


def stored(root: Path) -> list[str]:
    """What lies in the store: the names of contents, and of drafts that were left."""
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def journal_entry(party: Party) -> str:
    """Something private that a file may hang on."""
    journal = party.manager.create("journal", name="J")
    entry: str = party.manager.create("journal_entry", name="E", journal_id=journal["id"])["id"]
    return entry
