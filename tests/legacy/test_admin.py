"""Usage of old routes, and schedules: pages for super users alone, as both are about all accounts."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import User
from legacy.models import LegacyHit
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
PAGES = ("legacy/legacyhit/", "django_celery_beat/periodictask/", "django_celery_beat/crontabschedule/")


def test_super_users_see_them_and_managers_do_not(north: Party) -> None:
    with every_tenant(reason="tests make somebody who may do everything"):
        root = User(username="root", email="root@example.org", super=True, account=None)
        root.set_password(PASSWORD)
        root.save()
    LegacyHit.objects.create(
        day=date(2026, 5, 1), route="/v2/crud/{type}/list", method="GET", key_name="Old app", hits=7
    )
    boss, manager = Staff(root).sign_in(), Staff(north.users["manager"]).sign_in()
    for page in PAGES:
        assert boss.get(f"/admin/{page}").status_code == 200
        assert manager.get(f"/admin/{page}").status_code == 403
    listed = boss.get(f"/admin/{PAGES[0]}").content.decode()
    assert "Old app" in listed
    assert 'href="/admin/legacy/legacyhit/add/"' not in listed
    assert boss.get("/admin/django_celery_beat/periodictask/add/").status_code == 200
    assert "legacyhit" not in manager.get("/admin/").content.decode()
