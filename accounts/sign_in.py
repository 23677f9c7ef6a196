"""Passwords and passcodes: checked here only, counted, and as slow for an unknown name as for a wrong secret."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Site, User
from accounts.peer import peer_address, peer_network
from accounts.throttles import GuessLimit, SiteGuessLimit
from kernel.errors import ApiError, Invalid
from kernel.folding import fold
from kernel.ids import is_id
from kernel.model_fields import is_easily_guessed, normal_secret
from kernel.request_context import warn
from kernel.wording import characters
from tenancy.context import every_tenant
from tenancy.principal import Role

log = logging.getLogger("accounts.sign_in")
PASSCODE_ROLES = (Role.MANAGER, Role.ADMINISTRATOR)
MAX_SECRET = 4_096


def find_user(name: str, password: str, peer: str) -> User | None:
    """The enabled user with this username or e-mail and password; None otherwise. Raises Throttled, Unavailable."""
    name = name.strip()[:254]
    if len(password) > MAX_SECRET:  # a megabyte would take its time to hash
        raise Invalid.field("password", characters(None, MAX_SECRET))
    # Counted by what was typed, folded as the names below are: a name that is known locks like one that is not.
    folded = fold(name)
    limit = GuessLimit("login", folded, peer_network(peer))
    limit.attempt()
    with every_tenant(reason="sign-in looks a user up by name, before an account is known"):
        users = User.objects.select_related("account").order_by("pk")
        # Two, when one's name is the other's e-mail: whoever knows their own password gets in.
        candidates = [
            user
            for user in users.filter(Q(username=name) | Q(email=name))[:2]
            if folded in (fold(user.username), fold(user.email or ""))
        ]
    if not candidates:
        make_password(normal_secret(password))  # takes as long as checking one
        log.warning("sign-in refused: unknown name, from %s", peer)  # which may be a password in the wrong field
        return None
    user: User | None = next((user for user in candidates if fits(password, user.password)), None)
    if user is None or not user.is_active or not _account_enabled(user):
        log.warning("sign-in refused: user %s, from %s", (user or candidates[0]).id_random, peer)
        return None
    limit.succeeded()
    return user


def fits(secret: str, stored: str) -> bool:
    """Whether a password or passcode is the stored one: in its normal form, or as it was sent, which older hashes are
    of."""
    normal = normal_secret(secret)
    return check_password(normal, stored) or (normal != secret and check_password(secret, stored))


def _account_enabled(user: User) -> bool:
    return user.account is None or user.account.enable


def find_passcode_role(site_id: str, passcode: str, peer: str) -> tuple[Site, Role] | None:
    """The site and the highest role whose passcode this is; None otherwise. Raises Throttled, Unavailable."""
    passcode = passcode[:MAX_SECRET]  # none is so long
    network = peer_network(peer)
    limits = [GuessLimit("passcode", site_id, network), SiteGuessLimit(site_id, network)]
    for limit in limits:
        limit.attempt()
    with every_tenant(reason="a passcode names its site, before an account is known"):
        site = Site.objects.select_related("account").filter(id_random=site_id).first() if is_id(site_id) else None
    hashes = (site.passcodes or {}) if site else {}
    match = None
    for role in PASSCODE_ROLES:  # all of them, whichever fits: the time tells nothing
        stored = hashes.get(role.label)
        if stored is None:
            make_password(normal_secret(passcode))
        elif fits(passcode, stored) and match is None:
            match = role
    if site is None or match is None or not site.enable or not site.account.enable:
        log.warning("passcode refused: site %s, from %s", site.id_random if site else "unknown", peer)
        return None
    for limit in limits:
        limit.succeeded()
    if is_easily_guessed(passcode):
        log.error("the passcode of site %s for %ss is easily guessed: change it", site.id_random, match.label)
        warn("This passcode is easily guessed. Ask a manager of the site to change it.")
    return site, match


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
