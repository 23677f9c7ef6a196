"""Who comes into the admin, and what they are told when a page is not there or fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from crud.staff.object_admin import ObjectAdmin
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.pages import Staff, pages, url

pytestmark = pytest.mark.django_db


def test_strangers_are_sent_to_the_login_page(stage: Stage) -> None:
    client = Client()
    paths = ["/admin/", "/admin/autocomplete/", "/admin/crud/changelog/", "/admin/accounts/", "/admin/password_change/"]
    for name, row in stage.north.rows.items():
        paths += [url(name), url(name, "add"), *pages(name, row.pk)]
    with nothing_changes():
        for path in paths:
            for response in (client.get(path), client.post(path, {"name": "x", "post": "yes"})):
                assert response.status_code == 302, path
                assert response.headers["Location"].startswith("/admin/login/"), path
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("why", ["member", "disabled", "hidden", "account", "wrong"])
def test_who_may_not_sign_in(stage: Stage, why: str) -> None:
    user = stage.users["user" if why == "member" else "manager"]
    with every_tenant(reason="tests put people out"):
        user = User.objects.get(pk=user.pk)
        if why in ("disabled", "hidden"):
            setattr(user, {"disabled": "enable", "hidden": "hide"}[why], why == "hidden")
            user.save()
        if why == "account":
            user.account.enable = False
            user.account.save()
    client = Client()
    password = "wrong" if why == "wrong" else PASSWORD
    response = client.post("/admin/login/", {"username": user.username, "password": password})
    assert response.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_staff_lose_the_door_with_their_role(stage: Stage, manager: Staff) -> None:
    assert manager.get("/admin/").status_code == 200
    with tenant(stage.north.party.account.pk):
        user = User.objects.get(pk=manager.user.pk)
        user.manager = False
        user.save()
    assert manager.get("/admin/").status_code == 302
    assert manager.get(url("journal")).status_code == 302


@pytest.mark.parametrize("path", ["/admin/none/", "/admin/events/nothing/", "/admin/accounts/accountservice/"])
def test_errors_in_the_admin_are_pages(manager: Staff, path: str) -> None:
    response = manager.get(path)
    assert response.status_code in (403, 404)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Back to the admin" in response.content.decode()


def test_a_defect_in_the_admin_is_a_page_with_the_number_in_the_log(
    manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(ObjectAdmin, "get_queryset", broken)
    manager.client.raise_request_exception = False
    response = manager.client.get(url("journal"))
    page = response.content.decode()
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in page
    assert "canary" not in page
