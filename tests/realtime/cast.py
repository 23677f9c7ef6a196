"""`python -m tests.realtime.cast`: makes North and South in the configured database, and tells who they are as JSON."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django


def made() -> dict[str, Any]:
    from django.core.management import call_command

    from tests.conftest import PASSWORD, make_party

    call_command("migrate", verbosity=0)
    return {name: {**described(make_party(name)), "password": PASSWORD} for name in ("North", "South")}


def described(party: Any) -> dict[str, Any]:
    return {
        "pk": party.account.pk,
        "id": party.id,
        "keys": party.keys,
        "users": {role: {"id": user.id_random, "username": user.username} for role, user in party.users.items()},
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")
    django.setup()
    json.dump(made(), sys.stdout)
