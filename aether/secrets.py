"""The two secrets: given by the operator in production, made once and kept in development."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# What .env.example shows; a test compares. A service must not run with keys that everybody can read.
EXAMPLES = {
    "AETHER_SECRET_KEY": "example-only-make-your-own-with-python3--c-import-secrets-print-token-urlsafe-64",
    "AETHER_API_JWT_KEY": "example-only-another-one-made-the-same-way-not-the-secret-key",
}
LEAST_LENGTH = {"AETHER_SECRET_KEY": 50, "AETHER_API_JWT_KEY": 32}


def check(values: dict[str, str]) -> None:
    """Refuses to start a service with weak secrets. The messages hold no value."""
    for name, value in values.items():
        if not value:
            raise ImproperlyConfigured(f"{name} must be set when AETHER_ENV=production")
        if value in EXAMPLES.values():
            raise ImproperlyConfigured(f"{name} is the example's; make one of your own")
        if len(value) < LEAST_LENGTH[name]:
            raise ImproperlyConfigured(f"{name} is too short: at least {LEAST_LENGTH[name]} characters")
        if len(set(value)) < 10:
            raise ImproperlyConfigured(f"{name} is too simple: make it at random")
    if len(set(values.values())) < len(values):
        raise ImproperlyConfigured(f"{' and '.join(values)} must differ")


def made_once(file: Path) -> dict[str, str]:
    """Development's secrets. Of two processes that begin at once, the first one's are kept."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent)  # readable by the owner only
        with os.fdopen(descriptor, "w") as stream:
            json.dump({name: secrets.token_urlsafe(64) for name in LEAST_LENGTH}, stream, indent=2)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    try:
        values: dict[str, str] = json.loads(file.read_text())
        return {name: values[name] for name in LEAST_LENGTH}
    except (ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(f"{file} is damaged; delete it to make new secrets") from error
