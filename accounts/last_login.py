"""When a user signed in last, whichever way. It is no change of the user: neither logged nor told."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from accounts.models import User
from tenancy.context import every_tenant


def note_sign_in(user: User) -> None:
    with every_tenant(reason="note when a user signed in; a super user has no account"):
        User.objects.filter(pk=user.pk).update(last_login=timezone.now())


def note_in_admin(sender: Any, user: User, **signal: Any) -> None:
    note_sign_in(user)


# Django's own saves the user, which would be an entry of the history.
user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
user_logged_in.connect(note_in_admin, dispatch_uid="accounts.last_login")
