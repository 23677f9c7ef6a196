"""The first super user, account, site, domain and key of an installation: made where they are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Account, ApiKey, Site, SiteDomain, User
from tenancy.context import every_tenant, tenant
from tenancy.principal import SYSTEM, acting_as


class SetupRefused(Exception):
    """What was given does not fit; says why. Nothing was written."""


@dataclass(slots=True)
class SetupValues:
    """What the installation shall have; an empty text: whatever is there."""

    super_username: str = ""
    super_email: str = ""
    super_password: str = ""
    account_code: str = ""
    account_name: str = ""
    fqdn: str = ""
    time_zone: str = "UTC"


@dataclass(slots=True)
class Installed:
    super_username: str | None = None
    account_id: str | None = None
    site_id: str | None = None
    fqdn: str | None = None
    api_key: str | None = None
    made: tuple[str, ...] = ()


def lacking(values: SetupValues) -> list[str]:
    """The fields of SetupValues that are needed, and empty."""
    with every_tenant(reason="see what an installation has"):
        needs_user = not User.objects.filter(super=True).exists()
        accounts = Account.objects.all()
        needs_account = not (accounts.filter(code=values.account_code) if values.account_code else accounts).exists()
    needed = ["super_username", "super_password"] * needs_user
    needed += ["account_code", "account_name", "fqdn"] * needs_account
    return [name for name in needed if not getattr(values, name)]


def install(values: SetupValues) -> Installed:
    """Make what is missing, all or nothing. Raises SetupRefused."""
    try:
        with acting_as(SYSTEM), every_tenant(reason="an installation is set up"), transaction.atomic():
            return _install(values)
    except ValidationError as error:
        name, messages = next(iter(getattr(error, "message_dict", {"": error.messages}).items()))
        raise SetupRefused(f"{name}: {messages[0]}" if name else messages[0]) from error


def _install(values: SetupValues) -> Installed:
    installed, created = Installed(), []
    user = User.objects.filter(super=True).order_by("pk").first()
    if user is None:
        user = _super_user(values)
        created.append(f"super user {user.username}")
    installed.super_username = user.username
    accounts = Account.objects.order_by("pk")
    account = (accounts.filter(code=values.account_code) if values.account_code else accounts).first()
    if account is None:
        account = Account(code=values.account_code, name=values.account_name, time_zone=values.time_zone or "UTC")
        _save(account)
        created.append(f"account {account.code}")
    installed.account_id = account.id_random
    with tenant(account.pk):
        domain = _domain(values, account, created)
    if domain is not None:
        installed.site_id, installed.fqdn = domain.site.id_random, domain.fqdn
    if not ApiKey.objects.filter(accounts=account).exists():
        _, installed.api_key = ApiKey.issue(accounts=[account], name="First key", role=ApiKey.KeyRole.MANAGER)
        created.append("key 'First key' (manager)")
    installed.made = tuple(created)
    return installed


def _super_user(values: SetupValues) -> User:
    user = User(username=values.super_username, email=values.super_email or None, super=True)
    if User.objects.filter(username=values.super_username).exists():
        raise SetupRefused(f"There is a user {values.super_username!r} who is no super user. Choose another name.")
    if values.super_email and User.objects.filter(email=values.super_email).exists():
        raise SetupRefused("Another user has the super user's e-mail address.")
    validate_password(values.super_password, user)
    user.set_password(values.super_password)
    _save(user)
    return user


def _domain(values: SetupValues, account: Account, created: list[str]) -> SiteDomain | None:
    domains = SiteDomain.objects.select_related("site").order_by("-is_primary", "pk")
    if not values.fqdn:
        first: SiteDomain | None = domains.first()
        return first
    probe = SiteDomain(fqdn=values.fqdn)
    probe.clean_fields(exclude=["site", "account"])
    existing: SiteDomain | None = domains.filter(fqdn=probe.fqdn).first()
    if existing is not None:
        return existing
    with every_tenant(reason="a domain is one account's only"):
        if SiteDomain.objects.filter(fqdn=probe.fqdn).exists():
            raise SetupRefused(f"The domain {probe.fqdn} is another account's.")
    site = Site.objects.order_by("pk").first()
    if site is None:
        site = Site(name=account.name, code="main")
        _save(site)
        created.append(f"site {site.name}")
    domain = SiteDomain(site=site, fqdn=probe.fqdn, is_primary=not domains.exists())
    _save(domain)
    created.append(f"domain {domain.fqdn}")
    return domain


def _save(row: Any) -> None:
    row.clean_fields(exclude=["password", "account"])
    row.save(force_insert=True)
