"""`manage.py generateschema`: REST framework's own knows nothing of this API's types; there is a better document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "The API's OpenAPI document is served at /v3/schema/ (and /openapi.json); this command makes none."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("The API's OpenAPI document is served at /v3/schema/ and /openapi.json; take it from there.")
