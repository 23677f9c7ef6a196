"""The sign-ins to the admin: noted, looked at with each request, ended from elsewhere."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import standing
from accounts.families import SignInPlace
from accounts.models import AdminSession, User

NAME: Final = "admin_session"
"""In Django's session."""
USED_EVERY: Final = timedelta(minutes=1)


def is_open(request: HttpRequest, user: User) -> bool:
    """Whether the sign-in that a request belongs to still stands. Notes it where it is new, and when it is used."""
    public_id = request.session.get(NAME)
    if public_id is None:
        request.session[NAME] = _begin(request, user)
        return True
    return _looked_up(public_id, user)


def _begin(request: HttpRequest, user: User) -> str:
    place = SignInPlace.of(request.META, "")
    row = AdminSession.objects.create(
        public_id=secrets.token_hex(16),
        user=user,
        password=standing.fingerprint(user.password),
        device=place.device,
        address=place.address,
    )
    return str(row.public_id)


def _looked_up(public_id: str, user: User) -> bool:
    row = AdminSession.objects.filter(public_id=public_id, user_id=user.pk, ended_on=None).first()
    if row is None:
        return False
    fingerprint, now = standing.fingerprint(user.password), timezone.now()
    if row.password != fingerprint or row.last_used_on < now - USED_EVERY:
        # Django has let the session live on: it was in this one that the password was changed.
        AdminSession.objects.filter(pk=row.pk).update(password=fingerprint, last_used_on=now)
    return True


def open_sessions(user: User) -> Any:
    """Rows, the one used last first."""
    since = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = AdminSession.objects.filter(user_id=user.pk, ended_on=None, created_on__gt=since)
    return rows.filter(password=standing.fingerprint(user.password)).order_by("-last_used_on", "-pk")


def end(**which: Any) -> int:
    """End those that these columns name. Answers how many."""
    ended: int = AdminSession.objects.filter(ended_on=None, **which).update(ended_on=timezone.now())
    return ended


@receiver(user_logged_out)
def note_the_end(sender: Any, request: Any, **signal: Any) -> None:
    """Before Django throws the session away."""
    public_id = request.session.get(NAME) if request is not None and hasattr(request, "session") else None
    if public_id is not None:
        end(public_id=public_id)
