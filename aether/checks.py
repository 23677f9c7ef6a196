"""System checks of the wiring."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Django's own checks of them are silenced, as they look into MIDDLEWARE only.
NEEDED_BY_STAFF = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)


@register(Tags.security)
def staff_pages_are_protected(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    places = {name: index for index, name in enumerate(settings.STAFF_MIDDLEWARE)}
    missing = [name for name in NEEDED_BY_STAFF if name not in places]
    messages: list[CheckMessage] = [
        Error(f"STAFF_MIDDLEWARE lacks {name}", hint="Staff pages are not safe without it.", id="aether.E001")
        for name in missing
    ]
    if "aether.middleware.StaffChain" not in settings.MIDDLEWARE:
        messages.append(
            Error("MIDDLEWARE lacks aether.middleware.StaffChain", hint="It runs STAFF_MIDDLEWARE.", id="aether.E002")
        )
    if not missing and [places[name] for name in NEEDED_BY_STAFF] != sorted(places[name] for name in NEEDED_BY_STAFF):
        messages.append(
            Error(
                "STAFF_MIDDLEWARE is out of order",
                hint="Security, session, CSRF, authentication, messages, clickjacking: each relies on the one before.",
                id="aether.E003",
            )
        )
    return messages
