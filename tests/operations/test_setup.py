"""manage.py setup: a bare server becomes one that somebody can sign in to; again, it does nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate

from accounts.models import Account, ApiKey, Site, SiteDomain, User
from operations.installation import SetupRefused, SetupValues, install, lacking
from tenancy.context import every_tenant, tenant
from tests.conftest import Caller, Party
from tests.operations.conftest import Installation, clear

PASSWORD = "correct horse battery"
WANTED = SetupValues(
    "ada", "ada@example.org", PASSWORD, "nsc", "North Sea Congress", "WWW.Example.org", "Europe/Berlin"
)


def counted() -> list[int]:
    with every_tenant(reason="a test"):
        return [model.objects.count() for model in (User, Account, Site, SiteDomain, ApiKey)]


@pytest.mark.django_db
def test_who_is_made_comes_in() -> None:
    assert lacking(SetupValues()) == ["super_username", "super_password", "account_code", "account_name", "fqdn"]
    made = install(WANTED)
    assert lacking(SetupValues()) == []
    assert counted() == [1, 1, 1, 1, 1]
    assert made.fqdn == "www.example.org"
    assert authenticate(username="ada", password=PASSWORD).is_superuser
    caller = Caller(headers={"x-aether-api-key": made.api_key, "x-account-id": made.account_id})
    account = caller.get(f"/v3/crud/account/{made.account_id}").data
    assert (account["code"], account["time_zone"]) == ("nsc", "Europe/Berlin")
    assert caller.get(f"/v3/crud/site/{made.site_id}").status == 200


@pytest.mark.django_db
def test_again_it_makes_nothing_and_no_other_key() -> None:
    first = install(WANTED)
    before = counted()
    for values in (WANTED, SetupValues()):
        again = install(values)
        assert (again.made, again.api_key) == ((), None)
        assert replace(again, api_key=first.api_key, made=first.made) == first
    assert counted() == before


@pytest.mark.django_db
def test_what_is_there_is_completed(north: Party) -> None:
    """As on a laptop that a bundle has brought an account to."""
    ApiKey.objects.all().delete()
    found = install(replace(WANTED, account_code=north.account.code, fqdn="kiosk.example.org"))
    assert (found.account_id, found.site_id) == (north.id, north.site.id_random)
    with tenant(north.account.pk):
        assert SiteDomain.objects.count() == 2
    assert any("key" in what for what in found.made)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"super_password": "short"}, "too short"),
    ({"super_password": "ada@example.org"}, "too similar"),
    ({"super_email": "nobody"}, "super user's e-mail|valid email"),
    ({"super_username": "x" * 200}, "at most 150"),
    ({"time_zone": "Mars/Base"}, "time_zone"),
    ({"fqdn": "not a host"}, "fqdn"),
    ({"account_code": "x" * 101}, "code"),
    ({"account_name": "x" * 201}, "name"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "words"), BAD)
def test_what_does_not_fit_is_refused_and_nothing_is_made(values: dict[str, Any], words: str) -> None:
    with pytest.raises(SetupRefused, match=words):
        install(replace(WANTED, **values))
    assert counted() == [0, 0, 0, 0, 0]


@pytest.mark.django_db
def test_it_takes_nobody_elses_name_or_domain(north: Party, south: Party) -> None:
    with tenant(north.account.pk):
        User(username="ada", email="ada@north.example").save()
    before = counted()
    with pytest.raises(SetupRefused, match="'ada' who is no super user"):
        install(replace(WANTED, account_code=north.account.code))
    with pytest.raises(SetupRefused, match=r"south\.example\.org is another account's"):
        install(replace(WANTED, super_username="eve", account_code=north.account.code, fqdn="south.example.org"))
    assert counted() == before


@pytest.mark.timeout(300)
def test_the_command_on_an_empty_installation(installation: Installation, tmp_path: Path) -> None:
    clear()
    missing = installation.run("setup", "--no-input")
    assert missing.returncode == 2
    assert "Missing: --super-username, --super-password-env or --super-password-file, --account-code" in missing.stderr
    (tmp_path / "password").write_text(PASSWORD + "\n")
    flags = ["--super-username", "ada", "--super-password-file", str(tmp_path / "password"), "--account-code", "nsc"]
    flags += ["--account-name", "North Sea", "--fqdn", "www.example.org"]
    done = installation.run("setup", "--no-input", *flags, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == {"account_id", "site_id", "fqdn", "api_key", "super_username"}
    assert told["api_key"].startswith("aes_")
    again = installation.run("setup", "--no-input", *flags)
    assert (again.returncode, again.stdout) == (0, "")
    assert "Nothing to do: everything is there." in again.stderr
    assert PASSWORD not in done.stderr + done.stdout
    clear()
