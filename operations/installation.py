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
class Wanted:
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


def lacking(wanted: Wanted) -> list[str]:
    """The fields of Wanted that are needed, and empty."""
    with every_tenant(reason="see what an installation has"):
        needs_user = not User.objects.filter(super=True).exists()
        accounts = Account.objects.all()
        needs_account = not (accounts.filter(code=wanted.account_code) if wanted.account_code else accounts).exists()
    needed = ["super_username", "super_password"] * needs_user
    needed += ["account_code", "account_name", "fqdn"] * needs_account
    return [name for name in needed if not getattr(wanted, name)]


def install(wanted: Wanted) -> Installed:
    """Make what is missing, all or nothing. Raises SetupRefused."""
    try:
        with acting_as(SYSTEM), every_tenant(reason="an installation is set up"), transaction.atomic():
            return _install(wanted)
    except ValidationError as error:
        name, messages = next(iter(getattr(error, "message_dict", {"": error.messages}).items()))
        raise SetupRefused(f"{name}: {messages[0]}" if name else messages[0]) from error


def _install(wanted: Wanted) -> Installed:
    found, made = Installed(), []
    user = User.objects.filter(super=True).order_by("pk").first()
    if user is None:
        user = _super_user(wanted)
        made.append(f"super user {user.username}")
    found.super_username = user.username
    accounts = Account.objects.order_by("pk")
    account = (accounts.filter(code=wanted.account_code) if wanted.account_code else accounts).first()
    if account is None:
        account = Account(code=wanted.account_code, name=wanted.account_name, time_zone=wanted.time_zone or "UTC")
        _save(account)
        made.append(f"account {account.code}")
    found.account_id = account.id_random
    with tenant(account.pk):
        domain = _domain(wanted, account, made)
    if domain is not None:
        found.site_id, found.fqdn = domain.site.id_random, domain.fqdn
    if not ApiKey.objects.filter(accounts=account).exists():
        _, found.api_key = ApiKey.issue(accounts=[account], name="First key", role=ApiKey.KeyRole.MANAGER)
        made.append("key 'First key' (manager)")
    found.made = tuple(made)
    return found


def _super_user(wanted: Wanted) -> User:
    user = User(username=wanted.super_username, email=wanted.super_email or None, super=True)
    if User.objects.filter(username=wanted.super_username).exists():
        raise SetupRefused(f"There is a user {wanted.super_username!r} who is no super user. Choose another name.")
    if wanted.super_email and User.objects.filter(email=wanted.super_email).exists():
        raise SetupRefused("Another user has the super user's e-mail address.")
    validate_password(wanted.super_password, user)
    user.set_password(wanted.super_password)
    _save(user)
    return user


def _domain(wanted: Wanted, account: Account, made: list[str]) -> SiteDomain | None:
    domains = SiteDomain.objects.select_related("site").order_by("-is_primary", "pk")
    if not wanted.fqdn:
        first: SiteDomain | None = domains.first()
        return first
    probe = SiteDomain(fqdn=wanted.fqdn)
    probe.clean_fields(exclude=["site", "account"])
    if (there := domains.filter(fqdn=probe.fqdn).first()) is not None:
        return there
    with every_tenant(reason="a domain is one account's only"):
        if SiteDomain.objects.filter(fqdn=probe.fqdn).exists():
            raise SetupRefused(f"The domain {probe.fqdn} is another account's.")
    site = Site.objects.order_by("pk").first()
    if site is None:
        site = Site(name=account.name, code="main")
        _save(site)
        made.append(f"site {site.name}")
    domain = SiteDomain(site=site, fqdn=probe.fqdn, is_primary=not domains.exists())
    _save(domain)
    made.append(f"domain {domain.fqdn}")
    return domain


def _save(row: Any) -> None:
    row.clean_fields(exclude=["password", "account"])
    row.save(force_insert=True)
