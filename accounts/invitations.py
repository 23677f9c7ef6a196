"""Inviting people into an account, and their coming in (identity_and_desk: ways in)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import one_time, standing
from accounts.access_requests import read_email
from accounts.mailed_links import has_front_end
from accounts.mails import INVITATION
from accounts.models import OneTimeToken, Site, User
from accounts.one_time import Purpose
from kernel.errors import BadReference, Invalid, Unauthenticated
from kernel.ids import is_id
from kernel.model_fields import normal_secret
from mail.outbox import Mail, put
from tenancy.context import every_tenant, tenant
from tenancy.principal import Principal, Role

ROLES: Final = {
    Role.USER: "Uses the account's sites and apps; does not come into the admin.",
    Role.ADMINISTRATOR: "Comes into the admin: edits programmes, files, badges and pages. Sees no users and no keys.",
    Role.MANAGER: "Everything in the account: users, invitations, keys, passcodes, settings and the outbox of mails.",
}
"""The roles that somebody can be invited to, and what each may do."""
MOST_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    email: str
    role: Role
    site_id: str = ""
    name: str = ""


def read_wish(fields: dict[str, str], principal: Principal) -> Wish:
    """Raises Invalid."""
    email = read_email(fields["email"])
    role = next((role for role in ROLES if role.label == fields["role"]), None)
    if role is None or role > principal.role:
        may = [role.label for role in ROLES if role <= principal.role]
        raise Invalid.field("role", f"Give one of: {', '.join(may)}.")
    name = fields["name"].strip()
    if len(name) > 200 or not name.isprintable():
        raise Invalid.field("name", "Give one line of at most 200 characters.")
    return Wish(email, role, fields["site_id"], name)


def invite(account: Any, wishes: list[Wish], principal: Principal, *, admin_origin: str = "") -> list[OneTimeToken]:
    """Inside a transaction, in the account. Raises BadReference for a site that is not one of the account.

    `admin_origin`: whoever invites is in the admin, and so will staff be; without one links lead to the front end.
    """
    sites = _sites({wish.site_id for wish in wishes if wish.site_id})
    inviter = User.objects.filter(pk=principal.user_id).first() if principal.user_id else None
    has_page = has_front_end(account, "invite")
    rows = [
        one_time.prepare(
            Purpose.INVITATION,
            account,
            site=sites.get(wish.site_id),
            email=wish.email,
            role=wish.role.label,
            name=wish.name or None,
            inviter=inviter,
            key_prefix=(principal.key_prefix or None) if principal.user_id is None else None,
            admin_origin=(admin_origin or None) if wish.role >= Role.ADMINISTRATOR or not has_page else None,
        )
        for wish in wishes
    ]
    OneTimeToken.objects.bulk_create(rows, batch_size=500)
    who = (inviter.name or inviter.username) if inviter is not None else account.name
    mails = [
        Mail(row.email, f"invitation:{row.id_random}", {"invitation": row.id_random, "role": row.role, "inviter": who})
        for row in rows
    ]
    put(INVITATION, account, mails, is_bulk=len(mails) > 1)
    return rows


def _sites(public_ids: set[str]) -> dict[str, Site]:
    known = {site.id_random: site for site in Site.objects.filter(id_random__in=[i for i in public_ids if is_id(i)])}
    if public_ids - set(known):
        raise BadReference("site_id")
    return known


def accept(token: str, username: str, password: str, opens: Any) -> User:
    """The new user. Inside a transaction. Raises Unauthenticated, Invalid, or what the database says of a name that is
    taken: then the token is good for another try."""
    row = one_time.locked(token, (Purpose.INVITATION,), opens)
    role = Role.named(row.role or "")
    if row.account_id is None or role not in ROLES or not _stands(row, role):
        raise Unauthenticated
    with tenant(row.account_id):
        user = User(username=username.strip() or row.email, email=row.email, name=row.name, verified_on=timezone.now())
        if role is not Role.USER:
            setattr(user, role.label, True)
        try:
            user.clean_fields(exclude=["password", "account"])
            validate_password(normal_secret(password), user)
        except ValidationError as error:
            raise _refusal(error) from None
        user.set_password(password)
        user.save()
        found: User = User.objects.select_related("account").get(pk=user.pk)
    one_time.use_up(row)
    return found


def _stands(row: OneTimeToken, role: Role) -> bool:
    """Whether whoever invited might do so now."""
    if row.inviter_id is not None:
        with every_tenant(reason="whoever invited must still be one who may; a super user has no account"):
            inviter = User.objects.filter(pk=row.inviter_id).first()
        return inviter is not None and inviter.is_active and inviter.role >= max(role, Role.MANAGER)
    if row.key_prefix is None:
        return True  # by a super user, or a command
    key = standing.key_standing_by_prefix(row.key_prefix)
    return key is not None and key.may_act_for(row.account_id) and key.role >= max(role, Role.MANAGER)


def _refusal(error: ValidationError) -> Invalid:
    if hasattr(error, "error_dict"):
        name, messages = next(iter(error.message_dict.items()))
        return Invalid.field(name, " ".join(messages))
    return Invalid.field("password", " ".join(error.messages))
