"""STORAGE_URL → Django's description of where the bytes of hosted files lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

OPTIONS = {"endpoint": "endpoint_url", "region": "region_name", "addressing": "addressing_style"}


def is_storage(url: str) -> bool:
    """`file:///directory`, or `s3://[key:secret@]bucket[/prefix][?endpoint=https://…&region=…&addressing=path]`."""
    try:
        parts = urlsplit(url)
        named = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        return False
    if parts.scheme == "file":
        return not parts.netloc and len(parts.path) > 1 and not named
    return parts.scheme == "s3" and bool(parts.hostname) and set(named) <= set(OPTIONS)


def configured(url: str, home: Path) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "s3":
        location = unquote(parts.path) if url else str(home / "files")
        return {"BACKEND": "files.directory_storage.DirectoryStorage", "OPTIONS": {"location": location}}
    options: dict[str, Any] = {OPTIONS[name]: values[0] for name, values in parse_qs(parts.query).items()}
    options |= {"bucket_name": parts.hostname, "location": parts.path.strip("/"), "signature_version": "s3v4"}
    if parts.username and parts.password:  # else botocore finds them: environment, files, the machine's role
        options |= {"access_key": unquote(parts.username), "secret_key": unquote(parts.password)}
    return {"BACKEND": "files.bucket_storage.BucketStorage", "OPTIONS": options}
