"""The account itself, its site, people and users."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Account, Contact, Organization, Person, Site, SiteDomain, User
from demo import credentials
from demo.associations import Association
from demo.files import LOGO, PORTRAIT
from demo.loader import Demo, Rows, Taken
from demo.sign_ins import passcodes, username
from demo.words import company_of, email_of, html, names_of_person, paragraph, phone_of, pick, slug
from tenancy.context import every_tenant

USERS: tuple[dict[str, Any], ...] = (
    {"login": "user", "name": "Demo member"},
    {"login": "administrator", "name": "Demo administrator", "administrator": True},
    {"login": "manager", "name": "Demo manager", "manager": True},
    {"login": "former", "name": "Former employee", "administrator": True},
    {"login": "retired", "name": "Retired member"},
)
WITH_PASSWORD = 3
"""So many of them sign in. A hash is slow to make, on purpose."""


def find_account(association: Association) -> Account | None:
    """Raises Taken."""
    with every_tenant(reason="the demo looks for its own accounts"):
        named = Q(id_random=account_id(association)) | Q(code=association.code)
        account: Account | None = Account.objects.filter(named).first()
    if account is not None and account.id_random != account_id(association):
        raise Taken(f"There is an account with the code {association.code!r} that is not the demo's.")
    return account


def account_id(association: Association) -> str:
    return credentials.public_id(association.code, "account", 0)


def make_account(association: Association) -> Account:
    """Raises Taken."""
    account = Account(
        id_random=account_id(association),
        code=association.code,
        name=association.name,
        short_name=association.short_name,
        description=html(f"{association.name} {association.purpose}."),
        time_zone=association.time_zone,
        cfg_json={"locale": "de-DE" if association.country == "DE" else "en-US"},
    )
    try:
        with every_tenant(reason="the demo makes its accounts"), transaction.atomic():
            account.save()
    except IntegrityError:  # another run has just made it
        return find_account(association) or make_account(association)
    return account


def site(demo: Demo, number: int) -> dict[str, Any]:
    association = demo.association
    code, title = (
        ("main", association.name),
        ("relaunch", f"{association.short_name} – next website"),
        ("archive", f"{association.short_name} until 2019"),
    )[number]
    secrets = passcodes(association) if number == 0 else {}
    return {
        "code": code,
        "name": f"{association.short_name} {code}",
        "title": title,
        "tagline": f"{association.short_name} {association.purpose}.",
        "description": html(paragraph(number)),
        "cfg_json": site_settings(demo),
        "passcodes": {role: make_password(passcode) for role, passcode in secrets.items()},
    }


def site_settings(demo: Demo) -> dict[str, Any]:
    red, green, blue = demo.association.colour
    return {
        "public": {"colour": f"#{red:02x}{green:02x}{blue:02x}", "contact_email": f"office@{demo.association.fqdn}"},
        "lookup_policy": {"country": ["AT", "CA", "CH", "CZ", "DE", "FR", "GB", "MX", "PL", "US"]},
        "analytics": {"enabled": False},
    }


def site_domain(demo: Demo, number: int) -> dict[str, Any]:
    association = demo.association
    names = (*association.fqdns, f"new.{association.fqdn}", f"old.{association.fqdn}")
    return {
        "site_id": demo.key("site", (0, 0, 0, 1, 2)[number]),
        "fqdn": names[number],
        "is_primary": number == 0,
    }


def organization(demo: Demo, number: int) -> dict[str, Any]:
    name = company_of(demo, number)
    return {
        "name": name,
        "description": html(f"{name} takes part in {demo.association.conference}.", paragraph(number, 2)),
        "website": f"https://{slug(name)}.example.com/",
        "email": f"info@{slug(name)}.example.com",
        "phone": phone_of(demo, number),
        "logo_hosted_file_id": demo.key("hosted_file", LOGO) if number % 3 == 0 else None,
    }


def person(demo: Demo, number: int) -> dict[str, Any]:
    names = names_of_person(demo, number)
    title = pick(demo.association.titles, number)
    return {
        **names,
        "prefix": "Dr." if number % 4 == 0 else None,
        "suffix": "PhD" if number % 9 == 4 else None,
        "display_name": f"{names['given_name']} {names['family_name']}",
        "professional_title": title,
        "affiliations": company_of(demo, number % demo.sizes.exhibits),
        "organization_id": demo.key("organization", number % demo.sizes.exhibits) if number % 3 else None,
        "email": email_of(names, number),
        "phone": phone_of(demo, number),
        "external_id": f"M-{10_000 + number}",
        "biography": html(f"{title} in {demo.association.city}.", paragraph(number)) if number % 2 == 0 else None,
        "tagline": "Always curious" if number % 7 == 0 else None,
        "image_hosted_file_id": demo.key("hosted_file", PORTRAIT + number % 3) if number % 5 == 0 else None,
    }


def contact(demo: Demo, number: int) -> dict[str, Any]:
    association = demo.association
    of_company = number % 4 == 3
    return {
        "person_id": None if of_company else demo.key("person", number),
        "organization_id": demo.key("organization", number % association.sizes.exhibits) if of_company else None,
        "type": "office" if of_company else pick(("home", "work"), number),
        "email": email_of(names_of_person(demo, number), number),
        "phone": phone_of(demo, number),
        "address_line_1": f"{number * 3 + 1} {pick(('Linden', 'Station', 'Market', 'Garden'), number)} Street",
        "city": association.city,
        "country_subdivision": association.subdivision,
        "postal_code": f"{80_200 + number}" if association.country == "US" else f"{4_100 + number:05d}",
        "country": association.country,
        "time_zone": association.time_zone,
    }


def user(demo: Demo, number: int) -> dict[str, Any]:
    values = dict(USERS[number])
    name = username(demo.association, values.pop("login"))
    return {
        **values,
        "username": name,
        "email": f"{name}@example.org",
        "password": make_password(credentials.password(name) if number < WITH_PASSWORD else None),
        "person_id": demo.key("person", number),
        "verified_on": demo.moment(-60, 9 * 60),
    }


SITES = [
    Rows(Site, site, 3, hidden=frozenset({1}), disabled=frozenset({2})),
    Rows(SiteDomain, site_domain, 5, hidden=frozenset({3}), disabled=frozenset({4})),
]
PEOPLE = [
    Rows(Organization, organization, "exhibits", hidden=frozenset({4}), disabled=frozenset({5})),
    Rows(Person, person, "people", hidden=frozenset({41}), disabled=frozenset({52})),
    Rows(Contact, contact, "exhibits", hidden=frozenset({2}), disabled=frozenset({5})),
    Rows(User, user, len(USERS), hidden=frozenset({4}), disabled=frozenset({3})),
]
