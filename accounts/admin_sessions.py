"""Signing in to the admin: Django's sessions, which name their user inside. accounts.staff_sessions lists them."""

from __future__ import annotations

from collections.abc import Collection

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.utils import timezone


def end_admin_sessions(user_keys: Collection[int]) -> int:
    """End all of these users' sessions of the admin, so that none revives with its user. Answers how many.

    Looks into each open session of the installation: staff have few, and this is rare.
    """
    wanted = {str(key) for key in user_keys}
    sessions = apps.get_model("sessions", "Session").objects  # models import this module
    open_ones = sessions.filter(expire_date__gt=timezone.now())
    ended = [row.pk for row in open_ones.iterator(500) if row.get_decoded().get(SESSION_KEY) in wanted]
    noted = apps.get_model("accounts", "AdminSession").objects.filter(user_id__in=user_keys, ended_on=None)
    noted.update(ended_on=timezone.now())
    for start in range(0, len(ended), 500):
        sessions.filter(pk__in=ended[start : start + 500]).delete()
    return len(ended)
