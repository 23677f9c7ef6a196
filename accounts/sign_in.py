"""Passwords and passcodes: checked here only, counted, and as slow for an unknown name as for a wrong secret."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Site, User
from accounts.peer import peer_address
from accounts.throttles import GuessLimit
from kernel.errors import ApiError
from kernel.ids import is_id
from tenancy.context import every_tenant
from tenancy.principal import Role

log = logging.getLogger("accounts.sign_in")
PASSCODE_ROLES = (Role.MANAGER, Role.ADMINISTRATOR)
MAX_SECRET = 256


def find_user(name: str, password: str, peer: str) -> User | None:
    """The enabled user with this username or e-mail and password; None otherwise. Raises Throttled, Unavailable."""
    name = name.strip()[:254]
    with every_tenant(reason="sign-in looks a user up by name, before an account is known"):
        users = User.objects.select_related("account").order_by("pk")
        # Two, when one's name is the other's e-mail: whoever knows their own password gets in.
        candidates = list(users.filter(Q(username=name) | Q(email=name))[:2])
    # Counted by the users: the database takes many spellings for the same name.
    limit = GuessLimit("login", *([row.id_random for row in candidates] or [name.casefold()]), peer)
    limit.attempt()
    if not candidates:
        make_password(password[:MAX_SECRET])  # takes as long as checking one
        log.warning("sign-in refused: unknown name, from %s", peer)  # which may be a password in the wrong field
        return None
    found = next(
        (row for row in candidates if len(password) <= MAX_SECRET and check_password(password, row.password)), None
    )
    if found is None or not found.is_active or not _account_enabled(found):
        log.warning("sign-in refused: user %s, from %s", (found or candidates[0]).id_random, peer)
        return None
    limit.succeeded()
    return found


def _account_enabled(user: User) -> bool:
    return user.account is None or user.account.enable


def find_passcode_role(site_id: str, passcode: str, peer: str) -> tuple[Site, Role] | None:
    """The site and the highest role whose passcode this is; None otherwise. Raises Throttled, Unavailable."""
    limit = GuessLimit("passcode", site_id, peer)
    limit.attempt()
    with every_tenant(reason="a passcode names its site, before an account is known"):
        site = Site.objects.select_related("account").filter(id_random=site_id).first() if is_id(site_id) else None
    hashes = (site.passcodes or {}) if site else {}
    found = None
    for role in PASSCODE_ROLES:  # all of them, whichever fits: the time tells nothing
        stored = hashes.get(role.label)
        if stored is None:
            make_password(passcode[:MAX_SECRET])
        elif check_password(passcode[:MAX_SECRET], stored) and found is None:
            found = role
    if site is None or found is None or not site.enable or not site.account.enable:
        log.warning("passcode refused: site %s, from %s", site.id_random if site else "unknown", peer)
        return None
    limit.succeeded()
    return site, found


class SignInBackend:
    """Django's authentication (the admin) by the same check. A locked name reads as a wrong password there."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **more: Any
    ) -> User | None:
        try:
            return find_user(username or "", password or "", peer_address(request.META) if request else "")
        except ApiError:
            return None

    def get_user(self, user_id: int) -> User | None:
        with every_tenant(reason="find who is signed in, before their account is entered"):
            user = User.objects.filter(pk=user_id).select_related("account").first()
        return user if user is not None and user.is_active and _account_enabled(user) else None

    def has_perm(self, user: User, perm: str, obj: Any = None) -> bool:
        return user.has_perm(perm, obj)
